"""Slices: the search misses none that scores better, and what is confirmed is seldom chance."""

import itertools
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from probatum.errors import UnreadableArtefact
from probatum.evidence import Estimate
from probatum.fairness.artefacts import read
from probatum.fairness.model.gaps import Verdict
from probatum.fairness.model.slices.confirm import Sums, excess_high, excess_low, holm, needed, p_value
from probatum.fairness.model.slices.frame import Feature, frame_of, made_from
from probatum.fairness.model.slices.lattice import Lattice, Totals, score
from probatum.fairness.model.slices.matched import compare
from probatum.fairness.model.slices.pooling import shrunk
from probatum.fairness.model.slices.ratio import products
from probatum.fairness.model.slices.search import _sums, search
from probatum.fairness.recheck import recheck
from probatum.fairness.recheck.excess import lowest
from probatum.fairness.rules import group_uncovered, worst_slice
from probatum.fairness.semantics.items import CONFIRM, conjunction, items_of, sums
from probatum.fairness.semantics.relation import opened
from probatum.findings import Cleared, Finding, Undecided
from probatum.source import DATA, Data, Source
from probatum.tools import Tools

POLICY = """\
decision: {table: t.parquet, label: truth, decision: said}
protected: {sex: sex, race: race}
require:
  - {id: worst, kind: slices, metric: error, depth: 2, at_most_excess: 0.05}
"""


def policy(text: str = POLICY):
    [found] = read(Source("fairness.yaml", text.encode()), {})
    return found


def people(n: int, seed: int = 0, *, worse: float = 0.3) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    own = {
        "sex": rng.choice(["f", "m"], n),
        "race": rng.choice(["a", "b", "c"], n),
        "age": rng.integers(18, 90, n),
        "truth": rng.integers(0, 2, n),
    }
    wrong = rng.random(n) < np.where((own["race"] == "c") & (own["age"] >= 60), 0.1 + worse, 0.1)
    return own | {"said": np.where(wrong, 1 - own["truth"], own["truth"])}


def table(folder: Path, columns: dict[str, object], name: str = "t.parquet") -> Data:
    pandas = pytest.importorskip("pandas")
    place = folder / name
    frame = pandas.DataFrame(columns)
    frame.to_parquet(place) if name.endswith("parquet") else frame.to_csv(place, index=False)
    return Data(name, b"", place=str(place))


def asked(data: Data, text: str = POLICY):
    own = policy(text)
    with opened(data) as relation:
        return search(own, own.requirements[0], relation)


@pytest.mark.parametrize("seed", range(12))
def test_no_conjunction_scores_better_than_those_that_are_returned(seed: int):
    rng = np.random.default_rng(seed)
    rows = 120
    features = (
        Feature("x", 4, (({"feature": "x"}, 0, 1), ({"feature": "x"}, 1, 3), ({"feature": "x"}, 0, 2))),
        Feature("y", 3, (({"feature": "y"}, 0, 1), ({"feature": "y"}, 1, 2))),
        Feature("z", 4, (({"feature": "z"}, 0, 1), ({"feature": "z"}, 2, 3), ({"feature": "z"}, 1, 4))),
        Feature("u", 2, (({"feature": "u"}, 0, 1),)),
    )
    codes = np.stack([rng.integers(0, f.width, rows).astype(np.uint8) for f in features])
    den = np.ones(rows) if seed % 2 else rng.integers(0, 4, rows).astype(float)
    num = (rng.random(rows) < 0.3).astype(float) if seed % 3 else rng.gamma(1.0, 1.0, rows)

    found = Lattice(features, codes, num, den).best(7, depth=3, min_rows=4, excess=0.02)

    of = Totals(rows, float(num.sum()), float(den.sum()))
    every = []
    for size in (1, 2, 3):
        for chosen in itertools.combinations(range(4), size):
            for places in itertools.product(*(range(len(features[f].choices)) for f in chosen)):
                inside = np.ones(rows, bool)
                for f, place in zip(chosen, places, strict=True):
                    _, first, end = features[f].choices[place]
                    inside &= (codes[f] >= first) & (codes[f] < end)
                a, b = num[inside].sum(), den[inside].sum()
                if inside.sum() >= 4 and b > 0 and a / b - of.num / of.den > 0.02:
                    every.append(float(score(np.array(a), np.array(b), of, 0.95)))
    best = sorted((value for value in every if value > 0), reverse=True)[:7]
    assert [one.score for one in found] == pytest.approx(best)


