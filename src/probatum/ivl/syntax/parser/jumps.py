"""Where `goto` and `break` of one body lead: errors that Boogie reports with those of the syntax."""

from __future__ import annotations

from typing import TypeAlias

from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import Position

_Enclosing: TypeAlias = "tuple[()] | tuple[tree.Segment, _Enclosing]"


def check_jumps(body: tree.Statements, errors: list[StaticError]) -> None:
    """Add an error for each jump that leads nowhere."""
    _Jumps(errors, _labels(body)).check(body, ())


class _Jumps:
    """The jumps of one body."""

    def __init__(self, errors: list[StaticError], labels: set[str]) -> None:
        self.errors = errors
        self.labels = labels

    def check(self, statements: tree.Statements, outer: _Enclosing) -> None:
        for segment in statements.segments:
            if isinstance(segment.transfer, tree.Goto):
                for label in segment.transfer.labels:
                    if label.text not in self.labels:
                        self.report(segment.transfer.position, f"goto label '{label.text}' is undefined")
            elif isinstance(segment.structured, tree.Break):
                self.check_break(segment.structured, outer)
            else:
                for inner in _blocks(segment.structured):
                    self.check(inner, (segment, outer))

    def check_break(self, statement: tree.Break, outer: _Enclosing) -> None:
        label = statement.label
        while outer:
            segment, outer = outer
            if label is None:
                if isinstance(segment.structured, tree.While):
                    return
            elif segment.label == label:
                if segment.commands:
                    break
                return
        if label is None:
            self.report(statement.position, "break statement is not inside a loop")
        else:
            self.report(statement.position, f"break label '{label}' must designate an enclosing statement")

    def report(self, position: Position, message: str) -> None:
        self.errors.append(StaticError(position, f"Error: {message}", "parse"))


def _labels(body: tree.Statements) -> set[str]:
    answer: set[str] = set()
    rest = [body]
    while rest:
        for segment in rest.pop().segments:
            if segment.label is not None:
                answer.add(segment.label)
            rest.extend(_blocks(segment.structured))
    return answer


def _blocks(structured: tree.Structured | None) -> list[tree.Statements]:
    """Return the statement lists directly inside; those of an `else if` belong to the first `if`."""
    if isinstance(structured, tree.While):
        return [structured.body]
    answer: list[tree.Statements] = []
    while isinstance(structured, tree.If):
        answer.append(structured.then)
        if isinstance(structured.otherwise, tree.Statements):
            answer.append(structured.otherwise)
            break
        structured = structured.otherwise
    return answer
