"""What a policy says of missing attributes, of probabilities and of people with several rows holds for every kind of requirement."""

import numpy as np
import pytest
from held_tables import held, policy_of

from probatum.errors import UnreadableArtefact
from probatum.fairness.model.repairs.people import people_of
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import (
    disparity_by_path,
    disparity_unexplained,
    group_gap,
    group_uncovered,
    measure_gap,
    pairs_violated,
    worst_slice,
)
from probatum.fairness.semantics.relation import opened
from probatum.findings import Cleared, Finding, Undecided, Why
from probatum.tools import Tools

GRAPH = "graph: {nodes: {g: group, x: mediator, d: outcome}, edges: [g -> x -> d, g -> d]}"
KINDS = {
    "measure": (measure_gap, "{id: r, kind: measure, numerator: x, over: g, at_most: 0.1}"),
    "slices": (worst_slice, "{id: r, kind: slices, at_most_excess: 0.1}"),
    "uncovered": (group_uncovered, "{id: r, kind: slices, at_most_excess: 0.1}"),
    "decomposition": (disparity_unexplained, "{id: r, kind: decomposition, over: g, outcome: x, covariates: [z], at_most: 0.1}"),
    "pairs": (pairs_violated, '{id: r, kind: pairs, pattern: "same except {g} => f(x)=f(x\')", of: decision, features: [i]}'),
    "share": (
        pairs_violated,
        '{id: r, kind: pairs, pattern: "same except {g} => f(x)=f(x\')", of: decision, features: [i], at_most: 0.5}',
    ),
}


def policy(require: str, *, missing: str = "bounds", decision: str = "label: y, decision: d", more: str = ""):
    return policy_of(
        f"""\
        decision: {{table: t.csv, {decision}}}
        protected: {{g: g}}
        missing: {missing}
        {more}
        require: [{require}]
        """
    )