@pytest.mark.slow
def test_a_slice_that_was_planted_is_found_as_it_was_planted(tmp_path: Path):
    answer = asked(table(tmp_path, people(8000)))

    assert answer.verdict is Verdict.VIOLATED
    assert {c["feature"] for c in answer.shown[0].definition["all"]} == {"race", "age"}
    assert len(answer.shown) == 1


@pytest.mark.slow
def test_columns_that_tell_the_outcome_make_no_slices_unless_they_are_named(tmp_path: Path):
    own = people(3000)
    rng = np.random.default_rng(1)
    own["known_later"] = np.where(rng.random(3000) < 0.1, 1 - own["truth"], own["truth"])
    own["verdict"] = np.where(own["said"] == 1, "high", "low")
    own["score"] = own["said"] + rng.random(3000) * 0.9  # a limit of it is the decision
    own["filled_if_true"] = np.where(own["truth"] == 1, rng.choice(["x", "y"], 3000), None)
    data = table(tmp_path, own)

    told = {}
    for features in ("", ", features: [known_later, verdict, score, filled_if_true]"):
        asked = policy(POLICY.replace("at_most_excess: 0.05", f"at_most_excess: 0.05{features}"))
        with opened(data) as relation:
            told[features != ""] = search(asked, asked.requirements[0], relation)
    [found] = worst_slice.check(policy(), Tools(inputs={DATA + "t.parquet": data}))

    assert set(told[False].skipped) == {"known_later", "verdict", "score", "filled_if_true"}
    assert all(not text.startswith("`known_later`") for text in (one.text for one in told[False].slices))
    assert not told[True].skipped
    assert isinstance(found, Finding)
    assert "`race` = c" in found.message
    assert any("known_later" in note for note in found.assumptions)


@pytest.mark.slow
def test_what_is_filled_in_after_some_outcomes_is_asked_about(tmp_path: Path):
    own = people(4000)
    rng = np.random.default_rng(4)
    late = (own["truth"] == 1) & (rng.random(4000) < 0.2)
    mistakes = (own["truth"] == 0) & (rng.random(4000) < 0.005)
    own["written_off"] = (late | mistakes).astype(int)
    own["claim"] = np.where(late, rng.choice([f"c{n}" for n in range(60)], 4000), None)  # that it is there says it
    own["often"] = np.where(own["truth"] == 1, rng.random(4000) < 0.4, rng.random(4000) < 0.1).astype(int)  # says much, not all

    answer = asked(table(tmp_path, own))

    assert set(answer.skipped) == {"written_off", "claim"}
    assert all(why.startswith("is it made from the outcome? the label is 1 in ") for why in answer.skipped.values())


def test_columns_that_say_nothing_of_the_label_are_not_asked_about():
    rng = np.random.default_rng(0)
    features = [Feature(f"x{n}", 12, tuple(({"feature": f"x{n}", "is": str(k)}, k, k + 1) for k in range(10))) for n in range(60)]
    codes = [rng.integers(0, 10, 400).astype(np.uint8) for _ in features]

    asked = made_from(features, codes, np.ones(400, bool), (rng.random(400) < 0.3).astype(np.int8))

    assert asked == {}


def test_where_nobody_fares_worse_nobody_is_found(tmp_path: Path):
    answer = asked(table(tmp_path, people(20_000, worse=0.0)))

    assert answer.verdict is Verdict.SATISFIED
    assert answer.highest.whole


