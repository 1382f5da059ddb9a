"""Tables as files of Arrow and of DuckDB, and in memory, say the same as CSV; what cannot be read is said in words."""

from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from held_tables import policy_of
from pyarrow import feather

from probatum.errors import UnreadableArtefact
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import gap_over_time, group_gap, measure_gap, score_gap
from probatum.fairness.semantics.columns import Sort, columns
from probatum.fairness.semantics.memory import Held
from probatum.fairness.semantics.relation import opened
from probatum.findings import Finding
from probatum.source import Data, Source
from probatum.tools import Tools

RNG = np.random.default_rng(4)
N = 600
FRAME = pd.DataFrame(
    {
        "g": np.where(np.arange(N) % 2, "x", "y"),
        "d": (RNG.random(N) < np.where(np.arange(N) % 2, 0.7, 0.2)).astype(int),
        "y": RNG.integers(0, 2, N),
        "s": RNG.normal(size=N) + 3.0 * (np.arange(N) % 2),
    }
)


def write(frame: pd.DataFrame, path: Path) -> None:
    table = pa.Table.from_pandas(frame)
    if path.name == "t.feather":
        feather.write_feather(table, path)
    elif path.name == "stream.arrow":
        with pa.OSFile(str(path), "wb") as out, pa.ipc.new_stream(out, table.schema) as writer:
            writer.write_table(table)
    elif path.suffix in (".arrow", ".ipc"):
        pl.from_pandas(frame).write_ipc(path)
    else:
        with duckdb.connect(str(path)) as connection:
            connection.register("given", frame)
            connection.execute("create table decisions as select * from given")


def checked(table: str, source: Source) -> list[Any]:
    read = policy_of(
        f"""\
        decision: {{table: {table}, decision: d, label: y, score: s}}
        protected: {{g: g}}
        require:
          - {{id: a, metric: selection_rate, over: g, at_most: 0.1}}
          - {{id: b, kind: measure, numerator: s, statistic: median, over: g, at_most: 0.1}}
          - {{id: c, kind: scores, metric: [ks, xauc], over: g, at_most: 0.1}}
          - {{id: e, kind: stream, metric: selection_rate, over: g, at_most: 0.05, window: 300}}
        """
    )
    inputs = {f"data:{table}": source}
    found = [one for rule in (group_gap, measure_gap, score_gap, gap_over_time) for one in rule.check(read, Tools(inputs=inputs))]
    assert all(isinstance(one, Finding) for one in found)
    assert [recheck(read, one.evidence, inputs).status for one in found] == ["confirmed"] * len(found)
    return [(one.message, one.evidence.low) for one in found]


@pytest.fixture(scope="module")
def expected() -> list[Any]:
    return checked("t.csv", Held("t.csv", b"", FRAME))


@pytest.mark.parametrize("name", ["t.feather", "t.arrow", "t.ipc", "stream.arrow", "t.duckdb"])
def test_files_say_what_the_table_says(name: str, tmp_path: Path, expected: list[Any]):
    write(FRAME, tmp_path / name)
    place = str(tmp_path / name)
    assert checked(name, Data(name, b"", place, "0" * 64)) == expected
    assert checked(name, Source(name, (tmp_path / name).read_bytes())) == expected


@pytest.mark.parametrize("kind", ["polars", "arrow", "duckdb", "mapping"])
def test_tables_in_memory_say_what_the_table_says(kind: str, expected: list[Any]):
    with duckdb.connect() as connection:
        connection.register("given", FRAME)
        made = {
            "polars": lambda: pl.from_pandas(FRAME),
            "arrow": lambda: pa.Table.from_pandas(FRAME),
            "duckdb": lambda: connection.sql("select * from given"),
            "mapping": lambda: {name: FRAME[name].tolist() for name in FRAME},
        }[kind]()
        assert checked("t.csv", Held("t.csv", b"", made)) == expected


def several(path: Path, names: list[str]) -> Source:
    with duckdb.connect(str(path)) as connection:
        for name in names:
            connection.execute(f'create table "{name}" as select 1 as g')
    return Data(path.name, b"", str(path), "0" * 64)


def test_of_several_tables_the_one_called_as_the_file_is_meant(tmp_path: Path):
    with opened(several(tmp_path / "loans.duckdb", ["other", "Loans"])) as relation:
        assert list(relation.columns) == ["g"]


@pytest.mark.parametrize(
    ("name", "made", "message"),
    [
        ("loans.duckdb", ["a", "b"], "has the tables `a`, `b`, and none is called as the file, `loans`"),
        ("loans.duckdb", [], "has no table"),
        ("loans.duckdb", b"nothing", "cannot be read as a database of DuckDB"),
        ("t.arrow", b"nothing", "cannot be read as a table of Arrow"),
        ("t.feather", b"", "cannot be read as a table of Arrow"),
        ("t.xlsx", b"", "not a table that can be read"),
    ],
)
def test_what_cannot_be_read_is_said(name: str, made: Any, message: str, tmp_path: Path):
    source = several(tmp_path / name, made) if isinstance(made, list) else Source(name, made)
    with pytest.raises(UnreadableArtefact, match=message), opened(source):
        pass


def test_columns_of_texts_are_read_in_parquet(tmp_path):
    """A question that is not about the table is asked, too, to learn what texts hold."""
    place = tmp_path / "t.parquet"
    FRAME.assign(day=np.where(np.arange(N) % 3, "2024-05-01", "2023-02-03")).to_parquet(place)
    with opened(Data("t.parquet", b"", place=str(place))) as relation:
        found = columns(relation)

    assert {name: column.sort for name, column in found.items() if name in ("g", "day")} == {"g": Sort.TEXT, "day": Sort.TIME}
