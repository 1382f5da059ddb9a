"""What several people say of the same units: what counts, how far they agree, and how often sound units are taken out of calibration.

Opinions are by people who do not know of each other's. Where two contradict each other and there is no third one, nobody can tell.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import field
from datetime import datetime

from probatum.inspection.artefacts.annotations import Answer
from probatum.inspection.artefacts.capture import TYPES
from probatum.records import dataclass
from probatum.stats.agreement import Agreement, krippendorff
from probatum.stats.label_noise import Removed, removed_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What one person said of one unit.

    Attributes
    ----------
    by : str
    answer : Answer or None
        None if they could not tell.
    at : datetime
        UTC.
    imported : bool
        Whether it came with a file.
    """

    by: str
    answer: Answer | None
    at: datetime
    imported: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What counts of a unit.

    Attributes
    ----------
    defect : bool or None
        None if nobody could tell, or as many say that it is damaged as that it is not.
    types : tuple of str
        That half of those who call it damaged see.
    severity : float or None
        The mean of what they say.
    on_product : bool or None
        What more of them say.
    opinions : tuple of Opinion
        In the order in which they came.
    """

    defect: bool | None
    types: tuple[str, ...] = ()
    severity: float | None = None
    on_product: bool | None = None
    opinions: tuple[Opinion, ...] = ()

    @property
    def contradicted(self) -> bool:
        """Whether some call it damaged and others not."""
        return len({one.answer.defect for one in self.opinions if one.answer is not None}) > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """How far people agree beyond chance, by Krippendorff's alpha.

    Attributes
    ----------
    defect : Agreement
        Whether a unit is damaged.
    severity : Agreement
        Of units that several call damaged, on a scale of intervals.
    types : mapping of str to Agreement
        Of the same units, for each type whether it is there; without types that nobody saw.
    on_product : Agreement
    contradicted : tuple of str
        Units that some call damaged and others not: to be looked at together, or by somebody with the thing in hand.
    """

    defect: Agreement
    severity: Agreement
    on_product: Agreement
    types: Mapping[str, Agreement] = field(default_factory=dict, hash=False)
    contradicted: tuple[str, ...] = ()


def judged(opinions: Sequence[Opinion]) -> Judged:
    """Return what counts of what was said of a unit."""
    answers = [one.answer for one in opinions if one.answer is not None]
    bad = [one for one in answers if one.defect]
    defect = _more([one.defect for one in answers])
    if not defect:
        return Judged(defect=defect, opinions=tuple(opinions))
    severities = [one.severity for one in bad if one.severity is not None]
    return Judged(
        defect=True,
        types=tuple(kind for kind in TYPES if 2 * sum(kind in one.types for one in bad) >= len(bad)),
        severity=sum(severities) / len(severities) if severities else None,
        on_product=_more([one.on_product for one in bad if one.on_product is not None]),
        opinions=tuple(opinions),
    )


def agreement(units: Mapping[str, Judged], *, confidence: float = 0.95, seed: int = 0) -> Agreed:
    """Return how far people agree on units of which two or more judged.

    Intervals are for each of these numbers by itself.
    """
    answers = {unit: [one.answer for one in own.opinions if one.answer is not None] for unit, own in units.items()}
    bad = [[one for one in own if one.defect] for own in answers.values()]
    seen = [kind for kind in TYPES if any(kind in one.types for own in bad for one in own)]

    def nominal(said: Sequence[Sequence[object]]) -> Agreement:
        return krippendorff([[str(one) for one in own] for own in said], confidence=confidence, seed=seed)

    return Agreed(
        defect=nominal([[one.defect for one in own] for own in answers.values()]),
        severity=krippendorff(
            [[one.severity for one in own if one.severity is not None] for own in bad],
            scale="interval",
            confidence=confidence,
            seed=seed,
        ),
        on_product=nominal([[one.on_product for one in own if one.on_product is not None] for own in bad]),
        types={kind: nominal([[kind in one.types for one in own] for own in bad]) for kind in seen},
        contradicted=tuple(unit for unit, own in units.items() if own.contradicted),
    )


def removed(
    units: Mapping[str, Judged], drawn: Collection[str], *, prevalence: float, confirmed: bool = False, confidence: float = 0.95
) -> Removed:
    """Bound the rate at which sound units are taken out of a calibration set because they are called damaged.

    Parameters
    ----------
    units : mapping of str to Judged
    drawn : collection of str
        Units that were drawn by chance alone, as `asking.uniform` gives them. With `confirmed` all of them; else those of which it was fixed before
        anybody saw them that two people look at them.
    prevalence : float
        Upper bound of the share of damaged units among those to come.
    confirmed : bool
        Whether whatever the first person calls damaged was looked at by a second one, and is taken out only if that one says so, too.
    confidence : float in (0, 1)

    Returns
    -------
    Removed
        For `removed` of `stats.neyman_pearson.threshold_within`.

    Raises
    ------
    ValueError
        If nothing was judged as it had to be.
    """
    contradicted = twice = 0
    for unit in drawn:
        answers = [one.answer for one in units[unit].opinions] if unit in units else []
        # Who cannot tell neither keeps a unit nor takes it out; both count as if they had contradicted each other.
        said = [None if one is None else one.defect for one in answers[:2]]
        if confirmed:
            twice += bool(said)
            contradicted += bool(said) and said[0] is not False and not (len(said) > 1 and said == [True, True])
        elif len(said) > 1:
            twice += 1
            contradicted += said[0] is None or said[1] is None or said[0] != said[1]
    if not twice:
        raise ValueError("no unit that was drawn by chance alone was judged twice, so nothing bounds how often labels are wrong")
    return removed_rate(
        contradicted,
        twice,
        prevalence=prevalence,
        opinions=2 if confirmed else 1,
        ordered=confirmed,
        confidence=confidence,
    )


def _more(said: Sequence[bool]) -> bool | None:
    yes = sum(said)
    return None if 2 * yes == len(said) else 2 * yes > len(said)
