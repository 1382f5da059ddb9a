"""What is said of probabilities of labels is what those found who checked some."""

from __future__ import annotations

import pytest

from probatum.dialogue.model.release import Checked
from probatum.dialogue.model.reliability import reliability


def checked(users: int, p: float, right: int, chance: float | None = None) -> list[Checked]:
    return [Checked(f"{p} {n}", f"{p} {n}", p, n < right, chance) for n in range(users)]


def test_labels_are_counted_by_their_probability() -> None:
    found = reliability([*checked(50, 0.55, 30), *checked(50, 0.95, 46)])

    assert found.bins == ((pytest.approx(0.55), 30, 50), (pytest.approx(0.95), 46, 50))
    assert found.line == "0.55: 30/50, 0.95: 46/50"
    assert found.error == pytest.approx(0.04)
    assert "100 labels of 100 users" in found.told


def test_an_error_that_is_there_is_not_called_chance() -> None:
    found = reliability(checked(200, 0.95, 100))

    assert found.low is not None
    assert found.high is not None
    assert found.low > 0.3
    assert found.low <= 0.45 <= found.high


def test_few_users_show_no_error_however_many_their_labels_are() -> None:
    found = reliability([Checked("ann", str(n), 0.9, right=True) for n in range(100)])

    assert (found.error, found.labels, found.users) == (None, 100, 1)
    assert found.told == "calibration not known: labels of 1 users were checked, and 30 are needed"
    assert found.line == "0.90: 100/100"


def test_without_a_check_nothing_is_said() -> None:
    assert reliability([]).told == "calibration not known: no label was checked"
    assert not reliability([]).line


def test_what_was_drawn_more_often_does_not_count_more() -> None:
    found = reliability([*checked(400, 0.55, 400, chance=1.0), *checked(400, 0.95, 400, chance=0.1)])

    assert found.bins[1][2] == 400
    assert 20 <= found.bins[0][2] <= 70