@pytest.mark.slow
def test_few_rows_decide_nothing(tmp_path: Path):
    answer = asked(table(tmp_path, people(150)))

    assert answer.verdict is Verdict.OPEN


@pytest.mark.slow
def test_what_arrays_say_of_a_slice_the_table_says_too(tmp_path: Path):
    columns = people(600) | {"unit": np.arange(600) // 3, "edits": np.arange(600) % 7, "words": np.arange(600) % 5 + 1}
    for text in (
        POLICY,
        POLICY.replace("said}", "said, unit: unit}"),
        POLICY.replace("metric: error", "loss: {num: edits, den: words}, cluster: unit"),
    ):
        own = policy(text)
        with opened(table(tmp_path, columns)) as relation:
            frame = frame_of(own, own.requirements[0], relation)
            items = items_of(own, own.requirements[0], relation)
            condition = {"feature": "race", "is": "c"}
            [told] = sums(items, [conjunction([condition], own, own.requirements[0], relation)], relation)
        [feature] = [n for n, f in enumerate(frame.features) if f.name == "race"]
        [(_, first, end)] = [c for c in frame.features[feature].choices if c[0] == condition]
        member = (frame.codes[feature] >= first) & (frame.codes[feature] < end)
        exact = frame.items.rate and not frame.items.clustered

        assert Sums.of(told, rate=items.rate) == _sums(frame, member, frame.half == CONFIRM, exact=exact)


@pytest.mark.slow
def test_evidence_that_was_altered_is_refuted(tmp_path: Path):
    data = table(tmp_path, people(8000))
    inputs = {DATA + "t.parquet": data}

    [finding] = worst_slice.check(policy(), Tools(inputs=inputs))
    proof = finding.evidence

    assert isinstance(finding, Finding)
    assert isinstance(proof, Estimate)
    assert recheck(policy(), proof, inputs).status == "confirmed"
    for altered in (
        replace(proof, low=proof.low + 0.01),
        replace(proof, family=1),
        replace(proof, counts={**proof.counts, "rows": proof.counts["rows"] + 1}),
        replace(proof, counts={**proof.counts, "slice": {"all": [{"feature": "sex", "is": "f"}]}}),
        replace(proof, confidence=0.9),
    ):
        assert recheck(policy(), altered, inputs).status == "refuted"


@pytest.mark.slow
def test_that_no_slice_is_worse_is_refuted_where_one_is(tmp_path: Path):
    fair, unfair = table(tmp_path, people(20_000, worse=0.0)), table(tmp_path, people(20_000), "u.parquet")

    [cleared] = worst_slice.check(policy(), Tools(inputs={DATA + "t.parquet": fair}))

    assert isinstance(cleared, Cleared)
    assert recheck(policy(), cleared.evidence, {DATA + "t.parquet": fair}).status == "confirmed"
    assert recheck(policy(), cleared.evidence, {DATA + "t.parquet": unfair}).status == "refuted"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["rates", "weights", "clusters"])
