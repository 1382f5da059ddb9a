"""A classifier of scikit-learn whose decisions keep a requirement about groups. Needs scikit-learn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from probatum.errors import MissingExtra, UsageError
from probatum.fairness.artefacts.policy import DecisionTable, Missing
from probatum.fairness.service.given import groups_given, policy_given

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, clone
except ImportError:
    raise MissingExtra(
        "a repaired classifier needs scikit-learn, which is not installed", help="pip install scikit-learn"
    ) from None

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from probatum.fairness.artefacts.policy import Policy
    from probatum.fairness.artefacts.requirements.group import GroupRequirement
    from probatum.fairness.model.repairs.people import People
    from probatum.fairness.model.repairs.search import Candidate

_SCORE, _LABEL = "probatum score", "probatum label"


class RepairedClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Decide by a classifier's score in such a way that groups differ no more than a policy requires.

    The estimator is trained on one part of the rows. On a second part, thresholds are fitted to its scores; on a
    third, they are tested: a way to decide is taken only if the upper bounds of all gaps are within the policy there.

    Parameters
    ----------
    estimator : classifier with `predict_proba` or `decision_function`
        Cloned, not changed.
    policy : path, str or mapping
        As for `FairnessAudit`; of its `decision` only `threshold`, `positive`, `unit` and `cluster` are used.
    require : str, default ""
        Which requirement of `kind: group`; "" for the only one.
    group_known : bool, default True
        Whether decisions may look at the group: a threshold for each, or a lottery. Without, one threshold for all.
    fresh : float in (0, 1), default 0.5
        Share of rows on which the estimator is not trained: half of them to fit thresholds, half to test them.
    seed : int, default 0
        Of the division of rows, and of lotteries.

    Attributes
    ----------
    classes_ : array of shape (2,)
    estimator_ : the estimator, trained
    repairs_ : all ways that were tried, with their tests and prices, see `probatum fairness repair`
    solution_ : the way that is used, or None if no way keeps the requirement on the test rows

    Examples
    --------
    >>> import numpy as np
    >>> from sklearn.linear_model import LogisticRegression
    >>> rng = np.random.default_rng(0)
    >>> sex, x = rng.integers(0, 2, 8000), rng.normal(size=(8000, 1))
    >>> y = (x[:, 0] + sex + rng.normal(size=8000) > 0.5).astype(int)
    >>> X = np.column_stack([x, sex])
    >>> alike = {"id": "alike", "metric": "selection_rate", "over": "sex", "at_most": 0.1}
    >>> policy = {"decision": {"score": "p"}, "protected": {"sex": "sex"}, "require": [alike]}
    >>> fair = RepairedClassifier(LogisticRegression(), policy).fit(X, y, sensitive_features=sex)
    >>> decided = fair.predict(X, sensitive_features=sex)
    >>> bool(abs(decided[sex == 1].mean() - decided[sex == 0].mean()) < 0.1)
    True
    """

    def __init__(
        self,
        estimator: Any = None,
        policy: str | Path | Mapping[str, Any] | None = None,
        *,
        require: str = "",
        group_known: bool = True,
        fresh: float = 0.5,
        seed: int = 0,
    ) -> None:
        self.estimator = estimator
        self.policy = policy
        self.require = require
        self.group_known = group_known
        self.fresh = fresh
        self.seed = seed

    def fit(self, X: Any, y: Any, *, sensitive_features: Any = None) -> Self:  # noqa: N803 - the name that users of scikit-learn know
        """Train, search for a way to decide, and test it.

        Parameters
        ----------
        X : DataFrame or array (n, p)
        y : array-like of length n, of two classes
        sensitive_features : array-like of length n, or mapping or DataFrame of such, optional
            Protected attributes, by their names or columns in the policy; not given: columns of X.

        Raises
        ------
        UsageError
            If something is missing that the policy needs, or there are not two classes.
        UnreadableArtefact
            If the policy is none.
        """
        from probatum.fairness.model.repairs.search import search
        from probatum.fairness.semantics.memory import Held
        from probatum.fairness.semantics.relation import opened

        policy, required = self._policy, self._required = self._asked()
        self.classes_, place = np.unique(np.asarray(y), return_inverse=True)
        if len(self.classes_) != 2:
            raise UsageError(f"there are {len(self.classes_)} classes", help="give labels of two classes")
        self._positive = _positive(policy, self.classes_)
        label = (place == self._positive).astype(int)
        attributes = policy.protected if policy.missing is Missing.EXCLUDE else required.over[0]
        columns = _columns(policy, attributes, X, sensitive_features)
        later = self._kept_apart(policy, columns, len(label))
        self.estimator_ = clone(self.estimator).fit(_rows(X, np.flatnonzero(~later)), np.asarray(y)[~later])
        rest = np.flatnonzero(later)
        self._default = 0.5 if hasattr(self.estimator_, "predict_proba") else 0.0
        if policy.decision.threshold is not None:
            self._default = policy.decision.threshold
        held = {name: values[rest] for name, values in columns.items()}
        held |= {_SCORE: self._scores(_rows(X, rest)), _LABEL: label[rest]}
        with opened(Held("X", b"", frame=held)) as relation:
            self.repairs_ = search(replace(policy, decision=self._table()), required, required.over[0], relation, seed=self.seed)
        self.solution_: Candidate | None = next((one for one in self.repairs_.candidates if self._usable(one)), None)
        self.n_features_in_ = int(np.shape(X)[1]) if np.ndim(X) > 1 else 1
        return self

    def predict(self, X: Any, *, sensitive_features: Any = None) -> Any:  # noqa: N803 - as above
        """Decide.

        Parameters
        ----------
        sensitive_features : as for `fit`; needed only where `solution_.needs_group`. Who is of a group that was not seen
            is decided by the threshold of the policy.

        Raises
        ------
        UsageError
            If no way to decide keeps the policy, or the groups are needed and not given.
        """
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(self, "repairs_")
        if self.solution_ is None:
            raise UsageError(
                f"no way to decide that was found keeps `{self._required.id}` on {self.repairs_.safety:,} rows that it was not fitted to",
                help="see `repairs_`; allow more, give more rows, or let decisions look at the group",
            )
        setting = self.solution_.setting
        if "threshold" in setting:
            decided = self._scores(X) >= setting["threshold"]
        else:
            from probatum.fairness.model.repairs import thresholds

            people = self._people(X, sensitive_features)
            if "thresholds" in setting:
                decided = thresholds.decided(people, setting["thresholds"]) == 1
            else:
                mixture = {name: tuple((t, p) for t, p in parts) for name, parts in setting["lottery"].items()}
                decided = thresholds.drawn(people, mixture, seed=self.seed) == 1
        return self.classes_[np.where(decided, self._positive, 1 - self._positive)]

    def _asked(self) -> tuple[Policy, GroupRequirement]:
        from probatum.fairness.artefacts.requirements.group import GroupRequirement

        if self.estimator is None or self.policy is None:
            raise UsageError("there is no estimator, or no policy", help="give both: `RepairedClassifier(estimator, policy)`")
        policy, _ = policy_given(self.policy)
        about = [one for one in policy.of_kind(GroupRequirement) if self.require in ("", one.id)]
        if len(about) != 1:
            named = f"no requirement `{self.require}` about groups" if self.require else f"{len(about)} requirements about groups"
            raise UsageError(f"the policy has {named}", help="name one of those that have a `metric`: `require=...`")
        if len(about[0].over) != 1:
            raise UsageError(
                f"`{about[0].id}` compares groups in {len(about[0].over)} ways",
                help="name one attribute, or one intersection, in `over`",
            )
        return policy, about[0]

    def _kept_apart(self, policy: Policy, columns: Mapping[str, NDArray[Any]], rows: int) -> NDArray[np.bool_]:
        """Return which rows the estimator does not see; those of one unit or cluster stay together."""
        if not 0 < self.fresh < 1:
            raise UsageError(f"`fresh` is {self.fresh:g}", help="give a share between 0 and 1")
        own = policy.decision.cluster or policy.decision.unit
        together = np.unique(columns[own].astype(str), return_inverse=True)[1] if own else np.arange(rows)
        return np.random.default_rng(self.seed).random(int(together.max(initial=-1)) + 1)[together] < self.fresh

    def _usable(self, one: Candidate) -> bool:
        # Who is near the threshold would be left to people, and a classifier has no such answer.
        return one.passed and "width" not in one.setting and (self.group_known or not one.needs_group)

    def _scores(self, x: Any) -> NDArray[np.float64]:
        own = self.estimator_
        if hasattr(own, "predict_proba"):
            return np.asarray(own.predict_proba(x), dtype=np.float64)[:, self._positive]
        if hasattr(own, "decision_function"):
            return np.asarray(own.decision_function(x), dtype=np.float64) * (1 if self._positive else -1)
        raise UsageError(f"`{type(own).__name__}` gives no scores", help="take one with `predict_proba` or `decision_function`")

    def _people(self, x: Any, sensitive_features: Any) -> People:
        """Return scores and groups in the order of rows; whose group is missing is in a group of their own."""
        from probatum.fairness.model.repairs.people import people_of
        from probatum.fairness.semantics.memory import Held
        from probatum.fairness.semantics.relation import opened

        table = replace(self._table(), label="", unit="", cluster="")
        policy, over = replace(self._policy, decision=table, missing=Missing.OWN_GROUP), self._required.over[0]
        held = _columns(policy, over, x, sensitive_features) | {_SCORE: self._scores(x)}
        with opened(Held("X", b"", frame=held)) as relation:
            return people_of(policy, relation, over, seed=self.seed)

    def _table(self) -> DecisionTable:
        """Return the policy's table as it is in memory: scores, classes as 0 and 1, and who belongs together."""
        own = self._policy.decision
        return DecisionTable(
            table=own.table,
            score=_SCORE,
            label=_LABEL,
            threshold=self._default,
            favourable=own.favourable,
            unit=own.unit,
            cluster=own.cluster,
            location=own.location,
        )


