"""PROV-JSON: data are entities, steps are activities, the program is an agent.

As in "The PROV-JSON Serialization" (W3C Member Submission, 2013).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from probatum.fairness.artefacts.record import Record
from probatum.fairness.service.exports import run_of
from probatum.source import digest


def prov(record: Record) -> dict[str, Any]:
    """Return a record as PROV-JSON; identifiers are made of digests, so equal things have equal names."""
    run = run_of(record)
    document: dict[str, Any] = {
        "prefix": {"record": "urn:probatum:record:", "probatum": "https://probatum.invalid/ns#"},
        "entity": {},
        "activity": {},
        "agent": {"record:software": {"prov:type": {"$": "prov:SoftwareAgent", "type": "prov:QUALIFIED_NAME"}}},
        "used": {},
        "wasGeneratedBy": {},
        "wasAssociatedWith": {},
        "wasDerivedFrom": {},
        "wasInformedBy": {},
    }
    agent = document["agent"]["record:software"]
    agent |= {f"probatum:{name}": version for name, version in (run.get("software") or {}).items()}
    whole = f"record:{record.root}"
    document["activity"][whole] = {
        "prov:startTime": run.get("started", ""),
        "prov:endTime": run.get("ended", ""),
        "prov:label": run.get("name", ""),
    }
    _relate(document, "wasAssociatedWith", {"prov:activity": whole, "prov:agent": "record:software"})
    for key, own in record.reached():
        name = f"record:{key}"
        if own["kind"] == "step":
            document["activity"][name] = {"prov:label": own.get("name", ""), "probatum:code": own.get("code", "")}
            _relate(document, "wasInformedBy", {"prov:informed": name, "prov:informant": whole})
            for part in own.get("inputs", ()):
                _relate(document, "used", {"prov:activity": name, "prov:entity": f"record:{part}"})
            for part in own.get("outputs", ()):
                _relate(document, "wasGeneratedBy", {"prov:entity": f"record:{part}", "prov:activity": name})
                for before in own.get("inputs", ()):
                    if before != part:
                        _relate(
                            document,
                            "wasDerivedFrom",
                            {
                                "prov:generatedEntity": f"record:{part}",
                                "prov:usedEntity": f"record:{before}",
                                "prov:activity": name,
                            },
                        )
        elif own["kind"] == "training":
            _trained(document, name, own, whole)
        elif own["kind"] != "run":
            document["entity"][name] = _entity(own)
            if own["kind"] != "data":
                _relate(document, "wasGeneratedBy", {"prov:entity": name, "prov:activity": whole})
            for before in own.get("inputs", ()):
                _relate(document, "wasDerivedFrom", {"prov:generatedEntity": name, "prov:usedEntity": f"record:{before}"})
    return {key: value for key, value in document.items() if value}


def _trained(document: dict[str, Any], name: str, own: Mapping[str, Any], whole: str) -> None:
    """Add a training: an activity that used its data, and from which each checkpoint came."""
    epochs = own.get("epochs", ())
    orders = [one["order"] for one in epochs if "order" in one]
    document["activity"][name] = {
        "prov:label": own.get("name", ""),
        "prov:type": "training",
        "probatum:objective": own.get("objective", ""),
        "probatum:seeds": json.dumps(own.get("seeds", {}), sort_keys=True),
        "probatum:epochs": len(epochs),
        **({"probatum:orders_sha256": digest(",".join(orders))} if orders else {}),
        **{f"probatum:last {key}": value for key, value in (epochs[-1]["measures"] if epochs else {}).items()},
        **{f"probatum:final {key}": value for key, value in own.get("measures", {}).items()},
    }
    _relate(document, "wasInformedBy", {"prov:informed": name, "prov:informant": whole})
    for before in own.get("inputs", ()):
        _relate(document, "used", {"prov:activity": name, "prov:entity": f"record:{before}"})
    for one in own.get("checkpoints", ()):
        weights = f"record:weights-{one['sha256']}"
        file = {"probatum:file": one["file"]} if "file" in one else {}
        document["entity"][weights] = {
            "prov:label": f"{own.get('name', '')} after epoch {one['epoch']}",
            "probatum:kind": "checkpoint",
            "probatum:sha256": one["sha256"],
        } | file
        _relate(document, "wasGeneratedBy", {"prov:entity": weights, "prov:activity": name})
        for before in own.get("inputs", ()):
            derived = {"prov:generatedEntity": weights, "prov:usedEntity": f"record:{before}", "prov:activity": name}
            _relate(document, "wasDerivedFrom", derived)


def _entity(own: Mapping[str, Any]) -> dict[str, Any]:
    named = {f"probatum:{key}": own[key] for key in ("file", "sha256", "rows", "rows_sha256", "value", "loss") if key in own}
    return {"prov:label": own.get("name", own["kind"]), "probatum:kind": own["kind"]} | named


def _relate(document: dict[str, Any], kind: str, own: Mapping[str, str]) -> None:
    document[kind][f"_:{kind}{len(document[kind])}"] = dict(own)
