"""What one user does: what they say when something else was meant, and what works for them.

Everything fades with a half-life, so habits of last year give way to those of
last week; and everything is one user's, so it is stored, and deleted, by user.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

K = TypeVar("K", str, tuple[str, str])

HALF_LIFE_S = 30 * 86400.0
KEPT_S = 90 * 86400.0
MOST_TEXTS = 300  # of one user: the oldest give way


@dataclass(slots=True)
class Count:
    """How often something ended well: `weight` fades and is as of `last`; `times` does not fade."""

    weight: float = 0.0
    last: float = 0.0
    times: int = 0

    def add(self, amount: float, at: float) -> None:
        """Take one more, of an amount in (0, 1]."""
        self.weight = self.at(max(at, self.last)) + amount
        self.last = max(at, self.last)
        self.times += 1

    def at(self, now: float) -> float:
        """Return the weight as of a time, in seconds since 1970."""
        return self.weight * 2 ** (-max(0.0, now - self.last) / HALF_LIFE_S)


@dataclass(slots=True)
class Habits:
    """Of one user: text -> what it was to become -> how often that ended well.

    A text that works as it is becomes itself; one that the user gave up becomes "", once it has become something.
    """

    became: dict[str, dict[str, Count]] = field(default_factory=dict)
    uses: dict[str, Count] = field(default_factory=dict)
    # Words of `uses`, made when they are needed and dropped with every change.
    _words: frozenset[str] | None = field(default=None, init=False, repr=False, compare=False)

    def add(self, said: str, meant: str, *, well: float, at: float) -> None:
        """Take a request, and the text at which its goal ended with a probability of `well` that it ended well."""
        if well <= 0:
            return
        self.became.setdefault(said, {}).setdefault(meant, Count()).add(well, at)
        if said == meant:
            self.uses.setdefault(meant, Count()).add(well, at)
            self._words = None
        if len(self.uses) > MOST_TEXTS or len(self.became) > MOST_TEXTS:
            self.fade(at)

    def give_up(self, said: str, *, at: float) -> None:
        """Take a request that came to nothing: what it became at other times may be what the user settled for."""
        if said in self.became:
            self.became[said].setdefault("", Count()).add(1.0, at)

    def given_up(self, said: str) -> int:
        """Return how often a text came to nothing since it first became something."""
        found = self.became.get(said, {}).get("")
        return found.times if found is not None else 0

    def drop(self, said: str, meant: str) -> bool:
        """Forget one pair; return whether it was there."""
        found = self.became.get(said, {}).pop(meant, None) is not None
        if not self.targets(said):
            self.became.pop(said, None)
        return found

    def targets(self, said: str) -> dict[str, Count]:
        """Return what a text became, and how often."""
        return {meant: count for meant, count in self.became.get(said, {}).items() if meant}

    def works_with(self, word: str) -> bool:
        """Whether a word is in something that the user says."""
        if self._words is None:
            self._words = frozenset(part for text in self.uses for part in text.split())
        return word in self._words

    def fade(self, now: float) -> None:
        """Drop what is older than `KEPT_S`, and the oldest beyond `MOST_TEXTS`."""
        self.uses = _kept(self.uses, now)
        self._words = None
        flat = _kept({(s, t): count for s, targets in self.became.items() for t, count in targets.items()}, now)
        self.became = {}
        for (said, meant), count in flat.items():
            self.became.setdefault(said, {})[meant] = count

    def to_json(self) -> dict[str, object]:
        """Return it as JSON."""
        return {
            "became": [[s, t, c.weight, c.last, c.times] for s, t, c in self.pairs()],
            "uses": [[text, c.weight, c.last, c.times] for text, c in self.uses.items()],
        }

    def pairs(self) -> Iterator[tuple[str, str, Count]]:
        """Yield what became what."""
        for said, targets in self.became.items():
            for meant, count in targets.items():
                yield said, meant, count


def from_json(stored: dict[str, list[list[object]]]) -> Habits:
    """Return habits that `Habits.to_json` wrote.

    Raises
    ------
    ValueError
        If it is something else.
    """
    made = Habits()
    try:
        for said, meant, weight, last, times in stored["became"]:
            made.became.setdefault(_text(said), {})[_text(meant)] = _count(weight, last, times)
        for text, weight, last, times in stored["uses"]:
            made.uses[_text(text)] = _count(weight, last, times)
    except (LookupError, TypeError, ValueError) as problem:
        raise ValueError(f"these are no habits: {problem}") from None
    return made


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError("a text is missing")
    return found


def _count(weight: object, last: object, times: object) -> Count:
    if not (isinstance(weight, (int, float)) and isinstance(last, (int, float)) and isinstance(times, int)):
        raise TypeError("a count is not made of numbers")
    return Count(float(weight), float(last), times)


def _kept(counts: dict[K, Count], now: float) -> dict[K, Count]:
    young = [(key, count) for key, count in counts.items() if now - count.last <= KEPT_S]
    return dict(sorted(young, key=lambda item: -item[1].last)[:MOST_TEXTS])
