"""The rule about unexplained gaps: verdicts hold, and evidence is computed again by other formulas."""

import itertools

import numpy as np
import pytest

from probatum.errors import UnreadableArtefact
from probatum.evidence import Estimate, from_json
from probatum.fairness.artefacts import read
from probatum.fairness.model.decomposition.sample import Sample
from probatum.fairness.model.decomposition.unexplained import judge
from probatum.fairness.model.gaps import Verdict
from probatum.fairness.recheck import recheck
from probatum.fairness.rules.disparity_unexplained import check
from probatum.findings import Cleared, Finding, Undecided
from probatum.source import Source
from probatum.tools import Tools

POLICY = """\
decision: {table: t.csv%s}
protected: {g: g}
require:
  - {id: u, kind: decomposition, outcome: y, over: g, between: [a, b], covariates: {one: [x, j], two: [k]}, at_most: %s%s}
"""


def people(seed: int = 0, n: int = 500, gap: float = 0.5) -> str:
    rng = np.random.default_rng(seed)
    lines = ["g,y,x,j,k,c,w,m"]
    for _ in range(n):
        g = "ab"[int(rng.random() < 0.4)]
        x, j, k = 2013 + rng.normal(g == "a", 2), "pqr"[int(rng.integers(3))], int(rng.integers(2))
        y = 0.3 * (x - 2013) + (j == "q") + gap * (g == "a") + rng.normal()
        lines.append(f"{g},{y:.6f},{x:.6f},{j},{k},{int(rng.integers(25))},{rng.uniform(0.5, 2):.4f},{int(rng.integers(1, 4))}")
    return "\n".join(lines) + "\n"


def asked(table: str, *, decision: str = "", limit: str = "0.1", more: str = ""):
    [policy] = read(Source("fairness.yaml", (POLICY % (decision, limit, more)).encode()), {})
    inputs = {"data:t.csv": Source("t.csv", table.encode())}
    return policy, inputs, list(check(policy, Tools(inputs=inputs)))


_MORE = [f", reference: {reference}" for reference in ("first", "second", "half", "weighted", "pooled", "pooled-with-group")] + [
    ", method: kitagawa, categorical: [k]"
]


@pytest.mark.slow  # each opens the table several times
@pytest.mark.parametrize("more", _MORE)
@pytest.mark.parametrize("decision", ["", ", cluster: c", ", weight: w", ", count: m", ", weight: w, count: m, cluster: c"])
def test_evidence_is_confirmed_by_sums(decision: str, more: str):
    table = people()
    if "kitagawa" in more:
        header, *rows = [line.split(",") for line in table.splitlines()]
        for row in rows:
            row[2] = str(int(float(row[2]) > 2013))
        table = "\n".join(",".join(row) for row in [header, *rows])

    policy, inputs, [outcome] = asked(table, decision=decision, limit="0.001", more=more)

    assert isinstance(outcome, Finding), outcome.message
    assert recheck(policy, outcome.evidence, inputs).status == "confirmed"
    other = from_json(outcome.evidence.to_json() | {"value": outcome.evidence.value * 1.001})
    assert recheck(policy, other, inputs).status == "refuted"


@pytest.mark.slow  # each opens the table several times
def test_altered_evidence_is_refuted():
    policy, inputs, [outcome] = asked(people(), limit="0.001")
    evidence = outcome.evidence

    for altered in (
        {"low": evidence.low + 0.01},
        {"high": evidence.high - 0.01},
        {"low": evidence.high, "high": evidence.low},
        {"family": 2},
        {"confidence": 0.9},
    ):
        assert recheck(policy, from_json(evidence.to_json() | altered), inputs).status == "refuted", altered
    [whole, *parts] = evidence.counts["waterfall"]
    assert whole[1] == pytest.approx(sum(value for _, value in parts))
    moved = [whole, [parts[0][0], parts[0][1] + 0.01], *parts[1:]]
    for altered in (
        {"waterfall": moved},
        {"waterfall": [whole]},
        {"verdict": "satisfied"},
        {"se": evidence.counts["se"] * 0.99},
        {"pair": ["b", "a"]},
        {"requirement": "v"},
    ):
        other = from_json(evidence.to_json() | {"counts": {**evidence.counts, **altered}})
        assert recheck(policy, other, inputs).status == "refuted", altered


def test_a_small_gap_is_cleared_and_an_unclear_one_says_how_many_rows_would_decide():
    [_, _, [small]] = asked(people(gap=0.0, n=2000), limit="0.3")
    [_, _, [unclear]] = asked(people(gap=0.3, n=300), limit="0.2")

    assert isinstance(small, Cleared)
    assert isinstance(unclear, Undecided)
    assert "rows would decide" in unclear.reason


