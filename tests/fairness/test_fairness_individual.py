"""Requirements about twins: what they say, and what is wrong with them, with its line."""

import pytest

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts import read
from probatum.fairness.artefacts.twins import Output, Range, Twins, Values
from probatum.source import Source

POLICY = """\
decision: {table: loans.csv, decision: approved}
protected: {sex: gender}
require:
  - {id: twin, kind: individual, model: m.txt, vary: sex, proxies: [zip], tolerance: {age: 1}, at_most: 0.02, domain: {age: [18, 90]}}
"""


def required(text: str):
    [policy] = read(Source("fairness.yaml", text.encode()), {})
    return policy.requirements[0]


def test_twins_differ_in_the_column_of_a_protected_attribute():
    found = required(POLICY)

    assert found.twins == Twins(vary=("gender", "zip"), tolerance={"age": 1.0})
    assert (found.output, found.bound, found.domain) == (Output.SCORE, 0.02, {"age": Range(18.0, 90.0)})


def test_a_domain_may_be_values_or_whole_numbers_or_missing():
    found = required(POLICY.replace("[18, 90]", "{from: 18, to: 90, whole: true, missing: true}, zip: {values: [3, 1]}"))

    assert found.domain == {"age": Range(18.0, 90.0, whole=True, missing=True), "zip": Values((1.0, 3.0))}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("model: m.txt, ", "", "`model`"),
        ("vary: sex, proxies: [zip], tolerance: {age: 1}, ", "", "what twins differ in"),
        (", at_most: 0.02", "", "`at_most`"),
        ("at_most: 0.02", "at_most: 0.02, output: decision", "a decision differs or does not"),
        ("{age: 1}", "{age: -1}", "tolerance of `age`"),
        ("{age: 1}", "{age: 1, zip: 2}", "two ways"),
        ("[18, 90]", "[90, 18]", "empty"),
        ("[18, 90]", "[18]", "pair of numbers"),
        ("[18, 90]", "{values: []}", "values of `age`"),
        ("[18, 90]", "{from: 18}", "`to`"),
        ("at_most: 0.02", "at_most: 0.02, one_hot: {race: [one]}", "list of features"),
        ("vary: sex", "varry: sex", "did you mean `vary`?"),
    ],
)
def test_a_mistake_is_said(old: str, new: str, said: str):
    with pytest.raises(UnreadableArtefact) as caught:
        required(POLICY.replace(old, new, 1))

    assert caught.value.location.line == 4
    assert said in f"{caught.value.message} {caught.value.help}"
