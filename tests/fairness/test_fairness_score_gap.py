"""Gaps of scores: quantities are those of others, bounds hold about as often as they say, and altered evidence is refuted."""

from dataclasses import replace

import numpy as np
import pytest
from held_tables import held, policy_of
from scipy.stats import binomtest, ks_2samp, mannwhitneyu

from probatum.errors import UnreadableArtefact
from probatum.fairness.model.score_gaps import between, compare, discrimination, interval
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import score_gap
from probatum.fairness.semantics.score_counts import Scores
from probatum.findings import Cleared, Finding, Undecided
from probatum.tools import Tools


def policy(metric: str, bound: float = 0.1, decision: str = "score: s, label: y"):
    return policy_of(
        f"""\
        decision: {{table: t.csv, {decision}}}
        protected: {{g: g}}
        require: [{{id: r, kind: scores, metric: {metric}, over: g, at_most: {bound}}}]
        """
    )


def check(read, frame: dict):
    inputs = {"data:t.csv": held(frame)}
    [outcome] = score_gap.check(read, Tools(inputs=inputs))
    if getattr(outcome, "evidence", None) is not None:
        assert recheck(read, outcome.evidence, inputs).status == "confirmed"
    return outcome, inputs


def scores_of(positive, negative) -> Scores:
    values, at = np.unique(np.concatenate([positive, negative]), return_inverse=True)
    p, q = (np.bincount(where, minlength=len(values)).astype(float) for where in (at[: len(positive)], at[len(positive) :]))
    return Scores(score=values, positive=p, negative=q, unknown=0 * p, rows=len(at), total=(0.0, 0.0, 0.0))


def table(rng, n: int = 500, shift: float = 0.0, skill: float = 1.0, levels: int | None = None) -> dict[str, list]:
    """Group `b` scores higher by `shift`, and its positives are told from negatives by `skill` more."""
    g = rng.integers(0, 2, n)
    y = rng.integers(0, 2, n)
    s = rng.normal(size=n) + y * (1 + (skill - 1) * g) + shift * g
    return {"g": ["ab"[k] for k in g], "y": y.tolist(), "s": (s if levels is None else np.round(s * levels)).tolist()}


@pytest.mark.parametrize("levels", [None, 1])
def test_values_are_those_of_scipy(levels):
    frame = table(np.random.default_rng(0), skill=2.0, levels=levels)
    g, y, s = (np.array(frame[name]) for name in "gys")
    own = {
        (a, b): mannwhitneyu(s[(g == a) & (y == 1)], s[(g == b) & (y == 0)]).statistic
        / ((g == a) & (y == 1)).sum()
        / ((g == b) & (y == 0)).sum()
        for a in "ab"
        for b in "ab"
    }
    expected = {
        "auc": abs(own["a", "a"] - own["b", "b"]),
        "xauc": abs(own["a", "b"] - own["b", "a"]),
        "ks": ks_2samp(s[g == "a"], s[g == "b"]).statistic,
        "ks_positive": ks_2samp(s[(g == "a") & (y == 1)], s[(g == "b") & (y == 1)]).statistic,
        "ks_negative": ks_2samp(s[(g == "a") & (y == 0)], s[(g == "b") & (y == 0)]).statistic,
    }
    for metric, value in expected.items():
        outcome, _ = check(policy(metric, 0.99), frame)
        assert isinstance(outcome, Cleared)
        assert outcome.evidence.value == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("metric", "made"),
    [("auc", {"skill": 4.0}), ("xauc", {"shift": 2.0}), ("ks", {"shift": 2.0}), ("ks_positive", {"skill": 4.0})],
)
def test_what_differs_is_found_and_what_does_not_is_not(metric: str, made: dict):
    rng = np.random.default_rng(1)
    assert isinstance(check(policy(metric), table(rng, **made))[0], Finding)
    assert isinstance(check(policy(metric, 0.4), table(rng))[0], Cleared)
    said, _ = check(policy(metric, 0.12), table(rng, 200))
    assert isinstance(said, Undecided)
    assert "rows of each would decide" in said.reason


