"""`check --watch`: what counts as a change, and when the next check begins."""

import os
from pathlib import Path

import pytest

from probatum.cli.watching import changes, look_at, watch
from probatum.engine import CheckOptions, check
from probatum.engine.workers import Warm
from probatum.errors import UsageError


class Interrupted:
    """A waiter that lets so many looks pass, and does something at some of them."""

    def __init__(self, steps):
        self.steps = steps
        self.count = 0

    def __call__(self):
        self.count += 1
        if self.count > max(self.steps, default=0) + 4:
            raise KeyboardInterrupt
        self.steps.get(self.count, lambda: None)()


def watching(base: Path, steps, run=lambda: 0):
    runs = []

    def once():
        runs.append(sorted(Path(path).name for path in look_at(base, (".py",))))
        return run()

    status = watch(once, lambda: look_at(base, (".py",)), base, wait=Interrupted(steps))
    return runs, status


def test_every_change_is_checked_once(tmp_path, capfd):
    (tmp_path / "a.py").write_text("x = 1")

    runs, status = watching(
        tmp_path, {3: lambda: (tmp_path / "b.py").write_text("y = 1"), 8: (tmp_path / "a.py").unlink}, run=lambda: 3
    )

    assert (runs, status) == ([["a.py"], ["a.py", "b.py"], ["b.py"]], 3)
    assert [line for line in capfd.readouterr().err.splitlines() if "changed" in line] == ["changed: b.py", "changed: a.py"]


def test_a_file_that_is_still_being_written_is_waited_for(tmp_path):
    (tmp_path / "a.py").write_text("x")

    runs, _ = watching(tmp_path, {n: lambda n=n: (tmp_path / "a.py").write_text("x" * n) for n in (3, 4, 5)})

    assert len(runs) == 2


def test_a_change_during_a_check_is_a_change_after_it(tmp_path):
    (tmp_path / "a.py").write_text("x")
    left = ["y = 1"]

    runs, _ = watching(tmp_path, {3: lambda: None}, run=lambda: (tmp_path / "b.py").write_text(left.pop()) if left else 0)

    assert runs == [["a.py"], ["a.py", "b.py"]]


def test_a_mistake_in_the_configuration_is_said_and_does_not_end_it(tmp_path, capfd):
    def run():
        raise UsageError("`x` is not an option", help="remove it")

    runs, status = watching(tmp_path, {2: lambda: (tmp_path / "a.py").write_text("x")}, run=run)

    assert (len(runs), status) == (2, 2)
    assert "help: remove it" in capfd.readouterr().err


def test_caches_other_files_and_what_a_check_writes_are_not_watched(tmp_path):
    for name in ("a.py", "notes.md", ".venv/b.py", "sub/c.py", "probatum.toml", "report.py", "written/test_a.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")

    seen = look_at(tmp_path, (".py",), [tmp_path / "report.py", tmp_path / "written"])

    assert {os.path.relpath(path, tmp_path) for path in seen} == {"a.py", "sub/c.py", "probatum.toml"}


def test_the_first_check_needs_no_change():
    found = changes(dict, lambda: pytest.fail("nobody waits before the first check"))

    assert next(found) == ()


@pytest.mark.slow
def test_children_stay_from_one_check_to_the_next_while_they_are_what_is_needed(tmp_path):
    (tmp_path / "same.py").write_text(
        "from probatum.spec import ensures\n\ndef f(x: int) -> int:\n    ensures(lambda r: r == x)\n    return x\n"
    )
    options = CheckOptions(select=("code",), jobs=1)

    with Warm() as warm:
        first = check(tmp_path, options, warm=warm)
        children = warm._workers
        (tmp_path / "same.py").write_text((tmp_path / "same.py").read_text().replace("return x", "return x + 1"))
        second = check(tmp_path, options, warm=warm)
        assert warm._workers is children
        check(tmp_path, CheckOptions(select=("code",), jobs=1, timeout_s=77), warm=warm)
        assert warm._workers is not children

    assert (len(first.findings), len(second.findings) > 0) == (0, True)
    assert warm._workers is None
