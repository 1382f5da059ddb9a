"""The gallery as a file: what is valid when, who changed what, and that nothing changes without a line in the journal."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from probatum.errors import UnreadableArtefact, UsageError
from probatum.inspection.artefacts.capture import View, captures
from probatum.inspection.artefacts.gallery import CONFIRMED, REJECTED, RETIRED, Gallery, Reference
from probatum.inspection.artefacts.gallery_changes import (
    Author,
    begun,
    confirmed,
    ended,
    rejected,
    rolled_back,
    with_proposal,
)
from probatum.inspection.artefacts.gallery_file import problems, read_gallery, to_text
from probatum.inspection.artefacts.gallery_pictures import altered, references_of
from probatum.inspection.artefacts.media import Media
from probatum.inspection.artefacts.unusable import Unusable
from probatum.source import Text, digest

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def author(why="seen on the line", *, days=0.0):
    return Author(by="rita", at=NOON + timedelta(days=days), why=why)


def reference(name):
    return Reference(capture_id=name, files={f"{name}-top.png": digest(name), f"{name}-depth.png": digest(name + "d")})


def first():
    return begun([("tea", [reference("a"), reference("b")]), ("soap", [reference("c")])], author("first day"), manifest="m.csv")


def proposed(gallery, *, replaces=None, days=1.0):
    return with_proposal(
        gallery,
        "tea",
        [reference("x"), reference("y")],
        author("12 units alike", days=days),
        manifest="days/m.csv",
        valid_from=NOON + timedelta(days=0.5),
        replaces=replaces,
    )


def again(gallery: Gallery) -> Gallery:
    content = to_text(gallery)
    return read_gallery(Text("gallery.json", content, digest(content)))


def numbers(gallery, *, days):
    return [version.number for version in gallery.at("tea", NOON + timedelta(days=days))]


def test_a_proposal_is_not_valid_before_a_person_confirms_it() -> None:
    gallery = proposed(first())

    assert numbers(gallery, days=2) == [1]
    assert [one.number for one in gallery.proposals] == [2]
    assert numbers(confirmed(gallery, "tea", 2, author(days=2)), days=2) == [2, 1]


def test_old_stock_is_valid_beside_the_new_version_until_it_is_ended() -> None:
    gallery = ended(confirmed(proposed(first()), "tea", 2, author(days=1)), "tea", 1, author("sold out", days=5))

    assert numbers(gallery, days=0) == [1]
    assert numbers(gallery, days=3) == [2, 1]
    assert numbers(gallery, days=5) == [2]
    assert gallery.version("tea", 1).state == RETIRED


def test_a_unit_without_a_time_is_compared_with_every_version_that_has_no_end() -> None:
    gallery = confirmed(proposed(first()), "tea", 2, author(days=1))

    assert [one.number for one in gallery.at("tea", None)] == [2, 1]
    assert [one.number for one in ended(gallery, "tea", 1, author(days=5)).at("tea", None)] == [2]


def test_what_is_replaced_is_retired_and_comes_back_when_that_is_rolled_back() -> None:
    gallery = confirmed(proposed(first(), replaces=1), "tea", 2, author(days=1))
    back = rolled_back(gallery, "tea", 2, author("it was a damaged lot", days=2))

    assert numbers(gallery, days=0.9) == [1]
    assert numbers(gallery, days=1) == [2]
    assert [one.state for one in back.of("tea")] == [CONFIRMED, RETIRED]
    assert numbers(back, days=3) == [1]
    assert numbers(back, days=1.5) == [2, 1]  # what was decided then was decided with version 2


def test_the_last_version_of_a_product_cannot_be_rolled_back() -> None:
    with pytest.raises(UsageError, match="nothing of `tea` would be valid"):
        rolled_back(first(), "tea", 1, author())


def test_what_was_rejected_stays_and_is_not_proposed_again() -> None:
    gallery = rejected(proposed(first()), "tea", 2, author("it is damage"))

    assert gallery.version("tea", 2).state == REJECTED
    assert gallery.version("tea", 2).why == "it is damage"
    assert numbers(gallery, days=9) == [1]
    with pytest.raises(UsageError, match="were rejected by rita already, as version 2"):
        proposed(gallery)


@pytest.mark.parametrize("change", [confirmed, rejected, ended, rolled_back])
def test_a_change_in_the_wrong_state_says_which_state_it_is(change) -> None:
    gallery = rejected(proposed(first()), "tea", 2, author("it is damage"))

    with pytest.raises(UsageError, match="is rejected, and not"):
        change(gallery, "tea", 2, author())
    with pytest.raises(UsageError, match="there is no version 7"):
        change(gallery, "tea", 7, author())


@pytest.mark.parametrize(("by", "why"), [("", "reason"), ("rita", " "), ("ri\nta", "reason")])
def test_a_change_without_who_or_why_is_refused(by, why) -> None:
    with pytest.raises(UsageError, match="does not say"):
        Author(by=by, at=NOON, why=why)


def test_a_new_product_can_be_proposed() -> None:
    gallery = with_proposal(first(), "rice", [reference("r")], author(), manifest="m.csv")

    assert gallery.at("rice", NOON) == ()
    assert len(confirmed(gallery, "rice", 1, author()).at("rice", NOON)) == 1


def test_every_change_adds_one_line_that_follows_the_one_before() -> None:
    gallery = first()
    for change in (
        proposed,
        lambda g: confirmed(g, "tea", 2, author(days=1)),
        lambda g: rolled_back(g, "tea", 2, author(days=2)),
    ):
        before, gallery = gallery, change(gallery)

        assert gallery.journal[:-1] == before.journal
        assert gallery.journal[-1].before == before.digest != gallery.digest
    assert [line.action for line in gallery.journal] == ["begun", "proposed", "confirmed", "rolled back"]
    assert list(problems(gallery)) == []


def test_a_gallery_is_read_as_it_was_written() -> None:
    gallery = confirmed(proposed(first(), replaces=1), "tea", 2, author("Müller said so 😀", days=1))

    found = again(gallery)

    assert (found.versions, found.journal, found.digest) == (gallery.versions, gallery.journal, gallery.digest)
    assert to_text(found) == to_text(gallery)


def _set(*path, to):
    def change(value):
        for key in path[:-1]:
            value = value[key]
        value[path[-1]] = to

    return change


# What is changed in the file, what is said of it, and whether a line can be named.
WRONG = {
    "another schema": (_set("schema", to="probatum-inspection-gallery/9"), "is no `schema`", 2),
    "a state by hand": (_set("versions", 0, "state", to="rejected"), "was changed by hand: its versions", None),
    "a reason by hand": (_set("journal", 0, "why", to="other"), "was changed by hand: line 2", None),
    "a journal cut off": (lambda v: v["journal"].pop(), "was changed by hand", None),
    "no journal": (_set("journal", to=[]), "was changed by hand", None),
    "the digest": (_set("digest", to="0" * 64), "was changed by hand: the last line", None),
    "an unknown state": (_set("versions", 0, "state", to="confrimed"), "is no `state`", 8),
    "an unknown field": (_set("versions", 0, "vaild_from", to=""), "is not a field of the version", 22),
    "a time without zone": (_set("versions", 1, "at", to="2026-03-02T12:00:00"), "no time with a zone", None),
    "no reference": (_set("versions", 0, "references", to={}), "names no unit", 12),
    "no digest": (_set("versions", 0, "references", "c", "c-top.png", to="F00"), "has no SHA-256", 14),
    "a path that leads out": (_set("versions", 0, "references", "c", to={"../x.png": "0" * 64}), "leads out of the folder", 14),
    "a manifest elsewhere": (_set("versions", 0, "manifest", to="/etc/m.csv"), "is not relative to the folder", 11),
    "a number twice": (_set("versions", 2, "version", to=1), "version 1 of `tea` follows 1 of `tea`", None),
    "an end before the beginning": (
        lambda v: v["versions"][0].update(valid_from="2026-01-02T00:00:00Z", valid_until="2026-01-01T00:00:00Z"),
        "`valid_until` is before",
        10,
    ),
    "retired without an end": (_set("versions", 0, "state", to="retired"), "retired version has no `valid_until`", 8),
    "versions that are no list": (_set("versions", to={}), "`versions` is no list", None),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_gallery_that_is_none_is_refused_with_one_error(name) -> None:
    change, message, line = WRONG[name]
    value = json.loads(to_text(proposed(first())))
    change(value)
    content = json.dumps(value, indent=1)

    with pytest.raises(UnreadableArtefact, match=message) as found:
        read_gallery(Text("gallery.json", content, digest(content)))

    assert found.value.help
    assert found.value.location.path == "gallery.json"
    assert line is None or abs(found.value.location.line - line) <= 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is not JSON"),
        ("[]", "is not a mapping"),
        ('{"schema": "probatum-inspection-gallery/1",}', "is not JSON"),
        ('{"schema": 1, "schema": 2}', "`schema` occurs twice"),
        ('{"versions": NaN}', "NaN is no number"),
        ("[" * 50 + "]" * 50, "nested too deeply"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_what_is_no_json_is_refused_with_one_error(content, message) -> None:
    with pytest.raises(UnreadableArtefact, match=message):
        read_gallery(Text("gallery.json", content, digest(content)))


def test_a_picture_that_was_changed_or_is_gone_is_found(tmp_path) -> None:
    for name in ("a.png", "b.png", "depth.png"):
        (tmp_path / name).write_bytes(name.encode())
    units = captures(
        [
            View(capture_id="u", image="a.png", view="top", depth="depth.png"),
            View(capture_id="u", image="b.png", view="left"),
        ]
    )
    with Media(tmp_path) as media:
        found = references_of({unit.capture_id: unit for unit in units}, ["u"], media)
        assert not isinstance(found, Unusable)
        [version] = begun([("tea", found)], author(), manifest="m.csv").versions
        assert list(altered(version, media)) == []
        (tmp_path / "depth.png").write_bytes(b"another")
        (tmp_path / "b.png").unlink()

        assert list(altered(version, media)) == [
            ("u", "depth.png", "it was changed since it became a reference"),
            ("u", "b.png", "there is no file `b.png`"),
        ]


def test_references_need_units_and_files_that_are_there(tmp_path) -> None:
    units = {unit.capture_id: unit for unit in captures([View(capture_id="u", image="a.png")])}

    with Media(tmp_path) as media:
        assert isinstance(references_of(units, ["u"], media), Unusable)
        assert isinstance(references_of(units, ["v"], media), Unusable)


def test_a_version_ends_no_earlier_than_it_begins() -> None:
    gallery = confirmed(proposed(first(), days=0), "tea", 2, author(days=0))

    with pytest.raises(UsageError, match="would end before it begins"):
        ended(gallery, "tea", 2, author(days=0.1))
    back = rolled_back(gallery, "tea", 2, author(days=0.1))
    assert numbers(back, days=0.7) == [1]
    assert again(back).version("tea", 2) == replace(back.version("tea", 2))
