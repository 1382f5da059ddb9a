"""Stored evidence in which one number was changed is refused, or says less than it did."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from probatum import testing
from probatum.engine.systems import systems
from probatum.errors import ProbatumError
from probatum.evidence import from_json
from probatum.findings import Undecided

SPECS = Path(__file__).resolve().parents[2] / "specs"
RULES = [rule for s in systems() if s.name == "fairness" for rule in testing.rules_of(s.module, specs=SPECS / s.name)]

MOST = 24  # changes of the evidence of one sort of outcome, of all that there are

# Changes after which evidence still holds, as it says less or asks for more: method, where, direction; and why that is so.
_MORE_THAN_NEEDED = "counts that exceed a larger critical value exceed the smaller one too"
_WIDER = "a bound further from what was seen is a bound"
WEAKER: dict[tuple[str, str, str], str] = {
    ("fairness/gap/1", "counts.least.levels.alone", "up"): _MORE_THAN_NEEDED,
    ("fairness/gap/1", "counts.least.levels.pairs", "up"): _MORE_THAN_NEEDED,
    ("fairness/gap/1", "counts.least.levels.others", "up"): _MORE_THAN_NEEDED,
    ("fairness/gap/1", "counts.most.levels.alone", "up"): _MORE_THAN_NEEDED,
    ("fairness/gap/1", "counts.most.levels.pairs", "up"): _MORE_THAN_NEEDED,
    ("fairness/range/1", "counts.rejected.*.levels.alone", "up"): _MORE_THAN_NEEDED,
    ("fairness/range/1", "counts.rejected.*.levels.pairs", "up"): _MORE_THAN_NEEDED,
    ("fairness/range/1", "counts.rejected.*.levels.others", "up"): _MORE_THAN_NEEDED,
    ("fairness/range/1", "low", "down"): _WIDER,
    ("fairness/ranges/1", "counts.certified.*.levels.gap:sex.alone", "up"): _MORE_THAN_NEEDED,
    ("fairness/ranges/1", "counts.certified.*.levels.gap:sex.pairs", "up"): _MORE_THAN_NEEDED,
}


def numbers(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], float]]:
    """Go over all numbers of JSON, with where they are."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from numbers(inner, (*path, name))
        case list():
            for at, inner in enumerate(value):
                yield from numbers(inner, (*path, at))
        case bool():
            pass
        case int() | float():
            yield path, value


def changed(evidence: dict[str, Any], path: tuple[str | int, ...], number: float) -> dict[str, Any]:
    """Return a copy with another number in one place."""
    copied: Any = copy.deepcopy(evidence)
    inner = copied
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = number
    return copied


def changes(number: float) -> list[tuple[str, float]]:
    """Return numbers that a clumsy hand or a lie would write instead, and whether they are more or less."""
    if isinstance(number, int):
        return [("up", number + 1), ("down", number - 1)]
    step = 0.05 * abs(number) or 0.05
    return [("up", number + step), ("down", number - step)]


def passing(rule: testing.Rule, most: int = MOST) -> Iterator[tuple[str, str, str, str]]:
    """Go over changes that are not refused: method, where, direction, and what was said."""
    seen: set[tuple[str, str, str]] = set()
    order = random.Random(0)
    for example in rule.examples:
        for outcome in rule.outcomes(example):
            if isinstance(outcome, Undecided) or outcome.evidence is None:
                continue
            stored = json.loads(json.dumps(outcome.evidence.to_json()))
            held = stored.get("counts", {}).get("verdict", "")
            sort = (stored["method"], type(outcome).__name__, held, len(stored.get("counts", ())))
            if sort in seen:
                continue
            seen.add(sort)
            assert rule.recheck(from_json(stored), example, outcome.subject).status == "confirmed"
            tried = [(path, *one) for path, number in numbers(stored) for one in changes(number)]
            for path, direction, number in order.sample(tried, min(most, len(tried))):
                try:
                    answer = rule.recheck(from_json(changed(stored, path, number)), example, outcome.subject)
                except ProbatumError:
                    continue
                if answer.status == "confirmed":
                    where = ".".join("*" if isinstance(step, int) else step for step in path)
                    yield stored["method"], where, direction, f"{type(outcome).__name__}: {number} on {example}"


@pytest.mark.slow  # each checks evidence again for each number that is changed
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_one_changed_number_is_refused_or_says_less(rule: testing.Rule) -> None:
    wrong = [found for found in passing(rule) if found[:3] not in WEAKER]
    assert not wrong
