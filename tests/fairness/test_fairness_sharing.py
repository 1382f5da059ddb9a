"""A table that is opened again while work is shared is the one that is open; what was asked is not asked again."""

from __future__ import annotations

from pathlib import Path

import pytest

from probatum.fairness.semantics.relation import opened, sharing
from probatum.source import Source

_TABLE = Source("t.csv", b"a,b\n1,x\n2,y\n")


def test_shares_one_opening_only_inside_the_context() -> None:
    with sharing():
        with opened(_TABLE) as one:
            pass
        with opened(_TABLE) as other:
            assert other is one
            assert other.sql("select count(*) as n from {table}") == [{"n": 2}]
        with opened(Source("t.csv", b"a,b\n3,z\n")) as third:
            assert third is not one
            assert third.sql("select a from {table}") == [{"a": "3"}]
    with opened(_TABLE) as alone:
        assert alone is not one


def test_tells_parameters_apart_and_hands_out_copies() -> None:
    query = "select a from {table} where b = $b"
    with opened(_TABLE) as relation:
        [first] = relation.sql(query, b="x")
        first["a"] = "changed"
        assert relation.sql(query, b="x") == [{"a": "1"}]
        assert relation.sql(query, b="y") == [{"a": "2"}]


def test_does_not_ask_the_file_twice(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    import pyarrow as pa
    import pyarrow.parquet as pq

    from probatum.source import Data

    place = tmp_path / "t.parquet"
    pq.write_table(pa.table({"a": [1, 2]}), place)
    with opened(Data("t.parquet", b"", place=str(place))) as relation:
        before = relation.sql("select sum(a) as s from {table}")
        place.unlink()
        assert relation.sql("select sum(a) as s from {table}") == before
