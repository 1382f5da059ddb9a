"""What was proved of parts of a module that did not change, so that they are neither read nor lowered again.

A part (`probatum.python.parts`) is known by all that its proofs rest on: its own text and that of the rest of the
module, the files that are imported, the options; and everything is forgotten with another
version of probatum. Only parts are kept of which everything is proved: for what is open, time and
luck may have counted. Lines are kept as numbers of the lines of that text, so that a part may have moved.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from probatum.code.artefacts import PythonModule
from probatum.code.model import deciding
from probatum.code.model.functions import Claimed, FunctionResult
from probatum.lower.lowered import Guess, Kind, Obligation
from probatum.python.parts import Part, parts
from probatum.python.program import Contract, Function, Place
from probatum.python.types import UNKNOWN
from probatum.source import digest_of
from probatum.tools import Tools

_FORM = 2  # of what is kept
_FEWEST = 2  # parts: else nothing is left to keep when one changes
_line_said = re.compile(r"\bline \d")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a part.

    Attributes
    ----------
    part : Part
    results : tuple of FunctionResult
        Of those of its functions that claim something.
    used : mapping of str to str
        What of `Tools.kept` it was made of.
    """

    part: Part
    results: tuple[FunctionResult, ...]
    used: Mapping[str, str]


class Unchanged:
    """The parts of a module, and what earlier checks left of them.

    Attributes
    ----------
    known : tuple of Known
        The parts of which everything is proved.
    """

    def __init__(self, artefact: PythonModule, tools: Tools) -> None:
        own = _parts(artefact, tools)
        inputs = {name: source.digest for name, source in tools.inputs.items()}
        around = [_FORM, artefact.subject, dict(artefact.options), dict(tools.options), inputs, tools.seed] if own else []
        self._keys = {f"part {digest_of([*around, part.text])}": part for part in own}
        found = (_unpacked(key, part, tools) for key, part in self._keys.items())
        self.known = tuple(one for one in found if one is not None)

    def kept(
        self, results: Iterable[FunctionResult], answers: Mapping[str, Iterable[str]], used: Mapping[str, str]
    ) -> dict[str, str]:
        """Return what is to be kept of parts, those of which it was known and those of which everything is proved now.

        Parameters
        ----------
        results : iterable of FunctionResult
            Of all functions that claim something, and are not known already.
        answers : mapping of str to iterable of str
            The names of what provers said of a function, by its name.
        used : mapping of str to str
            What they said, as it is kept under these names.
        """
        found: dict[str, str] = {}
        for one in self.known:
            found |= one.used
        by_name = {result.function.name: result for result in results}
        before = {id(one.part) for one in self.known}
        for key, part in self._keys.items():
            if id(part) not in before:
                own = [by_name[f.name] for f in part.functions if f.name in by_name]
                rows = _rows(part, own, answers, used)
                if rows is not None:
                    found[key] = _packed(rows)
        return found


def _parts(artefact: PythonModule, tools: Tools) -> tuple[Part, ...]:
    """Return the parts of a module; none where that is not worth it, or something else may look into it."""
    if tools.options.get("certify") or artefact.options.get("all-functions"):
        return ()
    stem = PurePosixPath(artefact.subject).stem.encode()
    if any(stem in source.raw for source in tools.inputs.values()):  # it may import this module
        return ()
    found = parts(artefact.tree, artefact.text)
    return found if len(found) >= _FEWEST else ()


def _rows(
    part: Part, results: Sequence[FunctionResult], answers: Mapping[str, Iterable[str]], used: Mapping[str, str]
) -> list[Any] | None:
    """Return results as JSON; None if something is open, or is not made of what is kept."""
    numbers = {line: number for number, line in enumerate(part.lines)}
    rows: list[Any] = []
    for result in results:
        if not result.proved or any(claim.cause or claim.not_run or claim.searched for claim in result.claims):
            return None
        if any(_line_said.search(text) for text in (*result.assumptions, *(c.obligation.text for c in result.claims))):
            return None
        function = result.function
        keys = list(answers.get(function.name, ()))
        places: dict[int, tuple[int, int]] = {}
        for number, key in enumerate(keys):
            decisions = deciding.remembered(key, used)
            if decisions is None:
                return None
            places |= {id(claim): (number, index) for index, claim in enumerate(decisions.claims)}
        claims: list[Any] = []
        for claim in result.claims:
            obligation = claim.obligation
            if obligation.path or any(id(p) not in places for p in claim.parts):
                return None
            where = [_relative(place, numbers) for place in (obligation.place, obligation.clause) if place is not None]
            if None in where:
                return None
            words = [obligation.kind.name, obligation.text, obligation.exception, obligation.described]
            claims.append([claim.kind.name, words, where, [places[id(p)] for p in claim.parts]])
        at = _relative(function.place, numbers)
        if at is None:
            return None
        guesses = [[_relative(g.place, numbers), g.text, g.exact, g.count] for g in result.guesses]
        if any(guess[0] is None for guess in guesses):
            return None
        told = [list(result.assumptions), list(result.rests_on), guesses]
        rows.append([function.name, function.module, at, told, keys, claims])
    return rows


def _relative(place: Place, numbers: Mapping[int, int]) -> list[int] | None:
    if place.line not in numbers or (place.end_line and place.end_line not in numbers):
        return None
    return [numbers[place.line], place.column, numbers[place.end_line] if place.end_line else -1, place.end_column]


def _packed(rows: list[Any]) -> str:
    return base64.b85encode(zlib.compress(json.dumps(rows, separators=(",", ":")).encode(), 6)).decode("ascii")


def _unpacked(key: str, part: Part, tools: Tools) -> Known | None:
    """Return what is known of a part; None if nothing is, or what was kept is damaged."""
    text = tools.kept.get(key)
    if text is None:
        return None
    nodes = {f.name: f for f in part.functions}
    used: dict[str, str] = {key: text}
    try:
        rows = json.loads(zlib.decompress(base64.b85decode(text)))
        results: list[FunctionResult] = []
        for name, module, at, (assumptions, rests_on, guesses), keys, claims in rows:
            decided = []
            for answer in keys:
                decisions = deciding.remembered(answer, tools.kept)
                if decisions is None:
                    return None
                used[answer] = tools.kept[answer]
                decided.append(decisions.claims)
            place = _absolute(part)
            function = Function(name, module, nodes[name], place(at), (), UNKNOWN, Contract(), nodes[name].body)
            found = []
            for kind, (about, words, exception, described), where, made in claims:
                first, *second = map(place, where)
                clause = second[0] if second else None
                obligation = Obligation(Kind[about], first, words, clause, exception, described=described)
                found.append(Claimed(obligation, Kind[kind], tuple(decided[n][i] for n, i in made)))
            held = tuple(Guess(place(where), text, exact, count) for where, text, exact, count in guesses)
            result = FunctionResult(
                function, tuple(found), assumptions=tuple(assumptions), rests_on=tuple(rests_on), guesses=held
            )
            if not result.proved:
                return None
            results.append(result)
    except (ValueError, TypeError, KeyError, IndexError, zlib.error):
        return None
    return Known(part, tuple(results), used)


def _absolute(part: Part) -> Callable[[Sequence[int]], Place]:
    def place(row: Sequence[int]) -> Place:
        first, column, last, end = row
        return Place(part.lines[first], column, part.lines[last] if last >= 0 else 0, end)

    return place
