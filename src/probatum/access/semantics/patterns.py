"""Patterns: what `*`, `?` and `${...}` in a policy stand for."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from probatum.access.artefacts import Kind

ANY = "any run of characters"
ONE = "any one character"

# A pattern is a sequence of single characters that stand for themselves, `ANY` and
# `ONE`. Text that a variable was replaced by is thus never mistaken for a wildcard.
Tokens = tuple[str, ...]

_lower = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_token = re.compile(r"\$\{([^}]*)\}|(.)", re.DOTALL)


def fold(text: str) -> str:
    """Make the letters A to Z small, and leave all others: where case carries no meaning, it is theirs that carries none."""
    return text.translate(_lower)


def glob(pattern: str | Sequence[str], text: str) -> bool:
    """Whether a pattern matches the whole text: `*` any run, `?` exactly one character.

    O(len(pattern) * len(text)): only the last `*` is ever revisited, because
    an earlier one could not take more than the last one can.
    """
    tokens = tokenise(pattern) if isinstance(pattern, str) else pattern
    t = i = 0
    star, resume = -1, 0
    while i < len(text):
        if t < len(tokens) and tokens[t] == ANY:
            star, resume = t, i
            t += 1
        elif t < len(tokens) and (tokens[t] == ONE or tokens[t] == text[i]):
            t += 1
            i += 1
        elif star >= 0:
            resume += 1
            t, i = star + 1, resume
        else:
            return False
    return all(token == ANY for token in tokens[t:])


@lru_cache(maxsize=65_536)
def tokenise(pattern: str, *, wildcards: bool = True) -> Tokens:
    """Split a pattern without variables into tokens; without `wildcards`, all characters stand for themselves."""
    wild = {"*": ANY, "?": ONE} if wildcards else {}
    return tuple(wild.get(c, c) for c in pattern)


def substitute(pattern: str, context: Mapping[str, tuple[str, ...]], *, variables: bool, wildcards: bool = True) -> Tokens | None:
    """Replace policy variables by the request's values, and split into tokens.

    Parameters
    ----------
    variables : bool
        Whether the policy's version has variables; without them ``${`` is text.
    wildcards : bool
        Whether `*` and `?` act; in ``StringEquals`` they do not.

    Returns
    -------
    tuple of str, or None
        None if a variable has no value: its key is absent and there is no
        default, or it has several values. Such a pattern matches nothing, not
        even the empty text.
    """
    if not variables or "${" not in pattern:
        return tokenise(pattern, wildcards=wildcards)
    tokens: list[str] = []
    for match in _token.finditer(pattern):
        body, character = match.groups()
        if body is None:
            tokens += tokenise(character, wildcards=wildcards)
        elif body in ("*", "?", "$"):
            tokens.append(body)
        else:
            key, _, default = body.partition(",")
            values = context.get(key.strip().lower(), ())
            if len(values) > 1 or (not values and not default):
                return None
            tokens += values[0] if values else default.strip()[1:-1]  # without its quotes
    return tuple(tokens)


def split_pattern(pattern: str, context: Mapping[str, tuple[str, ...]], *, variables: bool) -> list[Tokens] | None:
    """Split an ARN pattern at its first five own colons, then replace variables in each part.

    A colon in the value of a variable does not separate. None as in `substitute`.
    """
    texts: list[str] = [""]
    for match in _token.finditer(pattern) if variables else re.finditer(".", pattern, re.DOTALL):
        if match.group() == ":" and len(texts) < 6:
            texts.append("")
        else:
            texts[-1] += match.group()
    parts = [substitute(text, context, variables=variables) for text in texts]
    return None if None in parts else [p for p in parts if p is not None]


def arn_matches(
    pattern: str,
    resource: str,
    *,
    mode: str = "segments",
    kind: Kind = Kind.IDENTITY,
    context: Mapping[str, tuple[str, ...]] | None = None,
    variables: bool = False,
) -> bool:
    """Whether a pattern in ``Resource`` matches a resource; case matters.

    `*` alone matches everything, also an action's missing resource. In mode
    ``flat`` the pattern is one glob. In mode ``segments`` pattern and resource
    are split at the first five colons and matched part by part, so that a `*`
    spans colons in the last part only. A pattern with fewer parts matches if
    parts of `*` are added, which is done

    - in identity and session policies and in boundaries: always,
    - in resource, trust and endpoint policies: if it contains a `*`,
    - in service control policies: if it ends in `*`,
    - in resource control policies: never.
    """
    parts = resource_parts(pattern, mode=mode, kind=kind, context=context or {}, variables=variables)
    if parts is None or len(parts) == 1:
        return parts is not None and glob(parts[0], resource)
    names = resource.split(":", 5)
    return len(names) == 6 and all(glob(part, name) for part, name in zip(parts, names, strict=True))


def resource_parts(
    pattern: str, *, mode: str, kind: Kind, context: Mapping[str, tuple[str, ...]], variables: bool
) -> list[Tokens] | None:
    """Return what a pattern in ``Resource`` matches part by part, between colons: six parts, or one for the whole text.

    None if it matches nothing: a variable has no value, or the ARN is too short.
    """
    if pattern.strip("*") == "" and pattern:
        return [(ANY,)]
    if mode == "flat":
        tokens = substitute(pattern, context, variables=variables)
        return None if tokens is None else [tokens]
    parts = split_pattern(pattern, context, variables=variables)
    if parts is None or (len(parts) < 6 and not _may_be_short(parts, kind)):
        return None
    return parts + [(ANY,)] * (6 - len(parts))


def _may_be_short(parts: list[Tokens], kind: Kind) -> bool:
    match kind:
        case Kind.IDENTITY | Kind.SESSION | Kind.BOUNDARY:
            return True
        case Kind.RESOURCE | Kind.TRUST | Kind.ENDPOINT:
            return any(ANY in part for part in parts)
        case Kind.SCP:
            return parts[-1][-1:] == (ANY,)
        case Kind.RCP:
            return False
