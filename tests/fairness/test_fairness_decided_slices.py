"""Slices in which the outcome never varies: found where they are, not where they are not, and confirmed by other code."""

import itertools
import math
import random
from fractions import Fraction

import pytest
from reference_data import reference

from probatum.evidence import Estimate
from probatum.fairness.artefacts import read
from probatum.fairness.model.decided_slices import log_chance
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import outcome_decided_by_preparation as rule
from probatum.findings import Cleared, Finding, Severity, Undecided
from probatum.source import Data, Source
from probatum.tools import Tools

POLICY = """\
decision: {table: t.csv, label: y, decision: d}
protected: {g: g}
require:
  - {id: one, metric: fpr, over: g, at_most: 0.2}
"""


def table(rows, names):
    return Source("t.csv", ("\n".join([",".join(names), *(",".join(map(str, row)) for row in rows)])).encode())


def checked(source, text=POLICY):
    [policy] = read(Source("fairness.yaml", text.encode()), {})
    inputs = {"data:" + source.path: source}
    return policy, inputs, list(rule.check(policy, Tools(inputs=inputs)))


def test_the_probability_is_that_of_all_deals():
    """Counted over all ways to deal outcomes to rows."""
    for rows, same, alike in ((6, 4, 2), (7, 6, 3), (5, 5, 2), (6, 2, 3)):
        deals = list(itertools.combinations(range(rows), same))
        share = Fraction(sum(all(i in deal for i in range(alike)) for deal in deals), len(deals))

        got = log_chance(alike, rows, same)

        assert (got == -math.inf) if not share else math.isclose(math.exp(got), share, rel_tol=1e-9)


@pytest.mark.slow
def test_chance_alone_is_seldom_called_a_slice():
    """Outcomes that depend on no column: over 100 tables, as many findings as one in twenty would give at most."""
    chance = random.Random(7)
    found = 0
    for _ in range(100):
        rate = chance.choice((0.05, 0.5, 0.9))
        rows = [
            (chance.choice("ab"), chance.randrange(2), int(chance.random() < rate), chance.randrange(40), chance.choice("uvwxyz"))
            for _ in range(300)
        ]
        _, _, outcomes = checked(table(rows, ["g", "d", "y", "x", "z"]))
        found += any(isinstance(o, Finding) for o in outcomes)

    assert found <= 11  # P(more than 11 of 100) is 0.4 % if each has probability 1/20


@pytest.mark.slow
@pytest.mark.parametrize("hidden", ["2020-03-01", "01.03.2020", "number", "text", "missing"])
def test_rows_without_one_outcome_are_found_by_whatever_shows_them(hidden):
    chance = random.Random(3)
    rows = []
    for i in range(400):
        y = int(chance.random() < 0.4)
        late = i >= 250
        if late and not y:
            continue
        day = i // 16 + 1
        shown = {
            "2020-03-01": f"2020-{1 + day // 28:02}-{1 + day % 28:02}",
            "01.03.2020": f"{1 + day % 28:02}.{1 + day // 28:02}.2020",
            "number": i,
            "text": "late" if late else f"site {i % 3}",
            "missing": "" if late else i % 7,
        }[hidden]
        rows.append((chance.choice("ab"), chance.randrange(2), y, shown))
    source = table(rows, ["g", "d", "y", "x"])

    policy, inputs, [finding] = checked(source)

    assert isinstance(finding, Finding)
    assert finding.evidence.counts["slice"]["column"] == "x"
    assert finding.evidence.counts["outcome"] == 1
    assert recheck(policy, finding.evidence, inputs).status == "confirmed"


@pytest.mark.slow
def test_evidence_that_was_changed_is_refuted():
    rows = [("a", 1, int(i >= 60 or i % 2), i) for i in range(120)]
    policy, inputs, [finding] = checked(table(rows, ["g", "d", "y", "x"]))
    counts = dict(finding.evidence.counts)

    for changed in (
        {"rows": counts["rows"] + 1},
        {"outcome": 0},
        {"log10": counts["log10"] - 3},
        {"whole": [121, 90]},
        {"beside": [1, 60]},
        {"slice": counts["slice"] | {"low": 3.0}},
        {"groups": {}},
    ):
        own = finding.evidence.to_json() | {"counts": counts | changed}
        own.pop("kind")
        assert recheck(policy, Estimate(**own), inputs).status == "refuted", changed
    assert recheck(policy, finding.evidence, inputs).status == "confirmed"


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([("a", 1, 1, 1)] * 100, Undecided),
        ([("a", 1, i % 2, "") for i in range(100)], Cleared),
        ([("", "", i % 2 if i else "", "nan") for i in range(100)], Cleared),
        ([("a", 1, i % 2, "x" * i) for i in range(100)], Cleared),
        ([("a", i % 2, i % 2, "inf") for i in range(100)], Cleared),
    ],
)
def test_strange_columns_are_no_reason_to_stop(rows, kind):
    _, _, [outcome] = checked(table(rows, ["g", "d", "y", "x"]))

    assert isinstance(outcome, kind)


def test_columns_may_have_any_name():
    rows = [("a", 1, i % 2, i, i, i, i) for i in range(100)]
    source = table(rows, ["g", "d", "y", "m", "v", '"i ""n"""', "rows"])

    _, _, [outcome] = checked(source)

    assert isinstance(outcome, Cleared)


@pytest.mark.slow  # reads seven thousand rows by forty columns, twice
def test_the_998_rows_of_compas_are_found_without_being_asked():
    compas = reference("compas/compas-scores-two-years.deidentified.csv.gz")
    text = POLICY.replace("t.csv", compas.name).replace(
        "label: y, decision: d", "label: two_year_recid, score: decile_score, threshold: 5"
    )
    source = Data(compas.name, b"", place=str(compas))

    policy, inputs, outcomes = checked(source, text.replace("g: g", "race: race").replace("over: g", "over: race"))

    first = outcomes[0]
    assert isinstance(first, Finding)
    assert first.evidence.counts["said"] == "with `compas_screening_date` from 2014-04-02 to 2014-12-31"
    assert (first.evidence.counts["rows"], first.evidence.counts["outcome"], first.evidence.counts["whole"]) == (
        998,
        1,
        [7214, 3251],
    )
    before, after = first.evidence.counts["groups"]["race"]["African-American"]
    assert (round(before[1] / before[0], 4), round(before[3] / before[2], 4), round(after[3] / after[2], 3)) == (
        0.5143,
        0.6297,
        0.546,
    )
    before, after = first.evidence.counts["groups"][""][""]
    assert (round(before[1] / before[0], 4), round(after[1] / after[0], 4), after[0]) == (0.4507, 0.3625, 6216)
    assert recheck(policy, first.evidence, inputs).status == "confirmed"


def test_a_column_whose_ranges_have_either_outcome_is_a_note_and_no_filter():
    """As capital gains in the Adult data: a sum is taxed with an income above a line, or below, and by no one's choice of rows."""
    chance = random.Random(3)
    rows = []
    for _ in range(1200):
        gain = chance.choice((0, 0, 0, chance.randrange(1, 90)))
        outcome = int(chance.random() < 0.4) if not gain else int(30 < gain < 60)
        rows.append((chance.choice("ab"), chance.randrange(2), outcome, gain))

    _, _, outcomes = checked(table(rows, ["g", "d", "y", "gain"]))

    [found] = outcomes
    assert isinstance(found, Finding)
    assert found.severity is Severity.NOTE
    assert "so no one filter by outcome made them" in found.cause
