"""Models trained anew on the fitting half: with weights, under a constraint, without the attribute, or monotone.

scikit-learn, and for reductions fairlearn, are used if they are installed. What
comes out is a candidate like any other: it passes on the other half, or not.
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra, UnreadableArtefact
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.group import GroupRequirement
from probatum.fairness.model.repairs.people import FIT, People, query_of
from probatum.fairness.semantics.decisions import column_of, number_of
from probatum.fairness.semantics.relation import Relation

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_MOST_LEVELS = 20


def reweighing(people: People) -> Mapping[tuple[str, int], float]:
    """Return the weight of each group and truth that makes them independent: P(g) P(y) / P(g, y).

    Over all rows whose truth is known. Combinations that nobody has, have no weight.

    References
    ----------
    Kamiran, Calders. "Data preprocessing techniques for classification without discrimination." KAIS 33 (2012).
    """
    known = people.label >= 0
    n = int(known.sum())
    found = {}
    for g, name in enumerate(people.names):
        for y in (0, 1):
            both = int((known & (people.group == g) & (people.label == y)).sum())
            if both:
                found[name, y] = int((known & (people.group == g)).sum()) * int((known & (people.label == y)).sum()) / (n * both)
    return found


def averaged(
    score: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    rows: NDArray[np.float64],
    columns: Sequence[int],
    values: NDArray[np.float64],
    shares: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the mean score of rows over the values of an attribute: sum over s of p_s f(u, s).

    Parameters
    ----------
    columns : sequence of int
        Where the attribute stands in `rows`; what stands there is not looked at, so that two
        people who differ in nothing else have the same score.
    values : array of shape (n_values, len(columns))
    shares : array of shape (n_values,)
    """
    import numpy as np

    total = np.zeros(len(rows))
    for value, share in zip(values, shares, strict=True):
        own = rows.copy()
        own[:, list(columns)] = value
        total += share * np.asarray(score(own), np.float64)
    return total


@dataclass(frozen=True, slots=True)
class Features:
    """What a model may look at.

    Attributes
    ----------
    names : tuple of str
    columns : tuple of str
        Of the table, of each feature.
    rows : array of shape (n_rows, n_features), float64
    """

    names: tuple[str, ...]
    columns: tuple[str, ...]
    rows: NDArray[np.float64]


def features_of(policy: Policy, relation: Relation, over: tuple[str, ...], *, seed: int) -> Features:
    """Read all columns that say nothing of the outcome or of the attributes; texts become a column for each value.

    Raises
    ------
    UnreadableArtefact
        If nothing is left.
    """
    import numpy as np

    table = policy.decision
    used = {table.label, table.decision, table.score, table.count, table.weight, table.unit, table.cluster}
    used |= {attribute.column for attribute in policy.protected.values()}
    columns = [name for name, kind in relation.columns.items() if name not in used and not kind.endswith("]")]
    names: list[str] = []
    of: list[str] = []
    expressions: list[str] = []
    for column in columns:
        try:
            number = number_of(column, relation, table.location, "a number")
        except UnreadableArtefact:
            text = f"trim(cast({column_of(column, relation, table.location)} as varchar))"
            levels = relation.sql(
                f"select {text} as v, count(*) as n from {{table}} where {text} is not null group by v order by n desc, v limit {_MOST_LEVELS}"  # noqa: S608 - quoted
            )
            for level in levels[1:]:
                literal = "'" + str(level["v"]).replace("'", "''") + "'"
                names.append(f"{column}={level['v']}")
                of.append(column)
                expressions.append(f"cast(coalesce({text} = {literal}, false) as double)")
            continue
        names.append(column)
        of.append(column)
        expressions.append(f"cast({number} as double)")
    if not names:
        raise UnreadableArtefact(
            f"`{relation.path}` has no column from which a model could be trained",
            help="name a table with features",
            location=table.location,
        )
    read = relation.arrays(query_of(policy, relation, over, seed=seed, more=tuple(expressions)))
    rows = np.stack([np.ma.filled(np.ma.asarray(read[f"x{n}"]).astype(np.float64), np.nan) for n in range(len(names))], axis=1)
    return Features(tuple(names), tuple(of), rows)


