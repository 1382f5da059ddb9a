"""Reading programs of the Boogie language: a text to a checked program."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.errors import UnreadableArtefact, UnsupportedConstruct
from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax import tree
from probatum.source import Location, Source

__all__ = ["BoogieProgram", "read"]


@dataclass(frozen=True, slots=True, eq=False)
class BoogieProgram:
    """A program without static errors.

    Attributes
    ----------
    subject : str
        The path of its file.
    location : Location
    text : str
    tree : Program
        Resolved and typed.
    """

    subject: str
    location: Location
    text: str
    tree: tree.Program


def read(source: Source) -> BoogieProgram:
    """Read a program.

    Raises
    ------
    UnreadableArtefact
        If it has static errors; the first is named, and how many there are.
    UnsupportedConstruct
        If it uses the concurrency layer of the language.
    """
    from probatum.ivl import compile_text

    text = source.text().content
    program, errors = compile_text(text, source.path)
    wrong = [e for e in errors if e.kind == "error"]
    if wrong or program is None:
        raise _refusal(wrong, source.path)
    return BoogieProgram(source.path, Location(source.path), text, program)


def _refusal(wrong: list[StaticError], path: str) -> UnreadableArtefact | UnsupportedConstruct:
    first = wrong[0]
    where = Location(path, first.position.line or None, first.position.column or None)
    more = f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""
    if first.message.startswith("unsupported"):
        return UnsupportedConstruct(first.message + more, location=where)
    help_ = first.hint or "run `probatum boogie` on the file to see every error"
    return UnreadableArtefact(f"{first.phase} error: {first.message}{more}", location=where, help=help_)
