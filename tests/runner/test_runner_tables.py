"""Tables: partial and merge say what one query says, and a query reaches its inputs only."""

import math
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.runner import runner_for
from probatum.runner.tables import QueryFailed, Tables

HOSTILE = [
    "a*.parquet",
    "a?.parquet",
    "q[1].parquet",
    "x'); drop table partials; --.parquet",
    'quo"te.parquet',
    "$files.parquet",
    "ü\n.parquet",
]


def write(path, sql):
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as connection:
        connection.execute(f"copy ({sql}) to '{str(path).replace(chr(39), chr(39) * 2)}' (format parquet)")
    return path


@pytest.fixture
def inputs(tmp_path):
    """Ten thousand decisions in four files."""
    for part in range(4):
        write(
            tmp_path / "in" / f"{part}.parquet",
            "select hash(i) % 5 as grp, i % 7 = 0 as refused, (hash(i, 1) % 1000)::integer as score, "  # noqa: S608 - a range
            f"date '2024-01-01' + (i % 30)::integer as day from range({part * 2500}, {part * 2500 + 2500}) t(i)",
        )
    return tmp_path / "in"


PARTIAL = """
select grp, count(*) as n, count(*) filter (refused) as refused, sum(score) as total, sum(score::hugeint * score) as squares,
       min(day) as first, max(score / 7) as highest
from read_parquet($files) where score >= $least group by grp -- with a comment at the end"""
MERGE = """
select grp, sum(n) as n, sum(refused) as refused, sum(total) as total, sum(squares) as squares, min(first) as first, max(highest) as highest
from partials group by grp order by grp"""


@pytest.mark.parametrize("kind", ["local", pytest.param("on_ray", marks=pytest.mark.slow)])
def test_partial_and_merge_equal_one_query_over_everything(request, inputs, kind):
    runner = request.getfixturevalue(kind)
    parts = sorted(inputs.iterdir())
    with Tables(inputs) as tables:
        whole = tables.sql(PARTIAL.replace(" --", " order by grp --"), files=parts, least=100)

        merged = tables.aggregate(PARTIAL, MERGE, [parts[0], parts[1:3], parts[3]], runner, timeout_s=60, params={"least": 100})

    assert merged == whole
    assert len(whole) == 5


@pytest.mark.slow
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.floats(), st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), st.integers(-(2**127), 2**127 - 1)
)
def test_values_cross_from_partial_to_merge_unchanged(local, number, text, integer):
    row_sql = f"select '{number}'::double as d, $text as t, '{integer}'::hugeint as h, null::date as n, [1.5, null] as l, $files[1] is not null as b"
    with Tables(Path.cwd()) as tables:
        [row] = tables.aggregate(
            row_sql, "select * from partials", [Path.cwd() / "any"], local, timeout_s=60, params={"text": text}
        )

    assert row["d"] == number or (math.isnan(number) and math.isnan(row["d"]))
    assert (row["t"], row["h"], row["n"], row["b"]) == (text, integer, None, True)
    assert [None if one is None else float(one) for one in row["l"]] == [1.5, None]


def test_an_empty_partition_adds_nothing(local, inputs):
    parts = sorted(inputs.iterdir())
    with Tables(inputs) as tables:
        rows = tables.aggregate(
            PARTIAL, "select count(*) as n from partials", parts, local, timeout_s=60, params={"least": 10**6}
        )

    assert rows == [{"n": 0}]


@pytest.mark.parametrize("name", HOSTILE)
def test_the_name_of_a_file_is_only_a_name(local, tmp_path, name):
    path = write(tmp_path / "in" / name, "select 'this' as which")
    for other in ("ab.parquet", "q1.parquet"):
        write(tmp_path / "in" / other, "select 'other' as which")
    with Tables(tmp_path / "in") as tables:
        directly = tables.sql("select which from read_parquet($file)", file=path)
        merged = tables.aggregate("select which from read_parquet($files)", "select * from partials", [path], local, timeout_s=60)

    assert directly == merged == [{"which": "this"}]


@pytest.mark.parametrize("name", ["x'); drop", "with 'quotes'", "st*r"])
def test_the_name_of_a_directory_is_only_a_name(tmp_path, name):
    path = write(tmp_path / name / "t.parquet", "select 1 as a")

    with Tables(path.parent) as tables:
        assert tables.sql("select a from read_parquet($file)", file=path) == [{"a": 1}]


def test_the_name_of_a_column_is_only_a_name(local, tmp_path):
    name = 'a"; drop table partials; --'
    path = write(tmp_path / "t.parquet", f'select 1 as "{name.replace(chr(34), chr(34) * 2)}"')
    with Tables(tmp_path) as tables:
        rows = tables.aggregate("select * from read_parquet($files)", "select * from partials", [path], local, timeout_s=60)

    assert rows == [{name: 1}]


@pytest.fixture
def locked(tmp_path):
    write(tmp_path / "in" / "t.parquet", "select 1 as a")
    write(tmp_path / "out" / "t.parquet", "select 2 as a")
    (tmp_path / "in" / "link.parquet").symlink_to(tmp_path / "out" / "t.parquet")
    with Tables(tmp_path / "in") as tables:
        yield tables


