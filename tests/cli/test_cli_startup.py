"""Help is there at once: nothing heavy is loaded to say what could be done."""

from __future__ import annotations

import ast
import importlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from probatum.cli import COMMANDS

HEAVY = {"numpy", "z3", "cvc5", "duckdb", "rich", "ray", "sqlite3", "jsonschema", "asyncio"}
LOOK = """
import json, sys
from probatum.cli import main
status = main(sys.argv[1:])
print(json.dumps([status, sorted({name.partition(".")[0] for name in sys.modules} | {n for n in sys.modules if n.startswith("probatum.")})]), file=sys.stderr)
"""


def loaded(*arguments):
    done = subprocess.run([sys.executable, "-c", LOOK, *arguments], capture_output=True, text=True, check=True)
    status, modules = json.loads(done.stderr.splitlines()[-1])
    assert status == 0, done.stderr
    return set(modules), done.stdout


@pytest.mark.parametrize("arguments", [("--help",), ("rules",), ("check", "--help"), ("--version",)], ids=" ".join)
def test_nothing_heavy_is_loaded(arguments) -> None:
    modules, _ = loaded(*arguments)

    assert not modules & HEAVY


def test_help_imports_no_command_and_names_all() -> None:
    modules, shown = loaded("--help")

    assert {name for name in modules if name.startswith("probatum.")} == {"probatum.cli", "probatum.errors"}
    assert all(name in shown for name in COMMANDS)


def test_listing_rules_imports_none_of_them() -> None:
    modules, shown = loaded("rules")

    assert "rules   `probatum explain RULE`" in shown
    assert not [name for name in modules if name.startswith("probatum.access")]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_says_the_truth_about_every_command(name) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")

    command = getattr(importlib.import_module(module), attribute)

    assert command.name == name
    assert command.help


def test_no_module_of_commands_imports_the_engine_or_a_system_at_its_top() -> None:
    for target, _ in COMMANDS.values():
        module = importlib.import_module(target.partition(":")[0])
        tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
        names = [n.module or "" for n in tree.body if isinstance(n, ast.ImportFrom)]
        names += [a.name for n in tree.body if isinstance(n, ast.Import) for a in n.names]
        assert not [n for n in names if n.startswith(("probatum.engine", "probatum.access."))], target
