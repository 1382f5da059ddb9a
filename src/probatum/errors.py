"""Errors that a user can fix: what happened, why, and what to do about it.

Everything raised on purpose derives from `ProbatumError`. Anything else that
escapes is a defect of probatum and ends with exit status 4.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from probatum.source import Location


class ProbatumError(Exception):
    """Something a user can fix.

    Parameters
    ----------
    message : str
        What happened and why: lower case, the user's own things in backticks,
        no names of our classes, one line.
    help : str, optional
        What to do about it, as an instruction that can be followed.
    location : Location, optional
        Where, if it is about a place in a file.
    """

    def __init__(self, message: str, *, help: str = "", location: Location | None = None) -> None:  # noqa: A002 - the field's word
        super().__init__(message)
        self.message = message
        self.help = help
        self.location = location

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location is not None else ""
        advice = f"\n  help: {self.help}" if self.help else ""
        return f"{where}{self.message}{advice}"

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.help, self.location))


def _rebuild(kind: type[ProbatumError], message: str, advice: str, location: Location | None) -> ProbatumError:
    return kind(message, help=advice, location=location)


class UsageError(ProbatumError):
    """The command line or the configuration asks for something that cannot be done; exit status 2."""


class ConfigurationError(UsageError):
    """The configuration is malformed or contradicts itself; exit status 2."""


class UnreadableArtefact(ProbatumError):
    """A file cannot be read as what it claims to be; the rest is still checked."""


class UnsupportedConstruct(ProbatumError):
    """An artefact uses something that we have no semantics for; it is never guessed at."""


class MissingExtra(ProbatumError):
    """A library that this needs is not installed; says which `pip install` brings it."""


class StateError(ProbatumError):
    """The state directory cannot be used: damaged beyond repair, unwritable, or the disk is full."""


class EvidenceError(ProbatumError):
    """Stored evidence is malformed or has been altered; exit status 4."""
