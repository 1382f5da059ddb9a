"""Training the score of a policy from labelled units of its manifest."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from probatum.errors import UsageError
from probatum.inspection.artefacts.capture import QUERY, Capture
from probatum.inspection.artefacts.marks import Mark
from probatum.inspection.artefacts.model_file import Model
from probatum.inspection.fit.damage import Example
from probatum.inspection.fit.fusion import FEWEST_SOUND, Seen, TooFewSound
from probatum.inspection.fit.training import HEAD_SHARE, fusion_from, teaches_head, trained_head
from probatum.inspection.semantics.damage import Head, damage
from probatum.inspection.semantics.damage_places import places
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.judged import NOT_SCORED, Judge, Judged, seen_view
from probatum.inspection.semantics.scoring import AppearanceAlone, Trained, groups_of
from probatum.inspection.service.outlined import covered


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What was trained, and from what.

    Attributes
    ----------
    model : Model
    head : Head or None
    headless : str
        Why there is no head; "" if there is one.
    taught : dict of str to int
        Units that taught the head, and the fusion, damaged and pristine.
    refused : dict of str to int
        Units that could not be judged, by why.
    channels : tuple of str
    weighed : bool
        Whether weights were found from damaged units; else channels are averaged as e-values.
    """

    model: Model
    head: Head | None
    headless: str
    taught: dict[str, int]
    refused: dict[str, int]
    channels: tuple[str, ...]
    weighed: bool


def train_score(
    goods: Goods,
    *,
    split: str,
    marks: dict[str, list[Mark]],
    seed: int,
    advance: Callable[[Capture], None] = lambda _: None,
) -> Training:
    """Train a head and the fusion of channels.

    Parameters
    ----------
    goods : Goods
        Of a policy; the model that it names is not used.
    split : str
        Whose units teach.
    marks : dict of str to list of Mark
        Outlines of damage, by picture.
    seed : int
    advance : callable
        Called with each unit after it.

    Raises
    ------
    UsageError
        If there is nothing to learn from.
    """
    units = [
        unit
        for unit in goods.manifest.captures
        if unit.views[0].role == QUERY and unit.views[0].split == split and unit.defect is not None
    ]
    if not units:
        raise UsageError(
            f"the split `{split}` of `{goods.policy.captures.path}` has no unit with a label",
            help="label some (`defect`), or name another split with `--split`",
        )
    sound = [unit for unit in units if not unit.defect]
    _enough(len(sound), sum(not teaches_head(unit.capture_id) for unit in sound))
    # What is trained sees what references say; a model that is there already has no part in it.
    looking = Judge(backbone=goods.backbone, references=goods.references, scoring=AppearanceAlone())
    refused: Counter[str] = Counter()
    examples: list[Example] = []
    rest: list[tuple[Capture, Judged]] = []
    for unit in units:
        judged = looking.judge(unit, goods.media)
        kinds = {refusal.kind for refusal in judged.verdict.refusals}
        if kinds - {NOT_SCORED}:
            refused.update(kinds)
        elif teaches_head(unit.capture_id):
            examples.append(_example(unit, judged, marks))
        else:
            rest.append((unit, judged))
        advance(unit)
    parts = trained_head(examples, backbone=goods.backbone.digest, seed=seed)
    fusion = fusion_from(_seen(unit, judged, parts.head) for unit, judged in rest)
    if isinstance(fusion, TooFewSound):
        raise UsageError(
            f"nothing can be trained: {fusion.why}", help="label more pristine units of that split, or take more of them"
        )
    fitted = frozenset(unit.capture_id for unit in units)
    trained = Trained(parts.head, fusion, fitted)
    return Training(
        model=trained.model(goods.backbone.digest),
        head=parts.head,
        headless=parts.headless,
        taught={
            "head, damaged": sum(one.damaged for one in examples),
            "head, pristine": sum(not one.damaged for one in examples),
            "fusion, damaged": sum(bool(unit.defect) for unit, _ in rest),
            "fusion, pristine": sum(not unit.defect for unit, _ in rest),
        },
        refused=dict(refused.most_common()),
        channels=fusion.channels,
        weighed=fusion.weights is not None,
    )


def _enough(sound: int, fusing: int) -> None:
    """Refuse before units are judged what cannot become a score, however they are judged."""
    if fusing < FEWEST_SOUND:
        more = math.ceil((FEWEST_SOUND - fusing) / (1 - HEAD_SHARE))
        raise UsageError(
            f"nothing can be trained: of {sound:,} pristine units {fusing:,} would teach how channels are fused, and {FEWEST_SOUND} are needed",
            help=f"label about {more:,} more pristine units of that split",
        )


def _example(unit: Capture, judged: Judged, marks: dict[str, list[Mark]]) -> Example:
    types = frozenset(kind for view in unit.views for kind in view.defect_types)
    severities = [view.severity for view in unit.views if view.severity is not None]
    drawn = [covered(marks.get(one.view.image, []), one) for one in judged.views]
    outlined = [mask for mask in drawn if mask is not None]
    return Example(
        views=[places(one.looked) for one in judged.views],
        damaged=bool(unit.defect),
        types=types if unit.defect and types else None,
        severity=max(severities) if severities and unit.defect else None,
        masks=outlined if unit.defect and len(outlined) == len(drawn) else None,
    )


def _seen(unit: Capture, judged: Judged, head: Head | None) -> Seen:
    views = tuple(
        seen_view(one, None, ())
        if head is None
        else seen_view(one, damage(head, one.looked), [damage(head, kept.looked) for kept in one.references])
        for one in judged.views
    )
    return Seen(views=views, damaged=bool(unit.defect), groups=groups_of(unit))
