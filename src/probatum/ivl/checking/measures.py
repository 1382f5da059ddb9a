"""Where measures may stand: at loop heads, at most one, before what the head assigns; on procedures, at most one.

Which blocks are loop heads depends on the flow between blocks, so the flow of
a body is built here, in its simplest form: positions, commands, successors.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from probatum.ivl.checking.names import Report
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import Position


@dataclass(slots=True, eq=False)
class _Block:
    """Commands that run one after the other, and where control goes then."""

    position: Position
    commands: list[tree.Command] = field(default_factory=list)
    successors: list[_Block] = field(default_factory=list)


def check_measures(report: Report, program: tree.Program) -> None:
    """Report misplaced measures, and recursive calls whose measures cannot be compared."""
    bodies = [one for one in program.declarations if isinstance(one, tree.Implementation)]
    for body in bodies:
        if _has_measures(body.body):
            _check_loops(report, body)
    procedures = [one for one in program.declarations if isinstance(one, tree.Procedure)]
    for procedure in procedures:
        if len(procedure.measures) > 1:
            message = "Sequential procedure may contain at most one measure command"
            report.error(procedure.measures[1].position, message)
    if any(procedure.measures for procedure in procedures):
        _check_recursion(report, bodies)


def segments(statements: tree.Statements) -> Iterator[tree.Segment]:
    """Yield the segments in the order of the text, those of nested statements after the one that holds them."""
    work = list(reversed(statements.segments))
    while work:
        segment = work.pop()
        yield segment
        nested: list[tree.Segment] = []
        structured: tree.Structured | tree.Statements | None = segment.structured
        if isinstance(structured, tree.While):
            nested.extend(structured.body.segments)
        while isinstance(structured, tree.If):
            nested.extend(structured.then.segments)
            structured = structured.otherwise
        if isinstance(structured, tree.Statements):
            nested.extend(structured.segments)
        work.extend(reversed(nested))


def _has_measures(statements: tree.Statements) -> bool:
    for segment in segments(statements):
        if any(isinstance(command, tree.Measure) for command in segment.commands):
            return True
        if isinstance(segment.structured, tree.While) and segment.structured.measures:
            return True
    return False


def _check_loops(report: Report, body: tree.Implementation) -> None:
    blocks = _Flow().blocks_of(body.body)
    heads = _loop_heads(blocks)
    for block in blocks:
        if block not in heads:
            continue
        measures = [command for command in block.commands if isinstance(command, tree.Measure)]
        if len(measures) > 1:
            message = "Loop head may contain at most one measure command in a sequential procedure"
            report.error(block.position, message)
        assigned = False
        for command in block.commands if measures else ():
            if isinstance(command, tree.Assign):
                assigned = True
            elif assigned and isinstance(command, tree.Measure):
                message = "Assignment must come after the measure command in loop head"
                report.error(command.position, message)
    for block in blocks:
        if block not in heads:
            for command in block.commands:
                if isinstance(command, tree.Measure):
                    report.error(command.position, "Measure command must not occur outside a loop head")


class _Flow:
    """Builds the blocks of a body."""

    def __init__(self) -> None:
        self.blocks: list[_Block] = []
        self.labels: dict[str, _Block] = {}
        self.jumps: list[tuple[_Block, list[tree.Name]]] = []

    def blocks_of(self, statements: tree.Statements) -> list[_Block]:
        """Return the blocks; the first is the entry."""
        self._statements(statements, None, ())
        for block, targets in self.jumps:
            block.successors = [self.labels[name.text] for name in targets if name.text in self.labels]
        return self.blocks

    def _block(self, position: Position, commands: Iterable[tree.Command] = ()) -> _Block:
        block = _Block(position, list(commands))
        self.blocks.append(block)
        return block

    def _statements(
        self, statements: tree.Statements, after: _Block | None, around: tuple[tuple[tree.Segment, _Block | None], ...]
    ) -> _Block:
        """Add the blocks of a list of statements, with what follows it, and return the first."""
        entries = [_Block(segment.position, segment.commands) for segment in statements.segments]
        for number, segment in enumerate(statements.segments):
            entry = entries[number]
            following = entries[number + 1] if number + 1 < len(entries) else after
            self.blocks.append(entry)
            if segment.label is not None:
                self.labels.setdefault(segment.label, entry)
            if isinstance(segment.transfer, tree.Goto):
                self.jumps.append((entry, segment.transfer.labels))
            elif segment.transfer is None:
                self._structured(segment, entry, following, around)
        return entries[0]

    def _structured(
        self,
        segment: tree.Segment,
        entry: _Block,
        following: _Block | None,
        around: tuple[tuple[tree.Segment, _Block | None], ...],
    ) -> None:
        structured: tree.Structured | tree.Statements | None = segment.structured
        inner = (*around, (segment, following))
        if isinstance(structured, tree.Break):
            target = next((after for outer, after in reversed(around) if _is_left_by(structured, outer)), None)
            entry.successors = [target] if target is not None else []
        elif isinstance(structured, tree.While):
            head = self._block(structured.position, structured.measures)
            entry.successors = [head]
            head.successors = [self._statements(structured.body, head, inner), *([following] if following else [])]
        elif isinstance(structured, tree.If):
            while isinstance(structured, tree.If):
                entry.successors.append(self._statements(structured.then, following, inner))
                structured = structured.otherwise
            if structured is not None:
                entry.successors.append(self._statements(structured, following, inner))
            elif following is not None:
                entry.successors.append(following)
        elif following is not None:
            entry.successors = [following]


def _is_left_by(one: tree.Break, around: tree.Segment) -> bool:
    if one.label is None:
        return isinstance(around.structured, tree.While)
    return one.label == around.label


def _loop_heads(blocks: list[_Block]) -> set[_Block]:
    """Return the blocks to which an edge leads back from a block that they dominate."""
    order = _reverse_postorder(blocks[0])
    number = {block: index for index, block in enumerate(order)}
    predecessors: dict[_Block, list[_Block]] = {block: [] for block in order}
    for block in order:
        for successor in block.successors:
            predecessors[successor].append(block)
    above: list[int] = [0] * len(order)
    known = [False] * len(order)
    known[0] = True
    changed = True
    while changed:
        changed = False
        for index in range(1, len(order)):
            nearest = -1
            for predecessor in predecessors[order[index]]:
                other = number[predecessor]
                if known[other]:
                    nearest = other if nearest < 0 else _meet(above, nearest, other)
            if not known[index] or above[index] != nearest:
                known[index], above[index] = True, nearest
                changed = True
    heads = set()
    for block in order:
        for successor in block.successors:
            target, here = number[successor], number[block]
            while here > target:
                here = above[here]
            if here == target:
                heads.add(successor)
    return heads


def _meet(above: list[int], one: int, other: int) -> int:
    while one != other:
        while one > other:
            one = above[one]
        while other > one:
            other = above[other]
    return one


def _reverse_postorder(entry: _Block) -> list[_Block]:
    seen = {entry}
    order: list[_Block] = []
    work = [(entry, iter(entry.successors))]
    while work:
        block, successors = work[-1]
        for successor in successors:
            if successor not in seen:
                seen.add(successor)
                work.append((successor, iter(successor.successors)))
                break
        else:
            work.pop()
            order.append(block)
    order.reverse()
    return order


def _check_recursion(report: Report, bodies: list[tree.Implementation]) -> None:
    calls = {id(body): [c for s in segments(body.body) for c in s.commands if isinstance(c, tree.Call)] for body in bodies}
    callees: dict[int, set[int]] = {}
    for body in bodies:
        callees.setdefault(id(body.procedure), set()).update(id(call.decl) for call in calls[id(body)])
    reach = {key: _reachable(key, callees) for key in callees}
    for body in bodies:
        procedure = body.procedure
        if procedure is None or not procedure.measures:
            continue
        own = sum(len(measure.expressions) for measure in procedure.measures)
        for call in calls[id(body)]:
            callee = call.decl
            if callee is None or id(procedure) not in reach.get(id(callee), ()):
                continue
            if sum(len(measure.expressions) for measure in callee.measures) != own:
                message = "Expected number of measure expressions on callee and caller to be same"
                report.error(call.position, message)


def _reachable(start: int, callees: dict[int, set[int]]) -> set[int]:
    found: set[int] = set()
    work = [start]
    while work:
        for callee in callees.get(work.pop(), ()):
            if callee not in found:
                found.add(callee)
                work.append(callee)
    return found
