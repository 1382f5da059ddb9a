"""One decision's story: what it says of scores is exact, and what would have changed a decision does."""

import csv
import itertools
import json
import math
import random
from dataclasses import dataclass
from typing import Any

import pytest

from probatum.cli import main
from probatum.errors import UsageError
from probatum.fairness import record
from probatum.fairness.artefacts import read
from probatum.fairness.artefacts.record import read_record
from probatum.fairness.semantics.relation import opened
from probatum.fairness.service.counterfactual import nearest
from probatum.fairness.service.profile import file_digest
from probatum.fairness.service.scored import Trees, Weighted, Whole
from probatum.fairness.service.story import story
from probatum.source import Data, Source


@dataclass
class Leaf:
    value: float


@dataclass
class Test:
    __test__ = False

    feature: int
    threshold: float
    left: Any
    right: Any


def grown(chance: random.Random, depth: int, width: int):
    if not depth or chance.random() < 0.2:
        return Leaf(chance.uniform(-1, 1))
    return Test(chance.randrange(width), chance.uniform(0, 1), grown(chance, depth - 1, width), grown(chance, depth - 1, width))


def run(tree, row):
    while isinstance(tree, Test):
        tree = tree.left if row[tree.feature] <= tree.threshold else tree.right
    return tree.value


def forest(chance: random.Random, width: int = 5, many: int = 6) -> Trees:
    trees = [grown(chance, 5, width) for _ in range(many)]
    return Trees(
        tuple(f"x{n}" for n in range(width)),
        trees,
        2.0,
        False,
        lambda node, value: value <= node.threshold,
        lambda row: sum(run(tree, row) for tree in trees) / 2.0,
    )


def shapley(function, row, other):
    """By definition: over all orders of features, what each adds when its turn comes."""
    width = len(row)
    total = [0.0] * width
    for order in itertools.permutations(range(width)):
        now = list(other)
        for n in order:
            before = function(tuple(now))
            now[n] = row[n]
            total[n] += function(tuple(now)) - before
    return [one / math.factorial(width) for one in total]


@pytest.mark.parametrize("seed", range(8))
def test_attributions_of_trees_are_shapley_values(seed):
    chance = random.Random(seed)
    model = forest(chance)
    row, other = (tuple(chance.random() for _ in range(5)) for _ in range(2))

    got = model.adds(row, other)

    assert got == pytest.approx(shapley(model.raw, row, other), abs=1e-12)
    assert math.fsum(got) == pytest.approx(model.raw(row) - model.raw(other), abs=1e-12)


def test_attributions_of_linear_and_of_any_other_models_are_shapley_values():
    linear = Weighted(("a", "b", "c"), (0.5, -2.0, 3.0), 0.1, True)
    other = Whole(("a", "b", "c"), lambda row: math.tanh(row[0] * row[1]) + row[2] ** 2, logistic=False)

    for model in (linear, other):
        got = model.adds((1.0, 2.0, -1.0), (0.0, -1.0, 4.0))
        assert got == pytest.approx(shapley(model.raw, (1.0, 2.0, -1.0), (0.0, -1.0, 4.0)), abs=1e-12)


@pytest.mark.parametrize("seed", range(8))
def test_no_nearer_values_change_the_decision(seed):
    """Against all combinations of values."""
    chance = random.Random(seed)
    model = forest(chance, width=3)
    row = tuple(chance.random() for _ in range(3))
    values = {n: [chance.random() for _ in range(6)] for n in (0, 2)}
    spread = {0: 0.3, 2: 0.7}
    limit = model.raw(row) + chance.choice((-0.1, 0.1))

    def decided(x):
        return model.raw(x) >= limit

    got = nearest(row, (0, 2), values, spread, decided)

    costs = [
        abs(a - row[0]) / 0.3 + abs(c - row[2]) / 0.7
        for a in (row[0], *values[0])
        for c in (row[2], *values[2])
        if decided((a, row[1], c)) != decided(row)
    ]
    assert got.nearest
    assert (got.cost == pytest.approx(min(costs))) if costs else (got.changes == {})


