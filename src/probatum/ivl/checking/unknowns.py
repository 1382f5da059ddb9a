"""What is unknown still of types when their nodes have been checked, and what decides it in the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from probatum.ivl.checking.inference import (
    Open,
    UnknownMap,
    follow,
    instance,
    is_open,
    known,
    settle,
    text,
    unknown,
)
from probatum.ivl.checking.names import Report
from probatum.ivl.checking.parts import everything
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import Position
from probatum.ivl.types import Basic, Map, Type


class Unknowns:
    """The nodes of a program whose types something around them may have to decide.

    Attributes
    ----------
    possible : bool
        Whether there may be unknown types at all: without, nothing needs looking for them.
    roots : list
        What has nodes with unknown type parameters in it, in the order of warnings about them.
    """

    def __init__(self, report: Report) -> None:
        self.possible = False
        self.roots: list[tree.Expression | tree.IndexStep] = []
        self._report = report
        self._nodes: list[Any] = []  # with something unknown in their types
        self._instantiated: list[tuple[Any, Sequence[tuple[str, Type]]]] = []  # with type parameters not known yet
        self._late: list[tuple[Any, Open, tuple[Type, ...], Type]] = []  # selections from maps not known yet
        self._serial = 0

    def new(self, hint: str) -> Type:
        """Return a new unknown type with a number for messages."""
        self._serial += 1
        self.possible = True
        return unknown(hint, self._serial)

    def note(self, node: Any) -> None:
        """Remember a node whose `type` or `type_args` may be unknown still."""
        self._nodes.append(node)

    def give(self, node: Any, type_: Type) -> None:
        """Give a node its type, in which something may be unknown."""
        if type_.__class__ is Basic or not self.possible:
            node.type = type_
            return
        type_ = node.type = known(type_)
        if is_open(type_):
            self._nodes.append(node)

    def instantiate(self, node: Any, names: Sequence[str]) -> None:
        """Remember the type arguments of a node if something in them is unknown."""
        if self.possible and any(map(is_open, node.type_args)):
            self._nodes.append(node)
            self._instantiated.append((node, list(zip(names, node.type_args, strict=True))))

    @property
    def instantiations(self) -> int:
        """How many nodes there are whose type arguments were unknown."""
        return len(self._instantiated)

    def use(self, node: Any, map_type: UnknownMap, domain: tuple[Type, ...]) -> Type:
        """Record that a map not known yet must have a value at indexes of these types, and return the value's type."""
        result = self.new("result")
        map_type.uses.append((domain, result))
        self._late.append((node, map_type, domain, result))
        self._nodes.append(node)
        return result

    def finish(self) -> None:
        """Decide what is still unknown, and warn about it; afterwards no type in the tree is unknown."""
        waiting = {id(node): named for node, named in self._instantiated if any(is_open(type_) for _, type_ in named)}
        if waiting:
            for root in self.roots:
                for node in (root,) if isinstance(root, tree.IndexStep) else everything(root):
                    self._decide(node.position, waiting.pop(id(node), ()))
        for node, map_type, domain, range_ in self._late:
            actual = follow(map_type)
            if not isinstance(actual, Map):
                settle(actual)
                actual = follow(map_type)
            if isinstance(actual, Map) and actual.parameters:
                node.type_args = instance(actual, domain, range_)
        for node in self._nodes:
            type_ = getattr(node, "type", None)
            if type_ is not None:
                settle(type_)
                node.type = known(type_)
            arguments = getattr(node, "type_args", ())
            for argument in arguments:
                settle(argument)
            if arguments:
                node.type_args = tuple(map(known, arguments))

    def _decide(self, position: Position, named: Sequence[tuple[str, Type]]) -> None:
        for name, type_ in named:
            if settle(type_):
                message = f"type parameter {name} is ambiguous, instantiating to {text(type_)}"
                self._report.warning(position, message)
