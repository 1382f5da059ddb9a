"""How much may a model tell twins apart? The question, asked of whatever kind of model it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from probatum.errors import UsageError
from probatum.fairness.artefacts.models.model import Linear, Link, Model, Network, TreeSum
from probatum.fairness.artefacts.twins import Domain, Output, Twins
from probatum.fairness.semantics.rounding import rounding_of
from probatum.fairness.semantics.scoring import linked, raw_score, reads, row_of
from probatum.source import digest_of

SCHEMA = "probatum-cover/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Which model, who there may be, which of them are twins, and what must not differ.

    Attributes
    ----------
    threshold : float
        Of the score; only for decisions.
    """

    model: Model
    digest: str
    domain: Domain
    twins: Twins
    output: Output
    threshold: float = 0.5

    def raw_threshold(self) -> float:
        """Return the threshold of the sum: the logit, where the score is a probability."""
        if self.model.link is Link.IDENTITY:
            return self.threshold
        return math.log(self.threshold) - math.log1p(-self.threshold)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was found.

    Attributes
    ----------
    lower, upper : float
        The largest difference of outputs, as the library computes them, is between these. For decisions: how far twins
        lie on both sides of the threshold, in units of the sum; below 0 there are none.
    pair : (mapping, mapping) or None
        Twins whose outputs differ by `lower`.
    outputs : (float, float)
        Their scores (raw scores, where these were asked for).
    certificate : mapping
        A cover that proves `upper`.
    parts : int
        Parts of the domain that were looked at.
    exact : bool
        Nothing is between `lower` and `upper` but rounding.
    """

    lower: float
    upper: float
    pair: tuple[dict[str, float], dict[str, float]] | None
    outputs: tuple[float, float] = (math.nan, math.nan)
    certificate: Mapping[str, Any]
    parts: int
    exact: bool


Enough = Callable[[float, float], bool]


def never(lower: float, upper: float) -> bool:
    """Go on until nothing is between the bounds."""
    del lower, upper
    return False


def answer(
    question: Question, *, enough: Enough = never, most_parts: int = 100_000, tick: Callable[[], None] = lambda: None
) -> Answer:
    """Answer a question.

    Parameters
    ----------
    enough : function of (lower, upper)
        Bounds that will do.
    most_parts : int
        Parts of the domain to look at; then the bounds are as they are.

    Raises
    ------
    UsageError
        If a feature of the model is not in the domain, or twins differ in what is no feature.
    """
    fits(question)
    match question.model:
        case TreeSum():
            from probatum.fairness.model.certify.trees import search_trees as find
        case Linear() | Network():
            from probatum.fairness.model.certify.networks import search_network as find
    return find(question, enough, most_parts, tick)


def fits(question: Question) -> None:
    """Check that domain and twins are about the model's features.

    Raises
    ------
    UsageError
    """
    from probatum.project.document import suggestion

    model, domain, twins = question.model, question.domain, question.twins
    grouped = [column for group in domain.one_hot.values() for column in group]
    for name in (*domain.features, *grouped):
        if name not in model.features:
            raise UsageError(f"the model has no feature `{name}`", help=suggestion(name, model.features))
    known = {*domain.features, *grouped}
    for name in model.features:
        if name not in known:
            raise UsageError(
                f"the domain says nothing of the feature `{name}`", help="add it to `domain`, or name a table that has the column"
            )
    if len(grouped) + len(domain.features) != len(model.features):
        raise UsageError("a feature is in the domain twice", help="a feature is in at most one group of `one_hot`")
    for name in twins.differing():
        if name not in domain.features and name not in domain.one_hot:
            group = next((g for g, columns in domain.one_hot.items() if name in columns), None)
            advice = f"write `{group}`, of which it is a part" if group else suggestion(name, [*domain.features, *domain.one_hot])
            raise UsageError(f"twins differ in `{name}`, which is no feature of the model", help=advice)
    if len(set(twins.differing())) != len(twins.differing()):
        raise UsageError("twins differ in a feature in two ways", help="name each feature once")
    for name in (*twins.tolerance, *twins.more):
        own = domain.features.get(name)
        if own is None or own.missing:
            raise UsageError(
                f"`{name}` has no order, or may be missing", help="name it under `vary`, or give it a range without missing"
            )
    if not isinstance(model, TreeSum) and any(own.missing for own in domain.features.values()):
        raise UsageError("the model takes no missing values", help="remove `missing: true` from the domain")
    if question.output is Output.DECISION and question.model.link is Link.LOGISTIC and not 0 < question.threshold < 1:
        raise UsageError(f"the threshold {question.threshold:g} is no probability", help="write one between 0 and 1")


def certificate(question: Question, upper: float, cover: list[Any]) -> dict[str, Any]:
    """Return what `recheck` walks: the claim, and the tree of boxes that proves it."""
    body: dict[str, Any] = {
        "schema": SCHEMA,
        "model": question.digest,
        "domain": question.domain.to_json(),
        "twins": question.twins.to_json(),
        "output": question.output.value,
        "threshold": question.threshold,
        "bound": upper if upper > -math.inf else None,
        "cover": cover,
    }
    return body | {"digest": digest_of(body)}


def observed(question: Question, pair: tuple[Mapping[str, float], Mapping[str, float]]) -> tuple[float, float, float]:
    """Return the difference between two people, and their outputs, in the arithmetic of the library."""
    model = question.model
    raw = [raw_score(model, row_of(model, one)) for one in pair]
    if question.output is Output.RAW:
        return raw[0] - raw[1], raw[0], raw[1]
    scores = [linked(model.link, value) for value in raw]
    if question.output is Output.SCORE:
        return scores[0] - scores[1], scores[0], scores[1]
    threshold = question.raw_threshold()
    return min(raw[0] - threshold, threshold - raw[1]), scores[0], scores[1]


def margin(question: Question) -> float:
    """Return how far rounding may move a difference; nothing where the model reads nothing that twins differ in."""
    names = {column for one in question.twins.differing() for column in question.domain.one_hot.get(one, (one,))}
    if not any(question.model.features[n] in names for n in reads(question.model)):
        return 0.0
    wrong = rounding_of(question.model, question.domain, question.output)
    return wrong if question.output is Output.DECISION else 2 * wrong
