"""A classifier that decides as a policy requires: on rows that nothing was fitted to, through scikit-learn's own tools."""

import pickle

import numpy as np
import pytest

from probatum.errors import UsageError

pytest.importorskip("sklearn")
pytestmark = pytest.mark.slow  # imports scikit-learn, and searches

ALIKE = {"id": "alike", "metric": "selection_rate", "over": "sex", "at_most": 0.1}
POLICY = {"decision": {"score": "p"}, "protected": {"sex": "sex"}, "require": [ALIKE]}


def people(n: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    sex, merit = rng.choice(["f", "m"], n), rng.normal(size=n)
    y = (merit + (sex == "m") + rng.normal(size=n) > 0.5).astype(int)
    return np.column_stack([merit, sex == "m"]), y, sex


def repaired(policy=POLICY, **more):
    from sklearn.linear_model import LogisticRegression

    from probatum.fairness import RepairedClassifier

    return RepairedClassifier(LogisticRegression(), policy, **more)


def gap(decided: np.ndarray, sex: np.ndarray) -> float:
    return abs(float((decided[sex == "m"] == 1).mean() - (decided[sex == "f"] == 1).mean()))


@pytest.mark.parametrize("group_known", [True, False])
def test_people_who_were_never_seen_are_decided_on_as_the_policy_requires(group_known: bool):
    from sklearn.linear_model import LogisticRegression

    x, y, sex = people(12_000, 1)
    fresh, _, other = people(40_000, 2)

    fair = repaired(group_known=group_known).fit(x, y, sensitive_features=sex)

    assert gap(LogisticRegression().fit(x, y).predict(fresh), other) > 0.2
    assert gap(fair.predict(fresh, sensitive_features=other), other) < 0.1
    assert fair.solution_.passed
    assert group_known or not fair.solution_.needs_group


def test_where_no_way_passes_nothing_is_decided():
    x, y, sex = people(600, 3)
    strict = {**POLICY, "require": [{**ALIKE, "at_most": 0.001}]}

    fair = repaired(strict).fit(x, y, sensitive_features=sex)

    assert fair.solution_ is None
    with pytest.raises(UsageError, match="no way to decide that was found keeps `alike`"):
        fair.predict(x, sensitive_features=sex)


def test_the_estimator_sees_none_of_the_rows_that_test_it():
    from sklearn.linear_model import LogisticRegression

    class Remembers(LogisticRegression):
        def fit(self, x, y):
            self.seen_ = len(x)
            return super().fit(x, y)

    from probatum.fairness import RepairedClassifier

    x, y, sex = people(5000, 4)

    fair = RepairedClassifier(Remembers(), POLICY, fresh=0.4).fit(x, y, sensitive_features=sex)

    assert fair.estimator_.seen_ + fair.repairs_.fitted + fair.repairs_.safety == 5000
    assert fair.estimator_.seen_ == pytest.approx(3000, abs=200)


def test_rows_of_one_person_stay_together():
    import pandas as pd

    x, _, sex = people(4000, 5)
    frame = pd.DataFrame({"x": x[:, 0], "sex": sex, "who": np.arange(4000) // 4})
    fair = repaired({**POLICY, "decision": {"score": "p", "unit": "who"}})
    policy, _ = fair._asked()

    later = fair._kept_apart(policy, {"who": frame["who"].to_numpy()}, 4000)

    assert all(len(set(part)) == 1 for part in later.reshape(-1, 4).tolist())


def test_words_for_classes_and_a_positive_one_that_comes_first():
    x, y, sex = people(12_000, 6)
    policy = {**POLICY, "decision": {"score": "p", "positive": "grant"}}

    fair = repaired(policy).fit(x, np.where(y == 1, "grant", "refuse"), sensitive_features=sex)

    decided = fair.predict(x, sensitive_features=sex)
    assert set(decided.tolist()) == {"grant", "refuse"}
    assert np.mean((decided == "grant") == (y == 1)) > 0.6


def test_a_group_that_is_missing_or_was_not_seen_is_decided_by_the_threshold_of_the_policy():
    x, y, sex = people(12_000, 7)
    fair = repaired().fit(x, y, sensitive_features=sex)
    fair.solution_ = next(one for one in fair.repairs_.candidates if one.name == "group-thresholds")

    decided = fair.predict(x[:40], sensitive_features=[None, "x"] * 20)

    assert decided.tolist() == fair.estimator_.predict(x[:40]).tolist()


def test_tools_of_scikit_learn_take_it_as_they_take_any_classifier():
    import pandas as pd
    from sklearn.base import clone, is_classifier
    from sklearn.compose import make_column_transformer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_validate
    from sklearn.pipeline import make_pipeline

    from probatum.fairness import RepairedClassifier, fairness_scorer

    x, y, sex = people(12_000, 8)
    frame = pd.DataFrame({"x": x[:, 0], "sex": sex})
    inner = make_pipeline(make_column_transformer(("passthrough", ["x"])), LogisticRegression())
    fair = RepairedClassifier(inner, POLICY)

    found = cross_validate(
        fair,
        frame,
        y,
        cv=2,
        scoring={"right": "accuracy", "apart": fairness_scorer("demographic_parity_difference", groups="sex")},
    )

    assert is_classifier(fair)
    assert clone(fair).get_params()["policy"] == POLICY
    assert (found["test_apart"] > -0.1).all()
    assert (found["test_right"] > 0.55).all()
    fitted = fair.fit(frame, y)
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - what was just written
    assert again.predict(frame).tolist() == fitted.predict(frame).tolist()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda fair, x, y, sex: fair.fit(x, np.ones(len(y)), sensitive_features=sex), "1 classes"),
        (lambda fair, x, y, sex: fair.fit(x, y), "neither given nor a column"),
        (lambda fair, x, y, sex: fair.fit(x, y, sensitive_features=sex[:9]), "`sex` 9"),
        (lambda fair, x, y, sex: fair.set_params(fresh=1.5).fit(x, y, sensitive_features=sex), "`fresh`"),
        (lambda fair, x, y, sex: fair.set_params(require="other").fit(x, y, sensitive_features=sex), "no requirement `other`"),
        (lambda fair, x, y, sex: fair.set_params(estimator=None).fit(x, y, sensitive_features=sex), "no estimator"),
    ],
)
def test_what_cannot_be_used_is_said(change, said: str):
    x, y, sex = people(200, 9)

    with pytest.raises(UsageError, match=said):
        change(repaired(), x, y, sex)
