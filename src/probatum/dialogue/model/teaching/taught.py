"""All that one user taught: what applies to a request, what gives way to what, and what is left when some of it is to be forgotten.

The newest that was said outright goes before what was said earlier, and what was only inferred never goes before what was
said. What gives way is kept as history, under the name of what it gave way to.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from probatum.dialogue.model.teaching.preference import Preference, preference_of

MOST = 200  # preferences of one user, and as many of history: the oldest give way
_ARTICLES = frozenset({"a", "an", "the"})
# Words with which a concept is asked for: "start study mode".
STARTS = (
    ("turn", "on"), ("switch", "on"), ("switch", "to"), ("go", "to"), ("go", "into"), ("put", "on"), ("change", "to"), ("set", "to"), ("it's",), ("start",),
    ("activate",), ("enable",), ("begin",), ("launch",), ("run",), ("set",), ("do",), ("use",), ("engage",), ("initiate",), ("make", "it"),
)  # fmt: skip  # as people say them
_ASIDE = frozenset({"please", "hey", "ok", "okay", "now", "just"})


@dataclass(frozen=True, slots=True)
class Past:
    """What no longer holds: why, and the identifier of what it gave way to, "" if to nothing."""

    preference: Preference
    why: str
    to: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """What applies to a request: the preference, what the request becomes, and whether it was taught for these circumstances."""

    preference: Preference
    text: str
    fits: bool


@dataclass(slots=True)
class Taught:
    """What one user taught, in the order of `created`, and what no longer holds."""

    current: list[Preference] = field(default_factory=list)
    past: list[Past] = field(default_factory=list)
    # By the first word of the phrase, made when it is needed and dropped with every change.
    _index: dict[str, list[Preference]] | None = field(default=None, init=False, repr=False, compare=False)

    def add(self, new: Preference) -> bool:
        """Take a preference; return whether it holds from now on.

        Of the same phrase, what holds nowhere that the new one does not gives way to it, unless the new one is only inferred.
        """
        self._index = None
        at = key_of(new.phrase)
        same = [old for old in self.current if key_of(old.phrase) == at and old.reach == new.reach]
        if not new.explicit:
            stronger = [old for old in same if old.explicit]
            if stronger:
                self._retire(new, "something else was said outright", stronger[-1].identifier)
                return False
        for old in same:
            if old.identifier == new.identifier:
                self.current.remove(old)
            elif set(new.circumstances) <= set(old.circumstances):
                self.current.remove(old)
                self._retire(old, "taught again", new.identifier)
        self.current.append(new)
        self.current.sort(key=lambda one: one.created)
        while len(self.current) > MOST:
            self._retire(self.current.pop(0), "too many")
        return True

    def drop(self, identifier: str, why: str) -> bool:
        """Keep a preference as history; return whether it was there."""
        self._index = None
        found = [one for one in self.current if one.identifier == identifier]
        for one in found:
            self.current.remove(one)
            self._retire(one, why)
        return bool(found)

    def expire(self, now: float) -> int:
        """Keep as history what has expired; return how many."""
        over = [one for one in self.current if not one.holds(now)]
        for one in over:
            self.drop(one.identifier, "expired")
        return len(over)

    def forget(self, identifier: str) -> bool:
        """Forget a preference, and what gave way to it; return whether it was there."""
        return self._keep(lambda one: one.identifier != identifier, gave_way_to=identifier)

    def forget_about(self, text: str) -> int:
        """Forget all whose phrase, or meaning, contains the words of a normalised text, history too; return how many held."""
        words = key_of(text)
        if not words:
            return 0
        before = len(self.current)
        self._keep(lambda one: not (_contains(key_of(one.phrase), words) or _contains(key_of(one.means), words)))
        return before - len(self.current)

    def find(self, text: str, circumstances: frozenset[str] = frozenset(), *, now: float) -> Use | None:
        """Return what applies to a normalised text: what fits before what does not, what was said outright and the newest first."""
        if not self.current:
            return None
        words = tuple(text.split())
        best: tuple[tuple[bool, bool, bool, int, float], Use] | None = None
        begins = self._begins()
        near = [one for word in dict.fromkeys(word.replace("'", "") for word in words) for one in begins.get(word, ())]
        for one in near:
            if not one.holds(now):
                continue
            becomes = _becomes(one, words)
            if becomes is None or becomes == text:
                continue
            fits = one.fits(circumstances)
            rank = (fits, one.explicit, one.whole, len(one.phrase.split()), one.created)
            if best is None or rank >= best[0]:
                best = rank, Use(one, becomes, fits)
        return best[1] if best is not None else None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {
            "taught": [one.to_json() for one in self.current],
            "past": [{"why": one.why, "to": one.to, **one.preference.to_json()} for one in self.past],
        }

    def _retire(self, one: Preference, why: str, to: str = "") -> None:
        self.past.append(Past(one, why, to))
        del self.past[:-MOST]

    def _begins(self) -> dict[str, list[Preference]]:
        if self._index is None:
            self._index = {}
            for one in self.current:
                self._index.setdefault(key_of(one.phrase)[0], []).append(one)
        return self._index

    def _keep(self, wanted: Any, *, gave_way_to: str = "") -> bool:
        self._index = None
        before = len(self.current)
        self.current = [one for one in self.current if wanted(one)]
        self.past = [one for one in self.past if wanted(one.preference) and (not gave_way_to or one.to != gave_way_to)]
        return len(self.current) < before


def taught_of(stored: Mapping[str, Any]) -> Taught:
    """Return what `Taught.to_json` wrote, without what is damaged."""
    found = Taught()
    for one in _list(stored.get("taught")):
        try:
            found.current.append(preference_of(one))
        except ValueError:
            continue
    for one in _list(stored.get("past")):
        try:
            found.past.append(Past(preference_of(one), str(one.get("why", "")), str(one.get("to", ""))))
        except (ValueError, AttributeError):
            continue
    return found


@lru_cache(10_000)
def key_of(phrase: str) -> tuple[str, ...]:
    """Return the words by which a normalised phrase is found: articles and apostrophes make no difference."""
    words = tuple(word.replace("'", "") for word in phrase.split())
    return tuple(word for word in words if word not in _ARTICLES) or words


def started(words: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what is left of a request that begins with words such as "start", None if it does not."""
    for begin in STARTS:
        if len(words) > len(begin) and words[: len(begin)] == begin:
            return words[len(begin) :]
    return None


