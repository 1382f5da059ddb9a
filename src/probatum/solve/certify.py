"""Find a ground certificate for an obligation that is known to be unsatisfiable.

A solver is asked once more, and made to say which instances of quantified
formulas it uses. So that what it says can be understood, it gets the obligation
in a form that leaves it nothing to rearrange (`Encoding`): every quantified
formula below another, or whose truth is not known, becomes a predicate `P` of
its free variables, with axioms that say what an instance of it implies and that
name its witnesses. These are the two rules of a certificate, so every instance
of these axioms that the solver reports is a step. Then all steps are put
together, and a solver says which of them are needed.

Nothing here has to be right: what is found is checked by `ground`, and given
out only if both solvers accept it.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from probatum.solve import by_cvc5, ground
from probatum.solve.answers import milliseconds
from probatum.solve.certificate import Certificate, Difference, Step, digest_of_text
from probatum.solve.ground import (
    OURS,
    Ground,
    Node,
    Obligation,
    Rejected,
    any_name,
    difference_name,
    reachable,
    read_obligation,
    witness_name,
    write_term,
)
from probatum.solve.text import MalformedQuestion, expressions, string_literal, write

# More instances than this are not worth mapping: the ground problem would be slower than the search.
MOST_STEPS = 20_000

# What z3 calls a place where two arrays differ.
_DIFFERENCE = "array-ext"

# Settings for the search, the quickest first. E-matching alone decides most; the second also matches
# terms that do not matter for the candidate at hand, the third looks for models and what contradicts them.
SETTINGS: tuple[Mapping[str, Any], ...] = (
    {"auto_config": False, "mbqi": False, "qi.eager_threshold": 100.0},
    {"relevancy": 0},
    {},
)


@dataclass(frozen=True, slots=True)
class NotFound:
    """There is no certificate, for a reason in one line."""

    reason: str


class _Unmapped(Exception):
    """An instance speaks of something that has no name in the obligation."""


# --- how the solver gets the obligation ----------------------------------------------------------


@dataclass(slots=True, eq=False)
class _Named:
    """A quantified formula, which may have free variables, as the solver sees it."""

    number: int
    formula: Node
    sorts: dict[str, str]  # of its free variables, ascending by name
    parent: _Named | None  # the formula whose body contains it
    asserted: list[int] = field(default_factory=list)  # assertions that are this formula and nothing else
    ways: set[bool] = field(default_factory=set)  # where it occurs: True where it may be used, False where it must be shown

    @property
    def own(self) -> list[str]:
        """Names of its variables."""
        return [f"{self.formula.rank}.{place}" for place in range(len(self.formula.sorts))]

    @property
    def scope(self) -> dict[str, str]:
        """Sorts of the variables that its body may contain."""
        return self.sorts | dict(zip(self.own, self.formula.sorts, strict=True))

    def equations(self) -> dict[str, list[Node]]:
        """Return for each of its variables what its body says it to be equal to."""
        found: dict[str, list[Node]] = {name: [] for name in self.own}
        for node in reachable([self.formula.args[0]]):
            if node.text == "=" and len(node.args) == 2:
                for one, other in (node.args, node.args[::-1]):
                    if one.kind == "variable" and one.text in found and one.text not in other.free and not other.rank:
                        found[one.text].append(other)
        return found

    @property
    def eliminated(self) -> bool:
        """Whether solvers may drop the quantifier without a word: no variable occurs, or only such as have one value."""
        free = self.formula.args[0].free
        return free.isdisjoint(self.own) or all(known or name not in free for name, known in self.equations().items())

    @property
    def uses_instances(self) -> bool:
        """Whether what follows from it matters."""
        return (self.formula.kind == "forall") in self.ways

    @property
    def uses_witnesses(self) -> bool:
        """Whether it matters what it follows from."""
        return (self.formula.kind == "exists") in self.ways

    @property
    def in_place(self) -> bool:
        """Whether it may stay where it is: the solver knows it by its number and does not have to name witnesses."""
        return self.parent is None and not self.sorts and not self.uses_witnesses


class Encoding:
    """An obligation in a form whose instances can be understood."""

    def __init__(self, obligation: Obligation) -> None:
        self.terms = obligation.terms
        self.reader = obligation.reader
        self._obligation = obligation
        self._by_key: dict[tuple[Node, tuple[str, ...]], _Named] = {}
        self.named: list[_Named] = []
        self._todo: deque[tuple[_Named, bool]] = deque()
        self.others: list[int] = []  # assertions that are not one quantified formula
        for number in range(len(obligation.assertions)):
            root = obligation.assertion(number)
            self._visit(root, True, {}, None)
            if root.quantified:
                self._name(root, {}, None).asserted.append(number)
            else:
                self.others.append(number)
        while self._todo:
            named, way = self._todo.popleft()
            self._visit(named.formula.args[0], way, named.scope, named)
        # Formulas whose quantifier a solver may drop, by the formula that contains them.
        self.eliminated: dict[_Named | None, list[_Named]] = {}
        for named in self.named:
            if named.uses_instances and named.eliminated:
                self.eliminated.setdefault(named.parent, []).append(named)

    def _visit(self, root: Node, way: bool, scope: dict[str, str], parent: _Named | None) -> None:
        """Find quantified formulas and whether they are used, shown, or both."""
        seen: set[tuple[Node, bool]] = set()
        todo = [(root, way)]
        while todo:
            node, way = todo.pop()
            if (node, way) in seen or not node.rank:
                continue
            seen.add((node, way))
            if node.quantified:
                named = self._name(node, scope, parent)
                if way not in named.ways:
                    named.ways.add(way)
                    self._todo.append((named, way))
                continue
            match node.text:
                case "not":
                    todo.append((node.args[0], not way))
                case "and" | "or":
                    todo.extend((part, way) for part in node.args)
                case "=>":
                    todo.extend((part, not way) for part in node.args[:-1])
                    todo.append((node.args[-1], way))
                case _:
                    todo.extend((part, either) for part in node.args for either in (True, False))

    def _name(self, formula: Node, scope: dict[str, str], parent: _Named | None) -> _Named:
        sorts = {name: scope[name] for name in sorted(formula.free)}
        key = (formula, tuple(sorts.values()))
        if key not in self._by_key:
            self._by_key[key] = _Named(len(self.named), formula, sorts, parent)
            self.named.append(self._by_key[key])
        return self._by_key[key]

    def text(self) -> str:
        """Return the obligation as the solver gets it."""
        declared = [command for _, command in self._obligation.declarations]
        axioms: list[str] = []
        for named in self.named:
            if named.in_place:
                continue
            over = " ".join(named.sorts.values())
            declared.append(f"(declare-fun {OURS}P{named.number} ({over}) Bool)")
            predicate = self._applied(f"{OURS}P{named.number}", named)
            if named.uses_instances:
                scope = named.scope
                axioms.append(f"(assert {self._quantifier('forall', named, scope, predicate)})")
            if named.uses_witnesses:
                witnesses: list[str] = []
                for place, (name, sort) in enumerate(zip(named.own, named.formula.sorts, strict=True)):
                    function = f"{OURS}S{named.number}!{place}"
                    declared.append(f"(declare-fun {function} ({over}) {sort})")
                    witnesses.append(f"({_variable(name)} {self._applied(function, named)})")
                lemma = self._lemma(named, predicate, witness=True)
                lemma = f"(let ({' '.join(witnesses)}) {lemma})"
                if named.sorts:
                    binders = " ".join(f"({_variable(name)} {sort})" for name, sort in named.sorts.items())
                    lemma = f"(forall ({binders}) (! {lemma} :pattern ({predicate}) :qid {OURS}w{named.number}))"
                axioms.append(f"(assert {lemma})")
        numbers = range(len(self._obligation.assertions))
        asserted = [f"(assert {self._write(self._obligation.assertion(number), {})})" for number in numbers]
        return "\n".join([*declared, *axioms, *asserted, ""])

    def _quantifier(self, kind: str, named: _Named, scope: Mapping[str, str], predicate: str | None) -> str:
        binders = " ".join(f"({_variable(name)} {sort})" for name, sort in scope.items())
        body = self._lemma(named, predicate, witness=False) if predicate else self._write(named.formula.args[0], named.scope)
        patterns = ""
        for pattern in named.formula.args[1:]:
            terms = [self._write(term, named.scope) for term in pattern.args]
            if predicate and named.sorts:
                terms.append(predicate)
            patterns += f" :pattern ({' '.join(terms)})"
        return f"({kind} ({binders}) (! {body}{patterns} :qid {OURS}i{named.number}))"

    def _lemma(self, named: _Named, predicate: str, *, witness: bool) -> str:
        body = self._write(named.formula.args[0], named.scope)
        forwards = (named.formula.kind == "forall") != witness
        return f"(=> {predicate} {body})" if forwards else f"(=> {body} {predicate})"

    def _write(self, node: Node, scope: dict[str, str]) -> str:
        def special(part: Node) -> str:
            if part.kind == "variable":
                return _variable(part.text)
            named = self._by_key[part, tuple(scope[name] for name in sorted(part.free))]
            if named.in_place:
                return self._quantifier(part.kind, named, named.scope, None)
            return self._applied(f"{OURS}P{named.number}", named)

        return write_term(node, special, f"{OURS}let!")

    def _applied(self, function: str, named: _Named) -> str:
        return f"({function} {' '.join(map(_variable, named.sorts))})" if named.sorts else function


def _variable(name: str) -> str:
    return f"{OURS}v{name}"


# --- asking for instances ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Instance:
    """What the solver reported: values of variables of a quantified formula of an `Encoding`."""

    label: str  # i<number>, or w<number> for an axiom that names witnesses
    values: dict[str, str]  # by name of the variable
    arrays: dict[tuple[str, str], str] = field(default_factory=dict)  # sorts of arrays of which it names a difference
    ordered: tuple[str, ...] = ()  # values in the order of variables, where a solver does not say names


def _instances_by_z3(text: str, settings: Mapping[str, Any], *, timeout_s: float, seed: int) -> list[_Instance] | str:
    """Ask z3 for a proof and return the instances it made, in order; or why there are none."""
    import z3
    from z3 import z3core

    z3.set_param("warning", False)  # they would go to the terminal of who asked
    context = z3.Context()
    try:
        asserted = z3.parse_smt2_string(text, ctx=context)
    except z3.Z3Exception as problem:
        return f"z3 cannot read the obligation: {' '.join(str(problem).split())[:200]}"
    solver = z3.SimpleSolver(ctx=context)
    for name, value in settings.items():
        solver.set(name, value)
    solver.set("random_seed", seed)
    solver.set("timeout", milliseconds(timeout_s))
    # Wrapping every clause that the solver makes would cost more than the search: only instances are kept.
    raw = context.ref()
    kinds: dict[int, bool] = {}
    reported: list[Any] = []

    def hear(_user: int, hint: int, _count: int, _needed: Any, _clause: int) -> None:
        term = z3.z3.to_Ast(hint)
        if len(reported) > MOST_STEPS or z3core.Z3_get_ast_kind(raw, term) != z3.Z3_APP_AST:
            return
        function = z3core.Z3_get_app_decl(raw, term)
        if function.value not in kinds:
            kinds[function.value] = z3core.Z3_get_symbol_string(raw, z3core.Z3_get_decl_name(raw, function)) == "inst"
        if kinds[function.value]:
            z3core.Z3_inc_ref(raw, term)
            reported.append(term)

    callback = z3core.Z3_on_clause_eh(hear)
    z3core.Z3_solver_register_on_clause(raw, solver.solver, 0, callback)
    try:
        for formula in asserted:
            solver.add(formula)
        verdict = solver.check()
        if verdict == z3.sat:
            return "z3 finds the obligation satisfiable"
        # Also where it did not prove it: with the instances made so far, others may.
        if len(reported) > MOST_STEPS:
            return f"z3 needs more than {MOST_STEPS:,} instances"
        texts: dict[int, str] = {}
        return list(_read_hints([z3.z3._to_expr_ref(term, context) for term in reported], texts))  # noqa: SLF001 - the binding has no public way from a pointer to a term
    except z3.Z3Exception as problem:
        return f"z3 failed: {' '.join(str(problem).split())[:200]}"
    finally:
        for term in reported:
            z3core.Z3_dec_ref(raw, term)


def _instances_by_cvc5(text: str, *, timeout_s: float, seed: int) -> list[_Instance] | str:
    """Ask cvc5 and return the instances it made; or why there are none."""
    try:
        import cvc5
    except ImportError:
        return "cvc5 is not installed"
    terms = cvc5.TermManager()
    solver = cvc5.Solver(terms)
    try:
        for name, value in {
            "seed": str(seed),
            "dt-nested-rec": "true",
            "tlimit-per": str(milliseconds(timeout_s)),
            "print-inst-full": "true",
        }.items():
            solver.setOption(name, value)
        symbols = cvc5.SymbolManager(terms)
        by_cvc5._execute(cvc5, solver, symbols, f"(set-logic ALL)\n{text}")  # noqa: SLF001 - the same package
        if solver.checkSat().isSat():
            return "cvc5 finds the obligation satisfiable"
        printed = solver.getInstantiations()
    except Exception as problem:  # noqa: BLE001 - its binding raises plain RuntimeError, and every failure means no instances
        return f"cvc5 failed: {' '.join(str(problem).split())[:200]}"
    found: list[_Instance] = []
    for expression in expressions(printed if isinstance(printed, str) else printed.decode()):
        match expression:
            case ["instantiations", str(label), *made] if label.startswith(OURS):
                found += [_Instance(label.removeprefix(OURS), {}, {}, tuple(map(write, values))) for values in made]
    return found[:MOST_STEPS]


def _read_hints(hints: Sequence[Any], texts: dict[int, str]) -> Iterator[_Instance]:
    import z3

    seen: set[tuple[int, tuple[int, ...]]] = set()
    for hint in hints:
        # The formula, literals of the instance, which are of no use here, the values, and more about how it came about.
        formula, bound = hint.arg(0), None
        for place in range(hint.num_args() - 1, 0, -1):
            part = hint.arg(place)
            if z3.is_app(part) and part.decl().name() == "bind":
                bound = part
                break
        if bound is None or not z3.is_quantifier(formula) or not formula.qid().startswith(OURS):
            continue
        terms = bound.children()
        key = (formula.get_id(), tuple(term.get_id() for term in terms))
        if key in seen or len(terms) != formula.num_vars():
            continue
        seen.add(key)
        values: dict[str, str] = {}
        for place, term in enumerate(terms):
            number = term.get_id()
            if number not in texts:
                texts[number] = term.sexpr()
            values[formula.var_name(place).removeprefix(f"{OURS}v")] = texts[number]
        arrays = {pair: sort for term in terms if _DIFFERENCE in texts[term.get_id()] for pair, sort in _differences(term)}
        yield _Instance(formula.qid().removeprefix(OURS), values, arrays)


def _differences(root: Any) -> Iterator[tuple[tuple[str, str], str]]:
    import z3

    todo = [root]
    while todo:
        term = todo.pop()
        todo.extend(term.children())
        if z3.is_app(term) and _DIFFERENCE in term.decl().name():
            one, other = term.children()
            yield (one.sexpr(), other.sexpr()), one.sort().sexpr()


# --- from instances to steps ---------------------------------------------------------------------


class _Steps:
    """Turns what the solver reported into steps of a certificate."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self._encoding = encoding
        self._terms = encoding.terms
        self._reader = encoding.reader
        self._words = set(_word.findall(text))
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

    def take(self, instance: _Instance) -> None:
        """Add the steps that an instance stands for.

        Raises
        ------
        _Unmapped
            If it speaks of something that has no name in the obligation.
        """
        named = self._encoding.named[int(instance.label[1:])]
        witness = instance.label.startswith("w")
        sorts = named.sorts if witness else named.scope
        if instance.ordered:
            if len(instance.ordered) != len(sorts):
                raise _Unmapped("a quantifier has other variables")
            instance = _Instance(instance.label, dict(zip(sorts, instance.ordered, strict=True)))
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

    def _eliminate(self, named: _Named, values: Mapping[str, Node]) -> None:
        """Add the instances of a formula that has no quantifier for the solver."""
        for chosen in self._completed(named, {name: values[name] for name in named.sorts}, named.scope):
            self._apply(named, chosen, witness=False)

    def _apply(self, named: _Named, values: Mapping[str, Node], *, witness: bool) -> str:
        """Add the step about a formula with values for its free variables (and its own), and return its digest."""
        formula = self._terms.replace(named.formula, {name: values[name] for name in named.sorts})
        digest = self._terms.digest(formula)
        for number in named.asserted:
            self._assume(number)
        if not self.ground.knows(digest):
            if named.parent is None:
                raise _Unmapped("a formula does not occur where it should")
            self._reach(named.parent, values)
            if not self.ground.knows(digest):
                raise _Unmapped("a formula does not follow from the one that contains it")
        self._add(digest, None if witness else [(values[n], s) for n, s in zip(named.own, named.formula.sorts, strict=True)])
        return digest

    def _reach(self, named: _Named, values: Mapping[str, Node]) -> None:
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
        words = {word for text in texts for word in _word.findall(text)}
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
            raise _Unmapped(str(problem)) from None
        if node.free or node.rank:
            raise _Unmapped("a value contains a quantifier")
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
                elif _DIFFERENCE in node.text and node.args in self._arrays:
                    done[node] = self._differ(args, self._arrays[node.args])
                elif OURS in node.text or _DIFFERENCE in node.text or self._foreign(node.text):
                    raise _Unmapped(f"`{node.text}` has no name in the obligation")
                elif node.text == "seq.unit" and (code := _code.fullmatch(node.args[0].text)):
                    done[node] = self._terms.make("leaf", string_literal(chr(int(code[1]))))
                else:
                    done[node] = self._terms.make(node.kind, _spelling.get(node.text, node.text), args)
        return done[root]

    def _completed(self, named: _Named, values: dict[str, Node], sorts: Mapping[str, str]) -> list[dict[str, Node]]:
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
    raise _Unmapped(f"a value contains `{node.kind}`")


