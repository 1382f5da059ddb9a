"""Quantities as scorers of scikit-learn, and any function of truths and predictions by group."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from probatum.errors import UsageError

_Z_REPLICATES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupValue:
    """A quantity of one group.

    Attributes
    ----------
    value : float
        NaN if the function has no value for the group.
    low, high : float
        Approximate bounds of all groups together: `value` and so many bootstrap standard errors
        around it; NaN if there are fewer than two rows, or no replicates were asked for.
    n : int
    """

    value: float
    low: float
    high: float
    n: int


def by_group(
    metric: Callable[..., float],
    y_true: Any,
    y_pred: Any,
    *,
    groups: Any,
    sample_weight: Any = None,
    confidence: float = 0.95,
    replicates: int = _Z_REPLICATES,
    seed: int = 0,
) -> Mapping[str, GroupValue]:
    """Compute any function of truths and predictions for each group: the slow path, for what counts do not give.

    Parameters
    ----------
    metric : callable
        As in scikit-learn: `metric(y_true, y_pred)`, with `sample_weight=` if weights are given.
    groups : array-like of length n
        Missing values are a group of their own, `(missing)`.
    confidence : float in (0, 1)
        Approximate, of all groups together (Bonferroni).
    replicates : int
        Of the bootstrap; 0 for none.

    Returns
    -------
    mapping of str to GroupValue
        A function that fails for a group (one class only, say) gives NaN there.

    Raises
    ------
    UsageError
        If arrays differ in length, or the function fails for every group.

    Notes
    -----
    Bounds assume that the function is nearly normal in samples of a group's size. For
    rates, the exact bounds of `FairnessAudit` hold without that.
    """
    import numpy as np
    from scipy.special import ndtri

    truth, guess, names = _array(y_true), _array(y_pred), _names(groups)
    weight = None if sample_weight is None else np.asarray(sample_weight, dtype=float)
    sizes = {len(truth), len(guess), len(names)} | (set() if weight is None else {len(weight)})
    if len(sizes) != 1:
        raise UsageError(
            f"arrays of {', '.join(f'{size:,}' for size in sorted(sizes))} rows were given", help="give one value for each row"
        )
    rng = np.random.default_rng(seed)
    members = {name: np.flatnonzero(names == name) for name in sorted(set(names.tolist()))}
    reach = float(ndtri(1 - (1 - confidence) / (2 * max(1, len(members)))))
    found = {}
    failed: list[Exception] = []
    for name, rows in members.items():
        value = _value(metric, truth[rows], guess[rows], None if weight is None else weight[rows], failed)
        error = float("nan")
        if len(rows) > 1 and replicates > 1 and np.isfinite(value):
            drawn = []
            for _ in range(replicates):
                again = rng.choice(rows, size=len(rows))
                drawn.append(_value(metric, truth[again], guess[again], None if weight is None else weight[again], []))
            usable = np.array([one for one in drawn if np.isfinite(one)])
            # Where the function often has no value, what remains is no sample of its distribution.
            error = float(usable.std(ddof=1)) if len(usable) > 0.9 * replicates else float("nan")
        found[name] = GroupValue(value=value, low=value - reach * error, high=value + reach * error, n=len(rows))
    if found and len(failed) == len(found):
        raise UsageError(
            f"the function fails for every group: {type(failed[0]).__name__}: {failed[0]}",
            help="give a function that takes truths and predictions as they are given here",
        ) from failed[0]
    return found


def _value(metric: Callable[..., float], truth: Any, guess: Any, weight: Any, failed: list[Exception]) -> float:
    try:
        return float(metric(truth, guess) if weight is None else metric(truth, guess, sample_weight=weight))
    except Exception as problem:  # noqa: BLE001 - the function is the caller's, and may have no value for some rows
        failed.append(problem)
        return float("nan")


def fairness_metric(name: str) -> Callable[..., float]:
    """Return a definition of fairness as a function of truths, predictions and groups.

    Parameters
    ----------
    name : str
        One of `probatum.fairness.definitions()`.

    Returns
    -------
    callable
        `metric(y_true, y_pred, *, sensitive_features, sample_weight=None)`, a float; NaN where fewer
        than two groups have the quantity. Fit for `sklearn.metrics.make_scorer` with metadata routing.

    Raises
    ------
    UsageError
        If there is no such definition.
    """
    from probatum.fairness.semantics.disparities import DEFINITIONS
    from probatum.project.document import suggestion

    if name not in DEFINITIONS:
        raise UsageError(f"`{name}` is not a definition that is known", help=suggestion(name, list(DEFINITIONS)))
    definition = DEFINITIONS[name]

    def metric(y_true: Any, y_pred: Any, *, sensitive_features: Any, sample_weight: Any = None) -> float:
        value = definition.of(_confusions(y_true, y_pred, sensitive_features, sample_weight)).value
        return float("nan") if value is None else value

    metric.__name__ = name
    metric.__doc__ = f"Return the {definition.title}; {definition.ideal:g} where groups fare alike."
    return metric


def definitions() -> Mapping[str, str]:
    """Return the names of all definitions that compare groups, and what each is."""
    from probatum.fairness.semantics.disparities import DEFINITIONS

    return {name: definition.title for name, definition in DEFINITIONS.items()}


def fairness_scorer(name: str, *, groups: str | int | Callable[[Any], Any]) -> Callable[..., float]:
    """Return a definition of fairness as a scorer: larger is better, nought is best.

    Parameters
    ----------
    name : str
        One of `probatum.fairness.definitions()`.
    groups : str, int or callable
        A column of X, by name or place, or a function from X to groups.

    Returns
    -------
    callable
        `scorer(estimator, X, y, sample_weight=None)`: less the distance of the quantity from where
        groups fare alike; for `cross_validate`, `GridSearchCV` and their like.
    """
    from probatum.fairness.semantics.disparities import DEFINITIONS

    metric = fairness_metric(name)
    ideal = DEFINITIONS[name].ideal

    def scorer(estimator: Any, X: Any, y: Any, sample_weight: Any = None) -> float:  # noqa: N803 - the name that scorers have
        value = metric(y, estimator.predict(X), sensitive_features=_taken(X, groups), sample_weight=sample_weight)
        return -abs(value - ideal)

    scorer.__name__ = f"{name}_scorer"
    return scorer


def _taken(x: Any, groups: str | int | Callable[[Any], Any]) -> Any:
    if callable(groups):
        return groups(x)
    if isinstance(groups, int):
        return x.iloc[:, groups] if hasattr(x, "iloc") else x[:, groups]
    return x[groups]


def _confusions(y_true: Any, y_pred: Any, groups: Any, weight: Any) -> Mapping[str, Any]:
    """Count arrays of 0 and 1 (or truth values) by group; missing truths and predictions are left out of what needs them."""
    import numpy as np

    from probatum.fairness.semantics.metrics import Confusion

    truth, guess, names = _binary(y_true, "y_true"), _binary(y_pred, "y_pred"), _names(groups)
    mass = np.ones(len(truth)) if weight is None else np.asarray(weight, dtype=float)
    if not len(truth) == len(guess) == len(names) == len(mass):
        raise UsageError(
            f"there are {len(truth):,} truths, {len(guess):,} predictions and {len(names):,} groups",
            help="give one value for each row",
        )
    known, place = np.unique(names, return_inverse=True)
    code = place * 9 + truth * 3 + guess  # truth and guess: 0, 1, or 2 for missing
    sums = np.bincount(code, weights=mass, minlength=9 * len(known)).reshape(len(known), 3, 3)
    return {
        str(name): Confusion(
            tp=float(own[1, 1]),
            fp=float(own[0, 1]),
            tn=float(own[0, 0]),
            fn=float(own[1, 0]),
            selected=float(own[:, 1].sum()),
            rejected=float(own[:, 0].sum()),
            positive=float(own[1].sum()),
            negative=float(own[0].sum()),
        )
        for name, own in zip(known.tolist(), sums, strict=True)
    }


def _binary(values: Any, what: str) -> Any:
    import numpy as np

    from probatum.fairness.semantics.memory import is_missing

    array = _array(values)
    if array.dtype == object:
        array = np.array([None if is_missing(one) else one for one in array], dtype=object)
    try:
        numbers = array.astype(float)
    except (TypeError, ValueError):
        raise UsageError(f"`{what}` holds texts", help="give 0 and 1: `y == 'yes'`, say") from None
    missing = np.isnan(numbers)
    if not np.isin(numbers[~missing], (0.0, 1.0)).all():
        raise UsageError(f"`{what}` holds values that are neither 0 nor 1", help="give 0 and 1: `score >= 0.5`, say")
    return np.where(missing, 2, np.where(missing, 0, numbers)).astype(int)


def _names(groups: Any) -> Any:
    import numpy as np

    from probatum.fairness.semantics.decisions import MISSING
    from probatum.fairness.semantics.memory import is_missing

    array = _array(groups)
    table = array.reshape(len(array), -1) if array.size else np.zeros((0, 1))
    return np.array([", ".join(MISSING if is_missing(part) else str(part) for part in row) for row in table], dtype=str)


def _array(values: Any) -> Any:
    import numpy as np

    return np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
