"""Writing made tables, so that nobody takes them for real: the file says it, every column says it, a file beside it says it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra, UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def write(
    columns: Mapping[str, NDArray[np.generic]],
    place: Path,
    *,
    notice: str,
    described: Mapping[str, str],
    made_by: Mapping[str, Any],
) -> Path:
    """Write a table as Parquet or CSV, and what it is beside it.

    Parameters
    ----------
    columns : mapping of str to array of shape (n,)
    place : Path
        Ends in `.parquet` or `.csv`.
    notice : str
        Says that the table is made.
    described : mapping of str to str
        Each column in a line.
    made_by : mapping of str to JSON
        How it can be made again.

    Returns
    -------
    Path
        Of the description: JSON in the vocabulary of CSV on the Web (W3C), named `<table>-metadata.json`.

    Raises
    ------
    UsageError
        If the name has another ending.
    MissingExtra
        If DuckDB is not installed.
    """
    ending = place.suffix.lower()
    if ending not in (".parquet", ".csv"):
        raise UsageError(f"`{place.name}` is neither Parquet nor CSV", help="let the name end in `.parquet` or `.csv`")
    try:
        import duckdb
    except ImportError as error:
        raise MissingExtra(
            "tables are written by DuckDB, which is not installed", help="pip install 'probatum[fairness]'"
        ) from error
    facts = {"notice": notice, "made by": json.dumps(dict(made_by), sort_keys=True)}
    facts |= {f"column {name}": described[name] for name in columns}
    with duckdb.connect() as database:
        database.register("made", {name: _plain(values) for name, values in columns.items()})
        target = _quoted(str(place))
        if ending == ".csv":
            database.execute(f"copy made to {target} (format csv, header true)")
        else:
            pairs = ", ".join(f"{_quoted(name)}: {_quoted(text)}" for name, text in facts.items())
            database.execute(f"copy made to {target} (format parquet, kv_metadata {{{pairs}}})")
    beside = place.with_name(f"{place.name}-metadata.json")
    described_table = {
        "@context": "http://www.w3.org/ns/csvw",
        "url": place.name,
        "dc:description": notice,
        "dc:source": dict(made_by),
        "tableSchema": {"columns": [{"name": name, "dc:description": described[name]} for name in columns]},
    }
    beside.write_text(json.dumps(described_table, indent=2) + "\n", encoding="utf-8")
    return beside


def _plain(values: NDArray[np.generic]) -> NDArray[np.generic]:
    """Text as objects: the form in which DuckDB takes it."""
    import numpy as np

    return values.astype(np.object_) if values.dtype.kind == "U" else values


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
