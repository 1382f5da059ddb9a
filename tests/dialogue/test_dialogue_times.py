"""Times as logs write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.artefacts.importers.times import seconds

NOON = 1_767_268_800.0  # 2026-01-01T12:00:00Z


@pytest.mark.parametrize(
    "written",
    [
        "2026-01-01T12:00:00Z", "2026-01-01 12:00:00", "2026-01-01 12:00:00 UTC", "2026-01-01 12:00:00+00", "2026-01-01T13:00:00+0100",
        "2026-01-01 12:00:00.000 +0000 UTC", "2026-01-01T07:00-05:00", "2026-01-01T13:00:00+01:00[Europe/Berlin]", "20260101120000",
        "20260101T120000Z", "Thu, 01 Jan 2026 12:00:00 GMT", "Thu, 01 Jan 2026 13:00:00 +0100", "1767268800", "1767268800.0",
        " 1767268800000 ", "1767268800000000", "1767268800000000000", "1.7672688e9", NOON, NOON * 1000,
    ],
)  # fmt: skip  # ways to write one moment
def test_all_of_these_are_one_moment(written: object) -> None:
    assert seconds(written) == NOON


@pytest.mark.parametrize(
    "written", ["", "yesterday", "01/02/2026 12:00", "2026-13-01", "nan", True, None, [], "UTC", "12:00 UTC"]
)
def test_what_is_no_time_is_none(written: object) -> None:
    assert seconds(written) is None


def test_a_day_is_its_beginning() -> None:
    assert seconds("20260101") == seconds("2026-01-01") == NOON - 43200


@given(st.integers(1_000_000_000_000, 4_000_000_000_000))
def test_a_number_in_a_text_is_the_number(milliseconds: int) -> None:
    """ISO 8601 would read some of them as days of the year 1767."""
    assert seconds(str(milliseconds)) == milliseconds / 1000


@given(st.text() | st.text("0123456789-+:TZ. UTC[]/", max_size=30))
def test_any_text_is_a_time_or_none(written: str) -> None:
    assert seconds(written) is None or isinstance(seconds(written), float)
