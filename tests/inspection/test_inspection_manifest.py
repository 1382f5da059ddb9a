"""A manifest is read row by row: what is impossible is kept apart with its reason, and nothing leads out of its folder."""

from __future__ import annotations

import csv
import os
import string
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.capture import TYPES, Capture, RowFault, View, captures, row_of, type_of_damage, view_of
from probatum.inspection.artefacts.manifest import Quarantined, load, stream, write_manifest

pa = pytest.importorskip("pyarrow")
from pyarrow import parquet  # noqa: E402 - after it is known to be there

DATA = Path(os.environ.get("PROBATUM_DATA", "../shared/data")) / "vision"


def csv_of(folder: Path, text: str | bytes) -> Path:
    path = folder / "manifest.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_rows_become_views_and_views_become_units(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        "capture_id,view,image,item_identifier,defect,defect_types,severity,at,units,light\n"
        'a,top,a1.jpg,tea,true,"crush, tear",0.25,2026-03-02T15:05:00+01:00,3,warm\n'
        "b,top,b1.jpg,tea,false,,,2026-03-02 14:06:00,,\n"
        "a,left,a2.jpg,tea,,,,,,\n",
    )

    found = load(path)

    assert [(c.capture_id, len(c.views), c.defect, c.item_identifier) for c in found.captures] == [
        ("a", 2, True, "tea"),
        ("b", 1, False, "tea"),
    ]
    first = found.captures[0].views[0]
    assert first.defect_types == ("crush", "tear")
    assert first.at == datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
    assert (first.severity, first.units, first.extra) == (0.25, 3, {"light": "warm"})
    assert found.captures[1].at == datetime(2026, 3, 2, 14, 6, tzinfo=UTC)
    assert found.quarantine == ()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",a.jpg,,,,,", "`capture_id` is missing"),
        ("a,,,,,,", "`image` is missing"),
        ("a,../a.jpg,,,,,", "`image` leads out of the folder of the manifest"),
        ("a,x/../../a.jpg,,,,,", "`image` leads out of the folder of the manifest"),
        ("a,/etc/passwd,,,,,", "`image` is not relative to the folder of the manifest"),
        ("a,C:/a.jpg,,,,,", "`image` is not relative to the folder of the manifest"),
        ("a,http://x/a.jpg,,,,,", "`image` is an address, and nothing is fetched"),
        ("a,..\\a.jpg,,,,,", "`image` has backslashes: write `/`"),
        ("a,b.zip!../c.jpg,,,,,", "`image` leads out of the folder of the manifest"),
        ("a,a.jpg,maybe,,,,", "`defect` is `maybe`: write true or false"),
        ("a,a.jpg,,1.5,,,", "`severity` is 1.5, and not within 0 and 1"),
        ("a,a.jpg,,nan,,,", "`severity` is nan, and not within 0 and 1"),
        ("a,a.jpg,,,yesterday,,", "`at` is `yesterday`: write a time as 2026-03-02T14:05:00Z"),
        ("a,a.jpg,,,,inch,", "`depth_unit` is `inch`: write mm or cm or m or um or in"),
        ("a,a.jpg,,,,,0", "`inclusion_probability` is 0: what could not be drawn cannot be there"),
        ("a,a.jpg,,,,", "it has 6 fields, and the header has 7"),
    ],
)
def test_an_impossible_row_is_kept_apart_and_the_others_are_read(tmp_path: Path, row: str, reason: str) -> None:
    header = "capture_id,image,defect,severity,at,depth_unit,inclusion_probability\n"
    path = csv_of(tmp_path, f"{header}good1,1.jpg,,,,,\n{row}\ngood2,2.jpg,,,,,\n")

    found = load(path)

    assert [c.capture_id for c in found.captures] == ["good1", "good2"]
    assert found.quarantine == (Quarantined(2, reason),)


def test_a_byte_that_is_not_utf8_spoils_its_row_alone(tmp_path: Path) -> None:
    found = load(csv_of(tmp_path, b"capture_id,image,note\na,1.jpg,\xff\nb,2.jpg,\xc3\xa4\n"))

    assert found.quarantine == (Quarantined(1, "`note` is not UTF-8"),)
    assert found.views[0].extra == {"note": "ä"}


def test_the_same_picture_of_the_same_unit_counts_once(tmp_path: Path) -> None:
    found = load(csv_of(tmp_path, "capture_id,image\na,1.jpg\nb,1.jpg\na,1.jpg\n"))

    assert len(found.views) == 2
    assert found.quarantine == (Quarantined(3, "the picture stands in row 1 already, for the same unit"),)


