"""Disparities by who is treated: from a policy to a verdict that is checked again, and intervals that cover the truth."""

import json
from pathlib import Path

import numpy as np
import pytest
from held_tables import held, policy_of
from reference_data import reference

from probatum.cli import main
from probatum.errors import UnreadableArtefact
from probatum.evidence import from_json
from probatum.fairness.artefacts.requirements.treatment import Part
from probatum.fairness.model.causal.treatment import parts_of, support
from probatum.fairness.recheck import recheck
from probatum.fairness.rules.disparity_by_treatment import check
from probatum.fairness.semantics.treatment_rows import TreatmentSample
from probatum.findings import Cleared, Finding, Undecided
from probatum.tools import Tools

GRAPH = """\
graph:
  nodes: {g: group, x: clinical, q: clinical, t: %s, y: outcome}
  edges: ["g -> q, t, y", "x, q -> t -> y", "x, q -> y"]
"""


def policy(require: str, *, treatment: str = "treatment", decision: str = "score: y"):
    return policy_of(
        f"decision: {{table: t.csv, {decision}}}\nprotected: {{g: g}}\n{GRAPH % treatment}require:\n  - {{id: r, {require}}}\n"
    )


def drawn(seed: int, n: int = 800) -> dict[str, np.ndarray]:
    """Group 1 is treated less often at equal q, treatment does 1 more for it, and in it goes to those with large x."""
    rng = np.random.default_rng(seed)
    g = rng.integers(0, 2, n)
    x = rng.normal(size=n)
    q = (rng.random(n) < 0.3 + 0.4 * g).astype(float)
    t = (rng.random(n) < 1 / (1 + np.exp(-(0.3 - 0.8 * g + 0.7 * x + 0.5 * q)))).astype(int)
    effect = 1.0 + 0.5 * g + 0.6 * x + 0.3 * q
    y = 0.4 * g + 0.5 * x + 0.2 * q + effect * t + rng.normal(size=n)
    return {"g": g, "x": x, "q": q, "t": t, "y": y}


def table(seed: int = 1, n: int = 800) -> dict[str, list]:
    own = drawn(seed, n)
    return {name: values.tolist() for name, values in own.items()} | {"g": ["b" if one else "a" for one in own["g"]]}


def sample(own: dict[str, np.ndarray], *, given: bool) -> TreatmentSample:
    x, q = own["x"][:, None], own["q"][:, None]
    return TreatmentSample(
        group=own["g"],
        treated=own["t"],
        outcome=own["y"],
        confounders=x if given else np.column_stack([x, q]),
        conditions=q if given else np.empty((len(x), 0)),
    )


def outcomes(read, frame):
    return list(check(read, Tools(inputs={"data:t.csv": held(frame)})))


_PARTS = [
    (part.value, given)
    for part in Part
    for given in ("", "given: [q], accept: [q], ")
    if given or part.value not in ("distribution", "reduction")
]


@pytest.mark.slow  # each opens the table twice
@pytest.mark.parametrize(("part", "given"), _PARTS)
def test_every_part_is_confirmed_and_an_altered_one_is_not(part: str, given: str):
    read = policy(f"kind: treatment, of: b, against: a, {given}part: {part}, at_most: 100")
    frame = table()
    [found] = outcomes(read, frame)
    inputs = {"data:t.csv": held(frame)}

    assert isinstance(found, Cleared), found
    assert recheck(read, found.evidence, inputs).status == "confirmed"
    told = found.evidence.to_json()
    wide = told["high"] - told["low"]
    for altered in ({"low": told["low"] + wide / 50}, {"high": told["high"] - wide / 50}, {"value": told["value"] + wide / 50}):
        assert recheck(read, from_json(told | altered), inputs).status == "refuted", altered
    for altered in (
        {"verdict": "violated"},
        {"part": "total" if part != "total" else "effect"},
        {"rows": [1, 2]},
        {"treated": [1, 2]},
    ):
        other = from_json(told | {"counts": {**told["counts"], **altered}})
        assert recheck(read, other, inputs).status == "refuted", altered


@pytest.mark.parametrize("given", [False, True])
def test_parts_add_up(given: bool):
    parts = parts_of(sample(drawn(3), given=given))

    own = [part for name, part in parts.items() if name not in (Part.TOTAL, Part.REDUCTION)]
    assert sum(part.value for part in own) == pytest.approx(parts[Part.TOTAL].value, abs=1e-12)
    assert (Part.DISTRIBUTION in parts) is given


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.parametrize("given", [False, True])
def test_intervals_of_parts_cover_what_they_promise(given: bool):
    """400 samples of 800; the truth is from half a million of the same population, whose error is a twentieth of theirs."""
    truth = parts_of(sample(drawn(10**6, 500_000), given=given))
    covered = dict.fromkeys(truth, 0)
    for seed in range(400):
        for name, part in parts_of(sample(drawn(seed), given=given)).items():
            low, high = part.interval(0.95)
            covered[name] += low <= truth[name].value <= high

    for name, count in covered.items():
        assert 0.915 * 400 <= count <= 0.985 * 400, (name, count)


