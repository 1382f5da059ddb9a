"""A folder of imported conversations: tables, and a manifest that says what they came from.

The manifest is replaced last, and names the folder in which the tables are: who reads while logs
are imported sees what was there before, and an import that stops leaves nothing half done. A
log that is there already, by the digest of its bytes, is not taken in again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
import shutil
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from probatum.dialogue.artefacts import MANIFEST, TABLES
from probatum.dialogue.artefacts.importers import Importer
from probatum.dialogue.artefacts.intake import Intake, LogFile, Read, intake
from probatum.dialogue.artefacts.tables import SCHEMA
from probatum.dialogue.artefacts.unfinished import alone, refuse_unfinished
from probatum.errors import ProbatumError, UnreadableArtefact
from probatum.source import Location

_MEMORY = 2_000_000_000  # bytes that DuckDB may use


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What a folder holds.

    Attributes
    ----------
    folder : Path
        With `turns.parquet` and the others.
    intake : Intake
        What became of each log, of all imports together.
    digests : dict of str to str
        Digest of a log's bytes -> what it was called.
    key_check : str
        Tells whether a key is the one of the pseudonyms, and nothing else of it.
    contents : dict of str to str
        Digest of a log's bytes alone -> that in `digests`, which is also of how they were read.
    """

    folder: Path
    intake: Intake
    digests: dict[str, str]
    key_check: str
    contents: dict[str, str] = field(default_factory=dict)


def key_of(path: Path) -> bytes:
    """Return the key in a file, which is made, readable by its owner only, if it is not there.

    Raises
    ------
    UnreadableArtefact
        If it cannot be read or made, or is no key.
    """
    try:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            text = path.read_text(encoding="ascii").strip()
        else:
            text = secrets.token_hex(32)
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(text + "\n")
        key = bytes.fromhex(text)
    except (OSError, ValueError) as problem:
        why = (problem.strerror or str(problem)).lower() if isinstance(problem, OSError) else str(problem)
        raise UnreadableArtefact(
            f"the key `{path}` cannot be used ({why})",
            help="name a file of 64 hexadecimal digits, or one that is not there yet",
            location=Location(str(path)),
        ) from None
    if len(key) < 16:
        raise UnreadableArtefact(
            f"the key `{path}` is shorter than 16 bytes",
            help="name another file: a key is made there",
            location=Location(str(path)),
        )
    return key


def key_check(key: bytes) -> str:
    """Return what tells whether a key is the one of some tables, and nothing else of it."""
    return hmac.digest(key, b"probatum dialogue key", "sha256").hex()[:16]


