"""An audit of decisions that a program holds in memory, in the manner of scikit-learn."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from probatum.errors import ProbatumError, UsageError
from probatum.fairness.service.given import groups_given, policy_given
from probatum.findings import Cleared, Finding, Outcome, Undecided, Why
from probatum.source import DATA, Location, Source
from probatum.tools import Deadline, OutOfTime, Tools

if TYPE_CHECKING:
    from probatum.fairness.artefacts.policy import Policy
    from probatum.fairness.model.audit import Audit


class FairnessAudit:
    """Audit decisions against a policy.

    Parameters
    ----------
    policy : path, str or mapping
        A policy as a file, as YAML, or as what such YAML says; its `table` may be left out of a mapping.
    estimator : object, optional
        A fitted classifier whose predictions are audited, if none are given: `predict_proba` or
        `decision_function` where the policy names a score, `predict` where it names a decision.
    timeout_s : float, optional
        For each rule; what is not answered by then is undecided.
    seed : int, default 0
        Of all chance.

    Attributes
    ----------
    findings_ : list of Finding
        What the policy does not allow, each confirmed by a second computation from the same table.
    cleared_, undecided_ : list
        What is as required, and what these data do not decide.
    audit_ : Audit
        Every quantity of every group, see `probatum fairness audit`.

    Examples
    --------
    >>> audit = FairnessAudit({
    ...     "decision": {"decision": "hired"},
    ...     "protected": {"sex": "sex"},
    ...     "require": [{"id": "alike", "metric": "selection_rate", "over": "sex", "at_most": 0.1}],
    ... })
    >>> rows = {"sex": ["f"] * 400 + ["m"] * 400, "hired": [0] * 300 + [1] * 100 + [0] * 100 + [1] * 300}
    >>> [finding.rule for finding in audit.fit(rows).findings_]
    ['fairness/group-gap']
    """

    def __init__(
        self, policy: str | Path | Mapping[str, Any], *, estimator: Any = None, timeout_s: float | None = None, seed: int = 0
    ) -> None:
        self.policy = policy
        self.estimator = estimator
        self.timeout_s = timeout_s
        self.seed = seed

    def fit(
        self,
        X: Any,  # noqa: N803 - the name that users of scikit-learn know
        y: Any = None,
        *,
        groups: Any = None,
        predictions: Any = None,
        scores: Any = None,
        sample_weight: Any = None,
    ) -> Self:
        """Count the table, and ask every rule.

        Parameters
        ----------
        X : DataFrame of pandas or polars, Arrow table, relation of DuckDB, mapping of columns, or array (n, p)
            Columns that the policy names and that are not given below are taken from it.
        y, predictions, scores, sample_weight : array-like of length n, optional
            What turned out to be true, the decisions, the scores, weights: the columns that the policy
            calls `label`, `decision`, `score` and `weight`.
        groups : array-like of length n, or mapping or DataFrame of such, optional
            Protected attributes, by their names or columns in the policy; one array, if there is one.

        Raises
        ------
        UsageError
            If something is given that the policy has no place for.
        UnreadableArtefact
            If the policy or the table is not what it should be.
        """
        from probatum.fairness.model.audit import audit
        from probatum.fairness.semantics.memory import Held
        from probatum.fairness.semantics.relation import opened

        policy, inputs = policy_given(self.policy)
        more = self._columns(policy, X, y, groups, predictions, scores, sample_weight)
        held = Held(policy.decision.table, b"", frame=X, more=more)
        inputs[DATA + _beside(policy)] = held
        with opened(held) as relation:
            self.audit_: Audit = audit(policy, relation)
        found: list[Outcome] = []
        for rule in _rules():
            found += self._asked(rule, policy, inputs)
        self.findings_ = [outcome for outcome in found if isinstance(outcome, Finding)]
        self.cleared_ = [outcome for outcome in found if isinstance(outcome, Cleared)]
        self.undecided_ = [outcome for outcome in found if isinstance(outcome, Undecided)]
        return self

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return what the audit was made with; `deep` means nothing here."""
        del deep
        return {"policy": self.policy, "estimator": self.estimator, "timeout_s": self.timeout_s, "seed": self.seed}

    def set_params(self, **params: Any) -> Self:
        """Change what the audit was made with.

        Raises
        ------
        UsageError
            If there is no such parameter.
        """
        known = self.get_params()
        for name, value in params.items():
            if name not in known:
                raise UsageError(f"`{name}` is no parameter of an audit", help=f"there are {', '.join(known)}")
            setattr(self, name, value)
        return self

    def _columns(  # noqa: PLR0917 - what `fit` was given, in its order
        self, policy: Policy, x: Any, y: Any, groups: Any, predictions: Any, scores: Any, weight: Any
    ) -> dict[str, Any]:
        table = policy.decision
        if self.estimator is not None and predictions is None and scores is None:
            scores = _score(self.estimator, x) if table.score else None
            predictions = self.estimator.predict(x) if not table.score else None
        more: dict[str, Any] = {}
        for what, column, values in (
            ("label", table.label, y),
            ("decision", table.decision, predictions),
            ("score", table.score, scores),
            ("weight", table.weight, weight),
        ):
            if values is None:
                continue
            if not column:
                raise UsageError(
                    f"a {what} is given, and the policy names no column for it", help=f"add `{what}: ...` under `decision`"
                )
            more[column] = values
        if groups is not None:
            more |= groups_given(policy, groups)
        sizes = {name: len(values) for name, values in more.items() if hasattr(values, "__len__")}
        if len(set(sizes.values())) > 1:
            listed = ", ".join(f"{size:,} for `{name}`" for name, size in sizes.items())
            raise UsageError(f"arrays of different lengths are given: {listed}", help="give one value for each row")
        return more

    def _asked(self, rule: str, policy: Policy, inputs: Mapping[str, Source]) -> list[Outcome]:
        from probatum.fairness.recheck import recheck

        name = f"fairness/{rule.replace('_', '-')}"
        deadline = Deadline.never() if self.timeout_s is None else Deadline.after(self.timeout_s)
        found: list[Outcome] = []
        try:
            check = importlib.import_module(f"probatum.fairness.rules.{rule}").check
            for outcome in check(policy, Tools(inputs=inputs, deadline=deadline, seed=self.seed)):
                evidence = getattr(outcome, "evidence", None)
                answer = None if evidence is None else recheck(policy, evidence, inputs)
                if answer is not None and answer.status != "confirmed":
                    why = f"what was found is not confirmed when it is computed again ({answer.reason})"
                    found.append(_undecided(name, policy, Why.NOT_RECHECKED, why))
                else:
                    found.append(outcome)
        except OutOfTime:
            found.append(_undecided(name, policy, Why.TIME_LIMIT, f"not answered within {self.timeout_s:g} s"))
        except ProbatumError as problem:
            found.append(_undecided(name, policy, Why.UNREADABLE, problem.message, problem.location))
        return found


def _undecided(rule: str, policy: Policy, why: Why, reason: str, where: Location | None = None) -> Undecided:
    return Undecided(rule=rule, subject=policy.subject, location=where or policy.location, why=why, reason=reason)


def _beside(policy: Policy) -> str:
    from probatum.fairness.artefacts import beside

    place = beside(policy.location.path, policy.decision.table)
    if place is None:
        raise UsageError(f"the table `{policy.decision.table}` is outside the policy's directory", help="name it plainly")
    return place


def _rules() -> list[str]:
    import probatum.fairness.rules as package

    return sorted(module.name for module in pkgutil.iter_modules(package.__path__) if not module.name.startswith("_"))


def _score(estimator: Any, x: Any) -> Any:
    if hasattr(estimator, "predict_proba"):
        return estimator.predict_proba(x)[:, 1]
    if hasattr(estimator, "decision_function"):
        return estimator.decision_function(x)
    raise UsageError(
        f"`{type(estimator).__name__}` gives no scores, and the policy names one", help="give `scores`, or name a `decision`"
    )
