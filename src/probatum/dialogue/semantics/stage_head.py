"""The stage head: how likely a turn failed at each stage, from frozen weights.

Trees of numbers that mean the same for any assistant. A head that is fitted to the log of an assistant also weighs its words: signs, each of which
counts in a place that its checksum says [1]_. Probabilities are those of turns like the ones that it was fitted to; below a threshold it
says `unknown`.

References
----------
.. [1] Weinberger, Dasgupta, Langford, Smola, Attenberg. "Feature Hashing for Large Scale Multitask Learning." ICML 2009.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.dialogue.semantics.stage_numbers import NAMES, numbers
from probatum.dialogue.semantics.stage_signs import Seen, signs
from probatum.dialogue.semantics.stages import UNKNOWN
from probatum.dialogue.semantics.trees import Trees, unpacked
from probatum.errors import ProbatumError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA = "probatum-stage-head/2"
_LEAST = 1e-6  # probability
_TREES = 1.5  # how much trees weigh beside words: the best of four in development


@dataclass(frozen=True, slots=True)
class StageHead:
    """Weights, and the card that says where they are from.

    Attributes
    ----------
    labels : tuple of str
        Stages, `correct` and `out of capability`: those that it was fitted to.
    trees : Trees
        Of `stage_numbers.NAMES`; log odds where all labels are equally frequent, as are those of
    weights : array of shape (places, n)
        of signs; without places, words are not weighed.
    shift : array of shape (n,)
        With the weights.
    prior : array of shape (n,)
        How frequent they were.
    sharpness : float
        Of probabilities, fitted to turns that the weights were not fitted to.
    threshold : float
        Probability below which it says that it does not know.
    card : mapping
    """

    labels: tuple[str, ...]
    trees: Trees
    weights: NDArray[np.float32]
    shift: NDArray[np.float32]
    prior: NDArray[np.float32]
    sharpness: float
    threshold: float
    card: Mapping[str, Any] = field(default_factory=dict)

    def evidence(self, seen: Sequence[Seen]) -> NDArray[np.float64]:
        """Return for each turn the log likelihood of each label, but for a constant.

        Returns
        -------
        array of shape (turns, n)
        """
        import numpy as np

        trees = np.log(np.maximum(softmax(self.trees.logits(numbers(seen))), _LEAST))
        if self.portable:
            return trees
        words = np.zeros((len(seen), len(self.labels)))
        for at, one in enumerate(seen):
            words[at] = self.weights[places(signs(one), len(self.weights))].sum(axis=0) + self.shift
        return _TREES * trees + np.log(np.maximum(softmax(words), _LEAST))

    @property
    def portable(self) -> bool:
        """Whether it sees nothing but what means the same for any assistant."""
        return not len(self.weights)

    def probabilities(self, seen: Sequence[Seen]) -> NDArray[np.float64]:
        """Return for each turn the probability of each label, of shape (turns, n)."""
        import numpy as np

        return softmax(self.sharpness * self.evidence(seen) + np.log(self.prior.astype(np.float64)))

    def decide(self, seen: Sequence[Seen]) -> list[tuple[str, float]]:
        """Return for each turn the label that it speaks most for and its probability, or `unknown` where that is below the threshold.

        It speaks most for the label whose probability it raises most: a rare stage is not passed over for being rare.
        """
        chosen = self.evidence(seen).argmax(axis=1)
        found = []
        for row, at in zip(self.probabilities(seen), chosen, strict=True):
            p = float(row[at])
            found.append((self.labels[at], p) if p >= self.threshold else (UNKNOWN, p))
        return found

    @property
    def digest(self) -> str:
        """Of all that decides what it says."""
        mark = hashlib.sha256(
            f"{SCHEMA} {self.labels} {NAMES} {self.sharpness!r} {self.threshold!r} {self.weights.shape}".encode()
        )
        for array in (self.weights, self.shift, self.prior):
            mark.update(array.astype("<f4").tobytes())
        for packed in self.trees.packed().values():
            mark.update(packed.encode())
        return mark.hexdigest()[:16]

    def to_json(self) -> str:
        """Return the text of a file that `read_head` reads; weights of words are kept as half precision, which is what they are rounded to."""
        said = {
            "schema": SCHEMA,
            "digest": self.digest,
            "labels": list(self.labels),
            "sharpness": self.sharpness,
            "threshold": self.threshold,
            "shift": self.shift.astype(float).tolist(),
            "prior": self.prior.astype(float).tolist(),
            "card": dict(self.card),
            "trees": self.trees.packed(),
            "weights": base64.b64encode(self.weights.astype("<f2").tobytes()).decode("ascii"),
        }
        return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def read_head(text: str) -> StageHead:
    """Read the text of a head.

    Raises
    ------
    ValueError
        If it is none, or is not as it was written.
    """
    import numpy as np

    try:
        said = json.loads(text)
        labels = tuple(map(str, said["labels"]))
        raw = np.frombuffer(base64.b64decode(said["weights"], validate=True), "<f2").astype(np.float32)
        head = StageHead(
            labels=labels,
            trees=unpacked(said["trees"], len(labels), len(NAMES)),
            weights=raw.reshape(-1, len(labels)),
            shift=np.array(said["shift"], dtype=np.float32).reshape(len(labels)),
            prior=np.array(said["prior"], dtype=np.float32).reshape(len(labels)),
            sharpness=float(said["sharpness"]),
            threshold=float(said["threshold"]),
            card=said["card"],
        )
        right = said["schema"] == SCHEMA and head.digest == said["digest"]
    except (LookupError, TypeError, ValueError, AttributeError) as problem:
        raise ValueError(f"it is no head that tells stages ({problem})") from None
    if not right:
        raise ValueError("it is no head that tells stages (its digest is not that of its weights)")
    return head


@cache
def shipped() -> StageHead:
    """Return the head that comes with probatum.

    Raises
    ------
    ProbatumError
        If it is not what was shipped.
    """
    place = Path(__file__).parent / "heads" / "stages.json"
    try:
        return read_head(place.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise ProbatumError(f"the head `{place.name}` cannot be used ({problem})", help="install probatum again") from None


def places(found: Sequence[str], many: int) -> list[int]:
    """Return the places of signs, of so many."""
    return [zlib.crc32(sign.encode("utf-8", "surrogatepass")) % many for sign in found]


def softmax(z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return probabilities, row by row."""
    import numpy as np

    e = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=1, keepdims=True))
