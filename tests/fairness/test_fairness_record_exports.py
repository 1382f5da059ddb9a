"""Exports of a record: what their schemas require is there, and every name that is used is defined."""

import json
import re
import uuid
from datetime import datetime
from pathlib import Path

import pytest

from probatum.cli import main
from probatum.fairness import record, step
from probatum.fairness.artefacts.record import read_record
from probatum.fairness.service.exports import exported

ROWS = [{"sex": s, "age": a, "y": a % 2, "d": int(a > 30)} for a in range(20, 50) for s in "fm"]


@step
def adults(table):
    return [row for row in table if row["age"] >= 25]


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    folder: Path = tmp_path_factory.mktemp("record")
    (folder / "in.csv").write_text("sex,age\nf,20\n")
    with record("loans | <2026>", to=folder / "r.record.json", protected={"sex": "sex"}, label="y") as run:
        run.data(folder / "in.csv")
        kept = adults(ROWS)
        run.features(kept, ["age"])
        run.threshold(0.5, chosen_on=kept, by="the board")
        run.evaluation(kept, decision="d")
    return folder / "r.record.json"


@pytest.fixture
def read(told):
    return read_record(told.read_bytes(), "r.record.json")


def test_prov_relates_only_what_it_defines(read):
    """PROV-JSON: each relation has the members that its schema requires, and they are defined."""
    document = json.loads(exported(read, "prov"))

    required = {
        "used": {"prov:activity": "activity", "prov:entity": "entity"},
        "wasGeneratedBy": {"prov:entity": "entity", "prov:activity": "activity"},
        "wasDerivedFrom": {"prov:generatedEntity": "entity", "prov:usedEntity": "entity"},
        "wasAssociatedWith": {"prov:activity": "activity", "prov:agent": "agent"},
        "wasInformedBy": {"prov:informed": "activity", "prov:informant": "activity"},
    }
    for kind, members in required.items():
        assert document[kind]
        for own in document[kind].values():
            for member, what in members.items():
                assert own[member] in document[what]
    names = [name for kind in ("entity", "activity", "agent") for name in document[kind]]
    assert all(name.split(":")[0] in document["prefix"] for name in names)


def test_openlineage_events_have_what_their_schema_requires(read):
    events = [json.loads(line) for line in exported(read, "openlineage").splitlines()]

    assert [e["eventType"] for e in events] == ["START", "START", "COMPLETE", "COMPLETE"]
    for event in events:
        assert {"eventTime", "producer", "schemaURL", "run", "job"} <= set(event)
        assert uuid.UUID(event["run"]["runId"])
        assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
        assert {"namespace", "name"} <= set(event["job"])
        for dataset in (*event["inputs"], *event["outputs"]):
            assert {"namespace", "name"} <= set(dataset)
            assert all({"_producer", "_schemaURL"} <= set(facet) for facet in dataset["facets"].values())
    assert events[1]["run"]["facets"]["parent"]["run"]["runId"] == events[0]["run"]["runId"]


def test_a_model_card_says_what_was_not_recorded(read):
    text = exported(read, "model-card")

    assert "# Model card: loans \\| &lt;2026>" in text
    assert "Objective: not recorded" in text
    assert re.search(r"\| adults \| sex \| f \| 30 \| 25 \|", text)
    assert re.search(r"\| sex \| m \| false positive rate \| [0-9.]+% \| [0-9.]+% to [0-9.]+% \| [0-9]+ \|", text)


def test_croissant_has_what_it_requires_of_files_and_fields(read):
    own = json.loads(exported(read, "croissant"))

    assert {"@context", "@type", "name", "description", "conformsTo", "url", "distribution"} <= set(own)
    files = {one["@id"]: one for one in own["distribution"]}
    assert all({"@type", "name", "contentUrl", "encodingFormat", "sha256"} <= set(one) for one in files.values())
    for rows in own["recordSet"]:
        for field in rows["field"]:
            assert field["source"]["fileObject"]["@id"] in files


def test_a_record_that_does_not_hold_is_not_exported(told, tmp_path, capsys):
    (tmp_path / "r.record.json").write_text(told.read_text().replace("the board", "nobody"))

    assert main(["fairness", "record", "--export", "prov", "--from", str(tmp_path / "r.record.json")]) == 2
    assert "does not hold" in capsys.readouterr().err
    assert main(["fairness", "record", "--export", "prov", "--from", str(told)]) == 0
