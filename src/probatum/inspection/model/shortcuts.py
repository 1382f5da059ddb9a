"""Can one tell what is damaged without looking? From the size of pictures, the station, the hour: then a score may have learnt that.

Of each column alone, and of all together, damage is predicted for units that were not used to learn how, and the predictions are
compared with those for labels that were dealt out anew: if they are no better, the column says nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from probatum.inspection.artefacts.capture import Capture, View
from probatum.inspection.artefacts.picture import Picture

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Value: TypeAlias = float | str | None  # a number, a name, or nothing
MISSING = "(missing)"
_BINS = 12  # of a column of numbers
_LEVELS = 50  # names of a column: further ones, which are the rarest, are one
_REST = "(others)"
_FEWEST = 25  # units of each label
_FOLDS = 5
_SMOOTH = 1.0  # units of each label that a level is thought to have beside its own
ALL = "(all columns)"
# What says how a picture was taken, and nothing of what is in it.
OF_VIEWS = ("camera", "station", "shift", "annotator", "source", "view")
# What may be why a unit is damaged: worth knowing, and no shortcut by itself.
MAY_BE_CAUSES = ("vendor", "lot", "item_material")


@dataclass(frozen=True, slots=True)
class Level:
    """Units of one value, or of one range of values: how many, and how many of them are damaged."""

    name: str
    units: int
    damaged: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortcut:
    """How well a column tells damage.

    Attributes
    ----------
    column : str
        `ALL` for all together.
    auroc : float
        The probability that a damaged unit is ranked above an undamaged one, ties counting half; for units left out. About 0.5, or a
        little below, if the column says nothing.
    p : float
        How often labels that were dealt out anew are told as well: valid whatever the distribution.
    p_adjusted : float
        For all columns looked at, by Holm's method.
    levels : tuple of Level
        The most telling first.
    may_be_cause : bool
        Whether it may be why units are damaged.
    """

    column: str
    auroc: float
    p: float
    p_adjusted: float
    levels: tuple[Level, ...] = ()
    may_be_cause: bool = False

    def __str__(self) -> str:
        first = (
            f": {self.levels[0].damaged} of {self.levels[0].units} are damaged where it is {self.levels[0].name}"
            if self.levels
            else ""
        )
        return f"`{self.column}` tells damage (AUROC {self.auroc:.2f}, p = {self.p_adjusted:.2g}){first}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShortcutAudit:
    """What was found.

    Attributes
    ----------
    found : tuple of Shortcut
        That tell damage at the level asked for, the best first.
    others : tuple of Shortcut
        That do not; this proves nothing of them.
    units, damaged : int
        That were used.
    undecided : str
        Why nothing can be said; "" otherwise.
    """

    found: tuple[Shortcut, ...]
    others: tuple[Shortcut, ...]
    units: int
    damaged: int
    undecided: str = ""


def facts(view: View, picture: Picture, size_bytes: int) -> dict[str, Value]:
    """Return what is known of a picture without knowing what it shows."""
    high, wide = picture.rgb.shape[:2]
    said: dict[str, Value] = {name: getattr(view, name) or None for name in (*OF_VIEWS, *MAY_BE_CAUSES)}
    said |= {
        "width": float(wide),
        "height": float(high),
        "bytes": float(size_bytes),
        "bytes per pixel": size_bytes / (wide * high),
    }
    said |= {"exposure": float(picture.rgb[::8, ::8].mean()), "format": view.image.rsplit(".", 1)[-1].lower()}
    said |= {
        "hour": None if view.at is None else view.at.hour + view.at.minute / 60,
        "weekday": None if view.at is None else f"{view.at:%A}",
    }
    return said


def facts_of_unit(captured: Capture, of_views: Sequence[Mapping[str, Value]]) -> dict[str, Value]:
    """Return what is known of a unit: means of numbers, names together, and how many views it has."""
    said: dict[str, Value] = {"views": float(len(captured.views))}
    for name in dict.fromkeys(name for one in of_views for name in one):
        values = [one[name] for one in of_views if one.get(name) is not None]
        numbers = [value for value in values if not isinstance(value, str)]
        if numbers and len(numbers) == len(values):
            said[name] = math.fsum(n for n in numbers if n is not None) / len(numbers)
        else:
            said[name] = "+".join(sorted({str(value) for value in values})) or None
    return said


def audit_shortcuts(
    units: Sequence[Mapping[str, Value]],
    damaged: Sequence[bool],
    *,
    within: Sequence[str] | None = None,
    alpha: float = 0.01,
    permutations: int = 1999,
    seed: int,
) -> ShortcutAudit:
    """Look for columns that tell damage.

    Parameters
    ----------
    units : sequence of mapping
        Of each unit its value in each column: a number, a name, or None.
    damaged : sequence of bool
    within : sequence of str, optional
        Of each unit its product: labels are then dealt out anew among units of a product alone, so that only what is told beyond the
        product counts.
    alpha : float
        At most this is the probability that anything is found though no column says anything: labels could as well have been dealt.
    permutations : int
        How often labels are dealt out anew. No p-value is below 1 / (permutations + 1).
    seed : int
    """
    import numpy as np

    truth = np.asarray(damaged, dtype=bool)
    ones = int(truth.sum())
    if min(ones, len(truth) - ones) < _FEWEST:
        why = f"{ones} damaged and {len(truth) - ones} undamaged units are too few: {_FEWEST} of each are needed"
        return ShortcutAudit(found=(), others=(), units=len(truth), damaged=ones, undecided=why)
    random = np.random.default_rng(seed)
    folds = random.permutation(len(truth)) % _FOLDS
    columns = {name: _binned([unit.get(name) for unit in units]) for name in dict.fromkeys(n for unit in units for n in unit)}
    columns = {name: column for name, column in columns.items() if len(column[1]) > 1}
    if not columns:
        return ShortcutAudit(found=(), others=(), units=len(truth), damaged=ones, undecided="every column has but one value")
    told = _Told(columns, folds)
    observed = told.aurocs(truth)
    groups = np.unique(np.asarray(within if within is not None else [""] * len(truth)), return_inverse=True)[1]
    as_good = np.ones(len(observed))
    for _ in range(permutations):
        as_good += told.aurocs(_dealt(truth, groups, random)) >= observed - 1e-12
    p = as_good / (permutations + 1)
    adjusted = _holm(p)
    names = [*columns, ALL] if len(columns) > 1 else [*columns]
    all_found = [
        Shortcut(
            column=name,
            auroc=float(observed[n]),
            p=float(p[n]),
            p_adjusted=float(adjusted[n]),
            levels=_levels(columns[name], truth) if name in columns else (),
            may_be_cause=name in MAY_BE_CAUSES,
        )
        for n, name in enumerate(names)
    ]
    ranked = sorted(all_found, key=lambda one: (one.p_adjusted, -one.auroc, one.column))
    return ShortcutAudit(
        found=tuple(one for one in ranked if one.p_adjusted <= alpha),
        others=tuple(one for one in ranked if one.p_adjusted > alpha),
        units=len(truth),
        damaged=ones,
    )


Binned: TypeAlias = "tuple[NDArray[np.intp], list[str]]"  # of each unit the number of its level, and the names of levels


def _binned(values: Sequence[Value]) -> Binned:
    """Return levels of a column; labels play no part in them."""
    import numpy as np

    if any(isinstance(value, str) for value in values):
        plain = [MISSING if value is None else str(value) for value in values]
        names, counts = np.unique(np.asarray(plain), return_counts=True)
        kept = {str(name) for name in names[np.argsort(-counts, kind="stable")][:_LEVELS]}
        plain = [name if name in kept else _REST for name in plain]
        levels, numbers = np.unique(np.asarray(plain), return_inverse=True)
        return numbers.astype(np.intp), [f"`{name[:40]}`" if name not in (MISSING, _REST) else name for name in map(str, levels)]
    found = np.asarray([math.nan if value is None else float(value) for value in values])
    known = found[np.isfinite(found)]
    if not known.size:
        return np.zeros(len(values), np.intp), [MISSING]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1], method="lower"))
    numbers = np.where(np.isfinite(found), np.searchsorted(edges, found, side="left"), len(edges) + 1)
    ranges = [
        f"at most {edges[0]:.6g}",
        *(f"above {a:.6g}, at most {b:.6g}" for a, b in pairwise(edges)),
        f"above {edges[-1]:.6g}",
        MISSING,
    ]
    used, compact = np.unique(numbers, return_inverse=True)
    return compact.astype(np.intp), [ranges[n] for n in used]


class _Told:
    """How well each column tells labels, for units of one fold from those of the others."""

    def __init__(self, columns: Mapping[str, Binned], folds: NDArray[np.intp]) -> None:
        import numpy as np

        self._folds = folds
        # One cell for each fold and level: all units of a cell are ranked alike, so counts of cells are all that is needed.
        self._cells = [folds * len(names) + numbers for numbers, names in columns.values()]
        self._sizes = [_FOLDS * len(names) for _, names in columns.values()]
        self._all = [np.bincount(cell, minlength=size).astype(float) for cell, size in zip(self._cells, self._sizes, strict=True)]

    def aurocs(self, truth: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the AUROC of each column, and last, if there are several, of all together."""
        import numpy as np

        found: list[float] = []
        together = np.zeros(len(truth))
        for cell, size, count in zip(self._cells, self._sizes, self._all, strict=True):
            ones = np.bincount(cell[truth], minlength=size).astype(float)
            score = self._log_odds(ones, count)
            found.append(_auroc(score, ones, count - ones))
            together += score[cell]
        if len(found) > 1:
            values, numbers = np.unique(np.round(together, 9), return_inverse=True)
            ones = np.bincount(numbers[truth], minlength=len(values)).astype(float)
            found.append(_auroc(values, ones, np.bincount(numbers, minlength=len(values)) - ones))
        return np.asarray(found)

    @staticmethod
    def _log_odds(ones: NDArray[np.float64], count: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each cell what other folds say of its level: the logarithm of how much more often the damaged have it."""
        import numpy as np

        by_fold = ones.reshape(_FOLDS, -1), (count - ones).reshape(_FOLDS, -1)
        damaged, whole = (side.sum(axis=0) - side for side in by_fold)
        share = [(side + _SMOOTH) / (side.sum(axis=1, keepdims=True) + _SMOOTH * side.shape[1]) for side in (damaged, whole)]
        return np.asarray(np.log(share[0] / share[1])).ravel()


def _auroc(score: NDArray[np.float64], ones: NDArray[np.float64], zeros: NDArray[np.float64]) -> float:
    """Return the AUROC of cells with a score and with counts of both labels; equal scores count half."""
    import numpy as np

    _, numbers = np.unique(np.round(score, 9), return_inverse=True)
    damaged, whole = np.bincount(numbers, ones), np.bincount(numbers, zeros)
    below = np.cumsum(whole) - whole
    return float((damaged * (below + whole / 2)).sum() / (damaged.sum() * whole.sum()))


def _dealt(truth: NDArray[np.bool_], groups: NDArray[np.intp], random: np.random.Generator) -> NDArray[np.bool_]:
    """Return labels dealt out anew among units of each group."""
    import numpy as np

    order = np.lexsort((random.random(len(truth)), groups))
    dealt = np.empty_like(truth)
    dealt[np.argsort(groups, kind="stable")] = truth[order]
    return dealt


def _holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return p-values adjusted for all of them together [1]_.

    References
    ----------
    .. [1] Holm. "A Simple Sequentially Rejective Multiple Test Procedure." Scandinavian Journal of Statistics, 1979.
    """
    import numpy as np

    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted


def _levels(column: Binned, truth: NDArray[np.bool_]) -> tuple[Level, ...]:
    """Return levels, first those that are furthest from what is usual for how many units they have."""
    import numpy as np

    numbers, names = column
    count, ones = np.bincount(numbers, minlength=len(names)), np.bincount(numbers[truth], minlength=len(names))
    usual = float(truth.mean())
    away = np.abs(ones - count * usual) / np.sqrt(np.maximum(count, 1) * usual * (1 - usual))
    return tuple(Level(names[n], int(count[n]), int(ones[n])) for n in np.argsort(-away, kind="stable"))
