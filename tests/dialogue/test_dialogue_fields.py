"""What importers read loosely: numbers as texts, JSON within JSON, and names in two spellings."""

import pytest

from probatum.dialogue.artefacts.importers import Broken, Event, some
from probatum.dialogue.artefacts.importers.fields import either, listed, mapping, number, share


@pytest.mark.parametrize(
    ("value", "read"),
    [
        (3, 3.0),
        ("0.5", 0.5),
        ("1e3", 1000.0),
        (True, None),
        ("nan", None),
        ("1e999", None),
        (10**400, None),
        ("", None),
        ({}, None),
    ],
)
def test_a_number_is_finite_and_may_be_a_text(value, read) -> None:
    assert number(value) == read


@pytest.mark.parametrize(("value", "read"), [(0, 0.0), ("1", 1.0), (1.01, None), (-0.1, None), (None, None)])
def test_a_share_is_from_0_to_1(value, read) -> None:
    assert share(value) == read


def test_json_within_json_is_read_and_anything_else_is_nothing() -> None:
    assert mapping('{"a": 1}') == mapping({"a": 1}) == {"a": 1}
    assert mapping("a") == mapping([1]) == mapping("[1]") == {}
    assert listed([1]) == [1]
    assert listed({"a": 1}) == listed("a") == []


def test_a_name_in_either_spelling_is_found_and_one_of_null_is_not() -> None:
    assert either({"traceId": "a"}, "traceId") == either({"trace_id": "a"}, "traceId") == "a"
    assert either({"traceId": None, "trace_id": "a"}, "traceId") == "a"
    assert either({}, "traceId") is None


def test_events_are_all_there_or_their_absence_has_a_reason() -> None:
    events = [Event(conversation=name, kind="turn") for name in "ab"]

    assert list(some(iter(events), "there are none")) == events
    with pytest.raises(Broken, match="there are none"):
        list(some(iter([]), "there are none"))
