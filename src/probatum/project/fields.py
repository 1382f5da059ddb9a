"""Taking fields out of a mapping of a policy: each has a type, and what is not a field is an error with a suggestion."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.project.document import Node, suggestion
from probatum.source import Location

_REQUIRED: Any = object()


class Fields:
    """The members of one mapping; what is never asked for is reported by `close`."""

    def __init__(self, node: Node, what: str) -> None:
        """Begin.

        Parameters
        ----------
        node : Node
        what : str
            What the mapping is called in messages: `the requirement `eo``.

        Raises
        ------
        UnreadableArtefact
            If it is not a mapping.
        """
        if not isinstance(node.value, dict):
            raise fault(node.location, f"{what} is not a mapping", "write `key: value` lines, indented alike")
        self.node = node
        self.what = what
        self._asked: list[str] = []

    def __contains__(self, name: str) -> bool:
        return name in self.node.value

    def at(self, name: str) -> Location:
        """Place of a field's value, or of the mapping if it is absent."""
        found = self.node.value.get(name)
        return self.node.location if found is None else found.location

    def get(self, name: str) -> Node | None:
        """Return a field, or None if it is absent."""
        self._asked.append(name)
        found: Node | None = self.node.value.get(name)
        return found

    def text(self, name: str, default: str = _REQUIRED, *, choices: Sequence[str] = ()) -> str:
        """Return a text."""
        node = self._present(name, default)
        if node is None:
            return default
        if not isinstance(node.value, str) or not node.value:
            raise self._wrong(name, node, "a text")
        if choices and node.value not in choices:
            raise fault(node.location, f"`{node.value}` is no `{name}`", suggestion(node.value, choices))
        return node.value

    def number(self, name: str, default: Any = _REQUIRED, *, low: float = -math.inf, high: float = math.inf) -> Any:
        """Return a number within limits."""
        node = self._present(name, default)
        if node is None:
            return default
        value = node.value
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self._wrong(name, node, "a number")
        if not low <= value <= high:
            raise fault(node.location, f"`{name}` is {value:g}", f"it must be between {low:g} and {high:g}")
        return value

    def whole(self, name: str, default: Any = _REQUIRED, *, low: int = 0) -> Any:
        """Return a whole number."""
        node = self._present(name, default)
        if node is None:
            return default
        if isinstance(node.value, bool) or not isinstance(node.value, int) or node.value < low:
            raise self._wrong(name, node, f"a whole number of at least {low}")
        return node.value

    def boolean(self, name: str, default: bool) -> bool:
        """Return `true` or `false`."""
        node = self._present(name, default)
        if node is None:
            return default
        if not isinstance(node.value, bool):
            raise self._wrong(name, node, "`true` or `false`")
        return node.value

    def texts(self, name: str, default: tuple[str, ...] = _REQUIRED) -> tuple[str, ...]:
        """Return one text or several, as a tuple that is not empty unless it is the default."""
        node = self._present(name, default)
        if node is None:
            return default
        items = node.value if isinstance(node.value, tuple) else (node,)
        if not items or not all(isinstance(item.value, str) and item.value for item in items):
            raise self._wrong(name, node, "a text, or a list of texts")
        return tuple(item.value for item in items)

    def close(self) -> None:
        """Report the first member that nobody asked for.

        Raises
        ------
        UnreadableArtefact
            With a suggestion.
        """
        for key, place in self.node.keys.items():
            if key not in self._asked:
                raise fault(place, f"`{key}` is not a field of {self.what}", suggestion(key, list(dict.fromkeys(self._asked))))

    def _present(self, name: str, default: Any) -> Node | None:
        node = self.get(name)
        if node is None and default is _REQUIRED:
            raise fault(self.node.location, f"{self.what} has no `{name}`", f"add `{name}: ...`")
        return node

    def _wrong(self, name: str, node: Node, wanted: str) -> UnreadableArtefact:
        said = "a mapping" if isinstance(node.value, dict) else "a list" if isinstance(node.value, tuple) else f"`{node.value}`"
        return fault(node.location, f"`{name}` of {self.what} is {said}", f"it must be {wanted}")


def fault(where: Location, message: str, advice: str) -> UnreadableArtefact:
    """Return the error about one place of a policy."""
    return UnreadableArtefact(message, help=advice, location=where)