# How z3 writes functions that have another name in the standard.
_spelling = {f"bv{name}_i": f"bv{name}" for name in ("udiv", "sdiv", "urem", "srem", "smod")} | {
    "bv2int": "ubv_to_int",
    "div0": "div",  # the value where the divisor is zero: for z3 a function of its own, in the standard the same one
    "mod0": "mod",
    "/0": "/",
}

_code = re.compile(r"\(_ Char ([0-9]+)\)")
_word = re.compile(r'\|[^|]*\||"(?:[^"]|"")*"|[^\s()"|]+')


# --- which of them are needed --------------------------------------------------------------------


class _Cores:
    """Asks which facts of a ground problem cannot hold together, again and again."""

    def __init__(self, problem: Ground, *, seed: int) -> None:
        import z3

        self._z3 = z3
        written = [problem.written(fact) for fact in problem.facts]
        text = "\n".join([*problem.declarations(written), *(f"(assert {fact})" for fact in written)])
        context = z3.Context()
        self._solver = z3.SimpleSolver(ctx=context)
        self._solver.set("random_seed", seed)
        self._names = [z3.Bool(f"{OURS}fact!{number}", ctx=context) for number in range(len(written))]
        self._numbers = {name.get_id(): number for number, name in enumerate(self._names)}
        try:
            facts = z3.parse_smt2_string(text, ctx=context)
        except z3.Z3Exception as unread:
            raise Rejected(" ".join(str(unread).split())[:200]) from None
        for name, fact in zip(self._names, facts, strict=True):
            self._solver.add(z3.Implies(name, fact))

    def ask(self, facts: Sequence[int], *, timeout_s: float) -> list[int] | str:
        """Return facts out of these that cannot hold together, or why there are none."""
        self._solver.set("timeout", milliseconds(timeout_s))
        verdict = self._solver.check(*(self._names[number] for number in facts))
        if verdict == self._z3.unsat:
            return sorted(self._numbers[name.get_id()] for name in self._solver.unsat_core())
        if verdict == self._z3.sat:
            return "what the solver reported is not enough"
        return f"z3 did not find out what is needed: {self._solver.reason_unknown()}"


