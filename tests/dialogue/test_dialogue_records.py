"""Records of logs: every format, and everything that can be wrong with it."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.dialogue.artefacts import records as module
from probatum.dialogue.artefacts.records import Record, Unread, records
from probatum.errors import UnreadableArtefact

_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


def read(folder: Path, raw: bytes, name: str = "log.jsonl") -> list[tuple[int, Any]]:
    (folder / name).write_bytes(raw)
    return [(r.line, r.value if isinstance(r, Record) else r.reason) for r in records(folder / name, name)]


def test_lines_are_numbered_and_a_broken_one_is_kept_apart(tmp_path: Path) -> None:
    raw = b'\xef\xbb\xbf{"a": 1}\n\n{"a": \r\n[1, 2]\n\xff\n{"a": NaN}\n' + b"[" * 100_000 + b'\n"last"'
    assert read(tmp_path, raw) == [
        (1, {"a": 1}),
        (3, "it is not JSON (expecting value at column 7)"),
        (4, 1),
        (4, 2),
        (5, "it is not UTF-8 at byte 1"),
        (6, "it is not JSON (`NaN` is no number of JSON)"),
        (7, "it is nested too deeply"),
        (8, "last"),
    ]


def test_a_line_that_is_too_long_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST", 50)
    assert read(tmp_path, b"1\n" + b"9" * 500 + b"\n2\n") == [(1, 1), (2, "the line is longer than 50 bytes"), (3, 2)]


def test_an_array_is_read_item_by_item(tmp_path: Path) -> None:
    raw = json.dumps([{"a": 1}, {"b": [1, "]"]}, 12.5], indent=2).encode()
    assert read(tmp_path, raw, "log.json") == [(2, {"a": 1}), (5, {"b": [1, "]"]}), (11, 12.5)]


@settings(deadline=None, max_examples=50)
@given(items=st.lists(_json, max_size=6), indent=st.sampled_from([1, 3]), chunk=st.integers(1, 40))
def test_arrays_are_read_as_a_whole_parser_reads_them(
    tmp_path_factory: pytest.TempPathFactory, items: list[Any], indent: int, chunk: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNK", chunk)
        found = read(tmp_path_factory.mktemp("a"), b"\n" + json.dumps([[0], *items], indent=indent).encode(), "log.json")
    assert [value for _, value in found] == [[0], *items]


def test_one_value_or_row_that_is_not_utf_8_costs_itself(tmp_path: Path) -> None:
    raw = b'[{"a": "\\udc80"},\n{"a": "\xe9"},\n"b"]'
    assert read(tmp_path, raw, "log.json") == [(1, {"a": "\udc80"}), (2, "it is not UTF-8"), (3, "b")]
    raw = b"user,t\xe9xt\nann,caf\xe9\nbob,ok\n"
    assert read(tmp_path, raw, "log.csv") == [(2, "it is not UTF-8"), (3, {"user": "bob", "t\ufffdxt": "ok"})]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_header_shows_what_parts_its_names(tmp_path: Path, separator: str) -> None:
    raw = f'user{separator}text\nann{separator}"a{separator} b"\n'.encode()
    assert read(tmp_path, raw, "log.csv") == [(2, {"user": "ann", "text": f"a{separator} b"})]


def test_an_array_that_is_damaged_gives_what_comes_before(tmp_path: Path) -> None:
    assert read(tmp_path, b'[\n1,\n{"a": 2}\n3]', "log.json") == [
        (2, 1),
        (3, {"a": 2}),
        (4, "it is not JSON (a comma, or the end of the array, is missing)"),
        (4, 3),
    ]
    assert read(tmp_path, b'[\n1,\n{"a": ', "log.json") == [
        (2, 1),
        (3, "it is not JSON (expecting value), and what follows is not read"),
    ]


def test_an_object_over_several_lines_is_one_record(tmp_path: Path) -> None:
    assert read(tmp_path, b'{\n "a": {\n  "b": 1}}\n', "log.json") == [(1, {"a": {"b": 1}})]


def test_compressed_logs_are_read_and_damage_is_said(tmp_path: Path) -> None:
    whole = gzip.compress(b"".join(b'{"n": %d, "text": "%d"}\n' % (n, n * 7919) for n in range(20_000)))
    assert len(read(tmp_path, whole, "log.jsonl.gz")) == 20_000
    cut = read(tmp_path, whole[: len(whole) // 2], "log.jsonl.gz")
    assert 1_000 < len(cut) < 20_000
    assert "the compressed file is damaged" in cut[-1][1]


@pytest.mark.parametrize("first", [b'{"a": "caf\xe9"}', b'{"a": ', b'{"a": "cut in the mid'])
def test_a_broken_first_line_loses_no_other(tmp_path: Path, first: bytes) -> None:
    [(line, reason), *rest] = read(tmp_path, first + b'\n{"b": 1}\n{"c": \n{"d": 2}\n')
    assert line == 1
    assert "it is not" in str(reason)
    assert [one for one in rest if one[0] != 3] == [(2, {"b": 1}), (4, {"d": 2})]


def test_a_log_in_utf_16_is_named_as_such(tmp_path: Path) -> None:
    assert read(tmp_path, '{"a": 1}\n'.encode("utf-16")) == [(1, "the file is in UTF-16; logs are read in UTF-8")]


def test_what_is_not_text_is_said_once(tmp_path: Path) -> None:
    assert read(tmp_path, bytes(range(256)) * 40) == [(1, "the file is not text")]
    assert read(tmp_path, b"") == []


def test_rows_of_a_table_are_records(tmp_path: Path) -> None:
    raw = b'\xef\xbb\xbfsession,text\n1,"turn on,\nplease"\n2\n3,off,4\n\n5,ok\n'
    assert read(tmp_path, raw, "log.csv") == [
        (2, {"session": "1", "text": "turn on,\nplease"}),
        (4, "it has 1 fields, and the header 2"),
        (5, "it has 3 fields, and the header 2"),
        (7, {"session": "5", "text": "ok"}),
    ]


def test_a_parquet_table_is_read_in_its_order(tmp_path: Path) -> None:
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "log.parquet"
    duckdb.sql("select i as n, timestamp '1970-01-02 00:00:00' as at, [i] as l from range(3) t(i)").write_parquet(str(path))
    assert [r.value for r in records(path, "log.parquet") if isinstance(r, Record)] == [
        {"n": n, "at": 86400.0, "l": [n]} for n in range(3)
    ]


@pytest.mark.parametrize("name", ["log.pdf", "log.parquet.gz", "log"])
def test_a_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableArtefact, match="is no log that can be read"):
        read(tmp_path, b"{}", name)


def test_a_damaged_table_and_an_absent_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableArtefact, match=r"`log.parquet` cannot be read"):
        read(tmp_path, b"PAR1 nothing", "log.parquet")
    with pytest.raises(UnreadableArtefact, match="cannot be read"):
        list(records(tmp_path / "none.jsonl", "none.jsonl"))


@settings(deadline=None, max_examples=50)
@given(raw=st.binary(max_size=300), name=st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.jsonl.gz", "a.tsv"]))
def test_no_bytes_stop_the_reader(tmp_path_factory: pytest.TempPathFactory, raw: bytes, name: str) -> None:
    folder = tmp_path_factory.mktemp("f")
    (folder / name).write_bytes(raw)
    assert all(isinstance(found, Record | Unread) for found in records(folder / name, name))
