"""Reading policies: what is wrong is said with its line, and with what was probably meant."""

import pytest

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts import imports, read
from probatum.source import Source

GOOD = """\
decision: {table: loans.csv, label: repaid, score: p, threshold: 0.5}
protected: {race: race, age: {column: years, bands: [18, 25, 45]}}
require:
  - {id: eo, metric: [fpr, fnr], over: race*age, at_most: 0.05}
"""


def policy(text: str):
    [found] = read(Source("fairness.yaml", text.encode()), {})
    return found


def test_a_policy_says_what_is_compared():
    [required] = policy(GOOD).requirements

    assert (required.metrics, required.over, required.bound) == (("fpr", "fnr"), (("race", "age"),), 0.05)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("metric:", "metrik:", 4, "metric"),
        ("fpr", "fprr", 4, "did you mean `fpr`?"),
        ("at_most", "at_least", 4, "at_most"),
        ("race*age", "race*agee", 4, "did you mean `age`?"),
        ("table: loans.csv, ", "", 1, "add `table: ...`"),
        ("threshold: 0.5", "threshold: high", 1, "a number"),
        ("[18, 25, 45]", "[25, 18]", 2, "ascending"),
        ("decision:", "decision: 1\ndecision:", 2, "remove one"),
        ("score: p, ", "", 1, "score"),
        ("require:", "requires:", 1, "require"),
        ("{table", "!!python/object/apply:os.system {table", 1, "tag"),
    ],
)
def test_a_mistake_is_said_with_its_line_and_what_was_meant(old: str, new: str, line: int, said: str):
    with pytest.raises(UnreadableArtefact) as caught:
        policy(GOOD.replace(old, new, 1))

    assert caught.value.location.line == line
    assert said in f"{caught.value.message} {caught.value.help}"


@pytest.mark.parametrize("text", ["", "[", "a: b: c", "- 1", "42", "&a [*a]", "\x07", "a: " * 3, "[" * 5000, "%YAML 9"])
def test_what_is_no_policy_is_refused(text: str):
    with pytest.raises(UnreadableArtefact):
        policy(text)


def test_words_that_older_yaml_takes_for_truth_values_are_texts():
    protected = policy(GOOD.replace("race: race", "race: no")).protected

    assert protected["race"].column == "no"


def test_the_table_is_an_input_that_is_read_in_place():
    files = {"a/fairness.yaml": GOOD.encode(), "a/loans.csv": b""}

    assert imports("a/fairness.yaml", {}, files.get, files.__contains__) == ((), ("data:a/loans.csv",))


def test_a_table_outside_the_directory_is_no_input():
    raw = GOOD.replace("loans.csv", "../../etc/passwd").encode()

    assert imports("a/fairness.yaml", {}, lambda _: raw, lambda _: True) == ((), ())
