"""Whether two trees say the same, wherever it stands in their texts."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import TypeAlias

from probatum.ivl.syntax import tree

_ANNOTATIONS = frozenset(["decl", "type", "type_args", "type_variables", "procedure", "datatype"])
_Path: TypeAlias = "tuple[_Path | None, str]"
_FIELD_STEPS = (tree.Field, tree.FieldUpdate, tree.FieldStep)


def difference(left: object, right: object) -> str | None:
    """Return where two trees differ first, as a path of attributes and indexes, or None if they are the same.

    Positions do not count, and neither does what the checker fills in, nor how
    a literal was written.
    """
    stack: list[tuple[object, object, _Path | None]] = [(left, right, None)]
    while stack:
        one, other, path = stack.pop()
        if isinstance(one, tree.Name) and isinstance(other, tree.Name):
            if one.text != other.text:
                return f"{_written(path)}: {one.text!r} and {other.text!r}"
        elif type(one) is not type(other):
            return f"{_written(path)}: {type(one).__name__} and {type(other).__name__}"
        elif isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return f"{_written(path)}: {len(one)} and {len(other)} items"
            stack.extend((one[at], other[at], (path, f"[{at}]")) for at in range(len(one) - 1, -1, -1))
        elif names := _counted(type(one)):
            stack.extend((getattr(one, name), getattr(other, name), (path, f".{name}")) for name in names)
        elif one != other:
            return f"{_written(path)}: {one!r} and {other!r}"
    return None


def _written(path: _Path | None) -> str:
    steps: list[str] = []
    while path is not None:
        path, step = path
        steps.append(step)
    return "".join(reversed(steps))


_known: dict[type, tuple[str, ...]] = {}


def _counted(node: type) -> tuple[str, ...]:
    """Return the names of a node's attributes that count, the last one first; nothing if it is no node."""
    answer = _known.get(node)
    if answer is None:
        answer = _known[node] = tuple(reversed(_counting(node))) if is_dataclass(node) else ()
    return answer


def _counting(node: type) -> list[str]:
    ignored = set(_ANNOTATIONS)
    if issubclass(node, _FIELD_STEPS):
        ignored.add("constructors")
    if issubclass(node, tree.Literal):
        ignored.add("text")
    names = [field.name for field in fields(node)]
    return [name for name in names if name not in ignored and name != "end" and not name.endswith("position")]