def retrained(
    people: People,
    features: Features,
    required: GroupRequirement,
    bound: float,
    *,
    increasing: Sequence[str],
    decreasing: Sequence[str],
) -> Iterator[tuple[str, str, Callable[[], NDArray[np.int8]]]]:
    """Yield candidates: name, what it is in a sentence, and what makes decisions for all rows.

    Raises
    ------
    MissingExtra
        If scikit-learn is not installed.
    """
    try:
        from sklearn.ensemble import HistGradientBoostingClassifier
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise MissingExtra("training needs scikit-learn, which is not installed", help="pip install scikit-learn") from error
    import numpy as np

    fit = (people.half == FIT) & (people.label >= 0)
    y = people.label[fit]
    if len(np.unique(y)) < 2:
        return
    middle = np.nan_to_num(np.nanmedian(np.where(np.isnan(features.rows[fit]), np.nan, features.rows[fit]), axis=0))
    x = np.where(np.isnan(features.rows), middle, features.rows)

    def logistic() -> Any:
        return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))

    def reweighed() -> NDArray[np.int8]:
        weights = reweighing(people)
        own = np.array([weights.get((people.names[g], int(t)), 0.0) for g, t in zip(people.group[fit], y, strict=True)])
        model = logistic().fit(x[fit], y, logisticregression__sample_weight=own)
        return np.asarray(model.predict(x), np.int8)

    yield "reweighing", "a model trained with weights that make group and truth independent", reweighed

    groups = np.eye(len(people.names))[people.group]

    def neutralised() -> NDArray[np.int8]:
        whole = np.hstack([x, groups])
        model = logistic().fit(whole[fit], y)
        shares = groups[fit].mean(axis=0)
        places = range(x.shape[1], whole.shape[1])
        value = averaged(lambda rows: model.predict_proba(rows)[:, 1], whole, places, np.eye(len(people.names)), shares)
        return (value >= 0.5).astype(np.int8)

    yield (
        "neutralised",
        "a model whose attribute is averaged out: two people who differ in nothing else are decided alike",
        neutralised,
    )

    if increasing or decreasing:

        def monotone() -> NDArray[np.int8]:
            signs = [1 if c in increasing else -1 if c in decreasing else 0 for c in features.columns]
            model = HistGradientBoostingClassifier(monotonic_cst=signs, random_state=0).fit(features.rows[fit], y)
            return np.asarray(model.predict(features.rows), np.int8)

        yield (
            "monotone",
            f"a model that never falls in {', '.join(increasing) or 'anything'} nor rises in {', '.join(decreasing) or 'anything'}",
            monotone,
        )

    reduction = _reduction(required, bound)
    if reduction is not None:

        def reduced() -> NDArray[np.int8]:
            scaler = StandardScaler().fit(x[fit])
            model = importlib.import_module("fairlearn.reductions").ExponentiatedGradient(
                LogisticRegression(max_iter=1000), reduction, eps=bound
            )
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what it uses of other libraries is not ours to warn of
                model.fit(scaler.transform(x[fit]), y, sensitive_features=people.group[fit])
            return np.asarray(model.predict(scaler.transform(x), random_state=0), np.int8)

        yield "reductions", "a lottery of models trained under the constraint (fairlearn)", reduced


def _reduction(required: GroupRequirement, bound: float) -> Any:
    from probatum.fairness.artefacts.requirements.group import Compare

    if required.compare is not Compare.DIFFERENCE or not bound > 0:
        return None
    try:
        reductions = importlib.import_module("fairlearn.reductions")
    except ImportError:
        return None
    kinds = {
        frozenset({"selection_rate"}): reductions.DemographicParity,
        frozenset({"tpr"}): reductions.TruePositiveRateParity,
        frozenset({"fnr"}): reductions.TruePositiveRateParity,
        frozenset({"fpr"}): reductions.FalsePositiveRateParity,
        frozenset({"tnr"}): reductions.FalsePositiveRateParity,
        frozenset({"tpr", "fpr"}): reductions.EqualizedOdds,
        frozenset({"fnr", "fpr"}): reductions.EqualizedOdds,
        frozenset({"error_rate"}): reductions.ErrorRateParity,
        frozenset({"accuracy"}): reductions.ErrorRateParity,
    }
    kind = kinds.get(frozenset(required.metrics))
    return None if kind is None else kind(difference_bound=bound)
