"""Tables from FHIR bundles, by a mapping."""

import json
from pathlib import Path

import pytest

from probatum.cli import main
from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.mapping import read_mapping
from probatum.fairness.artefacts.record import read_record
from probatum.fairness.semantics.health_records import mapped as mapped_by
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
    return mapped_by([Source("b.json", bundle if isinstance(bundle, bytes) else json.dumps(bundle).encode())], own).rows


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


def bundle_of(*resources, base="http://example.org/fhir/"):
    entries = [{"fullUrl": f"{base}{one['resourceType']}/{one['id']}", "resource": one} for one in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def noted(mapping, *bundles):
    own = read_mapping(Source("m.yaml", mapping.encode()).text())
    return mapped_by([Source(f"{n}.json", json.dumps(one).encode()) for n, one in enumerate(bundles)], own)


def of_race(*names, **more):
    race = [{"url": "ombCategory", "valueCoding": {"display": name}} for name in names] + [{"url": "text", "valueString": "said"}]
    return {"resourceType": "Patient", "extension": [{"url": RACE, "extension": race}], **more}


PROCEDURES = f"""\
rows: Procedure
columns:
  id: id
  when: {{take: [performedPeriod.start, performedDateTime]}}
  hospital: {{resource: Location, follow: location.reference, take: name}}
  race: {{resource: Patient, follow: subject.reference, take: "extension[url={RACE}].extension[url=ombCategory].valueCoding.display", choose: all}}
  died: {{resource: Patient, follow: subject.reference, take: [deceasedBoolean, deceasedDateTime], choose: whether}}
"""


def test_rows_follow_their_references_and_nothing_is_known_of_nobody():
    done = {"resourceType": "Procedure", "status": "completed"}
    made = noted(
        PROCEDURES,
        bundle_of(
            of_race("White", "Asian", id="p1", deceasedDateTime="2024-01-02"),
            of_race(id="p2", deceasedBoolean=False),
            {"resourceType": "Location", "id": "h", "name": "General"},
            {**done, "id": "a", "subject": {"reference": "Patient/p1/_history/2"}, "performedDateTime": "2024-01-01"},
            {
                **done,
                "id": "b",
                "subject": {"reference": "http://example.org/fhir/Patient/p2"},
                "location": {"reference": "Location/h"},
            },
            {**done, "id": "c", "subject": {"display": "somebody"}, "performedPeriod": {"start": "2024-02-01"}},
            {**done, "id": "d", "status": "entered-in-error", "subject": {"reference": "Patient/p1"}},
        ),
    )

    assert made.rows == [
        {"id": "a", "when": "2024-01-01", "hospital": None, "race": "Asian; White", "died": True},
        {"id": "b", "when": None, "hospital": "General", "race": None, "died": False},
        {"id": "c", "when": "2024-02-01", "hospital": None, "race": None, "died": None},
    ]
    assert any("1 resources were entered in error" in note for note in made.notes)
    assert any("1 of 3 rows name no Patient" in note for note in made.notes)


def test_what_a_column_does_not_say_is_noted():
    weight = {"resourceType": "Observation", "subject": {"reference": "Patient/p1"}}
    made = noted(
        f"""\
rows: Patient
columns:
  race: extension[url={RACE}].extension[url=ombCategory].valueCoding.display
  weight: {{resource: Observation, take: valueQuantity.value}}
""",
        bundle_of(
            of_race("White", "Asian", id="p1"),
            {**weight, "id": "o1", "valueQuantity": {"value": 70, "unit": "kg"}},
            {**weight, "id": "o2", "valueQuantity": {"value": 154, "unit": "[lb_av]"}},
            {**weight, "id": "o3", "subject": {"reference": "Patient/p9"}},
        ),
    )

    assert made.rows == [{"race": "White", "weight": 70}]
    assert [
        sum(word in note for note in made.notes) for word in ("`choose: all`", "[lb_av] 1", "1 of 3 Observation name nobody")
    ] == [
        1,
        1,
        1,
    ]


def test_of_several_versions_the_last_is_taken():
    old, new = (
        of_race(name, id="p1", meta={"lastUpdated": day}) for name, day in (("White", "2024-01-01"), ("Asian", "2024-02-01"))
    )
    mapping = f"rows: Patient\ncolumns: {{race: 'extension[url={RACE}].extension[url=ombCategory].valueCoding.display'}}\n"

    made = noted(mapping, bundle_of(new), bundle_of(old))

    assert made.rows == [{"race": "Asian"}]
    assert any("more than once" in note for note in made.notes)
    assert len(noted(mapping, bundle_of(new), bundle_of(old, base="http://elsewhere.org/")).rows) == 2


@pytest.mark.parametrize(
    ("column", "said"),
    [
        ("{resource: Patient, refers: a, follow: b, take: c}", "both `refers` and `follow`"),
        ("{follow: b, take: c}", "names no other resource"),
        ("{choose: count}", "names no other resource"),
    ],
)
def test_a_column_that_means_nothing_is_refused(column, said):
    with pytest.raises(UnreadableArtefact, match=said):
        read_mapping(Source("m.yaml", f"rows: Patient\ncolumns: {{x: {column}}}\n".encode()).text())
