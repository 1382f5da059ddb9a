"""Files of tables that DuckDB does not read by itself: Arrow's, with pyarrow where it is installed, and databases of DuckDB."""

from __future__ import annotations

import importlib
from pathlib import Path, PurePosixPath
from typing import Any

from probatum.errors import MissingExtra, UnreadableArtefact
from probatum.runner.tables import Tables
from probatum.source import Data, Location, Source

ARROW = (".arrow", ".feather", ".ipc")
DATABASE = (".duckdb",)


def arrow_table(source: Source) -> Any:
    """Return the table in a file of Arrow: of the file or the stream format, or Feather of either version.

    Raises
    ------
    MissingExtra
        If pyarrow is not installed.
    UnreadableArtefact
        If it is none.
    """
    try:
        arrow = importlib.import_module("pyarrow")
        feather = importlib.import_module("pyarrow.feather")
    except ImportError as error:
        raise MissingExtra(
            f"reading `{source.path}` needs pyarrow, which is not installed",
            help="pip install 'probatum[arrow]', or write Parquet",
        ) from error
    # Rules run with little address space: Arrow's own allocator and its threads would reserve more than that.
    arrow.set_memory_pool(arrow.system_memory_pool())
    arrow.set_cpu_count(1)
    reasons = []
    for read in (
        lambda file: arrow.ipc.open_file(file).read_all(),
        lambda file: arrow.ipc.open_stream(file).read_all(),
        feather.read_table,
    ):
        try:
            file = arrow.memory_map(source.place) if isinstance(source, Data) else arrow.BufferReader(source.raw)
            return read(file)
        except (arrow.ArrowException, OSError, ValueError) as error:
            reasons.append(str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__)
    raise UnreadableArtefact(
        f"`{source.path}` cannot be read as a table of Arrow ({reasons[0]})",
        help="write it with pyarrow, pandas' `to_feather` or polars' `write_ipc`, or write Parquet",
        location=Location(source.path),
    )


class Database(Tables):
    """A database file of DuckDB, opened for reading, and nothing else. A context manager."""

    def __init__(self, place: Path, path: str, *, memory_bytes: int | None = None) -> None:
        """Open; the table is `source`.

        Raises
        ------
        UnreadableArtefact
            If it is no such file, another process writes to it, or which table is meant does not follow.
        """
        import duckdb

        super().__init__(place.parent, memory_bytes=memory_bytes)
        try:
            named = "'" + str(place.resolve()).replace("'", "''") + "'"
            self._connection.execute(f"attach {named} as held (read_only)")
            rows = self.sql(
                "select schema_name as s, table_name as t from duckdb_tables() where database_name = 'held' and not internal "
                "union all select schema_name, view_name from duckdb_views() where database_name = 'held' and not internal "
                "order by all"
            )
        except duckdb.Error as error:
            self.close()
            reason = str(error).strip().splitlines()[0].replace(str(place.resolve()), path)
            raise UnreadableArtefact(
                f"`{path}` cannot be read as a database of DuckDB ({reason})",
                help="close other programs that write to it, or export the table as Parquet",
                location=Location(path),
            ) from None
        own = [row for row in rows if row["t"].lower() == PurePosixPath(path).stem.lower()]
        meant = rows if len(rows) == 1 else own
        if len(meant) != 1:
            self.close()
            listed = ", ".join(f"`{row['t']}`" for row in rows[:5]) + (", ..." if len(rows) > 5 else "")
            raise UnreadableArtefact(
                f"`{path}` has {f'the tables {listed}' if rows else 'no table'}, and none is called as the file, "
                f"`{PurePosixPath(path).stem}`",
                help="name the table of decisions as the file, add a view of that name, or export it as Parquet",
                location=Location(path),
            )
        self.source = ".".join('"' + part.replace('"', '""') + '"' for part in ("held", meant[0]["s"], meant[0]["t"]))
