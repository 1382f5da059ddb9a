"""The rules of the house that a machine can check, and no other tool does."""

import ast
import doctest
import importlib
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from probatum.engine import list_rules
from probatum.testing import read_spec
from probatum.testing.systems import docstring_shortcomings, needed

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "probatum"
SOURCES = sorted(PACKAGE.rglob("*.py"))
RULES = list_rules()
EVERY_PYTHON_FILE = [
    ROOT / "dev.py",
    *sorted(
        p for folder in ("src", "tests", "bench", "docs") for p in (ROOT / folder).rglob("*.py") if "node_modules" not in p.parts
    ),
]

every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.id for rule in RULES])


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Every line of a file that has a comment, from its `#` on; what is in a string is not one."""
    import tokenize

    if not re.search("noqa|type: ignore|pragma", path.read_text(encoding="utf-8")):
        return  # reading it token by token would find nothing
    with path.open("rb") as stream:
        for token in tokenize.tokenize(stream.readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string


@pytest.mark.slow  # analyses every import of the package
def test_imports_only_go_down() -> None:
    program = "import sys; from importlinter.cli import lint_imports_command as lint; sys.exit(lint())"

    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


def test_no_package_has_a_name_where_cycles_are_born() -> None:
    names = {part for path in SOURCES for part in module_of(path).split(".")}

    assert not names & {"base", "common", "core", "helper", "helpers", "misc", "util", "utils"}


@every_rule
def test_every_rule_says_what_it_finds_why_and_what_it_does_not_find(rule) -> None:
    assert list(docstring_shortcomings(rule.path)) == []


@every_rule
def test_every_rule_has_a_spec_with_a_finding_a_cleared_and_an_undecided_case(rule) -> None:
    spec = read_spec(ROOT / "specs" / f"{rule.id}.md")
    name = rule.id.split("/")[1]

    verdicts = {e.verdict for example in spec.examples for e in example.expects if e.rule == name}

    assert needed(verdicts) == ()
    assert spec.title.startswith(f"`{rule.id}`")


def test_every_spec_is_about_a_rule_that_exists() -> None:
    specs = {str(p.relative_to(ROOT / "specs").with_suffix("")) for p in (ROOT / "specs").rglob("*.md")}

    assert specs - {rule.id for rule in RULES} == set()


def test_every_suppression_names_its_code_and_its_reason() -> None:
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {comment}"
        for path in EVERY_PYTHON_FILE
        for number, comment in comments(path)
        if ("noqa" in comment and not re.search(r"# noqa: [A-Z]+[0-9]+(, ?[A-Z]+[0-9]+)* (- |# )\S", comment))
        or ("type: ignore" in comment and not re.search(r"# type: ignore\[[a-z, -]+\]\s+# \S", comment))
        or ("pragma: no cover" in comment and not re.search(r"# pragma: no cover (- |# )\S", comment))
    ]

    assert wrong == []


def test_every_rule_of_style_that_is_switched_off_has_its_reason_beside_it() -> None:
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    tables = ("ignore = [", "[tool.ruff.lint.per-file-ignores]", "[[tool.mypy.overrides]]")
    starts = [i for i, line in enumerate(lines) if line in tables]
    wrong = []
    for start in starts:
        for line in lines[start + 1 :]:
            if line in ("]", "") or line.startswith("[tool"):
                break
            if "#" not in line and not line.startswith("module = "):
                wrong.append(line)

    assert len(starts) == len(tables)
    assert wrong == []


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if ">>> " in p.read_text(encoding="utf-8")], ids=lambda p: str(p.relative_to(PACKAGE))
)
def test_every_example_in_a_docstring_runs(path: Path) -> None:
    result = doctest.testmod(importlib.import_module(module_of(path)))

    assert result.attempted > 0
    assert result.failed == 0


def test_nothing_names_a_place_on_somebodys_machine() -> None:
    texts = [
        ROOT / name
        for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "pyproject.toml")
    ]
    texts += [*EVERY_PYTHON_FILE, *(ROOT / "docs").rglob("*.md"), *(ROOT / "specs").rglob("*.md"), ROOT / ".ci" / "run"]
    place = re.compile(r"(?<![\w.])/(?:work|root|Users|home)/")

    assert [str(p.relative_to(ROOT)) for p in texts if p != Path(__file__) and place.search(p.read_text(encoding="utf-8"))] == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [module_of(p) for p in SOURCES if not ast.get_docstring(ast.parse(p.read_text(encoding="utf-8")))]

    assert silent == []


def test_an_extra_of_the_distribution_that_a_message_names_exists() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["optional-dependencies"]
    named = {name for p in SOURCES for name in re.findall(r"probatum\[([a-z]+)\]", p.read_text(encoding="utf-8"))}

    assert named
    assert named <= set(extras)


def test_test_files_have_names_of_their_own() -> None:
    """Two of the same name hide each other, because tests are not packages."""
    names = [p.name for p in (ROOT / "tests").rglob("*.py") if p.name not in ("conftest.py", "__init__.py")]

    assert sorted(names) == sorted(set(names))


def test_no_test_imports_from_a_conftest() -> None:
    """There are several, and which one `import conftest` means depends on what is run; shared code has a name of its own."""
    wrong = [
        str(p.relative_to(ROOT))
        for p in (ROOT / "tests").rglob("*.py")
        if re.search(r"^\s*(?:from|import) conftest\b", p.read_text(encoding="utf-8"), re.MULTILINE)
    ]

    assert wrong == []