def table(n: int = 400, lost: int = 0) -> dict[str, list]:
    rng = np.random.default_rng(5)
    g = ["a" if k % 2 else "b" for k in range(n)]
    frame = {"g": g, "y": rng.integers(0, 2, n).tolist(), "x": rng.normal(size=n).tolist(), "z": rng.normal(size=n).tolist()}
    frame |= {"d": [k % 3 == 0 for k in range(n)], "i": [k // 2 for k in range(n)]}
    frame["g"] = [None if k < lost else one for k, one in enumerate(g)]
    return frame


def outcomes(rule, read, frame):
    return list(rule.check(read, Tools(inputs={"data:t.csv": held(frame)})))


@pytest.mark.parametrize("kind", [name for name in KINDS if name not in ("pairs", "uncovered")])
def test_nothing_is_said_that_need_not_hold_wherever_rows_belong(kind):
    rule, required = KINDS[kind]
    [said] = outcomes(rule, policy(required), table(lost=7))
    assert isinstance(said, Undecided)
    assert said.why is Why.UNSUPPORTED
    assert said.reason.startswith("7 rows lack `g`")
    # Where no row lacks it, or the policy asks for something else, the same is decided as ever.
    for missing, lost in (("bounds", 0), ("own-group", 7)):
        assert all(
            not isinstance(one, Undecided) or "lack" not in one.reason
            for one in outcomes(rule, policy(required, missing=missing), table(lost=lost))
        )


def test_a_group_that_is_small_may_have_those_whose_group_is_not_known():
    rule, required = KINDS["uncovered"]
    frame = table(60, lost=30)
    frame["g"][-1] = "c"
    [own] = outcomes(rule, policy(required, missing="own-group"), frame)
    [bounds] = outcomes(rule, policy(required), frame)
    assert isinstance(own, Finding)
    assert isinstance(bounds, Undecided)
    [enough] = outcomes(rule, policy(required), table(60, lost=10))  # more rows only make groups larger
    assert isinstance(enough, Cleared)


def test_two_rows_with_attributes_break_a_requirement_wherever_others_belong():
    rule, required = KINDS["pairs"]
    frame = table(8)
    frame["d"] = [True] * 6 + [True, False]
    frame["g"][0] = None
    [found] = outcomes(rule, policy(required), frame)
    assert isinstance(found, Finding)
    assert found.evidence.given["claim"]["rows"] in ([6, 7], [7, 6])
    assert recheck(policy(required), found.evidence, {"data:t.csv": held(frame)}).status == "confirmed"
    frame["d"], frame["g"] = [True] * 6 + [True, False], ["a", "b"] * 3 + ["a", None]
    [open_] = outcomes(rule, policy(required), frame)
    assert isinstance(open_, Undecided)


def test_repairs_are_refused_in_words():
    read = policy("{id: r, metric: selection_rate, over: g, at_most: 0.1}")
    with opened(held(table(lost=3))) as relation, pytest.raises(UnreadableArtefact, match="3 rows lack `g`"):
        people_of(read, relation, ("g",))


def test_shares_of_pairs_are_refused_where_people_have_several_rows():
    rule, required = KINDS["share"]
    read = policy(required, decision="label: y, decision: d, unit: i")
    [said] = outcomes(rule, read, table())
    assert isinstance(said, Undecided)
    assert "same `i` are not independent" in said.reason


def test_people_with_several_rows_are_clusters_of_a_causal_estimate():
    """Each person three times: the interval is that of people, so it is about as wide as with each once."""
    rng = np.random.default_rng(1)
    n = 600
    once = {"g": ["a" if k % 2 else "b" for k in range(n)], "p": list(range(n))}
    once["x"] = rng.integers(0, 2, n).tolist()
    once["d"] = rng.integers(0, 2, n).tolist()
    thrice = {name: [*column] * 3 for name, column in once.items()}
    required = "{id: r, kind: causal, of: a, against: b, through: x, part: initial, at_most: 0.5}"
    widths = []
    for frame, decision in ((once, "decision: d"), (thrice, "decision: d, unit: p"), (thrice, "decision: d")):
        [said] = outcomes(disparity_by_path, policy(required, decision=decision, more=GRAPH), frame)
        assert isinstance(said, Cleared)
        widths.append(said.evidence.high - said.evidence.low)
    assert 0.9 < widths[1] / widths[0] < 1.15
    assert widths[2] / widths[0] < 0.7


@pytest.mark.slow
def test_a_requirement_with_several_quantities_and_attributes_errs_in_alpha_of_samples():
    """Everything is independent of every attribute, so whatever is found is wrong: at most 5 % of tables by more than chance."""
    rng = np.random.default_rng(3)
    read = policy_of(
        """\
        decision: {table: t.csv, label: y, decision: d}
        protected: {g: g, h: h}
        require:
          - {id: r, metric: [selection_rate, tpr, fpr, accuracy], over: [g, h, g*h], at_most: 0}
          - {id: other, metric: selection_rate, over: g, at_most: 1}
        """
    )
    [required, _] = read.requirements
    runs, wrong, n = 100, 0, 600
    from probatum.fairness.artefacts.requirements.group import family
    from probatum.fairness.model.gaps import Verdict, judge
    from probatum.fairness.semantics.metrics import RATES
    from probatum.fairness.semantics.samples import Sample, Stratum

    assert family(required) == 12  # other requirements are not counted
    for _ in range(runs):
        g, h, y, d = rng.integers(0, (4, 3, 2, 2), (n, 4)).T
        found = False
        for metric in required.metrics:
            hit, trial = {
                "selection_rate": (d, np.ones(n)),
                "tpr": (y * d, y),
                "fpr": ((1 - y) * d, 1 - y),
                "accuracy": (y == d, np.ones(n)),
            }[RATES[metric].name]
            for key in (g, h, 3 * g + h):
                hits, trials = np.bincount(key, hit), np.bincount(key, trial)
                groups = {
                    str(k): Sample(hits=float(a), trials=float(t), rows=int(t), mass=float(t))
                    for k, (a, t) in enumerate(zip(hits, trials, strict=True))
                    if t
                }
                stratum = Stratum(where={}, groups=groups)
                verdict = judge([stratum], required.compare, 0.0, alpha=0.05, family=family(required)).verdict
                found = found or verdict is Verdict.VIOLATED
        wrong += found
    assert wrong <= 11  # more than 11 of 100 at 5 %: less than one in two hundred


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("5", "7"), "where `g` is `5` is above that where it is `7`"),
        (("F", "M"), "where `g` is `F` is above that where it is `M`"),
        (("women", "men"), "of `women` is above that of `men`"),
        (("yes", "no"), "where `g` is `yes` is above that where it is `no`"),
    ],
)
def test_groups_whose_names_do_not_tell_are_named_with_their_attribute(names, said):
    frame = {"g": [names[0]] * 200 + [names[1]] * 200, "d": [1] * 190 + [0] * 10 + [1] * 20 + [0] * 180}
    read = policy("{id: r, metric: selection_rate, over: g, at_most: 0.1}", decision="decision: d")
    [found] = outcomes(group_gap, read, frame)
    assert said in found.message
    assert len(found.message) <= 160
