"""Files in which people write about turns: checked turns, plans of audits and their sheets; without the turns of somebody who is forgotten.

What people said of the turns of others is nothing that a program could make again, so these files are edited and not
removed. Turns that are numbered anew are named by their new numbers.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from probatum.dialogue.service.made import CHECKED, PLAN, SHEET, Noted, Withdrawn, file_digest
from probatum.store.journal import Journal

_TEXTS = ("request", "answer_a", "answer_b")  # columns of a sheet
_CHANGED = "left: it was changed while forgetting was interrupted; see that nothing of the user is in it"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def without(
    files: Iterable[Noted],
    turns: Mapping[str, str],
    *,
    user: str,
    rows: Iterable[str],
    left: Callable[[set[str]], set[str]],
    folder: Path,
    begun: Journal | None = None,
) -> list[Withdrawn]:
    """Take a user out of files in which people write.

    Parameters
    ----------
    files : iterable of Noted
    turns : mapping of str to str
        Turns whose number changes -> the new one, "" for those that are gone.
    user : str
        The pseudonym.
    rows : iterable of str
        Rows of sheets that are known to be about the user's turns, besides those that plans tell.
    left : callable
        Which of some texts anybody still said, heard or was told.
    folder : Path
        That paths are told relative to.
    begun : Journal, optional
        Where each edit is written down before it is made: numbers must not be changed twice if this is interrupted.

    Returns
    -------
    list of Withdrawn
        A file that cannot be read is left, and that is said.
    """
    order = [PLAN, SHEET, CHECKED]  # plans tell which rows of sheets are gone
    gone = set(rows)
    done = []
    known = {one["edited"]: one for one in (begun.entries if begun is not None else ()) if "edited" in one}
    for one in sorted((file for file in files if file.kind in order), key=lambda file: order.index(file.kind)):
        before = file_digest(one.path)
        place = os.path.relpath(one.path, folder)
        what = "not there"
        if place in known and before and before != known[place]["before"]:
            what = "edited" if before == known[place]["after"] else _CHANGED
            before = known[place]["before"]
        elif before:
            try:
                raw = one.path.read_bytes()
                if one.kind == PLAN:
                    now, lost = _plan(raw, turns, user)
                    gone |= lost
                else:
                    now = _sheet(raw, gone, left) if one.kind == SHEET else _checked(raw, turns)
            except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError, csv.Error) as problem:
                what = f"left: it cannot be read ({problem})"
            else:
                what = "unchanged" if now == raw else "edited"
                if now != raw:
                    if begun is not None and place not in known:
                        begun.append({"edited": place, "before": before, "after": hashlib.sha256(now).hexdigest()})
                    _put(one.path, now)
        done.append(Withdrawn(one.kind, place, what, before, file_digest(one.path)))
    return done


def rows_of(files: Iterable[Noted], turns: Mapping[str, str], user: str) -> set[str]:
    """Return the rows of sheets that plans say are about a user's turns; see `without`. A plan that cannot be read tells none."""
    gone: set[str] = set()
    for one in files:
        if one.kind == PLAN:
            with contextlib.suppress(OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
                gone |= _plan(one.path.read_bytes(), turns, user)[1]
    return gone


def _plan(raw: bytes, turns: Mapping[str, str], user: str) -> tuple[bytes, set[str]]:
    found = json.loads(raw)
    gone = {row["row"] for row in found["rows"] if row["user"] == user or turns.get(row["turn"], row["turn"]) == ""}
    kept = [{**row, "turn": turns.get(row["turn"], row["turn"])} for row in found["rows"] if row["row"] not in gone]
    now = raw if kept == found["rows"] else (json.dumps({**found, "rows": kept}, indent=1) + "\n").encode()
    return now, gone


def _sheet(raw: bytes, gone: set[str], left: Callable[[set[str]], set[str]]) -> bytes:
    """Return a sheet without some rows, and without rows that show a text that is nobody's any more."""
    try:
        text, encoding = raw.decode("utf-8-sig"), "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "utf-8"
    except UnicodeDecodeError:
        text, encoding = raw.decode("cp1252"), "cp1252"
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    header, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    shown = [header.index(name) for name in _TEXTS if name in header]
    number = header.index("row")
    there = left({_said(row[at]) for row in rows for at in shown if at < len(row)})

    def kept(row: Sequence[str]) -> bool:
        mine = number < len(row) and row[number].strip().casefold() in gone
        return not mine and all(_said(row[at]) in there for at in shown if at < len(row))

    kept_rows = [row for row in rows if kept(row)]
    return raw if len(kept_rows) == len(rows) else _csv([header, *kept_rows], delimiter, text).encode(encoding)


def _said(cell: str) -> str:
    """Return the text of a cell, without the mark that keeps a spreadsheet from taking it for a formula."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _checked(raw: bytes, turns: Mapping[str, str]) -> bytes:
    text = raw.decode("utf-8-sig")
    if text.lstrip()[:1] not in ("{", ""):
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
        at = header.index("turn")
        kept = [[*row[:at], turns.get(row[at], row[at]), *row[at + 1 :]] for row in rows if turns.get(row[at], row[at])]
        return raw if kept == rows else _csv([header, *kept], ",", text).encode()
    lines = []
    for line in text.splitlines(keepends=True):
        row = json.loads(line) if line.strip() else {}
        turn = row.get("turn")
        now = turns.get(turn, turn) if isinstance(turn, str) else turn
        if now != "":
            lines.append(line if now == turn else json.dumps({**row, "turn": now}, ensure_ascii=False) + "\n")
    now = "".join(lines)
    return raw if now == text else now.encode()


def _csv(rows: Iterable[Sequence[str]], delimiter: str, before: str) -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\r\n" if "\r\n" in before else "\n").writerows(rows)
    return out.getvalue()


def _put(path: Path, content: bytes) -> None:
    """Replace a file at once: it is the old one or the new one, whatever happens."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(name).chmod(path.stat().st_mode & 0o777)
    Path(name).replace(path)