def _columns(policy: Policy, attributes: Iterable[str], x: Any, sensitive_features: Any) -> dict[str, NDArray[Any]]:
    """Return protected attributes, and who belongs together, as arrays."""
    given = {} if sensitive_features is None else groups_given(policy, sensitive_features)
    known = list(getattr(x, "columns", ()))
    wanted = [policy.protected[name].column for name in attributes]
    wanted += [name for name in (policy.decision.cluster or policy.decision.unit,) if name]
    found = {}
    for name in wanted:
        if name not in given and name not in known:
            raise UsageError(f"`{name}` is neither given nor a column of X", help="give it in `sensitive_features`")
        own = given[name] if name in given else x[name]
        found[name] = np.asarray(own.to_numpy() if hasattr(own, "to_numpy") else own)
        if len(found[name]) != len(x):
            raise UsageError(f"X has {len(x):,} rows, and `{name}` {len(found[name]):,}", help="give one value for each row")
    return found


def _positive(policy: Policy, classes: NDArray[Any]) -> int:
    """Return which class is positive: what the policy says, or the second."""
    said = [str(one) for one in policy.decision.positive or ()]
    found = [n for n, one in enumerate(classes.tolist()) if str(one) in said]
    if said and len(found) != 1:
        raise UsageError(
            f"none of the classes {', '.join(f'`{one}`' for one in classes.tolist())} is the positive one of the policy"
            if not found
            else "both classes are positive by the policy",
            help="write `positive: ...` under `decision`",
        )
    return found[0] if found else 1


def _rows(x: Any, rows: NDArray[np.int64]) -> Any:
    if hasattr(x, "iloc"):
        return x.iloc[rows]
    return x[rows] if hasattr(x, "shape") else np.asarray(x)[rows]
