"""Patterns of policies: characters, wildcards and variables; regular expressions of those without variables."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from probatum.access.artefacts import Policy
from probatum.access.model.strings.terms import sequence
from probatum.access.semantics.patterns import ANY, ONE, tokenise
from probatum.solve.text import string_literal

COLON = '(str.to_re ":")'
# Of the ways to say the same, those that cvc5 decides fastest: ranges before differences, `re.*` before `re.all`.
NO_COLON = '(re.union (re.range "\\u{0}" "9") (re.range ";" "\\u{2ffff}"))'
ANYTHING = "(re.* re.allchar)"
AN_ARN = sequence([f'(re.* {NO_COLON}) (str.to_re ":")'] * 5 + [ANYTHING])
# What the two parts of an action are made of: no blanks, wildcards, colons or capitals; and a range of letters without
# case that no policy exhausts, so that there is always an action nobody has named.
ACTION_RANGES = (("!", ")"), ("+", "9"), (";", ">"), ("@", "@"), ("[", "~"), ("\u4e00", "\u4eff"))


@dataclass(frozen=True, slots=True)
class Variable:
    """A policy variable, and the text that stands for it where a request does not have it."""

    key: str
    default: str | None


Items = list["str | Variable"]
_piece = re.compile(r"\$\{([^}]*)\}|(.)", re.DOTALL)


def items_of(pattern: str, *, variables: bool, wildcards: bool = True) -> Items:
    """Return the characters, wildcards and variables of a pattern."""
    if not variables:
        return list(tokenise(pattern, wildcards=wildcards))
    out: Items = []
    for body, character in _piece.findall(pattern):
        if character:
            out += tokenise(character, wildcards=wildcards)
        elif body in ("*", "?", "$"):
            out.append(body)
        else:
            key, _, default = body.partition(",")
            out.append(Variable(key.strip().lower(), default.strip()[1:-1] if default else None))
    return out


def parts_of(pattern: str, *, variables: bool) -> list[Items]:
    """Return the parts of the pattern of an ARN: at most six, the last with all the colons that are left."""
    out: list[Items] = [[]]
    for item in items_of(pattern, variables=variables):
        if item == ":" and len(out) < 6:
            out.append([])
        else:
            out[-1].append(item)
    return out


def variables_in(items: Iterable[str | Variable]) -> list[Variable]:
    """Return the variables among the items."""
    return [i for i in items if isinstance(i, Variable)]


def split(items: Items, mark: str) -> list[Items]:
    """Return the runs of items between marks."""
    out: Items
    pieces: list[Items] = [out := []]
    for item in items:
        if item == mark:
            pieces.append(out := [])
        else:
            out.append(item)
    return pieces


def regex(items: Iterable[str | Variable], *, stops: bool = False, fold: bool = False) -> str:
    """Return the regular expression of a pattern without variables."""
    any_one = NO_COLON if stops else "re.allchar"
    parts: list[str] = []
    for plain, run in itertools.groupby(items, lambda i: i not in (ANY, ONE)):
        if not plain:
            parts += [any_one if i == ONE else f"(re.* {any_one})" if stops else ANYTHING for i in run]
        elif fold:
            parts += [_either_case(str(c)) for c in run]
        else:
            parts.append(f"(str.to_re {string_literal(''.join(map(str, run)))})")
    return sequence(parts or ['(str.to_re "")'])


def _either_case(c: str) -> str:
    # The sign for kelvin is the one character outside ASCII whose lower case alone is within.
    forms = sorted({c.lower(), c.upper()} | ({"\u212a"} if c in "kK" else set()))
    texts = [f"(str.to_re {string_literal(f)})" for f in forms]
    return texts[0] if len(texts) == 1 else f"(re.union {' '.join(texts)})"


def arn_of(parts: Sequence[str]) -> str:
    """Return the ARN that consists of these parts."""
    between = ' ":" '
    return f"(str.++ {between.join(parts)})"


def folded(text: str, items: Iterable[str | Variable]) -> str:
    """Say that a text is a word of ASCII letters up to case."""
    word = "".join(map(str, items))
    if word.lower() == word.upper():
        return f"(= {text} {string_literal(word)})"
    return f"(str.in_re {text} {regex(word, fold=True)})"


def variables_of(policy: Policy) -> list[Variable]:
    """Return the variables that a policy uses."""
    texts = [r for s in policy.statements for r in s.resources or ()]
    conditions = [c for s in policy.statements for c in s.conditions if c.operator.name.startswith(("String", "Arn"))]
    texts += [v for c in conditions for v in c.values]
    return [v for t in texts if "${" in t for v in variables_in(items_of(t, variables=True))]
