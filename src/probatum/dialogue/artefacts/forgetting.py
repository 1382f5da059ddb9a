"""Stored conversations as if a user had never been in them."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from probatum.dialogue.artefacts import MANIFEST, TABLES
from probatum.dialogue.artefacts.store import key_check, read_manifest, write_manifest
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.errors import UnreadableArtefact, UsageError
from probatum.source import Location

_MEMORY = 2_000_000_000  # bytes that DuckDB may use


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """What is gone from the tables.

    Attributes
    ----------
    turns, texts, unknown, quarantine : int
        Rows.
    before, after : dict of str to str
        Table -> SHA-256 of its file.
    numbers : dict of str to str
        Turns that have another number now -> that number, "" for those that are gone.
    """

    turns: int
    texts: int
    unknown: int
    quarantine: int
    before: dict[str, str]
    after: dict[str, str]
    numbers: dict[str, str]


def forget(folder: Path, user: str, *, key: bytes) -> Removed:
    """Remove a user from imported conversations, and from nothing else; see `without` and `put_in_place`."""
    removed, tables = without(folder, user, key=key)
    put_in_place(folder, tables)
    return removed


def without(folder: Path, user: str, *, key: bytes) -> tuple[Removed, str]:
    """Write tables without a user beside those of imported conversations; nobody reads them before they are put in place.

    The tables are what they would have been without the user, but for numbers of lines: turns of conversations with
    others are numbered again, and texts that nobody else said, heard or was told are gone. Events of unknown kind in a
    conversation of the user are removed, whoever they are about, and so are those in which the identifier stands, and
    unread lines in whose beginning, or as what is wrong with them, it does: the rest of such a line was not kept.

    Parameters
    ----------
    folder : Path
    user : str
        The identifier, as the logs have it.
    key : bytes
        Of the folder.

    Returns
    -------
    Removed
    str
        The name of the folder of the tables, for `put_in_place`; "" if nothing of the user is there.

    Raises
    ------
    UnreadableArtefact
        If nothing was imported into the folder, or with another key.
    UsageError
        If the identifier is one that stands for nobody; see `tables.named`.
    """
    from probatum.runner.tables import Tables

    stored = read_manifest(folder)
    if stored is None or stored.key_check != key_check(key):
        raise UnreadableArtefact(
            f"`{folder}` holds no conversations" if stored is None else f"`{folder}` was made with another key",
            help="name the folder, and the key, of `probatum dialogue import`",
            location=Location(folder.as_posix()),
        )
    own = pseudonym(user, key, "user")
    if own is None:
        raise UsageError(f"`{user}` names nobody", help="name the user as the logs do")
    held = Path(tempfile.mkdtemp(prefix="tables-", dir=folder))
    try:
        with Tables(stored.folder, held, memory_bytes=_MEMORY, threads=1) as tables:
            known = {"own": own, "user": user, "left": held / "turns.parquet", "every": stored.folder / "turns.parquet"}
            for name, query in _LEFT.items():
                asked = {word: value for word, value in known.items() if f"${word}" in query}
                tables.write(held / f"{name}.parquet", query, file=stored.folder / f"{name}.parquet", **asked)
            gone: dict[str, int] = {}
            for name in TABLES:
                rows = [
                    tables.sql("select count(*) as n from read_parquet($file)", file=place / f"{name}.parquet")[0]["n"]
                    for place in (stored.folder, held)
                ]
                gone[name] = rows[0] - rows[1]
            numbers = {
                row["was"]: row["renumbered"] for row in tables.sql(_NUMBERS, file=stored.folder / "turns.parquet", own=own)
            }
            [many] = tables.sql(
                "select count(*) as turns, count(distinct conversation_id) as conversations from read_parquet($file)",
                file=held / "turns.parquet",
            )
        counts = stored.intake.counts.copy()
        counts.update(
            {"turns": many["turns"] - counts["turns"], "conversations": many["conversations"] - counts["conversations"]}
        )
        counts["texts"] -= gone["texts"]
        before = {name: _digest(stored.folder / f"{name}.parquet") for name in TABLES}
        if not any(gone.values()):
            shutil.rmtree(held)
            return Removed(turns=0, texts=0, unknown=0, quarantine=0, before=before, after=before, numbers={}), ""
        write_manifest(held, replace(stored, folder=held, intake=replace(stored.intake, counts=counts)))
        for path in held.iterdir():
            _make_durable(path)
        after = {name: _digest(held / f"{name}.parquet") for name in TABLES}
    except BaseException:
        shutil.rmtree(held, ignore_errors=True)
        raise
    removed = Removed(
        turns=gone["turns"],
        texts=gone["texts"],
        unknown=gone["unknown"],
        quarantine=gone["quarantine"],
        before=before,
        after=after,
        numbers=numbers,
    )
    return removed, held.name


def put_in_place(folder: Path, tables: str) -> None:
    """Make a folder hold tables that `without` wrote, at once, and remove all others; again, and nothing happens.

    Parameters
    ----------
    folder : Path
    tables : str
        The name of their folder; "" to remove only what an import that was interrupted left.
    """
    if tables and (folder / tables / MANIFEST).is_file():
        (folder / tables / MANIFEST).replace(folder / MANIFEST)
        _make_durable(folder)
    stored = read_manifest(folder)
    for other in folder.glob("tables-*"):
        if stored is not None and other != stored.folder:
            shutil.rmtree(other)


# Of conversations that the user took part in with others.
_MIXED = """mixed as (
            select conversation_id from read_parquet($file) group by 1
            having count(*) filter (user_id = $own) between 1 and count(*) - 1
        )"""
_NUMBERS = f"""
    with {_MIXED}, numbered as (
        select turn_id as was,
               sha256(conversation_id || chr(0) || (row_number() over (partition by conversation_id order by position) - 1)::varchar)[:16] as renumbered
        from read_parquet($file) where user_id is distinct from $own and conversation_id in (from mixed)
    )
    select was, renumbered from numbered where was <> renumbered
    union all select turn_id, '' from read_parquet($file) where user_id = $own"""  # noqa: S608 - names of our own
# Table -> what is left of it. Turns come first, for texts are those that they name.
_LEFT = {
    "turns": f"""
        with {_MIXED}, numbered as (
            select * replace ((row_number() over (partition by conversation_id order by position) - 1)::integer as position)
            from read_parquet($file) where user_id is distinct from $own and conversation_id in (from mixed)
        ), every as (
            select * from read_parquet($file) where user_id is distinct from $own and conversation_id not in (from mixed)
            union all by name
            select * replace (sha256(conversation_id || chr(0) || position::varchar)[:16] as turn_id) from numbered
        )
        select * from every order by conversation_id, position""",  # noqa: S608 - names of our own
    "texts": """
        with said as (
            select text_id from read_parquet($left) union select rewritten_id from read_parquet($left)
            union select response_id from read_parquet($left)
            union select unnest(hypotheses).text_id from read_parquet($left)
        )
        select * from read_parquet($file) where text_id in (from said) order by text_id""",
    "unknown": """
        select * from read_parquet($file)
        where coalesce(conversation_id, '') not in (select conversation_id from read_parquet($every) where user_id = $own)
          and coalesce(conversation_id, '') <> $user
          and not regexp_matches(payload, '(^|[^0-9A-Za-z])' || regexp_escape($user) || '($|[^0-9A-Za-z])')
        order by conversation_id, "at", kind, payload, source, line""",
    "quarantine": """
        select * from read_parquet($file) where not contains(coalesce("start", ''), $user) and not contains(reason, '`' || $user || '`')
        order by source, line, reason, "start" """,
}


def _make_durable(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _digest(path: Path) -> str:
    mark = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            mark.update(chunk)
    return mark.hexdigest()
