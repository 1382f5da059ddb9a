"""Tables too large for memory or for one machine: SQL by DuckDB over Parquet, CSV and JSON lines.

A query is our own text and never made from somebody's data: values and file
names are parameters (`$name`). DuckDB may read the named directories and
nothing else: no other file, no network, no extension, no further configuration.

What does not fit one query is two: a *partial* query per partition, in guarded
children or on a cluster, and a *merge* query over all their rows, in the table
`partials`. Let partial queries return sufficient statistics (counts, sums, rows
of a histogram), not averages: those can be merged exactly.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias

from probatum.errors import MissingExtra, ProbatumError
from probatum.runner import Crashed, Done, Failed, Json, OutOfMemory, Result, Runner, TimedOut

Partition: TypeAlias = "Path | Sequence[Path]"
Row: TypeAlias = dict[str, Any]

# Types whose values survive the way through text. Also a fence: a type's name comes from a child and becomes SQL.
_NUMBER = r"U?(?:TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|FLOAT|DOUBLE|DECIMAL\(\d+,\d+\)"
_CARRIED = re.compile(rf"(?:{_NUMBER})(?:\[\])?|BOOLEAN|VARCHAR|DATE|TIME|TIMESTAMP|INTERVAL|UUID|BLOB")


class QueryFailed(ProbatumError):
    """A query cannot be answered: it is wrong, a file is, or a limit was reached."""


class Tables:
    """A locked-down database over the files of some directories. A context manager; not to be shared between threads."""

    def __init__(
        self, *directories: Path, memory_bytes: int | None = None, threads: int | None = None, spill: Path | None = None
    ) -> None:
        """Open.

        Parameters
        ----------
        *directories : Path
            What may be read, with everything below.
        memory_bytes : int, optional
            What DuckDB may use; by default four fifths of the machine's.
        threads : int, optional
            By default one for each processor.
        spill : Path, optional
            A directory for what does not fit into memory; by default a query that needs more fails.

        Raises
        ------
        MissingExtra
            If DuckDB is not installed.
        """
        self._directories = [directory.resolve() for directory in directories]
        self._connection = _locked([str(directory) for directory in self._directories], memory_bytes, threads, spill)
        self._questions = 0

    def sql(self, query: str, **params: Json | Path | Sequence[Path]) -> list[Row]:
        """Answer one SELECT.

        Parameters
        ----------
        query : str
            Refers to its parameters as `$name`.
        **params
            JSON values, and files as `Path` or sequence of `Path`, for
            `read_parquet($name)` and its like. A name with `*` in it is the file
            of that name.

        Returns
        -------
        list of dict
            One per row; values as DuckDB's Python types.

        Raises
        ------
        QueryFailed
            If it is not one SELECT, is wrong, or a file is outside the directories or not readable.
        """
        self._questions += 1
        return _rows(self._connection, query, {name: self._bound(value) for name, value in params.items()})

    def keep(self, name: str, query: str, **params: Json | Path | Sequence[Path]) -> None:
        """Keep the answer to one SELECT in memory, as a table of that name, in the order of its rows; one that is there is replaced.

        Raises
        ------
        QueryFailed
            As `sql`; also if there is not enough memory.
        """
        bound = {key: self._bound(value) for key, value in params.items()}
        self._questions += 1
        try:
            select = _one_select(self._connection, query)
            self._connection.execute(f"create or replace temp table {_quoted(name)} as {select}", bound)
        except _database_error() as error:
            raise QueryFailed(f"the query cannot be answered: {_first_line(error)}") from error

    def arrays(self, query: str, **params: Json | Path | Sequence[Path]) -> dict[str, Any]:
        """Answer one SELECT with a NumPy array for each column, in the order of its rows.

        Returns
        -------
        dict of str to numpy.ndarray
            Masked arrays where a column has nulls; texts as Python objects.

        Raises
        ------
        QueryFailed
            As `sql`.
        """
        bound = {name: self._bound(value) for name, value in params.items()}
        self._questions += 1
        try:
            self._connection.execute(_one_select(self._connection, query), bound)
            return dict(self._connection.fetchnumpy())
        except _database_error() as error:
            raise QueryFailed(f"the query cannot be answered: {_first_line(error)}") from error

    def stream(self, query: str, *, size: int = 10_000, **params: Json | Path | Sequence[Path]) -> Iterator[list[Row]]:
        """Answer one SELECT in batches of at most `size` rows, so that the answer may be larger than memory.

        Nothing else may be asked until the last batch was taken.

        Raises
        ------
        QueryFailed
            As `sql`, also while batches are taken.
        RuntimeError
            If something else was asked before the last batch was taken: the database would end the answer there, as if it were whole.
        """
        bound = {name: self._bound(value) for name, value in params.items()}
        self._questions += 1
        own = self._questions
        try:
            self._connection.execute(_one_select(self._connection, query), bound)
            names = [column[0] for column in self._connection.description]
            while rows := self._connection.fetchmany(size):
                yield [dict(zip(names, row, strict=True)) for row in rows]
                if self._questions != own:
                    raise RuntimeError("something else was asked while an answer was taken in batches, which ends it")
        except _database_error() as error:
            raise QueryFailed(f"the query cannot be answered: {_first_line(error)}") from error

    def write(self, target: Path, query: str, **params: Json | Path | Sequence[Path]) -> None:
        """Write the answer to one SELECT as a Parquet file, in the order of its rows; a file that is there is replaced.

        Parameters
        ----------
        target : Path
            Inside one of the directories.

        Raises
        ------
        QueryFailed
            As `sql`; also if the file cannot be written.
        """
        bound = {name: self._bound(value) for name, value in params.items()}
        path = target.resolve()
        if not any(path.is_relative_to(directory) for directory in self._directories):
            raise QueryFailed(f"`{target}` is outside the directories that may be written")
        self._questions += 1
        try:
            select = _one_select(self._connection, query)
            # The name of the file cannot be a parameter.
            named = "'" + str(path).replace("'", "''") + "'"
            self._connection.execute(f"copy ({select}\n) to {named} (format parquet, compression zstd)", bound)
        except _database_error() as error:
            raise QueryFailed(f"the table cannot be written: {_first_line(error)}") from error

    def aggregate(
        self,
        partial_sql: str,
        merge_sql: str,
        partitions: Sequence[Partition],
        runner: Runner,
        *,
        timeout_s: float = 3600.0,
        memory_bytes: int | None = None,
        retries: int = 0,
        params: Mapping[str, Json] | None = None,
    ) -> list[Row]:
        """Run a partial query on every partition and one query over all that they return.

        Parameters
        ----------
        partial_sql : str
            A SELECT over the files `$files`, such as `read_parquet($files)`.
            Columns must be numbers, text, truth values, times, or lists of numbers.
        merge_sql : str
            A SELECT over the table `partials`: the rows of all partial queries,
            in the order of the partitions, with their columns.
        partitions : sequence of Path or of sequences of Path, not empty
        runner : Runner
            Where partial queries run; its machines must see the files under the same names.
        timeout_s, memory_bytes, retries
            Of each partial query; see `Runner.map`.
        params : mapping of str to JSON, optional
            Further parameters of the partial query.

        Raises
        ------
        QueryFailed
            If any query cannot be answered: a sum over some of the data is not an answer.
        """
        if not partitions:
            raise QueryFailed("there are no partitions to aggregate", help="name at least one file")
        files = [self._bound([part] if isinstance(part, Path) else list(part)) for part in partitions]
        answers: dict[int, list[Any]] = {}
        results = runner.map(
            "probatum.runner.tables:partial",
            ({"sql": partial_sql, "params": {**(params or {}), "files": names}} for names in files),
            timeout_s=timeout_s,
            memory_bytes=memory_bytes,
            retries=retries,
            setup="probatum.runner.tables:open_in_child",
            setup_argument={"directories": [str(directory) for directory in self._directories]},
        )
        try:
            for result in results:
                if not isinstance(result, Done):
                    raise QueryFailed(f"the partial query on `{files[result.index][0]}` has no answer: {_why(result)}")
                answers[result.index] = [result.value["names"], result.value["types"], result.value["rows"]]
        finally:
            close = getattr(results, "close", None)
            if close is not None:
                close()
        return _merged(merge_sql, [answers[index] for index in range(len(files))], [names[0] for names in files])

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _bound(self, value: Json | Path | Sequence[Path]) -> Json:
        if isinstance(value, Path):
            # DuckDB compares names, so a link could lead out of the directories: what is named is where it leads.
            path = value.resolve()
            if not any(path.is_relative_to(directory) for directory in self._directories):
                raise QueryFailed(f"`{value}` is outside the directories that may be read")
            return glob.escape(str(path))
        if isinstance(value, list | tuple):
            # Files are among files only: of values, of which there may be millions, none is looked at.
            return (
                [self._bound(one) for one in value] if any(isinstance(one, Path | list | tuple) for one in value[:1]) else value
            )
        return value


_child: list[Any] = []  # the connection of this process, if it is a child


def open_in_child(argument: dict[str, Any]) -> None:
    """Open the database of a child: the setup of `aggregate`."""
    _child[:] = [_locked(argument["directories"], None, 1)]


def partial(item: dict[str, Any]) -> dict[str, Json]:
    """Answer a partial query in a child: names, types and rows, with every value as text or null."""
    [connection] = _child
    sql, params = _one_select(connection, item["sql"]), item["params"]
    described = connection.execute(f"describe {sql}", params).fetchall()
    names, types = [str(row[0]) for row in described], [str(row[1]) for row in described]
    for name, kind in zip(names, types, strict=True):
        if _CARRIED.fullmatch(kind) is None:
            raise QueryFailed(f"the column `{name}` of a partial query is {kind}", help="return its parts as columns, or cast it")
    columns = ", ".join(f"cast(p.{_quoted(f'c{n}')} as varchar)" for n in range(len(names)))
    aliases = ", ".join(_quoted(f"c{n}") for n in range(len(names)))
    rows = connection.execute(f"select {columns} from ({sql}\n) as p({aliases})", params).fetchall()  # noqa: S608 - names of our own
    return {"names": names, "types": types, "rows": [list(row) for row in rows]}


def _merged(merge_sql: str, answers: list[list[Any]], labels: list[str]) -> list[Row]:
    names, types, _ = answers[0]
    for (other_names, other_types, _), label in zip(answers, labels, strict=True):
        if (other_names, other_types) != (names, types):
            raise QueryFailed(
                f"the partial query on `{label}` gives columns {_listed(other_names, other_types)}, "
                f"on `{labels[0]}` {_listed(names, types)}",
                help="cast the columns in the partial query, so that all partitions agree",
            )
    if not all(isinstance(kind, str) and _CARRIED.fullmatch(kind) for kind in types):
        raise QueryFailed("a child named a type that is not one of those that are carried")
    with closing(_locked([], None, None)) as connection:
        columns = ", ".join(f"{_quoted(str(name))} {kind}" for name, kind in zip(names, types, strict=True))
        casts = ", ".join(f"cast(r[{n + 1}] as {kind})" for n, kind in enumerate(types))
        try:
            connection.execute(f"create table partials ({columns})")
            for _, _, rows in answers:
                if rows:
                    connection.execute(
                        f"insert into partials select {casts} from (select unnest(cast($rows as varchar[][])) as r)",  # noqa: S608 - types are fenced
                        {"rows": rows},
                    )
        except _database_error() as error:
            raise QueryFailed(f"the partial results cannot be put together: {_first_line(error)}") from error
        return _rows(connection, merge_sql, {})


def _rows(connection: Any, query: str, params: Mapping[str, Json]) -> list[Row]:
    try:
        connection.execute(_one_select(connection, query), params)
        names = [column[0] for column in connection.description]
        return [dict(zip(names, row, strict=True)) for row in connection.fetchall()]
    except _database_error() as error:
        raise QueryFailed(f"the query cannot be answered: {_first_line(error)}") from error


def _one_select(connection: Any, query: str) -> str:
    """Return the query without semicolon; only a SELECT, because COPY could write where we read."""
    import duckdb

    statements = connection.extract_statements(query)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise QueryFailed("a query must be one SELECT")
    return query.strip().rstrip(";")


def _locked(directories: list[str], memory_bytes: int | None, threads: int | None, spill: Path | None = None) -> Any:
    """Open a database in memory that reads these directories and can do nothing else."""
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtra("tables need DuckDB, which is not installed", help="pip install 'probatum[tables]'") from error
    connection = duckdb.connect(":memory:")
    # A file's name arrives with its wildcards escaped, and DuckDB compares names as they are written.
    forms = dict.fromkeys(form for directory in directories for form in (directory, glob.escape(directory)))
    listed = ", ".join("'" + form.replace("'", "''") + "'" for form in forms)
    settings = [
        f"allowed_directories = [{listed}]",
        f"temp_directory = '{'' if spill is None else str(spill.resolve()).replace(chr(39), chr(39) * 2)}'",
        "autoinstall_known_extensions = false",
        "autoload_known_extensions = false",
        "allow_community_extensions = false",
        "python_enable_replacements = false",  # a query must not see Python's variables
        "enable_external_access = false",
    ]
    if memory_bytes is not None:
        settings.append(f"memory_limit = '{int(memory_bytes)}B'")
    if threads is not None:
        settings.append(f"threads = {int(threads)}")
    for setting in [*settings, "lock_configuration = true"]:  # INVARIANT: the lock is last
        connection.execute(f"set {setting}")
    return connection


def _database_error() -> type[Exception]:
    import duckdb

    error: type[Exception] = duckdb.Error
    return error


def _why(result: Result) -> str:
    match result:
        case Failed(_, error, message, _):
            return next((line.strip() for line in message.splitlines() if line.strip()), error)
        case TimedOut(_, limit_s):
            return f"not done after {limit_s:g} s"
        case OutOfMemory():
            return "out of memory"
        case Crashed(_, detail):
            return detail.splitlines()[0]
        case _:
            return "no reason was given"


def _first_line(error: BaseException) -> str:
    return next((line.strip() for line in str(error).splitlines() if line.strip()), type(error).__name__)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _listed(names: list[str], types: list[str]) -> str:
    return ", ".join(f"`{name}` {kind}" for name, kind in zip(names, types, strict=True))
