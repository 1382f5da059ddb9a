"""Which terms lead a solver to instances of a quantified fact.

A trigger is a term that contains the bound variables and stands for something
that a proof talks about: an item of a sequence, a key of a map, a field, an
application of a function of the program. Arithmetic is no trigger: solvers
rewrite it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from probatum.lower.terms import split_arguments

_MOST = 4  # alternatives of one quantifier
_application = re.compile(r"([A-Za-z_][\w'.#]*)([(\[])")
_inner = re.compile(r"\((?:forall|exists|lambda) ([^:]+(?:: [^:,]+, [^:]+)*): ")
_word = re.compile(r"[A-Za-z_][\w'.#]*")
# Written out where they stand, or no relation between their arguments and anything.
_transparent = frozenset(
    [
        "Index",
        "Slice_bound",
        "Seq_len",
        "Seq_take",
        "Seq_drop",
        "Seq_one",
        "Seq_prefix",
        "Int_floordiv",
        "Int_mod",
        "Int_abs",
        "Int_min",
        "Int_max",
        "if",
        "then",
        "else",
    ]
)


def triggers(variables: Sequence[str], body: str) -> str:
    """Return triggers for a quantifier over variables, each in braces, or "" if there are none.

    Parameters
    ----------
    variables : sequence of str
        Names of the bound variables.
    body : str
    """
    own = set(variables)
    hidden = {word for match in _inner.finditer(body) for word in _word.findall(match[1])} - own
    found: dict[str, set[str]] = {}
    for term, mentioned in _candidates(body, own):
        if mentioned & own and not mentioned & hidden:
            found[term] = mentioned & own
    # The smallest terms match the most; a term that contains another candidate for the same variables adds nothing.
    terms = sorted(found, key=len)
    whole = [t for t in terms if found[t] == own and not any(o != t and o in t and found[o] == own for o in terms)]
    if whole:
        return " ".join(f"{{{t}}}" for t in whole[:_MOST])
    chosen: list[str] = []
    covered: set[str] = set()
    for term in terms:
        if found[term] - covered:
            chosen.append(term)
            covered |= found[term]
    return f"{{{', '.join(chosen)}}}" if covered == own else ""


def unmentioned(shown: str, body: str) -> list[str]:
    """Return the terms of the first trigger of a quantifier if every trigger stands only within quantifiers of its body.

    Where such a body is denied for some value, the terms that lead to what is known of that value are in none of the
    facts that a solver starts with.
    """
    outside = _without_quantifiers(body)
    ways = [split_arguments(one) for one in shown.strip("{}").split("} {")] if shown else []
    if not ways or any(all(term in outside for term in way) for way in ways):
        return []
    return ways[0]


def _without_quantifiers(text: str) -> str:
    kept, place = [], 0
    for match in _inner.finditer(text):
        if match.start() < place:
            continue
        kept.append(text[place : match.start()])
        place = _closing(text, match.start()) + 1
    return "".join(kept) + text[place:]


def _candidates(text: str, variables: set[str]) -> Iterator[tuple[str, set[str]]]:
    for match in _application.finditer(text):
        name, opening = match[1], match[2]
        end = _closing(text, match.end() - 1)
        if end < 0:
            continue
        term = text[match.start() : end + 1]
        arguments = split_arguments(text[match.end() : end])
        if "::" in term:  # a trigger has no quantifier or lambda in it
            continue
        if name in _transparent or (opening == "[" and " := " in term):
            continue
        if all(_usable(a, variables) for a in arguments):
            yield term, set(_word.findall(term))


def _usable(argument: str, variables: set[str]) -> bool:
    """Whether an argument is a bound variable, has none, or is itself an application of usable arguments."""
    if argument in variables or not set(_word.findall(argument)) & variables:
        return not re.search(r"\bif\b|==|!=|<|>|::|&&|\|\|", argument)
    match = _application.match(argument)
    if match is None or match[1] in _transparent - {"Seq_len"}:
        return False
    end = _closing(argument, match.end() - 1)
    return end == len(argument) - 1 and all(_usable(a, variables) for a in split_arguments(argument[match.end() : end]))


def _closing(text: str, opening: int) -> int:
    """Return the place of the bracket that closes the one at a place, or -1."""
    depth = 0
    for place in range(opening, len(text)):
        if text[place] in "([":
            depth += 1
        elif text[place] in ")]":
            depth -= 1
            if depth == 0:
                return place
    return -1