def test_the_number_of_rows_that_is_said_to_decide_decides():
    said, _ = check(policy("auc", 0.1), table(np.random.default_rng(3), 300))
    assert isinstance(said, Undecided)
    rows = int(said.reason.split("about ")[1].split(" ")[0].replace(",", ""))
    assert isinstance(check(policy("auc", 0.1), table(np.random.default_rng(3), 6 * rows))[0], Cleared)


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ({"g": ["a", "b"] * 30, "y": [1] * 60, "s": list(range(60))}, Undecided),  # one class
        ({"g": ["a"] * 60, "y": [0, 1] * 30, "s": list(range(60))}, Undecided),  # one group
        ({"g": ["a", "b"] * 30, "y": [0, 0, 1, 1] * 15, "s": [float("nan")] * 60}, Undecided),
        ({"g": ["a", None] * 30, "y": [0, 0, 1, 1] * 15, "s": [1.0] * 60}, Undecided),  # nothing but ties
        ({"g": [str(k // 20) for k in range(2_200)], "y": [0, 1] * 1_100, "s": [0.5] * 2_200}, Undecided),  # 110 groups
    ],
)
def test_odd_tables_have_a_verdict(frame: dict, kind: type):
    assert isinstance(check(policy("auc", 0.05), frame)[0], kind)


@pytest.mark.parametrize(
    ("decision", "message"), [("label: y", "needs scores"), ("score: s, threshold: 1", "needs what turned out to be true")]
)
def test_what_is_not_named_is_asked_for(decision: str, message: str):
    with pytest.raises(UnreadableArtefact, match=message):
        check(policy("auc", decision=decision), table(np.random.default_rng(0)))


@pytest.mark.parametrize("more", ["weight: w", "cluster: w", "unit: w"])
def test_rows_that_are_not_alike_are_undecided(more: str):
    frame = table(np.random.default_rng(0)) | {"w": [1] * 500}
    assert isinstance(check(policy("ks", decision=f"score: s, label: y, {more}"), frame)[0], Undecided)


@pytest.mark.parametrize("metric", ["auc", "ks"])
def test_altered_evidence_is_refuted(metric: str):
    made = {"skill": 4.0} if metric == "auc" else {"shift": 2.0}
    read = policy(metric)
    outcome, inputs = check(read, table(np.random.default_rng(1), **made))
    evidence, counts = outcome.evidence, outcome.evidence.counts
    for altered in (
        replace(evidence, low=evidence.low + 1e-3),
        replace(evidence, high=evidence.high - 1e-3),
        replace(evidence, value=evidence.value - 1e-3),
        replace(evidence, family=2),
        replace(evidence, counts={**counts, "verdict": "satisfied"}),
        replace(evidence, counts={**counts, "metric": "xauc"}),
        replace(evidence, counts={**counts, "groups": {**counts["groups"], "a": [1, 1, 0]}}),
        *([replace(evidence, counts={**counts, "pair": counts["pair"][::-1]})] if metric == "auc" else []),
    ):
        assert recheck(read, altered, inputs).status == "refuted"


# How scores of positives and of negatives are made: about alike, far apart, with few levels, skewed, and in two lumps.
KINDS = {
    "normal": (lambda rng, n: rng.normal(0.8, 1, n), lambda rng, n: rng.normal(0, 1, n)),
    "apart": (lambda rng, n: rng.normal(2.5, 1, n), lambda rng, n: rng.normal(0, 1, n)),
    "levels": (lambda rng, n: rng.binomial(4, 0.7, n), lambda rng, n: rng.binomial(4, 0.4, n)),
    "skewed": (lambda rng, n: rng.lognormal(0.5, 2, n), lambda rng, n: rng.lognormal(0, 1, n)),
    "lumps": (
        lambda rng, n: np.where(rng.random(n) < 0.8, rng.normal(3, 0.3, n), rng.normal(-3, 0.3, n)),
        lambda rng, n: rng.normal(0, 1, n),
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("alpha", [0.05, 0.005])
@pytest.mark.parametrize("sizes", [(10, 10), (30, 30), (20, 400), (400, 20), (100, 100)], ids=str)
@pytest.mark.parametrize("kind", list(KINDS))
def test_bounds_of_the_auc_hold(kind: str, sizes: tuple[int, int], alpha: float):
    rng = np.random.default_rng(5)
    positive, negative = KINDS[kind]
    truth = discrimination(*[scores_of(positive(rng, 300_000), negative(rng, 300_000))] * 2).value
    runs, missed = 500, 0
    for _ in range(runs):
        own = scores_of(positive(rng, sizes[0]), negative(rng, sizes[1]))
        low, high = interval(discrimination(own, own), alpha)
        missed += not low <= truth <= high
    assert binomtest(missed, runs, 1.25 * alpha, alternative="greater").pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize(("one", "other"), [((30, 30), (300, 300)), ((60, 60), (60, 60)), ((20, 400), (200, 200))], ids=str)
@pytest.mark.parametrize("kind", list(KINDS))
def test_bounds_of_a_difference_hold(kind: str, one: tuple[int, int], other: tuple[int, int]):
    rng = np.random.default_rng(6)
    positive, negative = KINDS[kind]
    runs, missed = 600, 0
    for _ in range(runs):
        both = [scores_of(positive(rng, m), negative(rng, n)) for m, n in (one, other)]
        low, high = between(*(discrimination(own, own) for own in both), 0.05)
        missed += not low <= 0 <= high
    assert binomtest(missed, runs, 0.0625, alternative="greater").pvalue > 0.001


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["auc", "xauc", "ks", "ks_positive"])
def test_false_findings_of_five_groups_that_are_alike_are_as_rare_as_promised(metric: str):
    rng = np.random.default_rng(7)
    positive, negative = KINDS["normal"]
    runs, wrong = 300, 0
    for _ in range(runs):
        groups = {str(k): scores_of(positive(rng, 25 * (k + 1)), negative(rng, 60)) for k in range(5)}
        found = compare(metric, groups, 0.0, alpha=0.05)
        wrong += found.verdict == "violated"
    assert binomtest(wrong, runs, 0.05, alternative="greater").pvalue > 0.01
