"""What happens to a check when the machine or its disk misbehaves."""

import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from probatum.engine import CheckOptions, check, collect_garbage

HERE = Path(__file__).parent

PROGRAM = """
import json, sys
from pathlib import Path
sys.path.insert(0, {here!r})
from probatum.engine import systems
from probatum.engine import CheckOptions, check
from probatum.project.discover import Claim
systems._table.clear()
systems.register(systems.SystemEntry("words", "words", Claim("words", (".txt",))))
{before}
report = check(Path(sys.argv[1]), CheckOptions(jobs=2))
print(json.dumps(report.to_json(), sort_keys=True))
"""


def program(before=""):
    return [sys.executable, "-c", PROGRAM.format(here=str(HERE), before=textwrap.dedent(before))]


def text_of(report):
    return json.dumps(report.to_json(), sort_keys=True)


@pytest.fixture
def clean(project, tmp_path):
    """What a check of the same files says where nothing goes wrong."""

    def report(base):
        copy = tmp_path / "clean"
        shutil.copytree(base, copy, ignore=shutil.ignore_patterns(".probatum"))
        return check(copy)

    return report


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000])
def test_a_damaged_cache_is_said_once_and_changes_nothing_else(project, clean, content):
    base = project(a_txt="bad", b_txt="good")
    check(base)
    (base / ".probatum" / "state.db").write_bytes(content)
    for suffix in ("-wal", "-shm"):
        (base / ".probatum" / f"state.db{suffix}").unlink(missing_ok=True)

    report = check(base)

    assert report.outcomes == clean(base).outcomes
    assert all("damaged" in note for note in report.notes)
    assert len(report.notes) == (1 if content else 0)
    assert check(base).notes == ()


def test_a_cache_that_is_damaged_inside_is_made_again(project, clean, seen):
    base = project(**{f"f{n}_txt": f"bad {n}" for n in range(40)})
    check(base)
    seen()
    place = base / ".probatum" / "state.db"
    raw = bytearray(place.read_bytes())
    raw[8192:] = os.urandom(len(raw) - 8192)
    place.write_bytes(raw)

    report = check(base)

    assert report.outcomes == clean(base).outcomes
    assert len(report.notes) == 1
    assert check(base).notes == ()


def test_without_a_place_for_results_a_check_is_as_right(project, clean):
    base = project(a_txt="bad", b_txt="good")
    (base / ".probatum").write_text("in the way")

    report = check(base)

    assert report.outcomes == clean(base).outcomes
    assert report.notes == (
        "results cannot be kept in `.probatum`: file exists; this check remembers nothing: make room, or make the directory writable",
    )
    assert (base / ".probatum").read_text() == "in the way"


def test_results_that_came_with_the_repository_are_not_used(project, seen):
    base = project(a_txt="bad")
    check(base)
    seen()
    for command in (["init", "-q"], ["add", "-f", ".probatum/state.db"]):
        subprocess.run(["git", *command], cwd=base, check=True)

    report = check(base)

    assert len(seen()) == 2
    assert "under version control" in report.notes[0]
    assert len(report.notes) == 1


def test_results_that_someone_else_made_are_not_found(project, seen, monkeypatch, tmp_path):
    """An archive may bring a state directory along; its results were not made here."""
    base = project(a_txt="bad")
    check(base)
    seen()

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "another user"))
    report = check(base)

    assert len(seen()) == 2
    assert report.notes == ()
    check(base)
    assert seen() == []
    assert (tmp_path / "another user" / "probatum" / "secret").stat().st_mode & 0o077 == 0


def test_without_a_home_results_are_remembered_all_the_same(project, seen, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", "/proc/none")
    base = project(a_txt="bad")
    check(base)
    seen()

    check(base)

    assert seen() == []


@pytest.mark.slow
def test_a_full_disk_costs_the_memory_and_nothing_else(project, clean, tmp_path):
    """The real thing where we may mount one; else files that must not grow."""
    base = project(**{f"f{n:03}_txt": "bad " * 40 + str(n) for n in range(60)})
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = (
        os.geteuid() == 0
        and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(disk)], check=False).returncode == 0
    )
    try:
        if mounted:
            shutil.copytree(base, disk / "project")
            done = subprocess.run([*program(), str(disk / "project")], capture_output=True, text=True, check=False)
        else:
            before = """
            import resource, signal
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))
            """
            done = subprocess.run([*program(before), str(base)], capture_output=True, text=True, check=False)
    finally:
        if mounted:
            subprocess.run(["umount", str(disk)], check=True)

    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert [note for note in report["notes"] if "this check remembers nothing" in note] == report["notes"]
    assert len(report["notes"]) == 1
    assert report["outcomes"] == clean(base).to_json()["outcomes"]