def test_views_that_contradict_each_other_are_said(tmp_path: Path) -> None:
    found = load(csv_of(tmp_path, "capture_id,image,item_identifier,lot\na,1.jpg,tea,7\na,2.jpg,coffee,7\n"))

    assert found.captures[0].contradictions == ("item_identifier",)
    assert found.captures[0].item_identifier == ""


@pytest.mark.parametrize(
    "text", ["", "image,view\n", "capture_id,picture\n", "capture_id,image,image\n", b"capture_id,image,\xff\n"]
)
def test_a_file_that_is_no_manifest_is_one_clear_error(tmp_path: Path, text: str | bytes) -> None:
    with pytest.raises(UnreadableArtefact, match=r"manifest\.csv` cannot be read"):
        load(csv_of(tmp_path, text))
    with pytest.raises(UnreadableArtefact):
        load(tmp_path / "none.csv")
    with pytest.raises(UnreadableArtefact):
        load(tmp_path / "none.parquet")


def test_a_large_manifest_is_read_as_a_stream(tmp_path: Path) -> None:
    path = tmp_path / "manifest.csv"
    with path.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["capture_id", "image"])
        writer.writerows([f"c{n}", f"{n}.jpg"] for n in range(50_000))
    rows = stream(path)

    first = next(rows)
    rest = sum(1 for _ in rows)

    assert isinstance(first, View)
    assert rest == 49_999


def test_kaputts_words_for_damage_are_understood_and_others_are_refused() -> None:
    assert [type_of_damage(name) for name in ("Actuation", "missing unit", "penetration", "spillage", "tear")] == [
        "opened",
        "missing_unit",
        "hole",
        "spill",
        "tear",
    ]
    with pytest.raises(RowFault, match="is no type of damage: write crush, tear"):
        type_of_damage("dent")


def test_types_of_other_writers_in_parquet_are_taken_as_they_are_meant(tmp_path: Path) -> None:
    table = pa.table(
        {
            "capture_id": pa.array([1, 2]),
            "image": ["a.jpg", "b.jpg"],
            "barcode": pa.array([4006381333931, None]),
            "severity": pa.array([float("nan"), 0.5]),
            "at": pa.array([1772460300000000001, None], pa.timestamp("ns")),
            "defect": pa.array([0, 1], pa.int8()),
            "defect_types": [[], ["crush", "deformation"]],
        }
    )
    parquet.write_table(table, tmp_path / "m.parquet")

    first, second = load(tmp_path / "m.parquet").views

    assert (first.capture_id, first.barcode, first.severity, first.defect) == ("1", "4006381333931", None, False)
    assert first.at == datetime(2026, 3, 2, 14, 5, tzinfo=UTC)
    assert (second.defect, second.defect_types) == (True, ("crush",))


_words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8).filter(
    lambda t: t.strip()
)
_paths = st.lists(st.text(string.ascii_letters + "_- ä", min_size=1, max_size=5).filter(str.strip), min_size=1, max_size=3).map(
    "/".join
)
_times = st.integers(1, 4_000_000_000_000_000).map(lambda us: datetime(1970, 1, 2, tzinfo=UTC) + timedelta(microseconds=us))
_json = st.recursive(
    st.booleans() | st.integers() | st.text(string.ascii_letters, max_size=4),
    lambda i: st.lists(i, max_size=2) | st.dictionaries(st.sampled_from("ab"), i, max_size=2),
    max_leaves=4,
)


@st.composite
def views(draw: st.DrawFn, extra: st.SearchStrategy = _json) -> View:
    maybe = lambda strategy: draw(st.none() | strategy)  # noqa: E731 - read as a word below
    defect = maybe(st.booleans())
    return View(
        capture_id=draw(_words),
        image=draw(_paths),
        view=maybe(_words) or "",
        role=draw(st.sampled_from(["query", "reference"])),
        item_identifier=maybe(_words) or "",
        depth=maybe(_paths) or "",
        depth_unit=draw(st.sampled_from(["", "mm", "m"])),
        at=maybe(_times),
        units=maybe(st.integers(1, 1000)),
        defect=defect,
        major_defect=None if defect is False else maybe(st.booleans()),
        defect_types=tuple(draw(st.lists(st.sampled_from(TYPES), unique=True, max_size=3))),
        severity=maybe(st.floats(0, 1)),
        on_product=maybe(st.booleans()),
        inclusion_probability=maybe(st.floats(0.001, 1)),
        extra=draw(st.dictionaries(st.sampled_from(["light", "x y", "größe"]), extra, max_size=2)),
    )