def _needed(steps: _Steps, cores: _Cores, *, limit_s: float, ends: float) -> list[int] | str:
    """Return facts (by number) of which every one is needed, if there is time to find out; or why there are none.

    `limit_s` is for finding out whether all of them are enough.
    """

    def with_needs(facts: Sequence[int]) -> list[int]:
        whole, todo = set(facts), list(facts)
        while todo:
            new = steps.needs[todo.pop()] - whole
            whole |= new
            todo.extend(new)
        return sorted(whole)

    facts: list[int] = list(range(len(steps.ground.facts)))
    started = time.monotonic()
    smaller = cores.ask(facts, timeout_s=limit_s)
    if isinstance(smaller, str):
        return smaller
    took = time.monotonic() - started
    facts = with_needs(smaller)
    # One after the other, the last first: the first are those that others need.
    # More than a few times what was needed so far would make certificates dearer than proofs.
    until = min(ends, time.monotonic() + 1 + 4 * took)
    at = len(facts)
    while at and time.monotonic() < until:
        at -= 1
        fewer = _without(facts, facts[at], steps.needs)
        again = cores.ask(fewer, timeout_s=min(0.3 + took, max(0.01, until - time.monotonic())))
        if not isinstance(again, str):
            facts = with_needs(again)
            at = min(at, len(facts))
    return facts


