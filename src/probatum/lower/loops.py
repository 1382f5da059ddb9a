"""Loops: what they keep, what they may change, and why they end.

A loop is cut at its head: what its body may assign is unknown there, but for its
invariants and for what can be said without any: objects exist on, and entries of
the heap that no iteration writes are as they were before (`_unchanged`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from probatum.lower import loop_permissions, terms
from probatum.lower.exceptions import unbound
from probatum.lower.forms import AT, SEEN, entry
from probatum.lower.forms import measures as usual
from probatum.lower.fresh_items import fresh_items
from probatum.lower.guessing import candidates
from probatum.lower.heap import Part
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.permissions import CHANGE, LoopPermissions
from probatum.lower.substitution import apart, names_of, replaced
from probatum.lower.terms import Term, apply, conjunction, implication
from probatum.lower.trials import decreasing, survivors, waiting
from probatum.lower.unions import Unions
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Clause, LoopContract

_WORD = re.compile(r"[\w'.#]+")
_PASSED = re.compile(re.escape(entry("")) + r"(\w+)")
_VIEWS = ("items", "keys", "values")


@dataclass(slots=True)
class Loop:
    """A loop that is being written."""

    again: str
    out: str
    depth: int  # of cleanups around it
    head: int  # the number of the line where it begins
    before: str  # the snapshot of the state before
    writes: list[Part] = field(default_factory=list)
    created: set[str] = field(default_factory=set)  # objects that its iterations create
    ends: list[set[str]] = field(default_factory=list)  # what is assigned on the ways out


@dataclass(frozen=True, slots=True)
class Iteration:
    """What a `for` loop goes over: so many items, of which each is a value of its place."""

    length: Callable[[], str]
    item: Callable[[str], Term]
    fixed: bool  # the number of items cannot change
    content: Callable[[], tuple[t.Type, str]] | None = None  # the items, if they are a sequence
    steady: Callable[[], str] | None = None  # what must hold whenever the next item is asked for, lest Python raises


@dataclass(frozen=True, slots=True)
class Seen:
    """What a loop has gone over: the items before a place."""

    place: str
    item: Callable[[str], Term]


def _nothing() -> None:
    """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How one kind of loop goes.

    Attributes
    ----------
    test : callable
        Is given the block of the body and the one behind the loop, and writes which is next.
    begin, step : callable
        Write what is done at the start and at the end of each iteration.
    bound : callable
        What names mean at the head, other than what their variables hold.
    known : callable
        What holds at the head without being claimed.
    seen : callable or None
        How many items the loop went over, and which, if they are a sequence.
    claimed : callable or None
        What must hold at the head besides what the author claims.
    measures : sequence of Clause
    guessed : bool
        Nobody wrote the measures.
    ends : bool
        That the loop ends is known without a measure.
    """

    test: Callable[[str, str], None]
    begin: Callable[[], None]
    step: Callable[[], None] = _nothing
    bound: Callable[[], dict[str, Term]] = dict
    known: Callable[[], str] = lambda: "true"
    claimed: Callable[[], tuple[str, Obligation]] | None = None
    seen: Callable[[], tuple[Term, Term]] | None = None
    measures: Sequence[Clause] = ()
    guessed: bool = True
    ends: bool = False


class Loops(Unions):
    """`while` and `for`."""

    loops: list[Loop]

    # --- while ---------------------------------------------------------------------------

    def statement_While(self, node: ast.While) -> None:  # noqa: N802 - named after the node
        """`while`."""
        contract = self.function.loops.get(node, LoopContract())
        measures = contract.decreases
        guessed = measures is None

        def test(inside: str, outside: str) -> None:
            condition = self.truth(self.evaluate(node.test), node.test)
            self.writer.choose(condition, inside, outside)

        names = assigned_names(node)
        if guessed:
            measures = self.guessed_for(node, names)
        course = Course(test=test, begin=lambda: self.learn(node.test, True), measures=measures or (), guessed=guessed)
        self._loop(node, contract, names, course)

    def guessed_for(self, node: ast.While, names: set[str]) -> tuple[Clause, ...]:
        """Return a measure that the condition suggests."""
        tests = node.test.values if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And) else [node.test]
        measures = [m for m in map(_measure, tests) if m is not None]
        orders = [m for m in map(_order, tests) if m is not None and _mentions(m, names)]
        if orders:
            # Each is positive while the loop goes on, and the loop makes one of them less.
            whole: ast.expr = orders[0]
            for more in orders[1:]:
                whole = ast.BinOp(whole, ast.Add(), more)
            measures = [whole]
        if self.guess:
            kinds = self._kinds()
            numbers, collections = ([n for n in kinds if kinds[n] == kind] for kind in ("int", "collection"))
            options = [*measures[:1], *usual(self.function, node, numbers, collections)]
            tried = decreasing(self.program, self.function, node, options)
            if tried is None:
                steps = waiting(self.program, self.function, node, [n for n in numbers if n in names], options)
                if steps is not None:
                    self.patterns[node] = steps.reached
                    return tuple(self._may_decrease(m, node) for m in steps.measures)
            measures = measures if tried is None else [tried]
        return tuple(self._may_decrease(m, node) for m in measures[:1])

    def _may_decrease(self, measure: ast.expr, node: ast.While) -> Clause:
        expression = ast.copy_location(measure, node.test)
        ast.fix_missing_locations(expression)
        return Clause(expression, self.place(node.test), _PASSED.sub(r"old(\1)", ast.unparse(expression)))

    def _loop(self, node: ast.While | ast.For, contract: LoopContract, names: set[str], course: Course) -> None:
        for name in names:
            self.forget(name)
        self.invalidate()
        written, contract = contract, self._with_permissions(node, contract)
        before = self.snapshot("loop")
        permissions = self.enter_loop(contract, self._kept_names(contract), before)
        if permissions is not None:
            self.within(permissions, contract, self._all_names(course.bound()))
        head, inside, out, again, other = (self.writer.fresh(n) for n in ("head", "body", "out", "again", "else"))
        self.writer.label(head, again=True)
        if self.writer.ended:
            return
        loop = Loop(again, out, len(self.cleanups), self.writer.count(), before)
        self.loops.append(loop)
        self.assigned -= {name for one in ast.walk(node) for name in unbound(one)}
        assigned = set(self.assigned)
        narrowed = dict(self.narrowed)
        if isinstance(node, ast.For):
            self.bind_low(node.target, node.iter)
        premises, self._premises = self._premises, []
        if course.claimed is not None:
            self.writer.claim(*course.claimed())
        if permissions is not None:
            self.at_head(permissions, contract, self._all_names(course.bound()))
            if contract is not written:
                self._guess_changeable(contract, course)
        for number, clause in enumerate(contract.invariants):
            self._invariant(clause, course.bound(), premises[number] if premises else "true")
        self._obliged(course)
        if permissions is not None:
            with self.known_of_loop(permissions):
                for clause in contract.invariants:
                    if _mentions(clause.expression, {"__writable__", "__readable__"}):
                        self.writer.assume(self._at_head(clause.expression, course.bound(), "true"))
        self._under_way = [*self._under_way, node]
        if self.guess:
            self._guesses(node, course)
        self.writer.assume(course.known())
        self.writer.line(lambda: self._unchanged(loop, self.writer.assigned(loop.head, loop_end[0]), permissions))
        loop_end = [0]
        saved = [] if course.ends else self._measured(course.measures, course.bound())
        course.test(inside, other)
        self.writer.label(inside)
        if not self.writer.ended:
            course.begin()
            self.block(node.body)
            self.writer.jump(again)
            self.writer.label(again)
            if not self.writer.ended:
                course.step()
                if not course.ends and (not self.may_diverge or contract.decreases is not None):
                    self._decreased(course, saved, node)
                if permissions is not None:
                    self.within(permissions, contract, self._all_names(course.bound()))
                self.writer.jump(head)
        if isinstance(node, ast.For):
            for name in target_names(node.target):
                self.lows.pop(name, None)
        loop_end[0] = self.writer.count()
        if permissions is not None:
            self.leave_loop(permissions)
        self.loops.pop()
        self._under_way = self._under_way[:-1]
        self.assigned, self.narrowed = set(assigned), {k: v for k, v in narrowed.items() if k.split(".")[0] not in names}
        for part in loop.writes:
            self.note_write(part)
        if self.loops:
            self.loops[-1].created |= loop.created
        self.origins = {k: v for k, v in self.origins.items() if k not in names and v.text not in loop.created}
        self.writer.label(other)
        if not self.writer.ended:
            if isinstance(node, ast.While):
                self.learn(node.test, False)
            self.block(node.orelse)
        self.writer.jump(out)
        if loop.ends and not self.writer.ended:
            self.assigned &= set[str].intersection(*loop.ends)
        self.writer.label(out)
        self.narrowed = {k: v for k, v in narrowed.items() if k.split(".")[0] not in names} if loop.ends else self.narrowed

    @property
    def may_diverge(self) -> bool:
        """Whether termination is not claimed."""
        return self.root.contract.may_diverge

    guess = False
    patterns: dict[ast.AST, ast.expr]  # of loops for whose end a pattern of remainders is the reason: which ones occur
    _under_way: Sequence[ast.While | ast.For] = ()  # the loops that are being written, the outermost first

    @property
    def in_loop(self) -> bool:
        """Whether what is written stands in a loop, so that it is evaluated at several times."""
        return bool(self.loops)

    def _guesses(self, node: ast.While | ast.For, course: Course) -> None:
        """Claim what may hold at the head, each under a constant that inference sets."""
        types = self._kinds()
        bound = {entry(n): term for n, term in self.entry_names.items()} | course.bound()
        if course.seen is not None:
            bound |= dict(zip((AT, SEEN), course.seen(), strict=True))
        positive: list[ast.expr] = [
            ast.Compare(ast.Constant(0), [ast.LtE()], [m.expression]) for m in course.measures if isinstance(node, ast.While)
        ]
        if node in self.patterns:
            positive.append(ast.fix_missing_locations(ast.copy_location(self.patterns[node], node)))
        around = [one for one in self._under_way if one is not node]
        found = candidates(self.function, node, types, around=around, unfolded=self._unfolded, is_function=self._calls_function)
        made = {n: self.locals[n] for n in self.assigned & self.locals.keys() if n not in self.names}
        fresh = [
            ast.fix_missing_locations(ast.copy_location(one, node))
            for one in fresh_items(made, lambda type_: self.sorts.shared(t.without_none(type_)) and not self.may_be_none(type_))
        ]
        for claim in [*survivors(self.program, self.function, node, [*positive, *found]), *fresh]:
            try:
                condition = self._guessed(claim, bound)
            except Unsupported:
                continue
            if condition in ("true", "false"):
                continue  # of a postcondition about another type than what is tried in its place
            self._claim_guess(condition)

    def _with_permissions(self, node: ast.While | ast.For, contract: LoopContract) -> LoopContract:
        """Return a contract that says what the loop may touch, guessed where invariants are and nobody wrote any."""
        if not (self.guess and self.strict_frames):
            return contract
        own = {n for n in self.assigned if n in self.locals and self.sorts.shared(t.without_none(self.locals[n]))}
        called = {n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        known = {n: self.program.function(self.qualified(ast.Name(n, ast.Load())) or "") for n in called}
        quiet = {n for n, f in known.items() if f is None or self.is_pure(f)}
        return loop_permissions.guessed(self.function, node, contract, own=own, quiet=quiet, place=self.place(node))

    def _guess_changeable(self, contract: LoopContract, course: Course) -> None:
        """Guess of what a loop only looks at that it may be changed all the same when the loop is over."""
        for place in self.permitted(contract.reads, CHANGE, self._all_names(course.bound()), "", self.module):
            if not place.binders:
                self._claim_guess(self._at_least(place, "perm'"))

    def _claim_guess(self, condition: str) -> None:
        constant = self.writer.fresh("guess")
        self.symbols.declarations[constant] = f"const {{:existential true}} {constant}: bool;"
        self.writer.line(f"assert {constant} ==> {condition};")

    def _calls_function(self, node: ast.Call) -> bool:
        return self.program.function(self.qualified(node.func) or "") is not None

    def _unfolded(self, node: ast.Call) -> ast.expr | None:
        """Return the body of a function that is called, if it is one expression of its parameters."""
        function = self.program.function(self.qualified(node.func) or "")
        if function is None or function.module != self.function.module or len(function.parameters) != len(node.args):
            return None
        match [s for s in function.body if not isinstance(s, ast.Pass)]:
            case [ast.Return(value=ast.expr() as value)] if not node.keywords:
                arguments = dict(zip((p.name for p in function.parameters), node.args, strict=True))
                return replaced(apart(value, set().union(*(names_of(a) for a in node.args), self.names)), arguments)
        return None

    def _kinds(self) -> dict[str, str]:
        """Return the local variables that have a value: `int`, `bool`, `collection` or something else."""
        types = {}
        for name in sorted((self.assigned & self.locals.keys()) | {n for n in self.names if n.isidentifier()}):
            own = t.without_none(self.locals[name] if name in self.locals else self.names[name].type)
            types[name] = (
                "bool" if own == t.BOOL else "int" if self._is_int(own) else "collection" if self.has_length(own) else "other"
            )
        return types

    def _guessed(self, claim: ast.expr, bound: dict[str, Term]) -> str:
        names = {n: Term(self.variable(n), type_) for n, type_ in self.locals.items() if n in self.assigned}
        everything = {**self.names, **names, **{n: o for n, o in self.origins.items() if n in self.assigned}, **bound}
        with self.contract_of(everything, view="", old_view=self.old_view, module=self.module) as demands:
            condition = self.truth(self.evaluate(claim), claim)
            return conjunction(*(d.condition for d in demands), condition)

    def _invariant(self, clause: Clause, bound: dict[str, Term], premise: str) -> None:
        with self.guarded(premise):
            condition = implication(premise, self._at_head(clause.expression, bound, premise))
        self.writer.claim(condition, Obligation(Kind.ENTRY, clause.place, clause.text))

    def _at_head(self, node: ast.expr, bound: dict[str, Term], premise: str) -> str:
        saved = self.names
        self.names, self.at_head_of = {**self.names, **bound}, True
        try:
            names = {n: Term(self.variable(n), type_) for n, type_ in self.locals.items() if n in self.assigned}
            everything = {**self.names, **names, **{n: o for n, o in self.origins.items() if n in self.assigned}, **bound}
            narrowed, lows = dict(self.narrowed), dict(self.lows)
            with self.contract_of(everything, view="", old_view=self.old_view, module=self.module) as demands:
                self.narrowed, self.lows = narrowed, lows
                condition = self.truth(self.evaluate(node), node)
                found = list(demands)
        finally:
            self.names, self.at_head_of = saved, False
        for demand in found:
            self.writer.claim(implication(premise, demand.condition), demand.obligation)
        return condition

    # --- what a loop leaves alone -------------------------------------------------------------

    def note_write(self, part: Part) -> None:
        """Remember what the loop around writes."""
        if self.loops:
            self.loops[-1].writes.append(part)

    def may_write(self, heap: str, reference: str, node: ast.AST) -> None:
        """Demand that the contract allows a change, and remember it for the loop around."""
        self.note_write(Part(heap, reference))
        super().may_write(heap, reference, node)

    def allocate(self, class_: str) -> str:
        """Write that a new object is created."""
        reference = super().allocate(class_)
        if self.loops:
            self.loops[-1].created.add(reference)
        return reference

    def created(self, class_: str) -> str:
        """Return a new exception object."""
        reference = super().created(class_)
        if self.loops:
            self.loops[-1].created.add(reference)
        return reference

    def _kept_names(self, contract: LoopContract) -> dict[str, Term]:
        """Return what the names in the frame of a loop mean where it begins, whatever is assigned to them later."""
        targets = [c.expression for c in (*(contract.modifies or ()), *contract.reads)]
        used = {n.id for e in targets for n in ast.walk(e) if isinstance(n, ast.Name)}
        if not self.strict_frames:
            return {}
        return {n: self.kept(v) if n in used and n in self.locals else v for n, v in self._all_names({}).items()}

    def _all_names(self, bound: dict[str, Term]) -> dict[str, Term]:
        names = {n: Term(self.variable(n), type_) for n, type_ in self.locals.items() if n in self.assigned}
        return {**self.names, **names, **{n: o for n, o in self.origins.items() if n in self.assigned}, **bound}

    def _unchanged(self, loop: Loop, assigned: set[str], permissions: LoopPermissions | None) -> str:
        """Return what is known at the head of a loop of the heap, whatever its iterations do."""
        lines = []
        alloc = "alloc"
        if alloc in assigned:
            lines.append(f"assume (forall r': Ref :: {{{alloc}[r']}} {loop.before}{alloc}[r'] ==> {alloc}[r']);")
        if permissions is not None:
            lines.append(self.unchanged_but(permissions))
            return " ".join(lines)
        for name in sorted(self.heaps):
            if name == alloc or name not in assigned:
                continue
            old = loop.before + name
            writes = list(dict.fromkeys(p.reference for p in loop.writes if p.heap == name))
            if any(w is None for w in writes) or any(p.heap is None for p in loop.writes):
                continue
            fixed = [w for w in writes if w is not None and not (set(_WORD.findall(w)) & assigned)]
            moving = [w for w in writes if w is not None and w not in fixed]
            if not moving:
                changed = old
                for reference in fixed:
                    changed = f"{changed}[{reference} := {name}[{reference}]]"
                lines.append(f"assume {name} == {changed};")
            elif all(w in loop.created for w in moving):
                others = "".join(f" && r' != {w}" for w in fixed)
                lines.append(
                    f"assume (forall r': Ref :: {{{name}[r']}} {loop.before}{alloc}[r']{others} ==> {name}[r'] == {old}[r']);"
                )
            elif self.writable is not None:
                parts = [p for p in self.writable if p.heap in (None, name)]
                if all(p.reference is not None for p in parts):
                    others = "".join(f" && r' != {p.reference}" for p in parts)
                    entry = f"entry'{name}"
                    lines.append(
                        f"assume (forall r': Ref :: {{{name}[r']}} entry'{alloc}[r']{others} ==> {name}[r'] == {entry}[r']);"
                    )
        return " ".join(lines) or "assume true;"

    # --- why a loop ends -----------------------------------------------------------------------

    def _measured(self, measures: Sequence[Clause], bound: dict[str, Term]) -> list[str]:
        """Remember the measures at the head."""
        saved = []
        for measure in measures:
            premise = conditional_measure(measure)[0]
            if premise is not None:
                claimed = self.writer.local("claimed", "bool")
                self.writer.assign(claimed, self._true_in_loop(premise, bound))
                self.claimed[measure] = claimed
            value = self._measure_value(measure, bound)
            variable = self.writer.local("measure", "int")
            self.writer.assign(variable, value)
            saved.append(variable)
        return saved

    def _obliged(self, course: Course) -> None:
        """Claim of measures that are claimed under a condition that they are not negative: such a claim is an invariant."""
        for measure in course.measures:
            premise, expression = conditional_measure(measure)
            if premise is not None:
                claimed = self._true_in_loop(premise, course.bound())
                least = self._measure_value(measure, course.bound())
                obligation = Obligation(Kind.ENTRY, measure.place, f"{ast.unparse(expression)} >= 0")
                self.writer.claim(implication(claimed, f"(0 <= {least})"), obligation)

    claimed: dict[Clause, str]  # whether a measure that is claimed under a condition is, by the variable that says so at the head

    def _measure_value(self, measure: Clause, bound: dict[str, Term]) -> str:
        expression = conditional_measure(measure)[1]
        return self._in_loop(expression, bound, lambda term: self.as_measure(term, expression))

    def _true_in_loop(self, condition: ast.expr, bound: dict[str, Term]) -> str:
        return self._in_loop(condition, bound, lambda term: self.truth(term, condition))

    def _in_loop(self, expression: ast.expr, bound: dict[str, Term], meant: Callable[[Term], str]) -> str:
        saved = self.names
        try:
            names = {n: Term(self.variable(n), type_) for n, type_ in self.locals.items() if n in self.assigned}
            passed = {entry(n): term for n, term in self.entry_names.items()}
            everything = {
                **passed,
                **self.names,
                **names,
                **{n: o for n, o in self.origins.items() if n in self.assigned},
                **bound,
            }
            narrowed = dict(self.narrowed)
            with self.contract_of(everything, view="", old_view=self.old_view, module=self.module):
                self.narrowed = narrowed
                return meant(self.evaluate(expression))
        finally:
            self.names = saved

    def as_measure(self, term: Term, node: ast.AST) -> str:
        """Return the integer that must decrease: itself, or the number of items."""
        if self.has_length(t.without_none(term.type)) and not isinstance(term.type, t.Tuple):
            return self.length(term)
        return self.coerce(term, t.INT, node).text

    def _decreased(self, course: Course, saved: Sequence[str], node: ast.While | ast.For) -> None:
        if not course.measures:
            text = "a measure that decreases with every iteration is needed: write `decreases(...)`"
            self.writer.claim("false", Obligation(Kind.TERMINATION, self.place(node), text, described=True))
            return
        now = [self._measure_value(m, course.bound()) for m in course.measures]
        text = ", ".join(m.text for m in course.measures) + (" (guessed)" if course.guessed else "")
        place = self.place(node) if course.guessed else course.measures[0].place
        claimed = conjunction(*(self.claimed[m] for m in course.measures if m in self.claimed))
        if not self.may_diverge and claimed != "true":
            need = "a measure that is claimed whenever the loop must end is needed"
            self.writer.claim(claimed, Obligation(Kind.TERMINATION, self.place(node), need, described=True))
        self.writer.claim(implication(claimed, decreased(now, saved)), Obligation(Kind.TERMINATION, place, text))

    # --- for ---------------------------------------------------------------------------------------

    def statement_For(self, node: ast.For) -> None:  # noqa: N802 - named after the node
        """`for`."""
        contract = self.function.loops.get(node, LoopContract())
        iteration = self.iteration(node.iter)
        place = self.writer.local("at", "int")
        self.writer.assign(place, "0")
        names = assigned_names(node)
        limit = iteration.length() if iteration.fixed else ""
        if limit and not limit.isdigit():
            variable = self.writer.local("count", "int")
            self.writer.assign(variable, limit)
            limit = variable

        def count() -> str:
            return limit or iteration.length()

        targets = target_names(node.target)

        def bound() -> dict[str, Term]:
            saved, demands = self.names, self.demands
            # What is demanded of an item is demanded where it is assigned; behind the last one there is none.
            self.names, self.demands = dict(saved), []
            try:
                self.bind_target(node.target, iteration.item(place))
                return {n: self.names[n] for n in targets}
            finally:
                self.names, self.demands = saved, demands

        def test(inside: str, outside: str) -> None:
            self.writer.choose(f"({place} < {count()})", inside, outside)

        def begin() -> None:
            value = iteration.item(place)
            self.known(value)
            self.assign(node.target, value)
            if not target_names(node.target) & set().union(*(assigned_names(s) for s in node.body)):
                self.bind_low(node.target, node.iter)

        def step() -> None:
            self.writer.assign(place, f"({place} + 1)")

        def known() -> str:
            reached = f"({place} <= {count()})"
            nothing = f"({count()} < 0)" if iteration.fixed and not limit.isdigit() else "false"
            return conjunction(
                f"(0 <= {place})",
                terms.disjunction(reached, conjunction(nothing, f"({place} == 0)")),
                self._target_is(node, iteration, place),
            )

        def begin_live() -> None:
            self.writer.assign(left, f"({count()} - {place})")
            begin()

        def step_live() -> None:
            step()
            if not self.may_diverge:
                text = "the collection must not grow with every iteration"
                obligation = Obligation(Kind.TERMINATION, self.place(node), text, described=True)
                self.writer.claim(f"(({count()} - {place}) < {left})", obligation)

        def seen() -> tuple[Term, Term]:
            if iteration.content is None:
                items = apply("Seq_range", "0", place, "1")
                return Term(place, t.INT), Term(items, t.Collection("range", t.INT))
            type_, content = iteration.content()
            return Term(place, t.INT), Term(apply("Seq_take", content, place), type_, content=True)

        def claimed() -> tuple[str, Obligation]:
            if asked:
                text = "what the loop goes over must stay as it is"
                same = f"({self._content_of(node.iter)} == {self.seen_content})"
                return conjunction(same, f"({place} <= {count()})"), Obligation(Kind.ENTRY, self.place(node.iter), text)
            text = "the collection must not get shorter than what the loop has seen"
            same = "true" if iteration.steady is None else iteration.steady()
            return conjunction(same, f"({place} <= {count()})"), Obligation(Kind.ENTRY, self.place(node.iter), text)

        def steady() -> tuple[str, Obligation]:
            assert iteration.steady is not None
            text = "the keys or items that the loop goes over must stay as they are"
            return iteration.steady(), Obligation(Kind.ENTRY, self.place(node.iter), text, exception="RuntimeError")

        asked = _asks_for_seen(contract)
        if asked and isinstance(node.target, ast.Name):
            original = self._as_before(node, iteration)
            self.seen = {**self.seen, node.target.id: Seen(place, original.item)}
        if iteration.fixed:
            claim = None if iteration.steady is None else steady
            course = Course(test=test, begin=begin, step=step, bound=bound, known=known, claimed=claim, seen=seen, ends=True)
        else:
            left = self.writer.local("left", "int")
            course = Course(
                test=test, begin=begin_live, step=step_live, bound=bound, known=known, claimed=claimed, seen=seen, ends=True
            )
        self._premises, split = self._split(contract, targets, _counting(node), f"({place} < {count()})")
        self._loop(node, split, names, course)

    def _target_is(self, node: ast.For, iteration: Iteration, place: str) -> str:
        """Return that the target is the item before a place, if nothing but the loop assigns it."""
        target = node.target
        if not (iteration.fixed and isinstance(target, ast.Name) and target.id in self.locals):
            return "true"
        if target.id in set().union(*(assigned_names(s) for s in node.body)):
            return "true"
        item = iteration.item(f"({place} - 1)")
        if self.sort(item.type) != self.sort(self.locals[target.id]) or item.content:
            return "true"
        last = f"({self.variable(target.id)} == {item.text})"
        if target.id in self.learnt.unset:
            last = conjunction(f"set'{target.id}", last)
        return terms.disjunction(f"({place} == 0)", last)

    def _as_before(self, node: ast.For, iteration: Iteration) -> Iteration:
        """Return the items as they are where the loop begins; that they stay so is claimed at its head."""
        if iteration.fixed:
            return iteration
        if not isinstance(node.iter, ast.Name):
            raise Unsupported("what a loop has seen of this", node.iter)
        value = self.evaluate(node.iter)
        own = t.without_none(value.type)
        was = self.kept(Term(self.content(value), own, content=True)).text
        self.seen_content = was
        return Iteration(lambda: apply("Seq_len", was), lambda k: self.item_at(own, was, k), True)

    def _content_of(self, node: ast.expr) -> str:
        return self.content(self.evaluate(node))

    seen_content = ""

    def _split(
        self, contract: LoopContract, targets: set[str], counting: set[str], within: str
    ) -> tuple[list[str], LoopContract]:
        """Return the parts of invariants, and for each under which condition it holds at the head.

        What the target is at the head is the item that comes next. After the last one
        there is none, unless the items are numbers that go on.
        """
        parts = [(part, clause) for clause in contract.invariants for part in _conjuncts(clause.expression)]
        premises = [within if _means(p, targets - counting) or _bounds_above(p, counting) else "true" for p, _ in parts]
        clauses = tuple(Clause(part, clause.place, clause.text) for part, clause in parts)
        return premises, LoopContract(clauses, contract.decreases, contract.modifies, contract.reads)

    _premises: list[str]

    def iteration(self, node: ast.expr) -> Iteration:
        """Return what a `for` loop goes over."""
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and self.qualified(node.func) == f"builtins.{node.func.id}"
        ):
            match node.func.id, node.args:
                case "enumerate", [inner, *rest]:
                    start = self.coerce(self.evaluate(rest[0]), t.INT, node).text if rest else "0"
                    own = self.iteration(inner)
                    return Iteration(
                        own.length,
                        lambda k: self.tuple_of([Term(f"({start} + {k})" if start != "0" else k, t.INT), own.item(k)]),
                        own.fixed,
                        own.content,
                        own.steady,
                    )
                case "zip", inners if inners:
                    parts = [self.iteration(i) for i in inners]

                    def shortest() -> str:
                        length = parts[0].length()
                        for part in parts[1:]:
                            length = apply("Int_min", length, part.length())
                        return length

                    if any(p.steady is not None for p in parts):
                        raise Unsupported("`zip` of dicts, sets or deques that exist, in a loop", node)
                    return Iteration(shortest, lambda k: self.tuple_of([p.item(k) for p in parts]), all(p.fixed for p in parts))
                case "reversed", [inner] if not node.keywords:
                    own = self.iteration(inner)
                    length = own.length()
                    if own.fixed:
                        return Iteration(own.length, lambda k: own.item(f"({length} - 1 - {k})"), True, steady=own.steady)
                    length = self.kept(Term(length, t.INT)).text
                    return Iteration(
                        lambda: length,
                        lambda k: own.item(f"({length} - 1 - {k})"),
                        True,
                        steady=lambda: conjunction(f"({own.length()} == {length})", own.steady() if own.steady else "true"),
                    )
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _VIEWS and not node.args:
            owner = self.evaluate(node.func.value)
            if isinstance(owner.type, t.Mapping):
                return self._over_dict(owner, owner.type, node.func.attr)
        return self._over_value(self.evaluate(node), node)

    def _over_dict(self, owner: Term, type_: t.Mapping, view: str) -> Iteration:
        """Go over a dict: the keys must stay, the values are those of the moment."""
        owner = self.kept(owner)
        content = self.kept(Term(self.content(owner), type_, content=True)).text

        def item(k: str) -> Term:
            key = Term(apply("Seq_at", apply("Map_keys", content), k), type_.key)
            value = Term(apply("Map_get", self.content(owner), key.text), type_.value)
            return key if view == "keys" else value if view == "values" else self.tuple_of([key, value])

        def steady() -> str:
            return f"({apply('Map_keys', self.content(owner))} == {apply('Map_keys', content)})"

        return Iteration(lambda: apply("Map_len", content), item, True, steady=None if owner.content else steady)

    def _over_value(self, value: Term, node: ast.expr) -> Iteration:
        (value,) = self._usable(value, node=node)
        own = value.type
        bounds = self.range_bounds(value)
        if bounds is not None:
            return self._over_range(*bounds)
        if isinstance(own, t.Tuple):
            own = t.Collection("tuple", self.item_type(own, node))
            value = self.coerce(value, own, node)
        if isinstance(own, t.Mapping):
            return self._over_dict(value, own, "keys")
        if isinstance(own, t.Collection) and own.kind in ("set", "frozenset"):
            value = self.kept(value)
            items = Term(self.items_of(value, node), t.Collection("list", self.item_type(own, node)), content=True)
            content = self.kept(items).text
            return Iteration(
                lambda: apply("Seq_len", content),
                lambda k: Term(apply("Seq_at", content, k), self.item_type(own, node)),
                True,
                steady=self._as_it_is(value, own),
            )
        if not self.has_length(own):
            raise Unsupported(f"a loop over a `{own}`", node)
        live = self.sorts.shared(own) and not value.content
        if not live:
            value = self.kept(value)
        elif value.text.startswith("v'") or "[" in value.text:
            value = self.kept(value)  # the object, not what it holds
        own_type = own
        return Iteration(
            lambda: apply("Seq_len", self.content(value)),
            lambda k: self.item_at(own_type, self.content(value), k),
            not live,
            lambda: (own_type, self.content(value)),
            self._as_it_is(value, own) if isinstance(own, t.Collection) and own.kind == "deque" else None,
        )

    def _as_it_is(self, value: Term, type_: t.Type) -> Callable[[], str] | None:
        """Return the claim that a collection holds what it holds now."""
        if value.content or not self.sorts.shared(type_):
            return None
        content = self.kept(Term(self.content(value), type_, content=True)).text
        return lambda: f"({self.content(value)} == {content})"

    def _over_range(self, start: str, stop: str, step: str) -> Iteration:
        number = self.literal_index(Term(step, t.INT))
        if number == 1:
            if not start.lstrip("(-").rstrip(")").isdigit():
                start = self.kept(Term(start, t.INT)).text
            length = stop if start == "0" else f"({stop} - {start})"
            return Iteration(lambda: length, lambda k: Term(k if start == "0" else f"({start} + {k})", t.INT), True)
        if number is not None and number < 0:
            begin, end = self.kept(Term(start, t.INT)).text, self.kept(Term(stop, t.INT)).text
            length = f"(({begin} - {end} + {-number - 1}) div {-number})" if number != -1 else f"({begin} - {end})"
            return Iteration(
                lambda: length,
                lambda k: Term(f"({begin} - {-number} * {k})" if number != -1 else f"({begin} - {k})", t.INT),
                True,
            )
        if number is not None:
            begin, end = self.kept(Term(start, t.INT)).text, self.kept(Term(stop, t.INT)).text
            length = f"(({end} - {begin} + {number - 1}) div {number})"
            return Iteration(lambda: length, lambda k: Term(f"({begin} + {number} * {k})", t.INT), True)
        content = self.kept(Term(apply("Seq_range", start, stop, step), t.Collection("range", t.INT))).text
        return Iteration(lambda: apply("Seq_len", content), lambda k: Term(apply("Seq_at", content, k), t.INT), True)

    def reserved_seen(self, node: ast.Call, expected: t.Type | None) -> Term:
        """The items that a loop went over before."""
        del expected
        seen = self._seen_by(node)
        item = seen.item("0").type
        place = self.writer.fresh("i")
        rule = f"(lambda {place}: int :: {seen.item(place).text})"
        return Term(apply("Seq_make", seen.place, rule), t.Collection("pseq", t.INT if isinstance(item, t.Ranged) else item))

    def _seen_by(self, node: ast.Call) -> Seen:
        name = node.args[0].id if isinstance(node.args[0], ast.Name) else ""
        if name not in self.seen:
            raise Unsupported("the items that a loop has seen, outside of it", node)
        return self.seen[name]

    def element(self, collection: Term, node: ast.AST) -> tuple[Term, str, str]:
        """Return an element by a bound variable; what a loop has seen is named as the loop names it."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__seen__":
            seen = self._seen_by(node)
            name = self.writer.fresh("i")
            return seen.item(name), f"{name}: int", f"(0 <= {name} && {name} < {seen.place})"
        return super().element(collection, node)

    seen: dict[str, Seen]

    # --- jumps ---------------------------------------------------------------------------------------

    def statement_Break(self, node: ast.Break) -> None:  # noqa: N802 - named after the node
        """`break`."""
        loop = self.loops[-1]
        self.leave(loop.depth)
        if not self.writer.ended:
            loop.ends.append(set(self.assigned))
        self.writer.jump(loop.out)
        del node

    def statement_Continue(self, node: ast.Continue) -> None:  # noqa: N802 - named after the node
        """`continue`."""
        loop = self.loops[-1]
        self.leave(loop.depth)
        self.writer.jump(loop.again)
        del node


