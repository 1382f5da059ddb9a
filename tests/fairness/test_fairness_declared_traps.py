"""Traps that a policy, its graph and its table tell: each is named where it is, and is not where it is not."""

import pytest
from held_tables import held, policy_of

from probatum.fairness.artefacts.requirements.decomposition import DecompositionRequirement
from probatum.fairness.model.decomposition.declared import absent, declared
from probatum.fairness.semantics.design import design_of, sizes
from probatum.fairness.semantics.relation import opened

FRAME = {
    "g": ["a", "b"] * 100,
    "x": [float(n % 7) for n in range(200)],
    "z": [float(n % 5) for n in range(200)],
    "y": [1.0 if n % 3 else 0.0 for n in range(200)],
    "known": [3 if n == 5 else 1 for n in range(200)],
    "decided": [2] * 200,
    "part": ["train" if n < 50 else "test" for n in range(200)],
    "alive": [1] * 200,
}
GRAPH = "graph: {nodes: {g: group, x: clinical, z: mediator, y: outcome, alive: selection%s}, edges: [%s]}"


def traps(more: str = "", *, decision: str = "", require: str = "", covariates: str = "[x]", attribute: str = "g"):
    read = policy_of(
        f"decision: {{table: t.csv, label: y{decision}}}\nprotected: {{g: {attribute}}}\n{more}\n"
        f"require:\n  - {{id: r, kind: decomposition, outcome: y, over: g, between: [a, b], covariates: {covariates}}}\n{require}"
    )
    required = read.of_kind(DecompositionRequirement)[0]
    with opened(held(FRAME)) as relation:
        return {trap.name: trap for trap in declared(read, required, relation)}


def test_nothing_is_said_where_nothing_is_declared():
    assert traps() == {}


def test_a_time_stamp_after_the_decision():
    found = traps("preparation: {decided_at: decided, known_at: {x: known}}")

    assert found["post-decision"].facts == {"column": "x", "late": 1, "rows": 200}
    assert traps("preparation: {decided_at: known, known_at: {x: decided}}", covariates="[z]") == {}


def test_an_effect_of_the_outcome_in_the_graph():
    assert "post-decision" in traps(GRAPH.replace("x: clinical", "x: selection") % ("", '"g -> y -> x", "z -> y"'))
    assert traps(GRAPH % ("", '"g -> y", "x, z -> y"')) == {}


def test_an_effect_of_the_group_in_the_graph():
    found = traps(GRAPH % ("", '"g -> x -> y", "z -> y"'))

    assert found["mediator"].facts == {"column": "x", "group": "g"}


def test_rows_that_were_selected_by_a_common_effect():
    """Survivors: group and state both move who survives."""
    found = traps(GRAPH % ("", '"g -> y", "x -> y", "g -> alive", "z -> alive", "z -> y"'))

    assert found["collider"].facts == {"selected": "alive", "causes": ["g", "z"]}
    assert "collider" not in traps(GRAPH % ("", '"g -> y", "x -> y", "z -> alive", "z -> y"'))
    assert "collider" in traps(
        GRAPH.replace("alive: selection", "alive: mediator") % ("", '"g -> y", "x -> y", "g, z -> alive -> y"'),
        decision=", where: {alive: 1}",
    )


def test_several_decompositions_of_one_gap_are_forking_paths():
    other = "  - {id: s, kind: decomposition, outcome: y, over: g, between: [b, a], covariates: [z]}\n"

    found = traps(require=other)

    assert found["forking-paths"].facts["requirements"] == ["r", "s"]
    assert len(found["forking-paths"].facts["policy"]) == 64


@pytest.mark.parametrize(
    ("prepared", "decision", "rows"),
    [
        ("preparation: {split: part}", "", 50),
        ("preparation: {split: part}", ", where: {part: test}", 0),
        ("preparation: {split: part, threshold_from: test}", ", where: {part: test}", 150),
    ],
)
def test_rows_that_the_model_has_seen(prepared: str, decision: str, rows: int):
    found = traps(prepared, decision=decision)

    assert found["test-data-reused"].facts["rows"] == rows if rows else "test-data-reused" not in found


def test_a_guessed_group():
    assert "guessed-group" in traps(attribute="{column: g, proxy: true}")


def test_outcomes_that_were_not_awaited_in_one_group():
    frame = FRAME | {"y": [None if n % 2 and n < 80 else value for n, value in enumerate(FRAME["y"])]}
    read = policy_of(
        "decision: {table: t.csv, label: y}\nprotected: {g: g}\n"
        "require: [{id: r, kind: decomposition, outcome: y, over: g, between: [a, b], covariates: [x]}]\n"
    )
    [required] = read.requirements
    with opened(held(frame)) as relation:
        design = design_of(read, required, relation)
        found = {t.name: t for t in absent(design, relation, sizes(design, relation), ("a", "b"), confidence=0.95)}
    with opened(held(FRAME)) as relation:
        design = design_of(read, required, relation)
        assert not list(absent(design, relation, sizes(design, relation), ("a", "b"), confidence=0.95))

    assert found["censoring"].facts == {"missing": [0, 40], "rows": [100, 100]}
    assert "the outcome is not known in 0.0% of `a` and in 40.0% of `b`" in found["censoring"].message
