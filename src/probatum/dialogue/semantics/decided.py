"""What was done with the first request of each goal, with which probability, and whether it worked at once.

Later requests of a goal are there because the first one failed, so they say nothing about a policy under which it would not have:
only what nothing came before is counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from probatum.dialogue.semantics.sessions import turn_number

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

_BATCH = 20_000
_DRAWN = ("treated", "holdout")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A request, and what was done with it.

    Attributes
    ----------
    user : str
        Pseudonym.
    text, did : str
        Normalised, as it was heard, and what was acted on.
    arm : str
        `treated` or `holdout` where a rewrite was drawn; `none`, or "" where the log does not say.
    propensity : float or None
        Probability with which that was done; None where the log does not say.
    worked : float from 0 to 1
        Probability that this very request gave what was wanted: 0 if the user went on trying.
    at : float or None
        Seconds since 1970.
    heard : tuple of str
        Other ways to hear it, normalised.
    confidence : float or None
        Of recognition.
    before : str
        The request before it in its session, normalised; "" for none.
    context : mapping of str to str
    """

    user: str
    text: str
    did: str
    arm: str
    propensity: float | None
    worked: float
    at: float | None = None
    heard: tuple[str, ...] = ()
    confidence: float | None = None
    before: str = ""
    context: Mapping[str, str] = field(default_factory=dict)

    @property
    def drawn(self) -> bool:
        """Whether chance decided."""
        return self.arm in _DRAWN


def decided(conversations: Conversations, table: str, *, since: float | None = None) -> Iterator[Decided]:
    """Yield the first request of each goal of users, in the order of time.

    Parameters
    ----------
    conversations : Conversations
    table : str
        See `goals.goals`.
    since : float or None
        Seconds since 1970: only what was asked later.
    """
    query = f"""
        with every as (
            select *, row_number() over (partition by person, goal order by position) as nth, count(*) over (partition by person, goal) as many,
                   lag(text_id) over (partition by person, session order by position) as before_id
            from {table} where person is not null
        )
        select t.user_id, x.normalised as text, coalesce(b.normalised, x.normalised) as did, coalesce(t.arm, '') as arm, t.propensity,
               case when g.many = 1 then g.p_good else 0 end as worked, epoch(g.asked_at) as at, coalesce(p.normalised, '') as before,
               t.context, list_transform(t.hypotheses, lambda h: h.text_id) as heard,
               list_filter(t.stages, lambda s: s.name = 'recognition')[1].confidence as confidence
        from every g join {{turns}} t on {turn_number("t.turn_id")} = g.turn join {{texts}} x on x.text_id = g.text_id
        left join {{texts}} b on b.text_id = t.rewritten_id left join {{texts}} p on p.text_id = g.before_id
        where g.nth = 1 and ($since is null or epoch(g.asked_at) > $since::double)
        order by g.asked_at, t.user_id, g.session, g.position"""  # noqa: S608 - a name of our own
    rows = [row for batch in conversations.stream(query, size=_BATCH, since=since) for row in batch]
    texts = _heard(conversations, rows)
    for row in rows:
        confidence = row["confidence"]
        yield Decided(
            user=row["user_id"],
            text=row["text"],
            did=row["did"],
            arm=row["arm"],
            propensity=row["propensity"],
            worked=float(row["worked"]),
            at=float(row["at"]) if row["at"] is not None else None,
            heard=tuple(texts[number] for number in row["heard"] or () if number in texts),
            confidence=confidence if confidence is not None and math.isfinite(confidence) else None,
            before=row["before"],
            context={one["name"]: one["value"] for one in row["context"] or ()},
        )


def _heard(conversations: Conversations, rows: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    wanted = sorted({number for row in rows for number in row["heard"] or ()})
    query = "select text_id, normalised from {texts} where list_contains($ids::ubigint[], text_id)"
    return {row["text_id"]: row["normalised"] for row in conversations.sql(query, ids=wanted)} if wanted else {}
