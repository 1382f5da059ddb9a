"""The goods of a policy: its manifest, references, calibration and network; nothing is read before it is asked for."""

from __future__ import annotations

import math
import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.infer.vision.backbone import Backbone, open_backbone
from probatum.infer.vision.written import open_reader
from probatum.infer.vision.written_kept import KeptWords
from probatum.inspection.artefacts.calibration import Believed, Calibration, Scorer, read_calibration
from probatum.inspection.artefacts.capture import QUERY, Capture
from probatum.inspection.artefacts.disposition import Disposition, read_disposition
from probatum.inspection.artefacts.files import Beside, Files
from probatum.inspection.artefacts.gallery import Gallery
from probatum.inspection.artefacts.gallery_file import read_gallery
from probatum.inspection.artefacts.manifest import Manifest, load
from probatum.inspection.artefacts.media import Readable
from probatum.inspection.artefacts.policy import Named, Policy
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.semantics.chances import Chances, chances_of
from probatum.inspection.semantics.decisions import key_of, read_decisions
from probatum.inspection.semantics.identify import Candidate
from probatum.inspection.semantics.identity import Identity, identity, seen
from probatum.inspection.semantics.judged import VERSION, Judge, pictures_digest
from probatum.inspection.semantics.labelled import Labels, labels
from probatum.inspection.semantics.looked import SIDE, View
from probatum.inspection.semantics.looks_kept import KeptLooks
from probatum.inspection.semantics.quality import Thresholds, Usual
from probatum.inspection.semantics.reading import Reading
from probatum.inspection.semantics.references import References, Shelf, read_view
from probatum.inspection.semantics.scoring import Scoring, open_scoring
from probatum.inspection.semantics.verdict import Verdict
from probatum.source import Source, canonical_json, digest

_BLURRED = 0.2  # of the budget, that pictures of one camera may take which are as soft as few are
_SOFTER = math.log(
    2.0
)  # what is least sharp of usual pictures can be judged: blurred is what is as soft as few are at half the variance


