import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time

import pytest

from probatum.errors import StateError
from probatum.store import Remembered, Renewed, State

SMALL = {"outcomes": []}
LARGE = {"outcomes": ["".join(chr(33 + (i * i + i // 7) % 90) for i in range(2_000)) + str(n) for n in range(200)]}


def key(n):
    return f"{n:064x}"


@pytest.fixture
def directory(tmp_path):
    return tmp_path / ".probatum"


def noise(n):
    return {"outcomes": [os.urandom(n).hex()]}


@pytest.mark.parametrize("value", [SMALL, LARGE, noise(100_000)], ids=["row", "packed", "object"])
def test_what_is_kept_comes_back_in_another_process(directory, value):
    with State.open(directory) as state:
        state.put(key(1), value)

    with State.open(directory) as state:
        assert state.look_up([key(1), key(2)]) == {key(1): Remembered(value, confirmed=False)}


def test_a_result_that_was_made_again_is_unconfirmed(directory):
    with State.open(directory) as state:
        state.put(key(1), SMALL)
        state.confirm([key(1)])
        assert state.look_up([key(1)])[key(1)].confirmed
        state.put(key(1), SMALL)
        assert not state.look_up([key(1)])[key(1)].confirmed


def test_the_state_directory_stays_out_of_version_control(directory):
    State.open(directory).close()

    assert (directory / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize("content", [b"no database at all, only text" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_database_is_moved_aside_and_said_once(directory, content):
    directory.mkdir()
    (directory / "state.db").write_bytes(content)

    with State.open(directory) as state:
        state.put(key(1), SMALL)
        assert state.look_up([key(1)])
        assert state.notes == [
            "the stored results were damaged and are made again; the old file is `.probatum/state.db.damaged-1`"
        ]
    assert (directory / "state.db.damaged-1").read_bytes() == content


def test_a_database_of_something_else_is_moved_aside_whole(directory):
    directory.mkdir()
    with sqlite3.connect(directory / "state.db") as other:
        other.execute("CREATE TABLE precious (x)")
    other.close()

    with State.open(directory) as state:
        state.put(key(1), SMALL)
    with sqlite3.connect(directory / "state.db.damaged-1") as kept:
        assert kept.execute("SELECT COUNT(*) FROM precious").fetchall() == [(0,)]
    kept.close()


def test_damage_while_the_database_is_open_begins_anew(directory):
    with State.open(directory) as state:
        state.put_many([(key(n), {"outcomes": ["x" * 400, n]}, []) for n in range(500)])
    place = directory / "state.db"
    raw = bytearray(place.read_bytes())
    raw[4096:] = b"\xa5" * (len(raw) - 4096)  # every page but the first
    place.write_bytes(raw)

    with State.open(directory) as state:
        with pytest.raises(Renewed):
            state.look_up([key(n) for n in range(500)])
        state.put(key(1), SMALL)
        assert state.look_up([key(1), key(2)]) == {key(1): Remembered(SMALL, confirmed=False)}
        assert len(state.notes) == 1


def test_a_flipped_bit_in_a_row_is_a_missing_row_and_not_an_answer(directory):
    with State.open(directory) as state:
        state.put(key(1), {"outcomes": ["cleared"]})
        state.put(key(2), SMALL)
    with sqlite3.connect(directory / "state.db") as forged:
        forged.execute("UPDATE results SET value = replace(value, 'cleared', 'clearex') WHERE key = ?", (key(1),))
    forged.close()

    with State.open(directory) as state:
        assert set(state.look_up([key(1), key(2)])) == {key(2)}
        assert state.notes == ["1 stored results were damaged and have been made again"]


def test_a_damaged_object_is_a_missing_result(directory):
    value = noise(100_000)
    with State.open(directory) as state:
        state.put(key(1), value)
        [place] = [p for p in (directory / "objects").rglob("*") if p.is_file()]
        place.write_bytes(place.read_bytes()[:-1])

        assert state.look_up([key(1)]) == {}
        state.put(key(1), value)
        assert state.look_up([key(1)])[key(1)].value == value


def test_a_newer_database_is_left_alone(directory):
    State.open(directory).close()
    with sqlite3.connect(directory / "state.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()

    with pytest.raises(StateError, match="newer version"):
        State.open(directory)
    assert not (directory / "state.db.damaged-1").exists()


def test_an_older_database_is_begun_anew_in_its_place(directory):
    with State.open(directory) as state:
        state.put(key(1), SMALL)
    with sqlite3.connect(directory / "state.db") as older:
        older.execute("PRAGMA user_version = 1")
    older.close()

    with State.open(directory) as state:
        assert state.look_up([key(1)]) == {}
        state.put(key(1), SMALL)
        assert state.look_up([key(1)])
        assert state.notes == []


def test_texts_are_kept_beside_their_value_and_verified_with_it(directory):
    texts = ["one", "x" * 5000]
    with State.open(directory) as state:
        state.put_many([(key(1), SMALL, texts), (key(2), SMALL, [noise(100_000)["outcomes"][0]])])
        found = state.look_up([key(1), key(2)])
        assert (found[key(1)].value, found[key(1)].texts()) == (SMALL, texts)
    with sqlite3.connect(directory / "state.db") as forged:
        forged.execute("UPDATE results SET texts = (SELECT texts FROM results WHERE key = ?) WHERE key = ?", (key(2), key(1)))
    forged.close()

    with State.open(directory) as state:
        assert set(state.look_up([key(1), key(2)])) == {key(2)}


def test_a_state_directory_that_leads_elsewhere_is_refused(tmp_path, directory):
    (tmp_path / "elsewhere").mkdir()
    directory.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StateError, match="is a link"):
        State.open(directory)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_in_the_way_is_a_state_error(directory):
    directory.write_text("")

    with pytest.raises(StateError, match="cannot be kept"):
        State.open(directory)


def test_garbage_is_what_the_last_runs_did_not_use(directory):
    with State.open(directory) as state:
        for run, used in enumerate(([1, 2], [2, 3], [3])):
            number = state.begin_run({"run": run})
            state.put_many([(key(n), noise(60_000 + n), []) for n in used if key(n) not in state.look_up([key(n)])])
            state.end_run(number, [key(n) for n in used], {"run": run})

        garbage = state.collect(keep_runs=2)

        assert (garbage.removed_results, garbage.kept_results) == (1, 2)
        assert (garbage.removed_objects, garbage.kept_objects) == (1, 2)
        assert garbage.freed_bytes > 60_000
        assert set(state.look_up([key(1), key(2), key(3)])) == {key(2), key(3)}
        assert [summary for _, summary in state.runs()] == [{"run": 1}, {"run": 2}]


def test_results_of_a_check_that_is_under_way_are_no_garbage(directory):
    with State.open(directory) as state:
        for _ in range(5):
            state.end_run(state.begin_run({}), [], {})
        state.begin_run({})
        state.put(key(1), SMALL)

        assert state.collect(keep_runs=1).kept_results == 1


def test_what_is_cleared_is_gone_from_the_disk_too(directory):
    secret = "call grandma rosalinde" * 40  # packed, it is in the database
    with State.open(directory) as state:
        state.put_many([(key(1), {"text": "call grandma rosalinde"}, []), (key(2), noise(90_000), []), (key(3), secret, [])])
        state.end_run(state.begin_run({}), [key(1), key(2), key(3)], {"run": 1})

        gone = state.clear()

        assert (gone.removed_results, gone.removed_objects, gone.kept_results, gone.kept_objects) == (3, 1, 0, 0)
        assert state.look_up([key(1), key(2), key(3)]) == {}
        assert state.runs() == ()
        state.put(key(4), SMALL)
    raw = b"".join(path.read_bytes() for path in directory.rglob("*") if path.is_file())
    assert b"rosalinde" not in raw
    assert b"SQLite format" in raw


WRITER = """
import sys
import threading
from pathlib import Path
from probatum.store import State
who, count = int(sys.argv[2]), int(sys.argv[3])
with State.open(Path(sys.argv[1])) as state:
    for n in range(count):
        state.put(f"{who:032x}{n:032x}", {"outcomes": [who, n, "x" * 1000]})
        print(n, flush=True)
"""


def writer(directory, who, count):
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(directory), str(who), str(count)], stdout=subprocess.PIPE, text=True
    )


@pytest.mark.slow
def test_killed_in_the_middle_of_writing_nothing_acknowledged_is_lost(directory):
    """The real thing: kill -9, eight times."""
    done = {}
    for who in range(8):
        with writer(directory, who, 10**6) as process:
            for line in process.stdout:
                if line.endswith("\n"):  # only whole lines are acknowledgements
                    done[who] = int(line)
                if done[who] == 50 + who:
                    process.send_signal(signal.SIGKILL)

    with State.open(directory) as state:
        for who, last in done.items():
            wanted = [f"{who:032x}{n:032x}" for n in range(last + 1)]
            assert set(state.look_up(wanted)) == set(wanted)
        assert state.notes == []
    with sqlite3.connect(directory / "state.db") as database:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    database.close()


@pytest.mark.slow
def test_two_writers_in_one_directory_lose_nothing(directory):
    writers = [writer(directory, who, 300) for who in range(2)]
    for process in writers:
        process.communicate()

    assert [process.returncode for process in writers] == [0, 0]
    with State.open(directory) as state:
        wanted = [f"{who:032x}{n:032x}" for who in range(2) for n in range(300)]
        assert len(state.look_up(wanted)) == 600


FULL = """
import resource, signal, sys
from pathlib import Path
from probatum.errors import StateError
from probatum.store import State
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
state = State.open(Path(sys.argv[1]))
state.put("a", {"outcomes": []})
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))  # as if the disk were full: EFBIG for ENOSPC
import os
said = set()
for n in range(16):
    try:
        state.put(str(n), {"outcomes": [os.urandom(30_000 if n % 2 else 300_000).hex()]})
    except StateError as error:
        said.add(error.message.split(":")[0])
assert state.look_up(["a"])["a"].value == {"outcomes": []}
print(sorted(said))
"""


def test_a_full_disk_is_a_state_error_and_what_was_kept_stays(directory):
    done = subprocess.run([sys.executable, "-c", FULL, str(directory)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert "results cannot be kept in `.probatum`" in done.stdout
    assert "evidence cannot be kept" in done.stdout
    with State.open(directory) as state:
        assert state.look_up(["a"])
        assert state.notes == []
    assert not list((directory / "objects").rglob("new-*"))


def test_an_abandoned_temporary_file_is_swept_and_a_young_one_is_not(directory):
    with State.open(directory) as state:
        state.put(key(1), noise(100_000))
        [place] = [p for p in (directory / "objects").rglob("*") if p.is_file()]
        old, young = place.with_name("new-old"), place.with_name("new-young")
        for temporary in (old, young):
            temporary.write_bytes(b"x")
        os.utime(old, (time.time() - 10_000,) * 2)

        state.collect()

        assert (old.exists(), young.exists(), place.exists()) == (False, True, True)


@pytest.mark.parametrize("times", [8])
def test_those_who_begin_at_once_begin_the_same(tmp_path, times):
    """Looked at while another made the tables, a database was taken for one of somebody else, or for locked."""
    for number in range(times):
        directory = tmp_path / str(number)
        begin, notes = threading.Barrier(6), []

        def opened(directory=directory, begin=begin, notes=notes):
            begin.wait()
            with State.open(directory) as state:
                notes.append(state.notes)

        together = [threading.Thread(target=opened) for _ in range(6)]
        for one in together:
            one.start()
        for one in together:
            one.join()

        assert notes == [[]] * 6
        assert not list(directory.glob("*damaged*"))
