"""OpenLineage: one run event when each step begins, one when it is complete.

As in the OpenLineage specification, schema 2-0-2: https://openlineage.io/spec/2-0-2/OpenLineage.json.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from probatum.fairness.artefacts.record import Record
from probatum.fairness.service.exports import run_of

_SCHEMA = "https://openlineage.io/spec/2-0-2/OpenLineage.json#/definitions/RunEvent"
_FACETS = "https://openlineage.io/spec/facets"
_PRODUCER = "https://probatum.invalid/fairness/record"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, _PRODUCER)


def events(record: Record) -> list[dict[str, Any]]:
    """Return run events of all steps, and of the run as a whole; identifiers are made of digests."""
    run = run_of(record)
    name = str(run.get("name") or "run")
    found = []
    begin, end = str(run.get("started", "")), str(run.get("ended", ""))
    steps = record.of_kind("step")
    parent = {"run": {"runId": _id(record.root)}, "job": {"namespace": "probatum", "name": name}}
    whole = [key for key, own in record.reached() if own["kind"] == "data"]
    made = {key for _, own in steps for key in own.get("outputs", ())}
    inputs = [_dataset(key, record.objects[key]) for key in whole if key not in made]
    outputs = [_dataset(key, record.objects[key]) for key in whole if key in made]
    found.append(_event("START", begin, _id(record.root), name, inputs, [], {}))
    for key, own in steps:
        facets = {"parent": _facet("1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet") | parent}
        job = f"{name}.{own.get('order', 0)}.{own.get('name', '')}"
        ins = [_dataset(part, record.objects[part]) for part in own.get("inputs", ())]
        outs = [_dataset(part, record.objects[part]) for part in own.get("outputs", ())]
        found.append(_event("START", begin, _id(record.root + key), job, ins, [], facets))
        found.append(_event("COMPLETE", end, _id(record.root + key), job, ins, outs, facets))
    for key, own in record.of_kind("training"):
        facets = {"parent": _facet("1-0-1/ParentRunFacet.json#/$defs/ParentRunFacet") | parent}
        job = f"{name}.training.{own.get('name', '')}"
        ins = [_dataset(part, record.objects[part]) for part in own.get("inputs", ())]
        outs = [
            _dataset(one["sha256"], {"name": f"{own.get('name', '')} after epoch {one['epoch']}", **one})
            for one in own["checkpoints"]
        ]
        found.append(_event("START", begin, _id(record.root + key), job, ins, [], facets))
        found.append(_event("FAIL" if own.get("failed") else "COMPLETE", end, _id(record.root + key), job, ins, outs, facets))
    found.append(_event("FAIL" if run.get("failed") else "COMPLETE", end, _id(record.root), name, inputs, outputs, {}))
    return found


def _event(  # noqa: PLR0917 - the fields of an event, in its order
    kind: str, at: str, run: str, job: str, inputs: list[Any], outputs: list[Any], facets: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "eventType": kind,
        "eventTime": at,
        "run": {"runId": run, "facets": dict(facets)},
        "job": {"namespace": "probatum", "name": job},
        "inputs": inputs,
        "outputs": outputs,
        "producer": _PRODUCER,
        "schemaURL": _SCHEMA,
    }


def _dataset(key: str, own: Mapping[str, Any]) -> dict[str, Any]:
    facets: dict[str, Any] = {
        "version": _facet("1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet") | {"datasetVersion": key}
    }
    if "schema" in own:
        facets["schema"] = _facet("1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet") | {"fields": own["schema"]}
    return {
        "namespace": "file" if "file" in own else "probatum",
        "name": str(own.get("file") or own.get("name")),
        "facets": facets,
    }


def _facet(place: str) -> dict[str, Any]:
    return {"_producer": _PRODUCER, "_schemaURL": f"{_FACETS}/{place}"}


def _id(text: str) -> str:
    return str(uuid.uuid5(_NAMESPACE, text))
