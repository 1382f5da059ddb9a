"""Comparing any unit with any others, as if those were its references: what a redesign is weighed by, and references are tested by."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from probatum.infer.vision.backbone import Backbone
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.semantics.compared import Pristine, compared, pristine
from probatum.inspection.semantics.fused import SeenView, item_scores
from probatum.inspection.semantics.looked import Looked, View, look, look_at_references

_KEPT = 64  # sets of references that are looked at once


class Trial:
    """Scores of units against units.

    Parameters
    ----------
    backbone : Backbone
    views : callable
        Gives the views of a unit by camera, from its name; asked again for each comparison.
    fused : callable
        Makes one score of those of the channels, as in production.
    item : callable, optional
        Makes channels of a unit of those of its views, as in production; else each is the highest of the views.
    """

    def __init__(
        self,
        backbone: Backbone,
        views: Callable[[str], Mapping[str, View]],
        fused: Callable[[Mapping[str, float]], float],
        item: Callable[[Sequence[SeenView]], dict[str, float]] = lambda views: item_scores(views, {}),
    ) -> None:
        self._backbone = backbone
        self._views = views
        self._fused = fused
        self._item = item
        self._ready: OrderedDict[tuple[str, ...], dict[str, Pristine]] = OrderedDict()

    def __call__(self, name: str, references: Sequence[str]) -> dict[str, float]:
        """Score a unit against others.

        Returns
        -------
        dict of str to float
            The score of each channel, of the cameras that both have, and `score`, what is fused of them; infinite if no view can be compared.
        """
        told: list[SeenView] = []
        ready = self._of(tuple(references))
        for camera, view in self._views(name).items():
            known = ready.get(camera)
            if known is None:
                continue
            seen = look(self._backbone, view.rgb, mm=view.mm, mask=view.mask, empty=view.empty, like=known.references)
            if isinstance(seen, Looked):
                told.append((camera, compared(seen, known).scores))
        found = self._item(told)
        return {**found, "score": self._fused(found) if found else float("inf")}

    def _of(self, references: tuple[str, ...]) -> dict[str, Pristine]:
        if references in self._ready:
            self._ready.move_to_end(references)
            return self._ready[references]
        by_camera: dict[str, list[View]] = {}
        for name in references:
            for camera, view in self._views(name).items():
                by_camera.setdefault(camera, []).append(view)
        ready = {}
        for camera, views in by_camera.items():
            usable = [seen for seen in look_at_references(self._backbone, views) if not isinstance(seen, Unusable)]
            if usable:
                ready[camera] = pristine(usable)
        self._ready[references] = ready
        if len(self._ready) > _KEPT:
            self._ready.popitem(last=False)
        return ready