def conditional_measure(measure: Clause) -> tuple[ast.expr | None, ast.expr]:
    """Return under which condition a measure is claimed, if not always, and the measure."""
    match measure.expression:
        case ast.Call(func=ast.Name(id="__implies__"), args=[premise, inner]):
            return premise, inner
    return None, measure.expression


def decreased(now: Sequence[str], before: Sequence[str]) -> str:
    """Return whether a list of integers is less, in lexicographic order; the one that decreases is not negative before."""
    options = []
    for place in range(len(now)):
        same = [f"({a} == {b})" for a, b in zip(now[:place], before[:place], strict=True)]
        options.append(conjunction(*same, f"({now[place]} < {before[place]})", f"(0 <= {before[place]})"))
    return terms.disjunction(*options)


def assigned_names(node: ast.AST) -> set[str]:
    """Return the local variables that a loop may assign."""
    names = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store | ast.Del):
            names.add(one.id)
        if isinstance(one, ast.ExceptHandler) and one.name:
            names.add(one.name)
        if isinstance(one, ast.MatchAs) and one.name:
            names.add(one.name)
    return names


def target_names(target: ast.expr) -> set[str]:
    """Return the names that a target binds."""
    return {n.id for n in ast.walk(target) if isinstance(n, ast.Name)}


