"""How well units are judged whose labels are known: by the score, at the thresholds in use, at stated rates of false alarms, and in use.

Where damage is rarer than among units with labels, what is put aside is right less often: what follows for a stated share of damage
rests on label shift, which scores of units in use can refute.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from probatum.inspection.artefacts.capture import QUERY, Capture
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.service.inspecting import Decided
from probatum.stats.bounds import Bound, clopper_pearson
from probatum.stats.label_shift import Mixing, label_shift
from probatum.stats.prior_shift import Range, alarm_rate, precision

RATES = (0.01, 0.002, 0.001)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of units with bounds of its own: `bound` is at 95 %, of this share alone."""

    name: str
    hits: int
    of: int
    bound: Bound | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What was found.

    Attributes
    ----------
    damaged, pristine, unlabelled, refused : int
        Units, those that could not be judged among the first two.
    auroc : float
        Probability that a damaged unit scores above a pristine one, ties counting half; NaN without both. What could not be judged
        counts as highest, as it is put aside.
    recall : Share
        Of damaged units, those that are put aside or go to a person by the thresholds in use.
    false_alarms : Share
        The same of pristine units.
    by_type : tuple of Share
        Recall of each type of damage.
    at_rates : tuple of Share
        Recall where the threshold is the lowest that so many pristine ones of these do not exceed: chosen on the same units, so no
        guarantee. Only for rates that these can show.
    """

    damaged: int
    pristine: int
    unlabelled: int
    refused: int
    auroc: float
    recall: Share
    false_alarms: Share
    by_type: tuple[Share, ...]
    at_rates: tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """What follows where another share of units is damaged.

    Attributes
    ----------
    prevalence : (float, float)
        Between which that share is.
    right : Bound
        Of the share of units put aside that are damaged.
    put_aside : Bound
        Of the share of all units that are put aside.
    """

    prevalence: tuple[float, float]
    right: Bound
    put_aside: Bound


def in_use(found: Evaluation, prevalence: tuple[float, float]) -> InUse | None:
    """Return what follows for a share of damaged units, at 95 % each; None without both damaged and pristine units."""
    if not (found.recall.of and found.false_alarms.of):
        return None
    caught, alarms = (found.recall.hits, found.recall.of), (found.false_alarms.hits, found.false_alarms.of)
    known = Range(*prevalence)
    return InUse(prevalence=prevalence, right=precision(caught, alarms, known), put_aside=alarm_rate(caught, alarms, known))


def mixture(known: Sequence[Decided], used: Sequence[Decided]) -> Mixing | None:
    """Test whether units in use score as a mixture of known pristine and damaged ones does; None if a kind is not there.

    What could not be judged has no score, and counts as a score of its own.
    """
    good, bad = ([_score(one) for one in known if one.unit.defect is damaged] for damaged in (False, True))
    return label_shift(good, bad, [_score(one) for one in used]) if good and bad and used else None


def judged_of(goods: Goods, split: str) -> tuple[Capture, ...]:
    """Return units of a split, with and without a label."""
    return tuple(unit for unit in goods.manifest.everything if unit.views[0].role == QUERY and unit.views[0].split == split)


def labelled(goods: Goods, split: str) -> tuple[Capture, ...]:
    """Return units of a split that have a label; of all splits that are judged for ""."""
    there = [unit for unit in goods.manifest.everything if unit.views[0].role == QUERY and unit.defect is not None]
    return tuple(unit for unit in there if (unit.views[0].split == split if split else goods.policy.judges(unit.views[0].split)))


def evaluate(decided: Sequence[Decided]) -> Evaluation:
    """Count what was decided about units whose labels are known."""
    bad = [one for one in decided if one.unit.defect is True]
    good = [one for one in decided if one.unit.defect is False]
    types = dict.fromkeys(kind for one in bad for view in one.unit.views for kind in view.defect_types)
    scores = sorted(_score(one) for one in good)
    return Evaluation(
        damaged=len(bad),
        pristine=len(good),
        unlabelled=len(decided) - len(bad) - len(good),
        refused=sum(bool(one.verdict.refusals) for one in decided),
        auroc=_auroc([_score(one) for one in bad], scores),
        recall=_share("damaged", bad),
        false_alarms=_share("pristine", good),
        by_type=tuple(
            _share(kind, [one for one in bad if any(kind in view.defect_types for view in one.unit.views)]) for kind in types
        ),
        at_rates=tuple(_at(rate, bad, scores) for rate in RATES if bad and len(scores) * rate >= 1),
    )


def _share(name: str, units: Sequence[Decided]) -> Share:
    hits = sum(one.decision != "pass" for one in units)
    return Share(name=name, hits=hits, of=len(units), bound=clopper_pearson(hits, len(units)) if units else None)


def _at(rate: float, bad: Sequence[Decided], scores: Sequence[float]) -> Share:
    threshold = scores[len(scores) - 1 - math.floor(rate * len(scores))]
    hits = sum(_score(one) > threshold for one in bad)
    return Share(name=f"{rate:.1%}", hits=hits, of=len(bad), bound=clopper_pearson(hits, len(bad)))


def _score(one: Decided) -> float:
    return math.inf if one.verdict.refusals else one.verdict.score


def _auroc(bad: Sequence[float], good: Sequence[float]) -> float:
    if not bad or not good:
        return math.nan
    from bisect import bisect_left, bisect_right

    below = sum(bisect_left(good, score) + bisect_right(good, score) for score in bad)
    return below / 2 / len(bad) / len(good)
