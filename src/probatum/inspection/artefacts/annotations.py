"""What is asked of people who look at units, and what they answer: as values, and as lines of a journal."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from probatum.inspection.artefacts.capture import TYPES
from probatum.inspection.artefacts.marks import Mark, finite
from probatum.inspection.artefacts.rle import read_rle, written_rle
from probatum.inspection.artefacts.unusable import LIMITS
from probatum.records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A unit to look at.

    Attributes
    ----------
    unit : str
        As `capture_id`.
    chance : float in (0, 1]
        The probability with which it was drawn.
    coin : float in [0, 1)
        What fell: it was drawn because that is below its chance.
    reasons : tuple of str
        Why it was drawn with more than the least probability, the strongest first; `at random` where nothing else says so.
    alarmed : bool
        Whether it was put aside.
    again : bool
        Whether a second person is to look at it, whatever the first one says.
    product, material : str
    images : tuple of str
        Of its views.
    """

    unit: str
    chance: float
    coin: float
    reasons: tuple[str, ...] = ()
    alarmed: bool = False
    again: bool = False
    product: str = ""
    material: str = ""
    images: tuple[str, ...] = ()

    @property
    def place(self) -> float:
        """Where it stands in the queue, from 0 to 1: at random, so that what was answered so far is drawn by coins as well."""
        return self.coin / self.chance


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """Units of which some were drawn: how many there are, and the smallest probability that any of them had; 1 if there are none."""

    units: int
    least: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Units that were drawn to be looked at, and from what.

    Attributes
    ----------
    seed : str
    alarmed, passed : Side
    questions : tuple of Question
        In the order of the queue.
    confirm : bool
        Whether a second person looks at whatever the first one calls damaged.
    expected : mapping of str to float
        How many were to be drawn for each reason, on average.
    """

    seed: str
    alarmed: Side
    passed: Side
    questions: tuple[Question, ...]
    confirm: bool = False
    expected: Mapping[str, float] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What somebody says of a unit.

    Attributes
    ----------
    defect : bool
    types : tuple of str
        Of `TYPES`.
    severity : float or None
        0 to 1.
    on_product : bool or None
    marks : tuple of Mark
        Where it is; of a unit without a defect, what looks like one.
    note : str
    """

    defect: bool
    types: tuple[str, ...] = ()
    severity: float | None = None
    on_product: bool | None = None
    marks: tuple[Mark, ...] = ()
    note: str = ""

    def problem(self, images: Sequence[str] = ()) -> str:
        """Return why it cannot be so; "" if it can.

        Parameters
        ----------
        images : sequence of str
            Of the unit; empty if they are not known.
        """
        for kind in self.types:
            if kind not in TYPES:
                return f"`{kind[:40]}` is no type of damage: there are {', '.join(TYPES)}"
        if not self.defect and (self.types or self.severity is not None or self.on_product is not None):
            return "it has no defect, so it has no type, severity or place of one"
        if self.severity is not None and not 0 <= self.severity <= 1:
            return f"the severity {self.severity:g} is not between 0 and 1"
        for mark in self.marks:
            if images and mark.image not in images:
                return f"`{mark.image[:60]}` is no picture of the unit"
            if why := _misdrawn(mark):
                return why
        return ""


def _misdrawn(mark: Mark) -> str:
    if mark.box is None and not mark.polygons and mark.rle is None and not mark.mask:
        return "a mark has neither a box, nor polygons, nor runs, nor a mask"
    numbers = [*(mark.box or ()), *(x for polygon in mark.polygons for x in polygon)]
    if not all(math.isfinite(x) for x in numbers):
        return "a mark is at no finite place"
    if mark.box is not None and not (mark.box[2] >= 0 and mark.box[3] >= 0):
        return "the box of a mark has a negative side"
    if any(len(polygon) < 6 or len(polygon) % 2 for polygon in mark.polygons):
        return "a polygon of a mark has fewer than three corners, or half a one"
    return ""


