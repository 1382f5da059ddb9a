"""Pictures are well-formed, have the numbers, and take any name for a name."""

from __future__ import annotations

import json
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import made_reports as made
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.evidence import Estimate
from probatum.report import render
from probatum.report.plots.curves import Interval, calibration, several, square
from probatum.report.plots.evidence import drawing
from probatum.report.plots.forest import Row, forest
from probatum.report.plots.funnel import Site, funnel
from probatum.report.plots.shapes import Scale, Shape, number, ticks
from probatum.report.plots.waterfall import Part, waterfall
from probatum.stats.bounds import clopper_pearson

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = '</text><script>alert(1)</script>" onload="x & \x00\u202e'


def parsed(shape: Shape) -> ET.Element:
    return ET.fromstring(shape.markup())  # noqa: S314 - our own text, and that it parses is what is tested


def texts(root: ET.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


@given(st.lists(st.builds(Row, st.text(), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 10**9)), max_size=5))
def test_any_group_can_be_drawn(rows: list[Row]) -> None:
    root = parsed(forest(rows, "selection rate by group", reference=0.5))

    assert root.get("role") == "img"
    assert root[0].text == "selection rate by group"
    assert len(list(root.iter(f"{SVG}rect"))) == len(rows)


def test_a_forest_has_values_and_sizes_and_says_where_nobody_is() -> None:
    root = parsed(forest([Row("a", 0.25, 0.2, 0.3, 1234), Row("b", None, None, None, 0)], "rate"))

    assert "25%, n=1,234" in texts(root)
    assert "nobody is in the denominator" in texts(root)
    marks = list(root.iter(f"{SVG}rect"))
    assert len(marks) == 1
    assert float(marks[0].get("x", "")) + float(marks[0].get("width", "")) / 2 == pytest.approx(310)  # the middle of 20% to 30%


@pytest.mark.parametrize(
    "shape",
    [
        forest([Row(HOSTILE, 0.5, 0.4, 0.6, 5)], HOSTILE),
        square(HOSTILE, [(0, 0), (1, 1)], [], (HOSTILE, HOSTILE), band=[(0, 0), (0, 1), (1, 1)]),
        calibration(HOSTILE, [Interval(0.5, 0.5, 0.4, 0.6)], [], (0, 1), (HOSTILE, "y"), diagonal=True),
        several(HOSTILE, {HOSTILE: [(0, 0), (1, 1)]}, ("x", "y")),
        funnel([Site(10, 0.5, 0.2, 0.8, False)], 0.5, HOSTILE, ("x", "y")),
    ],
)
def test_names_are_never_markup(shape: Shape) -> None:
    root = parsed(shape)

    assert not list(root.iter(f"{SVG}script"))
    assert not [e for e in root.iter() if any(name.startswith("on") for name in e.attrib)]
    assert "\u202e" not in shape.markup()
    assert "<script>" not in shape.markup()


def test_curves_are_told_apart_without_colour() -> None:
    root = parsed(several("t", {name: [(0, n), (1, n)] for n, name in enumerate("abcdef")}, ("x", "y")))

    lines = [e for e in root.iter(f"{SVG}polyline") if e.get("stroke-width") == "1.8"]
    assert len({e.get("stroke-dasharray") for e in lines}) == 6
    assert {e.get("stroke") for e in root.iter() if e.get("stroke")} == {"currentColor"}


