"""A record in the forms that others read: W3C PROV-JSON, OpenLineage run events, a model card, Croissant."""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from probatum.fairness.artefacts.record import Record

# Form -> module beside this one, and its function.
_forms: Mapping[str, tuple[str, str]] = {
    "prov": ("export_prov", "prov"),
    "openlineage": ("export_openlineage", "events"),
    "model-card": ("export_card", "markdown"),
    "model-card-json": ("export_card", "card"),
    "croissant": ("export_croissant", "croissant"),
}


def exported(record: Record, form: str) -> str:
    """Return a record as the text of another form; a list of events has one to a line."""
    module, name = _forms[form]
    function: Callable[[Record], Any] = getattr(importlib.import_module(f"{__package__}.{module}"), name)
    value = function(record)
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(json.dumps(one, sort_keys=True) + "\n" for one in value)
    return json.dumps(value, indent=2, sort_keys=True) + "\n"


def run_of(record: Record) -> Mapping[str, Any]:
    """Return the object about the run."""
    return record.objects[record.root]
