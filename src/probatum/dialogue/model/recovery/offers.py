"""What a refused request could have been, and what is known of each: one description for learning and for serving."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from probatum.dialogue.model.denied import EMPTY
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import Setting, Table, likeness
from probatum.dialogue.semantics.sounds import sound, sounds

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Texts -> for each, texts like it that work for most.
Near: TypeAlias = Callable[[Sequence[str]], Sequence[Sequence[str]]]

OWN = (
    "heard",  # it is another way to hear the request: one over its rank
    "like first",  # of the letters, from 0 to 1, to what was heard
    "like",  # to the likest way to hear it
    "sounds first",  # the same of phones
    "sounds",
    "use",  # this user says it
    "use share",  # of all that this user says
    "habit",  # this user meant it by this
    "known",  # enough users say it
    "works",  # logit of how often it works at once
    "users",  # logarithm of how many say it
    "linked",  # a rewrite of any way to hear it leads to it: the share of goals that do
    "linked first",  # a rewrite of what was heard
    "otherwise",  # words of the likest way to hear it that it has not, and with which other requests work
    "unheard",  # share of its words that no way to hear the request has
    "least supported",  # of its words, the one that sounds least like any that was heard
    "supported",  # the same on average
    "least explained",  # of the words of the way to hear it that it explains best, the one that sounds least like any of its own
    "explained",
    "least explained first",  # the same of what was heard
    "explained first",
)
# By how much the best other offer has less of it, or the best has more.
_AHEAD = ("like", "sounds", "supported", "explained", "use")
FEATURES = (
    *OWN,
    *(f"{name} ahead" for name in _AHEAD),
    "offers",  # how many there are
    "fails",  # logarithm of how many users said this very text, where it hardly works
    "confidence",  # of recognition
)
MOST_HEARD = 4  # ways to hear a request, that are looked at
LONGEST = 120  # letters of a text that is looked at: to compare its words takes time with their square, and others wait for it
_MOST_OWN = 3  # texts of the user, for each way to hear it
_LEAST_LIKE = 0.5
_SMALL = EMPTY - {"on", "off", "up", "no", "not"}  # words that hardly tell requests apart


@dataclass(frozen=True, slots=True)
class Offers:
    """Texts that a refused request could have been, in the order of their letters.

    Attributes
    ----------
    texts : tuple of str
    features : float32 of shape (texts, features)
        In the order of `FEATURES`.
    """

    texts: tuple[str, ...]
    features: NDArray[np.float32]


def offers(text: str, table: Table, habits: Habits | None, setting: Setting, near: Near, *, now: float) -> Offers:
    """Return what a refused request could have been; what was said is not among it, and of a long request nothing is known.

    Parameters
    ----------
    text : str
        Normalised.
    table : Table
    habits : Habits or None
        Of who said it.
    setting : Setting
    near : callable
        Looks for texts that work and are like others.
    now : float
        Seconds since 1970.
    """
    import numpy as np

    heard = list(dict.fromkeys((text, *(way for way in setting.heard if len(way) <= LONGEST))))[: MOST_HEARD + 1]
    if len(text) > LONGEST:
        return Offers((), np.zeros((0, len(FEATURES)), np.float32))
    links = {link.target: link.share for one in reversed(heard) for link in table.links(one)}
    found = sorted(one for one in _found(text, heard, links, habits, near) if len(one) <= LONGEST)
    if not found:
        return Offers((), np.zeros((0, len(FEATURES)), np.float32))
    total = sum(count.at(now) for count in habits.uses.values()) if habits is not None else 0.0
    first = {link.target for link in table.links(text)}
    alike = _Alike(found, heard)
    own = np.array([_described(one, text, heard, table, links, habits, alike, total, now, first=one in first) for one in found])
    known = table.known(text)
    about = (
        len(found),
        math.log1p(known.tried) if known is not None and known.works < 0 else 0.0,
        setting.confidence if setting.confidence is not None else 0.5,
    )
    ahead = np.column_stack([_ahead(own[:, OWN.index(name)]) for name in _AHEAD])
    return Offers(tuple(found), np.hstack([own, ahead, np.tile(about, (len(found), 1))]).astype(np.float32))


def _found(text: str, heard: Sequence[str], links: dict[str, float], habits: Habits | None, near: Near) -> set[str]:
    found = {*heard, *links}
    looked = heard[:MOST_HEARD]
    for others in near(looked):
        found.update(others)
    if habits is not None:
        from rapidfuzz import fuzz, process

        for one in looked:
            found |= habits.targets(one).keys()
            alike = process.extract(one, habits.uses.keys(), scorer=fuzz.ratio, limit=_MOST_OWN, score_cutoff=100 * _LEAST_LIKE)
            found.update(other for other, _, _ in alike)
    found.discard(text)
    found.discard("")
    return found


def _described(  # noqa: PLR0917 - all that is known of a request
    one: str,
    text: str,
    heard: Sequence[str],
    table: Table,
    links: dict[str, float],
    habits: Habits | None,
    alike: _Alike,
    total: float,
    now: float,
    *,
    first: bool,
) -> tuple[float, ...]:
    likes = [likeness(way, one) for way in heard]
    phones = [likeness(sounds(way), sounds(one)) for way in heard]
    likest = heard[max(range(len(heard)), key=likes.__getitem__)]
    words = one.split()
    every = {word for way in heard for word in way.split()}
    supported = alike.supported(_telling(words)) or [1.0]
    explained = [alike.explained(_telling(way.split()), words) or [1.0] for way in heard]
    best = max(explained, key=lambda shares: (min(shares), sum(shares) / len(shares)))
    known = table.known(one)
    use = habits.uses.get(one) if habits is not None else None
    weight = use.at(now) if use is not None else 0.0
    meant = habits.targets(text).get(one) if habits is not None else None
    return (
        1 / (1 + heard.index(one)) if one in heard else 0.0,
        likes[0],
        max(likes),
        phones[0],
        max(phones),
        math.log1p(weight),
        weight / (1 + total),
        math.log1p(meant.at(now)) if meant is not None else 0.0,
        1.0 if known is not None else 0.0,
        known.works if known is not None else 0.0,
        math.log1p(known.tried) if known is not None else 0.0,
        links.get(one, 0.0),
        links.get(one, 0.0) if first else 0.0,
        sum(word not in EMPTY and table.works_with(word) for word in set(likest.split()) - set(words)),
        sum(word not in every for word in words) / max(1, len(words)),
        min(supported),
        sum(supported) / len(supported),
        min(best),
        sum(best) / len(best),
        min(explained[0]),
        sum(explained[0]) / len(explained[0]),
    )


def _telling(words: Sequence[str]) -> list[str]:
    return [word for word in words if word not in _SMALL]


class _Alike:
    """How much words of what is offered sound like those that were heard: all compared at once, for one by one takes ten times as long."""

    def __init__(self, found: Sequence[str], heard: Sequence[str]) -> None:
        import numpy as np
        from rapidfuzz import fuzz, process

        of_found, of_heard = (
            {word: at for at, word in enumerate(dict.fromkeys(" ".join(some).split()))} for some in (found, heard)
        )
        self._found, self._heard = of_found, of_heard
        shares = process.cdist([*map(sound, of_found)], [*map(sound, of_heard)], scorer=fuzz.ratio, dtype=np.float64)
        self._shares = shares / 100
        self._best = self._shares.max(axis=1, initial=0.0).tolist()

    def supported(self, words: Sequence[str]) -> list[float]:
        """Return how much each word of what is offered sounds like the one that was heard that sounds most like it."""
        return [self._best[self._found[word]] for word in words]

    def explained(self, way: Sequence[str], words: Sequence[str]) -> list[float]:
        """Return how much each word that was heard sounds like the one of what is offered that sounds most like it."""
        best = self._shares[[self._found[word] for word in words]].max(axis=0, initial=0.0)
        return [float(best[self._heard[word]]) for word in way]


def _ahead(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return by how much each value is above the best of the others."""
    import numpy as np

    order = np.sort(values)[::-1]
    second = order[1] if len(order) > 1 else 0.0
    return np.where(values == order[0], values - second, values - order[0])