POLICY = """\
decision: {table: t.csv, label: y, score: p, threshold: 0.5, unit: id}
protected: {sex: sex, age: {column: age, bands: [18, 40, 99]}}
preparation: {features: [age, income], record: t.record.json}
require:
  - {id: one, metric: fpr, over: sex, at_most: 0.5}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("story")
    chance = random.Random(2)
    model = Weighted(("age", "income"), (0.02, 0.4), -3.0, True)
    lines = ["id,sex,age,income,y,p"]
    for n in range(200):
        age, income = chance.randrange(18, 90), chance.randrange(1, 12)
        lines.append(f"p{n},{chance.choice('fm')},{age},{income},{chance.randrange(2)},{model.score((age, income))!r}")
    (place / "t.csv").write_text("\n".join([*lines, "gap,,,3,,", "gap,,,3,,"]))
    (place / "fairness.yaml").write_text(POLICY)
    with record("scores", to=place / "t.record.json", protected={"sex": "sex"}) as own:
        with own.stage("train", lines[1:3] and {"age": [1, 2]}, depth=3) as stage:
            stage.gives(place / "t.csv")
        own.threshold(0.5, by="the board")
    return place


def told(folder, identifier, model=None, **more):
    [policy] = read(Source("fairness.yaml", POLICY.encode()), {})
    back = read_record((folder / "t.record.json").read_bytes(), "t.record.json")
    with opened(Data("t.csv", b"", place=str(folder / "t.csv"))) as relation:
        return story(
            policy, relation, identifier, by="id", model=model, record=back, table_digest=file_digest(folder / "t.csv"), **more
        )


@pytest.mark.slow
def test_a_story_adds_up(folder):
    model = Weighted(("age", "income"), (0.02, 0.4), -3.0, True)

    own = told(folder, "p7", model, mutable=("income",))

    adds = own["attribution"]
    assert own["model_agrees"] is True
    assert adds["start"] + sum(adds["adds"].values()) == pytest.approx(adds["raw"])
    assert own["margin"] == pytest.approx(own["score"] - 0.5)
    [(name, (before, after))] = own["counterfactual"]["changes"].items()
    assert name == "income"
    other = model.score((float(own["inputs"]["age"]), after))
    assert (other >= 0.5) != (own["score"] >= 0.5)
    assert before == float(own["inputs"]["income"])
    assert [step["name"] for step in own["steps"]["path"]] == ["train"]
    assert own["steps"]["holds"]
    assert own["neighbours"]["rows"] >= 1
    whole = next(r for r in own["people_like_this"] if r["people"] == "everyone" and r["rate"] == "fpr")
    assert whole["low"] <= whole["value"] <= whole["high"]


@pytest.mark.slow
def test_a_model_that_gives_another_score_is_said_to(folder):
    assert told(folder, "p7", Weighted(("age", "income"), (0.02, 0.5), -3.0, True))["model_agrees"] is False


@pytest.mark.parametrize("identifier", ["nobody", "gap"])
def test_an_identifier_that_names_no_row_or_two_is_refused(folder, identifier):
    with pytest.raises(UsageError, match="row has"):
        told(folder, identifier)


@pytest.mark.slow
def test_the_command_prints_the_story(folder, capsys):
    assert main(["fairness", "explain", str(folder / "fairness.yaml"), "p7"]) == 0
    text = capsys.readouterr().out

    assert "whose digests fit" in text
    assert "unknown: no model" in text
    row = next(csv.DictReader(line for line in (folder / "t.csv").read_text().splitlines() if line[:3] in {"id,", "p7,"}))
    assert f"inputs\n  age {row['age']}, income {row['income']}\n" in text
    assert "threshold 0.5, chosen by the board" in text
    assert main(["fairness", "explain", str(folder / "fairness.yaml"), "p7", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["id"] == "p7"
