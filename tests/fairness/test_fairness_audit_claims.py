"""Bounds of an audit allow for rows without an attribute and for people with several rows, and it shows what scores allow."""

import numpy as np
from click.testing import CliRunner
from held_tables import held, policy_of

from probatum.cli import program
from probatum.cli.fairness_audit import described
from probatum.fairness.model.audit import audit
from probatum.fairness.model.audit_scores import exposures
from probatum.fairness.semantics.ranking import exposure
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.score_counts import score_counts


def audited(frame, decision: str, missing: str = "own-group"):
    read = policy_of(
        f"""\
        decision: {{table: t.csv, {decision}}}
        protected: {{g: g}}
        missing: {missing}
        require: [{{id: r, metric: selection_rate, over: g, at_most: 0.1}}]
        """
    )
    with opened(held(frame)) as relation:
        return audit(read, relation)


def bounds(found) -> dict[str, tuple[float, float]]:
    return {cell.group: (cell.low, cell.high) for cell in found.cells if cell.metric == "selection_rate"}


def test_bounds_hold_wherever_rows_without_an_attribute_belong():
    frame = {"g": ["a"] * 40 + ["b"] * 40 + [None] * 6, "d": [1] * 10 + [0] * 30 + [1] * 20 + [0] * 20 + [1, 1, 1, 0, 0, 0]}
    found = audited(frame, "decision: d", "bounds")
    own = bounds(found)
    assert set(own) == {"a", "b"}
    for which in range(2**6):
        belongs = ["a" if which >> at & 1 else "b" for at in range(6)]
        for name, (low, high) in bounds(audited(frame | {"g": frame["g"][:80] + belongs}, "decision: d")).items():
            assert own[name][0] <= low + 1e-12
            assert own[name][1] >= high - 1e-12
    assert any("6 rows lack" in told for told in found.assumptions)
    assert not any("(missing)" in line.pair for line in found.lines)


def test_rows_of_one_person_count_once():
    rng = np.random.default_rng(2)
    n = 400
    once = {"g": ["a" if k % 2 else "b" for k in range(n)], "p": list(range(n)), "d": rng.integers(0, 2, n).tolist()}
    thrice = {name: [*column] * 3 for name, column in once.items()}
    low, high = bounds(audited(once, "decision: d"))["a"]
    own = bounds(audited(thrice, "decision: d, unit: p"))["a"]
    naive = bounds(audited(thrice, "decision: d"))["a"]
    assert 0.97 < (own[1] - own[0]) / (high - low) < 1.1
    assert (naive[1] - naive[0]) / (high - low) < 0.7


def test_predicted_numbers_and_scores_are_shown_with_how_many_rows():
    frame = {"g": ["a", "b"] * 50, "y": [float(k) for k in range(100)], "s": [float(k + k % 2) for k in range(100)]}
    found = audited(frame, "label: y, score: s")
    seen = {(one.quantity, one.groups): one for one in found.measured["g"]}
    assert seen["mean_error", ("b",)].value == 1
    assert seen["mean_error", ("a",)].value == 0
    assert seen["bounded_group_loss", ("b",)].n == 50
    assert {"kolmogorov_smirnov", "wasserstein", "selected_in_top_10%", "exposure_of_ranking"} <= {q for q, _ in seen}
    assert "abroca" not in {q for q, _ in seen}  # which needs what is true or false
    assert any("mean_error" in line and "(n=50)" in line for line in described(found))


def test_exposures_are_those_of_the_ranking():
    rng = np.random.default_rng(4)
    frame = {"g": rng.choice(["a", "b", "c"], 60).tolist(), "s": rng.permutation(60).astype(float).tolist()}
    read = policy_of(
        "decision: {table: t.csv, score: s}\nprotected: {g: g}\nrequire: [{id: r, metric: selection_rate, over: g, at_most: 1}]\n"
    )
    with opened(held(frame)) as relation:
        found = exposures(score_counts(read, relation, ("g",)))
    wanted = exposure([frame["g"][at] for at in np.argsort(frame["s"])[::-1]])
    assert found.keys() == wanted.keys()
    assert all(abs(found[name] - wanted[name]) < 1e-12 for name in wanted)


def test_labels_and_scores_have_curves_that_are_compared(tmp_path):
    rows = "\n".join(f"{'ab'[k % 2]},{int(k % 5 > 2)},{(k * 7 % 20) / 20}" for k in range(80))
    (tmp_path / "t.csv").write_text(f"g,y,s\n{rows}\n")
    (tmp_path / "p.yaml").write_text(
        "decision: {table: t.csv, label: y, score: s, threshold: 0.5}\nprotected: {g: g}\n"
        "require: [{id: r, metric: tpr, over: g, at_most: 0.1}]\n"
    )
    said = CliRunner().invoke(program, ["fairness", "audit", str(tmp_path / "p.yaml")], standalone_mode=False).output
    assert "abroca" in said
    assert "without bounds" in said
    assert "(n=80)" in said
