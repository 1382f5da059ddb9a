"""One score of a unit from what each channel says, and which of them it was; as a trained model has it, or without one.

A model is one file: a head that knows damage, or none, and how channels are fused; both were fitted to units that calibrate nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from probatum.inspection.artefacts.capture import Capture
from probatum.inspection.artefacts.model_file import Model, read_model
from probatum.inspection.semantics.damage import KIND as HEAD
from probatum.inspection.semantics.damage import Damage, Head, damage, head_of
from probatum.inspection.semantics.fused import KIND as FUSION
from probatum.inspection.semantics.fused import Fusion, SeenView, fused, fusion_of, item_scores, reason
from probatum.inspection.semantics.looked import Looked

APPEARANCE, DAMAGE, EXCESS = "appearance", "damage", "excess"
KIND = "unit-score/1"


class Scoring(Protocol):
    """What makes one score of several."""

    @property
    def digest(self) -> str:
        """Which: what thresholds are tied to; "" for what needs no file."""
        ...

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels that a score can be made of."""
        ...

    @property
    def fitted_to(self) -> frozenset[str]:
        """Units that it was fitted to, which calibrate nothing."""
        ...

    def damage(self, looked: Looked) -> Damage | None:
        """Return what a head that knows damage says of a view; None without one."""
        ...

    def item(self, views: Sequence[SeenView]) -> dict[str, float]:
        """Return the channels of a unit from those of its views."""
        ...

    def score(self, channels: Mapping[str, float], unit: Capture) -> float:
        """Return the score of a unit, higher is worse; NaN if nothing that is needed could be had."""
        ...

    def reason(self, channels: Mapping[str, float], unit: Capture, threshold: float) -> tuple[str, ...]:
        """Return the channels without which the score would not be above a threshold; empty if it is not above."""
        ...


@dataclass(frozen=True, slots=True)
class AppearanceAlone:
    """The distance to references by appearance: what there is when nothing was trained."""

    digest: str = ""
    channels: tuple[str, ...] = (APPEARANCE,)
    fitted_to: frozenset[str] = frozenset()

    def damage(self, looked: Looked) -> Damage | None:
        """Return None: nothing was trained."""
        del looked
        return None

    def item(self, views: Sequence[SeenView]) -> dict[str, float]:
        """Return for each channel the highest of the views."""
        return item_scores(views, {})

    def score(self, channels: Mapping[str, float], unit: Capture) -> float:
        """Return it."""
        del unit
        return channels.get(APPEARANCE, math.nan)

    def reason(self, channels: Mapping[str, float], unit: Capture, threshold: float) -> tuple[str, ...]:
        """Return `appearance` if it is above the threshold."""
        return (APPEARANCE,) if self.score(channels, unit) > threshold else ()


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A trained score.

    Attributes
    ----------
    head : Head or None
    fusion : Fusion
    fitted_to : frozenset of str
    digest : str
    """

    head: Head | None
    fusion: Fusion
    fitted_to: frozenset[str]
    digest: str = ""

    @property
    def channels(self) -> tuple[str, ...]:
        """Channels that are fused."""
        return self.fusion.channels

    def damage(self, looked: Looked) -> Damage | None:
        """Return what the head says of a view."""
        return None if self.head is None else damage(self.head, looked)

    def item(self, views: Sequence[SeenView]) -> dict[str, float]:
        """Return for each channel the highest of the views, on the scales of their cameras."""
        return self.fusion.item(views)

    def score(self, channels: Mapping[str, float], unit: Capture) -> float:
        """Return the fused score; NaN if no channel is there."""
        return fused(self.fusion, channels, groups_of(unit)).score

    def reason(self, channels: Mapping[str, float], unit: Capture, threshold: float) -> tuple[str, ...]:
        """Return the fewest channels without which the score would not be above."""
        return reason(self.fusion, fused(self.fusion, channels, groups_of(unit)), threshold)

    def model(self, backbone: str) -> Model:
        """Return what is kept in a file, which is tied to what looked."""
        parts = {"fusion": self.fusion.model()} | ({} if self.head is None else {"head": self.head.model()})
        arrays = {f"{name}.{key}": array for name, part in parts.items() for key, array in part.arrays.items()}
        settings = {name: dict(part.settings) for name, part in parts.items()}
        return Model(KIND, backbone, {**settings, "fitted_to": sorted(self.fitted_to)}, arrays)


def groups_of(unit: Capture) -> tuple[str, ...]:
    """Return the groups in which sound units may have scales of their own: the product, then the material."""
    material = next((view.item_material for view in unit.views if view.item_material), "")
    return tuple(name for name in (unit.item_identifier, material) if name)


def open_scoring(path: Path | None, *, backbone: str) -> Scoring:
    """Return what makes scores.

    Parameters
    ----------
    path : Path or None
        Of a trained model; None for `AppearanceAlone`.
    backbone : str
        Digest of the network that looks.

    Raises
    ------
    UnreadableArtefact
        If the file is no such model, or was trained with another network.
    """
    if path is None:
        return AppearanceAlone()
    model = read_model(path, kind=KIND, backbone=backbone)
    head = _part(model, "head", HEAD, backbone)
    return Trained(
        None if head is None else head_of(head),
        fusion_of(_part(model, "fusion", FUSION, "") or Model(FUSION, "", {}, {})),
        frozenset(str(name) for name in _names(model.settings.get("fitted_to"))),
        model.digest,
    )


def _part(model: Model, name: str, kind: str, backbone: str) -> Model | None:
    settings = model.settings.get(name)
    if not isinstance(settings, dict):
        return None
    prefix = f"{name}."
    arrays = {key.removeprefix(prefix): array for key, array in model.arrays.items() if key.startswith(prefix)}
    return Model(kind, backbone, settings, arrays)


def _names(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
