"""Obligations that say the same in other names and another order.

A solver's search follows the order of what it reads and the numbers that it
gives to names. A proof that is found in one order only is one that the next
version of the solver, or of the program, may lose.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from probatum.solve.obligations import Obligation
from probatum.solve.text import Expression, expressions, write

_labels = re.compile(r':(?:qid|skolemid)\s+(\|[^|]*\||[^\s()"|]+)')
_token = re.compile(r'"(?:[^"]|"")*"|\|[^|]*\||[^\s()"|]+')

# What may be declared in any order: nothing in one of them needs another of its kind.
_free = ("declare-sort", "declare-fun", "declare-const")
_ranks = {"set-logic": 0, "set-info": 0, "declare-sort": 1, "declare-fun": 3, "declare-const": 3, "assert": 5}
_DATATYPES, _DEFINITIONS = 2, 4  # in the order of the text, as one may need another


def variant(obligation: Obligation, number: int) -> Obligation:
    """Return an obligation with the same meaning, in other words.

    Everything that it declares or defines, and the names of quantified
    formulas, get names out of a permutation; sorts, functions and assertions
    change places.

    Parameters
    ----------
    obligation : Obligation
        Its text declares sorts before what uses them, as our encoders do.
    number : int
        Which variant: the same one for the same number.

    Raises
    ------
    MalformedQuestion
        If the text is not SMT-LIB.
    """
    chance = random.Random(number)  # noqa: S311 - chance that repeats, and no secret
    commands = list(expressions(obligation.text))
    found = [name for command in commands for name in _names(command)] + _labels.findall(obligation.text)
    names = _renamed(list(dict.fromkeys(name.strip("|") for name in found)), obligation.text, chance)
    groups: dict[int, list[Expression]] = {}
    for command in commands:
        groups.setdefault(_rank(command), []).append(command)
    lines: list[str] = []
    for rank in sorted(groups):
        group = groups[rank]
        if rank in (_ranks[kind] for kind in (*_free, "assert")):
            chance.shuffle(group)
        lines += (_with(write(command), names) for command in group)
    return replace(
        obligation,
        text="".join(f"{line}\n" for line in lines),
        values=tuple(_with(value, names) for value in obligation.values),
    )


def _rank(command: Expression) -> int:
    head = str(command[0]) if command else ""
    if head in ("declare-datatype", "declare-datatypes", "define-sort"):
        return _DATATYPES
    return _ranks.get(head, _DEFINITIONS)


def _names(command: Expression) -> Iterator[str]:
    """Yield the names that a command declares or gives to quantified formulas."""
    match command:
        case ["declare-datatype", str(name), body]:
            yield name
            yield from _constructors(body)
        case ["declare-datatypes", list(heads), list(bodies)]:
            yield from (str(head[0]) for head in heads)
            for body in bodies:
                yield from _constructors(body)
        case ["define-funs-rec", list(heads), _]:
            yield from (str(head[0]) for head in heads)
        case ["set-info" | "set-logic", *_] | ["assert", _]:
            pass
        case [_, str(name), *_]:
            yield name


def _constructors(body: Expression) -> Iterator[str]:
    match body:
        case ["par", _, list(inner)]:
            yield from _constructors(inner)
        case list(constructors):
            for constructor in constructors:
                if isinstance(constructor, str):
                    yield constructor
                    continue
                yield str(constructor[0])
                yield from (str(selector[0]) for selector in constructor[1:])


def _renamed(names: list[str], text: str, chance: random.Random) -> dict[str, str]:
    """Give each name another, of a kind that does not occur in the text."""
    used = {word.strip("|") for word in _token.findall(text)}
    stem = "n"
    while any(word.startswith(stem) and word[len(stem) :].isdigit() for word in used):
        stem += "n"
    numbers = list(range(len(names)))
    chance.shuffle(numbers)
    return {name: f"{stem}{number}" for name, number in zip(names, numbers, strict=True)}


def _with(text: str, names: Mapping[str, str]) -> str:
    # A bound variable that happens to be called like a constant changes with it, which is no less the same.
    return _token.sub(lambda word: names.get(word[0].strip("|"), word[0]), text)
