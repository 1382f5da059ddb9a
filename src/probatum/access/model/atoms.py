"""Atoms: the questions about one dimension of a request that statements are made of.

A request has independent dimensions: its action, its resource, its principal and
each condition key. A statement matches when all its atoms hold, so "some allow
matches and no deny does" is a set of clauses over signed atoms. An atom under a
sign is given as *alternatives*: in each, some patterns must match and some must
not.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from probatum.access.artefacts import Kind, Operator
from probatum.access.model.patterns import (
    Binding,
    action_glob,
    all_variables_of,
    arn_glob,
    resource_glob,
    value_glob,
)
from probatum.solve.automata import Glob

Alternative = tuple[tuple[Glob, ...], tuple[Glob, ...]]  # (must match, must not match)

ACTION = "action"
RESOURCE = "resource"

PRINCIPAL_ARN = "aws:principalarn"
PRINCIPAL_ACCOUNT = "aws:principalaccount"


@dataclass(frozen=True, slots=True)
class ActionAtom:
    """The action matches one of the patterns."""

    patterns: tuple[str, ...]

    @property
    def dimension(self) -> str:
        """Which dimension of the request this is about."""
        return ACTION

    def alternatives(self, sign: bool, binding: Binding | None) -> tuple[Alternative, ...]:  # noqa: ARG002 - actions have no variables
        """What a value must match and not match for the atom to be true (or false)."""
        return _either(tuple(action_glob(p) for p in self.patterns), sign)


@dataclass(frozen=True, slots=True)
class ResourceAtom:
    """The resource matches one of the patterns."""

    patterns: tuple[str, ...]
    kind: Kind
    mode: str
    variables: bool

    @property
    def dimension(self) -> str:
        """Which dimension of the request this is about."""
        return RESOURCE

    def alternatives(self, sign: bool, binding: Binding | None) -> tuple[Alternative, ...]:
        """What a value must match and not match for the atom to be true (or false)."""
        return _resource_alternatives(self, sign, binding)

    def variable_keys(self) -> tuple[str, ...]:
        """Keys whose values the patterns mention."""
        return tuple(k for p in self.patterns for k in all_variables_of(p)) if self.variables else ()


@lru_cache(maxsize=100_000)
def _resource_alternatives(atom: ResourceAtom, sign: bool, binding: Binding | None) -> tuple[Alternative, ...]:
    globs = (resource_glob(p, atom.kind, variables=atom.variables, mode=atom.mode, binding=binding) for p in atom.patterns)
    return _either(tuple(g for g in globs if g is not None), sign)


@dataclass(frozen=True, slots=True)
class ConditionAtom:
    """A condition of a statement holds."""

    operator: Operator
    key: str
    values: tuple[str, ...]
    variables: bool
    joined: bool  # whether the principal's account is read off its ARN (an axiom)

    @property
    def dimension(self) -> str:
        """Which dimension of the request this is about."""
        return "key:" + (PRINCIPAL_ARN if self.joined and self.key == PRINCIPAL_ACCOUNT else self.key)

    @property
    def negated(self) -> bool:
        """Whether the operator asks that no value matches."""
        return "Not" in self.operator.name

    @property
    def family(self) -> str:
        """How values are read: text, number, date, address, or presence only."""
        name = self.operator.name
        if name == "Null":
            return "presence"
        for start, family in (("Numeric", "number"), ("Date", "date"), ("Ip", "address"), ("NotIp", "address")):
            if name.startswith(start):
                return family
        return "bytes" if name == "BinaryEquals" else "text"

    def when_absent(self) -> bool:
        """Whether the condition holds when the key is absent."""
        if self.operator.name == "Null":
            return any(v.lower() == "true" for v in self.values)
        if self.operator.quantifier:
            return self.operator.quantifier == "ForAllValues"
        return self.operator.if_exists or self.negated

    def when_present(self) -> bool:
        """For `Null` only: whether the condition holds when the key is present."""
        return any(v.lower() == "false" for v in self.values)

    def alternatives(self, sign: bool, binding: Binding | None) -> tuple[Alternative, ...]:
        """For text: what one value must match and not match for the base operator to be true (or false)."""
        return _condition_alternatives(self, sign, binding)

    def variable_keys(self) -> tuple[str, ...]:
        """Keys whose values the policy's values mention."""
        return tuple(k for v in self.values for k in all_variables_of(v)) if self.variables else ()


@lru_cache(maxsize=100_000)
def _condition_alternatives(atom: ConditionAtom, sign: bool, binding: Binding | None) -> tuple[Alternative, ...]:
    name = atom.operator.name.replace("Not", "", 1)
    compile_: Callable[[str], Glob | None]
    if name.startswith("Arn"):

        def compile_(v: str) -> Glob | None:
            return arn_glob(v, variables=atom.variables, binding=binding)
    elif name == "Bool":

        def compile_(v: str) -> Glob | None:
            known = v.lower() in ("true", "false")
            return value_glob(v.lower(), wildcards=False, fold=True, variables=False, binding=None) if known else None
    else:

        def compile_(v: str) -> Glob | None:
            return value_glob(
                v,
                wildcards=name == "StringLike",
                fold=name == "StringEqualsIgnoreCase",
                variables=atom.variables,
                binding=binding,
            )

    globs = tuple(g for g in map(compile_, atom.values) if g is not None)
    if atom.joined and atom.key == PRINCIPAL_ACCOUNT:
        globs = tuple(g for g in map(_inside_arn, globs) if g is not None)
    return _either(globs, sign != atom.negated)


def _inside_arn(account: Glob) -> Glob | None:
    """Lift a pattern for an account to one for the ARNs that carry it."""
    if any(c == ":" and not wild for c, wild, _ in account.tokens):
        return None
    before = [("?", True, True), ("*", True, True)]
    tokens = [*((c, False, False) for c in "arn:"), *before, (":", False, False), *before, (":", False, False)]
    tokens += [("*", True, True), (":", False, False), *((c, wild, True) for c, wild, _ in account.tokens)]
    tokens += [(":", False, False), ("?", True, False), ("*", True, False)]
    return Glob(tokens, fold=account.fold, text=f"arn:*:*:*:{account.text}:*")


def _either(globs: tuple[Glob, ...], sign: bool) -> tuple[Alternative, ...]:
    return tuple(((g,), ()) for g in globs) if sign else (((), globs),)


Atom = ActionAtom | ResourceAtom | ConditionAtom


class Vocabulary:
    """Numbers for atoms, so that sets of literals are small and hash quickly.

    A literal is ``2 * atom + sign``. One vocabulary serves any number of
    policies; equal atoms of different policies are the same.
    """

    def __init__(self) -> None:
        self.atoms: list[Atom] = []
        self.dimensions: list[str] = []
        self.memory: dict[Hashable, dict[Any, Any]] = {}  # what was found out about literals, for those who ask again
        self._numbers: dict[Atom, int] = {}

    def literal(self, atom: Atom, *, sign: bool) -> int:
        """Return the literal of an atom under a sign."""
        number = self._numbers.get(atom)
        if number is None:
            number = self._numbers[atom] = len(self.atoms)
            self.atoms.append(atom)
            self.dimensions.append(atom.dimension)
        return 2 * number + sign

    def atom(self, literal: int) -> Atom:
        """Return the atom of a literal."""
        return self.atoms[literal >> 1]

    def dimension(self, literal: int) -> str:
        """Return the dimension of a literal."""
        return self.dimensions[literal >> 1]
