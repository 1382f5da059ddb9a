"""One request against the policies of a directory, step by step; what `probatum access decide` does."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.cli.access_compare import request_lines
from probatum.cli.access_files import Problem, in_directory
from probatum.errors import UnreadableArtefact
from probatum.report.quoting import Pen, plain
from probatum.source import Location, Source

if TYPE_CHECKING:
    from probatum.access.semantics import Decision, Request, Settings, Step

_colors = {"allows": "green", "denies": "red", "does not allow": "yellow", "applies": "cyan"}


def read_request(path: Path) -> Request:
    """Read a request from a file, or from standard input (``-``).

    Raises
    ------
    UnreadableArtefact
        If it is not JSON, or has a key twice.
    UsageError
        If a part of the request is missing or of the wrong shape.
    """
    from probatum.access.artefacts.document import parse
    from probatum.access.semantics import Request

    stdin = str(path) == "-"
    name = "standard input" if stdin else path.as_posix()
    text = Source(name, sys.stdin.buffer.read() if stdin else path.read_bytes()).text()
    # Numbers stay as they are written: a condition on text compares them so.
    return Request.from_json(parse(text.content, name).plain())


def sources_in(root: Path) -> tuple[list[Source], dict[str, Any]]:
    """Return the policies of a directory and the options there; all of them, since each may deny.

    Raises
    ------
    UnreadableArtefact
        If a file that may be a policy cannot be read, or there is none at all.
    """
    sources, options, problems, _ = in_directory(root)
    if problems:
        raise UnreadableArtefact(_first(problems), help="a decision needs every policy: correct the file, or exclude it")
    if not sources:
        raise UnreadableArtefact(f"there is no policy in `{root}`", help="name the directory that the policies are in")
    return sources, dict(options)


def _first(problems: list[Problem]) -> str:
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    return problems[0].message + more


def decided(root: Path, request: Request, settings: Settings) -> Decision:
    """Decide a request by all policies below a directory.

    Raises
    ------
    UnsupportedConstruct
        If a policy says something that has no meaning here.
    ProbatumError
        If a policy cannot be read, or the request leaves open whose resource it is about.
    """
    from probatum.access.semantics import decide, load_attachments

    sources, options = sources_in(root)
    return decide(load_attachments(sources, request, options), request, settings)


def undecided(reason: str, where: Location | None, request: Request) -> dict[str, Any]:
    """Return what is said as JSON when a policy has no meaning here."""
    return {
        "result": "undecided",
        "reason": reason,
        "location": None if where is None else where.to_json(),
        "steps": [],
        "request": request.to_json(),
    }


def lines_of(decision: Decision, pen: Pen) -> Iterator[str]:
    """Explain a decision to a person: the request as it was judged, each step, each statement that was looked at."""
    color = {"allowed": "green", "explicitly denied": "red"}.get(decision.result, "yellow")
    yield f"{pen(decision.result, 'bold', color)}: {plain(decision.reason)}"
    yield ""
    yield from (f"  {line}" for line in request_lines(decision.request.to_json()))
    if decision.request.resource_account:
        yield f"  {'owned by':<12}{plain(decision.request.resource_account)}"
    for number, step in enumerate(decision.steps, 1):
        yield ""
        yield from _step(number, step, pen)


def _step(number: int, step: Step, pen: Pen) -> Iterator[str]:
    where = "" if step.location is None else f"  {plain(str(step.location))}"
    yield f"{number}. {step.what}: {pen(step.outcome, _colors[step.outcome])}{where}"
    if not step.traces:
        yield f"   {plain(step.reason)}"
    for t in step.traces:
        mark = ("allows" if t.statement.allows else "denies") if t.matched else "does not match"
        yield f"   {mark:<15}{plain(t.reason)}  {plain(str(t.location))}"
