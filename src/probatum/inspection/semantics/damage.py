"""Does this view show damage, of which type, how bad, and where? What a trained head says, by multiplying and adding.

A head says a number for each place of a view (`damage_places`), and for each type one; a view is judged by the mean of its few
highest places, for damage is somewhere and not everywhere. An item is judged by the worst of its views.

`fit.damage` trains a head. Start reading at `damage`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.errors import UnreadableArtefact
from probatum.inspection.artefacts.model_file import Model
from probatum.inspection.semantics.damage_places import PLACES, RELIEF, places

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from probatum.inspection.semantics.looked import Looked

KIND = "damage-head/1"
TYPES = ("crush", "tear", "hole", "opened", "deconstruction", "spill", "missing_unit", "superficial")
TOP = 3  # places that a view is judged by
FAR = 6.0  # standard deviations, beyond which it does not matter how far a feature is from what is usual


@dataclass(frozen=True, slots=True, eq=False)
class Damage:
    """What a head says of a view, or of an item.

    Attributes
    ----------
    score : float
        Log-odds at the share of damage that the head was trained with; rises with what any place says.
    severity : float or None
        From 0 to 1, rises with what any place says; None where the head was trained without enough severities.
    types : mapping of str to float
        Probability of each type, at the share that it was trained with. Those that it cannot tell are not there.
    map : array of shape (28, 28), float32
        Log-odds of places.
    """

    score: float
    severity: float | None
    types: Mapping[str, float]
    map: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """A frozen head.

    Attributes
    ----------
    backbone : str
        Digest of the backbone that it was trained with.
    centre, spread : array of shape (c,), float32
        Features less the first, and divided by the second.
    inner, inner_bias : arrays of shape (c, h) and (h,), float32
        To what is hidden, of which only what is above 0 goes on.
    outer, outer_bias : arrays of shape (h, 1 + t) and (1 + t,), float32
        To damage, and to each of `types`.
    types : tuple of str
        That it can tell.
    severity : (float, float, float) or None
        Of the score, of the logarithm of how many places are damaged, both 0 or more, and a constant.
    trained_with : mapping of str to int
        Labels: `damaged`, `sound`, and of each type.
    """

    backbone: str
    centre: NDArray[np.float32]
    spread: NDArray[np.float32]
    inner: NDArray[np.float32]
    inner_bias: NDArray[np.float32]
    outer: NDArray[np.float32]
    outer_bias: NDArray[np.float32]
    types: tuple[str, ...]
    severity: tuple[float, float, float] | None
    trained_with: Mapping[str, int]

    @property
    def untold(self) -> tuple[str, ...]:
        """Types that it cannot tell, for want of labels."""
        return tuple(name for name in TYPES if name not in self.types)

    def answers(self, known: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return log-odds of places, of shape (n, 1 + t), from their features, of shape (n, c)."""
        import numpy as np

        given = usual(known.astype(np.float32), self.centre, self.spread)
        return np.maximum(given @ self.inner + self.inner_bias, 0) @ self.outer + self.outer_bias  # type: ignore[no-any-return] # NumPy's own types lose it

    def model(self) -> Model:
        """Return what is kept in a file."""
        arrays = {name: getattr(self, name) for name in _ARRAYS}
        settings = {
            "types": list(self.types),
            "severity": None if self.severity is None else list(self.severity),
            "trained_with": dict(self.trained_with),
        }
        return Model(KIND, self.backbone, settings, arrays)


_ARRAYS = ("centre", "spread", "inner", "inner_bias", "outer", "outer_bias")


def damage(head: Head, looked: Looked) -> Damage:
    """Judge a view.

    Raises
    ------
    ValueError
        If another backbone looked than the head was trained with, or its layers are others.
    """
    if looked.backbone != head.backbone:
        raise ValueError("this view was looked at by another backbone than the head was trained with")
    return judged(head, places(looked))


def judged(head: Head, known: NDArray[np.float32]) -> Damage:
    """Judge a view by features of its places, of shape (196, c)."""
    import numpy as np

    if known.shape != (PLACES * PLACES, len(head.centre)):
        raise ValueError(
            f"features of shape {known.shape} are not those of {PLACES * PLACES} places that the head was trained with"
        )
    said = head.answers(known).astype(np.float64)
    highest = pooled(said)
    found = {name: float(1 / (1 + np.exp(-value))) for name, value in zip(head.types, highest[1:], strict=True)}
    score = float(highest[0])
    coarse = said[:, 0].reshape(PLACES, PLACES).astype(np.float32)
    return Damage(score, severity(head.severity, score, extent(said[:, 0])), found, np.kron(coarse, np.ones((2, 2), np.float32)))