def test_a_treatment_in_words_needs_to_say_which_word_means_treated():
    frame = table()
    frame["t"] = ["drug" if one else "none" for one in frame["t"]]
    require = "kind: treatment, of: b, against: a, part: total, at_most: 100"

    with pytest.raises(UnreadableArtefact, match="which of them means"):
        outcomes(policy(require), frame)
    with pytest.raises(UnreadableArtefact, match="no complete row has `pill`"):
        outcomes(policy(require, treatment="{role: treatment, positive: pill}"), frame)
    [found] = outcomes(policy(require, treatment="{role: treatment, positive: drug}"), frame)
    frame["t"] = ["True" if one == "drug" else "False" for one in frame["t"]]
    [spelt] = outcomes(policy(require, treatment="{role: treatment, positive: true}"), frame)
    assert isinstance(found, Cleared)
    assert isinstance(spelt, Cleared)
    assert spelt.evidence.counts["treated"] == found.evidence.counts["treated"]
    assert found.evidence.counts["treated"] == outcomes(policy(require), table())[0].evidence.counts["treated"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f | {"t": [0] * len(f["t"])}, "treated in"),
        (lambda f: f | {"t": [int(one) if g == "a" else 0 for one, g in zip(f["t"], f["g"], strict=True)]}, "nobody of `b`"),
        (lambda f: f | {"t": [int(x > 0) for x in f["x"]]}, "all but certain"),
    ],
)
def test_where_treated_and_untreated_cannot_be_compared_nothing_is_said(change, said: str):
    [found] = outcomes(policy("kind: treatment, of: b, against: a, at_most: 0.1"), change(table()))

    assert isinstance(found, Undecided)
    assert said in found.reason


def test_weights_that_single_rows_carry_are_seen():
    own = drawn(4)
    assert support(sample(own, given=False)).effective > 0.3
    assert not support(sample(own, given=False)).problem
    rare = own | {"t": (np.random.default_rng(1).random(800) < 1 / (1 + np.exp(6 - 4 * own["x"]))).astype(int)}
    assert support(sample(rare, given=False)).problem


@pytest.mark.parametrize(
    ("require", "said"),
    [
        ("part: reduction, at_most: 1", "given: \\[severity\\]"),
        ("part: nothing, at_most: 1", "no `part`"),
        ("given: [t], at_most: 1", "asked about, and held fixed"),
        ("given: [z], at_most: 1", "not a node"),
        ("through: z, at_most: 1", "not a node"),
    ],
)
def test_a_mistake_in_a_policy_is_said(require: str, said: str):
    import re

    with pytest.raises(UnreadableArtefact) as caught:
        policy(f"kind: treatment, of: b, against: a, {require}")
    assert re.search(said, f"{caught.value.message} {caught.value.help}")


def test_without_a_graph_nothing_causal_is_claimed():
    with pytest.raises(UnreadableArtefact, match="no causal graph"):
        policy_of(
            "decision: {table: t.csv, score: y}\nprotected: {g: g}\nrequire:\n  - {id: r, kind: treatment, of: a, against: b, at_most: 1}\n"
        )


@pytest.mark.slow  # opens a database
def test_the_published_example_from_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Yu and Elwert's package prints these for its own data."""
    (tmp_path / "t.csv").write_bytes(reference("cdgd/exp_data.csv").read_bytes())
    (tmp_path / "p.yaml").write_text(
        "decision: {table: t.csv, score: outcome}\nprotected: {group_a: group_a}\n"
        "graph:\n  nodes: {group_a: group, confounder: clinical, Q: clinical, treatment: treatment, outcome: outcome}\n"
        '  edges: ["group_a -> confounder, Q, treatment, outcome", "confounder, Q -> treatment -> outcome", "confounder, Q -> outcome"]\n'
        "require:\n  - {id: a, kind: treatment, of: '1.0', against: '0.0', at_most: 0.1}\n"
        "  - {id: q, kind: treatment, of: '1.0', against: '0.0', given: [Q], accept: [Q], at_most: 0.1}\n"
    )

    assert main(["fairness", "causal", str(tmp_path / "p.yaml"), "--format", "json"]) == 0

    plain, given = (
        {name: part["value"] for name, part in one["parts"].items()}
        for one in json.loads(capsys.readouterr().out)["requirements"]
    )
    assert plain == pytest.approx(
        {"total": 0.2675, "baseline": 0.0421, "prevalence": 0.2579, "effect": -0.1372, "selection": 0.1047}, abs=1e-3
    )
    published = {"total": 0.2675, "baseline": 0.0421, "prevalence": 0.2032, "effect": -0.1644, "selection": 0.0875}
    assert given == pytest.approx(published | {"distribution": 0.0990, "reduction": 0.2362}, abs=1e-3)


def test_a_person_sees_every_part(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    frame = table(2, 300)
    rows = zip(*frame.values(), strict=True)
    (tmp_path / "t.csv").write_text("\n".join([",".join(frame), *(",".join(map(str, row)) for row in rows)]) + "\n")
    (tmp_path / "p.yaml").write_text(
        f"decision: {{table: t.csv, score: y}}\nprotected: {{g: g}}\n{GRAPH % 'treatment'}"
        "require:\n  - {id: r, kind: treatment, of: b, against: a, given: [q], accept: [q], at_most: 0.1}\n"
    )

    assert main(["fairness", "causal", str(tmp_path / "p.yaml")]) == 0
    out = capsys.readouterr().out
    for text in ("treated: b", "who is treated, given q", "what justifies treatment", "would go if treated alike", "assuming"):
        assert text in out


def test_a_large_part_is_found():
    [found] = outcomes(policy("kind: treatment, of: b, against: a, part: effect, at_most: 0.01"), table(5, 3000))

    assert isinstance(found, Finding)
    assert "more for `b` than `a`" in found.message
