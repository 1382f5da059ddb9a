"""What customers sent back: labels that come late, and not of all that was damaged, so that they bound from below and nothing else.

Who got something damaged may keep it, throw it away, or send it back in a month; who sends something back may have damaged it. So as many were damaged as came
back and were found to be so, at least. That few came back says nothing; that more came back from one vendor than from another one
may be because its customers complain more. How late they come tells which weeks are not complete yet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from probatum.inspection.artefacts.returned import Return
from probatum.records import dataclass
from probatum.stats.audited_rates import Rates
from probatum.stats.bounds import Bound, clopper_pearson

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delays:
    """How many days pass until something comes back, of what ever does within the longest time that could be watched.

    Attributes
    ----------
    days : tuple of float
        Ascending.
    shares : tuple of float
        Of returns that have come by then.
    longest : float
        Days; of what comes later nothing is known.
    """

    days: tuple[float, ...]
    shares: tuple[float, ...]
    longest: float

    def by(self, days: float) -> float:
        """Return the share of returns that have come after so many days."""
        return max((share for day, share in zip(self.days, self.shares, strict=True) if day <= days), default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What follows of returns.

    Attributes
    ----------
    shipped, confirmed, unconfirmed : int
        Units that were shipped, and of those that came back.
    at_least : Bound
        From below, of the probability that a unit was shipped damaged.
    delays : Delays
    complete : mapping of str to float
        For each week of shipping, by its first day: the share of its returns that are thought to have come. An estimate, and no bound.
    unknown : tuple of str
        Units that came back and were not shipped in this time.
    assumptions : tuple of str
    """

    shipped: int
    confirmed: int
    unconfirmed: int
    at_least: Bound
    delays: Delays
    complete: Mapping[str, float]
    unknown: tuple[str, ...]
    assumptions: tuple[str, ...]

    @property
    def share_at_least(self) -> float:
        """Of these units, how many were shipped damaged, at least: a count, which no chance is in."""
        return self.confirmed / self.shipped


def returned(
    shipped: Mapping[str, datetime], returns: Sequence[Return], *, now: datetime, confidence: float = 0.95, family: int = 1
) -> Returned:
    """Join returns with what was shipped.

    Parameters
    ----------
    shipped : mapping of str to datetime
        Every unit that was shipped in some time, and when.
    returns : sequence of Return
        Up to now; of a unit that came back several times the first counts, and it is confirmed if it was any time.
    now : datetime
    confidence : float in (0, 1)
    family : int >= 1

    Returns
    -------
    Returned

    Raises
    ------
    ValueError
        If nothing was shipped, or something came back before it was, or after now.
    """
    if not shipped:
        raise ValueError("nothing was shipped, so nothing can come back")
    first: dict[str, Return] = {}
    for one in sorted(returns, key=lambda one: one.at):
        if one.unit in shipped and not shipped[one.unit] <= one.at <= now:
            raise ValueError(f"`{one.unit}` came back at {one.at:%Y-%m-%d}, before it was shipped or after now")
        before = first.get(one.unit)
        first[one.unit] = (
            one if before is None else Return(unit=one.unit, at=before.at, confirmed=before.confirmed or one.confirmed)
        )
    own = [one for one in first.values() if one.unit in shipped]
    confirmed = [one for one in own if one.confirmed]
    late = delays(
        [(one.at - shipped[one.unit]) / _DAY for one in confirmed], [(now - shipped[one.unit]) / _DAY for one in confirmed]
    )
    weeks: dict[str, list[float]] = {}
    for at in shipped.values():
        begins = (at - timedelta(days=at.weekday())).date().isoformat()
        weeks.setdefault(begins, []).append(late.by((now - at) / _DAY))
    return Returned(
        shipped=len(shipped),
        confirmed=len(confirmed),
        unconfirmed=len(own) - len(confirmed),
        at_least=clopper_pearson(len(confirmed), len(shipped), confidence=confidence, side="lower", family=family),
        delays=late,
        complete={week: sum(shares) / len(shares) for week, shares in sorted(weeks.items())},
        unknown=tuple(sorted(one.unit for one in first.values() if one.unit not in shipped)),
        assumptions=(
            "what is confirmed was damaged when it was shipped",
            "units are damaged independently of each other, with the same probability",
            "that a unit did not come back says nothing",
            "how late returns come does not change with the time of shipping (for what is complete, and for no bound)",
        ),
    )


def delays(days: Sequence[float], watched: Sequence[float]) -> Delays:
    """Estimate how late returns come, from those that have come.

    Parameters
    ----------
    days : sequence of float >= 0
        From shipping until it came back, of each return.
    watched : sequence of float, of the same length
        From shipping until now: only what comes back within that is seen.

    Returns
    -------
    Delays

    Raises
    ------
    ValueError
        If a return came later than was watched.

    Notes
    -----
    What was shipped lately is only seen if it comes back soon, so a plain histogram says that all come soon. The probability of having come by t
    is the product, over all later delays s, of one less the share of those with a delay of s among those that came by s and were
    watched for s at least [1]_. It is relative to the longest time that was watched.

    References
    ----------
    .. [1] Lagakos, Barraj, De Gruttola. "Nonparametric analysis of truncated survival data, with application to AIDS." Biometrika 75
       (1988).
    """
    pairs = sorted(zip(days, watched, strict=True))
    if any(not 0 <= day <= until for day, until in pairs):
        raise ValueError("a return came before it was shipped, or later than was watched")
    places = sorted({day for day, _ in pairs}, reverse=True)
    shares: list[float] = []
    share = 1.0
    for place in places:
        shares.append(share)
        at_risk = sum(day <= place <= until for day, until in pairs)
        share *= 1 - sum(day == place for day, _ in pairs) / at_risk
    return Delays(
        days=tuple(reversed(places)), shares=tuple(reversed(shares)), longest=max((until for _, until in pairs), default=0.0)
    )


def reported(returns: Returned, rates: Rates) -> tuple[float, float]:
    """Return the least and the most of what was shipped damaged that came back, from returns and an audit of the same units.

    Holds with the confidence of the audit.
    """
    low, high = max(rates.passed_faulty.low, returns.share_at_least), max(rates.passed_faulty.high, returns.share_at_least)
    came = returns.share_at_least
    return (came / high if high else 0.0), (min(1.0, came / low) if low else 1.0)


def shipped_damaged(returns: Returned, rates: Rates) -> tuple[float, float]:
    """Return the least and the most share of units that were shipped damaged, by an audit and by what came back of the same units.

    Returns can only raise the lower end. Holds with the confidence of the audit: what came back is counted, and no chance is in it.
    """
    low = max(rates.passed_faulty.low, returns.share_at_least)
    return low, max(low, rates.passed_faulty.high)
