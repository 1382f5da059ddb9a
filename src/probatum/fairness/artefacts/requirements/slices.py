"""Groups that nobody named, and how much worse than everyone they may fare: `kind: slices`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from probatum.fairness.artefacts.attribute import Attribute
from probatum.project.document import suggestion
from probatum.project.fields import Fields, fault
from probatum.source import Location

# Quantities of which more is worse.
LOSSES = ("error_rate", "fpr", "fnr", "fdr", "for", "selection_rate", "rejection_rate")
_complements = {"accuracy": "error_rate", "tpr": "fnr", "tnr": "fpr", "ppv": "fdr", "npv": "for", "error": "error_rate"}
_DEEPEST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class SlicesRequirement:
    """No slice of the people may fare worse than everyone by more than so much.

    Attributes
    ----------
    id : str
        Unique within the policy.
    metric : str
        A quantity of which more is worse; "" where the loss is in columns.
    num, den : str
        Columns of the loss of an item and of how much it counts (edits and reference words);
        `den` is "" where each item counts 1.
    bound : float
        Largest excess over everyone, in the unit of the loss.
    depth : int, 1 to 3
        Of conjunctions.
    features : tuple of str
        Attributes and columns by which slices are made; empty: all that say nothing of the outcome.
    pairs : tuple of tuple of str
        Two columns each that say the same of two sides of a comparison; their order does not matter.
    cluster : str
        Column of what items have in common (a speaker); "" if the policy's own does.
    embedding : tuple of str
        A column of lists of numbers, or columns of numbers, near in which means alike.
    bins : int
        Of a column of numbers.
    min_rows : int
        Of a slice, in each half; 0: a hundredth of the rows, at least the policy's `min_cell`.
    seed : int
        Of the division into halves: slices are found in one and confirmed in the other.
    """

    id: str
    metric: str
    num: str
    den: str
    bound: float
    depth: int
    features: tuple[str, ...]
    pairs: tuple[tuple[str, str], ...]
    cluster: str
    embedding: tuple[str, ...]
    bins: int
    min_rows: int
    seed: int
    location: Location


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> SlicesRequirement:
    """Read the fields of such a requirement."""
    del protected
    metric, num, den = _loss(own)
    depth = own.whole("depth", 2, low=1)
    if depth > _DEEPEST:
        raise fault(
            own.at("depth"), f"`depth` is {depth}", f"it must be at most {_DEEPEST}: deeper slices are too small to confirm"
        )
    bins = own.whole("bins", 5, low=2)
    if bins > 20:
        raise fault(own.at("bins"), f"`bins` is {bins}", "it must be at most 20")
    return SlicesRequirement(
        id=name,
        metric=metric,
        num=num,
        den=den,
        bound=float(own.number("at_most_excess", low=0.0)),
        depth=depth,
        features=own.texts("features", ()),
        pairs=_pairs(own),
        cluster=own.text("cluster", ""),
        embedding=own.texts("embedding", ()),
        bins=bins,
        min_rows=own.whole("min_rows", 0),
        seed=own.whole("seed", 0),
        location=own.node.location,
    )


def _loss(own: Fields) -> tuple[str, str, str]:
    node = own.get("loss")
    if node is None:
        metric = own.text("metric", "error_rate")
        metric = "error_rate" if metric == "error" else metric
        if metric in _complements:
            raise fault(own.at("metric"), f"more of `{metric}` is better", f"write its complement, `{_complements[metric]}`")
        if metric not in LOSSES:
            raise fault(own.at("metric"), f"`{metric}` is not a quantity of which more is worse", suggestion(metric, LOSSES))
        return metric, "", ""
    if "metric" in own:
        raise fault(own.at("metric"), "there is a `metric` and a `loss`", "keep one of them")
    loss = Fields(node, "`loss`")
    num, den = loss.text("num"), loss.text("den", "")
    loss.close()
    return "", num, den


def _pairs(own: Fields) -> tuple[tuple[str, str], ...]:
    node = own.get("pairs")
    if node is None:
        return ()
    found = []
    for item in node.value if isinstance(node.value, tuple) else (node,):
        texts = [part.value for part in item.value] if isinstance(item.value, tuple) else []
        if len(texts) != 2 or not all(isinstance(text, str) for text in texts):
            raise fault(item.location, "`pairs` is not a list of pairs of columns", "write `pairs: [[race_a, race_b]]`")
        found.append((texts[0], texts[1]))
    return tuple(found)
