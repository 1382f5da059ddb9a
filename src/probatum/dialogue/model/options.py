"""What a request could be meant as, and what is known of each: one description for learning and for serving.

The choices are the request as it is, what the global table links it to, and what
this user meant by it, or by something like it, before. Each is a row of numbers
in the order of `FEATURES`; `choice` says what they are worth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from probatum.dialogue.artefacts.utterance import GAP
from probatum.dialogue.model.denied import EMPTY
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.semantics.templates import Templates, filled

Scope = Literal["keep", "global", "personal"]

FEATURES = (
    "keep",  # it is the request as it is
    "keep works",  # logit of how often it works at once
    "keep unknown",  # too few said it to know
    "keep confidence",  # of recognition, less one half
    "keep unheard",  # no confidence was logged
    "keep habit",  # it worked for this user
    "keep setting",  # how it goes with the circumstances
    "linked",  # the global table has it
    "share",  # logarithm of its share of goals that begin so
    "works",  # logit of how often it works at once
    "habit",  # this user meant it by this
    "use",  # this user says it
    "setting",  # how it goes with the circumstances
    "heard",  # it is among the other ways to hear the request: one over its rank
    "likeness",  # of the letters, from 0 to 1
    "otherwise",  # what was said has a word that it has not, and with which other requests work: something else may be meant
)
# What speaks for an option.
RISING = frozenset(FEATURES) - {"keep", "keep unknown", "keep unheard", "linked", "otherwise"}
# Where too few choices were seen to learn from: what was said is kept unless much speaks against it.
CAREFUL_WEIGHTS = (2.0, 0.8, 0.0, 1.0, 0.0, 1.5, 1.0, 1.0, 1.0, 0.6, 1.5, 0.5, 1.0, 0.5, 1.0, -2.0)
LEAST_LIKENESS = 0.6  # of a text that the user never meant by this, to be offered
MOST_LIKE = 3
_MOST_LIFT = 3.0


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a text, over all users.

    Attributes
    ----------
    direct : float
        Sum over users of how often it works at once, of `tried` users.
    tried : int
    lifts : mapping of circumstance to float
        Logarithm of how many times likelier the circumstance is with it than without.
    """

    direct: float
    tried: int
    lifts: Mapping[str, float] = field(default_factory=dict)

    @property
    def works(self) -> float:
        """Logit of how often it works at once, by Jeffreys' prior."""
        return math.log((self.direct + 0.5) / (max(0.0, self.tried - self.direct) + 0.5))


@dataclass(frozen=True, slots=True)
class Link:
    """What a text is rewritten to for all users: the share of goals that begin so and end there, and the rewrite."""

    target: str
    share: float
    identifier: str = ""
    state: str = "candidate"


@dataclass(frozen=True, slots=True)
class Setting:
    """In what circumstances something is said.

    Attributes
    ----------
    keys : tuple of str
        Circumstances, as `circumstances.keys` names them.
    confidence : float or None
        Of recognition, from 0 to 1.
    heard : tuple of str
        Other ways to hear it, normalised, the likeliest first.
    """

    keys: tuple[str, ...] = ()
    confidence: float | None = None
    heard: tuple[str, ...] = ()


class Table(Protocol):
    """What is known over all users."""

    def known(self, text: str) -> Known | None:
        """Return what is known of a normalised text."""
        ...

    def links(self, text: str) -> tuple[Link, ...]:
        """Return what it may be rewritten to."""
        ...

    def works_with(self, word: str) -> bool:
        """Whether a word is in a text that works for most."""
        ...


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that a request could be meant as.

    Attributes
    ----------
    text : str
    scope : {"keep", "global", "personal"}
        By which it came: a global link comes first.
    features : tuple of float
        In the order of `FEATURES`.
    link : Link or None
    times : int
        How often this user meant it by this.
    uses : int
        How often this user said it, and it worked.
    """

    text: str
    scope: Scope
    features: tuple[float, ...]
    link: Link | None = None
    times: int = 0
    uses: int = 0


def known_of(text: str, known: Callable[[str], Known | None], templates: Templates) -> Known | None:
    """Return what is known of a text, or else of the template, of some, with most words of which it is an instance."""
    found = known(text)
    if found is None:
        at = templates.owner(text)
        found = known(at[0]) if at is not None else None
    return found


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Return all words of some texts, but gaps."""
    return frozenset(word for text in texts for word in text.split() if word != GAP)


