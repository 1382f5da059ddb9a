"""One unit, judged: what all its views show against the references of its product, as one score; or why it cannot be judged.

Whoever decides, calibrates or checks again calls `Judge.judge`; `VERSION` is raised whenever the same pictures would get another score.
A unit of which a view cannot be used is not judged by the rest: what is wrong may be on that side.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from probatum.infer.vision.backbone import Backbone
from probatum.inspection.artefacts.capture import Capture, View
from probatum.inspection.artefacts.media import Readable, digests, item_mask, see
from probatum.inspection.artefacts.unusable import ADVICE, Unusable
from probatum.inspection.semantics.compared import Compared, compared
from probatum.inspection.semantics.damage import Damage, excess
from probatum.inspection.semantics.fused import SeenView
from probatum.inspection.semantics.labelled import Labels
from probatum.inspection.semantics.looked import Looked, look
from probatum.inspection.semantics.looked import View as Shown
from probatum.inspection.semantics.quality import Quality, Thresholds, Usual, quality
from probatum.inspection.semantics.reading import Unread
from probatum.inspection.semantics.references import Group, Kept, References, name_of
from probatum.inspection.semantics.scoring import DAMAGE, EXCESS, Scoring
from probatum.inspection.semantics.verdict import Refusal, Verdict
from probatum.source import canonical_json, digest

VERSION = 6
NO_REFERENCE, CONTRADICTORY, NOT_SCORED, NO_DEPTH, ROW = "no-reference", "contradictory", "not-scored", "no-depth", "row"
_ONE_PRODUCT = "give all rows of the unit the same `item_identifier`, or each unit its own `capture_id`"
_NOT_MADE = "see whether it has depth and views as its references have, or train on units like it"
_ONE_ROLE = "give all rows of the unit the same `role`, or each unit its own `capture_id`"
NOT_READ = "not-read"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class JudgedView:
    """One view of a unit.

    Attributes
    ----------
    view : View
    looked : Looked
    compared : Compared or None
        With the references; None without any.
    references : tuple of Kept
        That it was compared with.
    quality : Quality
    size : (int, int)
        Height and width of the picture.
    damage : Damage or None
        What a trained head says; None without one.
    usual : tuple of Damage
        What it says of the references.
    """

    view: View
    looked: Looked
    compared: Compared | None
    references: tuple[Kept, ...]
    quality: Quality
    size: tuple[int, int]
    damage: Damage | None = None
    usual: tuple[Damage, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Judged:
    """What came of a unit, and what was seen on the way.

    Attributes
    ----------
    capture : Capture
    verdict : Verdict
    views : tuple of JudgedView
        Those that could be looked at.
    """

    capture: Capture
    verdict: Verdict
    views: tuple[JudgedView, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Judge:
    """What judges units.

    Attributes
    ----------
    backbone : Backbone
    references : References
    scoring : Scoring
    identify : callable or None
        From what the views of a unit show to its product, for units of which nobody says it; "" if that is not sure enough.
    labels : Labels
        Barcodes of products: what the label of a unit says where nobody else does.
    usual : mapping of str to Usual
        By camera: how sharp its pictures usually are.
    thresholds : Thresholds
        From where on a view cannot be used.
    """

    backbone: Backbone
    references: References
    scoring: Scoring
    identify: Callable[[Sequence[Shown]], str] | None = None
    labels: Labels = field(default_factory=Labels)
    usual: Mapping[str, Usual] = field(default_factory=dict)
    thresholds: Thresholds = field(default_factory=Thresholds)
    _said: dict[int, tuple[Damage, ...]] = field(default_factory=dict, init=False, repr=False)

    def judge(self, capture: Capture, media: Readable) -> Judged:
        """Judge a unit."""
        shown = [(view, self._shown(view, media)) for view in capture.views]
        refusals = [refusal for _, what in shown if not isinstance(what, _Usable) for refusal in what]
        usable = [(view, what) for view, what in shown if isinstance(what, _Usable)]
        product = capture.item_identifier
        contradictory = "item_identifier" in capture.contradictions
        if contradictory:
            why = "its views say that it is of several products"
            refusals.append(Refusal(kind=CONTRADICTORY, image="", why=why, advice=_ONE_PRODUCT))
        elif not product and not refusals:
            try:
                product = self._named(capture, [what.shown for _, what in usable])
            except Unread as problem:
                refusals.append(Refusal(kind=NOT_READ, image="", why=str(problem), advice="read its barcode, or say its product"))
        if "role" in capture.contradictions:
            why = "its views say that it is judged, and that it is a reference"
            refusals.append(Refusal(kind=CONTRADICTORY, image="", why=why, advice=_ONE_ROLE))
        if not contradictory and not any(self.references.group(product, name_of(view), capture.at) for view in capture.views[:1]):
            refusals.append(_without_reference(product))
        views = []
        for view, what in usable if not refusals else ():
            found = self._compared(view, what, self.references.group(product, name_of(view), capture.at))
            if isinstance(found, JudgedView):
                views.append(found)
            else:
                refusals += found
        told = Verdict(
            capture_id=capture.capture_id,
            product=product,
            pictures=pictures_digest(capture, media),
            references=self.references.digest(product),
        )
        if refusals:
            return Judged(capture=capture, verdict=replace(told, refusals=tuple(refusals)), views=tuple(views))
        return Judged(capture=capture, verdict=self._scored(capture, told, views), views=tuple(views))

    def _named(self, capture: Capture, shown: Sequence[Shown]) -> str:
        """Return the product of a unit of which nobody says it: by its barcode, or else by how it looks; "" if that is not sure enough."""
        product = self.labels.scanned(capture)[1] or self.labels.read(shown)
        return product or ("" if self.identify is None else self.identify(shown))

    def _shown(self, view: View, media: Readable) -> _Usable | list[Refusal]:
        if view.fault:
            why = f"row {view.row} of the manifest cannot be used: {view.fault}"
            return [Refusal(kind=ROW, image=view.image, why=why, advice=f"correct row {view.row} of the manifest")]
        seen = see(view, media)
        if isinstance(seen.picture, Unusable):
            return _refused(seen.picture, view.image)
        if isinstance(seen.depth, Unusable):
            return _refused(seen.depth, view.depth)
        mask = item_mask(view, media, seen.picture)
        if isinstance(mask, Unusable):
            return _refused(mask, view.mask)
        usual = self.usual.get(view.camera or view.view)
        good = quality(seen.picture, depth=seen.depth, item=mask, units=view.units, usual=usual, thresholds=self.thresholds)
        if good.flaws:
            return [Refusal(kind=flaw.kind, image=view.image, why=flaw.why, advice=flaw.advice) for flaw in good.flaws]
        return _Usable(Shown(seen.picture.rgb, mm=None if seen.depth is None else seen.depth.mm, mask=mask), good)

    def _compared(self, view: View, usable: _Usable, group: Group | None) -> JudgedView | list[Refusal]:
        like = () if group is None else tuple(kept.looked for kept in group.kept)
        shown = usable.shown
        if shown.mm is None and group is not None and all(kept.looked.cutout.height is not None for kept in group.kept):
            # Thresholds were chosen from units with depth: of one without, they certify nothing.
            return [
                Refusal(kind=NO_DEPTH, image=view.image, why="it has no depth, and its references have", advice="name its depth")
            ]
        looked = look(self.backbone, shown.rgb, mm=shown.mm, mask=shown.mask, like=like, early=True)
        if isinstance(looked, Unusable):
            return _refused(looked, view.image)
        told = None if group is None else compared(looked, group.pristine)
        kept = () if group is None else group.kept
        return JudgedView(
            view=view,
            looked=looked,
            compared=told,
            references=kept,
            quality=usable.quality,
            size=(shown.rgb.shape[0], shown.rgb.shape[1]),
            damage=self.scoring.damage(looked),
            usual=self._usual(group),
        )

    def _usual(self, group: Group | None) -> tuple[Damage, ...]:
        """Return what the head says of references; once for each group, which is kept as long as references are."""
        if group is None:
            return ()
        if id(group) not in self._said:
            found = (self.scoring.damage(kept.looked) for kept in group.kept)
            self._said[id(group)] = tuple(one for one in found if one is not None)
        return self._said[id(group)]

    def _scored(self, capture: Capture, told: Verdict, views: Sequence[JudgedView]) -> Verdict:
        channels = self.scoring.item([seen_view(one, one.damage, one.usual) for one in views])
        counted = [view.compared.units for view in views if view.compared is not None and view.compared.units is not None]
        told = replace(told, pieces=max(counted, key=lambda one: one[1], default=None))
        score = self.scoring.score(channels, capture)
        if math.isnan(score):
            refusal = Refusal(kind=NOT_SCORED, image="", why="what its score is made of could not be had", advice=_NOT_MADE)
            return replace(told, refusals=(refusal,), channels=channels)
        return replace(told, channels=channels, score=score)


def seen_view(one: JudgedView, said: Damage | None, usual: Sequence[Damage]) -> SeenView:
    """Return the camera of a view and its channels, with what a head says of it and of its references."""
    channels = {} if one.compared is None else dict(one.compared.scores)
    return name_of(one.view), channels | ({} if said is None else damage_channels(said, usual, one.compared))


def damage_channels(said: Damage, usual: Sequence[Damage], differs: Compared | None) -> dict[str, float]:
    """Return the channel of a head: how much more damaged a view looks than references do, where heights differ above all; or how damaged.

    What is printed on a product looks damaged on its references, too; both channels together found no more on made goods.
    """
    above = excess(said, usual, None if differs is None else differs.maps.get("relief"))
    return {DAMAGE: said.score} if above is None else {EXCESS: above}


@dataclass(frozen=True, slots=True, eq=False)
class _Usable:
    shown: Shown
    quality: Quality


def _without_reference(product: str) -> Refusal:
    why = f"there is no valid reference of `{product}`" if product else "nobody says which product it is"
    advice = "take pictures of pristine units into the gallery" if product else "read its barcode, or say its product"
    return Refusal(kind=NO_REFERENCE, image="", why=why, advice=advice)


def _refused(what: Unusable, image: str) -> list[Refusal]:
    return [Refusal(kind=what.kind, image=image, why=what.why, advice=what.advice or ADVICE.get(what.kind, ""))]


def pictures_digest(capture: Capture, media: Readable) -> str:
    """Return the digest of the files of all views of a unit."""
    return digest(canonical_json([[view.image, *digests(view, media)] for view in capture.views]))
