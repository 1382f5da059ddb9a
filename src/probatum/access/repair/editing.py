"""Changes to the text of a JSON document that leave everything else as it was written.

A change replaces a region of the text. What is put in is written like what is
around it: on one line or several, with the same indentation, line ends and
spaces. Nothing here knows what a policy is.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from probatum.access.artefacts.document import Node


@dataclass(frozen=True, slots=True)
class Change:
    """Put `new` in place of the characters from `start` to `end`."""

    start: int
    end: int
    new: str


def applied(text: str, *changes: Change) -> str:
    """Return the text after changes that do not overlap."""
    for change in sorted(changes, key=lambda c: c.start, reverse=True):
        text = text[: change.start] + change.new + text[change.end :]
    return text


def at(root: Node, pointer: str) -> Node | None:
    """Return the value that a JSON pointer names, or None."""
    node = root
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        match node.value:
            case dict() if name in node.value:
                node = node.value[name]
            case list() if name.isdigit() and int(name) < len(node.value):
                node = node.value[int(name)]
            case _:
                return None
    return node


def member(node: Node, name: str) -> Node | None:
    """Return the member of an object by its name, in which case does not matter, or None."""
    return next((value for own, value in node.value.items() if own.lower() == name.lower()), None)


class Editor:
    """Makes changes to one document; `text` is what it was parsed from."""

    def __init__(self, text: str, root: Node) -> None:
        self.text = text
        self.root = root
        self.spaced = '":"' not in text  # whether a space follows colons and commas; a habit of the whole document
        containers = [n for n in _all(root) if n.value and isinstance(n.value, dict | list)]
        inner = [n for n in containers if n is not root] or containers
        # Whether containers stand on one line, if they are short: true as soon as one of their kind does.
        self.on_one_line: dict[type, bool] = {
            kind: any(self._is_flat(n) for n in [n for n in inner if isinstance(n.value, kind)] or inner) for kind in (dict, list)
        }

    def remove(self, container: Node, place: str | int) -> Change:
        """Take a member or an item out, with one of the commas beside it. It must not be the only one."""
        spans, number = _spans(container), _number(container, place)
        if number + 1 < len(spans):
            return Change(spans[number][0], spans[number + 1][0], "")
        return Change(spans[number - 1][1], spans[number][1], "")

    def replace(self, node: Node, value: Any) -> Change:
        """Put another value in place of one."""
        return Change(node.start, node.end, self._written(value, self._indentation(node.name_start)))

    def rename(self, node: Node, name: str) -> Change:
        """Give a member another name."""
        return Change(node.name_start, node.name_end, json.dumps(name))

    def add(self, container: Node, value: Any, name: str | None = None) -> Change:
        """Put a member (with `name`) or an item behind the last one. The container must not be empty."""
        start, end = _spans(container)[-1]
        before = self.text[:start]
        gap = before[len(before.rstrip()) :]
        if not gap and self.spaced:
            gap = " "
        indent = self._indentation(start) if "\n" in gap else None
        key = "" if name is None else json.dumps(name) + self._colon
        return Change(end, end, f",{gap}{key}{self._written(value, indent)}")

    def enclose(self, node: Node, value: Any) -> tuple[Change, ...]:
        """Make a list of a value and another one behind it."""
        indent = self._indentation(node.name_start)
        if indent is None:
            written = self._written(value, None)
            return Change(node.start, node.start, "["), Change(node.end, node.end, f"{self._comma}{written}]")
        deeper = indent + self._unit()
        # Strings have no line breaks in them, so every line may be moved.
        moved = self.text[node.start : node.end].replace("\n", "\n" + self._unit())
        line = self._new_line + deeper
        return (Change(node.start, node.end, f"[{line}{moved},{line}{self._written(value, deeper)}{self._new_line}{indent}]"),)

    @property
    def _comma(self) -> str:
        return ", " if self.spaced else ","

    @property
    def _colon(self) -> str:
        return ": " if self.spaced else ":"

    @property
    def _new_line(self) -> str:
        return "\r\n" if "\r\n" in self.text else "\n"

    def _is_flat(self, node: Node) -> bool:
        return "\n" not in self.text[node.start : node.end]

    def _indentation(self, offset: int) -> str | None:
        """What the line of an offset begins with; None if the whole document is one line."""
        if self._is_flat(self.root):
            return None
        line = self.text[self.text.rfind("\n", 0, offset) + 1 : offset]
        return line[: len(line) - len(line.lstrip())]

    def _unit(self) -> str:
        """One step of indentation: what the first member of the document is indented by, more than its brace."""
        outer = self._indentation(self.root.start) or ""
        inner = self._indentation(_spans(self.root)[0][0]) or ""
        return inner[len(outer) :] if inner.startswith(outer) and len(inner) > len(outer) else "  "

    def _written(self, value: Any, indent: str | None) -> str:
        """JSON of a value whose line is indented so; on one line where there is no indentation."""
        flat = json.dumps(value, ensure_ascii=False, separators=(self._comma, self._colon))
        if indent is None or not isinstance(value, dict | list) or not value:
            return flat
        if self.on_one_line[type(value)] and len(indent) + len(flat) <= 100:
            return flat
        deeper = indent + self._unit()
        new_line = self._new_line
        parts = (
            [f"{json.dumps(k)}{self._colon}{self._written(v, deeper)}" for k, v in value.items()]
            if isinstance(value, dict)
            else [self._written(v, deeper) for v in value]
        )
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        inner = f",{new_line}{deeper}".join(parts)
        return f"{opening}{new_line}{deeper}{inner}{new_line}{indent}{closing}"


def _all(node: Node) -> Iterator[Node]:
    yield node
    inner = node.value.values() if isinstance(node.value, dict) else node.value if isinstance(node.value, list) else ()
    for one in inner:
        yield from _all(one)


def _number(container: Node, place: str | int) -> int:
    return place if isinstance(place, int) else list(container.value).index(place)


def _spans(container: Node) -> list[tuple[int, int]]:
    """Where members, from their names on, or items stand."""
    if isinstance(container.value, dict):
        return [(n.name_start, n.end) for n in container.value.values()]
    return [(n.start, n.end) for n in container.value]
