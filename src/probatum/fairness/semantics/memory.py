"""A table that a program holds in memory: pandas, polars, Arrow, NumPy, or a relation of DuckDB."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.runner import Json
from probatum.runner.tables import QueryFailed, Row, Tables
from probatum.source import Location, Source

NAME = "held"  # what queries call the table
_MORE = "held_more"


@dataclass(frozen=True, slots=True)
class Held(Source):
    """A table in memory, in the place of a file.

    Attributes
    ----------
    frame : Any
        A pandas or polars DataFrame, an Arrow table, a mapping of columns, or a relation of DuckDB.
    more : mapping of str to sequence
        Further columns, row by row beside those of the frame; they hide columns of the same name.
    """

    frame: Any = None
    more: Mapping[str, Any] = field(default_factory=dict)


class Memory(Tables):
    """A database that sees one table in memory, and nothing else."""

    def __init__(self, held: Held, *, memory_bytes: int | None = None) -> None:
        """Open.

        Raises
        ------
        UnreadableArtefact
            If it is no table, or columns are of different lengths.
        MissingExtra
            If DuckDB is not installed.
        """
        super().__init__(memory_bytes=memory_bytes)
        self._relation: Any = None
        if _is_relation(held.frame):
            if held.more:
                raise UnreadableArtefact(
                    f"`{held.path}` is a relation of DuckDB, whose rows have no order, and arrays were given beside it",
                    help="make them columns of the relation, and name these",
                    location=Location(held.path),
                )
            self._relation = held.frame
            return
        self._register(NAME, held.frame, held.path)
        if held.more:
            self._register(_MORE, {name: _column(value) for name, value in held.more.items()}, held.path)
            sizes = self.sql(f"select (select count(*) from {NAME}) as own, (select count(*) from {_MORE}) as more")  # noqa: S608 - names of our own
            if sizes[0]["own"] != sizes[0]["more"]:
                raise UnreadableArtefact(
                    f"`{held.path}` has {sizes[0]['own']:,} rows, and {', '.join(f'`{n}`' for n in held.more)} "
                    f"{sizes[0]['more']:,}",
                    help="give one value for each row",
                    location=Location(held.path),
                )

    def source(self, held: Held) -> str:
        """Return the table as SQL."""
        if not held.more:
            return NAME
        known = [row["column_name"].lower() for row in self.sql(f"select column_name from (describe select * from {NAME})")]  # noqa: S608 - a name of our own
        hidden = [name for name in held.more if name.lower() in known]
        own = f"select * exclude ({', '.join(_quoted(n) for n in hidden)}) from {NAME}" if hidden else f"select * from {NAME}"  # noqa: S608 - quoted
        if hidden and len({name.lower() for name in hidden}) == len(known):
            return _MORE
        return f"(select * from ({own}) positional join {_MORE})"  # noqa: S608 - quoted

    def sql(self, query: str, **params: Json | Path | Sequence[Path]) -> list[Row]:
        """Answer one SELECT; see `Tables.sql`."""
        if self._relation is None:
            return super().sql(query, **params)
        import duckdb

        try:
            if params:
                raise QueryFailed("a query over a relation of DuckDB has parameters")
            answer = self._relation.query(NAME, query)
            return [dict(zip(answer.columns, row, strict=True)) for row in answer.fetchall()]
        except duckdb.Error as error:
            raise QueryFailed(f"the query cannot be answered: {str(error).strip().splitlines()[0]}") from error

    def arrays(self, query: str, **params: Json | Path | Sequence[Path]) -> dict[str, Any]:
        """Answer one SELECT with a NumPy array for each column; see `Tables.arrays`."""
        if self._relation is None:
            return super().arrays(query, **params)
        import duckdb

        try:
            if params:
                raise QueryFailed("a query over a relation of DuckDB has parameters")
            return dict(self._relation.query(NAME, query).fetchnumpy())
        except duckdb.Error as error:
            raise QueryFailed(f"the query cannot be answered: {str(error).strip().splitlines()[0]}") from error

    def _register(self, name: str, frame: Any, path: str) -> None:
        import duckdb

        table = _columns(frame)
        try:
            self._connection.register(name, frame if table is None else table)
            self._connection.execute(f"describe select * from {name}").fetchall()  # noqa: S608 - a name of our own
        except (duckdb.Error, TypeError, ValueError, ImportError) as error:
            raise UnreadableArtefact(
                f"`{path}` is a `{type(frame).__name__}` that cannot be read as a table "
                f"({str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__})",
                help="give a DataFrame of pandas or polars, an Arrow table, a mapping of columns, or a relation of DuckDB",
                location=Location(path),
            ) from None


def _columns(frame: Any) -> dict[str, Any] | None:
    """Return columns as arrays, if the frame is made of such; None for what DuckDB reads as it is."""
    import numpy as np

    if isinstance(frame, Mapping):
        return {str(name): _column(value) for name, value in frame.items()}
    if isinstance(frame, np.ndarray):
        wide = frame.reshape(len(frame), -1) if frame.ndim else frame.reshape(1, 1)
        return {f"x{n}": np.ascontiguousarray(wide[:, n]) for n in range(wide.shape[1])}
    names = frame.columns if hasattr(frame, "iloc") else None  # of a lazy frame, to ask for them costs
    if names is not None and not all(isinstance(name, str) for name in names):
        return {str(name): _column(frame.iloc[:, n]) for n, name in enumerate(names)}
    return None


def _column(values: Any) -> Any:
    import numpy as np

    array = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.dtype.kind == "U":
        return array.astype(object)
    if array.dtype.kind == "O":  # texts beside numbers are read as texts
        plain = [None if is_missing(value) else value for value in array]
        if any(isinstance(value, str) for value in plain):
            plain = [None if value is None else str(value) for value in plain]
        array = np.empty(len(plain), dtype=object)
        array[:] = plain
    return np.ascontiguousarray(array)


def is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN, or pandas' NA, which is neither equal to anything nor not."""
    if value is None:
        return True
    try:
        return bool(value != value)  # noqa: PLR0124 - NaN differs from itself
    except (TypeError, ValueError):
        return True


def _is_relation(frame: Any) -> bool:
    return type(frame).__name__ == "DuckDBPyRelation"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
