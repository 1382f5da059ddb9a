"""Scores of pristine units, and the thresholds that follow from them: a file that says what it was made with.

A threshold means something only for scores that are made as those were which it was chosen from. So the file names the digest of the
network, of the trained score and of each product's references, and whoever finds others there has no threshold.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, field
from pathlib import Path
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.records import dataclass
from probatum.source import Location, canonical_json, digest

SCHEMA = "probatum-inspection-calibration/2"
_BEFORE = "probatum-inspection-calibration/1"  # without channels and sharpness
_BANDED = "probatum-inspection-calibration/3"  # with a band: who does not know of it must not read the rest
_MOST = 10_000_000  # units


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorer:
    """What made scores.

    Attributes
    ----------
    backbone : str
        Digest of the network's description.
    model : str
        Digest of the trained score; "" without one.
    version : int
        Of how pictures become scores: raised whenever that changes.
    """

    backbone: str
    model: str
    version: int

    @property
    def digest(self) -> str:
        """SHA-256, hexadecimal."""
        return digest(canonical_json(asdict(self)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A pristine unit.

    Attributes
    ----------
    capture_id : str
    score : float
        NaN if it could not be judged: such a unit alarms, here as later.
    group, product : str
    pictures : str
        Digest of all its pictures.
    channels : mapping of str to float
        What its score was made of; empty in a file of the first version.
    """

    capture_id: str
    score: float
    group: str
    product: str
    pictures: str
    channels: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A threshold and what it promises; see `probatum.stats.neyman_pearson.Threshold`."""

    value: float
    budget: float
    confidence: float
    trials: int
    allowed: int
    above: int
    unscored: int
    removed: float = 0.0
    family: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """What is certified of damaged units that are shipped: so many of those that calibrated were."""

    budget: float
    confidence: float
    errors: int
    trials: int
    family: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """From which score on a person looks: above `low`, of pristine units; and how many damaged ones are not above, if that is asked."""

    low: Certificate
    passed: Passed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Believed:
    """From which look on a unit is believed to be the product that it is most like; see `fit.acceptance`.

    Attributes
    ----------
    threshold : float
    confidence : float
        That both of what follows hold.
    strangers, mistaken : float
        Largest share of units of unknown products that are taken for a known one, and of units of known ones that are taken for another.
    known : tuple of (str, float, bool)
        Units of known products: what the likeliest product looks like, and whether it is the right one.
    unknown : tuple of (str, float)
        Units, as they look when their product is left out.
    reader : str
        Digest of what read their words; "" if nothing did.
    """

    threshold: float
    confidence: float
    strangers: float
    mistaken: float
    known: tuple[tuple[str, float, bool], ...]
    unknown: tuple[tuple[str, float], ...]
    reader: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """Scores and thresholds.

    Attributes
    ----------
    made : str
        When, ISO 8601, UTC.
    scorer : Scorer
    references : mapping of str to str
        Digest of the references that each product had.
    by : tuple of str
        Columns whose values, joined by ` / `, are the group.
    own : mapping of str to Certificate
        Of groups with a threshold of their own.
    pooled : Certificate or None
        Of all others together.
    guard : float
        For groups without a threshold of their own.
    scores : tuple of Scored
    believed : Believed or None
        When a product is believed by its look; None where that is not known.
    damaged : tuple of Scored
        Units of the same split that are labelled damaged: no threshold follows from them, but how probable damage is, and how many
        a band lets pass.
    unlabelled : frozenset of str
        Which of `scores` have no label, and were taken for pristine.
    sharpness : mapping of str to tuple of float
        By camera, ascending: how sharp its pictures usually are; of units that calibrate nothing.
    band : Band or None
        What is certified together with `pooled`, of which the threshold is the upper one.
    digest : str
        Of the file it was read from; "" if from none.
    """

    made: str
    scorer: Scorer
    references: Mapping[str, str]
    by: tuple[str, ...]
    own: Mapping[str, Certificate]
    pooled: Certificate | None
    guard: float
    scores: tuple[Scored, ...]
    believed: Believed | None = None
    damaged: tuple[Scored, ...] = ()
    unlabelled: frozenset[str] = frozenset()
    sharpness: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    band: Band | None = None
    digest: str = ""

    def threshold(self, group: str) -> float:
        """Return the threshold of a group, also of one that was never seen."""
        return self.own[group].value if group in self.own else self.guard

    def certificate(self, group: str) -> Certificate | None:
        """Return what is promised for a group: its own certificate, or that of those it was pooled with."""
        return self.own.get(group, self.pooled)

    def json(self) -> str:
        """Return the file's content."""
        whole = {
            "schema": SCHEMA if self.band is None else _BANDED,
            "made": self.made,
            "scorer": asdict(self.scorer),
            "references": dict(sorted(self.references.items())),
            "by": list(self.by),
            "own": {group: _written(certificate) for group, certificate in sorted(self.own.items())},
            "pooled": None if self.pooled is None else _written(self.pooled),
            "guard": _number(self.guard),
            "believed": None
            if self.believed is None
            else asdict(self.believed) | {"threshold": _number(self.believed.threshold)},
            "unlabelled": sorted(self.unlabelled),
            **({} if self.band is None else {"band": asdict(self.band) | {"low": _written(self.band.low)}}),
        }
        sharp = json.dumps({camera: list(values) for camera, values in sorted(self.sharpness.items())}, ensure_ascii=False)
        rows = f' "sharpness": {sharp},\n "damaged": {_rows(self.damaged)},\n "scores": {_rows(self.scores)}'
        return f"{json.dumps(whole, indent=1, ensure_ascii=False)[:-2]},\n{rows}\n}}\n"


