"""Bounds that hold whenever one looks, though rates drift."""

from dataclasses import replace

import numpy as np
import pytest
from held_tables import held, policy_of
from scipy.stats import binomtest

from probatum.errors import UnreadableArtefact
from probatum.fairness.model.streams import bounds, share_of_group, share_of_window, watch
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import gap_over_time
from probatum.fairness.semantics.memory import Held
from probatum.fairness.semantics.windows import Stream, Window
from probatum.findings import Cleared, Finding, Undecided
from probatum.tools import Tools


def test_bounds_surround_what_was_seen_and_narrow() -> None:
    low, high = bounds(300, 1000, 0.05)
    assert 0.2 < low < 0.3 < high < 0.4
    assert bounds(30_000, 100_000, 0.05)[1] - bounds(30_000, 100_000, 0.05)[0] < (high - low) / 5
    assert bounds(0, 0, 0.05) == (0.0, 1.0)


@pytest.mark.slow
@pytest.mark.parametrize("drift", [False, True])
def test_bounds_hold_at_every_moment(drift: bool) -> None:
    rng = np.random.default_rng(3)
    n, runs, missed = 400, 60, 0
    rates = np.where(drift & (np.arange(n) >= 150), 0.6, 0.2)
    average = np.cumsum(rates) / np.arange(1, n + 1)
    for _ in range(runs):
        hits = np.cumsum(rng.random(n) < rates)
        missed += any(
            not lo - 1e-9 <= average[t] <= hi + 1e-9 for t in range(3, n, 6) for lo, hi in [bounds(int(hits[t]), t + 1, 0.05)]
        )
    assert binomtest(missed, runs, 0.05, alternative="greater").pvalue > 0.01


def test_evidence_is_confirmed_and_refuted_where_it_was_changed() -> None:
    read = policy_of(
        """\
        decision: {table: t.csv, decision: d, count: n}
        protected: {g: g}
        require: [{id: r, kind: stream, metric: selection_rate, over: g, at_most: 0.05}]
        """
    )
    inputs = {"data:t.csv": Held("t.csv", b"", {"g": ["a", "a", "b", "b"], "d": [1, 0, 1, 0], "n": [300, 700, 500, 500]})}
    [found] = gap_over_time.check(read, Tools(inputs=inputs))
    assert isinstance(found, Finding)
    assert recheck(read, found.evidence, inputs).status == "confirmed"
    assert recheck(read, replace(found.evidence, low=found.evidence.low + 0.001), inputs).status == "refuted"
    assert recheck(read, replace(found.evidence, high=found.evidence.high - 0.001), inputs).status == "refuted"
    changed = replace(found.evidence, counts={**found.evidence.counts, "verdict": "satisfied"})
    assert recheck(read, changed, inputs).status == "refuted"


def windowed(more: str, bound: float = 0.05):
    return policy_of(
        f"""\
        decision: {{table: t.csv, decision: d}}
        protected: {{g: g}}
        require: [{{id: r, kind: stream, metric: selection_rate, over: g, at_most: {bound}, {more}}}]
        """
    )


def log(rates: dict[str, list[float]], n: int = 400, seed: int = 2) -> dict[str, list]:
    """One month after the other, `n` decisions of each group in each, at these rates."""
    rng = np.random.default_rng(seed)
    frame: dict[str, list] = {"g": [], "d": [], "t": []}
    for month in range(len(next(iter(rates.values())))):
        for k in range(n):
            for name, own in rates.items():
                frame["g"].append(name)
                frame["d"].append(int(rng.random() < own[month]))
                frame["t"].append(f"2025-{month + 1:02}-{1 + 27 * k // n:02}")
    return frame


def check(read, frame: dict):
    inputs = {"data:t.csv": held(frame)}
    [outcome] = gap_over_time.check(read, Tools(inputs=inputs))
    if getattr(outcome, "evidence", None) is not None:
        assert recheck(read, outcome.evidence, inputs).status == "confirmed"
    return outcome


def test_a_gap_of_one_month_is_found_in_that_month_and_not_in_the_average():
    frame = log({"a": [0.3, 0.3, 0.6, 0.2, 0.1], "b": [0.3, 0.3, 0.3, 0.4, 0.4]}, n=800)

    found = check(windowed("time: t, window: month", 0.1), frame)
    assert isinstance(found, Finding)
    assert found.message.startswith("in 2025-03, the selection rate where `g` is `a` is above that where it is `b` by at least 1")
    assert isinstance(check(windowed("time: t", 0.15), frame), Cleared)
    assert isinstance(check(windowed("window: 1600", 0.1), frame), Finding)


@pytest.mark.parametrize("more", ["time: t, window: month", "window: 800", "time: t, window: quarter", "time: t", "window: 1000"])
def test_groups_that_are_alike_are_cleared_or_open(more: str):
    frame = log({"a": [0.1, 0.5, 0.2, 0.2], "b": [0.1, 0.5, 0.2, 0.2]})

    assert isinstance(check(windowed(more, 0.3), frame), Cleared)
    assert isinstance(check(windowed(more, 0.001), frame), Undecided)


