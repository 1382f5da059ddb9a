"""Programs with marked places: what the checker says of them, and where."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from probatum.ivl.checking import check
from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.parser import parse

MARK = "¦"
_NOT_LOOKED_AT = {"decl", "constructors", "datatype", "procedure", "type", "type_args", "type_variables", "written"}


def checked(text: str) -> tuple[tree.Program, list[StaticError]]:
    """Return the checked program and what was found; the text must parse."""
    program, errors = parse(text, "case.bpl")
    assert not errors
    return program, check(program)


def marked(text: str) -> tuple[str, list[tuple[int, int]]]:
    """Take the marks out of a text and return their places, line and column from 1."""
    plain: list[str] = []
    places = []
    for number, line in enumerate(text.split("\n"), 1):
        pieces = line.split(MARK)
        length = 0
        for piece in pieces[:-1]:
            length += len(piece)
            places.append((number, length + 1))
        plain.append("".join(pieces))
    return "\n".join(plain), places


def told(text: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]], list[str]]:
    """Return the marked places, the places of errors (both sorted), and the messages in their order."""
    plain, places = marked(text)
    _, errors = checked(plain)
    found = sorted((error.position.line, error.position.column) for error in errors)
    return sorted(places), found, [error.message for error in errors]


def nodes(program: tree.Program) -> Iterator[object]:
    """Yield everything in a program except attributes of jumps and names of hidden functions, which have no types."""
    work: list[object] = list(program.declarations)
    seen: set[int] = set()
    while work:
        one = work.pop()
        if isinstance(one, list | tuple):
            work.extend(one)
        elif dataclasses.is_dataclass(one) and id(one) not in seen and not isinstance(one, tree.HideReveal):
            seen.add(id(one))
            yield one
            jump = isinstance(one, tree.Goto | tree.Return | tree.If)
            skipped = _NOT_LOOKED_AT | ({"attributes"} if jump else set())
            work.extend(getattr(one, part.name) for part in dataclasses.fields(one) if part.name not in skipped)


def expressions(program: tree.Program) -> list[tree.Expression]:
    """Return all expressions in a program."""
    return [one for one in nodes(program) if isinstance(one, tree.Expression)]