def test_that_no_slice_is_worse_is_counted_again_for_every_slice(tmp_path: Path, kind: str):
    n = 12_000
    columns = people(n, worse=0.0) | {"unit": np.arange(n) // 4, "edits": np.arange(n) % 7, "words": np.arange(n) % 4 + 1}
    columns["race"] = np.where(np.arange(n) % 53 == 0, None, columns["race"].astype(object))
    text = {
        "rates": POLICY,
        "weights": POLICY.replace("metric: error", "loss: {num: edits, den: words}, features: [sex, race, age]"),
        "clusters": POLICY.replace("metric: error", "metric: error, cluster: unit, features: [sex, race, age]"),
    }[kind].replace("0.05", "0.8" if kind == "weights" else "0.2")
    data = table(tmp_path, columns)
    inputs = {DATA + "t.parquet": data}

    [cleared] = worst_slice.check(policy(text), Tools(inputs=inputs))

    assert isinstance(cleared, Cleared)
    proof = cleared.evidence
    assert recheck(policy(text), proof, inputs).status == "confirmed"
    counts = proof.counts
    age = next(one for one in counts["searched"] if one["feature"] == "age")
    others = [one for one in counts["searched"] if one["feature"] != "age"]
    for altered in (
        {**counts, "searched": others},
        {**counts, "searched": [*others, {**age, "ends": age["ends"][:-1]}]},
        {**counts, "least": counts["least"] + 1},
        {**counts, "slices": counts["slices"] - 1},
    ):
        assert recheck(policy(text), replace(proof, counts=altered), inputs).status == "refuted"
    assert recheck(policy(text), replace(proof, high=proof.high * 0.99), inputs).status == "refuted"


def _sample(a: np.ndarray, b: np.ndarray, inside: np.ndarray, *, exact: bool) -> Sums:
    parts = {"a": a * inside, "b": b * inside, "A": a, "B": b}
    return Sums(
        rows=int(inside.sum()),
        a=float(parts["a"].sum()),
        b=float(parts["b"].sum()),
        all_a=float(a.sum()),
        all_b=float(b.sum()),
        products=products(np.stack([parts[name] for name in "abAB"])),
        clusters=int(inside.sum()),
        all_clusters=len(a),
        exact=exact,
    )


@pytest.mark.slow
def test_a_rate_at_its_bound_is_seldom_said_to_be_above_it():
    """Level 5 %: the slice's excess is exactly what is allowed."""
    rng = np.random.default_rng(3)
    inside = np.arange(400) < 60
    rate, excess = 0.1, 0.085  # of the others, and of the slice over everyone: 0.1 above the others, 0.85 of them others
    wrong = 0
    runs = 400
    for _ in range(runs):
        lost = (rng.random(400) < np.where(inside, rate + 0.1, rate)).astype(float)
        wrong += p_value(_sample(lost, np.ones(400), inside, exact=True), excess) <= 0.05

    assert wrong <= 0.05 * runs + 2.33 * math.sqrt(0.05 * 0.95 * runs)
    assert wrong > 0  # it is a bound that says something


# How the losses of clusters vary, with mean 1; and how much clusters count.
LOSSES = {
    "even": lambda rng, n: rng.gamma(5.0, 0.2, n),
    "skewed": lambda rng, n: rng.lognormal(-0.5, 1.0, n),
    "rare": lambda rng, n: np.where(rng.random(n) < 0.1, 10.0, 0.0),
    "skewed down": lambda rng, n: (1.6 - np.minimum(1.6, rng.exponential(0.6, n))) / 1.0417,  # less the part that is cut off
}
SIZES = {"equal": lambda rng, n: np.full(n, 100.0), "unequal": lambda rng, n: rng.exponential(100.0, n)}


@pytest.mark.long
@pytest.mark.parametrize("losses", LOSSES)
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize(("inside", "every"), [(6, 60), (10, 60), (20, 60), (40, 120)])
def test_bounds_of_a_ratio_hold_over_few_clusters_however_skewed(losses: str, sizes: str, inside: int, every: int):
    """Speakers differ in how much they say and in how well they are understood; 95 % on each side."""
    rng = np.random.default_rng(inside)
    runs = 1000
    member = np.arange(every) < inside
    low = high = 0
    # Everyone is a mixture in the shares of the words, whose mean is the same in both.
    truth = (0.35 - 0.2) * (1 - inside / every)
    for _ in range(runs):
        words = SIZES[sizes](rng, every)
        edits = words * np.where(member, 0.35, 0.2) * LOSSES[losses](rng, every)
        seen = _sample(edits, words, member, exact=False)
        low += excess_low(seen, 0.05) > truth
        high += excess_high(seen, 0.05) < truth

    most = 0.05 * runs + 2.33 * math.sqrt(0.05 * 0.95 * runs)
    assert low <= most
    assert high <= most


@pytest.mark.slow
def test_two_ways_to_bound_a_ratio_agree():
    rng = np.random.default_rng(2)
    for seed in range(40):
        every, inside = 30, 5 + seed % 20
        words = rng.exponential(100.0, every)
        edits = words * list(LOSSES.values())[seed % 4](rng, every) * 0.3
        seen = _sample(edits, words, np.arange(every) < inside, exact=False)
        own = {"a": seen.a, "b": seen.b, "A": seen.all_a, "B": seen.all_b, "clusters": inside, "all": every, **seen.products}
        for alpha in (0.05, 0.001):
            bounds = lowest(own, alpha, exact=False), -lowest(own, alpha, exact=False, upper=True)

            assert bounds == pytest.approx((excess_low(seen, alpha), excess_high(seen, alpha)), rel=1e-6)
        if math.isfinite(bounds[0]):
            assert p_value(seen, bounds[0]) == pytest.approx(0.001, rel=1e-3)


@pytest.mark.slow
def test_as_many_rows_as_are_said_to_be_needed_decide_mostly():
    rng = np.random.default_rng(9)
    level = 0.05 / 10
    few = _sample(
        (np.arange(100) % 40 < np.where(np.arange(100) < 40, 34, 24)).astype(float), np.ones(100), np.arange(100) < 40, exact=True
    )
    assert p_value(few, 0.05) > level

    n = needed(few, 0.05, level)
    rates, decided = (few.a / few.b, (few.all_a - few.a) / 60), 0
    for _ in range(200):
        inside = np.arange(round(n * 2.5)) < n
        lost = (rng.random(len(inside)) < np.where(inside, *rates)).astype(float)
        decided += p_value(_sample(lost, np.ones(len(inside)), inside, exact=True), 0.05) <= level

    assert n > 40
    assert 0.65 < decided / 200 < 0.95


def test_values_that_hold_together_are_holms():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_rates_borrow_from_each_other_as_far_as_they_are_alike():
    same = shrunk([(10, 100), (11, 100), (9, 100)])
    apart = shrunk([(10, 1000), (900, 1000), (5, 10)])

    assert same == pytest.approx([0.1] * 3)
    assert apart[0] == pytest.approx(0.01, abs=0.01)
    assert 0.3 < apart[2] < 0.5


@pytest.mark.slow
def test_items_that_are_alike_by_an_embedding_are_found(tmp_path: Path):
    rng = np.random.default_rng(5)
    n = 4000
    vectors = rng.normal(size=(n, 4)) + np.where(rng.random(n) < 0.1, 6.0, 0.0)[:, None]
    near = vectors.mean(axis=1) > 3
    truth = rng.integers(0, 2, n)
    wrong = rng.random(n) < np.where(near, 0.5, 0.1)
    columns = {"truth": truth, "said": np.where(wrong, 1 - truth, truth), "sex": rng.choice(["f", "m"], n), "v": list(vectors)}
    text = POLICY.replace(", race: race", "").replace("depth: 2", "depth: 2, embedding: v")
    data = table(tmp_path, columns)

    answer = asked(data, text)
    [finding, *_] = worst_slice.check(policy(text), Tools(inputs={DATA + "t.parquet": data}))

    assert "near" in answer.shown[0].definition
    assert 0.08 < answer.shown[0].confirmed.rows / (n / 2) < 0.13
    assert recheck(policy(text), finding.evidence, {DATA + "t.parquet": data}).status == "confirmed"


@pytest.mark.slow
def test_both_orders_of_a_pair_are_one_group(tmp_path: Path):
    rng = np.random.default_rng(6)
    n = 4000
    a, b = rng.choice(["x", "y"], n), rng.choice(["x", "y"], n)
    same = np.zeros(n, int)
    match = (rng.random(n) < np.where(a != b, 0.3, 0.05)).astype(int)  # people of different groups are confused
    columns = {"a": a, "b": b, "same": same, "match": match}
    text = """\
decision: {table: t.parquet, label: same, decision: match}
protected: {a: a}
require:
  - {id: fmr, kind: slices, metric: fpr, pairs: [[a, b]], features: a, at_most_excess: 0.05}
"""
    answer = asked(table(tmp_path, columns), text)

    assert answer.shown[0].definition == {"all": [{"feature": "a | b", "is": "x | y"}]}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("metric: error", "metric: accuracy", "error_rate"),
        ("metric: error", "metric: errors", "error_rate"),
        ("depth: 2", "depth: 5", "at most 3"),
        ("metric: error", "loss: {num: edits, dem: words}", "did you mean"),
        ("metric: error", "metric: error, pairs: [a]", "pairs"),
    ],
)
def test_a_mistake_in_a_requirement_is_said(old: str, new: str, said: str):
    with pytest.raises(UnreadableArtefact) as caught:
        policy(POLICY.replace(old, new))

    assert said in f"{caught.value.message} {caught.value.help}"


