"""The conversations of a policy, read once and asked in SQL."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from probatum.dialogue.artefacts import MANIFEST, beside
from probatum.dialogue.artefacts.importers.formats import IMPORTERS, importer_of
from probatum.dialogue.artefacts.intake import Intake, LogFile, intake
from probatum.dialogue.artefacts.policy import Log, Policy
from probatum.dialogue.artefacts.store import read_manifest
from probatum.dialogue.artefacts.tables import TURNS
from probatum.dialogue.artefacts.unfinished import refuse_unfinished
from probatum.errors import UnreadableArtefact
from probatum.runner import Json
from probatum.runner.tables import Row, Tables
from probatum.sharing import Shared
from probatum.source import DATA, Data, Location, Source

T = TypeVar("T")

_MEMORY = 1_500_000_000  # bytes that DuckDB may use
_names = ("turns", "texts", "unknown", "quarantine")


@dataclass(frozen=True, slots=True)
class Conversations:
    """Tables of conversations, as `artefacts.tables` describes them, and the database that reads them.

    In a query, `{turns}`, `{texts}`, `{unknown}` and `{quarantine}` stand for the tables.

    Attributes
    ----------
    taken : Intake
        What became of each log.
    """

    taken: Intake
    _folder: Path
    _tables: Tables
    _made: dict[str, Any] = field(default_factory=dict, compare=False)

    def once(self, name: str, make: Callable[[Conversations], T]) -> T:
        """Return what is made of these conversations, made when it is first asked for under that name."""
        if name not in self._made:
            self._made[name] = make(self)
        made: T = self._made[name]
        return made

    def sql(self, query: str, **params: Json) -> list[Row]:
        """Answer one SELECT; see `Tables.sql`."""
        return self._tables.sql(self._placed(query), **self._files(query), **params)

    def arrays(self, query: str, **params: Json) -> dict[str, Any]:
        """Answer one SELECT with a NumPy array for each column; see `Tables.arrays`."""
        return self._tables.arrays(self._placed(query), **self._files(query), **params)

    def stream(self, query: str, *, size: int = 10_000, **params: Json) -> Iterator[list[Row]]:
        """Answer one SELECT in batches; see `Tables.stream`. Nothing else may be asked until the last was taken."""
        return self._tables.stream(self._placed(query), size=size, **self._files(query), **params)

    def keep(self, name: str, query: str, **params: Json) -> None:
        """Keep the answer to one SELECT as a table of that name; see `Tables.keep`."""
        self._tables.keep(name, self._placed(query), **self._files(query), **params)

    def free(self, name: str) -> str:
        """Return a name like this one that no kept table has."""
        self._made[f"tables {name}"] = number = self._made.get(f"tables {name}", 0) + 1
        return f"{name}_{number}"

    def _placed(self, query: str) -> str:
        for name in _names:
            if f"{{{name}}}" in query:
                query = query.replace(f"{{{name}}}", self._relation(name))
        return query

    def _relation(self, name: str) -> str:
        """Return SQL for a table; columns that an earlier version did not write are null."""
        if name != "turns":
            return f"read_parquet(${name})"
        if "relation" not in self._made:
            self._made["relation"] = self._with_all_columns()
        relation: str = self._made["relation"]
        return relation

    def _with_all_columns(self) -> str:
        have = {
            row["column_name"]
            for row in self._tables.sql("describe select * from read_parquet($turns)", turns=self._folder / "turns.parquet")
        }
        lacking = "".join(f", null::{kind} as {column}" for column, kind in TURNS.items() if column not in have)
        return f"(select *{lacking} from read_parquet($turns))" if lacking else "read_parquet($turns)"  # noqa: S608 - names of our own

    # Any: the files stand beside values of JSON, as parameters of the same query.
    def _files(self, query: str) -> dict[str, Any]:
        return {name: self._folder / f"{name}.parquet" for name in _names if f"{{{name}}}" in query}


_shared: Shared[Conversations] = Shared("conversations")
sharing = _shared.sharing


@contextmanager
def opened(policy: Policy, inputs: Mapping[str, Source]) -> Iterator[Conversations]:
    """Open the logs of a policy for as long as the context lasts.

    Parameters
    ----------
    policy : Policy
    inputs : mapping of str to Source
        The logs, as the engine hands them to rules and to checks of evidence: `data:` and their path.

    Raises
    ------
    UnreadableArtefact
        If a log is not there, cannot be read as a whole, or is of no known format.
    MissingExtra
        If DuckDB is not installed.
    """
    folder = _folder(policy, inputs)
    sources = [folder] if folder is not None else [_source(policy, log, inputs) for log in policy.logs]
    name = (policy.digest, *(id(source) for source in sources))
    with _shared.opened(name, lambda stack: stack.enter_context(_opened(policy, sources)), keep=sources) as conversations:
        yield conversations


@contextmanager
def stored(folder: Path, *, half_forgotten: bool = False) -> Iterator[Conversations]:
    """Open a folder into which logs were imported; see `artefacts.store`.

    `half_forgotten` is for who forgets a user: to open it before all that was made of it is without the user.

    Raises
    ------
    UnreadableArtefact
        If nothing was imported into it, its manifest is damaged, or forgetting a user was interrupted.
    """
    if not half_forgotten:
        refuse_unfinished(folder)
    held = read_manifest(folder)
    if held is None:
        raise UnreadableArtefact(
            f"nothing was imported into `{folder}`",
            help="import logs with `probatum dialogue import LOG... --to FOLDER`",
            location=Location(str(folder)),
        )
    with Tables(held.folder, memory_bytes=_MEMORY) as tables:
        yield Conversations(held.intake, held.folder, tables)


@contextmanager
def logged(places: Sequence[Path], *, key: bytes = b"") -> Iterator[Conversations]:
    """Open one folder into which logs were imported, or logs of any format that is recognised.

    Parameters
    ----------
    places : sequence of Path
    key : bytes
        Of pseudonyms, for logs; a folder has its own.

    Raises
    ------
    UnreadableArtefact
        If something is not there or cannot be read, or there are folders beside other things.
    """
    folders = [place for place in places if place.is_dir()]
    if folders and len(places) > 1:
        raise UnreadableArtefact(
            f"`{folders[0]}` is a folder of imported logs, and is read alone",
            help="import the other logs into it with `probatum dialogue import LOG... --to FOLDER`",
            location=Location(str(folders[0])),
        )
    if folders:
        with stored(folders[0]) as conversations:
            yield conversations
        return
    with tempfile.TemporaryDirectory(prefix="probatum-") as name:
        folder = Path(name)
        taken = intake([LogFile(place.as_posix(), place) for place in places], folder, IMPORTERS, key=key)
        with Tables(folder, memory_bytes=_MEMORY, spill=folder) as tables:
            yield Conversations(taken, folder, tables)


@contextmanager
def _opened(policy: Policy, sources: Sequence[Source]) -> Iterator[Conversations]:
    if isinstance(sources[0], Data) and Path(sources[0].place).name == MANIFEST:
        with stored(Path(sources[0].place).parent) as conversations:
            yield conversations
        return
    with tempfile.TemporaryDirectory(prefix="probatum-") as name:
        folder = Path(name)
        logs = []
        for number, (log, source) in enumerate(zip(policy.logs, sources, strict=True)):
            place = Path(source.place) if isinstance(source, Data) else folder / f"log-{number}"
            if not isinstance(source, Data):
                place.write_bytes(source.raw)
            logs.append(LogFile(source.path, place, importer_of(log.format, log.mapping, log.notation), log.locale))
        # Pseudonyms need no key: the tables are seen by nobody, and are gone when the rules have run.
        taken = intake(logs, folder, IMPORTERS)
        with Tables(folder, memory_bytes=_MEMORY, spill=folder) as tables:
            yield Conversations(taken, folder, tables)


def _folder(policy: Policy, inputs: Mapping[str, Source]) -> Source | None:
    """Return the manifest of the folder of imported logs that a policy names; None if it names logs."""
    for log in policy.logs:
        place = beside(policy.location.path, log.path.rstrip("/"))
        manifest = inputs.get(f"{DATA}{place}/{MANIFEST}") if place is not None else None
        if manifest is not None and len(policy.logs) > 1:
            raise UnreadableArtefact(
                f"`{log.path}` is a folder of imported logs, and is read alone",
                help="import the other logs into it with `probatum dialogue import LOG... --to FOLDER`",
                location=log.location,
            )
        if manifest is not None and (log.format != "auto" or log.mapping):
            raise UnreadableArtefact(
                f"`{log.path}` is a folder of imported logs, which have no format any more",
                help="leave out `format` and `mapping`",
                location=log.location,
            )
        if manifest is not None:
            return manifest
    return None


def _source(policy: Policy, log: Log, inputs: Mapping[str, Source]) -> Source:
    place = beside(policy.location.path, log.path)
    source = inputs.get(DATA + place) if place is not None else None
    if source is None:
        raise UnreadableArtefact(
            f"the log `{log.path}` is {'outside the checked directory' if place is None else 'not there'}",
            help="name a log, or a folder that `probatum dialogue import` wrote, inside the checked directory, by its path relative "
            "to the policy",
            location=log.location,
        )
    try:
        importer_of(log.format, log.mapping, log.notation)
    except LookupError as problem:
        raise UnreadableArtefact(str(problem.args[0]), help=problem.args[1], location=log.location) from None
    return source