def _counting(node: ast.For) -> set[str]:
    """Return the targets that are numbers which go on after the last item."""
    if not isinstance(node.iter, ast.Call) or not isinstance(node.iter.func, ast.Name):
        return set()
    match node.iter.func.id, node.target:
        case "range", ast.Name(id=name):
            return {name}
        case "enumerate", ast.Tuple(elts=[ast.Name(id=name), *_]):
            return {name}
    return set()


def _means(node: ast.AST, names: set[str]) -> bool:
    """Whether a condition means the values of names, and not only what they were before."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__seen__":
        return False
    if isinstance(node, ast.Name):
        return node.id in names
    return any(_means(child, names) for child in ast.iter_child_nodes(node))


def _mentions(node: ast.expr, names: set[str]) -> bool:
    return any(isinstance(n, ast.Name) and n.id in names for n in ast.walk(node))


def _conjuncts(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [part for value in node.values for part in _conjuncts(value)]
    if isinstance(node, ast.Compare) and len(node.ops) > 1:
        parts: list[ast.expr] = []
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            parts.append(ast.copy_location(ast.Compare(left, [operator], [right]), node))
            left = right
        return parts
    return [node]


def _bounds_above(node: ast.expr, names: set[str]) -> bool:
    """Whether a condition keeps a loop's counter strictly below something: it cannot hold when the loop is over."""
    match node:
        case ast.Compare(left=ast.Name(id=name), ops=[ast.Lt()]):
            return name in names
        case ast.Compare(ops=[ast.Gt()], comparators=[ast.Name(id=name)]):
            return name in names
        case ast.Compare(left=ast.Name(id=name), ops=[ast.In()]):
            return name in names
    return False