@pytest.mark.slow
@pytest.mark.parametrize(
    "change",
    [
        {"race": np.array([None] * 300, object)},
        {"truth": np.ones(300, int)},
        {"said": np.zeros(300, int)},
        {"age": np.full(300, np.nan)},
        {"age": np.where(np.arange(300) % 3, np.arange(300.0), np.inf)},
        {"race": np.array([f"r{n}" for n in range(300)], object)},
        {"sex": np.array(["it's `x` {table} %"] * 300, object)},
        {"odd column {table}": np.array(["a;'b"] * 300, object)},
    ],
)
def test_what_tables_hold_never_ends_in_a_crash(tmp_path: Path, change: dict[str, np.ndarray]):
    data = table(tmp_path, people(300) | change)

    for rule in (worst_slice, group_uncovered):
        for outcome in rule.check(policy(), Tools(inputs={DATA + "t.parquet": data})):
            assert isinstance(outcome, Finding | Cleared | Undecided)


@pytest.mark.parametrize("values", [[-1.0] * 50, ["many"] * 50])
def test_a_loss_that_is_none_is_refused(tmp_path: Path, values: list[object]):
    data = table(tmp_path, {"sex": ["f"] * 50, "race": ["a"] * 50, "truth": [0] * 50, "said": [0] * 50, "edits": values})

    with pytest.raises(UnreadableArtefact, match="edits"):
        asked(data, POLICY.replace("metric: error", "loss: {num: edits}"))


