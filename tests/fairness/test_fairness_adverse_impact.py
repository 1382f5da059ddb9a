"""The four-fifths rule: three answers, an exact test, and evidence that is counted again."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from held_tables import policy_of
from scipy.stats import binomtest, fisher_exact

from probatum.errors import UnreadableArtefact
from probatum.fairness.model import adverse_impact as rule_of_thumb
from probatum.fairness.model.adverse_impact import fisher, interval, judge
from probatum.fairness.model.gaps import Verdict
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import adverse_impact
from probatum.fairness.semantics.memory import Held
from probatum.findings import Cleared, Finding, Undecided, Why
from probatum.tools import Tools


def policy(decision: str = "decision: d, count: n", over: str = "g", more: str = ""):
    return policy_of(
        f"""\
        decision: {{table: t.csv, {decision}}}
        protected: {{g: g, h: h}}
        require: [{{id: r, kind: adverse-impact, over: {over}{more}}}]
        """
    )


def check(read, frame: dict):
    inputs = {"data:t.csv": Held("t.csv", b"", frame)}
    outcomes = list(adverse_impact.check(read, Tools(inputs=inputs)))
    for outcome in outcomes:
        if not isinstance(outcome, Undecided):
            assert recheck(read, outcome.evidence, inputs).status == "confirmed"
    return outcomes, inputs


def counted(**groups: tuple[int, int]) -> dict[str, list]:
    rows = [(g, d, n) for g, (hits, people) in groups.items() for d, n in ((1, hits), (0, people - hits))]
    return {"g": [r[0] for r in rows], "d": [r[1] for r in rows], "n": [r[2] for r in rows]}


def test_the_exact_test_is_that_of_others() -> None:
    rng = np.random.default_rng(1)
    for _ in range(60):
        people, others = (int(n) for n in rng.integers(1, 300, 2))
        hits, more = int(rng.integers(0, people + 1)), int(rng.integers(0, others + 1))
        theirs = fisher_exact([[hits, people - hits], [more, others - more]])[1]
        assert fisher(hits, people, more, others) == pytest.approx(theirs, rel=1e-7)


def test_fisher_had_a_lady_taste_tea() -> None:
    """Fisher 1935: 3 of 4 right on both sides, two-sided 34/70."""
    assert fisher(3, 4, 1, 4) == float(Fraction(34, 70))


def test_logarithms_agree_with_whole_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    exact = fisher(300, 1200, 400, 1300)
    monkeypatch.setattr(rule_of_thumb, "_EXACT", 0)
    assert fisher(300, 1200, 400, 1300) == pytest.approx(exact, rel=1e-8)


def test_three_answers() -> None:
    [found], _ = check(policy(), counted(f=(60, 300), m=(120, 300)))
    [none], _ = check(policy(), counted(f=(108, 300), m=(120, 300)))
    [few], _ = check(policy(), counted(f=(6, 30), m=(10, 30)))

    assert isinstance(found, Finding)
    assert isinstance(none, Cleared)
    assert isinstance(few, Undecided)
    assert "`f` is selected at 50% of the rate of `m`" in found.message
    assert none.strength.value == "tested"  # the interval reaches below four fifths


def test_exactly_four_fifths_is_enough() -> None:
    [found], _ = check(policy(), counted(f=(4_000, 10_000), m=(5_000, 10_000)))
    assert isinstance(found, Cleared)
    assert any(text.startswith("smaller differences") for text in found.assumptions)


def test_the_number_of_people_that_would_tell_does() -> None:
    few = judge({"f": (20, 100), "m": (30, 100)}, 0.8, alpha=0.05)
    assert few.verdict is Verdict.OPEN
    n = few.needed
    assert 100 < n < 200
    assert judge({"f": (round(0.2 * n), n), "m": (round(0.3 * n), n)}, 0.8, alpha=0.05).verdict is Verdict.VIOLATED


def test_a_group_too_small_for_any_test_is_not_cleared() -> None:
    """Even nobody of 20 against 1 of 100 would not be significant."""
    impact = judge({"f": (1, 20), "m": (1, 100)}, 0.1, alpha=0.05)
    assert impact.verdict is Verdict.OPEN
    assert not impact.needed


def test_what_people_want_may_be_not_to_be_chosen() -> None:
    [found], _ = check(policy("decision: d, favourable: false, count: n"), counted(f=(60, 300), m=(180, 300)))
    assert isinstance(found, Finding)
    assert "`m` is selected at 50% of the rate of `f`" in found.message


def test_scores_count_above_the_median() -> None:
    frame = {"g": ["f"] * 300 + ["m"] * 300, "s": [n / 600 for n in range(600)]}
    [found], _ = check(policy("score: s"), frame)
    assert isinstance(found, Finding)
    assert "`f` is selected at 0% of the rate of `m` (0 of 300, 300 of 300" in found.message
    assert found.evidence.counts["groups"] == {"f": [0, 300], "m": [300, 300]}


def test_intersections_shares_and_the_unknown() -> None:
    frame = {
        "g": ["f"] * 400 + ["m"] * 400 + [None] * 30,
        "h": (["a"] * 200 + ["b"] * 195 + ["c"] * 5) * 2 + ["a"] * 30,
        "d": [1, 0, 0, 0] * 100 + [1, 0] * 200 + [1] * 30,
    }
    outcomes, _ = check(policy("decision: d", over="[g, h, g*h]", more=", least_share: 0.05"), frame)
    g, h, both = outcomes
    assert isinstance(g, Finding)
    assert "30 people whose g is not known are in no group" in g.assumptions
    assert any("`c` (3 of 10)" in text for text in h.assumptions)
    assert isinstance(both, Finding)
    assert both.evidence.counts["groups"].keys() == {"f, a", "f, b", "m, a", "m, b"}


@pytest.mark.parametrize(
    "frame",
    [
        {"g": [], "d": [], "n": []},
        counted(f=(0, 300), m=(0, 300)),
        counted(f=(10, 300)),
        {"g": [None] * 4, "d": [1, 0, 1, 0], "n": [100] * 4},
    ],
    ids=["empty", "nobody selected", "one group", "no groups"],
)
def test_nothing_to_compare_is_undecided(frame: dict) -> None:
    [found], _ = check(policy(), frame)
    assert isinstance(found, Undecided)
    assert found.why is Why.TOO_FEW_SAMPLES


def test_weights_are_not_people() -> None:
    frame = counted(f=(60, 300), m=(120, 300)) | {"w": [1.0, 2.0, 1.0, 2.0]}
    [found], _ = check(policy("decision: d, count: n, weight: w"), frame)
    assert isinstance(found, Undecided)
    assert found.why is Why.UNSUPPORTED


def test_a_policy_without_decisions_says_what_to_write() -> None:
    with pytest.raises(UnreadableArtefact, match="no decision to compare"):
        check(policy("label: d"), {"g": ["f"] * 50, "d": [0] * 50})


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "satisfied"},
        {"claims": 2},
        {"reference": "f"},
        {"group": "m"},
        {"unknown": 1},
        {"groups": {"f": [61, 300], "m": [120, 300]}},
        {"small": {"x": [1, 2]}},
        {"over": ["h"]},
        {"ratios": {"f": {"ratio": 0.5, "p": 1e-9, "deviations": 5.3}}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_evidence_that_was_changed_is_refuted(change: dict) -> None:
    read = policy()
    [found], inputs = check(read, counted(f=(60, 300), m=(120, 300)))
    changed = replace(found.evidence, counts={**found.evidence.counts, **change})
    assert recheck(read, changed, inputs).status == "refuted"


@pytest.mark.parametrize(("end", "by"), [("low", 0.01), ("high", -0.01), ("value", 0.01), ("confidence", 0.01)])
def test_an_interval_that_does_not_follow_is_refuted(end: str, by: float) -> None:
    read = policy()
    [found], inputs = check(read, counted(f=(60, 300), m=(120, 300)))
    assert recheck(read, replace(found.evidence, **{end: getattr(found.evidence, end) + by}), inputs).status == "refuted"


@pytest.mark.slow
@pytest.mark.parametrize("groups", [2, 8])
def test_groups_with_one_rate_are_rarely_said_to_differ_and_intervals_cover(groups: int) -> None:
    rng = np.random.default_rng(7)
    runs, said, missed = 400, 0, 0
    for _ in range(runs):
        own = {f"g{k}": (int(rng.binomial(120, 0.3)), 120) for k in range(groups)}
        if not any(hits for hits, _ in own.values()):
            continue
        said += judge(own, 0.8, alpha=0.05).verdict is Verdict.VIOLATED
        low, high = interval(own, alpha=0.05, claims=1)
        missed += not low <= 1.0 <= high
    assert binomtest(said, runs, 0.05, alternative="greater").pvalue > 0.01
    assert binomtest(missed, runs, 0.05, alternative="greater").pvalue > 0.01
