"""Decisions as they are kept: a line of JSON for each unit, with what it was worked out from.

What is kept counts only for the same files, references and means: each line stands under the digest of all of these.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.capture import Capture, row_of
from probatum.inspection.semantics.verdict import Verdict
from probatum.source import Location, canonical_json, digest

SCHEMA = "probatum-inspection-decisions/1"


def key_of(scorer: str, references: str, unit: Capture, pictures: str) -> str:
    """Return the digest of all that what comes of a unit depends on: the row of the manifest, files, references and means."""
    rows = [{name: str(value) for name, value in row_of(view).items()} for view in unit.views]
    if faults := [[view.row, view.fault] for view in unit.views if view.fault]:
        return digest(canonical_json([scorer, references, rows, pictures, faults]))
    return digest(canonical_json([scorer, references, rows, pictures]))


def header(scorer: str, made: str) -> str:
    """Return the first line of a file of decisions."""
    return json.dumps({"schema": SCHEMA, "scorer": scorer, "made": made}) + "\n"


def line(key: str, verdict: Verdict, more: Mapping[str, Any]) -> str:
    """Return the line of a unit; `more` is for people, and not read back."""
    return json.dumps({"key": key, "verdict": verdict.to_json(), **more}, ensure_ascii=False) + "\n"


def read_decisions(path: Path, *, scorer: str, shown: str = "") -> dict[str, Verdict]:
    """Return what was worked out before, by `key_of`; nothing if it was by other means.

    A last line that was cut off is passed over.

    Raises
    ------
    UnreadableArtefact
        If it is no such file.
    """
    name = shown or path.as_posix()
    found: dict[str, Verdict] = {}
    try:
        with path.open(encoding="utf-8") as text:
            first = json.loads(text.readline())
            if first["schema"] != SCHEMA:
                raise _fault(name, f"its first line does not say `{SCHEMA}`")
            if first["scorer"] != scorer:
                return {}
            for row in text:
                if row.endswith("\n"):
                    told = json.loads(row)
                    found[str(told["key"])] = Verdict.from_json(told["verdict"])
    except OSError as problem:
        raise _fault(name, (problem.strerror or "it cannot be read").lower()) from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as problem:
        raise _fault(name, f"line {len(found) + 2 if found else 1} is damaged ({str(problem)[:60]})") from None
    return found


def _fault(name: str, why: str) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"`{name}` is no file of decisions: {why}", help="make it with `probatum inspection inspect`", location=Location(name)
    )