@pytest.mark.parametrize(
    "query",
    [
        "select * from read_parquet('{out}/t.parquet')",
        "select * from read_parquet('{in}/../out/t.parquet')",
        "select * from read_parquet('{out}/*')",
        "select * from glob('{out}/*')",
        "select * from read_text('/etc/passwd')",
        "select * from read_csv('/proc/self/environ')",
        "select * from 'https://example.org/t.parquet'",
        "select * from tables",  # a variable of Python
        "copy (select 1) to '{out}/made.csv'",
        "copy (select 1) to '{in}/made.csv'",
        "attach '{out}/made.db'",
        "install httpfs",
        "load httpfs",
        "set enable_external_access = true",
        "set allowed_directories = ['/']",
        "select 1; copy (select 1) to '{in}/made.csv'",
        "create table t as select 1",
        "",
    ],
)
def test_a_query_reaches_nothing_but_its_inputs(locked, tmp_path, query):
    with pytest.raises(QueryFailed):
        locked.sql(query.replace("{in}", str(tmp_path / "in")).replace("{out}", str(tmp_path / "out")))

    assert not list(tmp_path.glob("*/made*"))


def test_a_link_that_leads_out_is_refused(locked, tmp_path):
    assert locked.sql("select a from read_parquet($file)", file=tmp_path / "in" / "t.parquet") == [{"a": 1}]
    for outside in ("in/link.parquet", "in/../out/t.parquet", "out/t.parquet"):
        with pytest.raises(QueryFailed, match="outside"):
            locked.sql("select a from read_parquet($file)", file=tmp_path / outside)


def test_a_child_is_locked_like_its_parent(locked, local, tmp_path):
    for query in ("select * from read_text('/etc/hostname')", "copy (select 1) to '/tmp/made.csv'"):
        with pytest.raises(QueryFailed):
            locked.aggregate(query, "select * from partials", [tmp_path / "in" / "t.parquet"], local, timeout_s=60)


def test_a_failure_in_one_partition_is_no_answer(locked, local, tmp_path):
    (tmp_path / "in" / "broken.parquet").write_bytes(b"not parquet")
    parts = [tmp_path / "in" / "t.parquet", tmp_path / "in" / "broken.parquet"]

    with pytest.raises(QueryFailed, match=r"broken\.parquet"):
        locked.aggregate("select a from read_parquet($files)", "select sum(a) from partials", parts, local, timeout_s=60)


def test_columns_that_differ_between_partitions_are_said(locked, local, tmp_path):
    other = write(tmp_path / "in" / "u.parquet", "select 'x' as a")

    with pytest.raises(QueryFailed, match=r"`a` VARCHAR.*`a` INTEGER"):
        locked.aggregate(
            "select a from read_parquet($files)", "select * from partials", [tmp_path / "in" / "t.parquet", other], local
        )


def test_a_column_that_text_cannot_carry_is_refused(locked, local, tmp_path):
    with pytest.raises(QueryFailed, match="`h` of a partial query is MAP"):
        locked.aggregate("select histogram(a) as h from read_parquet($files)", "select 1", [tmp_path / "in" / "t.parquet"], local)


def test_a_partial_query_that_takes_too_long_is_no_answer(locked, tmp_path):
    with runner_for("local:1") as runner, pytest.raises(QueryFailed, match=r"not done after 0\.2 s"):
        locked.aggregate(
            "select sum(hash(i, j)) as s from range(1000000000) a(i), range(1000000) b(j) where $files is not null",
            "select * from partials",
            [tmp_path / "in" / "t.parquet"],
            runner,
            timeout_s=0.2,
        )


def test_what_is_kept_is_answered_from_memory_in_the_order_of_its_rows(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text("a\n3\n1\n2\n")

    with Tables(tmp_path) as tables:
        tables.keep("kept", "select * from read_csv($file, all_varchar = true)", file=file)
        file.unlink()

        assert [row["a"] for row in tables.sql("select a from kept")] == ["3", "1", "2"]
        with pytest.raises(QueryFailed):
            tables.keep("other", "drop table kept")


@pytest.mark.parametrize("name", ["t.parquet", "it's.parquet", "st*r.parquet", "a b;.parquet"])
def test_an_answer_is_written_where_it_may_be_and_streamed_in_batches(tmp_path, name):
    folder = tmp_path / "o'ut"
    folder.mkdir()
    with Tables(folder) as tables:
        tables.write(folder / name, "select i from range($n) t(i)", n=25)
        batches = list(tables.stream("select i from read_parquet($file)", size=10, file=folder / name))
        with pytest.raises(QueryFailed, match="outside the directories"):
            tables.write(tmp_path / name, "select 1 as a")
        with pytest.raises(QueryFailed, match="one SELECT"):
            tables.write(folder / "other.parquet", "drop table x")

    assert [len(batch) for batch in batches] == [10, 10, 5]
    assert [row["i"] for batch in batches for row in batch] == list(range(25))
    assert [path.name for path in folder.iterdir()] == [name]


@pytest.mark.slow
def test_what_does_not_fit_into_memory_spills_only_where_it_may(tmp_path):
    query = "select i, hash(i) as h from range(6_000_000) t(i) order by h desc"
    (tmp_path / "spill").mkdir()
    with Tables(tmp_path, memory_bytes=60_000_000, threads=1) as tables, pytest.raises(QueryFailed, match=r"(?i)memory"):
        tables.keep("kept", query)
    with Tables(tmp_path, memory_bytes=60_000_000, threads=1, spill=tmp_path / "spill") as tables:
        tables.keep("kept", query)
        assert tables.sql("select count(*) as n from kept") == [{"n": 6_000_000}]


def test_an_answer_that_another_question_would_cut_short_is_refused():
    with Tables() as tables:
        batches = tables.stream("select unnest(range(30)) as i", size=10)
        assert len(next(batches)) == 10
        tables.sql("select 1 as one")

        with pytest.raises(RuntimeError, match="something else was asked"):
            next(batches)