_settings = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@_settings
@given(st.lists(views(), max_size=6))
def test_parquet_gives_back_what_was_written(tmp_path: Path, written: list[View]) -> None:
    write_manifest(tmp_path / "m.parquet", written)

    assert list(stream(tmp_path / "m.parquet")) == written


@_settings
@given(st.lists(views(extra=_words), max_size=6))
def test_csv_gives_back_what_was_written(tmp_path: Path, written: list[View]) -> None:
    write_manifest(tmp_path / "m.csv", written)

    assert list(stream(tmp_path / "m.csv")) == written


@_settings
@given(st.data(), st.sampled_from(["csv", "parquet"]))
def test_altered_manifests_are_read_or_are_one_clear_error(tmp_path: Path, data: st.DataObject, suffix: str) -> None:
    at = datetime(2026, 1, 2, tzinfo=timezone(timedelta(hours=1)))
    made = [View(capture_id=f"c{n}", image=f"{n}.jpg", at=at, severity=0.5, defect=True, extra={"k": "v"}) for n in range(5)]
    path = tmp_path / f"m.{suffix}"
    write_manifest(path, made)
    raw = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(raw[: data.draw(st.integers(0, len(raw)))] if data.draw(st.booleans()) else raw)

    try:
        found = list(stream(path))
    except UnreadableArtefact as error:
        found = [Quarantined(0, error.message)]

    assert all(isinstance(one, View) or (one.reason and "\n" not in one.reason) for one in found)


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["capture_id", "image", "at", "units", "severity", "defect", "defect_types", "z"]),
        st.none() | st.booleans() | st.floats() | st.text(max_size=6) | st.lists(st.text(max_size=3), max_size=2),
    )
)
def test_any_row_is_a_view_or_a_reason(row: dict) -> None:
    try:
        found: View | str = view_of(row)
    except RowFault as fault:
        found = str(fault)

    assert found == (view_of(row_of(found)) if isinstance(found, View) else found.strip())


@pytest.mark.skipif(not DATA.is_dir(), reason="PROBATUM_DATA names no folder with `vision`, photos that people took")
def test_the_manifest_of_the_photos_of_groceries_is_read(tmp_path: Path) -> None:
    with (DATA / "grocery" / "manifest.csv").open() as text:
        rows = [
            {"capture_id": row["path"], "image": row["path"], "item_identifier": row["class"], **row}
            for row in csv.DictReader(text)
        ]
    with (tmp_path / "m.csv").open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)

    found = load(tmp_path / "m.csv")

    assert (len(found.captures), found.quarantine) == (834, ())
    assert len({c.item_identifier for c in found.captures}) == 31
    assert all(isinstance(c, Capture) for c in captures(found.views))


def test_no_unit_is_lost_with_its_row(tmp_path: Path) -> None:
    path = csv_of(
        tmp_path,
        b"capture_id,image,item_identifier,severity\n"
        b"a,a1.jpg,tea,\na,a2.jpg,tea,nan\n"  # one view is fine, the other is not
        b"b,../b.jpg,tea,\n"
        b"c,c.jpg,tea,,more\n"
        b"d,d.jpg,tea,\nd,d.jpg,coffee,\nd,d.jpg,tea,\n"  # the same picture, of another product; and said twice
        b"\xff,e.jpg,tea,\n,f.jpg,tea,\n",  # of which nobody knows the unit
    )

    found = load(path)

    told = {
        unit.capture_id: [(view.image, view.item_identifier, bool(view.fault)) for view in unit.views]
        for unit in found.everything
    }
    assert told == {
        "a": [("a1.jpg", "tea", False), ("a2.jpg", "tea", True)],
        "d": [("d.jpg", "tea", False), ("d.jpg", "coffee", True)],
        "b": [("", "tea", True)],
        "c": [("c.jpg", "tea", True)],
    }
    assert [unit.capture_id for unit in found.captures] == ["a", "d"]
    assert [row.row for row in found.quarantine if row.view is None] == [7, 8, 9]
    assert next(unit for unit in found.everything if unit.capture_id == "d").contradictions == ("item_identifier",)


def test_units_are_those_that_can_be_read_where_all_rows_can(tmp_path: Path) -> None:
    found = load(csv_of(tmp_path, "capture_id,image\na,a.jpg\na,a.jpg\nb,b.jpg\n"))

    assert found.everything == found.captures
    assert len(found.quarantine) == 1
