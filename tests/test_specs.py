"""Every example of every spec, and what a person sees of the first finding of each rule.

Golden files are rewritten by `python3 dev.py specs --accept`, to be read before they are committed.
"""

import os
import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from probatum import testing
from probatum.cli import program
from probatum.engine.systems import systems

SPECS = Path(__file__).resolve().parent.parent / "specs"
EXAMPLES = [
    pytest.param(system.module, example, id=f"{system.name}/{path.stem}:{example.line}")
    for system in systems()
    for path in sorted((SPECS / system.name).glob("*.md"))
    for example in testing.read_spec(path).examples
]
RULES = [rule for system in systems() for rule in testing.rules_of(system.module, specs=SPECS / system.name)]


@pytest.mark.parametrize(("package", "example"), EXAMPLES)
def test_a_spec_says_what_the_rule_does(package: str, example: testing.Example) -> None:
    testing.check_example(package, example)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_person_sees_what_was_accepted(rule: testing.Rule) -> None:
    golden = SPECS / rule.system / f"{rule.id.split('/')[1]}.txt"

    testing.accept_rendered(rule, golden, accept="PROBATUM_ACCEPT" in os.environ)  # asserts that they are equal


CONSOLE = re.compile(r"^```console\n(?P<shown>.*?)^```\n", re.DOTALL | re.MULTILINE)
FILE = re.compile(r"^```[a-z]+ (?:[^\n]*; )?(?:input|file): (?P<name>[^\n]+)\n(?P<content>.*?)^```\n", re.DOTALL | re.MULTILINE)
SHOWN = [path for path in sorted(SPECS.glob("*/*.md")) if CONSOLE.search(path.read_text(encoding="utf-8"))]


def run(shown: str) -> str:
    """Run the commands of a block; return them with what each writes to standard output."""
    ran = ""
    for command in re.findall(r"^\$ probatum (.*)$", shown, re.MULTILINE):
        done = CliRunner().invoke(program, shlex.split(command), catch_exceptions=False)
        ran += "".join(f"{line.rstrip()}\n" for line in f"$ probatum {command}\n{done.stdout}".splitlines())
    return ran


@pytest.mark.slow  # runs commands
@pytest.mark.parametrize("spec", SHOWN, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_commands_in_a_spec_print_and_write_what_it_says(spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its files are written to a folder, a section at a time; what commands make of them is the content of the same blocks."""
    monkeypatch.chdir(tmp_path)
    before = spec.read_text(encoding="utf-8")
    after = ""
    for section in re.split(r"^(?=## )", before, flags=re.MULTILINE):
        if not CONSOLE.search(section):
            after += section
            continue
        for found in FILE.finditer(section):
            (tmp_path / found["name"]).write_text(found["content"], encoding="utf-8")
        ran = CONSOLE.sub(lambda found: f"```console\n{run(found['shown'])}```\n", section)
        after += FILE.sub(
            lambda found: found[0].replace(found["content"], (tmp_path / found["name"]).read_text(encoding="utf-8")), ran
        )

    if "PROBATUM_ACCEPT" in os.environ:
        spec.write_text(after, encoding="utf-8")

    assert spec.read_text(encoding="utf-8") == after