def _asks_for_seen(contract: LoopContract) -> bool:
    return any(_mentions(clause.expression, {"__seen__"}) for clause in contract.invariants)


def _order(test: ast.expr) -> ast.expr | None:
    """Return by how much an order between numbers that are kept somewhere holds."""
    match test:
        case ast.Compare(left=left, ops=[ast.Lt() | ast.LtE()], comparators=[right]) if _plain(left) and _plain(right):
            return ast.BinOp(right, ast.Sub(), left)
        case ast.Compare(left=left, ops=[ast.Gt() | ast.GtE()], comparators=[right]) if _plain(left) and _plain(right):
            return ast.BinOp(left, ast.Sub(), right)
    return None


def _plain(node: ast.expr) -> bool:
    """Whether an expression is made of names, numbers and lengths: what items are says nothing of how long a loop goes on."""
    match node:
        case ast.Name() | ast.Attribute() | ast.Constant():
            return True
        case ast.BinOp(left=left, right=right):
            return _plain(left) and _plain(right)
        case ast.Call(func=ast.Name(id="len"), args=[_]):
            return True
    return False


def _measure(test: ast.expr) -> ast.expr | None:
    """Return what another condition suggests to decrease."""
    match test:
        case ast.Compare(left=left, ops=[ast.NotEq()], comparators=[right]):
            return left if isinstance(right, ast.Constant) and right.value == 0 else ast.BinOp(right, ast.Sub(), left)
        case ast.Name() | ast.Attribute():
            return test
        case ast.Call(func=ast.Name(id="len"), args=[inner]):
            return ast.Call(ast.Name("len", ast.Load()), [inner], [])
    return None
