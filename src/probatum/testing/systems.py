"""Is a package a system? What is missing, in the order in which one would add it."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import inspect
from collections.abc import Iterator
from pathlib import Path

from probatum.testing.examples import Rule, rule_names, rules_of
from probatum.testing.promises import BrokenPromise, check_rule

_rooms: dict[str, dict[str, tuple[str, ...]]] = {
    "artefacts": {"read": ("source", "options"), "inputs": ("path", "options")},
    "semantics": {},
    "recheck": {"recheck": ("artefact", "evidence", "inputs")},
    "rules": {},
}
_sections = ("## What it finds", "## Why it matters", "## Evidence", "## Not found")


def check_system(package: str, *, specs: Path | None = None) -> None:
    """Check that a package is a complete system, and that each of its rules keeps every promise.

    Parameters
    ----------
    package : str
        ``acme.forecast``; its last part is the prefix of its rules.
    specs : Path, optional
        The directory of its specs. Without it only the package's shape is checked.

    Raises
    ------
    BrokenPromise
        With everything that is missing or broken, one line each.
    """
    missing = list(shortcomings(package))
    if specs is not None and not missing:
        for rule in rules_of(package, specs=specs):
            missing.extend(_spec_shortcomings(rule, specs))
            if rule.examples:
                try:
                    check_rule(rule)
                except BrokenPromise as broken:
                    missing.append(str(broken))
    if missing:
        raise BrokenPromise(f"`{package}` is not a complete system:\n" + "\n".join(f"- {line}" for line in missing))


def shortcomings(package: str) -> Iterator[str]:
    """What a package lacks to be a system, one line each."""
    if importlib.util.find_spec(package) is None:
        yield f"there is no package `{package}`"
        return
    for room, functions in _rooms.items():
        if importlib.util.find_spec(f"{package}.{room}") is None:
            yield f"it has no `{room}`"
            continue
        if not functions:
            continue
        module = importlib.import_module(f"{package}.{room}")
        for name, parameters in functions.items():
            function = getattr(module, name, None)
            if function is None:
                yield f"`{room}` has no `{name}({', '.join(parameters)})`"
            elif len(inspect.signature(function).parameters) != len(parameters):
                yield f"`{room}.{name}` should take ({', '.join(parameters)})"
    names = rule_names(package)
    if not names:
        yield "it has no rule"
    for name in names:
        yield from (f"rule `{name}`: {what}" for what in docstring_shortcomings(_place(package, name)))
        if not callable(getattr(Rule(package=package, name=name).module, "check", None)):
            yield f"rule `{name}`: it has no `check(artefact, tools)`"


def docstring_shortcomings(path: Path) -> Iterator[str]:
    """What the docstring of a rule's file lacks; the file is read, and not imported."""
    words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    title = words.split("\n", 1)[0]
    if not title or title.startswith("#"):
        yield "its docstring does not begin with a title"
    places = [words.find(f"\n{section}\n") for section in _sections]
    for section, at in zip(_sections, places, strict=True):
        if at < 0:
            yield f"its docstring has no section `{section}`"
    if -1 not in places and places != sorted(places):
        yield f"the sections of its docstring are not in the order {', '.join(_sections)}"


def _spec_shortcomings(rule: Rule, specs: Path) -> Iterator[str]:
    name = rule.id.split("/", 1)[1]
    verdicts = {e.verdict for example in rule.examples for e in example.expects if e.rule == name}
    if not (specs / f"{name}.md").exists():
        yield f"rule `{rule.name}`: there is no spec `{name}.md`"
        return
    yield from (f"spec `{name}.md`: no example with `{verdict}: {name}`" for verdict in needed(verdicts))


def needed(verdicts: set[str]) -> tuple[str, ...]:
    """Which verdicts a spec still lacks: every spec shows a finding, a cleared and an undecided case."""
    return tuple(verdict for verdict in ("finds", "clears", "undecided") if verdict not in verdicts)


def _place(package: str, name: str) -> Path:
    spec = importlib.util.find_spec(f"{package}.rules.{name}")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{package}.rules.{name}")
    return Path(spec.origin)
