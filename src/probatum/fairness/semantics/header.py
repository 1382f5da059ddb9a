"""Whether the columns of a text table are those of its first line, or were guessed from another one."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import BinaryIO

_DELIMITERS, _QUOTES = ",;\t|", "\"'"
_LINES = 1_000_000  # in which a line of another length is looked for
_BOMS = (b"\xff\xfe", b"\xfe\xff")


def wrong_start(place: Path, columns: Sequence[str]) -> str | None:
    """Return why a table's columns cannot be trusted; None if they stand in its first line.

    A reader that guesses skips lines until all that follow are alike: where one
    line is ragged, everything above it would be left out without a word.

    Parameters
    ----------
    place : Path
        A CSV or TSV file, which may be compressed by gzip.
    columns : sequence of str
        The names that were read.
    """
    try:
        with _bytes(place) as raw:
            start = raw.read(2)
        if not start:
            return "it is empty"
        if start in _BOMS:
            return "it is UTF-16: save it as UTF-8"
        named = [name.strip().casefold() for name in columns]
        most: tuple[int, str, str] = (0, ",", '"')
        like = False
        for quote in _QUOTES:
            for delimiter in _DELIMITERS:
                first = next(_lines(place, delimiter, quote), [])
                if len(first) == len(named) and all(_same(a, b) for a, b in zip(first, named, strict=True)):
                    like = True
                most = max(most, (len(first), delimiter, quote), key=lambda one: one[0])
        many, delimiter, quote = most
        # A line that was not taken apart is like itself: one column is only one where no delimiter finds more.
        if like and (len(named) > 1 or many == 1):
            return None
        for number, fields in enumerate(islice(_lines(place, delimiter, quote), _LINES), start=1):
            if fields and len(fields) != many:
                return f"row {number:,} has {_many(len(fields))}, and the first has {many:,}"
    except (OSError, EOFError, zlib.error, csv.Error):
        return None  # the reader of tables says what is wrong with these
    return None


def _bytes(place: Path) -> BinaryIO | gzip.GzipFile:
    return gzip.open(place, "rb") if place.name.lower().endswith(".gz") else place.open("rb")


def _lines(place: Path, delimiter: str, quote: str) -> Iterator[list[str]]:
    with _bytes(place) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="") as text:
        yield from csv.reader(text, delimiter=delimiter, quotechar=quote)


def _same(field: str, name: str) -> bool:
    # Names that are empty or occur before are renamed by the reader: `column0`, `y_1`.
    own = field.strip().casefold()
    return not own or own == name or name.startswith(f"{own}_")


def _many(count: int) -> str:
    return "1 column" if count == 1 else f"{count:,} columns"
