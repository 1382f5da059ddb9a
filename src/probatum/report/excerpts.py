"""Lines of the checked files, quoted only while they are what was checked."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from probatum.errors import UnreadableArtefact
from probatum.findings import Finding, Outcome, Repair, Report
from probatum.source import Location, decode, digest

# A file beyond this is not quoted: a report is read by people.
_largest_bytes = 4 * 2**20


def read(report: Report, root: Path) -> Mapping[str, str]:
    """Return path -> content of the files that findings and undecided outcomes point at.

    A file is left out if it is not below `root`, is no longer what was checked,
    is not text, or is too large to quote.
    """
    wanted: set[str] = set()
    outcomes: tuple[Outcome, ...] = (*report.findings, *report.undecided, *(h.outcome for h in report.hidden))
    for outcome in outcomes:
        wanted.add(outcome.location.path)
        if isinstance(outcome, Finding):
            wanted.update(place.path for place in places(outcome))
            wanted.update(edit.path for edit in (outcome.repair.edits if outcome.repair else ()))
    top = root.resolve()
    texts = {}
    for path in sorted(wanted & set(report.inputs)):
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts:
            continue
        file = top / path
        try:
            if not file.resolve().is_relative_to(top) or not file.is_file() or file.stat().st_size > _largest_bytes:
                continue
            raw = file.read_bytes()
            if digest(raw) == report.inputs[path]:
                texts[path] = decode(raw, path).content
        except (OSError, ValueError, UnreadableArtefact):
            continue  # quoting is a courtesy; what the report says does not depend on it
    return texts


def places(finding: Finding) -> tuple[Location, ...]:
    """Return all places that take part in a finding, the main one first."""
    flow = tuple(where for where, _ in getattr(finding.evidence, "flow", ()))
    return (finding.location, *(where for where, _ in finding.related), *flow)


def lines_around(finding: Finding, texts: Mapping[str, str], context: int = 3, most: int = 120) -> dict[str, dict[int, str]]:
    """Return path -> line number -> line, for every line that takes part, with `context` lines on both sides."""
    quoted: dict[str, dict[int, str]] = {}
    for where in places(finding):
        text = texts.get(where.path)
        if text is None or where.line is None:
            continue
        lines = text.removesuffix("\n").split("\n")
        last = where.end_line if where.end_line is not None else where.line
        if where.end_column == 1 and last > where.line:
            last -= 1  # the region ends before the first character of that line
        own = quoted.setdefault(where.path, {})
        for number in range(max(1, where.line - context), min(len(lines), last + context, where.line + most) + 1):
            own[number] = lines[number - 1].rstrip("\r")
    return {path: dict(sorted(own.items())) for path, own in quoted.items()}


def diff(repair: Repair, texts: Mapping[str, str]) -> str:
    """Return the repair as a unified diff, or nothing if a file it edits is not what was checked."""
    parts = []
    for path in sorted({edit.path for edit in repair.edits}):
        if path not in texts:
            return ""
        before = after = texts[path]
        # From the end, so that earlier offsets stay true.
        for edit in sorted((e for e in repair.edits if e.path == path), key=lambda e: e.start, reverse=True):
            after = after[: edit.start] + edit.new + after[edit.end :]
        parts += [
            line if line.endswith("\n") else f"{line}\n"
            for line in difflib.unified_diff(
                before.splitlines(keepends=True), after.splitlines(keepends=True), f"a/{path}", f"b/{path}"
            )
        ]
    return "".join(parts)
