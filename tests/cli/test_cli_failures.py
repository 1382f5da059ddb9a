"""What can go wrong ends in one line that says what, why and what to do, and in the right status."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from probatum.errors import ConfigurationError, EvidenceError, UsageError
from probatum.source import Location


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["chekc"], "error: `chekc` is not a command; did you mean `check`?"),
        (["check", "--fromat", "json"], "error: no such option '--fromat'"),
        (["check", "--format", "yaml"], "error: invalid value for '--format'"),
        (["check", "--output", "report.html"], "`report.html` does not say format and file, as in `html:report.html`"),
        (["check", "--output", "yaml:x"], "`yaml` is not a format; there are text, json"),
        (["check", "--memory", "3 potatoes"], "is not a number of bytes"),
        (["check", "--timeout", "0"], "error: invalid value for '--timeout'"),
        (["check", "--jobs", "0"], "error: invalid value for '--jobs'"),
        (["check", "--today", "tomorrow"], "`tomorrow` is not a day"),
        (["check", "/no/such/place"], "error: `/no/such/place` does not exist"),
        (["rules", "acces"], "error: there are no rules of `acces`"),
        (["explain", "access/no-such-rule"], "error: there is no rule `access/no-such-rule`"),
        (["recheck", "/no/such/report.json"], "error: cannot read `/no/such/report.json`: no such file or directory"),
        (
            ["suppress", "add", "access/x", "--category", "test-data", "--reason", "only for tests", "--owner", "me"],
            "a rule alone would hide",
        ),
        (["completion", "cmd"], "error: invalid value for '{bash|zsh|fish}'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_wrong_command_line_is_refused_in_words(probatum, arguments, message) -> None:
    status, out, err = probatum(*arguments)

    assert status == 2
    assert out == ""
    assert message in err
    assert "\n  help: " in err
    assert "Traceback" not in err


def test_without_a_command_the_help_is_shown_and_it_is_no_success(probatum) -> None:
    status, out, err = probatum()

    assert status == 2
    assert out == ""
    assert "Commands:" in err


def test_an_error_says_where_what_and_what_to_do(probatum, found) -> None:
    found(
        ConfigurationError("`exlude` is not an option", help="did you mean `exclude`?", location=Location("probatum.toml", 3, 1))
    )

    assert probatum("check") == (2, "", "error: probatum.toml:3:1: `exlude` is not an option\n  help: did you mean `exclude`?\n")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UsageError("no"), 2),
        (EvidenceError("altered"), 4),
        (KeyboardInterrupt(), 130),
        (PermissionError(errno.EACCES, "Permission denied", "/etc/shadow"), 2),
        (OSError(errno.EIO, "Input/output error"), 4),
        (RuntimeError("boom"), 4),
        (RecursionError("deep"), 4),
        (MemoryError(), 4),
        (ModuleNotFoundError("No module named 'cv2'", name="cv2"), 2),
        (ModuleNotFoundError("No module named 'probatum.lost'", name="probatum.lost"), 4),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_status_says_whose_fault_it_was(probatum, found, error, status) -> None:
    found(error)

    assert probatum("check")[0] == status


def test_an_accident_of_ours_is_called_one_without_a_traceback(probatum, found, monkeypatch) -> None:
    monkeypatch.delenv("PROBATUM_DEBUG", raising=False)
    found(RuntimeError("boom \x1b[2J"))

    _, out, err = probatum("check")

    assert out == ""
    assert err.startswith("error: this is a defect of probatum: RuntimeError: boom \\x1b[2J\n  help: ")
    assert "Traceback" not in err


def test_the_traceback_is_there_for_who_asks(probatum, found, monkeypatch) -> None:
    found(RuntimeError("boom"))

    assert "Traceback" in probatum("check", "-v")[2]
    monkeypatch.setenv("PROBATUM_DEBUG", "1")
    assert "Traceback" in probatum("check")[2]


def test_a_library_that_is_missing_is_no_accident_of_ours(probatum, found) -> None:
    found(ModuleNotFoundError("No module named 'cv2.aruco'", name="cv2.aruco"))

    assert probatum("check") == (2, "", "error: the library `cv2.aruco` is not installed\n  help: pip install 'probatum[all]'\n")


def test_an_interruption_is_told_in_a_word(probatum, found) -> None:
    found(KeyboardInterrupt())

    assert probatum("check") == (130, "", "\ninterrupted\n")


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"schema": "sarif"}', "\x00", "[" * 100_000, '{"schema": "probatum-report/1"}']
)
@pytest.mark.parametrize("command", [["recheck"], ["explain", "1", "--report"]], ids=" ".join)
def test_what_is_no_report_is_refused(probatum, tmp_path: Path, content, command) -> None:
    file = tmp_path / "report.json"
    file.write_text(content, encoding="utf-8")

    status, out, err = probatum(*command, file, "--root", tmp_path)

    assert status in (2, 4)
    assert out == ""
    assert err.startswith("error: ")
    assert "defect of probatum" not in err


@pytest.mark.slow
def test_a_reader_that_leaves_early_is_no_error() -> None:
    line = f"{sys.executable} -m probatum rules --format json | head -c 1; echo ${{PIPESTATUS[0]}}"

    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=True)

    assert done.stdout == "{0\n"
    assert done.stderr == ""


@pytest.mark.slow
def test_streams_that_are_closed_are_not_missed() -> None:
    done = subprocess.run(["bash", "-c", f"{sys.executable} -m probatum rules >&- 2>&-"], check=False)

    assert done.returncode == 0


@pytest.mark.slow
def test_a_terminal_without_a_character_shows_its_number() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run(
        [sys.executable, "-m", "probatum", "explain", "правило/x"], env=environment, capture_output=True, check=False
    )

    assert done.returncode == 2
    assert b"\\u043f\\u0440" in done.stderr


@pytest.mark.slow
def test_a_full_disk_under_standard_output_is_told() -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "probatum", "rules"], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )

    assert done.returncode == 2
    assert (
        done.stderr
        == "error: cannot write to standard output: no space left on device\n  help: free some space, or write elsewhere\n"
    )
