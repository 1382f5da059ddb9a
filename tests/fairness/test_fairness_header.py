"""A text table whose first line is not that of its columns is refused, and says which row is not like it."""

import gzip
from pathlib import Path

import pytest

from probatum.errors import UnreadableArtefact
from probatum.fairness.semantics.relation import opened
from probatum.source import Data

ROWS = "g,a,b\n" + "x,1,2\ny,3,4\n" * 40


def columns(folder: Path, raw: bytes, name: str = "t.csv") -> list[str]:
    (folder / name).write_bytes(raw)
    with opened(Data(name, b"", place=str(folder / name))) as relation:
        return list(relation.columns)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ROWS + "x,1\nx,1,2,3,4,5\n", "row 82 has 2 columns, and the first has 3"),
        ("g,a,b\nx,1\n" + ROWS, "row 2 has 2 columns"),
        ("g,a\nx,1\ny,2\n" + ROWS, "row 4 has 3 columns, and the first has 2"),
        ("", "it is empty"),
    ],
)
def test_a_ragged_table_loses_no_row_without_a_word(tmp_path: Path, text: str, said: str):
    with pytest.raises(UnreadableArtefact, match=said):
        columns(tmp_path, text.encode())


def test_another_encoding_is_named(tmp_path: Path):
    with pytest.raises(UnreadableArtefact, match="it is UTF-16: save it as UTF-8"):
        columns(tmp_path, ROWS.encode("utf-16"))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_is_a_table_stays_one(tmp_path: Path, delimiter: str):
    text = ROWS.replace(",", delimiter)
    assert columns(tmp_path, text.encode()) == ["g", "a", "b"]
    assert columns(tmp_path, b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()) == ["g", "a", "b"]
    assert columns(tmp_path, gzip.compress(text.encode()), "t.csv.gz") == ["g", "a", "b"]


def test_names_may_be_empty_quoted_or_there_twice(tmp_path: Path):
    text = ROWS.replace("g,a,b", '"g ""1""\n",,a,a').replace("x,", "x,0,").replace("y,", "y,0,")
    assert len(columns(tmp_path, text.encode())) == 4


def test_a_place_on_this_machine_is_no_part_of_a_message(tmp_path: Path):
    with pytest.raises(UnreadableArtefact) as told:
        columns(tmp_path, b'{"a":1}\n{]\n', "t.jsonl")
    assert str(tmp_path) not in str(told.value)
