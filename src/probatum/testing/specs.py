"""Specs: Markdown that says what a rule finds, and is run.

A spec is `specs/<system>/<rule>.md`. Prose is free. A fenced block is an
example if the words after its language say what a rule makes of it:

    ```json finds: public-access
    ```json finds: public-access, from-outside; clears: administrator
    ```json undecided: public-access; file: roles/deploy.trust.json
    ```json ignores: public-access
    ```json misses: public-access (#41)
    ```json false-alarm: public-access (#42)

`finds` needs a finding of that rule; `clears` needs a cleared outcome and
nothing else; `undecided` an undecided one and no finding; `ignores` is kept by a
rule that says nothing because it does not apply. Known wrong answers are
`misses` and `false-alarm`, with the issue where they are discussed: they fail on
the day they become right. Besides verdicts there are settings:

    file: NAME         the name under which the example is read; a name decides what some files mean
    deadline: N        the time is up when the rule looks at its deadline for the N-th time
    options:           not an example (```toml options:): options of the system for the rest of the section
    input: NAME        not an example: a further file for the rest of the section
    files: FOLDER      not an example: the files below a folder beside the spec, as further files for the rest of the section; what the
                       block says of them is prose

A section begins at a heading of level two. Blocks without such words are prose,
but what a `console` block of a spec of ours shows is run by `tests/test_specs.py`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from probatum.errors import ProbatumError
from probatum.findings import Cleared, Finding, Outcome, Report, Undecided, with_fingerprint
from probatum.source import Location, Source
from probatum.testing.examples import Example, Expectation, Rule

_verdicts = ("finds", "clears", "undecided", "ignores", "misses", "false-alarm")
_settings = ("file", "deadline", "options", "input", "files")
_fence = re.compile(r"^(?P<ticks>`{3,})(?P<language>[A-Za-z0-9_+-]*)[ \t]*(?P<words>.*?)[ \t]*$")
_rule = re.compile(r"(?P<rule>[a-z0-9-]+)(?:\s*\((?P<issue>#[0-9]+)\))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """A spec as it was read.

    Attributes
    ----------
    path : Path
        The file.
    title : str
        Its first heading.
    examples : tuple of Example
        In their order.
    """

    path: Path
    title: str
    examples: tuple[Example, ...]


def read_spec(path: Path) -> Spec:
    """Read a spec.

    Raises
    ------
    ProbatumError
        If a block's words are misspelled, an example has no heading, or a fence is not closed.
    """
    title, heading = "", ""
    options: Mapping[str, Any] = {}
    inputs: dict[str, Source] = {}
    examples: list[Example] = []
    lines = path.read_text(encoding="utf-8").splitlines()
    at = 0
    while at < len(lines):
        line, number = lines[at], at + 1
        at += 1
        if line.startswith("# "):
            title = title or line[2:].strip()
        elif line.startswith("#"):
            heading = line.lstrip("#").strip()
            if line.startswith("## "):
                options, inputs = {}, {}
        opening = _fence.match(line)
        if opening is None:
            continue
        end = next((i for i in range(at, len(lines)) if lines[i].rstrip() == opening["ticks"]), None)
        if end is None:
            raise _problem(path, number, "the block is never closed", f"close it with `{opening['ticks']}`")
        content = "".join(f"{own}\n" for own in lines[at:end])
        at = end + 1
        expects, settings = _words(path, number, opening["words"])
        if "options" in settings:
            options = tomllib.loads(content)
        elif "input" in settings:
            name = settings["input"]
            inputs = inputs | {name: Source(name, content.encode())}
        elif "files" in settings:
            inputs = inputs | _below(path, number, settings["files"])
        elif expects:
            if not heading:
                raise _problem(path, number, "the example stands under no heading", "say in a heading what it shows")
            name = settings.get("file", f"{path.stem}.{opening['language'] or 'txt'}")
            looks = int(settings["deadline"]) if "deadline" in settings else None
            source = Source(name, content.encode())
            example = Example(
                source=source, options=options, inputs=inputs, looks=looks, title=heading, line=number, expects=expects
            )
            examples.append(example)
    return Spec(path=path, title=title, examples=tuple(examples))


def _below(path: Path, number: int, folder: str) -> dict[str, Source]:
    """Return the files below a folder beside a spec, by their paths there."""
    below = path.parent / folder
    found = {place.relative_to(below).as_posix(): place.read_bytes() for place in sorted(below.rglob("*")) if place.is_file()}
    if not found:
        raise _problem(path, number, f"`{folder}` has no file", "name a folder beside the spec")
    return {name: Source(name, raw) for name, raw in found.items()}


def _words(path: Path, number: int, words: str) -> tuple[tuple[Expectation, ...], dict[str, str]]:
    """Read what stands after the language of a fence; text without a colon is prose."""
    expects: list[Expectation] = []
    settings: dict[str, str] = {}
    if ":" not in words:
        return (), {}
    for part in words.split(";"):
        key, _, value = (piece.strip() for piece in part.partition(":"))
        if key in _settings:
            settings[key] = value
        elif key in _verdicts:
            for name in value.split(","):
                found = _rule.fullmatch(name.strip())
                if found is None:
                    raise _problem(
                        path, number, f"`{name.strip()}` is not the name of a rule", "write, say, `finds: public-access`"
                    )
                if (key in ("misses", "false-alarm")) != bool(found["issue"]):
                    raise _problem(
                        path,
                        number,
                        f"`{key}: {name.strip()}`",
                        "a known wrong answer, and nothing else, names its issue: `(#41)`",
                    )
                expects.append(Expectation(key, found["rule"], found["issue"] or ""))
        else:
            raise _problem(path, number, f"`{key}` is not a word of specs", f"there are {', '.join((*_verdicts, *_settings))}")
    if not settings.get("deadline", "0").isdigit():
        raise _problem(path, number, f"`{settings['deadline']}` is not a number of looks", "write, say, `deadline: 3`")
    return tuple(expects), settings


def check_example(package: str, example: Example) -> None:
    """Run an example and compare with what it says.

    Parameters
    ----------
    package : str
        The system: ``probatum.access``.
    example : Example
        From `read_spec`.

    Raises
    ------
    AssertionError
        If a rule says something else; the text names both.
    """
    for expected in example.expects:
        rule = Rule(package=package, name=expected.rule.replace("-", "_"))
        outcomes = rule.outcomes(example)
        if not _as_expected(expected.verdict, outcomes):
            said = "".join(f"\n  {outcome.kind}: {outcome.message}" for outcome in outcomes) or " nothing"
            wrong = {
                "misses": "it is found now: make this `finds`, and close ",
                "false-alarm": "it is not found any more: make this `clears`, and close ",
            }
            more = f"\n{wrong[expected.verdict]}{expected.issue}" if expected.verdict in wrong else ""
            raise AssertionError(f"{example} says `{expected.verdict}: {expected.rule}`, and the rule said{said}{more}")


def _as_expected(verdict: str, outcomes: tuple[Outcome, ...]) -> bool:
    found, cleared, undecided = (any(isinstance(o, kind) for o in outcomes) for kind in (Finding, Cleared, Undecided))
    match verdict:
        case "finds" | "false-alarm":
            return found
        case "clears":
            return cleared and not found and not undecided
        case "undecided":
            return undecided and not found
        case "ignores":
            return not outcomes
        case _:  # misses
            return not found


def rendered(rule: Rule) -> str:
    """Return the first finding of a rule's spec as a person sees it.

    Raises
    ------
    AssertionError
        If no example of the spec has a finding of the rule.
    """
    from probatum.report import render

    short = rule.id.split("/", 1)[1]
    for example in rule.examples:
        if any(e.verdict == "finds" and e.rule == short for e in example.expects):
            plain = replace(example, looks=None)
            outcomes = tuple(with_fingerprint(outcome, n) for n, outcome in enumerate(rule.outcomes(plain)))
            title = (rule.module.__doc__ or "").split("\n", 1)[0].rstrip(".")
            return render(Report(outcomes=outcomes, rules={rule.id: title}, tool_version="0"), "text", verbose=True)
    raise AssertionError(f"the spec of `{rule.id}` has no example with `finds: {short}`")


def accept_rendered(rule: Rule, golden: Path, *, accept: bool) -> None:
    """Compare the rendering of a rule's first finding with its golden file; with `accept`, write the file first.

    Raises
    ------
    AssertionError
        If they differ, or there is no golden file.
    """
    text = rendered(rule)
    if accept:
        golden.write_text(text, encoding="utf-8")
    if not golden.exists():
        raise AssertionError(f"`{golden.name}` does not exist; make it with `python3 dev.py specs --accept` and read it")
    if golden.read_text(encoding="utf-8") != text:
        raise AssertionError(
            f"`{golden.name}` differs from what a person sees now; `python3 dev.py specs --accept` and read:\n{text}"
        )


def _problem(path: Path, line: int, message: str, advice: str) -> ProbatumError:
    return ProbatumError(message, help=advice, location=Location(path.name, line))
