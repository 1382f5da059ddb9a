"""Code that imports installed packages is run with them: they are read where they are installed, and nothing else is."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from probatum.code.semantics.packages import installed, wanted
from probatum.code.semantics.python import Case, Kind, Run, Runner, Status
from probatum.project.environment import environment
from probatum.python.reading import read_program

SPEC = "from probatum.spec import ensures, requires\n"
SEALED = (
    SPEC + "from cryptography.hazmat.primitives.ciphers.aead import AESGCM\n"
    "def there_and_back(key: bytes, text: bytes) -> bytes:\n"
    "    requires(len(key) == 32)\n"
    "    ensures(lambda r: r == text)\n"
    "    sealed = AESGCM(key).encrypt(bytes(12), text, None)\n"
    "    return AESGCM(key).decrypt(bytes(12), sealed, None)[{}]\n"
)
OURS = environment(Path("/nowhere")).folders


def run(text: str, name: str, arguments: dict[str, str], folders: tuple[str, ...] = OURS) -> Run:
    program = read_program({"m.py": text})
    assert not program.unreadable
    with Runner(program, packages=folders) as runner:
        return runner.run(f"m.{name}", Case(arguments))


def distribution(folder: Path, name: str, files: dict[str, str], requires: tuple[str, ...] = ()) -> None:
    """Install a distribution, as an installer would."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    record = folder / f"{name.replace('-', '_')}-1.0.dist-info"
    record.mkdir(parents=True)
    (record / "METADATA").write_text(
        "\n".join([f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {r}" for r in requires), "", ""])
    )
    (record / "RECORD").write_text("".join(f"{path},,\n" for path in files))


def test_a_package_with_compiled_modules_is_run() -> None:
    pytest.importorskip("cryptography")
    arguments = {"key": "bytes(32)", "text": "b'ab'"}

    right = run(SEALED.format(":"), "there_and_back", arguments)
    wrong = run(SEALED.format("1:"), "there_and_back", arguments)

    assert right.status is Status.RETURNED
    assert wrong.violation is not None
    assert (wrong.violation.kind, wrong.violation.line) == (Kind.POSTCONDITION, 5)


def test_a_package_that_asks_for_versions_and_reads_its_own_files_is_run() -> None:
    text = (
        SPEC + "import click\nfrom importlib.metadata import version\n"
        "def f(word: str) -> str:\n    ensures(lambda r: r == word)\n"
        "    return click.unstyle(click.style(word, fg='red')) if version('click') else ''\n"
    )

    assert run(text, "f", {"word": "'a'"}).status is Status.RETURNED


def test_what_a_package_may_read_is_itself_and_what_it_requires(tmp_path: Path) -> None:
    site = tmp_path / "site-packages"
    reading = "def size(name):\n    with open(name) as stream:\n        return len(stream.read())\n"
    distribution(site, "one", {"one/__init__.py": f"import other\n{reading}"}, ("other>=1; python_version >= '3'",))
    distribution(site, "other", {"other.py": "word = 'abc'\n"})
    distribution(site, "third", {"third.py": "secret = 1\n"})
    text = SPEC + "import one\ndef f(name: str) -> int:\n    return one.size(name)\n"

    own = run(text, "f", {"name": repr(str(site / "other.py"))}, (str(site),))
    beside = run(text, "f", {"name": repr(str(site / "third.py"))}, (str(site),))

    assert own.status is Status.RETURNED
    assert (beside.status, beside.what) == (Status.REFUSED, f"it tries to read the file `{site / 'third.py'}`")


@pytest.mark.parametrize(
    "does",
    ["import socket; socket.socket()", "import os; os.system('true')", f"open('{__file__}', 'a')"],
    ids=["socket", "process", "file"],
)
def test_a_package_can_do_no_more_than_the_code_that_imports_it(does: str, tmp_path: Path) -> None:
    distribution(tmp_path, "one", {"one.py": f"def act():\n    {does}\n"})

    ran = run(SPEC + "import one\ndef f() -> None:\n    one.act()\n", "f", {}, (str(tmp_path),))

    assert ran.status is Status.REFUSED


def test_links_in_a_folder_of_packages_lead_nowhere(tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    distribution(elsewhere, "one", {"one/__init__.py": ""})
    distribution(site, "two", {"two/__init__.py": "", "two/inner/__init__.py": ""})
    (site / "one").symlink_to(elsewhere / "one")
    (site / "one-1.0.dist-info").symlink_to(elsewhere / "one-1.0.dist-info")
    (site / "two" / "inner" / "__init__.py").unlink()
    (site / "two" / "inner" / "__init__.py").symlink_to(elsewhere / "one" / "__init__.py")

    assert installed(("one",), (str(site),)).readable == ()
    ran = run(SPEC + "import two.inner\ndef f() -> None:\n    pass\n", "f", {}, (str(site),))
    assert (ran.status, ran.what.partition(" `")[0]) == (Status.REFUSED, "importing it tries to read the file")


def test_packages_that_share_a_name_are_each_readable(tmp_path: Path) -> None:
    distribution(tmp_path, "acme-one", {"acme/one/__init__.py": "value = 1\n"})
    distribution(tmp_path, "acme-two", {"acme/two/__init__.py": "value = 2\n"})
    text = SPEC + "from acme.one import value\ndef f() -> int:\n    ensures(lambda r: r == 1)\n    return value\n"

    assert run(text, "f", {}, (str(tmp_path),)).status is Status.RETURNED
    assert tmp_path / "acme" not in installed(("acme",), (str(tmp_path),)).readable


def test_a_package_that_is_not_installed_is_named_and_where_it_was_looked_for(tmp_path: Path) -> None:
    site = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    distribution(site, "one", {"one/__init__.py": "import other\n"})
    absent = "which is not installed in `.venv/lib/python3.11/site-packages`"

    ran = run(SPEC + "import nobody.has\ndef f() -> int:\n    return 1\n", "f", {}, (str(site),))
    deeper = run(SPEC + "import one\ndef f() -> int:\n    return 1\n", "f", {}, (str(site),))

    assert (ran.status, ran.what) == (Status.IMPORT, f"it imports `nobody`, {absent}")
    assert (deeper.status, deeper.what) == (Status.IMPORT, f"`one` imports `other`, {absent}")


def test_a_package_that_is_missing_when_a_function_needs_it_breaks_no_contract() -> None:
    text = SPEC + "def f() -> int:\n    ensures(lambda r: r == 1)\n    import nobody_has\n    return 1\n"

    ran = run(text, "f", {})

    assert (ran.status, ran.violation) == (Status.IMPORT, None)
    assert "`nobody_has`, which is not installed" in ran.what


def test_a_package_that_fails_to_load_is_named(tmp_path: Path) -> None:
    distribution(tmp_path, "one", {"one/__init__.py": "from one import inner\n", "one/inner.py": "raise ValueError('no')\n"})

    ran = run(SPEC + "import one\ndef f() -> int:\n    return 1\n", "f", {}, (str(tmp_path),))

    assert (ran.status, ran.what) == (Status.IMPORT, "importing `one` raises ValueError: no")


def test_the_environment_of_a_project_comes_before_our_own(tmp_path: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    ours = environment(tmp_path)
    site = tmp_path / ".venv" / "lib" / version / "site-packages"
    distribution(site, "one", {"one.py": ""})

    own = environment(tmp_path)
    distribution(site, "two", {"two.py": ""})

    assert own.folders == (str(site),)
    assert str(Path(str(find_spec("click").origin)).parents[1]) in ours.folders
    assert len({ours.digest, own.digest, environment(tmp_path).digest}) == 3


def test_a_virtual_environment_for_another_python_is_not_used(tmp_path: Path) -> None:
    distribution(tmp_path / ".venv" / "lib" / "python3.7" / "site-packages", "one", {"one.py": ""})

    assert environment(tmp_path).folders == OURS


def test_an_environment_that_includes_what_is_installed_outside_has_both(tmp_path: Path) -> None:
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = tmp_path / ".venv" / "lib" / version / "site-packages"
    distribution(site, "one", {"one.py": ""})
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = true\n")

    assert environment(tmp_path).folders == (str(site), *OURS)


def test_what_is_wanted_is_neither_standard_nor_of_the_program() -> None:
    program = read_program(
        {"m.py": "import json, m2, click.testing\nfrom . import x\nfrom yaml import load\n", "m2.py": "", "x.py": ""}
    )

    assert wanted(program, ("probatum.spec",)) == ("click", "yaml")