def _without(facts: Sequence[int], one: int, needs: Sequence[set[int]]) -> list[int]:
    """Return facts without one, and without those that have no meaning without it; what a fact needs stands before it."""
    gone = {one}
    for fact in facts:
        if not needs[fact].isdisjoint(gone):
            gone.add(fact)
    return [fact for fact in facts if fact not in gone]


# --- the whole -----------------------------------------------------------------------------------


def find(text: str, *, timeout_s: float, seed: int = 0) -> Certificate | NotFound:
    """Find a certificate that both solvers accept.

    Parameters
    ----------
    text : str
        The obligation: SMT-LIB declarations and assertions that some solver found unsatisfiable.
    timeout_s : float
        Limit in seconds of wall-clock time, looked at now and then.
    seed : int
        Of the solvers' own choices.

    Returns
    -------
    Certificate or NotFound
        The certificate is minimal as far as there was time: without any of its steps z3 does not confirm it.
    """
    ends = time.monotonic() + timeout_s
    try:
        obligation = read_obligation(text, keep_patterns=True)
        encoding = Encoding(obligation)
        encoded = encoding.text()
    except Rejected as problem:
        return NotFound(f"the obligation is not understood: {problem}")
    said: list[str] = []
    tries: Sequence[Mapping[str, Any] | None] = (*SETTINGS, None) if encoding.named else SETTINGS[:1]
    for position, settings in enumerate(tries):
        left = ends - time.monotonic()
        if left <= 0:
            said.append("there was no time left")
            break
        found: list[_Instance] | str = []
        if encoding.named:
            share = left / (len(tries) - position) / 2
            if settings is None:
                found = _instances_by_cvc5(encoded, timeout_s=share, seed=seed)
            else:
                found = _instances_by_z3(encoded, settings, timeout_s=share, seed=seed)
        if isinstance(found, str):
            said.append(found)
            continue
        # What is left is shared with the settings to come: these instances may not be enough.
        limit_s = max(0.1, (ends - time.monotonic()) / (len(tries) - position))
        result = _assembled(text, encoding, found, limit_s=limit_s, ends=ends, seed=seed)
        if isinstance(result, Certificate):
            return result
        said.append(result)
    return NotFound("; ".join(dict.fromkeys(said)))


