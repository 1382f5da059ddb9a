"""Files are complete or not there, and one that cannot be written costs nothing else."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import made_reports as made
import pytest

from probatum.cli import delivery


def test_several_files_are_written_and_named_on_the_last_line(probatum, found, tmp_path: Path) -> None:
    found(made.typical())
    files = {name: tmp_path / f"report.{name}" for name in ("json", "sarif", "junit", "html", "text", "github")}

    status, out, err = probatum("check", tmp_path, *(f"--output={name}:{file}" for name, file in files.items()))

    assert status == 1
    assert err == ""
    assert out.splitlines()[-1].endswith(", ".join(map(str, files.values())) + " written")
    assert json.loads(files["json"].read_text())["summary"]["findings"] == 2
    assert files["html"].read_text().startswith("<!doctype html>")


def test_one_that_cannot_be_written_is_told_and_the_rest_is_there(probatum, found, tmp_path: Path) -> None:
    found(made.typical())
    good = tmp_path / "good.json"

    status, out, err = probatum("check", tmp_path, "-o", f"html:{tmp_path}/no/such/report.html", "-o", f"json:{good}")

    assert status == 2
    assert f"error: cannot write `{tmp_path}/no/such/report.html`: no such file or directory\n  help: " in err
    assert "anyone on the internet" in out
    assert json.loads(good.read_text())


def test_a_failed_write_leaves_the_old_file_and_no_scrap(tmp_path: Path, monkeypatch, capsys) -> None:
    file = tmp_path / "report.json"
    file.write_text("old")

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    assert delivery.write([(file, "new")]) == ()
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]
    assert "no space left on device" in capsys.readouterr().err


def test_permissions_of_an_old_file_stay_and_a_link_stays_a_link(tmp_path: Path) -> None:
    file = tmp_path / "real.json"
    file.write_text("old")
    file.chmod(0o640)
    link = tmp_path / "link.json"
    link.symlink_to(file)

    delivery.write_file(link, b"new")

    assert link.is_symlink()
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_a_new_file_has_the_customary_permissions(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        delivery.write_file(tmp_path / "new", b"")
    finally:
        os.umask(before)

    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640


def test_a_device_is_written_to_and_not_replaced() -> None:
    delivery.write_file(Path("/dev/null"), b"gone")

    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


@pytest.mark.parametrize(
    ("report", "status"),
    [
        (made.typical(), 1),
        (made.everything(), 1),
        (made.make(made.cleared(1)), 0),
        (made.make(made.cleared(1), made.undecided()), 3),
        (made.make(), 3),
        (made.make(made.cleared(1), defects=made.everything().defects), 4),
        (made.make(made.public(), defects=made.everything().defects), 1),
    ],
)
@pytest.mark.parametrize("form", ["text", "json", "sarif", "junit", "github", "html"])
def test_the_status_is_that_of_the_report_in_every_format(probatum, found, report, status, form) -> None:
    found(report)

    assert probatum("check", ".", "--format", form)[0] == status


def test_options_reach_the_engine(probatum, found, tmp_path: Path) -> None:
    asked = found(made.typical())

    probatum(
        *(
            "check",
            tmp_path,
            "-s",
            "access/*",
            "-s",
            "x/y",
            "--ignore",
            "z/a",
            "--timeout",
            "2.5",
            "--memory",
            "512MiB",
            "--jobs",
            "3",
        ),
        *("--runner", "ray", "--no-cache", "--baseline", "--baseline-file", "b.json", "--changed-since", "main"),
        *("--show-suppressed", "--seed", "7", "--today", "2027-01-31"),
    )

    [(root, options)] = asked
    assert root == tmp_path
    assert (options.select, options.ignore, options.timeout_s) == (("access/*", "x/y"), ("z/a",), 2.5)
    assert (options.memory_bytes, options.jobs, options.runner, options.use_cache) == (512 * 2**20, 3, "ray", False)
    assert (options.only_new, options.baseline, options.use_baseline) == (True, Path("b.json"), True)
    assert (options.changed_since, options.show_suppressed, options.seed, str(options.today)) == ("main", True, 7, "2027-01-31")


@pytest.mark.parametrize(
    "arguments",
    [
        ("--timeout", "nan"),
        ("--timeout", "0"),
        ("--runner", "foo"),
        ("--output", "json:-"),
        ("-o", "json:a.out", "-o", "sarif:a.out"),
        ("--baseline", "--no-baseline"),
        ("--baseline-file", "b.json", "--no-baseline"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_checked(probatum, found, arguments) -> None:
    asked = found(made.typical())

    status, _, errors = probatum("check", ".", *arguments)

    assert (status, asked) == (2, [])
    assert errors.startswith("error: ")


def test_what_is_not_asked_for_is_left_to_the_configuration(probatum, found, tmp_path: Path) -> None:
    from probatum.engine import CheckOptions

    asked = found(made.typical())

    probatum("check", tmp_path)

    assert asked[0][1] == CheckOptions()


def test_colour_is_for_terminals_that_want_it(monkeypatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    assert delivery.wants_color(refused=False)
    assert not delivery.wants_color(refused=True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert not delivery.wants_color(refused=False)


def test_hidden_findings_are_listed_on_request(probatum, found, tmp_path: Path) -> None:
    found(made.typical())

    assert "press kit is meant for everyone" in probatum("check", tmp_path, "--show-suppressed")[1]
    assert "press kit is meant for everyone" in probatum("suppress", "list", tmp_path)[1]
    assert probatum("baseline", "show", tmp_path)[1] == "0 findings hidden by the baseline\n"


def test_a_finding_is_explained_by_number_fingerprint_or_report(probatum, found, tmp_path: Path) -> None:
    report = made.typical()
    found(report)
    made.write_project(tmp_path)
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report.to_json()))

    by_number = probatum("explain", "1", "--root", tmp_path)
    by_fingerprint = probatum("explain", report.findings[0].fingerprint[:8], "--root", tmp_path)
    by_report = probatum("explain", "1", "--report", file, "--root", tmp_path)

    assert by_number == by_fingerprint == by_report
    assert by_number[0] == 0
    assert ">  8 │" in by_number[1]


@pytest.mark.parametrize("wrong", ["0", "3", "99999", "zzzz", "a", "0123456789abcdef"])
def test_a_finding_that_is_not_there_is_refused(probatum, found, tmp_path: Path, wrong) -> None:
    found(made.typical())

    status, _, err = probatum("explain", wrong, "--root", tmp_path)

    assert status == 2
    assert "  help: " in err
