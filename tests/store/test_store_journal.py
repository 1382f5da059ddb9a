"""A journal says what a crash cut off, and reads on where it was when others write, too."""

from pathlib import Path

import pytest

from probatum.store.journal import DamagedJournal, Journal


def test_what_was_cut_off_is_told_until_it_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    journal = Journal(path)
    for number in range(3):
        journal.append({"number": number})
    path.write_bytes(path.read_bytes()[:-7])

    again = Journal(path)

    assert [entry["number"] for entry in again.entries] == [0, 1]
    assert again.cut_off > 0
    again.append({"number": 9})
    assert again.cut_off == 0
    assert [entry["number"] for entry in Journal(path).entries] == [0, 1, 9]


def test_one_reads_on_behind_what_the_other_wrote_and_anew_if_the_file_was_replaced(tmp_path: Path) -> None:
    one, other = Journal(tmp_path / "journal"), Journal(tmp_path / "journal")
    one.append({"number": 0})
    other.append({"number": 1})
    assert [entry["number"] for entry in other.entries] == [0, 1]

    one.rewrite(lambda entry: None if entry["number"] == 0 else entry)
    other.append({"number": 2})

    assert [entry["number"] for entry in other.entries] == [1, 2]
    one.refresh()
    assert one.digest == other.digest


def test_what_is_appended_by_hand_is_found_before_anything_is_written_behind_it(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.append({"number": 0})
    with journal.path.open("ab") as file:
        file.write(b'{"number": 1}\n')

    with pytest.raises(DamagedJournal, match="line 2 "):
        journal.append({"number": 2})

    assert journal.path.read_bytes().count(b"\n") == 2
