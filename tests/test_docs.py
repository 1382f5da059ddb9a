"""What the documentation says is so: pages are fresh, links lead somewhere, commands and options exist."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest

from probatum.cli import COMMANDS, program
from probatum.engine import list_rules
from probatum.engine.rules import built_in_rules
from probatum.project.options import options

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md"), *(ROOT / "examples").rglob("*.md")])
WRITTEN = [page for page in PAGES if page.parent != DOCS / "reference"]


def reference():
    spec = importlib.util.spec_from_file_location("build_reference", DOCS / "build_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return reference().pages()


def test_the_reference_is_what_the_code_says(made: dict[str, str]) -> None:
    there = {page.name: page.read_text(encoding="utf-8") for page in (DOCS / "reference").glob("*.md")}
    stale = sorted(name for name in made.keys() | there.keys() if made.get(name) != there.get(name))

    assert stale == [], "run `python3 dev.py docs`"


def commands_of(path: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from commands_of(f"{path} {name}", command.get_command(context, name))


@cache
def commands_by_path() -> dict[str, click.Command]:
    return {
        path: command
        for name in COMMANDS
        for path, command in commands_of(f"probatum {name}", program.get_command(click.Context(program), name))
    }


def test_every_command_and_option_is_in_the_reference(made: dict[str, str]) -> None:
    page = made["commands.md"]
    for path, command in commands_by_path().items():
        section = page.split(f"## `{path}`\n", 1)[1].split("\n## ", 1)[0]
        for parameter in command.params:
            for name in parameter.opts if isinstance(parameter, click.Option) and not parameter.hidden else ():
                assert name in section, f"{path} {name}"


def test_every_option_rule_and_error_is_in_the_reference(made: dict[str, str]) -> None:
    from probatum import errors

    for option in options:
        assert f"### `{option.name}`" in made["configuration.md"].split(f"## `[{option.table}]`", 1)[1]
    for rule in (*list_rules(), *built_in_rules()):
        assert f"## `{rule.id}`" in made["rules.md"]
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, errors.ProbatumError) and value is not errors.ProbatumError:
            assert f"## `{name}`" in made["errors.md"]


def test_every_error_says_what_it_means() -> None:
    assert [name for name, (_, _, words) in reference().error_classes().items() if not words] == []


@pytest.mark.slow  # runs a dozen programs
def test_the_tutorial_shows_what_happens(tmp_path: Path) -> None:
    """Its files are written, its commands are run, and what they print is what it says; --accept of specs rewrites it."""
    page = DOCS / "tutorial" / "first-check.md"
    before = page.read_text(encoding="utf-8")
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "NO_COLOR": "1",
        "COLUMNS": "100",
    }
    status = 0

    def run(found: re.Match[str]) -> str:
        nonlocal status
        kind, words, content = found["kind"], found["words"], found["content"]
        if words.startswith("file: "):
            target = tmp_path / words.removeprefix("file: ")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content, encoding="utf-8")
        if kind != "console":
            return found[0]
        out = []
        for command in re.findall(r"^\$ (.*)$", content, re.MULTILINE):
            shell = ["bash", "-c", f"(exit {status}); {command}"]
            done = subprocess.run(shell, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
            status = done.returncode
            out.append(f"$ {command}\n{done.stdout}")
        return f"```console\n{''.join(out)}```"

    after = re.sub(r"^```(?P<kind>[a-z]+) ?(?P<words>[^\n]*)\n(?P<content>.*?)^```", run, before, flags=re.DOTALL | re.MULTILINE)
    if "PROBATUM_ACCEPT" in os.environ:
        page.write_text(after, encoding="utf-8")

    assert page.read_text(encoding="utf-8") == after


def blocks(page: Path) -> Iterator[tuple[str, str]]:
    for found in re.finditer(r"^```([^\n]*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE):
        yield found[1], found[2]


@pytest.mark.parametrize("page", WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_command_in_the_documentation_exists(page: Path) -> None:
    lines = [
        line.strip().removeprefix("- ").removeprefix("run: ").removeprefix("entry: ").removeprefix("$ ")
        for language, text in blocks(page)
        if language in ("sh", "console", "yaml", "text")
        for line in text.replace("\\\n", " ").splitlines()
    ]
    inline = re.findall(r"`(probatum [a-z][^`]*)`", page.read_text(encoding="utf-8"))

    for line in [*(one for one in lines if one.startswith("probatum ")), *inline]:
        words = shlex.split(line.split(" > ")[0].split(" || ")[0], comments=True)
        path = next((p for n in (4, 3, 2) if (p := " ".join(words[:n])) in commands_by_path()), None)
        if words[1].startswith("-") or "..." in words[1]:
            continue
        assert path is not None, f"`{line}` is not a command"
        known = {name for parameter in commands_by_path()[path].params for name in (*parameter.opts, *parameter.secondary_opts)}
        unknown = [w for w in words if re.match(r"--?[a-z]", w) and w.split("=")[0] not in known | {"--help", "-h"}]
        assert unknown == [], f"`{line}`"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = [t.split("#", 1)[0] for t in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", t)]

    assert [t for t in targets if t and not (page.parent / t).exists()] == []


@pytest.mark.parametrize("page", WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_rule_that_is_mentioned_exists(page: Path) -> None:
    known = {rule.id for rule in (*list_rules(), *built_in_rules())}
    mentioned = set(re.findall(r"`((?:access|probatum)/[a-z]+(?:-[a-z]+)*)`", page.read_text(encoding="utf-8")))

    assert mentioned - known == set()


@pytest.mark.parametrize("page", WRITTEN, ids=lambda p: str(p.relative_to(ROOT)))
def test_every_file_that_is_mentioned_exists(page: Path) -> None:
    mentioned = re.findall(
        r"`((?:src|tests|docs|specs|examples|bench|changelog\.d|\.ci)/?[\w./-]*)`", page.read_text(encoding="utf-8")
    )
    inside = re.findall(
        r"`((?:runner|solve|stats|cli|project|engine|report|store)/[\w./]+\.py)`", page.read_text(encoding="utf-8")
    )

    assert [m for m in mentioned if not (ROOT / m).exists()] == []
    assert [m for m in inside if not (ROOT / "src" / "probatum" / m).exists()] == []
