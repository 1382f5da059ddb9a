"""YAML in which everything knows where it stands, read by the rules of YAML 1.2.

`no`, `off` and `1:30` are texts, as people mean them who name groups. Tags that
would make objects are refused, as are keys that occur twice.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probatum.errors import MissingExtra, UnreadableArtefact
from probatum.source import Location, Text

_MOST_NODES = 200_000  # of a document after its aliases are followed
_DEEPEST = 100

_integer = re.compile(r"[-+]?[0-9]+")
_number = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_words: dict[str, Any] = {"": None, "~": None, "null": None, "true": True, "false": False}
# What YAML 1.1 gives values that carry no tag; what a scalar is, is decided here by the rules of YAML 1.2.
_tags = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map", "timestamp", "merge", "value")
)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document and its place.

    Attributes
    ----------
    value : None, bool, int, float, str, tuple of Node, or mapping of str to Node
    location : Location
        Of the value.
    keys : mapping of str to Location
        Of the keys of a mapping.
    """

    value: Any
    location: Location
    keys: Mapping[str, Location]

    def plain(self) -> Any:
        """Return the value without places."""
        if isinstance(self.value, tuple):
            return [item.plain() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain() for key, item in self.value.items()}
        return self.value


def parse(text: Text, *, extra: str) -> Node:
    """Parse a document.

    Parameters
    ----------
    text : Text
    extra : str
        The extra of the distribution that brings PyYAML to the system that reads it.

    Raises
    ------
    UnreadableArtefact
        If it is not one YAML document, or uses what could make more of it than it says.
    MissingExtra
        If PyYAML is not installed.
    """
    try:
        import yaml
    except ImportError as error:
        raise MissingExtra("policies need PyYAML, which is not installed", help=f"pip install 'probatum[{extra}]'") from error
    try:
        # The C loader is not used: its places are those of bytes.
        root = yaml.compose(text.content, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = Location(text.path, mark.line + 1, mark.column + 1) if mark is not None else Location(text.path)
        raise UnreadableArtefact(
            f"`{text.path}` is not YAML ({error.problem or error.context})", help="correct it at this place", location=where
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise UnreadableArtefact(
            f"`{text.path}` is not YAML ({str(error).splitlines()[0] or 'it is nested too deeply'})",
            help="correct the file",
            location=Location(text.path),
        ) from None
    if root is None:
        raise UnreadableArtefact(
            f"`{text.path}` is empty", help="write a policy, or remove the file", location=Location(text.path)
        )
    return _Reader(text.path).node(root, 0)


class _Reader:
    def __init__(self, path: str) -> None:
        self._path = path
        self._seen = 0

    def node(self, node: Any, depth: int) -> Node:
        self._seen += 1
        where = _place(self._path, node)
        if self._seen > _MOST_NODES or depth > _DEEPEST:
            raise UnreadableArtefact("it is too large, or nested too deeply", help="flatten it", location=where)
        if node.tag not in _tags:
            raise UnreadableArtefact(f"the tag `{node.tag}` makes something else of a value", help="remove it", location=where)
        if node.id == "scalar":
            return Node(self._scalar(node), where, {})
        if node.id == "sequence":
            return Node(tuple(self.node(item, depth + 1) for item in node.value), where, {})
        members: dict[str, Node] = {}
        keys: dict[str, Location] = {}
        for key_node, value_node in node.value:
            at = _place(self._path, key_node)
            if key_node.id != "scalar":
                raise UnreadableArtefact("a key is not a text", help="write a plain text before the colon", location=at)
            key = str(key_node.value)
            if key in members:
                raise UnreadableArtefact(
                    f"the key `{key}` occurs twice, first in line {keys[key].line}", help="remove one of them", location=at
                )
            members[key], keys[key] = self.node(value_node, depth + 1), at
        return Node(members, where, keys)

    def _scalar(self, node: Any) -> Any:
        text = str(node.value)
        if node.style is not None:  # quoted, or a block: a text
            return text
        if text in _words:
            return _words[text]
        if _integer.fullmatch(text) and len(text) < 300:
            return int(text)
        return float(text) if _number.fullmatch(text) else text


def _place(path: str, node: Any) -> Location:
    start, end = node.start_mark, node.end_mark
    return Location(path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def suggestion(word: str, known: Sequence[str]) -> str:
    """Return what to write instead of an unknown word: the nearest known one, or all of them."""
    near = difflib.get_close_matches(word, known, n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else f"there are {', '.join(f'`{name}`' for name in known)}"
