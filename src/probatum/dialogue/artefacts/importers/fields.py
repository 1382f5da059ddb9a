"""Fields of records as services write them: numbers as texts, JSON within JSON, and names in two spellings."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from probatum.dialogue.artefacts.importers.spans import parsed


def mapping(value: Any) -> Mapping[str, Any]:
    """Return a mapping, which may be written as JSON; an empty one if it is anything else."""
    value = parsed(value)
    return value if isinstance(value, dict) else {}


def listed(value: Any) -> list[Any]:
    """Return a list; an empty one if it is anything else."""
    return value if isinstance(value, list) else []


def number(value: Any) -> float | None:
    """Return a finite number, which may be written as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def share(value: Any) -> float | None:
    """Return a number from 0 to 1, as confidences are."""
    found = number(value)
    return found if found is not None and 0 <= found <= 1 else None


def either(of: Mapping[str, Any], name: str) -> Any:
    """Return a field in either spelling: `traceId`, or `trace_id`."""
    snake = "".join(f"_{c.lower()}" if c.isupper() else c for c in name)
    return of.get(name) if of.get(name) is not None else of.get(snake)