def test_without_names_of_groups_the_largest_is_compared_with_every_other_and_the_limit_allows_for_their_number():
    table = people(n=900) + people(1, 300).split("\n", 1)[1].replace("a,", "d,").replace("b,", "e,")
    policy = POLICY.replace("between: [a, b], ", "") % ("", "0.05", "")
    [read_policy] = read(Source("fairness.yaml", policy.encode()), {})
    inputs = {"data:t.csv": Source("t.csv", table.encode())}

    outcomes = list(check(read_policy, Tools(inputs=inputs)))

    assert [outcome.anchor[1:] for outcome in outcomes] == [("a", "b"), ("a", "d"), ("a", "e")]
    evidence = [outcome.evidence for outcome in outcomes if isinstance(outcome, Finding)]
    assert {one.family for one in evidence if isinstance(one, Estimate)} == {3}
    assert all(recheck(read_policy, one, inputs).status == "confirmed" for one in evidence)


@pytest.mark.parametrize(("rows", "said"), [(30, "20 are needed"), (90, "for 5 coefficients, and 50 are needed")])
def test_too_few_rows_are_undecided(rows: int, said: str):
    [_, _, [outcome]] = asked(people(n=rows))

    assert isinstance(outcome, Undecided)
    assert said in outcome.reason


@pytest.mark.parametrize("table", ["g,y,x,j,k\n", people().replace("\na,", "\nc,")])
def test_a_group_that_does_not_occur_is_an_error(table: str):
    with pytest.raises(UnreadableArtefact, match="no row is of the group `a`"):
        asked(table)


def test_a_constant_outcome_is_undecided():
    header, *rows = people().splitlines()
    table = "\n".join([header, *(",".join([r.split(",")[0], "1", *r.split(",")[2:]]) for r in rows)])

    [_, _, [outcome]] = asked(table)

    assert isinstance(outcome, Undecided)
    assert "outcomes that are 0" in outcome.reason


def test_missing_and_infinite_values_are_counted_in_the_assumptions():
    lines = people().splitlines()
    for at, bad in zip(range(1, 40), itertools.cycle(["", "nan", "inf", "NA"]), strict=False):
        parts = lines[at].split(",")
        parts[2] = bad
        lines[at] = ",".join(parts)

    _, _, [outcome] = asked("\n".join(lines), limit="0.001")

    assert isinstance(outcome, Finding)
    assert any("something is missing" in one and "of `a`" in one for one in outcome.assumptions)


def test_an_identifier_is_no_covariate():
    lines = people().splitlines()
    table = "\n".join([lines[0], *(line.replace(",p,", f",p{at},") for at, line in enumerate(lines[1:]))])

    with pytest.raises(UnreadableArtefact, match="more than 100"):
        asked(table)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[x, j]", "[x, x]", "occurs twice"),
        ("[x, j]", "[x, y]", "outcome"),
        ("[x, j]", "[x, g]", "groups' own"),
        ("[a, b]", "[a]", "two groups"),
        ("outcome: y", "site: k", "name it once"),
        ("outcome: y", "reference: nobody", "reference"),
        ("outcome: y", "categorical: [z]", "not a covariate"),
    ],
)
def test_a_mistake_in_a_policy_is_said(old: str, new: str, said: str):
    text = (POLICY % ("", "0.1", "")).replace(old, new)

    with pytest.raises(UnreadableArtefact) as caught:
        read(Source("fairness.yaml", text.encode()), {})

    assert said in f"{caught.value.message} {caught.value.help}"


@pytest.mark.long  # 2,000 samples
@pytest.mark.parametrize("limit", [0.0, 0.2])
def test_with_the_true_part_at_the_limit_wrong_verdicts_are_as_rare_as_promised(limit: float):
    text = POLICY % ("", limit, "")
    [required] = read(Source("fairness.yaml", text.encode()), {})[0].requirements
    verdicts = dict.fromkeys(Verdict, 0)
    for seed in range(1000):
        rng = np.random.default_rng(seed)
        first, x = rng.random(300) < 0.4, rng.normal(0, 1, (300, 2))
        chance = 0.4 + 0.1 * np.tanh(x[:, 0] + first) + limit * first
        # Linear in both columns, so that the part at equal covariates is `limit` exactly.
        x[:, 1] = chance - limit * first
        y = (rng.random(300) < chance).astype(float)
        verdicts[judge(Sample.of(y, first, x, ("a", "b")), required, confidence=0.95).verdict] += 1

    # Beyond a limit of 0 is either side: 50 expected; of one side 25. More than these happen in one of a thousand such tests.
    assert verdicts[Verdict.VIOLATED] <= (72 if limit == 0 else 42)
    assert verdicts[Verdict.SATISFIED] <= 42
    assert verdicts[Verdict.VIOLATED] >= 5


def test_a_group_whose_name_says_nothing_is_named_with_its_attribute():
    table = people().replace("\na,", "\n1,").replace("\nb,", "\n0,")
    policy = POLICY.replace("[a, b]", "['1', '0']") % ("", "0.001", "")
    [read_policy] = read(Source("fairness.yaml", policy.encode()), {})

    [outcome] = check(read_policy, Tools(inputs={"data:t.csv": Source("t.csv", table.encode())}))

    assert isinstance(outcome, Finding)
    assert "where `g` is `1` than where it is `0`" in outcome.message