def test_what_is_undecided_says_how_many_decisions_would_decide():
    said = check(windowed("time: t, window: month", 0.1), log({"a": [0.3, 0.3], "b": [0.3, 0.3]}))
    assert isinstance(said, Undecided)
    assert "decisions of each would decide" in said.reason
    count = int(said.reason.split("about ")[1].split(" ")[0].replace(",", ""))
    more = check(windowed("time: t, window: month", 0.1), log({"a": [0.3, 0.3], "b": [0.3, 0.3]}, n=2 * count))
    assert isinstance(more, Cleared)


def test_a_window_that_is_not_over_is_named_and_counts_for_what_is_sure():
    frame = log({"a": [0.5, 0.5], "b": [0.5, 0.5]}, n=600)
    frame = {name: [*values[:1200], *values[1200:1260]] for name, values in frame.items()}
    said = check(windowed("time: t, window: month", 0.3), frame)
    assert isinstance(said, Cleared)
    assert any("2025-02: it is not over" in one for one in said.assumptions)


@pytest.mark.parametrize(
    ("more", "times", "message"),
    [
        ("time: t", ["2025-01-02", "2025-01-01"], "go back: row 2 has 2025-01-01, and the one before it 2025-01-02"),
        ("time: t", ["2025-01-02", None], "1 row of `t.csv` has no time in `t`"),
        ("time: t", ["2025-01-02", "soon"], r"holds something that is no time \(`soon`\)"),
        ("time: t, window: month", [1, 2], "holds numbers"),
        ("time: when", ["2025-01-02", "2025-01-03"], "has no column `when`"),
        ("window: month", ["2025-01-02", "2025-01-03"], "a window of a month needs the time"),
        ("window: moon", ["2025-01-02", "2025-01-03"], "not `moon`"),
        ("window: 1", ["2025-01-02", "2025-01-03"], "compares nobody"),
        ("order: time", ["2025-01-02", "2025-01-03"], "no time to order by"),
    ],
)
def test_times_that_say_nothing_are_said(more: str, times: list, message: str):
    with pytest.raises(UnreadableArtefact, match=message):
        check(windowed(more), {"g": ["a", "b"], "d": [1, 0], "t": times})


def test_rows_in_another_order_are_sorted_where_the_policy_says_so():
    frame = log({"a": [0.9, 0.1], "b": [0.1, 0.9]})
    order = np.random.default_rng(0).permutation(len(frame["g"]))
    mixed = {name: [values[at] for at in order] for name, values in frame.items()}
    one, other = (check(windowed("time: t, window: 800, order: time"), each) for each in (frame, mixed))
    assert isinstance(other, Finding)
    assert one.evidence.low == other.evidence.low


def test_rows_that_stand_for_several_decisions_are_no_window():
    read = policy_of(
        """\
        decision: {table: t.csv, decision: d, count: n}
        protected: {g: g}
        require: [{id: r, kind: stream, metric: selection_rate, over: g, at_most: 0.05, window: 10}]
        """
    )
    with pytest.raises(UnreadableArtefact, match="stands for several decisions"):
        check(read, {"g": ["a", "b"], "d": [1, 0], "n": [5, 5]})


def test_shares_of_the_error_add_up_to_no_more_than_one():
    assert 0.999 < sum(share_of_window(n) for n in range(1, 10_000)) <= 1
    assert 0.999 < sum(share_of_group(n) for n in range(1, 10_000)) <= 1


@pytest.mark.slow
@pytest.mark.parametrize("window", [0, 60])
def test_alarms_of_a_log_that_is_read_every_day_are_as_rare_as_promised(window: int):
    """Rates drift, also with what was decided before, alike in three groups that come one after the other: any gap is false."""
    rng, n, runs, alarms = np.random.default_rng(7), 360, 80, 0
    for _ in range(runs):
        counts: dict[int, dict[str, list[int]]] = {}
        rate, false, order = 0.3, False, []
        for k in range(n):
            name = "abc"[int(rng.integers(0, 3 if k > 100 else 2))]
            order += [name] if name not in order else []
            hit = int(rng.random() < rate)
            rate = min(0.95, max(0.05, rate + (0.03 if hit else -0.02) + 0.01 * np.sin(k / 20)))
            cell = counts.setdefault(k // window if window else 0, {}).setdefault(name, [0, 0])
            cell[0] += hit
            cell[1] += 1
            if k % 12 == 11:
                windows = [
                    Window(name=str(w), over=w < max(counts), groups={g: (h, m) for g, (h, m) in own.items()})
                    for w, own in counts.items()
                ]
                seen = Stream(windows=tuple(windows), order=tuple(order))
                found = watch(seen, 0.0, alpha=0.05, min_cell=2, windowed=window > 0)
                false |= found is not None and found.verdict == "violated"
        alarms += false
    assert binomtest(alarms, runs, 0.05, alternative="greater").pvalue > 0.01