def usual(known: NDArray[np.float32], centre: NDArray[np.float32], spread: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return features (..., c) in standard deviations from what is usual; those of depth are 0, as usual as can be, where there is none."""
    import numpy as np

    found = np.clip((known - centre) / spread, -FAR, FAR)
    found[..., -RELIEF:] *= known[..., -1:]
    return found  # type: ignore[no-any-return] # NumPy's own types lose it


def excess(view: Damage, references: Sequence[Damage], relief: NDArray[np.float32] | None = None) -> float | None:
    """How much more damaged a view looks than references do: its score less their median; None without a reference.

    A hole that is printed on a product looks like one to a head, and does so on references, too. Of references from the same camera, a
    damaged one among good ones changes the median little.

    Parameters
    ----------
    view : Damage
    references : sequence of Damage
    relief : array of shape (28, 28), float32, or None
        How much heights differ from those of the references (`compared.Compared.maps`), NaN where nothing is known. Its root is added
        place by place: what looks damaged and also lies higher or lower than it should is damaged rather than either alone, and gloss,
        print or a price label change no height. What is in two places of a view does not add up.
    """
    import statistics

    import numpy as np

    if not references:
        return None
    score = view.score
    if relief is not None:
        each = relief.shape[0] // PLACES
        apart = np.nan_to_num(relief).reshape(PLACES, each, PLACES, each).mean(axis=(1, 3))
        said = view.map[::2, ::2] + np.sqrt(np.maximum(apart, 0))
        score = float(pooled(said.reshape(-1, 1).astype(np.float64))[0])
    return score - statistics.median(one.score for one in references)


def item_damage(views: Sequence[Damage]) -> Damage:
    """Judge an item by its views: the worst of each; the map is that of the view with the highest score.

    Raises
    ------
    ValueError
        If there is no view.
    """
    if not views:
        raise ValueError("0 views of an item say nothing; at least 1 is needed")
    told = [view.severity for view in views if view.severity is not None]
    return Damage(
        score=max(view.score for view in views),
        severity=max(told) if told else None,
        types={name: max(view.types[name] for view in views if name in view.types) for name in views[0].types},
        map=max(views, key=lambda view: view.score).map,
    )


def pooled(said: NDArray[Any]) -> NDArray[Any]:
    """Mean of the highest places, for each column of (n, k)."""
    import numpy as np

    return np.partition(said, len(said) - TOP, axis=0)[-TOP:].mean(axis=0)  # type: ignore[no-any-return] # NumPy's own types lose it


def extent(said: NDArray[Any]) -> float:
    """Logarithm of one more than the places that are damaged, by their probabilities."""
    import numpy as np

    return float(np.log1p((1 / (1 + np.exp(-np.clip(said, -60, 60)))).sum()))


def severity(weights: tuple[float, float, float] | None, score: float, extent: float) -> float | None:
    """How bad it is, from 0 to 1; None where the head cannot tell."""
    import math

    if weights is None:
        return None
    of_score, of_extent, constant = weights
    return 1 / (1 + math.exp(-max(-60.0, min(60.0, of_score * score + of_extent * extent + constant))))


def head_of(model: Model) -> Head:
    """Return the head that a file holds.

    Raises
    ------
    UnreadableArtefact
        If it does not hold one.
    """
    try:
        types = tuple(str(name) for name in model.settings["types"])
        told = model.settings["severity"]
        weights = None if told is None else (float(told[0]), float(told[1]), float(told[2]))
        counts = {str(name): int(count) for name, count in model.settings["trained_with"].items()}
        head = Head(
            **{name: model.arrays[name] for name in _ARRAYS},
            backbone=model.backbone,
            types=types,
            severity=weights,
            trained_with=counts,
        )
        fits = _fits(head)
    except (LookupError, TypeError, ValueError, AttributeError):
        fits = False
    if model.kind != KIND or not fits:
        raise UnreadableArtefact("this model is no damage head: its parts do not fit each other", help="train it again")
    return head


def _fits(head: Head) -> bool:
    features, hidden = head.inner.shape
    return (
        set(head.types) <= set(TYPES)
        and len(set(head.types)) == len(head.types)
        and head.centre.shape == head.spread.shape == (features,)
        and bool((head.spread > 0).all())
        and head.inner_bias.shape == (hidden,)
        and head.outer.shape == (hidden, 1 + len(head.types))
        and head.outer_bias.shape == (1 + len(head.types),)
        and (head.severity is None or min(head.severity[:2]) >= 0)
    )