@pytest.mark.slow
def test_killed_and_started_again_nothing_finished_is_repeated(project, seen, clean, tmp_path):
    base = project(**{f"f{n:03}_txt": f"bad {n}" for n in range(150)})
    # The last file in the order of work never ends; all others are done before it is killed.
    (base / "z.txt").write_text("%hang")
    place = tmp_path / "seen"
    with subprocess.Popen([*program(), str(base)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        while not place.exists() or place.read_text().count("\n") < 300:
            assert process.poll() is None
        process.send_signal(signal.SIGKILL)
    before = seen()
    (base / "z.txt").write_text("good")

    report = check(base)

    after = seen()
    # Answers that were on their way when their reader was killed are lost: a few for each child, not more with more files.
    assert len({line.split(" ")[1] for line in set(after) & set(before)}) <= 10
    assert len(set(before) | set(after)) == 2 * 151
    assert report.outcomes == clean(base).outcomes


@pytest.mark.slow
def test_interrupted_a_check_leaves_no_child(project, seen, tmp_path):
    base = project(a_txt="bad", z_txt="%hang")
    place = tmp_path / "seen"
    with subprocess.Popen([*program(), str(base)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while not place.exists() or "words/bad-word z.txt" not in place.read_text() or "ugly-word a.txt" not in place.read_text():
            assert process.poll() is None
        children = [int(p.name) for p in Path("/proc").glob("[0-9]*") if _parent(p) == process.pid]
        process.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in process.communicate()[1]

    assert children
    assert not [child for child in children if Path(f"/proc/{child}").exists()]
    assert {line.split()[1] for line in seen()} == {"a.txt", "z.txt"}


def _parent(process):
    try:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:  # it has ended meanwhile
        return 0


@pytest.mark.slow
def test_two_checks_at_once_say_the_same(project, clean):
    base = project(**{f"f{n:03}_txt": f"bad {n}" for n in range(40)})
    both = [
        subprocess.Popen([*program(), str(base)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [process.communicate() for process in both]

    assert [process.returncode for process in both] == [0, 0], said
    assert said[0][0] == said[1][0] == text_of(clean(base)) + "\n"


def test_a_file_that_changes_while_it_is_checked_is_undecided(project, monkeypatch):
    base = project(a_txt="bad", b_txt="bad")
    from probatum.engine import run as module

    make_items = module._done

    def too_late(*arguments, **named):
        (base / "a.txt").write_text("good")
        return make_items(*arguments, **named)

    monkeypatch.setattr(module, "_done", too_late)
    report = check(base)

    assert [(o.rule, o.reason) for o in report.undecided] == [
        ("probatum/unreadable", "`a.txt` changed while it was being checked: check again")
    ]
    assert [f.location.path for f in report.findings] == ["b.txt"]


def test_garbage_is_what_recent_checks_did_not_need(project, seen):
    base = project(a_txt="bad")
    check(base)
    (base / "a.txt").write_text("good")
    check(base)
    seen()

    garbage = collect_garbage(base, keep_runs=1)

    assert (garbage.removed_results, garbage.kept_results) == (2, 2)
    check(base)
    assert seen() == []


def test_confirmed_evidence_is_not_checked_again_and_unconfirmed_is(project, monkeypatch):
    from probatum.engine import work

    asked = []
    recheck = work._ask_system

    def counted(item, *rest):
        asked.append(item["path"])
        return recheck(item, *rest)

    monkeypatch.setattr(work, "_ask_system", counted)
    base = project(a_txt="bad", b_txt="doubtful")
    check(base)
    assert sorted(asked) == ["a.txt", "b.txt"]
    asked.clear()

    check(base)

    assert asked == ["b.txt"]
    check(base, CheckOptions(use_cache=False))
    assert sorted(asked) == ["a.txt", "b.txt", "b.txt"]


def test_evidence_for_which_there_was_no_time_is_checked_in_another_round(project, monkeypatch):
    from probatum.engine import work

    monkeypatch.setattr(work, "_SPARE", 2.0)  # of the time, for which there is never enough

    report = check(project(a_txt="bad ugly invented doubtful"))

    assert {o.evidence.observed for o in report.findings} == {"bad", "ugly"}
    assert len(report.defects) == 1
    assert len(report.undecided) == 1


def test_evidence_that_several_findings_share_is_checked_once(project, monkeypatch):
    from probatum.engine import work

    asked = []
    recheck = work._ask_system
    monkeypatch.setattr(work, "_ask_system", lambda item, *rest: asked.append(item["path"]) or recheck(item, *rest))

    report = check(project(a_txt="bad bad", b_txt="bad"))

    assert len(report.findings) == 3
    assert sorted(asked) == ["a.txt", "b.txt"]


@pytest.mark.slow
def test_a_cluster_says_the_same_as_this_machine(project, clean):
    base = project(a_txt="bad ugly", b_txt="good", c_txt="%unsupported", d_txt="%crash")

    report = check(base, CheckOptions(runner="ray"))

    assert text_of(report) == text_of(clean(base))
