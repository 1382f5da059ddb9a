"""The commands together, with the real engine and real children, on a system small enough to see through."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ENGINE_TESTS = Path(__file__).parent.parent / "engine"

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def words(monkeypatch):
    """The table of systems has the system of words and no other."""
    from probatum.engine import systems
    from probatum.project.discover import Claim

    monkeypatch.syspath_prepend(str(ENGINE_TESTS))
    monkeypatch.setattr(systems, "_table", {})
    systems.register(systems.SystemEntry("words", "words", Claim("words", (".txt",))))
    yield
    for name in [n for n in sys.modules if n == "words" or n.startswith("words.")]:
        del sys.modules[name]


@pytest.fixture
def base(tmp_path: Path):
    root = tmp_path / "project"
    root.mkdir()
    (root / "a.txt").write_text("it is bad\n")
    (root / "b.txt").write_text("it is good\n")
    return root


def test_from_a_finding_to_its_repair(probatum, base: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.json"

    status, out, err = probatum("check", base, "-o", f"json:{report}")
    assert (status, err) == (1, "")
    assert "words/bad-word  a.txt:1:7\n  it says `bad`" in out
    assert out.endswith(f"1 finding, 3 cleared   {report} written\n")

    assert "The case\n  word  bad" in probatum("explain", "1", "--root", base)[1]
    assert probatum("recheck", report, "--root", base) == (0, "4 confirmed, 0 refuted, 0 could not be told\n", "")

    status, out, _ = probatum("repair", "1", "--root", base)
    assert status == 0
    assert "-it is bad\n+it is good" in out
    assert (base / "a.txt").read_text() == "it is bad\n"

    assert probatum("repair", "1", "--root", base, "--write")[0] == 0
    assert (base / "a.txt").read_text() == "it is good\n"
    assert probatum("check", base)[0] == 0
    assert probatum("recheck", report, "--root", base)[0] == 3
    assert probatum("gc", base, "--keep", "1")[0] == 0


def test_altered_evidence_is_refuted(probatum, base: Path, tmp_path: Path) -> None:
    stored = json.loads(probatum("check", base, "--format", "json")[1])
    [finding] = [o for o in stored["outcomes"] if o["kind"] == "finding"]
    finding["evidence"]["given"]["word"] = "worse"
    altered = tmp_path / "altered.json"
    altered.write_text(json.dumps(stored))

    status, out, _ = probatum("recheck", altered, "--root", base)

    assert status == 4
    assert out.startswith("refuted  words/bad-word  a.txt:1:7\n")
    assert json.loads(probatum("recheck", altered, "--root", base, "--format", "json")[1])["summary"]["refuted"] == 1


def test_accepted_and_suppressed_findings_do_not_count_but_are_counted(probatum, base: Path) -> None:
    assert probatum("baseline", "update", base)[1].endswith("1 accepted, 0 forgotten, 0 as before\n")
    (base / "c.txt").write_text("bad\n")

    status, out, _ = probatum("check", base, "--baseline")
    assert status == 1
    assert out.endswith("1 finding, 4 cleared, 1 baselined\n")
    assert "a.txt:1:7  it says `bad`" in probatum("baseline", "show", base)[1]

    add = ("suppress", "add", "1", "--root", base, "--category", "accepted-risk", "--reason", "bad on purpose, see the manual")
    status, out, err = probatum(*add, "--owner", "ines")
    assert (status, err) == (0, "")
    assert "bad on purpose" in out
    assert probatum("check", base)[0] == 0
    assert "c.txt:1:1  it says `bad`\n  bad on purpose, see the manual, ines, until" in probatum("suppress", "list", base)[1]

    (base / "c.txt").write_text("good\n")
    assert probatum("suppress", "prune", base)[1].endswith("1 removed, 0 kept\n")


def test_the_machine_is_described(probatum, base: Path) -> None:
    status, out, _ = probatum("doctor", base, "--format", "json")

    assert status == 0
    assert {"python", "git"} <= {probe["name"] for probe in json.loads(out)["probes"]}


def test_an_interruption_leaves_no_child_behind(base: Path) -> None:
    (base / "hang.txt").write_text("%hang\n")
    program = f"""
import sys
sys.path.insert(0, {str(ENGINE_TESTS)!r})
from probatum.engine import systems
from probatum.project.discover import Claim
systems._table.clear()
systems.register(systems.SystemEntry("words", "words", Claim("words", (".txt",))))
from probatum.cli import main
sys.exit(main(["check", {str(base)!r}]))
"""
    script = base.parent / "run.py"
    script.write_text(f"if __name__ == '__main__':\n{''.join('    ' + line + chr(10) for line in program.splitlines())}")
    environment = {**os.environ, "PYTHONPATH": str(ENGINE_TESTS), "WORDS_SEEN": str(base.parent / "seen")}
    running = subprocess.Popen(
        [sys.executable, str(script)], stderr=subprocess.PIPE, text=True, start_new_session=True, env=environment
    )
    deadline = time.monotonic() + 60
    while "hang.txt" not in (base.parent / "seen").read_text() if (base.parent / "seen").exists() else True:
        assert time.monotonic() < deadline
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.05)

    running.send_signal(signal.SIGINT)
    _, err = running.communicate(timeout=30)

    assert running.returncode == 130
    assert err == "\ninterrupted\n"
    while subprocess.run(["pgrep", "-s", str(running.pid)], capture_output=True, check=False).returncode == 0:
        assert time.monotonic() < deadline, "a child outlived the check"
        time.sleep(0.05)
