"""Which requests fail, and for how many of those who make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.dialogue.artefacts.policy import Policy, SessionRule
from probatum.dialogue.artefacts.requirements.request_fails import RequestFailsRequirement
from probatum.dialogue.model.calibration import Calibration, calibration
from probatum.dialogue.model.outcome import ENOUGH, Outcome, fit
from probatum.dialogue.model.rephrase_window import rephrase_window
from probatum.dialogue.semantics.judged import detector_of, digits, joined, judged, patterns
from probatum.dialogue.semantics.rates import request_rates
from probatum.dialogue.semantics.signals import NO_SIGNS, SIGNALS, UNSEEN
from probatum.stats.bounds import relative_entropy

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

VOICE_WINDOW_S = 45.0  # where gaps do not tell
CHAT_WINDOW_S = 300.0
_MOST_GAPS = 200_000
_LARGEST_WINDOW_S = 600.0
# Signals that every log shows, because they are about what comes next.
_ALWAYS = {"last", "repeated", "rephrased", "stopped", "praised", "blamed", "escalated"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, as all who make it make it.

    Attributes
    ----------
    text_id : int
    text : str or None
        None if it is of too few to be shown.
    units, users, turns : int
        Who made it: users, and conversations of which no user is known; how many of them are users; and how often they did.
    total, shown : float
        Sum over units of the mean probability that it failed; and the same, if turns without any sign of failure had not failed.
    low, mean, high : float
        Bounds of the share of users for whom it fails, for all requests together. The lower one is that of `shown`: what no
        sign was seen of is not said to have failed.
    seen : tuple of (str, float)
        Signs of failure that its turns show, with their share, most frequent first.
    source, line, turn : str, int, str
        Of the first such turn.
    """

    text_id: int
    text: str | None
    units: int
    users: int
    turns: int
    total: float
    shown: float
    low: float
    mean: float
    high: float
    seen: tuple[tuple[str, float], ...]
    source: str
    line: int
    turn: str

    @property
    def share(self) -> float:
        """For how many it fails as far as signs of it are seen, which is what is told of it: the mean rests on what the model says of the rest."""
        return self.shown / self.units

    @property
    def who(self) -> str:
        """What its units are."""
        return "users" if self.users == self.units else "users and conversations without one" if self.users else "conversations"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What is known of all requests.

    Attributes
    ----------
    blind : bool
        Whether nothing in the logs shows how turns went.
    users : bool or None
        Whether turns say who asked; None if some do.
    requests : tuple of Request
        Those that enough units made, the most harmful first.
    detector : str
        What told rephrases; see `semantics.rephrases`.
    most_units : int
        Of any request.
    """

    blind: bool
    users: bool | None
    window_s: float
    detector: str
    model: Outcome
    requests: tuple[Request, ...]
    most_units: int
    assumptions: tuple[str, ...]
    alpha: float

    @property
    def who(self) -> str:
        """What is counted."""
        return "users" if self.users else "conversations" if self.users is not None else "users and conversations without one"

    def needed(self, request: Request, bound: float) -> int:
        """Return how many users would decide, if as many of them failed."""
        units = request.units
        while units < 10**9:
            low, high = _bounds(request.shown / request.units, request.mean, units, alpha=self.alpha, family=len(self.requests))
            if low > bound or high <= bound:
                return units
            units = units * 5 // 4 + 1
        return units


def failing(conversations: Conversations, policy: Policy, requirement: RequestFailsRequirement) -> Judgement:
    """Judge the requests of some logs."""
    window_s = window(conversations, policy.sessions)
    detector = detector_of(conversations, policy.sessions.detector)
    table = judged(conversations, gap_s=policy.sessions.gap_s, window_s=window_s, detector=detector)
    counts = patterns(conversations, table)
    codes = [dict(zip(SIGNALS, digits(pattern), strict=True)) for pattern in counts]
    followed = any(code["last"] == 0 for code in codes)
    blind = not followed and all(
        code[name] in (0, UNSEEN) if name in _ALWAYS else code[name] == UNSEEN
        for code in codes
        for name in SIGNALS
        if name != "last"
    )
    model = fit(list(counts), list(counts.values())) if counts else Outcome(0.5, (), 1.0, 0.0, (0, 0))
    [told] = conversations.sql("select count(user_id) as users, count(*) as turns from {turns}")
    users = None if 0 < told["users"] < told["turns"] else told["users"] > 0
    chances = {pattern: model.probability(pattern) for pattern in counts} if not blind else {}
    signs = {pattern for pattern, code in zip(counts, codes, strict=True) if _signs(code)}
    rows = request_rates(conversations, table, chances, signs=signs, fewest=1) if chances else []
    kept = [row for row in rows if row["units"] >= requirement.min_users]
    texts = _texts(conversations, [row["text_id"] for row in kept])
    seen = _seen(conversations, table, [row["text_id"] for row in kept])
    found = []
    for row in kept:
        shown, mean = (min(1.0, max(0.0, row[name] / row["units"])) for name in ("shown", "total"))
        low, high = _bounds(shown, mean, row["units"], alpha=policy.alpha, family=len(kept))
        private = row["users"] < policy.privacy.users or 0 < row["households"] < policy.privacy.households
        found.append(
            Request(
                text_id=row["text_id"],
                text=None if private else texts[row["text_id"]],
                units=row["units"],
                users=row["users"],
                turns=row["turns"],
                total=row["total"],
                shown=row["shown"],
                low=low,
                mean=mean,
                high=high,
                seen=seen.get(row["text_id"], ()),
                source=row["source"],
                line=row["line"],
                turn=row["turn"],
            )
        )
    found.sort(key=lambda r: (-r.low * r.units, r.text_id))
    return Judgement(
        blind=blind or not counts,
        users=users,
        window_s=window_s,
        detector=detector,
        model=model,
        requests=tuple(found),
        most_units=max((row["units"] for row in rows), default=0),
        assumptions=_assumptions(model, users, detector, calibration(conversations, table)),
        alpha=policy.alpha,
    )


def _bounds(shown: float, mean: float, units: int, *, alpha: float, family: int) -> tuple[float, float]:
    low = relative_entropy(shown, units, confidence=1 - alpha, family=family).low
    high = relative_entropy(mean, units, confidence=1 - alpha, family=family).high
    return low or 0.0, 1.0 if high is None else high


def _signs(codes: Mapping[str, int]) -> list[str]:
    return [name for name, code in codes.items() if code == 1 and name not in NO_SIGNS]


def window(conversations: Conversations, sessions: SessionRule) -> float:
    """Return how long after a request another one can be a second try, in seconds: as the rule says, or as the gaps do."""
    if sessions.rephrase_s is not None:
        return sessions.rephrase_s
    steps = joined(conversations, gap_s=sessions.gap_s)
    query = f"select until_s from {steps} where until_s > 0 order by turn limit {_MOST_GAPS}"  # noqa: S608 - names of our own
    gaps = conversations.arrays(query)["until_s"]
    fitted = rephrase_window(gaps)
    if fitted is not None:
        return round(min(fitted, _LARGEST_WINDOW_S), 3)
    voice = conversations.sql("select count(*) filter (where channel = 'voice') * 2 > count(*) as voice from {turns}")[0]["voice"]
    return VOICE_WINDOW_S if voice else CHAT_WINDOW_S


def _texts(conversations: Conversations, numbers: Sequence[int]) -> dict[int, str]:
    query = "select text_id, normalised from {texts} where list_contains($ids::ubigint[], text_id)"
    return {row["text_id"]: row["normalised"] for row in conversations.sql(query, ids=list(numbers))}


def _seen(conversations: Conversations, table: str, numbers: Sequence[int]) -> dict[int, tuple[tuple[str, float], ...]]:
    """Return the signs of failure of requests, each in at least a tenth of their turns."""
    query = (
        f"select text_id, pattern, count(*) as turns from {table} "  # noqa: S608 - names of our own
        "where not cannot and list_contains($ids::ubigint[], text_id) group by all order by all"
    )
    signs = [name for name in SIGNALS if name not in NO_SIGNS]
    shown: dict[int, dict[str, int]] = {}
    every: dict[int, int] = {}
    for row in conversations.sql(query, ids=list(numbers)):
        codes = dict(zip(SIGNALS, digits(row["pattern"]), strict=True))
        every[row["text_id"]] = every.get(row["text_id"], 0) + row["turns"]
        own = shown.setdefault(row["text_id"], dict.fromkeys(signs, 0))
        for name in signs:
            own[name] += row["turns"] * (codes[name] == 1)
    shares = {
        number: [(name, many / every[number]) for name, many in own.items() if many * 10 >= every[number]]
        for number, own in shown.items()
    }
    return {number: tuple(sorted(found, key=lambda pair: -pair[1])[:3]) for number, found in shares.items()}


def _assumptions(model: Outcome, users: bool | None, detector: str, calibrated: Calibration) -> tuple[str, ...]:
    good, bad = model.told
    told = (
        f"users told of {good:,} turns that went well and {bad:,} that failed, and the others fail as their signals do"
        if min(good, bad) >= ENOUGH
        else f"which turns failed is inferred from signals that users gave no word about ({good + bad:,} turns with a word)"
    )
    return (
        "users are independent"
        if users
        else "conversations are independent, as users are not told apart"
        if users is not None
        else "users are independent, and so are conversations of which no user is known",
        f"{told}; {calibrated.told}",
        f"requests that say the one before again are those that the detector `{detector}` takes for it",
    )
