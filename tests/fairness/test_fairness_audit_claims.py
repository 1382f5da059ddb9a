"""Bounds of an audit allow for rows without an attribute and for people with several rows, and it shows what scores allow."""

import numpy as np
import pytest
from click.testing import CliRunner
from held_tables import held, policy_of

from probatum.cli import program
from probatum.cli.fairness_audit import described
from probatum.fairness.model.audit import audit
from probatum.fairness.semantics.neighbours import consistency
from probatum.fairness.semantics.ranking import exposure, ranking_of
from probatum.fairness.semantics.relation import opened
from probatum.fairness.semantics.score_counts import score_counts


def audited(frame, decision: str, missing: str = "own-group", features=()):
    read = policy_of(
        f"""\
        decision: {{table: t.csv, {decision}}}
        protected: {{g: g}}
        missing: {missing}
        require: [{{id: r, metric: selection_rate, over: g, at_most: 0.1}}]
        """
    )
    with opened(held(frame)) as relation:
        return audit(read, relation, features=features)


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
        order = ranking_of(score_counts(read, relation, ("g",)))
    found = exposure(order)
    places = {name: [] for name in "abc"}
    for place, at in enumerate(np.argsort(frame["s"])[::-1], start=1):
        places[frame["g"][at]].append(1 / np.log2(1 + place))
    assert found == pytest.approx({name: np.mean(seen) for name, seen in places.items()}, abs=1e-12)


def test_orders_and_pairs_of_scores_are_shown_as_descriptive():
    frame = {"g": ["a", "b"] * 50, "y": [k % 3 == 0 for k in range(100)], "s": [float(k * 7 % 100) for k in range(100)]}
    found = audited(frame, "label: y, score: s, threshold: 50")
    seen = {(one.quantity, one.groups): one for one in found.measured["g"]}
    assert {"rND", "rKL", "rRD", "exposure_ratio"} <= {quantity for quantity, _ in seen}
    assert seen["exposure_ratio", ()].n == 100
    pairs = [(i, j) for i in range(0, 100, 2) for j in range(1, 100, 2) if frame["y"][i] and not frame["y"][j]]
    right = sum(frame["s"][i] > frame["s"][j] for i, j in pairs) / len(pairs)
    assert seen["pairwise_accuracy", ("a", "b")].value == pytest.approx(right)
    assert any("`a` over `b` (n=100)" in line for line in described(found))


def test_people_alike_in_features_are_compared_if_they_can_be():
    frame = {"g": ["a", "b"] * 20, "d": [k % 4 == 0 for k in range(40)], "x": list(range(40)), "t": ["u", "v"] * 20}
    found = audited(frame, "decision: d", features=("x", "t"))
    design = np.column_stack([frame["x"], [t == "u" for t in frame["t"]], [t == "v" for t in frame["t"]]]).astype(float)
    [whole] = [one for one in found.alike.measured["g"] if one.quantity == "consistency"]
    assert whole.value == pytest.approx(consistency(design, np.array(frame["d"], dtype=float)), abs=1e-12)
    assert {one.groups for one in found.alike.measured["g"] if one.quantity == "flip_test"} == {("a",), ("b",)}
    assert any("consistency" in line and "all (n=40)" in line for line in described(found))
    assert (
        "at most"
        in audited(
            {"g": ["a", "b"] * 10_001, "d": [0, 1] * 10_001, "x": [1, 2] * 10_001}, "decision: d", features=("x",)
        ).alike.why_not
    )
    few = audited({"g": ["a", "b"], "d": [0, 1], "x": [1, None]}, "decision: d", features=("x",)).alike
    assert (few.left_out, few.why_not) == (1, "fewer rows than neighbours")
    assert "counted" in audited({**frame, "n": [1] * 40}, "decision: d, count: n", features=("x",)).alike.why_not


def test_what_cannot_hold_names_groups_that_surely_differ():
    frame = {"g": ["a"] * 500 + ["b"] * 500 + ["c"] * 3, "y": [1] * 300 + [0] * 200 + [1] * 200 + [0] * 300 + [1, 1, 0]}
    frame["d"] = [k % 3 == 0 for k in range(1003)]
    found = audited(frame, "label: y, decision: d")
    assert all("`a`" in one.reason and "by chance" not in one.reason for one in found.conflicts["g"])
    small = audited({name: column[-503:] for name, column in frame.items()}, "label: y, decision: d")
    assert all("perhaps by chance" in one.reason for one in small.conflicts["g"])
    now = found.seen["g"]["equalised odds"]
    assert now.error == pytest.approx(sum(bool(y) != d for y, d in zip(frame["y"], frame["d"], strict=True)) / 1003)


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