@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_ticks_enclose_what_is_drawn(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    at = ticks(low, high)

    slack = 1e-6 * max(1.0, abs(low), abs(high))
    assert at[0] <= low + slack
    assert at[-1] >= high - slack
    assert 2 <= len(at) <= 12
    assert all(math.isfinite(Scale(at[0], at[-1], 0, 100)(v)) for v in (low, high))


def test_an_axis_needs_ends() -> None:
    with pytest.raises(ValueError, match="finite"):
        ticks(0, math.nan)


def estimate(counts: dict[str, Any]) -> Estimate:
    return Estimate(
        method="fairness/gap/1", quantity="gap", value=0.2, low=0.1, high=0.3, confidence=0.95, counts=counts, family=4
    )


def test_an_estimate_of_groups_is_drawn_with_bounds_for_all_its_statements() -> None:
    counts = {"strata": [{"where": {"s": "x"}, "groups": {"a": [20, 100], HOSTILE: [40, 100]}, "unknown": [0, 0]}]}

    plot = drawing(estimate(counts))

    assert plot is not None
    bound = clopper_pearson(20, 100, confidence=0.95, family=4)
    assert plot.rows[0] == ("x: a", "20.00%", f"{bound.low:.2%}", f"{bound.high:.2%}", "100")
    assert "20%, n=100" in texts(parsed(plot.shape))


@pytest.mark.parametrize("group", [[20.5, 100.5, 90.0, 12], [20, 100, 100.0, 12]])
def test_effective_counts_have_no_exact_bounds(group: list[float]) -> None:
    plot = drawing(estimate({"groups": {"a": group, "b": group}}))

    assert plot is not None
    assert {row[2:4] for row in plot.rows} == {("none", "none")}
    assert "worth" in plot.note


def test_rows_that_may_belong_to_any_group_leave_no_bounds() -> None:
    plot = drawing(estimate({"strata": [{"groups": {"a": [1, 5], "b": [2, 5]}, "unknown": [1, 0]}]}))

    assert plot is not None
    assert {row[2] for row in plot.rows} == {"none"}


@pytest.mark.parametrize(
    "counts",
    [
        {},
        {"groups": {"a": [1, 2]}},
        {"groups": [1, 2]},
        {"groups": {"a": "xy", "b": "xy"}},
        {"groups": {"a": [3, 2], "b": [0, 0], "c": [math.nan, 1], "d": [True, True]}},
        {"strata": [None, {"groups": None}]},
    ],
)
def test_counts_of_another_shape_are_not_drawn(counts: dict[str, Any]) -> None:
    assert drawing(estimate(counts)) is None


def test_ten_thousand_groups_are_said_to_be_more_than_are_shown() -> None:
    plot = drawing(estimate({"groups": {f"g{n}": [1, 2 + n, 3.0, 4] for n in range(10_000)}}))

    assert plot is not None
    assert len(plot.rows) == 40
    assert plot.rows[-1][0] == "g9999"
    assert "40 largest of 10,000" in plot.note


def test_the_page_has_the_picture_as_data_and_never_as_markup() -> None:
    own = replace(made.public(), evidence=estimate({"groups": {"a": [20, 100], "</script><svg onload=x>": [40, 100]}}))

    page = render(made.make(own), "html")

    assert "<svg onload" not in page
    [data] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    shape = json.loads(data)["findings"][0]["evidence"]["plot"]["shape"]
    assert shape[0] == "svg"
    assert shape[1]["role"] == "img"


def summed(waterfall: Any, *, value: float = 0.1) -> Estimate:
    return Estimate(
        method="m/1",
        quantity="q",
        value=value,
        low=0.05,
        high=0.15,
        confidence=0.95,
        counts={"waterfall": waterfall},
        sampling="rows",
    )


def test_parts_are_drawn_where_the_part_before_ended_and_what_takes_away_is_hollow() -> None:
    own = waterfall(Part("gap", 0.3), [Part("school", 0.4), Part("work", -0.2), Part("unexplained", 0.1, 0.05, 0.15)], "gap")
    root = parsed(own)

    filled = [(float(r.get("x", "")), float(r.get("width", ""))) for r in root.iter(f"{SVG}rect")]
    hollow = [[float(at.split(",")[0]) for at in p.get("points", "").split()] for p in root.iter(f"{SVG}polygon")]
    assert len(filled) == 3
    assert len(hollow) == 1
    assert filled[1][0] == pytest.approx(filled[0][0])  # both from nought
    assert max(hollow[0]) == pytest.approx(sum(filled[1]), abs=0.2)
    assert filled[2][0] == pytest.approx(min(hollow[0]), abs=0.2)
    assert sum(filled[2]) == pytest.approx(sum(filled[0]), abs=0.2)
    assert {"+0.4", "−0.2", "+0.1", "0.3"} <= set(texts(root))
    assert "hollow ones take away" in (root.get("aria-label") or "")


@given(st.lists(st.builds(Part, st.text(), st.floats(-1e9, 1e9)), min_size=1, max_size=6))
def test_any_parts_can_be_drawn(parts: list[Part]) -> None:
    root = parsed(waterfall(Part("all", sum(part.value for part in parts)), parts, "parts"))

    assert root.get("role") == "img"


def test_an_estimate_with_parts_is_drawn_with_its_bounds_and_their_numbers() -> None:
    drawn = drawing(summed([["gap", 0.3], ["school", 0.2], ["nothing", 0.0], ["unexplained", 0.1]]))

    assert drawn is not None
    assert [row[0] for row in drawn.rows] == ["gap", "school", "unexplained"]
    assert drawn.rows[-1] == ("unexplained", number(0.1), number(0.05), number(0.15))
    assert drawn.rows[1][2:] == ("none", "none")


@pytest.mark.parametrize(
    "told",
    [[["gap", 0.3], ["a", 0.1], ["b", 0.1]], [["gap", 0.1], ["a", 0.1]], "text", [1, 2, 3], [["gap", True], ["a", 1], ["b", 0]]],
)
def test_what_does_not_add_up_is_not_drawn(told: Any) -> None:
    assert drawing(summed(told)) is None
