"""What names mean at a point of the program, and the errors found so far.

Types, type variables, variables, functions and procedures have a name space
each. A declaration marked `{:extern}` gives way to another of the same name.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import Enum
from typing import TypeAlias, TypeVar

from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import Position
from probatum.ivl.types import Type, TypeVariable

NamedType: TypeAlias = tree.TypeConstructor | tree.TypeSynonym | tree.Datatype
Callable: TypeAlias = tree.Function | tree.Constructor


_SUGGESTIONS = 20  # errors for which a near name is looked for: it takes time


class States(Enum):
    """How many states of the globals an expression can speak of: none, the current one, or `old` ones too."""

    NONE = 0
    ONE = 1
    TWO = 2


class Report:
    """Collects errors in the order in which they are found."""

    def __init__(self, phase: str) -> None:
        self.phase = phase
        self.errors: list[StaticError] = []
        self.warnings: list[StaticError] = []

    def error(self, position: Position, message: str, hint: str = "") -> None:
        """Add an error."""
        self.errors.append(StaticError(position, message, self.phase, "error", hint))

    def warning(self, position: Position, message: str) -> None:
        """Add a warning."""
        self.warnings.append(StaticError(position, message, self.phase, "warning"))


def holds(attributes: Iterable[tree.Attribute], key: str) -> bool:
    """Whether `{:key}` or `{:key true}` is among the attributes."""
    for one in attributes:
        if one.key == key:
            if not one.values:
                return True
            value = one.values[0]
            if len(one.values) == 1 and isinstance(value, tree.Literal) and value.value is True:
                return True
    return False


def string(attributes: Iterable[tree.Attribute], key: str) -> str | None:
    """Return the text of `{:key "text"}`."""
    for one in attributes:
        if one.key == key and len(one.values) == 1 and isinstance(value := one.values[0], str):
            return value
    return None


Named = TypeVar("Named", NamedType, Callable, tree.Procedure)
Replaceable = TypeVar("Replaceable", NamedType, Callable, tree.Procedure, tree.Variable, tree.Axiom)


class Names(Report):
    """The declarations in force.

    Attributes
    ----------
    ignored : set of int
        Identities of declarations that gave way to others of the same name.
    states : States
    in_trigger : bool
    """

    def __init__(self) -> None:
        super().__init__("resolution")
        self.types: dict[str, NamedType] = {}
        self.functions: dict[str, Callable] = {}
        self.procedures: dict[str, tree.Procedure] = {}
        self.variables: dict[str, tree.Variable] = {}
        self.binders: dict[str, TypeVariable] = {}
        self.axioms: dict[str, tree.Axiom] = {}
        self.synonyms: dict[str, tuple[tuple[TypeVariable, ...], Type]] = {}
        self.ignored: set[int] = set()
        self.statement_ids: set[str] = set()
        self.states = States.ONE
        self.in_trigger = False
        self._here: dict[str, tree.Variable | None] = {}  # names of the innermost scope, with what they meant outside

    # Declarations

    def add_type(self, position: Position, declared: NamedType, attributes: tree.Attributes) -> None:
        """Declare a type."""
        if self._is_bits(position, declared.name):
            return
        before = self.types.get(declared.name)
        other = before.attributes if before is not None else []
        self._add(self.types, declared, before, position, (attributes, other), "type name")

    def add_function(self, position: Position, declared: Callable, attributes: tree.Attributes) -> None:
        """Declare a function or a constructor."""
        before = self.functions.get(declared.name)
        other = before.attributes if isinstance(before, tree.Function) else []
        self._add(self.functions, declared, before, position, (attributes, other), "function name")

    def add_procedure(self, declared: tree.Procedure) -> None:
        """Declare a procedure."""
        before = self.procedures.get(declared.name)
        other = before.attributes if before is not None else []
        self._add(self.procedures, declared, before, declared.position, (declared.attributes, other), "procedure name")

    def add_axiom(self, declared: tree.Axiom) -> None:
        """Note the name that an axiom may have in an attribute."""
        name = string(declared.attributes, "name")
        if name is None:
            return
        before = self.axioms.get(name)
        if before is None:
            self.axioms[name] = declared
        elif (kept := self._kept(declared, before, declared.attributes, before.attributes)) is None:
            self.error(declared.position, f"more than one declaration of axiom name: {name}")
        else:
            self.axioms[name] = kept

    def add_variable(
        self,
        position: Position,
        declared: tree.Variable,
        attributes: tree.Attributes | None = None,
        *,
        name: str | None = None,
        others: tree.Attributes | None = None,
    ) -> None:
        """Declare a variable in the innermost scope."""
        name = declared.name if name is None else name
        if name not in self._here:
            self._here[name] = self.variables.get(name)
            self.variables[name] = declared
            return
        before = self.variables[name]
        own = declared.attributes if attributes is None else attributes
        kept = self._kept(declared, before, own, before.attributes if others is None else others)
        if kept is None:
            self.error(position, f"more than one declaration of variable name: {name}")
        else:
            self.variables[name] = kept

    def _add(  # noqa: PLR0917 - one name space and all that the message needs
        self,
        where: dict[str, Named],
        declared: Named,
        before: Named | None,
        position: Position,
        attributes: tuple[tree.Attributes, tree.Attributes],
        what: str,
    ) -> None:
        name = declared.name
        if before is None:
            where[name] = declared
        elif (kept := self._kept(declared, before, *attributes)) is None:
            self.error(position, f"more than one declaration of {what}: {name}")
        else:
            where[name] = kept

    def _kept(self, new: Replaceable, before: Replaceable, own: tree.Attributes, other: tree.Attributes) -> Replaceable | None:
        if holds(own, "extern"):
            self.ignored.add(id(new))
            return before
        if holds(other, "extern"):
            self.ignored.add(id(before))
            return new
        return None

    def _is_bits(self, position: Position, name: str) -> bool:
        if name.startswith("bv") and name[2:].isdecimal():
            self.error(position, f"type name: {name} is registered for bitvectors")
            return True
        return False

    # Scopes

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Open a scope for variables: inside, names may be declared again."""
        token = self.enter()
        try:
            yield
        finally:
            self.leave(token)

    def enter(self) -> dict[str, tree.Variable | None]:
        """Open a scope; what is returned closes it."""
        token = self._here
        self._here = {}
        return token

    def leave(self, token: dict[str, tree.Variable | None]) -> None:
        """Close the innermost scope."""
        for name, before in self._here.items():
            if before is None:
                del self.variables[name]
            else:
                self.variables[name] = before
        self._here = token

    @contextmanager
    def speaking_of(self, states: States) -> Iterator[None]:
        """Set the states that expressions may speak of."""
        before = self.states
        self.states = states
        try:
            yield
        finally:
            self.states = before

    def bind(self, position: Position, variable: TypeVariable) -> bool:
        """Declare a type variable; no name hides another one here. Returns whether it is declared now."""
        name = variable.name
        if self._is_bits(position, name):
            return False
        if name in self.types:
            self.error(position, f"name is already reserved for type constructor: {name}")
            return False
        if name in self.binders:
            self.error(position, f"more than one declaration of type variable: {name}")
            return False
        self.binders[name] = variable
        return True

    def unbind(self, variables: Iterable[TypeVariable]) -> None:
        """Undo `bind` for those of these variables that were declared."""
        for variable in variables:
            if self.binders.get(variable.name) is variable:
                del self.binders[variable.name]

    def missing(self, position: Position, what: str, name: str, known: Iterable[str], more: str = "") -> None:
        """Report a name that is not declared, with the nearest one that is, if any is near."""
        near = []
        if len(self.errors) < _SUGGESTIONS:
            near = difflib.get_close_matches(name, known, 1)
        self.error(position, f"{what}: {name}{more}", f"`{near[0]}` is declared" if near else "")

    def statement(self, position: Position, attributes: tree.Attributes) -> None:
        """Note the identifier that a statement may have in an attribute."""
        name = string(attributes, "id")
        if name is None:
            return
        if name in self.statement_ids:
            self.error(position, f"more than one statement with same id: {name}")
        self.statement_ids.add(name)
