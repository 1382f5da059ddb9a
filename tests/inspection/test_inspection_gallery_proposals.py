"""What is found out becomes proposals, and nothing that is valid changes before a person confirms."""

from datetime import UTC, datetime, timedelta

from probatum.inspection.artefacts.capture import View, captures
from probatum.inspection.artefacts.gallery import Reference
from probatum.inspection.artefacts.gallery_changes import Author, begun, confirmed, rejected
from probatum.inspection.artefacts.media import Media
from probatum.inspection.model.contamination import Contamination, Suspect
from probatum.inspection.model.redesign import Redesign, Weighed
from probatum.inspection.service.gallery_proposals import propose_redesign, propose_removals
from probatum.source import digest

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PERSON = Author(by="rita", at=NOON, why="looked at it")


def gallery():
    some = [Reference(capture_id=name, files={f"{name}.png": digest(name)}) for name in "abc"]
    return begun([("tea", some), ("soap", some[:1])], PERSON, manifest="m.csv")


def redesign():
    weighed = Weighed(
        product="tea",
        since=NOON - timedelta(days=2),
        strange=("x", "y", "z"),
        units=12,
        tried=9,
        explained=8,
        depth=None,
        damage=None,
        stations=2,
        days=3,
        contrast=None,
    )
    return Redesign(weighed=weighed, references=("x", "y"), shape=False, why="8 of 9 are as 2 others of them")


def suspects(*found):
    named = [Suspect(product=product, capture_id=name, channel="relief", above=1, among=900, p=0.002) for product, name in found]
    return Contamination(suspects=tuple(named), rate=0.1, tested=4, untested={"rice": "it has one reference"})


def test_a_redesign_is_proposed_from_the_first_unit_on_with_digests_of_its_pictures(tmp_path) -> None:
    for name in ("x", "y"):
        (tmp_path / f"{name}.png").write_bytes(name.encode())
    units = {unit.capture_id: unit for unit in captures(View(capture_id=n, image=f"{n}.png") for n in ("x", "y"))}
    with Media(tmp_path) as media:
        found = propose_redesign(gallery(), redesign(), units, media, by="probatum", at=NOON, manifest="days/m.csv")

        assert (found.made, found.left) == ((("tea", 2),), {})
        new = found.gallery.version("tea", 2)
        assert new.references[0].files == {"x.png": digest("x")}
        assert (new.valid_from, new.why) == (NOON - timedelta(days=2), "it looks redesigned: 8 of 9 are as 2 others of them")
        assert [one.number for one in found.gallery.at("tea", NOON)] == [1]
        assert [one.number for one in confirmed(found.gallery, "tea", 2, PERSON).at("tea", NOON)] == [2, 1]
        again = propose_redesign(
            rejected(found.gallery, "tea", 2, PERSON), redesign(), units, media, by="probatum", at=NOON, manifest="days/m.csv"
        )
        assert "were rejected by rita already" in again.left["tea"]


def test_a_redesign_whose_pictures_are_gone_is_not_proposed(tmp_path) -> None:
    before = gallery()

    with Media(tmp_path) as media:
        found = propose_redesign(before, redesign(), {}, media, by="probatum", at=NOON, manifest="m.csv")

    assert (found.gallery, found.made) == (before, ())
    assert "no unit `x`" in found.left["tea"]


def test_a_suspicious_reference_stays_until_a_person_confirms_a_version_without_it() -> None:
    found = propose_removals(gallery(), suspects(("tea", "b")), by="probatum", at=NOON)

    assert found.made == (("tea", 2),)
    assert found.left == {"rice": "it has one reference"}
    assert [one.capture_id for one in found.gallery.at("tea", NOON)[0].references] == ["a", "b", "c"]
    after = confirmed(found.gallery, "tea", 2, PERSON)
    assert [[one.capture_id for one in version.references] for version in after.at("tea", NOON)] == [["a", "c"]]
    assert "without b: stranger in relief than all but 1 of 900 units" in found.gallery.version("tea", 2).why


def test_a_version_is_never_proposed_without_any_reference_nor_twice() -> None:
    found = propose_removals(gallery(), suspects(("soap", "a"), ("tea", "q"), ("tea", "a")), by="probatum", at=NOON)

    assert found.made == (("tea", 2),)
    assert found.left["soap"] == "all its references look wrong: take new ones"
    assert "`q` is no reference" in found.left["tea"]
    again = propose_removals(found.gallery, suspects(("tea", "a")), by="probatum", at=NOON)
    assert again.made == ()
    assert "were proposed by probatum already" in again.left["tea"]
