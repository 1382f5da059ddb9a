"""A column that means something else from a moment on: are the rows as told, and is chance so small?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from probatum.evidence import CONFIRMED, Estimate, Evidence, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.semantics.columns import Column
from probatum.fairness.semantics.drift import STRETCHES, Clock, apart, clock_of, occurrences, sizes, watched
from probatum.fairness.semantics.relation import Relation, opened
from probatum.source import DATA, Source

_TEXTS = 40  # values of a column that may be told apart


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that a column changed at a moment, and how likely chance is to do that."""
    if not isinstance(evidence, Estimate):
        return Recheck("refuted", "a change of unit is an estimate")
    source = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    if source is None:
        return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
    told = evidence.counts
    with opened(source) as relation:
        clock, columns = clock_of(policy, relation), watched(policy, relation)
        if clock is None or told["column"] not in columns:
            return Recheck("refuted", "the table has no such column, or no moments")
        family = len(columns) * (STRETCHES + 1) * STRETCHES * (STRETCHES - 1) // 6
        look = _numbers if told["what"] == "numbers" else _names
        problem, log = look(policy, relation, clock, columns[told["column"]], told)
    if problem:
        return Recheck("refuted", problem)
    log10 = min(0.0, (log + math.log(family)) / math.log(10))
    small = evidence.family == family and math.isclose(told["log10"], log10, rel_tol=1e-6, abs_tol=1e-9)
    small = small and evidence.low is None and evidence.high == evidence.value
    if not small or log10 > math.log10(policy.alpha) or not math.isclose(evidence.value, max(10**log10, 5e-324), rel_tol=1e-6):
        return Recheck("refuted", f"the logarithm of the probability of chance is {log10:g}")
    return CONFIRMED


def _numbers(policy: Policy, relation: Relation, clock: Clock, column: Column, told: Mapping[str, Any]) -> tuple[str, float]:
    start, middle, end = told["ends"]
    grid = (*clock.begins, None)
    if not (start in grid and middle in grid and end in grid and start < middle and (end is None or middle < end)):
        return "the stretches are not of the grid", 0.0
    raw = apart(policy, relation, clock, column, (start, middle, end))
    like = apart(policy, relation, clock, column, (start, middle, end), scale=told["scale"], shift=told["shift"])
    if (
        [raw.before, raw.after] != told["rows"]
        or not math.isclose(raw.distance, told["distance"], rel_tol=1e-9)
        or raw.cut != told["cut"]
    ):
        return "the stretches have other rows", 0.0
    if not math.isclose(like.distance, told["converted"], rel_tol=1e-9, abs_tol=1e-12) or 2 * like.distance > raw.distance:
        return "converted, the stretches are further apart", 0.0
    ends = (clock.begins[max(0, clock.begins.index(middle) - 1)], grid[clock.begins.index(middle) + 1])
    if not (ends[0] <= told["since"] and (ends[1] is None or told["since"] < ends[1])):
        return "the moment is not near where the stretches meet", 0.0
    reach = 1 / math.sqrt(raw.before) + 1 / math.sqrt(raw.after)
    return "", math.log(4) - 2 * raw.distance * raw.distance / (reach * reach)


def _names(policy: Policy, relation: Relation, clock: Clock, column: Column, told: Mapping[str, Any]) -> tuple[str, float]:
    texts = {one.text: one for one in occurrences(policy, relation, clock, column, most=_TEXTS)}
    ended, started, since = told["ended"], told["started"], told["since"]
    if not ended or not started or not {*ended, *started} <= set(texts):
        return "the column has other values", 0.0
    if max(texts[one].last for one in ended) >= since or min(texts[one].first for one in started) < since:
        return "a value occurs on the other side of the moment", 0.0
    n, m = sum(texts[one].rows for one in ended), sum(texts[one].rows for one in started)
    if [n, m] != told["rows"] or list(sizes(policy, relation, clock, column, since)) != told["whole"]:
        return "the values have other rows", 0.0
    ways = math.lgamma(n + m + 1) - math.lgamma(n + 1) - math.lgamma(m + 1)
    return "", len(texts) * math.log(3) - ways
