"""The plan of an audit: what was drawn, with which probability, and in which order the two answers of a row stand.

It is a file of its own, apart from the sheet, so that whoever fills in the sheet cannot know.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.source import Location

PLAN = "probatum-audit-plan/2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A row of the plan.

    Attributes
    ----------
    row, turn, user : str
    inclusion : float
        Probability of being drawn.
    rewrite : str
        Identifier of the rewrite that the two answers are compared for; "" for one answer.
    got, other : {"a", "b", ""}
        Which column has the answer that the user got, and which the other one.
    rewritten : bool
        Whether the user got the answer to what it was rewritten to.
    """

    row: str
    turn: str
    user: str
    inclusion: float
    rewrite: str = ""
    got: str = "a"
    other: str = ""
    rewritten: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What was drawn: the rows, of how many requests, and of how many more that could not be shown."""

    identifier: str
    seed: int
    frame: int
    hidden: int
    rows: tuple[Asked, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the plan as JSON."""
        return {"schema": PLAN, **asdict(self)}


def read_plan(path: Path) -> Plan:
    """Read a plan.

    Raises
    ------
    UnreadableArtefact
        If it cannot be read, or is something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        schema = found.pop("schema")
        plan = Plan(**{**found, "rows": tuple(Asked(**row) for row in found["rows"])}) if schema == PLAN else None
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as problem:
        raise UnreadableArtefact(
            f"the plan `{path}` cannot be read ({problem})",
            help="name the file that `probatum dialogue audit sample` wrote with the sheet",
            location=Location(path.as_posix()),
        ) from None
    if plan is None:
        raise UnreadableArtefact(
            f"the plan `{path}` is a `{schema}`",
            help=f"name one that is a `{PLAN}`, or draw a sample again",
            location=Location(path.as_posix()),
        )
    return plan