def links_of(text: str, links: Callable[[str], tuple[Link, ...]], templates: Templates) -> tuple[Link, ...]:
    """Return the links of a text, or else those of that template, with the gaps filled."""
    found = links(text)
    if found:
        return found
    at = templates.owner(text)
    return tuple(replace(link, target=filled(link.target, at[1])) for link in links(at[0])) if at is not None else ()


def options(text: str, table: Table, habits: Habits | None, setting: Setting, *, now: float) -> list[Option]:
    """Return what a request could be meant as: first itself, then others by their texts.

    Parameters
    ----------
    text : str
        Normalised.
    table : Table
    habits : Habits or None
        Of who says it.
    setting : Setting
    now : float
        Seconds since 1970.
    """
    links = {link.target: link for link in table.links(text)}
    own = habits.targets(text) if habits is not None else {}
    others = {*links, *own, *_alike(text, habits)}
    others.discard(text)
    found = [_keep(text, table.known(text), habits, setting, now)]
    found += [
        option(other, text, table, link=links.get(other), habits=habits, setting=setting, now=now) for other in sorted(others)
    ]
    return found


def option(
    other: str,
    text: str,
    table: Table,
    *,
    link: Link | None = None,
    habits: Habits | None = None,
    setting: Setting,
    now: float = 0.0,
) -> Option:
    """Describe another text as what a request could be meant as; the parameters are those of `options`."""
    count = habits.targets(text).get(other) if habits is not None else None
    use = habits.uses.get(other) if habits is not None else None
    known = table.known(other)
    features = (
        0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0,
        1.0 if link is not None else 0.0,
        math.log(max(link.share, 1e-6)) if link is not None else 0.0,
        known.works if known is not None else 0.0,
        math.log1p(count.at(now)) if count is not None else 0.0,
        math.log1p(use.at(now)) if use is not None else 0.0,
        _lift(known, setting.keys),
        1 / (1 + setting.heard.index(other)) if other in setting.heard else 0.0,
        likeness(text, other),
        1.0 if _otherwise(text, other, table, habits) else 0.0,
    )  # fmt: skip  # seven of what is kept, nine of what is not
    return Option(
        other,
        "global" if link is not None else "personal",
        features,
        link,
        times=count.times if count is not None else 0,
        uses=use.times if use is not None else 0,
    )


def _otherwise(text: str, other: str, table: Table, habits: Habits | None) -> bool:
    words = [word for word in text.split() if word not in EMPTY]
    rest = set(words) - set(other.split())
    return any(table.works_with(word) or (habits is not None and habits.works_with(word)) for word in rest)


def likeness(one: str, other: str) -> float:
    """Return one less the letters to change, as a share of both texts."""
    from rapidfuzz.fuzz import ratio

    return ratio(one, other) / 100


def _keep(text: str, known: Known | None, habits: Habits | None, setting: Setting, now: float) -> Option:
    count = habits.targets(text).get(text) if habits is not None else None
    features = (
        1.0,
        known.works if known is not None else 0.0,
        1.0 if known is None else 0.0,
        setting.confidence - 0.5 if setting.confidence is not None else 0.0,
        1.0 if setting.confidence is None else 0.0,
        math.log1p(count.at(now)) if count is not None else 0.0,
        _lift(known, setting.keys),
        *([0.0] * 9),
    )
    return Option(text, "keep", features, None, count.times if count is not None else 0)


def _lift(known: Known | None, keys: Iterable[str]) -> float:
    if known is None or not known.lifts:
        return 0.0
    total = sum(known.lifts.get(key, 0.0) for key in keys)
    return max(-_MOST_LIFT, min(_MOST_LIFT, total))


def _alike(text: str, habits: Habits | None) -> list[str]:
    """Return texts that the user says and that look like this one, if they never said this one and it worked."""
    if habits is None or not habits.uses or text in habits.uses:
        return []
    from rapidfuzz import fuzz, process

    near = process.extract(text, habits.uses.keys(), scorer=fuzz.ratio, limit=MOST_LIKE, score_cutoff=100 * LEAST_LIKENESS)
    return [found for found, _, _ in near]
