"""What a verdict about everyone in a domain says of the table: features it lacks, ranges it never shows, groups of which one is 1."""

import json

import pytest

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts import read
from probatum.fairness.rules import unfair_over_range as rule
from probatum.findings import Cleared, Finding
from probatum.source import Source
from probatum.tools import Tools

FEATURES = ["age", "sex", "debt", "job_a", "job_b"]
MODEL = {
    "schema": "probatum-model/1",
    "kind": "trees",
    "features": FEATURES,
    "trees": [
        [
            {"feature": 0, "at_most": 40.5, "left": 1, "right": 2},
            0.3,
            {"feature": 1, "at_most": 0.5, "left": 3, "right": 4},
            0.4,
            0.45,
        ]
    ],
}
TABLE = "age,sex,approved,job_a,job_b\n20,0,1,1,0\n60,1,0,0,1\n"


def outcome(rest: str, table: str = TABLE):
    policy = "decision: {table: t.csv, decision: approved}\nprotected: {sex: sex}\nrequire:\n"
    policy += f"  - {{id: twin, kind: individual, model: m.json, vary: sex, {rest}}}\n"
    [read_policy] = read(Source("fairness.yaml", policy.encode()), {})
    inputs = {"data:t.csv": Source("t.csv", table.encode()), "data:m.json": Source("m.json", json.dumps(MODEL).encode())}
    [found] = rule.check(read_policy, Tools(inputs=inputs))
    return found


def test_a_feature_that_the_table_lacks_is_named_even_where_no_table_is_needed():
    everything = "domain: {age: {from: 0, to: 99, whole: true}, sex: {values: [0, 1]}, debt: [0, 9], job_a: {values: [0, 1]}, job_b: {values: [0, 1]}}"
    found = outcome(f"at_most: 0.1, {everything}")

    assert isinstance(found, Cleared)
    assert "the table has no such column" in found.assumptions[0]
    assert "`debt`" in found.assumptions[0]
    assert "`age`" not in " ".join(found.assumptions)


def test_ranges_that_the_table_never_shows_and_fractions_are_named():
    found = outcome("at_most: 0.02, domain: {age: [200, 300], debt: [0, 9]}")
    said = " ".join(found.assumptions)

    assert isinstance(found, Finding)
    assert "people of whom the table has none: by `age` (200 to 300, in the table 20 to 60)" in said
    assert "`age` can be fractions, although all of the table are whole" in said


def test_columns_of_which_one_is_1_in_every_row_are_named_until_they_are_declared():
    undeclared, declared = (
        outcome(f"at_most: 0.1, domain: {{debt: [0, 9]}}{more}") for more in ("", ", one_hot: {job: [job_a, job_b]}")
    )

    assert any("`job_a`, `job_b` need not add up to 1" in one for one in undeclared.assumptions)
    assert not any("add up" in one for one in declared.assumptions)
    assert not any("add up" in one for one in outcome("at_most: 0.1, domain: {debt: [0, 9]}", TABLE + "30,0,1,1,1\n").assumptions)


@pytest.mark.parametrize(
    "table", ["age,sex,approved\n,,\n", "approved,debt\n1,nan\n0,inf\n", "age,sex,approved,debt\nold,f,1,much\n"]
)
def test_strange_tables_are_no_crash(table: str):
    known = "domain: {age: [18, 60], sex: {values: [0, 1]}, debt: [0, 9], job_a: {values: [0, 1]}, job_b: {values: [0, 1]}}"

    assert isinstance(outcome(f"at_most: 0.1, {known}", table), Cleared)


def test_protected_attributes_as_a_list_are_refused_with_a_reason():
    with pytest.raises(UnreadableArtefact) as caught:
        list(read(Source("fairness.yaml", b"decision: {table: t.csv, decision: y}\nprotected: [sex]\nrequire: []\n"), {}))

    assert "no mapping" in caught.value.message
