"""How large types may be: a short program can make one with more parts than the memory holds."""

from __future__ import annotations

from probatum.ivl.checking.names import Report
from probatum.ivl.syntax.tree import Position
from probatum.ivl.types import Constructed, Map, Type

LARGEST = 20_000
"""How many parts a type may have, each counted wherever it occurs."""

DEEPEST = 1_000
"""How deep the parts may nest."""


def excess(type_: Type) -> str:
    """Return the limit that a type exceeds, in words, or nothing."""
    work, count = [(type_, 0)], 0
    while work:
        one, depth = work.pop()
        count += 1
        if count > LARGEST:
            return f"over {LARGEST} parts"
        if depth > DEEPEST:
            return f"over {DEEPEST} levels"
        if isinstance(one, Constructed):
            work.extend((argument, depth + 1) for argument in one.arguments)
        elif isinstance(one, Map):
            work.extend((part, depth + 1) for part in (*one.domain, one.range))
    return ""


def is_bounded(report: Report, position: Position, type_: Type) -> bool:
    """Whether a type that was put together has a size that can be worked with; an error says it has not."""
    limit = excess(type_)
    if limit:
        report.error(position, f"unsupported: type with {limit}")
    return not limit