def question_json(one: Question) -> dict[str, Any]:
    """Return a question as JSON."""
    return {
        "unit": one.unit,
        "chance": one.chance,
        "coin": one.coin,
        "reasons": list(one.reasons),
        "alarmed": one.alarmed,
        "again": one.again,
        "product": one.product,
        "material": one.material,
        "images": list(one.images),
    }


def draw_json(draw: Draw) -> dict[str, Any]:
    """Return a draw as JSON; `draw_of` gives it back."""
    return {
        "seed": draw.seed,
        "alarmed": [draw.alarmed.units, draw.alarmed.least],
        "passed": [draw.passed.units, draw.passed.least],
        "confirm": draw.confirm,
        "expected": dict(draw.expected),
        "questions": [question_json(one) for one in draw.questions],
    }


def draw_of(said: Mapping[str, Any]) -> Draw:
    """Return the draw that JSON describes.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it describes none.
    """
    return Draw(
        seed=str(said["seed"]),
        alarmed=Side(units=int(said["alarmed"][0]), least=float(said["alarmed"][1])),
        passed=Side(units=int(said["passed"][0]), least=float(said["passed"][1])),
        confirm=bool(said["confirm"]),
        expected={str(name): float(many) for name, many in said["expected"].items()},
        questions=tuple(_question(one) for one in said["questions"]),
    )


def _question(said: Mapping[str, Any]) -> Question:
    found = Question(
        **{**said, "chance": float(said["chance"]), "reasons": tuple(said["reasons"]), "images": tuple(said["images"])}
    )
    if not (0 < found.chance <= 1 and 0 <= found.coin < found.chance):
        raise ValueError(f"the unit `{found.unit}` was drawn with the chance {found.chance} by the coin {found.coin}")
    return found


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as JSON; `answer_of` gives it back."""
    said = {
        "defect": answer.defect,
        "types": list(answer.types),
        "severity": answer.severity,
        "on_product": answer.on_product,
        "marks": [_mark_json(mark) for mark in answer.marks],
        "note": answer.note,
    }
    return {name: value for name, value in said.items() if value not in (None, [], "")}


def answer_of(said: Mapping[str, Any]) -> Answer:
    """Return the answer that JSON describes.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it describes none.
    """
    severity = said.get("severity")
    return Answer(
        defect=_truth(said["defect"]),
        types=tuple(str(kind) for kind in said.get("types", ())),
        severity=None if severity is None else float(severity),
        on_product=None if said.get("on_product") is None else _truth(said["on_product"]),
        marks=tuple(_mark_of(one) for one in said.get("marks", ())),
        note=str(said.get("note", "")),
    )


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"`{value}` is neither true nor false")
    return value


def _mark_json(mark: Mark) -> dict[str, Any]:
    said = {
        "image": mark.image,
        "label": mark.label,
        "box": None if mark.box is None else list(mark.box),
        "polygons": [list(polygon) for polygon in mark.polygons],
        "rle": None if mark.rle is None else written_rle(mark.rle),
        "mask": mark.mask,
        "attributes": dict(mark.attributes),
        "extra": dict(mark.extra),
    }
    return {name: value for name, value in said.items() if value not in (None, [], {}, "") or name == "image"}


def _mark_of(said: Mapping[str, Any]) -> Mark:
    box, rle = said.get("box"), None
    if "rle" in said and (rle := read_rle(said["rle"], most_pixels=LIMITS.most_pixels)) is None:
        raise ValueError("the runs of a mark make no sense")
    polygons = said.get("polygons", [])
    if (box is not None and not finite(box, 4)) or not all(finite(polygon) for polygon in polygons):
        raise ValueError("a box is left, top, width and height, and a polygon x, y, x, y, ...: all of them numbers")
    return Mark(
        image=str(said["image"]),
        label=str(said.get("label", "")),
        box=None if box is None else (box[0], box[1], box[2], box[3]),
        polygons=tuple(tuple(polygon) for polygon in polygons),
        rle=rle,
        mask=str(said.get("mask", "")),
        attributes=dict(said.get("attributes", {})),
        extra=dict(said.get("extra", {})),
    )
