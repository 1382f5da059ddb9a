"""What a pair must pass before it is a candidate for a rewrite: eight guards, each with its own reason to refuse.

A guard looks at what was counted of a pair and says nothing, or what speaks
against it. One that needs a pipeline or a catalogue takes a function; without it
the guard is listed as not asked, which is not the same as passed. The seventh,
about chains of rewrites, is about pairs together: see `depth`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from scipy.special import betaincinv

from probatum.dialogue.model.denied import Denied, costly

PHONETIC = 0.5  # of random pairs of words, three in a thousand are nearer
EDITED = 0.4
SHARED_WORDS = 0.5
COSINE = 0.8


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a request was understood as."""

    domain: str
    intent: str
    slots: tuple[tuple[str, str], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of slots, sorted."""
        return tuple(sorted(name for name, _ in self.slots))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A text and what people say after it, with what was counted: the columns of `semantics.edges`.

    Attributes
    ----------
    source, target : str
        Normalised texts.
    users, households, weeks, hours : int
        Of the step from source to target.
    users_back : int
        Of the step from target to source.
    source_direct, target_direct : float
    source_tried, target_tried : int
        Users whose uses ended well at once (a sum of shares), of so many.
    source_meaning, target_meaning : Meaning or None
        None if it was not understood, or the log does not say.
    """

    source: str
    target: str
    users: int
    households: int
    weeks: int
    hours: int
    users_back: int
    source_direct: float
    source_tried: int
    target_direct: float
    target_tried: int
    source_meaning: Meaning | None = None
    target_meaning: Meaning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What the guards demand.

    Attributes
    ----------
    users, households : int
        Fewest who made the step.
    times : int
        Fewest weeks in which it was made; of a log of fewer weeks, fewest hours.
    log_weeks : int
        Weeks that the log covers.
    better : float
        By how much the target must work better, between the bounds of both.
    error : float
        Of each of these bounds.
    """

    users: int = 20
    households: int = 5
    times: int = 3
    log_weeks: int = 13
    better: float = 0.1
    error: float = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Functions that guards ask; None for what is not there.

    Attributes
    ----------
    phonetic : callable of two texts
        Distance of how they sound, from 0 to 1.
    cosine : callable of two texts
        Likeness of what they mean, up to 1.
    entity : callable of a text
        The entity that the text names exactly and that the assistant can serve; "" for none.
    understood : callable of a text
        What the assistant under test understands it as; None for nothing.
    costly : callable of an intent
    denied : Denied
    """

    phonetic: Callable[[str, str], float] | None = None
    cosine: Callable[[str, str], float] | None = None
    entity: Callable[[str], str] | None = None
    understood: Callable[[str], Meaning | None] | None = None
    costly: Callable[[str], bool] = field(default_factory=costly)
    denied: Denied = field(default_factory=Denied)


@dataclass(frozen=True, slots=True)
class Objection:
    """What speaks against a pair.

    Attributes
    ----------
    guard : str
    reason : str
        One line, without the texts.
    review : bool
        Whether a person may decide otherwise.
    """

    guard: str
    reason: str
    review: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """What the guards say of a pair: `objections`, and the names of those that could not be asked."""

    objections: tuple[Objection, ...]
    unasked: tuple[str, ...]

    @property
    def candidate(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.objections

    @property
    def review(self) -> bool:
        """Whether what speaks against it is for a person to decide."""
        return bool(self.objections) and all(one.review for one in self.objections)


def judge(pair: Pair, limits: Limits, asked: Asked) -> Judged:
    """Ask all guards about a pair; every objection is listed, not only the first."""
    found = (
        spread(pair, limits),
        improvement(pair, limits),
        reciprocity(pair),
        alternatives(pair),
        nearness(pair, asked),
        consequence(pair, asked),
        catalogue(pair, asked),
        replayed(pair, asked),
        denial(pair, limits, asked),
    )
    unasked = [name for name, function in (("catalogue", asked.entity), ("replay", asked.understood)) if function is None]
    return Judged(tuple(one for one in found if one is not None), tuple(unasked))


def spread(pair: Pair, limits: Limits) -> Objection | None:
    """Guard 1: enough people, at times that are not one advertisement, one program or one evening."""
    if pair.users < limits.users or pair.households < limits.households:
        return Objection(
            "spread",
            f"{pair.users} users of {pair.households} households did it, and {limits.users} of {limits.households} are needed",
        )
    if limits.log_weeks >= limits.times:
        if pair.weeks < limits.times:
            return Objection("spread", f"it was done in {pair.weeks} different weeks, and {limits.times} are needed")
    elif pair.hours < limits.times:
        return Objection("spread", f"it was done in {pair.hours} different hours, and {limits.times} are needed")
    return None


def bounds(direct: float, tried: int, error: float) -> tuple[float, float]:
    """Return quantiles of how often a text works at once, by Jeffreys' prior; 0 and 1 if nobody tried."""
    if tried < 1:
        return 0.0, 1.0
    well, badly = 0.5 + min(direct, tried), 0.5 + max(0.0, tried - direct)
    return float(betaincinv(well, badly, error)), float(betaincinv(well, badly, 1 - error))


def improvement(pair: Pair, limits: Limits) -> Objection | None:
    """Guard 2: the target works better for certain; what works is not rewritten, whatever comes after it."""
    low, _ = bounds(pair.target_direct, pair.target_tried, limits.error)
    _, high = bounds(pair.source_direct, pair.source_tried, limits.error)
    if low > high + limits.better:
        return None
    return Objection(
        "improvement",
        f"the target works at least {low:.1%} of the time and the source at most {high:.1%}: "
        f"less than {limits.better:.0%} apart (n={pair.target_tried} and {pair.source_tried} users)",
    )


def reciprocity(pair: Pair) -> Objection | None:
    """Guard 3: people go from source to target and not back; who goes both ways is browsing."""
    if 3 * pair.users_back <= pair.users:
        return None
    return Objection("reciprocity", f"{pair.users_back} users went the other way, and {pair.users} this way: they are browsing")


def alternatives(pair: Pair) -> Objection | None:
    """Guard 3, for siblings: the same request about another thing, after one that worked, is another wish."""
    one, other = pair.source_meaning, pair.target_meaning
    if one is None or other is None or (one.domain, one.intent) != (other.domain, other.intent):
        return None
    siblings = one.names == other.names and one.slots != other.slots
    if siblings and 2 * pair.source_direct >= pair.source_tried and 2 * pair.target_direct >= pair.target_tried:
        return Objection("alternatives", "both work, and ask the same about different things")
    return None


def nearness(pair: Pair, asked: Asked) -> Objection | None:
    """Guard 4: both sound alike, are written alike, or mean the same; anything else is for a person to see."""
    one, other = pair.source.split(), pair.target.split()
    if pair.source_meaning is not None and pair.source_meaning == pair.target_meaning:
        return None
    if asked.understood is not None:
        meaning = asked.understood(pair.source)
        if meaning is not None and meaning == asked.understood(pair.target):
            return None
    shared = len(set(one) & set(other)) / max(1, len(set(one) | set(other)))
    if shared >= SHARED_WORDS or edits(pair.source, pair.target) <= EDITED:
        return None
    if asked.phonetic is not None and asked.phonetic(pair.source, pair.target) <= PHONETIC:
        return None
    if asked.cosine is not None and asked.cosine(pair.source, pair.target) >= COSINE:
        return None
    return Objection("nearness", "they neither sound nor look alike, and are not known to mean the same", review=True)


def edits(one: str, other: str) -> float:
    """Return the fewest letters to insert, remove or replace, as a share of the longer text."""
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, start=1):
        before, row[0] = row[0], i
        for j, against in enumerate(other, start=1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (letter != against))
    return row[-1] / max(1, len(one), len(other))


def consequence(pair: Pair, asked: Asked) -> Objection | None:
    """Guard 4, for what is hard to undo: no rewrite makes a purchase, a call or an unlocked door of something else."""
    target = pair.target_meaning
    if target is None or not asked.costly(target.intent):
        return None
    if pair.source_meaning is not None and pair.source_meaning.intent == target.intent:
        return None
    return Objection("consequence", f"it would make `{target.intent}` of something else, which is hard to undo", review=True)


def catalogue(pair: Pair, asked: Asked) -> Objection | None:
    """Guard 5: the source names something that there is."""
    if asked.entity is None or not asked.entity(pair.source):
        return None
    return Objection("catalogue", "the source exactly names something that the assistant can serve")


def replayed(pair: Pair, asked: Asked) -> Objection | None:
    """Guard 6: the assistant under test understands the target, and as what it is to reach."""
    if asked.understood is None:
        return None
    meaning = asked.understood(pair.target)
    if meaning is None:
        return Objection("replay", "the assistant does not understand the target")
    if pair.target_meaning is not None and meaning.intent != pair.target_meaning.intent:
        return Objection(
            "replay", f"the assistant understands the target as `{meaning.intent}`, not as `{pair.target_meaning.intent}`"
        )
    return None


def denial(pair: Pair, limits: Limits, asked: Asked) -> Objection | None:
    """Guard 8: neither is on a list of what is never touched, and the source says enough to be recognised."""
    for name, text in (("source", pair.source), ("target", pair.target)):
        why = asked.denied.why(text)
        if why:
            return Objection("denied", f"the {name} is not to be touched: {why}")
    if asked.denied.content(pair.source) < 2 and pair.users < 10 * limits.users:
        return Objection("denied", f"the source has fewer than two words with content, which takes {10 * limits.users} users")
    return None
