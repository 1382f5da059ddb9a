"""JSON: everything that the report says, in the published schema."""

from __future__ import annotations

import json

from probatum.findings import Report
from probatum.report import Look


def render(report: Report, _look: Look) -> str:
    """Return the report as JSON, indented.

    Only ASCII: lone surrogates survive, and nothing in it acts on a terminal.
    """
    return json.dumps(report.to_json(), indent=2, allow_nan=False) + "\n"
