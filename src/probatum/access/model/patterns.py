"""From the texts of a policy to automata: actions, resources, values of condition keys.

A policy variable such as `${aws:username}` stands for a value of the request.
It is compiled in one of two ways. Given a binding (key to value), it is replaced
by its value, which matches literally. Without one it becomes an *opaque letter*:
a private character that only the same variable and unrestricted stars match.
Words with opaque letters are used for proofs only; see `dimensions`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from probatum.access.artefacts import Kind
from probatum.solve.automata import OPAQUE, Glob

Binding = tuple[tuple[str, str | None], ...]  # key in lower case -> its only value, or None where it is absent

_token = re.compile(r"\$\{([^}]*)\}")
_opaque: dict[str, str] = {}

ARN_SHAPE = ("arn", "?*", "?*", "*", "*", "?*")


class NeverMatches(Exception):
    """A pattern that matches nothing: a variable in it has no value."""


def variables_of(text: str) -> tuple[str, ...]:
    """Keys, in lower case, of the variables in a pattern that have no default."""
    return tuple(dict.fromkeys(key for key, default in _variables(text) if default is None))


def all_variables_of(text: str) -> tuple[str, ...]:
    """Keys, in lower case, of all variables in a pattern."""
    return tuple(dict.fromkeys(key for key, _ in _variables(text)))


def _variables(text: str) -> list[tuple[str, str | None]]:
    if "${" not in text:
        return []
    out = []
    for body in _token.findall(text):
        if body not in ("*", "?", "$"):
            key, _, default = body.partition(",")
            out.append((key.strip().lower(), default.strip()[1:-1] if default else None))
    return out


def opaque_letter(body: str) -> str:
    """Return the private character that stands for a variable, by its text in the policy."""
    if body not in _opaque:
        _opaque[body] = chr(ord(OPAQUE) + len(_opaque))
    return _opaque[body]


def is_opaque(character: str) -> bool:
    """Whether a character stands for a variable."""
    return character >= OPAQUE


Token = tuple[str, bool]  # a character, and whether it is a wildcard


def tokens_of(text: str, *, wildcards: bool, variables: bool, binding: Binding | None, fold: bool = False) -> tuple[Token, ...]:
    """Split a pattern into characters and wildcards.

    Where case is ignored (`fold`), a variable without value is another letter than
    where it counts: a text equal to its value up to case need not be its value.

    Raises
    ------
    NeverMatches
        If a variable is absent in the binding and has no default.
    """
    out: list[Token] = []
    position = 0
    if variables and "${" in text:
        values = dict(binding) if binding is not None else None
        for match in _token.finditer(text):
            out.extend((c, wildcards and c in "*?") for c in text[position : match.start()])
            position = match.end()
            body = match[1]
            if body in ("*", "?", "$"):
                out.append((body, False))
                continue
            key, _, default = body.partition(",")
            key, fallback = key.strip().lower(), default.strip()[1:-1] if default else None
            if values is None:
                name = f"{key},{fallback}" if fallback is not None else key
                out.append((opaque_letter(f"{name},fold" if fold else name), False))
                continue
            value = values.get(key)
            if value is None:
                value = fallback
            if value is None:
                raise NeverMatches(key)
            out.extend((c, False) for c in value)
    out.extend((c, wildcards and c in "*?") for c in text[position:])
    return tuple(out)


def _split_text(text: str, *, variables: bool) -> list[str]:
    """Split a pattern at its first five colons, not counting those inside variables."""
    if not variables or "${" not in text:
        return text.split(":", 5)
    out: list[str] = []
    depth, start = False, 0
    for position, character in enumerate(text):
        if text.startswith("${", position) and "}" in text[position:]:
            depth = True
        elif character == "}":
            depth = False
        elif character == ":" and not depth and len(out) < 5:
            out.append(text[start:position])
            start = position + 1
    return [*out, text[start:]]


@lru_cache(maxsize=100_000)
def action_glob(text: str) -> Glob:
    """Compile an action pattern; case carries no meaning, so all is lower case."""
    return Glob([(c, c in "*?", False) for c in text.lower()], fold=False, text=text)


ACTION_UNIVERSE = Glob(
    [("?", True, True), ("*", True, True), (":", False, False), ("?", True, True), ("*", True, True)],
    fold=False,
    text="any action",
)


def _glob(parts: list[tuple[Token, ...]], text: str, *, fold: bool = False) -> Glob:
    tokens: list[tuple[str, bool, bool]] = []
    for number, part in enumerate(parts):
        if number:
            tokens.append((":", False, False))
        inner = number < len(parts) - 1
        tokens.extend((c, wild, inner) for c, wild in part)
    return Glob(tokens, fold=fold, text=text)


@lru_cache(maxsize=100_000)
def resource_glob(text: str, kind: Kind, *, variables: bool, mode: str, binding: Binding | None) -> Glob | None:
    """Compile a resource pattern; None if it matches nothing.

    In mode ``segments`` the wildcards of the first five segments stop at colons,
    and an ARN of fewer than six segments is completed with `*` as its kind of
    policy allows. In mode ``flat`` the pattern is one text.
    """
    try:
        if text and not text.strip("*"):
            return Glob([("*", True, False)], fold=False, text=text)
        if mode == "flat":
            tokens = tokens_of(text, wildcards=True, variables=variables, binding=binding)
            return Glob([(c, wild, False) for c, wild in tokens], fold=False, text=text)
        parts = [
            tokens_of(p, wildcards=True, variables=variables, binding=binding) for p in _split_text(text, variables=variables)
        ]
        if len(parts) < 6:
            if not _completes(parts, kind):
                return None
            parts += [(("*", True),)] * (6 - len(parts))
    except NeverMatches:
        return None
    if any((":", False) in part for part in parts[:-1]):
        return None  # a value with a colon cannot lie inside a segment
    return _glob(parts, text)


def _completes(parts: list[tuple[Token, ...]], kind: Kind) -> bool:
    match kind:
        case Kind.IDENTITY | Kind.SESSION | Kind.BOUNDARY:
            return True
        case Kind.RESOURCE | Kind.ENDPOINT | Kind.TRUST:
            return any(("*", True) in part for part in parts)
        case Kind.SCP:
            return parts[-1][-1:] == (("*", True),)
        case Kind.RCP:
            return False


@lru_cache(maxsize=100_000)
def value_glob(text: str, *, wildcards: bool, fold: bool, variables: bool, binding: Binding | None) -> Glob | None:
    """Compile a value under a text operator; None if it matches nothing."""
    try:
        tokens = tokens_of(text, wildcards=wildcards, variables=variables, binding=binding, fold=fold)
    except NeverMatches:
        return None
    return Glob([(c, wild, False) for c, wild in tokens], fold=fold, text=text)


@lru_cache(maxsize=100_000)
def arn_glob(text: str, *, variables: bool, binding: Binding | None) -> Glob | None:
    """Compile a value under an ARN operator, segment by segment; None if it is no ARN or matches nothing."""
    pieces = _split_text(text, variables=variables)
    if len(pieces) < 6:
        return None
    try:
        parts = [tokens_of(p, wildcards=True, variables=variables, binding=binding) for p in pieces]
    except NeverMatches:
        return None
    if any((":", False) in part for part in parts[:-1]):
        return None
    return _glob(parts, text)


def shape(segments: tuple[str, ...]) -> Glob:
    """Compile a shape given by its segments, all with wildcards."""
    return _glob([tuple((c, c in "*?") for c in s) for s in segments], ":".join(segments))


ARN_UNIVERSE = shape(ARN_SHAPE)
EVERYTHING = Glob([("*", True, False)], fold=False, text="*")


def as_bindings(values: Mapping[str, str | None]) -> Binding:
    """Return a mapping as a hashable binding."""
    return tuple(sorted(values.items()))
