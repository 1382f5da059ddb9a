"""Structured statements to blocks, named and ordered as Boogie does it.

Names of blocks are part of what users see (traces), so they follow Boogie to
the number: first every segment without a label is named `anonN` from the
outside in, then each `if` and `while`, in the order of the text, takes the next
number for its own blocks (`anon3_LoopHead`, `anon4_Then`). The first segment of
a branch takes the name of the branch and its guard, unless it has a label.

Nothing here recurses on the nesting of statements.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import field
from typing import TypeAlias

from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import NOWHERE, Position
from probatum.records import dataclass


@dataclass(frozen=True, slots=True)
class Guard:
    """The guard of an `if` or `while`, or its negation, at the begin of a branch."""

    position: Position
    expression: tree.Expression
    holds: bool


Step: TypeAlias = tree.Command | Guard | tree.Invariant


@dataclass(slots=True, eq=False)
class Flow:
    """A block before its commands are translated; `result` is what a code expression returns there."""

    name: str
    steps: list[Step]
    successors: list[str]
    position: Position
    end: Position
    attributes: tree.Attributes = field(default_factory=list)
    header: bool = False
    result: tree.Expression | None = None


@dataclass(slots=True, eq=False)
class _Part:
    """A segment with its name; `after` is where control goes when it is done, None for a return."""

    segment: tree.Segment
    name: str
    anonymous: bool
    after: str | None = None
    # The lists inside, as they nest: the body of a loop, or the branches of an if and all its else-ifs.
    inner: list[_Parts] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class _Parts:
    """A list of segments; `prefix` are the guards that its first block takes over."""

    parts: list[_Part]
    end: Position
    prefix: list[Step] = field(default_factory=list)


_Walk: TypeAlias = Generator["_Walk", None, None]


def flow(statements: tree.Statements) -> list[Flow]:
    """Return the blocks of a body in the order of its text; the first is the entry. Labels and breaks were checked."""
    return _Structure(statements).blocks


def code_flow(code: tree.Code) -> list[Flow]:
    """Return the blocks of a code expression."""
    blocks = []
    for block in code.blocks:
        match block.transfer:
            case tree.Goto(labels=labels, attributes=attributes, position=position):
                blocks.append(
                    Flow(block.label, list(block.commands), [one.text for one in labels], block.position, position, attributes)
                )
            case tree.Return(expression=expression, attributes=attributes, position=position):
                blocks.append(
                    Flow(block.label, list(block.commands), [], block.position, position, attributes, result=expression)
                )
    return blocks


class _Structure:
    """One conversion: the tree of parts, the counter of names, the blocks so far."""

    def __init__(self, statements: tree.Statements) -> None:
        self.blocks: list[Flow] = []
        self._prefix = "anon"
        self._count = 0
        self._breaks: dict[int, _Part] = {}
        body = self._mirrored(statements)
        _run(self._find(body, []))
        _run(self._name(body))
        _run(self._create(body, None))

    def _mirrored(self, statements: tree.Statements) -> _Parts:
        """Return the statements as parts, with an empty part behind a loop that ends the body of a loop: a `break` needs a place to go to."""
        root = _Parts([], statements.end)
        waiting = [(statements, root, False)]
        while waiting:
            source, to, of_loop = waiting.pop()
            for segment in source.segments:
                part = _Part(segment, segment.label or "", segment.label is None)
                to.parts.append(part)
                for inner in _inside(segment.structured):
                    made = _Parts([], inner.end)
                    part.inner.append(made)
                    waiting.append((inner, made, isinstance(segment.structured, tree.While)))
            if of_loop and source.segments and isinstance(source.segments[-1].structured, tree.While):
                to.parts.append(_Part(tree.Segment(NOWHERE, None, []), "", anonymous=True))
        return root

    def _find(self, here: _Parts, around: list[_Part]) -> _Walk:
        """Choose a prefix that begins no label, and find what each `break` leaves."""
        for part in here.parts:
            label = part.segment.label
            if label is not None and label.startswith(self._prefix):
                rest = label[len(self._prefix) :]
                self._prefix += "1" if rest.startswith("0") else "0"
        for part in here.parts:
            structured = part.segment.structured
            if isinstance(structured, tree.Break):
                for outer in reversed(around):
                    if (
                        outer.segment.label == structured.label
                        if structured.label
                        else isinstance(outer.segment.structured, tree.While)
                    ):
                        self._breaks[id(structured)] = outer
                        break
            for inner in part.inner:
                yield self._find(inner, [*around, part])

    def _name(self, here: _Parts) -> _Walk:
        for part in here.parts:
            if part.anonymous:
                part.name = self._fresh()
            for inner in part.inner:
                yield self._name(inner)

    def _fresh(self) -> str:
        name = f"{self._prefix}{self._count}"
        self._count += 1
        return name

    def _create(self, here: _Parts, leave: str | None) -> _Walk:
        """Append the blocks of a list after which control goes to `leave` (None: the body returns)."""
        for index, part in enumerate(here.parts):
            segment = part.segment
            part.after = here.parts[index + 1].name if index + 1 < len(here.parts) else leave
            steps: list[Step] = [*here.prefix, *segment.commands] if index == 0 else list(segment.commands)
            match segment.structured:
                case tree.While() as loop:
                    yield self._while(part, loop, steps)
                case tree.If() as choice:
                    yield self._if(part, choice, steps)
                case tree.Break(position=position) as leaving:
                    self._add(part.name, steps, self._breaks[id(leaving)].after, segment.position, position)
                case None if segment.transfer is None:
                    self._add(part.name, steps, part.after, segment.position, here.end)
                case None:
                    transfer = segment.transfer
                    labels = [one.text for one in transfer.labels] if isinstance(transfer, tree.Goto) else []
                    self.blocks.append(Flow(part.name, steps, labels, segment.position, transfer.position, transfer.attributes))

    def _add(self, name: str, steps: list[Step], successor: str | None, position: Position, end: Position) -> None:
        self.blocks.append(Flow(name, steps, [] if successor is None else [successor], position, end))

    def _while(self, part: _Part, loop: tree.While, steps: list[Step]) -> _Walk:
        at = loop.position
        [body] = part.inner
        number = self._fresh()
        head, inside, done = f"{number}_LoopHead", f"{number}_LoopBody", f"{number}_LoopDone"
        guards = _guards(at, loop.guard, holds=True)
        inside, taken = _taken_over(body, guards, inside)
        self._add(part.name, steps, head, part.segment.position, at)
        self.blocks.append(Flow(head, [*loop.invariants, *loop.measures], [done, inside], at, at, header=True))
        if not taken:
            self._add(inside, guards, body.parts[0].name, at, at)
        yield self._create(body, head)
        self._add(done, _guards(at, loop.guard, holds=False), part.after, at, at)

    def _if(self, part: _Part, first: tree.If, steps: list[Step]) -> _Walk:
        name, at = part.name, part.segment.position
        lists = iter(part.inner)
        choice: tree.If | None = first
        while choice is not None:
            number = self._fresh()
            then, otherwise = f"{number}_Then", f"{number}_Else"
            positive = _guards(choice.position, choice.guard, holds=True)
            negative = _guards(choice.position, choice.guard, holds=False)
            yes = next(lists)
            no = next(lists) if isinstance(choice.otherwise, tree.Statements) else None
            then, then_taken = _taken_over(yes, positive, then)
            otherwise, else_taken = (otherwise, False) if no is None else _taken_over(no, negative, otherwise)
            self.blocks.append(Flow(name, steps, [then, otherwise], at, at, choice.attributes))
            if not then_taken:
                self._add(then, positive, yes.parts[0].name, choice.position, choice.position)
            yield self._create(yes, part.after)
            if no is not None:
                if not else_taken:
                    self._add(otherwise, negative, no.parts[0].name, choice.position, choice.position)
                yield self._create(no, part.after)
                return
            if choice.otherwise is None:
                self._add(otherwise, negative, part.after, choice.position, choice.position)
                return
            name, steps = otherwise, negative
            choice = choice.otherwise if isinstance(choice.otherwise, tree.If) else None
            at = at if choice is None else choice.position


def _inside(structured: tree.Structured | None) -> list[tree.Statements]:
    """Return the lists of statements directly in a structured one; those of else-ifs in one row."""
    if isinstance(structured, tree.While):
        return [structured.body]
    lists = []
    choice: tree.If | tree.Statements | tree.Structured | None = structured
    while isinstance(choice, tree.If):
        lists.append(choice.then)
        choice = choice.otherwise
        if isinstance(choice, tree.Statements):
            lists.append(choice)
    return lists


def _guards(position: Position, guard: tree.Expression | None, *, holds: bool) -> list[Step]:
    return [] if guard is None else [Guard(position, guard, holds)]


def _taken_over(branch: _Parts, guards: list[Step], name: str) -> tuple[str, bool]:
    """Give name and guards of a branch to its first block, if nothing jumps there; return the name to go to, and whether that was done."""
    first = branch.parts[0]
    if first.anonymous:
        first.name = name
        branch.prefix = guards
        return name, True
    return (name, False) if guards else (first.name, True)


def _run(walk: _Walk) -> None:
    """Run a walk that yields the walks inside it."""
    stack = [walk]
    while stack:
        try:
            stack.append(next(stack[-1]))
        except StopIteration:
            stack.pop()