def _assembled(
    text: str, encoding: Encoding, instances: Sequence[_Instance], *, limit_s: float, ends: float, seed: int
) -> Certificate | str:
    """Make a certificate of instances, or say why it cannot be made of them."""
    steps = _Steps(text, encoding)
    steps.start()
    unmapped: list[str] = []
    for instance in instances:
        try:
            steps.take(instance)
        except (_Unmapped, Rejected) as problem:
            unmapped.append(str(problem))
    try:
        facts = _needed(steps, _Cores(steps.ground, seed=seed), limit_s=limit_s, ends=ends)
    except Rejected as problem:
        return f"an instance is not a term: {problem}"
    if isinstance(facts, str):
        return f"{facts}, and {len(unmapped)} instances were not understood ({unmapped[0]})" if unmapped else facts
    sources = [steps.sources[fact] for fact in facts]
    certificate = Certificate(
        digest_of_text(text),
        tuple(sorted(source for source in sources if isinstance(source, int))),
        tuple(source for source in sources if not isinstance(source, int)),
    )
    answer = ground.check(text, certificate, timeout_s=max(0.1, ends - time.monotonic()))
    return certificate if answer.status == "confirmed" else answer.reason


def certify_task(item: Mapping[str, Any]) -> dict[str, Any]:
    """Find a certificate, in a guarded child: JSON in, JSON out.

    Parameters
    ----------
    item : mapping
        ``smtlib``: the obligation; ``timeout_s``; optionally ``seed``.

    Returns
    -------
    dict
        ``{"certificate": ...}`` or ``{"reason": ...}``.
    """
    found = find(item["smtlib"], timeout_s=item["timeout_s"], seed=item.get("seed", 0))
    return {"reason": found.reason} if isinstance(found, NotFound) else {"certificate": found.to_json()}
