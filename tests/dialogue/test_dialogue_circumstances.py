"""Circumstances of requests, and what may be told of how they go with texts."""

from __future__ import annotations

import math

import pytest

from probatum.dialogue.semantics.circumstances import keys, lifts
from probatum.runner.tables import Tables

pytest.importorskip("duckdb")


def test_circumstances_are_named_in_order() -> None:
    assert keys({"screen": "yes", "room": "hall"}, before="hello", hour=7) == (
        "after=hello",
        "hour=morning",
        "room=hall",
        "screen=yes",
    )


def test_the_users_own_hour_goes_before_the_clock() -> None:
    assert keys({"hour": "23"}, hour=1) == ("hour=evening",)
    assert keys({"hour": "25"}, hour=1) == ("hour=night",)
    assert keys({"hour": "x"}) == ()


def test_what_is_too_long_or_empty_is_no_circumstance() -> None:
    assert keys({"room": "", "note": "x" * 65}) == ()


def told(there: dict[str, int], users: int = 20) -> dict[str, float]:
    """Return the lifts of a text that so many users said in each circumstance, beside a text that 400 others said in each."""
    rows = [(f"{n}", 1, "room=hall" if n < 400 else "room=den") for n in range(800)]
    for key, many in there.items():
        rows += [(f"t{n}", 2, key) for n in range(many)]
    with Tables(memory_bytes=200_000_000) as tables:
        tables.keep(
            "said",
            "select unnest($u::varchar[]) as user_id, unnest($t::ubigint[]) as text_id, unnest($k::varchar[]) as key",
            u=[row[0] for row in rows],
            t=[row[1] for row in rows],
            k=[row[2] for row in rows],
        )
        return lifts(tables, "said", [2], users=users).get(2, {})


def test_a_circumstance_that_goes_with_a_text_counts_for_it() -> None:
    found = told({"room=hall": 100})

    assert found["room=hall"] > math.log(1.2)
    assert found["room=den"] < -0.5


def test_no_number_below_the_threshold_can_be_told() -> None:
    few, more = told({"room=hall": 100, "room=den": 2}), told({"room=hall": 100, "room=den": 19})
    assert few["room=den"] == pytest.approx(more["room=den"], abs=0.05)  # only the proportions over all texts move
    assert told({"room=hall": 100, "room=den": 60})["room=den"] > few["room=den"] + 0.5
    assert told({"room=hall": 19}) == {}
