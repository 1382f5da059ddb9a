import os
import subprocess

import pytest

from probatum.errors import StateError, UsageError
from probatum.project import base_of
from probatum.project.globs import matches
from probatum.project.system import DiskSystem, Entry, MemorySystem, TooLarge, inside, write_atomically


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("*.json", "a.json", True),
        ("*.json", "deep/er/a.json", True),
        ("/*.json", "deep/a.json", False),
        ("a/*.json", "a/b.json", True),
        ("a/*.json", "a/b/c.json", False),
        ("a/**/c.json", "a/c.json", True),
        ("a/**/c.json", "a/b/b/c.json", True),
        ("vendor", "x/vendor/y/z.json", True),
        ("vendor/", "vendor/y.json", True),
        ("vendor", "vendors/y.json", False),
        ("a/**", "a/b/c", True),
        ("**/a", "a", True),
        ("[ab].json", "b.json", True),
        ("[!ab].json", "b.json", False),
        ("a?c", "a/c", False),
        ("a.b", "axb", False),
        ("[", "[", True),
        ("[a-c-]", "-", True),
        ("[z-a]", "b", False),
        ("[!z-a]", "b", True),
        ("[\\d]", "1", False),
        ("a**b", "a/b/b", True),
        ("****/a", "b/a", True),
    ],
)
def test_a_pattern_means_the_same_everywhere(pattern, path, fits):
    assert matches(path, [pattern]) is fits


@pytest.mark.parametrize("path", ["/etc/passwd", "../x", "a/../../x", "a\x00b"])
def test_no_path_leads_outside(path):
    with pytest.raises(UsageError, match="outside the checked directory"):
        inside(path)


def test_disk_and_memory_agree(tmp_path):
    files = {"a.txt": b"1", "d/b.txt": b"22", "d/e/c.txt": b"333"}
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    disk, memory = DiskSystem(tmp_path), MemorySystem(dict(files))

    assert disk.list("") == memory.list("") == (Entry("a.txt", "file"), Entry("d", "directory"))
    for name in files:
        assert disk.read(name) == memory.read(name)
        assert disk.kind(name) == memory.kind(name) == "file"
    for system in (disk, memory):
        with pytest.raises(FileNotFoundError):
            system.read("none")
        with pytest.raises(TooLarge):
            system.read("d/e/c.txt", limit=2)


def test_links_and_pipes_are_never_opened(tmp_path):
    (tmp_path / "secret").write_text("x")
    (tmp_path / "link").symlink_to("secret")
    os.mkfifo(tmp_path / "pipe")
    system = DiskSystem(tmp_path)

    for name in ("link", "pipe"):
        with pytest.raises(OSError, match=r".") as caught:
            system.read(name)
        assert not isinstance(caught.value, FileNotFoundError)
    assert system.target("link") == "secret"


def test_a_file_is_replaced_as_a_whole_and_keeps_its_permissions(tmp_path):
    place = tmp_path / "a"
    place.write_bytes(b"old")
    place.chmod(0o640)

    write_atomically(place, b"new")

    assert place.read_bytes() == b"new"
    assert place.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["a"]


def test_a_file_that_cannot_be_written_keeps_its_content(tmp_path):
    place = tmp_path / "d"
    place.mkdir()
    (place / "in the way").write_bytes(b"old")

    with pytest.raises(StateError, match="`d` cannot be written") as caught:
        write_atomically(place, b"new")

    assert "untouched" in caught.value.help
    assert [p.name for p in tmp_path.iterdir()] == ["d"]
    assert (place / "in the way").read_bytes() == b"old"


def test_git_runs_without_the_hooks_and_variables_of_the_repository(tmp_path, monkeypatch):
    canary = tmp_path / "canary"
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    subprocess.run(["git", "config", "core.fsmonitor", f"touch {canary}"], cwd=tmp_path, check=True)
    monkeypatch.setenv("GIT_DIR", "/nowhere")

    answer = DiskSystem(tmp_path).git("status", "--porcelain")

    assert answer.status == 0
    assert not canary.exists()


def test_paths_of_a_report_are_relative_to_the_nearest_configuration(tmp_path, monkeypatch):
    (tmp_path / "project" / "policies" / "deep").mkdir(parents=True)
    (tmp_path / "project" / "probatum.toml").write_text("")
    deep = tmp_path / "project" / "policies" / "deep"
    (deep / "a.json").write_text("{}")

    # Not under version control, and not below where we are: nothing above is ours.
    assert base_of(deep) == deep
    assert base_of(deep / "a.json") == deep
    monkeypatch.chdir(tmp_path / "project")
    assert base_of(deep) == tmp_path / "project"
    monkeypatch.chdir("/")
    (tmp_path / "project" / ".git").mkdir()
    assert base_of(deep / "a.json") == tmp_path / "project"


def test_what_is_inside_of_packages_is_found_from_above_the_outermost(tmp_path):
    inner = tmp_path / "project" / "outer" / "inner"
    inner.mkdir(parents=True)
    (inner / "a.py").write_text("from outer.common import f\n")
    for package in (inner, inner.parent):
        assert base_of(inner / "a.py") == inner
        (package / "__init__.py").write_text("")

    assert base_of(inner / "a.py") == base_of(inner) == tmp_path / "project"
    assert base_of(inner.parent) == inner.parent  # what is in no other package is found from within
    (inner.parent / ".git").mkdir()
    assert base_of(inner / "a.py") == inner


def test_nothing_there_is_a_usage_error(tmp_path):
    (tmp_path / "loop").symlink_to("loop")

    with pytest.raises(UsageError, match="there is no file or directory"):
        base_of(tmp_path / "none")
    with pytest.raises(UsageError, match="there is nothing at"):
        base_of(tmp_path / "loop")
