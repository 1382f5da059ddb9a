"""Reading Python: a file to its text, ready to be read with what it imports."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.source import Location, Source

__all__ = ["PythonModule", "read"]


@dataclass(frozen=True, slots=True, eq=False)
class PythonModule:
    """A module that parses.

    What its functions promise is read together with what they import, by
    `probatum.code.artefacts.reading`.

    Attributes
    ----------
    subject : str
        The path of its file.
    location : Location
    text : str
    source : Source
        Its bytes.
    options : mapping
        Of the system.
    """

    subject: str
    location: Location
    text: str
    source: Source
    options: Mapping[str, Any]


def read(source: Source, options: Mapping[str, Any]) -> PythonModule:
    """Read a module.

    Raises
    ------
    UnreadableArtefact
        If it is not text, or does not parse as Python.
    """
    return PythonModule(source.path, Location(source.path), decoded(source), source, options)


def decoded(source: Source) -> str:
    """Decode a module as Python does: by its byte order mark, its coding comment, or as UTF-8.

    Raises
    ------
    UnreadableArtefact
        If the bytes are not text in that encoding, or contain NUL characters.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source.raw).readline)
    except SyntaxError as error:
        # What UTF-8 cannot decode is said better by who decodes all other files.
        if "invalid or missing encoding" in str(error):
            return source.text().content
        raise UnreadableArtefact(
            f"`{source.path}` is in an encoding that is not known: {error.msg}",
            help="save the file as UTF-8",
            location=Location(source.path, 1),
        ) from None
    if encoding in ("utf-8", "utf-8-sig"):
        return source.text().content
    try:
        text = source.raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableArtefact(
            f"`{source.path}` is not valid {encoding}, as its first lines say: byte {error.start} cannot be decoded",
            help="save the file as UTF-8",
            location=Location(source.path, 1),
        ) from None
    return Source(source.path, text.encode("utf-8", "surrogatepass")).text().content
