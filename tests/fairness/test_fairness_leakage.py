"""Leaks: found where they were put, not where chance is all there is, and confirmed by other code."""

import random

import pytest

from probatum.errors import UnreadableArtefact
from probatum.evidence import Counterexample
from probatum.fairness.artefacts import read
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import leakage as rule
from probatum.fairness.rules import outcome_decided_by_preparation
from probatum.findings import Cleared, Finding, Undecided
from probatum.source import Source
from probatum.tools import Tools

POLICY = """\
decision: {{table: t.csv, label: y, decision: d{unit}}}
protected: {{g: g}}
preparation: {{{prepared}}}
require:
  - {{id: one, metric: fpr, over: g, at_most: 0.9}}
"""


def checked(rows, names, prepared, unit=""):
    source = Source("t.csv", "\n".join([",".join(names), *(",".join(map(str, row)) for row in rows)]).encode())
    text = POLICY.format(prepared=prepared, unit=f", unit: {unit}" if unit else "")
    [policy] = read(Source("fairness.yaml", text.encode()), {})
    inputs = {"data:t.csv": source}
    return policy, inputs, list(rule.check(policy, Tools(inputs=inputs)))


def rows_of(chance, n=600, copies=0):
    train = [
        (chance.random(), chance.randrange(9), chance.choice("ab"), chance.randrange(2), chance.randrange(2), "train")
        for _ in range(n)
    ]
    test = [
        (chance.random(), chance.randrange(9), chance.choice("ab"), chance.randrange(2), chance.randrange(2), "test")
        for _ in range(n // 3)
    ]
    return [*train, *test[copies:], *((*row[:5], "test") for row in train[:copies])]


NAMES = ["x", "n", "g", "d", "y", "part"]


def test_copies_between_splits_are_found_and_rows_that_are_alike_by_chance_are_not():
    chance = random.Random(1)
    policy, inputs, [found] = checked(rows_of(chance, copies=20), NAMES, "features: [x], split: part")
    alike = [row[1:] for row in rows_of(chance)]  # without the column that tells them apart

    _, _, [none] = checked(alike, NAMES[1:], "features: [n], split: part")

    assert isinstance(found, Finding)
    assert found.evidence.given["shared"] == 20
    assert recheck(policy, found.evidence, inputs).status == "confirmed"
    changed = Counterexample(
        **{k: v for k, v in found.evidence.to_json().items() if k not in ("kind", "flow")}
        | {"given": found.evidence.given | {"shared": 21}}
    )
    assert recheck(policy, changed, inputs).status == "refuted"
    assert isinstance(none, Cleared)


@pytest.mark.parametrize("how", ["below", "above", "text", "missing"])
def test_a_feature_that_tells_the_outcome_is_found_however_it_does(how):
    chance = random.Random(2)
    rows = []
    for row in rows_of(chance, n=3000):
        y = row[4]
        x = {"below": -y, "above": 5 + y, "text": "ab"[y] + str(chance.randrange(3)), "missing": chance.random() if y else ""}[
            how
        ]
        rows.append((x, *row[1:]))

    policy, inputs, outcomes = checked(rows, NAMES, "features: [x, n]")

    [found] = outcomes
    assert isinstance(found, Finding)
    assert found.evidence.counts["column"] == "x"
    assert recheck(policy, found.evidence, inputs).status == "confirmed"


def test_many_texts_that_occur_once_tell_nothing():
    """A rate of one row is that row's outcome: it must not be counted in the row itself."""
    chance = random.Random(3)
    rows = [(f"name {n}", *row[1:]) for n, row in enumerate(rows_of(chance, n=3000))]

    _, _, [outcome] = checked(rows, NAMES, "features: [x]")

    assert isinstance(outcome, Cleared)


def test_a_split_without_rows_is_said():
    with pytest.raises(Exception, match="has no row `learn`"):
        checked(rows_of(random.Random(1)), NAMES, "split: part, train: learn")


def test_columns_that_tell_the_outcome_are_asked_about_where_features_are_not_named():
    chance = random.Random(2)
    rows = [(row[4], *row[1:]) for row in rows_of(chance, n=3000)]

    _, _, [outcome] = checked(rows, NAMES, "split: part")

    assert isinstance(outcome, Undecided)


def of_numbers(told: float, n: int = 400):
    """A label that is a number, and a feature that tells it so well; both rules about preparation."""
    chance = random.Random(3)
    lines = []
    for at in range(n):
        y = chance.gauss(50, 10)
        lines.append(f"{'ab'[at % 2]},{told * y + (1 - told) * chance.gauss(50, 10):.6f},{y:.6f}")
    return Source("t.csv", "\n".join(["g,x,y", *lines]).encode())


def of_both(table, more="preparation: {features: [x]}"):
    text = f"decision: {{table: t.csv, label: y}}\nprotected: {{g: g}}\n{more}\nrequire:\n  - {{id: m, kind: measure, numerator: y, over: g, at_most: 9}}\n"
    [policy] = read(Source("fairness.yaml", text.encode()), {})
    tools = Tools(inputs={"data:t.csv": table})
    return policy, tools.inputs, [*rule.check(policy, tools)], [*outcome_decided_by_preparation.check(policy, tools)]


def test_a_feature_that_tells_a_number_is_found_and_one_that_does_not_is_not():
    policy, inputs, [found], [clear] = of_both(of_numbers(1.0))
    assert isinstance(found, Finding)
    assert "whether `y` is above its median" in found.message
    assert recheck(policy, found.evidence, inputs).status == "confirmed"
    assert isinstance(clear, Cleared)
    assert "more than 1 rows" in clear.message

    _, _, [other], _ = of_both(of_numbers(0.2))
    assert isinstance(other, Cleared)


def test_a_number_that_is_frequent_is_said_not_to_be_looked_at():
    table = of_numbers(0.2)
    with_zeros = b"\n".join([*table.raw.split(b"\n"), *[b"a,1.5,0"] * 60])
    _, _, _, [open_] = of_both(Source("t.csv", with_zeros))

    assert isinstance(open_, Undecided)
    assert "60 rows have 0" in open_.reason
    assert "positive" not in open_.reason


def test_words_that_are_no_truth_values_still_need_what_is_positive():
    table = Source("t.csv", b"g,x,y\n" + b"".join(b"a,%d,w%d\n" % (at, at % 20) for at in range(100)))
    with pytest.raises(UnreadableArtefact, match="which value is positive"):
        of_both(table)