def read_calibration(path: Path, *, shown: str = "") -> Calibration:
    """Read a file of scores and thresholds.

    Parameters
    ----------
    path : Path
    shown : str
        What it is called in messages; its path if not given.

    Raises
    ------
    UnreadableArtefact
        If it is no such file.
    """
    name = shown or path.as_posix()
    try:
        raw = path.read_bytes()
        whole = json.loads(raw)
    except OSError as problem:
        raise _fault(name, (problem.strerror or "it cannot be read").lower()) from None
    except (ValueError, RecursionError):
        raise _fault(name, "it is not JSON") from None
    if not isinstance(whole, dict) or whole.get("schema") not in (SCHEMA, _BEFORE, _BANDED):
        raise _fault(name, f"its schema is not `{SCHEMA}`")
    try:
        return _calibration(whole, digest(raw))
    except (LookupError, TypeError, ValueError, AttributeError) as problem:
        raise _fault(name, f"it is damaged ({type(problem).__name__}: {str(problem)[:60]})") from None


def _calibration(whole: Mapping[str, Any], of: str) -> Calibration:
    pooled = whole["pooled"]
    return Calibration(
        made=_text(whole["made"]),
        scorer=Scorer(
            backbone=_text(whole["scorer"]["backbone"]),
            model=_text(whole["scorer"]["model"]),
            version=int(whole["scorer"]["version"]),
        ),
        references={_text(name): _text(value) for name, value in whole["references"].items()},
        by=tuple(_text(column) for column in whole["by"]),
        own={_text(group): _read(one) for group, one in whole["own"].items()},
        pooled=None if pooled is None else _read(pooled),
        guard=_float(whole["guard"]),
        scores=_scored(whole["scores"]),
        believed=None if whole.get("believed") is None else _believed(whole["believed"]),
        damaged=_scored(whole.get("damaged", [])),
        unlabelled=frozenset(_text(name) for name in whole.get("unlabelled", [])),
        sharpness={
            _text(camera): tuple(sorted(_float(value) for value in values))
            for camera, values in whole.get("sharpness", {}).items()
        },
        band=_band(whole["band"]) if whole["schema"] == _BANDED else None,
        digest=of,
    )


def _band(value: Mapping[str, Any]) -> Band:
    return Band(low=_read(value["low"]), passed=None if value["passed"] is None else Passed(**value["passed"]))


def _scored(rows: Any) -> tuple[Scored, ...]:
    if not isinstance(rows, list) or len(rows) > _MOST:
        raise ValueError("no list of scores")
    return tuple(
        Scored(
            capture_id=_text(row[0]),
            score=_float(row[1]),
            group=_text(row[2]),
            product=_text(row[3]),
            pictures=_text(row[4]),
            channels={_text(name): _float(value) for name, value in row[5].items()} if len(row) > 5 else {},
        )
        for row in rows
    )


def _rows(scores: tuple[Scored, ...]) -> str:
    rows = (
        [s.capture_id, _number(s.score), s.group, s.product, s.pictures, {name: _number(v) for name, v in s.channels.items()}]
        for s in scores
    )
    lines = ",\n".join("  " + json.dumps(row, ensure_ascii=False) for row in rows)
    return f"[\n{lines}\n ]" if lines else "[]"


def _believed(value: Mapping[str, Any]) -> Believed:
    return Believed(
        threshold=_float(value["threshold"]),
        confidence=_float(value["confidence"]),
        strangers=_float(value["strangers"]),
        mistaken=_float(value["mistaken"]),
        known=tuple((_text(unit), _float(look), bool(right)) for unit, look, right in value["known"]),
        unknown=tuple((_text(unit), _float(look)) for unit, look in value["unknown"]),
        reader=_text(value.get("reader", "")),
    )


def _read(value: Mapping[str, Any]) -> Certificate:
    return Certificate(**{**value, "value": _float(value["value"])})


def _written(certificate: Certificate) -> dict[str, Any]:
    return asdict(certificate) | {"value": _number(certificate.value)}


def _number(value: float) -> float | str | None:
    """JSON has no infinity and no NaN: infinities are texts, NaN is null."""
    return None if math.isnan(value) else value if math.isfinite(value) else str(value)


def _float(value: Any) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError(f"{value!r} is no number")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _fault(name: str, why: str) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"`{name}` is no calibration: {why}", help="make it with `probatum inspection calibrate`", location=Location(name)
    )
