"""Tables from FHIR bundles, by a mapping."""

import json
from pathlib import Path

import pytest

from probatum.cli import main
from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.mapping import read_mapping
from probatum.fairness.artefacts.record import read_record
from probatum.fairness.semantics.health_records import rows
from probatum.source import Source

RACE = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race"
MAPPING = f"""\
rows: Patient
columns:
  id: id
  sex: gender
  race: extension[url={RACE}].extension[url=ombCategory].valueCoding.display
  city: address[0].city
  systolic: {{resource: Observation, where: {{code.coding.code: 8480-6}}, take: valueQuantity.value, choose: last, by: effectiveDateTime}}
  highest: {{resource: Observation, where: {{code.coding.code: 8480-6}}, take: valueQuantity.value, choose: highest}}
  stays: {{resource: Encounter, choose: count}}
"""


def observed(who, value, day, code="8480-6"):
    return {
        "resource": {
            "resourceType": "Observation",
            "subject": {"reference": who},
            "code": {"coding": [{"code": "x"}, {"code": code}]},
            "effectiveDateTime": day,
            "valueQuantity": {"value": value},
        }
    }


def patient(identifier, sex, race=None):
    own = {"resourceType": "Patient", "id": identifier, "gender": sex, "address": [{"city": "A"}, {"city": "B"}]}
    if race:
        own["extension"] = [
            {"url": "other"},
            {"url": RACE, "extension": [{"url": "ombCategory", "valueCoding": {"display": race}}]},
        ]
    return {"fullUrl": f"urn:uuid:{identifier}", "resource": own}


BUNDLE = {
    "resourceType": "Bundle",
    "entry": [
        patient("p1", "female", "White"),
        patient("p2", "male"),
        observed("Patient/p1", 140, "2024-03-01"),
        observed("urn:uuid:p1", 120, "2024-05-01"),
        observed("https://example.org/fhir/Patient/p1", 130, "2024-04-01"),
        observed("Patient/p1", 80, "2024-06-01", code="8462-4"),
        {"resource": {"resourceType": "Encounter", "subject": {"reference": "Patient/p2"}}},
    ],
}


def mapped(bundle, mapping=MAPPING):
    own = read_mapping(Source("m.yaml", mapping.encode()).text())
    return rows([Source("b.json", bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode())], own)


def test_columns_are_found_by_their_paths_and_by_who_refers():
    assert mapped(BUNDLE) == [
        {"id": "p1", "sex": "female", "race": "White", "city": "A", "systolic": 120, "highest": 140, "stays": 0},
        {"id": "p2", "sex": "male", "race": None, "city": "A", "systolic": None, "highest": None, "stays": 1},
    ]


def test_lines_of_resources_are_read_as_bundles_are():
    lines = "\n".join(json.dumps(entry["resource"]) for entry in BUNDLE["entry"])

    first, second = mapped(lines.encode())

    assert (first["race"], first["systolic"], second["stays"]) == ("White", 130, 1)  # without `fullUrl` nobody is `urn:uuid:p1`


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b"1", b'{"resourceType": "Bundle", "entry": 3}', b"{", b"[" * 100_000])
def test_what_is_no_bundle_is_refused(raw):
    if not raw:
        assert mapped(raw) == []
        return
    with pytest.raises(UnreadableArtefact):
        mapped(raw)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("rows:", "row:", 1),
        ("gender", "gender..x", 4),
        ("choose: last", "choose: newest", 7),
        ("take: valueQuantity.value, choose: last", "choose: last", 7),
    ],
)
def test_a_mistake_in_a_mapping_is_said_with_its_line(old, new, line):
    with pytest.raises(UnreadableArtefact) as caught:
        mapped(BUNDLE, MAPPING.replace(old, new, 1))

    assert caught.value.location.line == line


def test_the_command_writes_the_table_and_records_how(tmp_path: Path):
    (tmp_path / "b.json").write_text(json.dumps(BUNDLE))
    (tmp_path / "m.yaml").write_text(MAPPING)
    names = [str(tmp_path / name) for name in ("b.json", "m.yaml", "t.csv", "t.record.json")]

    done = main(
        ["fairness", "table", names[0], "--mapping", names[1], "--output", names[2], "--record", names[3], "--protected", "sex"]
    )

    assert done == 0
    assert (tmp_path / "t.csv").read_text().splitlines()[1] == "p1,female,White,A,120,140,0"
    back = read_record((tmp_path / "t.record.json").read_bytes(), "t")
    [(_, step)] = back.of_kind("step")
    assert back.objects[step["outputs"][0]]["groups"]["sex"]["female"]["rows"] == 1
