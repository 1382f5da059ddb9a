"""Rows that recorded steps leave out, by group and by outcome: found, confirmed, and refuted where altered."""

import re
from pathlib import Path

import numpy as np
import pytest
from held_tables import policy_of

from probatum.errors import UnreadableArtefact
from probatum.evidence import from_json
from probatum.fairness import record, step
from probatum.fairness.recheck import recheck
from probatum.fairness.rules.rows_lost import check
from probatum.findings import Cleared, Finding, Undecided
from probatum.source import Source
from probatum.tools import Tools


@step
def filtered(table, *, least):
    return [row for row in table if row["x"] >= least[row["sex"]]]


@step
def doubled(table):
    return [*table, *table]


def recorded(folder: Path, least: dict[str, float], *, n: int = 1000, again: bool = False) -> bytes:
    rng = np.random.default_rng(1)
    rows = [{"sex": "female" if k % 2 else "male", "x": float(rng.random()), "y": int(rng.random() < 0.4)} for k in range(n)]
    with record("r", to=folder / "r.json", protected={"sex": "sex"}, label="y"):
        table = filtered(rows, least=least)
        if again:
            doubled(table)
    return (folder / "r.json").read_bytes()


def asked(raw: bytes, more: str = ""):
    read = policy_of(
        f"decision: {{table: t.csv, label: y}}\nprotected: {{sex: sex}}\npreparation: {{record: r.json{more}}}\n"
        "require: [{id: r, metric: base_rate, over: sex, at_most: 0.5}]\n"
    )
    inputs = {"data:r.json": Source("r.json", raw)}
    return read, inputs, list(check(read, Tools(inputs=inputs)))


def test_a_step_that_loses_more_of_one_group_is_found_and_one_that_does_not_is_cleared(tmp_path: Path):
    read, inputs, [by_sex, by_outcome] = asked(recorded(tmp_path, {"female": 0.6, "male": 0.2}))

    assert isinstance(by_sex, Finding)
    assert "of `female` more often than of `male`" in by_sex.message
    assert isinstance(by_outcome, Cleared | Undecided)
    assert by_sex.evidence.family == 4
    assert recheck(read, by_sex.evidence, inputs).status == "confirmed"
    told = by_sex.evidence.to_json()
    for altered in (
        {"low": told["low"] + 0.01},
        {"high": told["high"] - 0.01},
        {"family": 2},
        {"value": 0.5},
        {"confidence": 0.9},
    ):
        assert recheck(read, from_json(told | altered), inputs).status == "refuted", altered
    for altered in ({"verdict": "satisfied"}, {"by": "race"}, {"groups": {"female": [1, 500], "male": [1, 500]}}):
        assert recheck(read, from_json(told | {"counts": told["counts"] | altered}), inputs).status == "refuted", altered
    gone = from_json(told | {"counts": told["counts"] | {"root": "0" * 64}})
    assert recheck(read, gone, inputs).status == "cannot"


def test_what_a_policy_allows_is_cleared_and_confirmed(tmp_path: Path):
    read, inputs, outcomes = asked(recorded(tmp_path, {"female": 0.6, "male": 0.2}), ", rows_lost: 0.6")

    assert all(isinstance(one, Cleared) for one in outcomes)
    assert all(recheck(read, one.evidence, inputs).status == "confirmed" for one in outcomes)


def test_few_rows_are_undecided(tmp_path: Path):
    _, _, outcomes = asked(recorded(tmp_path, {"female": 0.6, "male": 0.5}, n=60))
    _, _, few = asked(recorded(tmp_path, {"female": 0.6, "male": 0.5}, n=20))

    assert all(isinstance(one, Undecided) for one in (*outcomes, *few))
    assert "have 20 rows before" in few[0].reason


def test_a_step_that_adds_rows_is_no_filter(tmp_path: Path):
    _, _, outcomes = asked(recorded(tmp_path, {"female": 0.6, "male": 0.2}, again=True))

    assert {one.subject.rsplit(" ", 1)[1] for one in outcomes} == {"filtered"}


@step
def halves(table):
    return table[: len(table) // 4], table[len(table) // 4 :]


def test_a_step_that_divides_a_table_is_no_filter(tmp_path: Path):
    rows = [{"sex": "female" if k < 500 else "male", "y": k % 2} for k in range(1000)]
    with record("r", to=tmp_path / "r.json", protected={"sex": "sex"}, label="y") as run:
        halves(rows)

    assert asked((tmp_path / "r.json").read_bytes())[2] == []
    [own] = [one for one in run.objects.values() if one["kind"] == "step"]
    assert own["flow"] == {}


def test_what_is_undecided_names_both_groups_and_how_many_rows_would_decide(tmp_path: Path):
    raw = recorded(tmp_path, {"female": 0.2, "male": 0.17}, n=400)

    [undecided] = [one for one in asked(raw)[2] if isinstance(one, Undecided) and "sex" in one.reason]

    first, second = re.search(r"\((\S+)% of 200 and (\S+)% of 200\)", undecided.reason).groups()
    assert float(first) > float(second)
    assert int(re.search(r"about (\S+) rows of each", undecided.reason)[1].replace(",", "")) > 200


def test_a_step_that_loses_nothing_says_nothing(tmp_path: Path):
    assert asked(recorded(tmp_path, {"female": 0.0, "male": 0.0}))[2] == []


def test_a_filter_by_outcome_is_found(tmp_path: Path):
    rows = [{"sex": "female" if k % 2 else "male", "y": int(k % 5 < 2), "seen": k % 3} for k in range(1500)]

    @step
    def awaited(table):
        return [row for row in table if row["y"] == 1 or row["seen"]]

    with record("r", to=tmp_path / "r.json", protected={"sex": "sex"}, label="y"):
        awaited(rows)
    read, inputs, outcomes = asked((tmp_path / "r.json").read_bytes())

    [found] = [one for one in outcomes if isinstance(one, Finding)]
    assert "with a negative outcome more often than with a positive outcome" in found.message
    assert recheck(read, found.evidence, inputs).status == "confirmed"


def test_a_policy_must_name_a_record():
    with pytest.raises(UnreadableArtefact, match="needs a record"):
        policy_of(
            "decision: {table: t.csv, label: y}\nprotected: {sex: sex}\npreparation: {rows_lost: 0.2}\n"
            "require: [{id: r, metric: base_rate, over: sex, at_most: 0.5}]\n"
        )


@pytest.mark.long
def test_false_findings_are_as_rare_as_promised():
    """Two groups that lose the same share, and an allowance of nothing: 2,000 runs at 5 %."""
    from probatum.stats.bounds import clopper_pearson

    rng = np.random.default_rng(3)
    wrong = 0
    for one, other in rng.binomial(300, 0.3, (2000, 2)):
        ends = [clopper_pearson(int(k), 300, confidence=0.95, family=2) for k in (one, other)]
        wrong += max(ends[0].low - ends[1].high, ends[1].low - ends[0].high) > 0
    assert wrong <= 100