@dataclass
class Goods:
    """What a policy is about; nothing is read before it is asked for.

    Attributes
    ----------
    policy : Policy
    files : Files
    cache : Path
        Where a converted network is kept.
    keeps_looks : bool
        Whether looks of references are kept there, too.
    """

    policy: Policy
    files: Files
    cache: Path
    keeps_looks: bool = False

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest of the units."""
        return self._manifest(self.policy.captures)

    @cached_property
    def media(self) -> Beside:
        """What reads the pictures of the units."""
        return self.files.beside(self.files.path_of(self.policy.captures))

    @cached_property
    def units(self) -> tuple[Capture, ...]:
        """Units that are judged, in the order of the manifest; also those of which a row cannot be read, so that a person looks."""
        return tuple(unit for unit in self.manifest.everything if self._judges(unit))

    def _judges(self, unit: Capture) -> bool:
        told = [view for view in unit.views if not view.fault] or unit.views
        return any(view.role == QUERY for view in told) and any(self.policy.judges(view.split) for view in told)

    @cached_property
    def gallery(self) -> Gallery | None:
        """Which references are valid when; None without a gallery."""
        named = self.policy.gallery
        if named is None:
            return None
        return read_gallery(Source(named.path, self.files.place(named).read_bytes()).text())

    @cached_property
    def backbone(self) -> Backbone:
        """The frozen network."""
        name = self.policy.backbone
        if name.startswith("onnx:"):
            name = f"onnx:{self.files.place(Named(path=name.removeprefix('onnx:'), location=self.policy.location))}"
        opened = open_backbone(name, cache=self.cache)
        told = opened.description
        lacking = [tap for tap, width in told.taps.items() if not width]
        if lacking or told.side not in (0, SIDE):
            what = f"has no layer `{lacking[0]}`" if lacking else f"takes pictures of {told.side} x {told.side} alone"
            raise UnreadableArtefact(
                f"`{self.policy.backbone}` {what}, and goods are compared by stride8, stride16 and stride32 of {SIDE} x {SIDE} pixels",
                help="export it with these outputs and this size, as `probatum inspection backbone` does",
                location=self.policy.location,
            )
        return opened

    @cached_property
    def references(self) -> References:
        """References of all products."""
        if self.gallery is not None and self.policy.gallery is not None:
            beside = posixpath.dirname(self.policy.gallery.path)
            names = dict.fromkeys(version.manifest for version in self.gallery.versions)
            named = {name: Named(path=posixpath.join(beside, name), location=self.policy.gallery.location) for name in names}
        else:
            named = {"": self.policy.references or self.policy.captures}
        shelves = {name: self._shelf(one) for name, one in named.items()}
        looks = KeptLooks(self.cache / "looks", self.backbone.digest) if self.keeps_looks else None
        return References(self.backbone, shelves, self.gallery, looks)

    @cached_property
    def scoring(self) -> Scoring:
        """What makes one score of what was seen."""
        named = self.policy.model
        return open_scoring(None if named is None else self.files.place(named), backbone=self.backbone.digest)

    @cached_property
    def scorer(self) -> Scorer:
        """What a calibration must have been made with."""
        return Scorer(backbone=self.backbone.digest, model=self.scoring.digest, version=VERSION)

    @cached_property
    def calibration(self) -> Calibration | None:
        """Scores of pristine units, and thresholds; None without."""
        named = self.policy.calibration
        return None if named is None else read_calibration(self.files.place(named), shown=named.path)

    @cached_property
    def disposition(self) -> Disposition | None:
        """What is to be done with units that may be damaged; None if the policy does not say."""
        named = self.policy.disposition
        return None if named is None else read_disposition(Source(named.path, self.files.place(named).read_bytes()).text())

    @cached_property
    def chances(self) -> Chances | str:
        """How probable damage is, or why that cannot be told."""
        judged = [unit.capture_id for unit in self.units]
        return chances_of(self.calibration, judged=judged, fitted=self.scoring.fitted_to)

    @cached_property
    def judge(self) -> Judge:
        """What judges units."""
        identify = None if self.believed is None else self.looks_like
        return Judge(
            backbone=self.backbone,
            references=self.references,
            scoring=self.scoring,
            identify=identify,
            labels=self.labels,
            usual={camera: Usual(tuple(value - _SOFTER for value in values)) for camera, values in self.sharpness.items()},
            thresholds=Thresholds(sharpness_p=blurred_at(self.policy.budget.false_alarms)),
        )

    @cached_property
    def sharpness(self) -> Mapping[str, tuple[float, ...]]:
        """How sharp pictures usually are, by camera, as it was when thresholds were chosen."""
        return {} if self.calibration is None else self.calibration.sharpness

    @cached_property
    def believed(self) -> Believed | None:
        """From which look on a product is believed, by a calibration that was made with the same network and the same reader."""
        calibration = self.calibration
        if calibration is None or calibration.believed is None or calibration.scorer.backbone != self.backbone.digest:
            return None
        return calibration.believed if calibration.believed.reader == self._reader else None

    @property
    def unbelieved(self) -> str:
        """Why no product is believed by its look; "" if one may be."""
        if self.believed is not None:
            return ""
        again = "run `probatum inspection calibrate`"
        told = None if self.calibration is None else self.calibration.believed
        if told is not None and told.reader != self._reader:
            return f"from which look a product is believed was chosen with another reader, or with none: {again} again"
        return f"nothing says from which look a product is believed: {again} with enough units of several products"

    @property
    def _reader(self) -> str:
        return "" if self.reading is None else self.reading.reader.digest

    @cached_property
    def reading(self) -> Reading | None:
        """What reads the words on goods; None if the policy names no reader."""
        if not self.policy.reader:
            return None
        reader = KeptWords(open_reader(self.policy.reader))
        return Reading(reader, self.references, KeptWords(reader, self.cache / "words") if self.keeps_looks else reader)

    @cached_property
    def labels(self) -> Labels:
        """Barcodes of products."""
        return labels(self.references.stated())

    @cached_property
    def identity(self) -> Identity | None:
        """Products by how they look; None if fewer than two have references."""
        return identity(self.references, self.reading)

    def looks_like(self, views: Sequence[View]) -> str:
        """Return the product that a unit looks like, if that is believed; else "".

        Raises
        ------
        Unread
            If the reader fails.
        """
        best = self.resembled(views)
        return "" if best is None else best.product

    def resembled(self, views: Sequence[View]) -> Candidate | None:
        """Return the same with its reasons; None if no product is believed.

        Raises
        ------
        Unread
            If the reader fails.
        """
        if self.believed is None or self.identity is None:
            return None
        best = self.identity.best(seen(self.backbone, views, self.reading))
        return best if best is not None and best.look > self.believed.threshold else None

    def shown(self, unit: Capture, media: Readable | None = None) -> tuple[View, ...]:
        """Return what those views of a unit show that can be read; of the policy's pictures, or of others."""
        found = (read_view(view, media or self.media) for view in unit.views)
        return tuple(view for view in found if not isinstance(view, Unusable))

    @cached_property
    def decided(self) -> Mapping[str, Verdict]:
        """What was worked out before, by the digest of all that it depends on."""
        named = self.policy.decisions
        if named is None or not self.files.digest(named):
            return {}  # what is not remembered is worked out
        return read_decisions(self.files.place(named), scorer=self.scorer.digest, shown=named.path)

    def verdict(self, unit: Capture, kept: dict[str, Any]) -> Verdict:
        """Return what comes of a unit: as it was worked out before from the same files by the same means, or worked out now.

        Parameters
        ----------
        unit : Capture
        kept : dict of JSON
            What is kept between checks; what is worked out now is added.
        """
        key = self.key(unit)
        if key in self.decided:
            return self.decided[key]
        if key not in kept:
            kept[key] = self.judge.judge(unit, self.media).verdict.to_json()
        return Verdict.from_json(kept[key])

    def key(self, unit: Capture) -> str:
        """Return the digest of all that what comes of a unit depends on."""
        product = unit.item_identifier
        references = self.references.digest(product) if product else self._everything
        return key_of(self._means, references, unit, pictures_digest(unit, self.media))

    @cached_property
    def _means(self) -> str:
        """Digest of what judges units, whatever they are."""
        if not self.sharpness:
            return self.scorer.digest
        blurred = {camera: list(values) for camera, values in self.sharpness.items()}
        return digest(canonical_json([self.scorer.digest, blurred, blurred_at(self.policy.budget.false_alarms)]))

    @cached_property
    def _everything(self) -> str:
        """Digest of what decides what a unit is compared with of which nobody says the product."""
        believed = None if self.believed is None else self.believed.threshold
        return digest(
            repr(
                [
                    believed,
                    *([self.believed.reader] if self.believed is not None and self.believed.reader else []),
                    sorted(self.labels.products.items()),
                    *(self.references.digest(product) for product in self.references.products),
                ]
            )
        )

    def group(self, unit: Capture) -> str:
        """Return the group of a unit, as the budget of the policy makes groups."""
        return group_of(unit, self.policy.budget.by)

    def _manifest(self, named: Named) -> Manifest:
        try:
            return load(self.files.place(named))
        except UnreadableArtefact as problem:
            raise UnreadableArtefact(problem.message, help=problem.help, location=named.location) from None

    def _shelf(self, named: Named) -> Shelf:
        same = named.path == self.policy.captures.path
        manifest = self.manifest if same else self._manifest(named)
        media = self.media if same else self.files.beside(self.files.path_of(named))
        return Shelf({capture.capture_id: capture for capture in manifest.captures}, media)


def blurred_at(budget: float) -> float:
    """Return how rare a blur must be to be refused: units that are refused count against the budget, so that it may take a part of it only."""
    return min(Thresholds().sharpness_p, budget * _BLURRED)


def group_of(unit: Capture, by: tuple[str, ...]) -> str:
    """Return the group of a unit: its values in columns, joined; what its views differ in is unknown."""
    values = []
    for column in by:
        told = {getattr(view, column) for view in unit.views}
        values.append(told.pop() if len(told) == 1 else "")
    return " / ".join(values)
