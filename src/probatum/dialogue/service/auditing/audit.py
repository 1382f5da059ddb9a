"""What the people who judged the rows of a plan say together."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from probatum.dialogue.service.auditing.plan import Plan
from probatum.dialogue.service.auditing.sheet import Judgement
from probatum.stats.agreement import Agreement, krippendorff
from probatum.stats.surveys import Drawn, Share, share


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What a sheet says.

    Attributes
    ----------
    labels : dict of turn to str
        `good`, `bad` or `cannot`, where most of those who judged it say so.
    disputed : int
        Rows of which no verdict has most.
    unclear : int
    defects : Share or None
        Of the requests that could be shown; None for fewer than two users.
    agreement : Agreement
    verdicts : dict of (rewrite, user) to {"win", "loss", "tie"}
        Of the first row of each user for a rewrite.
    """

    labels: dict[str, str]
    disputed: int
    unclear: int
    defects: Share | None
    agreement: Agreement
    verdicts: dict[tuple[str, str], str]


def audited(plan: Plan, judgements: Iterable[Judgement], *, confidence: float = 0.95) -> Audit:
    """Put together what people said of the rows of a plan."""
    by_row: dict[str, list[Judgement]] = defaultdict(list)
    for one in judgements:
        by_row[one.row].append(one)
    labels: dict[str, str] = {}
    drawn: list[Drawn] = []
    disputed = unclear = 0
    verdicts: dict[tuple[str, str], str] = {}
    judged = [one for one in plan.rows if one.row in by_row]
    for asked in judged:
        own = by_row[asked.row]
        said_most = _most([one.got for one in own])
        disputed += said_most is None
        unclear += said_most == "unclear"
        if said_most in ("yes", "no"):
            drawn.append(Drawn(asked.user, asked.inclusion, said_most == "no"))
        if said_most in ("yes", "no", "cannot"):
            labels[asked.turn] = {"yes": "good", "no": "bad"}.get(said_most, said_most)
        verdict = _most([one.verdict for one in own])
        if asked.rewrite and verdict:
            verdicts.setdefault((asked.rewrite, asked.user), verdict)
    units = [[one.got for one in by_row[asked.row]] for asked in judged]
    return Audit(
        labels=labels,
        disputed=disputed,
        unclear=unclear,
        defects=share(drawn, confidence=confidence) if len({one.user for one in drawn}) >= 2 else None,
        agreement=krippendorff(units, [asked.user for asked in judged], confidence=confidence),
        verdicts=verdicts,
    )


def _most(values: Sequence[str]) -> str | None:
    """Return what most say; None for a draw."""
    ranked = Counter(values).most_common(2)
    return None if len(ranked) > 1 and ranked[0][1] == ranked[1][1] else ranked[0][0]
