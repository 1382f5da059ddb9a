"""How a log writes what a mapping finds: which words of `role` are whose, and how times are written.

Without a notation, users are told by the usual words, all others answer, and times are those of `times.seconds`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from probatum.dialogue.artefacts.importers.fields import number
from probatum.dialogue.artefacts.importers.messages import as_text
from probatum.dialogue.artefacts.importers.times import seconds

USER, ASSISTANT, NEITHER = ROLES = ("user", "assistant", "neither")
UNITS = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}  # a unit of time -> how many of it are a second
_users = frozenset({"user", "human", "customer", "caller", "visitor", "client", "enduser", "end_user", "usr"})
_LATER = datetime(2001, 2, 3, 16, 5, 6, tzinfo=UTC)  # of which no part is what `strptime` takes for one that is missing


@dataclass(frozen=True, slots=True)
class Notation:
    """How values are written; see the module.

    Attributes
    ----------
    roles : mapping of str to str
        What stands in the column of roles, in lower case -> one of `ROLES`. If there are any, a value that is not there has no role.
    time_format : str
        Of `datetime.strptime`; without a zone in it, UTC. "" if it is not said.
    time_unit : str
        One of `UNITS`, of which times are numbers since 1970; "" if it is not said.
    """

    roles: Mapping[str, str] = field(default_factory=dict)
    time_format: str = ""
    time_unit: str = ""

    def __bool__(self) -> bool:
        """Whether anything is said."""
        return bool(self.roles or self.time_format or self.time_unit)

    def role(self, value: Any) -> Literal["user", "assistant", "neither", ""]:
        """Return whose a message is; "" if a value is none of those that were said."""
        word = role_word(value)
        if not self.roles:
            return "user" if word in _users else "assistant"
        found: Any = self.roles.get(word, "")
        return found  # type: ignore[no-any-return]  # one of `ROLES`

    def seconds(self, value: Any) -> float | None:
        """Return a time as seconds since 1970 in UTC, or None if it is not written as was said."""
        if self.time_unit:
            many = number(value)
            return None if many is None else many / UNITS[self.time_unit]
        if not self.time_format or value is None:
            return seconds(value)
        try:
            written = datetime.strptime(as_text(value).strip(), self.time_format)  # noqa: DTZ007 - the zone is looked at next
            return (written if written.tzinfo else written.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            return None


def role_word(value: Any) -> str:
    """Return what stands in a column of roles, as it is compared."""
    whole = isinstance(value, float) and value.is_integer()
    return as_text(int(value) if whole else value).strip().lower()


def format_problem(pattern: str) -> str:
    """Return what is wrong with a format of times, "" if nothing is."""
    if "%Z" in pattern.replace("%%", ""):
        return "it has `%Z`, and names of zones are not the same everywhere"
    try:
        told = datetime.strptime(_LATER.strftime(pattern), pattern)  # noqa: DTZ007 - only the day and the hour are looked at
    except ValueError:
        return "it is none that `strptime` of Python reads"
    if told.date() != _LATER.date():
        return "it does not tell the day"
    return "it has `%I` without `%p`, and does not tell which half of the day" if told.hour == _LATER.hour - 12 else ""