def bare(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return a request without politeness at its ends."""
    first, last = 0, len(words)
    while first < last and words[first] in _ASIDE:
        first += 1
    while last > first and words[last - 1] in _ASIDE:
        last -= 1
    return words[first:last] or words


def _becomes(one: Preference, words: tuple[str, ...]) -> str | None:
    phrase = key_of(one.phrase)
    if one.whole:
        own = bare(words)
        if key_of(" ".join(own)) == phrase:
            return one.means
        rest = started(own) if one.kind == "entity" else None
        return one.means if rest is not None and key_of(" ".join(rest)) == phrase else None
    found = _place(words, phrase)
    if found is None:
        return None
    first, last = found
    put = one.means.split()
    # "the grandma's lamp" becomes "the bedside lamp", not "the the bedside lamp".
    if put[0] in _ARTICLES and first and words[first - 1] in _ARTICLES:
        first -= 1
    return " ".join([*words[:first], *put, *words[last:]])


def _place(words: tuple[str, ...], phrase: tuple[str, ...]) -> tuple[int, int] | None:
    """Return where a phrase stands in words, articles within it or not."""
    plain = [(at, word.replace("'", "")) for at, word in enumerate(words) if word not in _ARTICLES]
    for begin in range(len(plain) - len(phrase) + 1):
        part = plain[begin : begin + len(phrase)]
        if tuple(word for _, word in part) == phrase and part[-1][0] - part[0][0] < 2 * len(phrase):
            return part[0][0], part[-1][0] + 1
    return None


def _contains(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(words[at : at + len(part)] == part for at in range(len(words) - len(part) + 1))


def _list(found: object) -> Iterable[Any]:
    return found if isinstance(found, list) else []
