"""An obligation in a form whose instances can be understood: how the solver gets it."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from probatum.solve.ground.obligation import Obligation
from probatum.solve.ground.terms import OURS, Node, reachable, write_term


@dataclass(slots=True, eq=False)
class Named:
    """A quantified formula, which may have free variables, as the solver sees it."""

    number: int
    formula: Node
    sorts: dict[str, str]  # of its free variables, ascending by name
    parent: Named | None  # the formula whose body contains it
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
        self._by_key: dict[tuple[Node, tuple[str, ...]], Named] = {}
        self.named: list[Named] = []
        self._todo: deque[tuple[Named, bool]] = deque()
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
        self.eliminated: dict[Named | None, list[Named]] = {}
        for named in self.named:
            if named.uses_instances and named.eliminated:
                self.eliminated.setdefault(named.parent, []).append(named)

    def _visit(self, root: Node, way: bool, scope: dict[str, str], parent: Named | None) -> None:
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

    def _name(self, formula: Node, scope: dict[str, str], parent: Named | None) -> Named:
        sorts = {name: scope[name] for name in sorted(formula.free)}
        key = (formula, tuple(sorts.values()))
        if key not in self._by_key:
            self._by_key[key] = Named(len(self.named), formula, sorts, parent)
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
                    witnesses.append(f"({variable(name)} {self._applied(function, named)})")
                lemma = self._lemma(named, predicate, witness=True)
                lemma = f"(let ({' '.join(witnesses)}) {lemma})"
                if named.sorts:
                    binders = " ".join(f"({variable(name)} {sort})" for name, sort in named.sorts.items())
                    lemma = f"(forall ({binders}) (! {lemma} :pattern ({predicate}) :qid {OURS}w{named.number}))"
                axioms.append(f"(assert {lemma})")
        numbers = range(len(self._obligation.assertions))
        asserted = [f"(assert {self._write(self._obligation.assertion(number), {})})" for number in numbers]
        return "\n".join([*declared, *axioms, *asserted, ""])

    def _quantifier(self, kind: str, named: Named, scope: Mapping[str, str], predicate: str | None) -> str:
        binders = " ".join(f"({variable(name)} {sort})" for name, sort in scope.items())
        body = self._lemma(named, predicate, witness=False) if predicate else self._write(named.formula.args[0], named.scope)
        patterns = ""
        for pattern in named.formula.args[1:]:
            terms = [self._write(term, named.scope) for term in pattern.args]
            if predicate and named.sorts:
                terms.append(predicate)
            patterns += f" :pattern ({' '.join(terms)})"
        return f"({kind} ({binders}) (! {body}{patterns} :qid {OURS}i{named.number}))"

    def _lemma(self, named: Named, predicate: str, *, witness: bool) -> str:
        body = self._write(named.formula.args[0], named.scope)
        forwards = (named.formula.kind == "forall") != witness
        return f"(=> {predicate} {body})" if forwards else f"(=> {body} {predicate})"

    def _write(self, node: Node, scope: dict[str, str]) -> str:
        def special(part: Node) -> str:
            if part.kind == "variable":
                return variable(part.text)
            named = self._by_key[part, tuple(scope[name] for name in sorted(part.free))]
            if named.in_place:
                return self._quantifier(part.kind, named, named.scope, None)
            return self._applied(f"{OURS}P{named.number}", named)

        return write_term(node, special, f"{OURS}let!")

    def _applied(self, function: str, named: Named) -> str:
        return f"({function} {' '.join(map(variable, named.sorts))})" if named.sorts else function


def variable(name: str) -> str:
    """Return the name by which the solver knows a variable."""
    return f"{OURS}v{name}"
