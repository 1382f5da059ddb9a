"""All that chance and choice in the simulator depend on, in one place, with where each number comes from.

Numbers of the recogniser are fitted to real transcripts (see `recognition.Channel`). How often people repeat, rephrase,
interrupt and give up is in no public log with outcomes; those are assumptions, said to be such, and reports vary them.
"""

from __future__ import annotations

import hashlib
import random
from dataclasses import asdict, dataclass, field
from typing import Literal

from probatum.source import digest_of
from probatum.synth.dialogue.recognition import Channel

MODEL = "probatum-dialogue-simulator/1"  # raised when the same parameters make another log


@dataclass(frozen=True, slots=True, kw_only=True)
class Reactions:
    """What users do about answers. All are probabilities, and assumptions unless a source is named.

    Attributes
    ----------
    patience : (float, float)
        Beta distribution, over users, of trying again after a failure.
    said_again : float
        Of those who try again, share who say the same; half in conversational failures of laboratory studies is usual.
    corrected : float
        Share who begin with `no` and say it again. SGD (Rastogi et al., 2020): 1,175 of 2,098 development dialogues have one NEGATE or more,
        of about nine user turns each: some 0.06 of turns.
    stopped : float
        Share of failures after which the user says stop, or never mind.
    undone : float
        Share of wrong actions that the user takes back at once.
    interrupted : (float, float)
        Of failures, and of successes, in which the user speaks over the answer. The second is what makes barge-in ambiguous: of
        interruptions, about a fifth are of good answers (`ambiguous barge-in` in the design).
    thumbs : (float, float)
        Of failures, and of successes.
    thanked : (float, float)
        After failures (sarcasm), and after successes.
    overlooked : float
        Share of failures that the user does not notice.
    renamed : float
        Share of those who rephrase and had used a name of their own for a thing, who use its right name then.
    plainer : float
        Share of rephrases in the plainest words that there are; otherwise in others.
    again_s, next_s : (float, float)
        Median and sigma of the log-normal distribution of seconds until the next try, and until the next wish.
    followed : float
        Share of fulfilled wishes that another one follows about the same thing.
    browsed : float
        Share of songs played after which the user asks for another one: alternatives, not corrections.
        SGD: 876 of 2,098 dialogues have a REQUEST_ALTS.
    settled : float
        Share of requests that the assistant is not made for, after which the user asks for what others do instead.
    """

    patience: tuple[float, float] = (4.0, 2.5)
    said_again: float = 0.45
    corrected: float = 0.06
    stopped: float = 0.06
    undone: float = 0.3
    interrupted: tuple[float, float] = (0.2, 0.02)
    thumbs: tuple[float, float] = (0.06, 0.02)
    thanked: tuple[float, float] = (0.004, 0.03)
    overlooked: float = 0.03
    renamed: float = 0.6
    plainer: float = 0.65
    again_s: tuple[float, float] = (7.0, 0.5)
    next_s: tuple[float, float] = (55.0, 1.0)
    followed: float = 0.2
    browsed: float = 0.12
    settled: float = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Traps:
    """What is there to mislead a learner, and what is planted to catch one.

    Attributes
    ----------
    canaries : int
        Users with a secret of two words that they often say, and nobody else.
    halved : float
        Share of those who want the longer of two titles who say only the shorter one.
    bursts : int
        Times that one person with many accounts says one thing and then another.
    accounts : int
    adverts : int
        Times that a television speaks to many devices at once.
    advert_share : float
        Of users, whose devices hear it.
    new_title : float
        Share of songs asked for that are a new one, after `released`, which the catalogue has only after `listed`.
    released, listed : float
        As parts of the time that the log covers.
    outage : (float, float, float)
        From when to when, as parts of the time, media cannot be played, and in what share of tries.
    """

    canaries: int = 5
    halved: float = 0.5
    bursts: int = 2
    accounts: int = 100
    adverts: int = 1
    advert_share: float = 0.15
    new_title: float = 0.1
    released: float = 0.4
    listed: float = 0.6
    outage: tuple[float, float, float] = (0.75, 0.8, 0.6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """A simulated world.

    Attributes
    ----------
    seed : int
    users, days : int
    per_household : float
        Users of a household, on average.
    sessions : float
        A user begins each day, on average.
    activity : float
        Exponent of Zipf's law of sessions over users.
    wishes : float
        More of a session, on average, after the first.
    habits : int
        Wishes that a user has again and again.
    habitual : float
        Share of wishes that are of those.
    favour : float
        Concentration of the words that a user prefers; small is set in their ways.
    unlearnt : float
        What is left of the use of words that the assistant does not understand: users come to say what works. An assumption, set so that
        some fifth of requests fail.
    nicknames : float
        Share of users who have names of their own for one or two things.
    screens : float
        Share of devices with a screen.
    cannot : float
        Share of wishes that the assistant is not made for. CLINC (Larson et al., 2019) has a sixth; a voice assistant in daily use
        less.
    false_wakes : float
        For each session.
    broken : float
        Share of actions that fail for reasons of their own.
    understanding : str
        `grammar` (hassil, with the sentences of Home Assistant) or `classifier`.
    phrasings : 0, 1 or None
        Half of the phrasings that users know; None for all.
    entities : 0, 1 or None
        Half of the rooms, titles and items that there are; None for all.
    conversation : str
        What an identifier of a conversation stands for: a single `request`, as a voice assistant has it, or a `session`.
    begins : float
        Seconds since 1970, UTC, of the first day.
    """

    seed: int = 0
    users: int = 300
    days: int = 28
    per_household: float = 2.0
    sessions: float = 2.0
    activity: float = 0.6
    wishes: float = 0.8
    habits: int = 8
    habitual: float = 0.8
    favour: float = 0.35
    unlearnt: float = 0.06
    nicknames: float = 0.4
    screens: float = 0.35
    cannot: float = 0.06
    false_wakes: float = 0.02
    broken: float = 0.01
    understanding: Literal["grammar", "classifier"] = "grammar"
    phrasings: int | None = None
    entities: int | None = None
    conversation: Literal["request", "session"] = "request"
    begins: float = 1_767_225_600.0
    channel: Channel = field(default_factory=Channel)
    reactions: Reactions = field(default_factory=Reactions)
    traps: Traps = field(default_factory=Traps)

    def at(self, day: int, second: float) -> float:
        """Seconds since 1970, UTC, of a second of a day."""
        return self.begins + day * 86_400.0 + second

    def part(self, day: int) -> float:
        """Which part of all days have passed when a day begins."""
        return day / self.days

    def chance(self, *what: str | int) -> random.Random:
        """Return a source of chance of its own for some part of the world."""
        raw = hashlib.blake2b(f"{self.seed} {what}".encode(), digest_size=8).digest()
        return random.Random(int.from_bytes(raw, "big"))  # noqa: S311 - a simulation

    def opaque(self, *what: str | int) -> str:
        """Return an identifier that tells nothing: neither what sort of user it is, nor what belongs together."""
        return hashlib.blake2b(f"{self.seed} {what}".encode(), digest_size=8).hexdigest()

    @property
    def digest(self) -> str:
        """Sixteen hexadecimal digits of all of this, for reports."""
        return digest_of([MODEL, asdict(self)])[:16]
