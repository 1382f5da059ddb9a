"""What a user taught, as it is stored: the words, what they mean, where that holds, and what it was checked against."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

Kind = Literal["entity", "declarative", "preference", "alias"]
Reach = Literal["user", "household"]


@dataclass(frozen=True, slots=True)
class Grounded:
    """What a text was found to do, or a name to stand for.

    Attributes
    ----------
    by : str
        What found it: `pipeline`, `catalogue` or `requests that work`.
    intent : str
        "" where only a name was looked up.
    slots : tuple of (str, str)
    """

    by: str
    intent: str = ""
    slots: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """That a phrase means something, to one user.

    Attributes
    ----------
    kind : {"entity", "declarative", "preference", "alias"}
        A name for a thing or a state of things ("study mode"), a statement to be acted on ("I am cold"), something about the user
        ("my team"), or another way to put a request.
    phrase : str
        Normalised.
    means : str
        Normalised: a request where `whole`, otherwise words that stand in place of the phrase.
    whole : bool
        Whether it is asked for with the phrase alone (and words such as "start"), not as a part of other requests.
    steps : tuple of str
        The requests that `means` consists of, where one by one they are understood and together they are not.
    reach : {"user", "household"}
    circumstances : tuple of str
        `name=value`, sorted: where it holds; () everywhere.
    grounded : Grounded or None
        None where there was nothing to check it against.
    explicit : bool
        Whether the user said so and confirmed it; otherwise it was inferred.
    created : float
        Seconds since 1970.
    expires : float or None
    turn : str
        In which it was said, as the service names it; "" if it was typed.
    """

    kind: Kind
    phrase: str
    means: str
    created: float
    whole: bool = True
    steps: tuple[str, ...] = ()
    reach: Reach = "user"
    circumstances: tuple[str, ...] = ()
    grounded: Grounded | None = None
    explicit: bool = True
    expires: float | None = None
    turn: str = ""

    @property
    def identifier(self) -> str:
        """Twelve hexadecimal digits; the same words taught at another time have others."""
        own = "\0".join([self.kind, self.phrase, self.means, self.reach, *self.circumstances, repr(self.created)])
        return hashlib.sha256(own.encode("utf-8", "surrogatepass")).hexdigest()[:12]

    def holds(self, now: float) -> bool:
        """Whether it has not expired."""
        return self.expires is None or now < self.expires

    def fits(self, circumstances: frozenset[str]) -> bool:
        """Whether it holds there."""
        return circumstances.issuperset(self.circumstances)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, with its identifier."""
        return {"id": self.identifier, **asdict(self)}


def preference_of(stored: Mapping[str, Any]) -> Preference:
    """Return a preference that `Preference.to_json` wrote.

    Raises
    ------
    ValueError
        If it is something else.
    """
    try:
        grounded = stored["grounded"]
        found = Preference(
            kind=stored["kind"],
            phrase=_text(stored["phrase"]),
            means=_text(stored["means"]),
            created=float(stored["created"]),
            whole=bool(stored["whole"]),
            steps=tuple(map(_text, stored["steps"])),
            reach=stored["reach"],
            circumstances=tuple(map(_text, stored["circumstances"])),
            grounded=None if grounded is None else _grounded(grounded),
            explicit=bool(stored["explicit"]),
            expires=None if stored["expires"] is None else float(stored["expires"]),
            turn=_text(stored["turn"]),
        )
    except (LookupError, TypeError, ValueError) as problem:
        raise ValueError(f"this is no preference: {problem}") from None
    if found.kind not in get_args(Kind) or found.reach not in get_args(Reach) or not found.phrase or not found.means:
        raise ValueError("this is no preference: it has no kind, reach, phrase or meaning that is known")
    return found


def _grounded(stored: Mapping[str, Any]) -> Grounded:
    return Grounded(
        _text(stored["by"]), _text(stored["intent"]), tuple((_text(name), _text(value)) for name, value in stored["slots"])
    )


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise TypeError("a text is missing")
    return found
