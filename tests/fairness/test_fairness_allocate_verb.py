"""`probatum fairness allocate`: what it prints, and its exit status."""

import json
from fractions import Fraction

import pytest

from probatum.cli import main

pytest.importorskip("scipy")

SHELTERS = """\
agents:
  ann: {group: north, need: 10}
  ben: {group: north, need: 30}
  cem: {group: south, need: 60}
resources: {beds: 50}
"""


@pytest.fixture
def allocate(tmp_path, capsys):
    def run(content: str, *options: str, name: str = "problem.yaml") -> tuple[int, str]:
        (tmp_path / name).write_text(content)
        status = main(["fairness", "allocate", str(tmp_path / name), *options])
        printed = capsys.readouterr()
        return status, printed.out + printed.err

    return run


def test_everyone_has_half_and_it_is_proved(allocate):
    status, printed = allocate(SHELTERS, "--format", "json")

    answer = json.loads(printed)
    assert status == 0
    assert {one["exact"] for one in answer["utilities"].values()} == {"1/2"}
    assert all(Fraction(one["slack"]) >= 0 for one in answer["demands"])


def test_demands_that_contradict_each_other_are_named(allocate):
    status, printed = allocate(SHELTERS, "--floor", "0.6")

    assert status == 1
    assert "capacity of `beds`" in printed
    assert "`cem` has at least 0.6" in printed


def test_a_file_says_its_own_demands_and_an_option_goes_before_them(allocate):
    own = SHELTERS + "demands: {floor: 0.6}\n"

    assert allocate(own)[0] == 1
    assert allocate(own, "--floor", "0.4")[0] == 0
    assert allocate(json.dumps({"agents": {"a": {}}, "resources": {"r": 1}, "demands": {"floor": 2}}), name="p.json")[0] == 1


def test_a_lottery_says_which_allocation_its_seed_draws(allocate):
    houses = "indivisible: true\nresources: {house: 1, flat: 1}\nagents: {ann: {quota: 1}, ben: {quota: 1}, cem: {quota: 1}}\n"

    status, printed = allocate(houses, "--lottery", "2026-11-22", "--format", "json")

    lottery = json.loads(printed)["lottery"]
    assert status == 0
    assert sum(Fraction(part["probability"]) for part in lottery["parts"]) == 1
    assert all(len(part["allocation"]) == 2 for part in lottery["parts"])


def test_a_table_is_read_by_its_columns(allocate):
    status, printed = allocate(
        "site,visits,each\nAvoca,12,314.6\nBath,11,279.5\n",
        *("--column", "agent=site", "--column", "need=visits", "--column", "need=each", "--supply-share", "0.6"),
        name="sites.csv",
    )

    assert status == 0
    assert "0.6" in printed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--floor", "nan"], "no number"),
        (["--floor-of", "zed=1"], "`zed`"),
        (["--floor-of", "zed"], "name=value"),
        (["--alpha", "2"], "--welfare alpha"),
        (["--max-distance", "1"], "distance"),
        (["--mms"], "not divided"),
        (["--chance", "0.1"], "need_samples"),
        (["--lottery", "x"], "whole"),
    ],
)
def test_what_cannot_be_asked_is_said_with_what_to_do(allocate, options: list[str], said: str):
    status, printed = allocate(SHELTERS, *options)

    assert status == 2
    assert said in printed


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("", "p.csv"),
        ("agent,need\n", "p.csv"),
        ("agents: {a: {}}\nresources: {x: 1}\nconflicts: 3\n", "p.yaml"),
        ("agents: {a: {values: [[1]]}}\nresources: {x: 1}\n", "p.yaml"),
        ('{"valuations": {"a": {"x": 1}}, "item_capacities": {"x": 1}, "agent_conflicts": {"a": 5}}', "p.json"),
        ('{"valuations": {"a": {"x": 1}}, "item_capacities": {"x": 1}, "item_conflicts": {"x": 5}}', "p.json"),
        ('{"valuations": 3}', "p.json"),
        ("[1, 2", "p.json"),
        ('{"agents": {"a": {}}, "agents": {}}', "p.json"),
        ("[" * 100_000, "p.json"),
    ],
)
def test_a_file_that_is_no_problem_is_refused_in_words(allocate, content: str, name: str):
    status, printed = allocate(content, name=name)

    assert status == 2
    assert "help:" in printed
