"""Loops: what they keep, what they may change, and why they end.

A loop is cut at its head: what its body may assign is unknown there, but for its
invariants and for what can be said without any: objects exist on, and entries of
the heap that no iteration writes are as they were before (`_unchanged`).
"""

from __future__ import annotations

import ast

from probatum.lower import terms
from probatum.lower.bound_names import assigned_names, mentions, target_names
from probatum.lower.courses import Course, Loop
from probatum.lower.exceptions import unbound
from probatum.lower.held_items import fact_of_items
from probatum.lower.iterations import Iteration, Seen
from probatum.lower.loop_writes import LoopWrites
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.terms import Term, apply, conjunction, implication
from probatum.python import types as t
from probatum.python.program import Clause, LoopContract


class Loops(LoopWrites):
    """`while` and `for`."""

    # --- while ---------------------------------------------------------------------------

    def statement_While(self, node: ast.While) -> None:  # noqa: N802 - named after the node
        """`while`."""
        contract = self.function.loops.get(node, LoopContract())
        measures = contract.decreases
        guessed = measures is None

        def test(inside: str, outside: str) -> None:
            condition = self.condition_of(node.test)
            self.writer.choose(condition, inside, outside)

        names = assigned_names(node)
        if guessed:
            measures = self.guessed_for(node, names)
        course = Course(test=test, begin=lambda: self.learn(node.test, True), measures=measures or (), guessed=guessed)
        self._loop(node, contract, names, course)

    def _loop(self, node: ast.While | ast.For, contract: LoopContract, names: set[str], course: Course) -> None:
        for name in names:
            self.forget(name)
        self.invalidate()
        written, contract = contract, self._with_permissions(node, contract)
        begun = self._begin_guesses(names, node)
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
                    if mentions(clause.expression, {"__writable__", "__readable__"}):
                        self.writer.assume(self._at_head(clause.expression, course.bound(), "true"))
        self._under_way = [*self._under_way, node]
        if self.guess:
            self._guesses(node, course, begun)
        self.writer.assume(course.known())
        self._know_rows(node)
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

    def _know_rows(self, node: ast.While | ast.For) -> None:
        """Write what is known at the head of what variables hold, if that is collections of collections."""
        for name in sorted((self.assigned & self.locals.keys()) | {p.name for p in self.function.parameters}):
            type_ = self.locals[name] if name in self.locals else self.names[name].type if name in self.names else t.NONE
            if isinstance(type_, t.Collection | t.Mapping):
                value = self.evaluate(ast.copy_location(ast.Name(name, ast.Load()), node))
                if found := fact_of_items(self, value):
                    self.writer.assume(found)

    @property
    def in_loop(self) -> bool:
        """Whether what is written stands in a loop, so that it is evaluated at several times."""
        return bool(self.loops)

    def _invariant(self, clause: Clause, bound: dict[str, Term], premise: str) -> None:
        with self.guarded(premise):
            condition = implication(premise, self._at_head(clause.expression, bound, premise))
        self.writer.claim(condition, Obligation(Kind.ENTRY, clause.place, clause.text))

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
    return any(mentions(clause.expression, {"__seen__"}) for clause in contract.invariants)
