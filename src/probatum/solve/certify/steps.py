"""From instances that a solver reports to steps of a certificate."""

from __future__ import annotations

import re
from collections.abc import Mapping

from probatum.solve.certificate import Difference, Step
from probatum.solve.certify.encoding import Encoding, Named
from probatum.solve.certify.instances import DIFFERENCE, Instance
from probatum.solve.ground.obligation import read_obligation
from probatum.solve.ground.problem import Ground, any_name, difference_name, witness_name
from probatum.solve.ground.reading import words_in
from probatum.solve.ground.terms import OURS, Node, Rejected, write_term
from probatum.solve.text import MalformedQuestion, expressions, string_literal


class Unmapped(Exception):
    """An instance speaks of something that has no name in the obligation."""


class Steps:
    """Turns what the solver reported into steps of a certificate."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self._encoding = encoding
        self._terms = encoding.terms
        self._reader = encoding.reader
        self._words = set(words_in(text))
        self._values: dict[str, Node] = {}
        self._done: set[tuple[str, tuple[str | None, ...] | None] | Difference | int] = set()
        self._arrays: dict[tuple[Node, ...], str] = {}
        self._makers: dict[str, int] = {}  # of formulas and constants: the first fact in which they occur
        self._noted = 0
        self.ground = Ground(read_obligation(text))
        # For every fact of the ground problem: where it is from, and the facts without which it has no meaning.
        self.sources: list[int | Step | Difference] = []
        self.needs: list[set[int]] = []
        # An assertion that is one quantified formula says nothing until there is a step about it.
        for number in encoding.others:
            self._assume(number)

    def take(self, instance: Instance) -> None:
        """Add the steps that an instance stands for.

        Raises
        ------
        Unmapped
            If it speaks of something that has no name in the obligation.
        """
        named = self._encoding.named[int(instance.label[1:])]
        witness = instance.label.startswith("w")
        sorts = named.sorts if witness else named.scope
        if instance.ordered:
            if len(instance.ordered) != len(sorts):
                raise Unmapped("a quantifier has other variables")
            instance = Instance(instance.label, dict(zip(sorts, instance.ordered, strict=True)))
        for (one, other), sort in instance.arrays.items():
            self._arrays[self._read(one), self._read(other)] = sort
        values = {name: self._value(text, sorts[name]) for name, text in instance.values.items() if name in sorts}
        for chosen in self._completed(named, values, sorts):
            self._apply(named, chosen, witness=witness)
            for below in self._encoding.eliminated.get(named, ()):
                if below.sorts.keys() <= chosen.keys():
                    self._eliminate(below, chosen)

    def start(self) -> None:
        """Add what the solver does not have to report: witnesses of formulas that are not below others."""
        for named in self._encoding.named:
            if named.uses_witnesses and not named.sorts and named.parent is None:
                self._apply(named, {}, witness=True)
        for named in self._encoding.eliminated.get(None, ()):
            self._eliminate(named, {})

    def _eliminate(self, named: Named, values: Mapping[str, Node]) -> None:
        """Add the instances of a formula that has no quantifier for the solver."""
        for chosen in self._completed(named, {name: values[name] for name in named.sorts}, named.scope):
            self._apply(named, chosen, witness=False)

    def _apply(self, named: Named, values: Mapping[str, Node], *, witness: bool) -> str:
        """Add the step about a formula with values for its free variables (and its own), and return its digest."""
        formula = self._terms.replace(named.formula, {name: values[name] for name in named.sorts})
        digest = self._terms.digest(formula)
        for number in named.asserted:
            self._assume(number)
        if not self.ground.knows(digest):
            if named.parent is None:
                raise Unmapped("a formula does not occur where it should")
            self._reach(named.parent, values)
            if not self.ground.knows(digest):
                raise Unmapped("a formula does not follow from the one that contains it")
        self._add(digest, None if witness else [(values[n], s) for n, s in zip(named.own, named.formula.sorts, strict=True)])
        return digest

    def _reach(self, named: Named, values: Mapping[str, Node]) -> None:
        """Add the step of a formula that makes those below it occur, for these values of variables."""
        missing = {name: self._any(sort) for name, sort in named.scope.items() if name not in values}
        whole = {name: value for name, value in values.items() if name in named.scope} | missing
        formula = self._terms.replace(named.formula, {name: whole[name] for name in named.sorts})
        digest = self._terms.digest(formula)
        own = [whole[name].text for name in named.own]
        self._apply(named, whole, witness=own == [witness_name(digest, place) for place in range(len(own))])

    def _add(self, digest: str, terms: list[tuple[Node, str]] | None) -> None:
        texts = None if terms is None else tuple(self._text(term, sort) for term, sort in terms)
        if (digest, texts) in self._done:
            return
        self._done.add((digest, texts))
        step = Step(digest, texts)
        self.ground.apply(step)
        self._note(step, self._makers_of(digest, *(text for text in texts or () if text is not None)))

    def _makers_of(self, *texts: str) -> set[int]:
        words = {word for text in texts for word in words_in(text)}
        return {self._makers[word] for word in words if word in self._makers}

    def _differ(self, arrays: tuple[Node, ...], sort: str) -> Node:
        """Add a place where arrays differ, and return it."""
        one, other = (write_term(array, _impossible, "let!") for array in arrays)
        step = Difference((one, other), sort)
        if step not in self._done:
            self._done.add(step)
            self.ground.apply(step)
            self._note(step, self._makers_of(one, other))
        return self._terms.make("leaf", difference_name(self._terms, arrays, sort))

    def _assume(self, number: int) -> None:
        if number not in self._done:
            self._done.add(number)
            self.ground.assume(number)
            self._note(number, set())

    def _note(self, source: int | Step | Difference, needs: set[int]) -> None:
        """Remember where a fact is from, and that it made what is new."""
        names = self.ground.names()
        for name in names[self._noted :]:
            self._makers.setdefault(name, len(self.sources))
        self._noted = len(names)
        self.sources.append(source)
        self.needs.append(needs)

    def _text(self, term: Node, sort: str) -> str | None:
        if term.text == any_name(sort):
            return None
        return write_term(term, _impossible, "let!")

    def _any(self, sort: str) -> Node:
        return self._terms.make("leaf", any_name(sort))

    def _value(self, text: str, sort: str) -> Node:
        """Read a term as the solver wrote it."""
        if text not in self._values:
            node = self._read(text)
            if not node.args and self._foreign(node.text):
                return self._any(sort)
            self._values[text] = self._in_our_words(node)
        return self._values[text]

    def _read(self, text: str) -> Node:
        try:
            [expression] = expressions(text)
            node = self._reader.read(expression)
        except (Rejected, MalformedQuestion, ValueError) as problem:
            raise Unmapped(str(problem)) from None
        if node.free or node.rank:
            raise Unmapped("a value contains a quantifier")
        return node

    def _foreign(self, symbol: str) -> bool:
        """Whether a solver made a symbol up."""
        return ("!" in symbol or symbol[0] == "@") and symbol not in self._words and not symbol.startswith((OURS, '"'))

    def _in_our_words(self, root: Node) -> Node:
        """Put constants of witnesses for the functions of the encoding that name them."""
        done: dict[Node, Node] = {}
        todo = [root]
        while todo:
            node = todo[-1]
            if node in done:
                todo.pop()
            elif missing := [part for part in node.args if part not in done]:
                todo.extend(missing)
            else:
                args = tuple(done[part] for part in node.args)
                if node.text.startswith(f"{OURS}S"):
                    number, place = node.text.removeprefix(f"{OURS}S").split("!")
                    named = self._encoding.named[int(number)]
                    digest = self._apply(named, dict(zip(named.sorts, args, strict=True)), witness=True)
                    done[node] = self._terms.make("leaf", witness_name(digest, int(place)))
                elif DIFFERENCE in node.text and node.args in self._arrays:
                    done[node] = self._differ(args, self._arrays[node.args])
                elif OURS in node.text or DIFFERENCE in node.text or self._foreign(node.text):
                    raise Unmapped(f"`{node.text}` has no name in the obligation")
                elif node.text == "seq.unit" and (code := _code.fullmatch(node.args[0].text)):
                    done[node] = self._terms.make("leaf", string_literal(chr(int(code[1]))))
                else:
                    done[node] = self._terms.make(node.kind, _spelling.get(node.text, node.text), args)
        return done[root]

    def _completed(self, named: Named, values: dict[str, Node], sorts: Mapping[str, str]) -> list[dict[str, Node]]:
        """Give values to variables that the solver eliminated: by an equation in the body, or any value."""
        missing = [name for name in sorts if name not in values]
        if not missing:
            return [values]
        equations = named.equations()
        found = [values]
        for _ in missing:
            # An equation may speak of another variable that is missing, so go round as often as there are such.
            for name in missing:
                found = [
                    more
                    for one in found
                    for more in (
                        [one]
                        if name in one
                        else [
                            one | {name: self._terms.replace(term, {n: one[n] for n in term.free})}
                            for term in equations.get(name, ())[:3]
                            if term.free <= one.keys()
                        ]
                        or [one]
                    )
                ][:9]
        return [{name: one.get(name) or self._any(sort) for name, sort in sorts.items()} for one in found]


def _impossible(node: Node) -> str:
    raise Unmapped(f"a value contains `{node.kind}`")


# How z3 writes functions that have another name in the standard.
_spelling = {f"bv{name}_i": f"bv{name}" for name in ("udiv", "sdiv", "urem", "srem", "smod")} | {
    "bv2int": "ubv_to_int",
    "div0": "div",  # the value where the divisor is zero: for z3 a function of its own, in the standard the same one
    "mod0": "mod",
    "/0": "/",
}

_code = re.compile(r"\(_ Char ([0-9]+)\)")
_word = re.compile(r'\|[^|]*\||"(?:[^"]|"")*"|[^\s()"|]+')
