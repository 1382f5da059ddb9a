"""What `init` writes is a configuration that changes nothing, and that any line of can be used."""

from __future__ import annotations

import tomllib
from pathlib import Path

from probatum.cli.init import configuration
from probatum.project.config import read_configuration
from probatum.project.options import options
from probatum.project.system import DiskSystem


def test_the_configuration_changes_nothing(probatum, tmp_path: Path) -> None:
    before = read_configuration(DiskSystem(tmp_path)).values

    status, out, _ = probatum("init", tmp_path)

    assert status == 0
    assert "probatum.toml written" in out
    assert read_configuration(DiskSystem(tmp_path)).values == before


def test_every_option_is_explained_and_valid_when_it_is_used(tmp_path: Path) -> None:
    used = "\n".join(
        line[1:] if line.startswith("#") and not line.startswith("# ") else line for line in configuration().split("\n")
    )
    (tmp_path / "probatum.toml").write_text(used)

    read = read_configuration(DiskSystem(tmp_path))

    assert read.given == {(option.table, option.name) for option in options}
    for option in options:
        if option.default:
            assert tomllib.loads(used)[option.table][option.name] == option.default


def test_a_configuration_that_is_there_is_kept(probatum, tmp_path: Path) -> None:
    (tmp_path / "probatum.toml").write_text("[check]\nseed = 5\n")

    status, _, err = probatum("init", tmp_path)

    assert status == 2
    assert "is there already" in err
    assert (tmp_path / "probatum.toml").read_text() == "[check]\nseed = 5\n"
    assert probatum("init", tmp_path, "--force")[0] == 0


def test_it_can_be_looked_at_without_being_written(probatum, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert probatum("init", "--print") == (0, configuration(), "")
    assert list(tmp_path.iterdir()) == []


def test_what_no_system_owns_is_listed_and_explained_too(probatum) -> None:
    from probatum.engine.rules import built_in

    listed = probatum("rules", "probatum")[1]
    for rule in built_in:
        assert rule in listed
        status, out, _ = probatum("explain", rule)
        assert status == 0
        assert len(out.split("\n\n")[1]) > 40, "it says what to do"


def test_every_shell_gets_a_script_that_names_the_program(probatum) -> None:
    for shell in ("bash", "zsh", "fish"):
        status, out, _ = probatum("completion", shell)
        assert status == 0
        assert "_PROBATUM_COMPLETE" in out


def test_commands_are_completed_from_the_table() -> None:
    from click.shell_completion import ShellComplete

    from probatum.cli import program

    complete = ShellComplete(program, {}, "probatum", "_PROBATUM_COMPLETE")

    assert [item.value for item in complete.get_completions([], "re")] == ["repair", "recheck"]
    assert [item.value for item in complete.get_completions(["check"], "--base")] == ["--baseline", "--baseline-file"]
    assert [item.value for item in complete.get_completions(["suppress"], "p")] == ["prune"]
