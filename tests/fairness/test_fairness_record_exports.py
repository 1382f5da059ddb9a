"""Exports of a record: what their schemas require is there, and every name that is used is defined."""

import json
import re
import uuid
from datetime import datetime
from pathlib import Path

import pytest

from probatum.cli import main
from probatum.errors import UsageError
from probatum.fairness import record, step
from probatum.fairness.artefacts.record import read_record
from probatum.fairness.service.export_card import card, markdown
from probatum.fairness.service.export_openlineage import events
from probatum.fairness.service.export_prov import prov
from probatum.fairness.service.exports import exported
from probatum.fairness.service.record import Run
from probatum.source import digest

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
    told = [json.loads(line) for line in exported(read, "openlineage").splitlines()]

    assert [e["eventType"] for e in told] == ["START", "START", "COMPLETE", "COMPLETE"]
    for event in told:
        assert {"eventTime", "producer", "schemaURL", "run", "job"} <= set(event)
        assert uuid.UUID(event["run"]["runId"])
        assert datetime.fromisoformat(event["eventTime"]).tzinfo is not None
        assert {"namespace", "name"} <= set(event["job"])
        for dataset in (*event["inputs"], *event["outputs"]):
            assert {"namespace", "name"} <= set(dataset)
            assert all({"_producer", "_schemaURL"} <= set(facet) for facet in dataset["facets"].values())
    assert told[1]["run"]["facets"]["parent"]["run"]["runId"] == told[0]["run"]["runId"]


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


@pytest.fixture(scope="module")
def trained():
    """A record of a training of two epochs."""
    run = Run("scores", protected={"sex": "sex"}, label="y")
    table = {"sex": ["f", "m"] * 10, "y": [0, 1] * 10, "x": list(range(20))}
    with run.training("net", objective="cross entropy", seeds={"weights": 3, "order": 4}, data=table, rate=0.1) as net:
        for loss in (0.7, 0.6):
            net.epoch(order=range(20), loss=loss)
            net.checkpoint(f"weights {loss}".encode())
        net.close(accuracy=0.8)
    run.close()
    return read_record(run.text().encode(), "scores")


def test_a_training_is_an_activity_that_made_its_checkpoints(trained):
    document = prov(trained)

    [(name, training)] = [(k, a) for k, a in document["activity"].items() if a.get("prov:type") == "training"]
    made = {one["prov:entity"] for one in document["wasGeneratedBy"].values() if one["prov:activity"] == name}
    assert (training["probatum:objective"], training["probatum:epochs"], training["probatum:last loss"]) == (
        "cross entropy",
        2,
        0.6,
    )
    assert training["probatum:seeds"] == '{"order": 4, "weights": 3}'
    assert made == {f"record:weights-{digest(f'weights {loss}'.encode())}" for loss in (0.7, 0.6)}
    assert all(document["entity"][one]["probatum:kind"] == "checkpoint" for one in made)
    [(data, _)] = trained.of_kind("data")
    assert {"prov:activity": name, "prov:entity": f"record:{data}"} in document["used"].values()


def test_a_training_is_a_job_whose_outputs_are_checkpoints(trained):
    [done] = [e for e in events(trained) if e["eventType"] == "COMPLETE" and e["job"]["name"] == "scores.training.net"]

    assert len(done["inputs"]) == 1
    assert [one["name"] for one in done["outputs"]] == ["net after epoch 1", "net after epoch 2"]


def test_a_model_card_tells_of_the_training(trained):
    own, text = card(trained), markdown(trained)

    assert own["model_details"]["objective"] == "cross entropy"
    assert own["model_details"]["model"] == [digest(b"weights 0.6")]
    assert [one["order"] for one in own["training"][0]["epochs"]] == [digest(",".join(map(str, range(20))))] * 2
    for said in ("Seeds: order 4, weights 3", "| 2 | 0.6 |", "accuracy 0.8", "rate: 0.1", digest(b"weights 0.7")[:12]):
        assert said in text


def test_a_model_card_says_what_a_model_is_meant_for(tmp_path):
    with record("loans", to=tmp_path / "r.record.json") as run:
        run.intended_use("Sorts applications | for a clerk\n# to read first", users=["clerks"], not_for=["refusing <anyone>"])
        with pytest.raises(UsageError, match="empty"):
            run.intended_use("  ")
    read = read_record((tmp_path / "r.record.json").read_bytes(), "r.record.json")

    assert not list(read.problems())
    assert card(read)["intended_use"] == {
        "use": "Sorts applications | for a clerk\n# to read first",
        "users": ["clerks"],
        "not_for": ["refusing <anyone>"],
    }
    text = markdown(read)
    assert "Sorts applications \\| for a clerk # to read first\n\n- Users: clerks\n- Not for: refusing &lt;anyone>" in text
    assert json.loads(exported(read, "prov"))["entity"]
