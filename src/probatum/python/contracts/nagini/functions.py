"""Contracts of functions and of their loops, taken out of bodies."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from probatum.python import forms
from probatum.python.contracts.conditions import Unreadable
from probatum.python.contracts.nagini import vocabulary
from probatum.python.contracts.nagini.assertions import Assertion, Assertions
from probatum.python.contracts.nagini.frames import Frames
from probatum.python.contracts.nagini.permissions import Permission, summed
from probatum.python.contracts.nagini.terms import Terms
from probatum.python.program import Clause, Contract, LoopContract, Problem, Raises, Syntax
from probatum.python.scopes import Scope, assigned_names


@dataclass
class _Said:
    """The claims of a function, each with what the author wrote."""

    before: list[tuple[ast.expr, Assertion]] = field(default_factory=list)
    after: list[tuple[ast.expr, Assertion]] = field(default_factory=list)
    raising: list[tuple[ast.expr, ast.expr, Assertion]] = field(default_factory=list)
    decreases: tuple[Clause, ...] | None = None


class Reading:
    """Takes contracts out of one function; `scope` is the one of its body."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.loops: dict[ast.stmt, LoopContract] = {}
        self._terms, self._assertions, self._frames = Terms(scope), Assertions(scope), Frames(scope)

    @property
    def problems(self) -> list[Problem]:
        """What was found wrong so far; to be added to."""
        return self._terms.problems

    def unsupported(self, node: ast.AST, message: str, advice: str = "") -> None:
        """Note what is not read."""
        self._terms.unsupported(node, message, advice)

    def mistake(self, node: ast.AST, message: str, advice: str = "") -> None:
        """Note what Nagini refuses."""
        self._terms.mistake(node, message, advice)

    # Statements

    def change(self, node: ast.AST) -> ast.AST | list[ast.AST] | None:
        """Bring a statement to its normal form; what it holds is in its own."""
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            word = vocabulary.called(self.scope, node.value)
            if word in vocabulary.statements and len(node.value.args) == 1:
                return self._stated(node, node.value.args[0], vocabulary.statements[word])
            if word == "MarkGhost":
                return []
        if isinstance(node, ast.Assert) and self._assertions.has_permissions(node.test):
            return self._stated(node, node.test, forms.CHECK)
        if isinstance(node, ast.While | ast.For):
            self._loop(node)
        return self._terms.term(node)

    def _stated(self, node: ast.stmt, expression: ast.expr, word: str) -> list[ast.AST]:
        try:
            said = self._assertions.read(expression)
        except Unreadable as stop:
            self.problems.append(stop.problem)
            return []
        if said.measure is not None:
            self.unsupported(node, "an obligation that is stated within a body")
            return []
        if said.permissions and word == forms.ASSUME:
            self.unsupported(node, "permissions that are assumed (`Assume(Acc(...))`)")
            return []
        if said.permissions and word == forms.REFUTE:
            self.unsupported(node, "permissions that must not be there (`Refute(Acc(...))`)")
            return []
        claims = [] if said.claim is None else [said.claim]
        claims += [c.expression for c in self._frames.held(said.permissions, {}, frozenset())]
        claims += [c.expression for c in self._frames.separation(said.permissions)]
        return [forms.statement(word, [c], node) for c in claims]

    def _loop(self, node: ast.While | ast.For) -> None:
        invariants: list[Clause] = []
        permissions: list[Permission] = []
        decreases: tuple[Clause, ...] | None = None
        kept: list[ast.stmt] = []
        changing = frozenset(assigned_names([node], set()))
        for statement in node.body:
            word = vocabulary.called(self.scope, statement.value) if isinstance(statement, ast.Expr) else ""
            if word not in vocabulary.loop or not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
                kept.append(statement)
                continue
            call = statement.value
            if kept:
                self.mistake(call, f"`{word}` after other statements of the loop", "write it at the start of the loop")
            try:
                if word == "Decreases":
                    decreases = self.measure(call)
                    continue
                given = self._only(call, "Invariant")
                if (conditional := self._measure_under(given)) is not None:
                    decreases = (self.scope.clause(conditional, wrote=given),)
                    continue
                said = self._assertions.read(given)
            except Unreadable as stop:
                self.problems.append(stop.problem)
                continue
            if said.measure is not None:
                decreases = (self.scope.clause(said.measure, wrote=said.measure),)
            permissions += said.permissions
            own = {p.key(): p.full for p in said.permissions}
            if said.claim is not None:
                invariants.append(self.scope.clause(said.claim, wrote=call.args[0]))
            invariants += self._frames.held(said.permissions, own, changing)
        permissions = summed(permissions)
        invariants += self._frames.separation(permissions)
        node.body = kept or [forms.placed(ast.Pass(), node)]
        reads = self._frames.targets(permissions, full=False)
        if isinstance(node, ast.For) and isinstance(node.iter, ast.Name | ast.Attribute | ast.Subscript):
            reads = (*reads, self.scope.clause(forms.copied(node.iter), wrote=node.iter))  # the iterator looks at it all the time
        self.loops[node] = LoopContract(tuple(invariants), decreases, self._frames.targets(permissions, full=True), reads)

    def _only(self, call: ast.Call, word: str) -> ast.expr:
        if len(call.args) != 1 or call.keywords:
            raise Unreadable(self.scope.unsupported(call, f"`{word}` with {len(call.args)} arguments"))
        return call.args[0]

    def _measure_under(self, expression: ast.expr) -> ast.expr | None:
        """Return the measure that is claimed under a condition, with the condition."""
        if not (
            isinstance(expression, ast.Call) and isinstance(expression.func, ast.Name) and expression.func.id == forms.IMPLIES
        ):
            return None
        condition, inner = expression.args
        measure = vocabulary.measure_of(self.scope, inner)
        if measure is None:
            return None
        return forms.call(forms.IMPLIES, [condition, measure], expression)

    def measure(self, call: ast.Call) -> tuple[Clause, ...]:
        """Read `Decreases(measure, condition)`."""
        if not 1 <= len(call.args) <= 2 or call.keywords:
            raise Unreadable(self.scope.unsupported(call, f"`Decreases` with {len(call.args)} arguments"))
        measure = call.args[0]
        assumed = isinstance(measure, ast.Constant) and measure.value is None
        parts = measure.elts if isinstance(measure, ast.Tuple) else [measure]
        found: list[Clause] = []
        for part in parts:
            expression = part
            if len(call.args) == 2 and not (isinstance(call.args[1], ast.Constant) and call.args[1].value is True):
                expression = forms.call(forms.IMPLIES, [call.args[1], part], call)
            found.append(self.scope.clause(expression, wrote=part, trusted=assumed))
        return tuple(found)

    # Contracts

    def header(self, body: Sequence[ast.stmt], node: ast.FunctionDef, *, pure: bool) -> tuple[Contract, list[ast.stmt]]:
        """Return what a function claims, wherever in its body it says so, and the rest of the body."""
        rest: list[ast.stmt] = []
        said = _Said()
        for statement in body:
            call = statement.value if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call) else None
            word = vocabulary.called(self.scope, call) if call is not None else ""
            if call is None or word not in vocabulary.header:
                rest.append(statement)
                continue
            if word == "Requires" and (said.after or said.raising):
                self.mistake(call, "`Requires` after `Ensures`", "write what is expected before what is promised")
            if word == "Exsures" and pure:
                self.mistake(call, "a pure function raises no exceptions", "leave `Exsures` out, or `@Pure`")
            if word == "Decreases" and not pure:
                self.mistake(call, "`Decreases` of a function that is not pure", "mark the function as `@Pure`")
            try:
                self._say(word, call, said)
            except Unreadable as stop:
                self.problems.append(stop.problem)
        self._typed(said, node)
        return self._contract(said, node, pure=pure), rest

    def _typed(self, said: _Said, node: ast.FunctionDef) -> None:
        """Refuse results of functions that have none."""
        if isinstance(node.returns, ast.Constant) and node.returns.value is None:
            for wrote, one in said.after:
                if one.claim is not None and forms.RESULT in forms.free_names(one.claim):
                    self.mistake(
                        wrote, "the result of a function that returns nothing", "leave it out, or annotate what is returned"
                    )

    def declared(self, named: ast.expr, node: ast.FunctionDef) -> None:
        """Refuse a type that is given for the result and is not the declared one; only plain names are compared."""
        if isinstance(named, ast.Name) and isinstance(node.returns, ast.Name) and named.id != node.returns.id:
            self.mistake(
                named, f"the result is `{node.returns.id}`, not `{named.id}`", "name the type that the function declares"
            )

    def _say(self, word: str, call: ast.Call, said: _Said) -> None:
        match word, len(call.args):
            case "Requires", 1:
                one = self._assertions.read(call.args[0])
                if one.measure is not None:
                    said.decreases = (self.scope.clause(one.measure, wrote=one.measure),)
                said.before.append((call.args[0], one))
            case "Ensures", 1:
                said.after.append((call.args[0], self._free(self._assertions.read(call.args[0]))))
            case "Ensures", 2:
                said.after.append((call.args[1], self._free(self._assertions.read(self._over_result(call)))))
            case "Exsures", 2:
                said.raising.append((call, call.args[0], self._free(self._assertions.read(call.args[1]))))
            case "Decreases", _ if said.decreases is None:
                said.decreases = self.measure(call)
            case "Decreases", _:
                raise Unreadable(self.scope.unsupported(call, "more than one `Decreases`"))
            case _:
                raise Unreadable(self.scope.unsupported(call, f"`{word}` with {len(call.args)} arguments"))

    def _free(self, said: Assertion) -> Assertion:
        if said.measure is not None:
            raise Unreadable(self.scope.unsupported(said.measure, "an obligation in a postcondition"))
        return said

    def _over_result(self, call: ast.Call) -> ast.expr:
        condition = call.args[1]
        names = [a.arg for a in condition.args.args] if isinstance(condition, ast.Lambda) else []
        if not isinstance(condition, ast.Lambda) or len(names) != 1:
            raise Unreadable(
                self.scope.unsupported(call, "`Ensures` over the result whose condition is no lambda of one parameter")
            )
        return forms.substituted(condition.body, {names[0]: forms.RESULT})

    def _contract(self, said: _Said, node: ast.FunctionDef, *, pure: bool) -> Contract:
        taken = summed([p for _, one in said.before for p in one.permissions])
        if pure:
            taken = [replace(p, amount=None) for p in taken]
        known = {p.key(): p.full for p in taken}
        requires = [self.scope.clause(one.claim, wrote=wrote) for wrote, one in said.before if one.claim is not None]
        requires += self._frames.separation(taken)
        ensures = self._promises(said.after, known)
        raises = tuple(
            Raises(
                forms.copied(exception),
                self.scope.place(call),
                ensures=tuple(self._promises([(call, one)], known)),
                gives=self._frames.given(one.permissions),
            )
            for call, exception, one in said.raising
        )
        return Contract(
            Syntax.NAGINI,
            requires=tuple(requires),
            ensures=tuple(ensures),
            raises=raises,
            modifies=() if pure else self._frames.targets(taken, full=True),
            reads=self._frames.targets(taken, full=None if pure else False),
            decreases=said.decreases,
            may_diverge=said.decreases is None and not pure,  # a definition that never ends would mean nothing
            place=self.scope.place(node.body[0]),
            # A pure function changes nothing and is called for its value: whoever called it keeps all it had.
            gives=None if pure else self._frames.given([p for _, one in said.after for p in one.permissions]),
        )

    def _promises(self, said: Sequence[tuple[ast.expr, Assertion]], known: Mapping[str, bool]) -> list[Clause]:
        found: list[Clause] = []
        permissions: list[Permission] = []
        for wrote, one in said:
            if one.claim is not None:
                found.append(self.scope.clause(one.claim, wrote=wrote))
            # after the claim, which may say that there is an object
            found += self._frames.held(one.permissions, known, frozenset())
            permissions += one.permissions
        return found + self._frames.separation(summed(permissions))