def read_manifest(folder: Path) -> Stored | None:
    """Return what a folder holds, or None if nothing was imported into it.

    Raises
    ------
    UnreadableArtefact
        If its manifest is damaged, of a later version, or names tables that are not there.
    """
    path = folder / MANIFEST
    try:
        stored = _manifest(folder, json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as problem:
        raise UnreadableArtefact(
            f"`{path}` cannot be read ({problem})",
            help="import the logs again into an empty folder",
            location=Location(str(path)),
        ) from None
    return stored


def _manifest(folder: Path, said: Mapping[str, Any]) -> Stored:
    if said["schema"] != SCHEMA:
        raise ValueError(f"its schema is `{said['schema']}`")
    held = folder / str(said["tables"])
    missing = [name for name in TABLES if not (held / f"{name}.parquet").is_file()]
    if missing or held.parent != folder:
        raise ValueError(f"the table `{(missing or ['?'])[0]}` is not there")
    return Stored(
        folder=held,
        intake=Intake([Read(**log) for log in said["logs"]], Counter({name: int(many) for name, many in said["counts"].items()})),
        digests=dict(said["digests"]),
        key_check=str(said["key_check"]),
        contents=dict(said.get("contents", {})),  # earlier manifests have none
    )


def import_logs(logs: Sequence[LogFile], folder: Path, importers: Sequence[Importer], *, key: bytes) -> tuple[Stored, list[str]]:
    """Import logs into a folder, beside what is there; return what it holds then, and the logs that were there already.

    A log of which nothing could be read takes the place of itself when it is read in another way.
    A conversation that goes on in a later import is one conversation. A turn whose parts come
    with different imports is not put together again: import such logs at once.

    Raises
    ------
    UnreadableArtefact
        If a log or the folder cannot be read, or forgetting a user was interrupted there.
    ProbatumError
        If the folder was made with another key, another process changes it now, or a log is there that was read in another way.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder):
        refuse_unfinished(folder)
        return _import(logs, folder, importers, key)


def _import(logs: Sequence[LogFile], folder: Path, importers: Sequence[Importer], key: bytes) -> tuple[Stored, list[str]]:
    before = read_manifest(folder)
    check = key_check(key)
    if before is not None and before.key_check != check:
        raise ProbatumError(
            f"`{folder}` was made with another key, so its pseudonyms would not be those of new logs",
            help="name the key with `--key`, or import into another folder",
        )
    known = dict(before.digests) if before is not None else {}
    contents = dict(before.contents) if before is not None else {}
    fresh: list[LogFile] = []
    there: list[str] = []
    unread: set[str] = set()  # logs of which nothing could be read, and that are read in another way now
    for log in logs:
        bare, own = _digests(log)
        earlier = contents.get(bare)
        if own in known or (before is not None and earlier is not None and _alike(log, earlier, before)):
            there.append(log.path)
            continue
        if earlier is not None:
            unread.add(_replaced(log, known.pop(earlier), before, folder))
        known[own] = log.path
        contents[bare] = own
        fresh.append(log)
    if not fresh and before is not None:
        return before, there
    held = Path(tempfile.mkdtemp(prefix="tables-", dir=folder))
    try:
        taken = intake(fresh, held, importers, key=key)
        if before is not None:
            taken = _together(before, held, taken, unread)
        stored = Stored(folder=held, intake=taken, digests=known, key_check=check, contents=contents)
        write_manifest(folder, stored)
    except BaseException:
        shutil.rmtree(held, ignore_errors=True)
        raise
    if before is not None:
        shutil.rmtree(before.folder, ignore_errors=True)
    return stored, there


def _alike(log: LogFile, earlier: str, before: Stored) -> bool:
    """Whether a log would be read as it was: by the same importer, whether that was named or found out."""
    name = before.digests.get(earlier)
    used = {read.format for read in before.intake.logs if read.path == name}
    names = {"", *used} if log.importer is None else {""} if log.importer.name in used else set()
    return any(_digests(log, one)[1] == earlier for one in names)


def _replaced(log: LogFile, name: str, before: Stored | None, folder: Path) -> str:
    """Return what a log was called of which nothing could be read; refuse one of which something was."""
    reads = [read for read in before.intake.logs if read.path == name] if before is not None else []
    if len(reads) != 1 or reads[0].events or reads[0].unknown:
        raise ProbatumError(
            f"`{log.path}` was imported into `{folder}` before and read in another way, and what came of that cannot be taken out",
            help="import all logs into another folder, this one as it is to be read",
        )
    return name


def _digests(log: LogFile, name: str | None = None) -> tuple[str, str]:
    """Digests of the bytes of a log, alone and with how it is read: by `name`, if that is given."""
    if name is None:
        name = log.importer.name if log.importer else ""
    bare, mark = hashlib.sha256(), hashlib.sha256(f"{name}\0{log.locale}\0".encode())
    try:
        with log.place.open("rb") as file:
            while chunk := file.read(1 << 20):
                bare.update(chunk)
                mark.update(chunk)
    except OSError as error:
        raise UnreadableArtefact(
            f"`{log.path}` cannot be read ({(error.strerror or str(error)).lower()})",
            help="see that it is there and may be read",
            location=Location(log.path),
        ) from None
    return bare.hexdigest(), mark.hexdigest()


def write_manifest(folder: Path, stored: Stored) -> None:
    """Make a folder hold these tables, at once; or keep it with the tables, where the folder is theirs."""
    said = {
        "schema": SCHEMA,
        "tables": stored.folder.name,
        "logs": [asdict(log) for log in stored.intake.logs],
        "counts": dict(sorted(stored.intake.counts.items())),
        "digests": stored.digests,
        "key_check": stored.key_check,
        "contents": stored.contents,
    }
    temporary = folder / f".{MANIFEST}.{os.getpid()}"
    temporary.write_text(json.dumps(said, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(folder / MANIFEST)


def _together(before: Stored, held: Path, taken: Intake, unread: set[str]) -> Intake:
    """Write the tables of both imports to `held`, in which those of the new one are, without lines of logs that were `unread`."""
    from probatum.runner.tables import Tables

    queries = {
        # Conversations of both imports are numbered again; a turn of both is one.
        "turns": """
            with shared as (select conversation_id from read_parquet($old) intersect select conversation_id from read_parquet($new)),
            met as (
              select * from read_parquet($old) where conversation_id in (from shared)
              union all by name
              select n.* from read_parquet($new) n where conversation_id in (from shared) and not exists (
                select 1 from read_parquet($old) o where o.conversation_id = n.conversation_id and o.asked_at is not distinct from n.asked_at
                and (o.asked_at is not null or o.position = n.position) and o.text_id is not distinct from n.text_id)
            ), numbered as (
              select * replace ((row_number() over (partition by conversation_id order by asked_at, position, source, line) - 1)::integer
                as position) from met
            )
            select * from read_parquet($old) where conversation_id not in (from shared)
            union all by name select * from read_parquet($new) where conversation_id not in (from shared)
            union all by name
            select * replace (sha256(conversation_id || chr(0) || position::varchar)[:16] as turn_id) from numbered""",
        "texts": """select * from read_parquet($old) union all by name
            select * from read_parquet($new) n where not exists (select 1 from read_parquet($old) o where o.text_id = n.text_id)""",
        "unknown": "select * from read_parquet($old) union all by name select * from read_parquet($new)",
        "quarantine": """
            select * from read_parquet($old) where not list_contains(from_json($unread, '["VARCHAR"]'), source)
            union all by name select * from read_parquet($new)""",
    }
    counts = before.intake.counts + taken.counts
    with Tables(before.folder, held, memory_bytes=_MEMORY, threads=1) as tables:
        for name, query in queries.items():
            new = held / f"{name}.parquet"
            more = {"unread": json.dumps(sorted(unread))} if name == "quarantine" else {}
            tables.write(held / f"{name}-both.parquet", query, old=before.folder / f"{name}.parquet", new=new, **more)
        for name in queries:
            (held / f"{name}-both.parquet").replace(held / f"{name}.parquet")
        [many] = tables.sql(
            "select count(*) as turns, count(distinct conversation_id) as conversations from read_parquet($file)",
            file=held / "turns.parquet",
        )
        [texts] = tables.sql("select count(*) as n from read_parquet($file)", file=held / "texts.parquet")
    counts["duplicates"] += counts["turns"] - many["turns"]
    counts.update({"turns": many["turns"] - counts["turns"], "conversations": many["conversations"] - counts["conversations"]})
    counts["texts"] = texts["n"]
    return replace(taken, logs=[*(log for log in before.intake.logs if log.path not in unread), *taken.logs], counts=counts)
