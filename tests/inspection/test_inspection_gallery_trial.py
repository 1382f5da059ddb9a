"""Units are compared with any others as production compares them with references: pictures in, one score out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from probatum.inspection.model.contamination import left_out
from probatum.inspection.model.trial import Trial
from probatum.synth.inspection.damage import Damage
from probatum.synth.inspection.products import redesigned

np = pytest.importorskip("numpy")
pytest.importorskip("cv2")

from booth_views import colours_of_places, seen, shot  # noqa: E402 # needs NumPy


def units():
    """Views of four units of a book, three of another design of it, and a torn one, by name and camera."""
    old = [shot("book", seed=40 + at) for at in range(4)]
    product = redesigned(old[0].product)
    new = [replace(shot("book", seed=60 + at), product=product) for at in range(3)]
    torn = shot("book", seed=80, damages=(Damage(type="tear", severity=0.7, seed=1),))
    named = {f"old{at}": one for at, one in enumerate(old)} | {f"new{at}": one for at, one in enumerate(new)} | {"torn": torn}
    return {name: {"A": seen(one)} for name, one in named.items()}


def trial(known, **arguments):
    return Trial(colours_of_places(), known.__getitem__, lambda channels: channels["appearance"], **arguments)


def test_a_new_design_differs_from_the_old_one_and_not_from_itself() -> None:
    known = units()
    against = trial(known)

    usual = against("old3", ["old0", "old1", "old2"])["score"]
    new = against("new2", ["old0", "old1", "old2"])["score"]
    alike = against("new2", ["new0", "new1"])["score"]

    assert new > usual + 1
    assert alike < new - 1


def test_a_torn_reference_differs_from_the_others_more_than_a_unit_does() -> None:
    found = left_out("P", ["old0", "old1", "torn"], ["old2", "old3"], trial(units()))

    assert not isinstance(found, str)
    torn = next(case for case in found if case.capture_id == "torn")
    assert torn.scores["appearance"] > max(unit["appearance"] for unit in torn.units)


def test_what_no_camera_of_the_references_has_seen_is_infinitely_strange() -> None:
    known = units()
    known["old3"] = {"B": known["old3"]["A"]}

    assert trial(known)("old3", ["old0", "old1"]) == {"score": float("inf")}


def test_several_cameras_count_by_the_stranger_one() -> None:
    known = units()
    for name in ("old0", "old1", "old2"):
        known[name]["B"] = known[name]["A"]
    known["both"] = {"A": known["old3"]["A"], "B": known["torn"]["A"]}
    against = trial(known)

    alone = [against(name, ["old0", "old1", "old2"])["appearance"] for name in ("old3", "torn")]

    assert against("both", ["old0", "old1", "old2"])["appearance"] == max(alone)
