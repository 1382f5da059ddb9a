"""Annotations as data sets, and back: what was said in the queue becomes columns and marks, which every format of `artefacts.formats` writes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from probatum.inspection.artefacts.annotations import Answer, Draw
from probatum.inspection.artefacts.capture import TYPES, View, captures
from probatum.inspection.artefacts.marks import Dataset, Mark
from probatum.inspection.model.opinions import Judged

_BY = "annotator"  # attribute of a mark


def annotated(views: Iterable[View], judged: Mapping[str, Judged], draws: Iterable[Draw] = ()) -> Dataset:
    """Return views with what counts of what was said of their units, and all marks.

    Parameters
    ----------
    views : iterable of View
    judged : mapping of str to Judged
        As `Queue.judged` gives them.
    draws : iterable of Draw
        From which units have their `inclusion_probability`; the first that has a unit counts.

    Returns
    -------
    Dataset
        Of a unit of which people contradict each other, or cannot tell, nothing is said but by whom it was looked at; its marks are
        there. The notes say how many such units there are.
    """
    chances: dict[str, float] = {}
    for draw in draws:
        for question in draw.questions:
            chances.setdefault(question.unit, question.chance)
    found: list[View] = []
    marks: list[Mark] = []
    for view in views:
        own = judged.get(view.capture_id)
        if own is None:
            found.append(view)
            continue
        found.append(
            replace(
                view,
                defect=own.defect,
                defect_types=own.types,
                severity=own.severity,
                on_product=own.on_product,
                major_defect=None if not own.defect else view.major_defect,
                annotator=",".join(one.by for one in own.opinions),
                inclusion_probability=chances.get(view.capture_id, view.inclusion_probability),
            )
        )
        for opinion in own.opinions:
            drawn = opinion.answer.marks if opinion.answer is not None else ()
            marks += [
                replace(mark, attributes={_BY: opinion.by, **mark.attributes}) for mark in drawn if mark.image == view.image
            ]
    there = {view.capture_id for view in found}
    unclear = sum(own.defect is None for unit, own in judged.items() if unit in there)
    lost = sum(unit not in there for unit in judged)
    notes = [f"of {unclear} units nobody can tell, or people contradict each other"] if unclear else []
    notes += [f"{lost} units were judged of which there is no view"] if lost else []
    return Dataset(views=tuple(found), marks=tuple(marks), notes=tuple(notes))


def answers(dataset: Dataset) -> dict[str, dict[str, Answer]]:
    """Return what a data set says of its units, by whoever says it ("" if it does not say): for `Queue.take`.

    A unit of which no view says whether it is damaged, but which has marks with the name of a type of damage, is damaged.
    """
    marks = dataset.marks_of()
    found: dict[str, dict[str, Answer]] = {}
    for unit in captures(dataset.views):
        own = [mark for view in unit.views for mark in marks.get(view.image, ())]
        named = {mark.label for mark in own} & set(TYPES)
        defect = unit.defect if unit.defect is not None else True if named else None
        if defect is None:
            continue
        types = {kind for view in unit.views for kind in view.defect_types} | named
        severity = max((view.severity for view in unit.views if view.severity is not None), default=None)
        on_product = [view.on_product for view in unit.views if view.on_product is not None]
        by = next((view.annotator for view in unit.views if view.annotator), "")
        found.setdefault(by, {})[unit.capture_id] = Answer(
            defect=defect,
            types=tuple(kind for kind in TYPES if kind in types) if defect else (),
            severity=severity if defect else None,
            on_product=(any(on_product) if on_product else None) if defect else None,
            marks=tuple(own),
        )
    return found