@pytest.mark.slow
def test_groups_alike_in_what_they_are_matched_on_differ_by_what_is_left(tmp_path: Path):
    """Speakers of group `a` are older, and the old are understood worse; five points are left. 30 runs at 95 %."""
    rng = np.random.default_rng(1)
    text = """\
decision: {table: t.parquet, unit: who}
protected: {group: group}
require:
  - {id: wer, kind: slices, loss: {num: edits, den: words}, at_most_excess: 0.05}
"""
    own = policy(text)
    hits = 0
    for _ in range(30):
        n = 3000
        old = rng.random(n) < 0.5
        group = np.where(rng.random(n) < np.where(old, 0.8, 0.2), "a", "b")
        words = rng.integers(5, 30, n)
        edits = rng.binomial(words, 0.1 + 0.2 * old + 0.05 * (group == "a"))
        columns = {"group": group, "old": old.astype(int), "words": words, "edits": edits, "who": np.arange(n) // 3}
        with opened(table(tmp_path, columns)) as relation:
            told = compare(own, own.requirements[0], relation, attribute="group", groups=("a", "b"), on=("old",))
        hits += told.low <= 0.05 <= told.high
        assert told.unmatched > 0.12

    assert hits >= 26


@pytest.mark.parametrize("units", [1, 2])
def test_where_all_rows_are_of_one_unit_nothing_is_said(tmp_path: Path, units: int):
    own = people(400) | {"id": np.arange(400) % units}
    read = policy(POLICY.replace("decision: said", "decision: said, unit: id"))
    with opened(table(tmp_path, own)) as relation:
        answer = search(read, read.requirements[0], relation)

    assert answer.verdict is Verdict.OPEN
    assert answer.shown == ()
