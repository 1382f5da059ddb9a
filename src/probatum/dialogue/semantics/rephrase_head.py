"""The turn head: how likely each later request says a request again, from frozen weights.

Numbers in, numbers out: a network of one hidden layer, over what `rephrase_features` sees. Its weights are data in a file of JSON,
which also says what they were fitted to.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from probatum.dialogue.semantics.rephrase_features import Features

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SCHEMA = "probatum-rephrase-head/1"


@dataclass(frozen=True, slots=True)
class TurnHead:
    """Weights, and the card that says where they are from.

    Attributes
    ----------
    centre, scale : arrays of shape (k,)
        Of inputs: (x - centre) * scale is what the network sees. The inputs are `ALIKE`, `CONTEXT`, and where `dense`
        the products and the absolute differences of the two vectors.
    hidden, bend : arrays of shape (k, h), (h,)
    out, shift : array of shape (h,), float
    threshold, blind_threshold : float
        Probability from which a request counts as a rephrase; where neither times nor signs are shown, the second.
    vectors : str
        Digest of what makes the vectors that it was fitted to.
    dense : bool
    card : mapping
        What it was fitted to, how, and how well it does on what it was not fitted to.
    """

    centre: NDArray[np.float32]
    scale: NDArray[np.float32]
    hidden: NDArray[np.float32]
    bend: NDArray[np.float32]
    out: NDArray[np.float32]
    shift: float
    threshold: float
    blind_threshold: float
    vectors: str
    dense: bool
    card: Mapping[str, Any] = field(default_factory=dict)

    def probabilities(self, seen: Features) -> NDArray[np.float64]:
        """Return for each later request the probability that it says the request again.

        Returns
        -------
        array of shape (n,)
        """
        import numpy as np

        x = (inputs(seen, dense=self.dense) - self.centre) * self.scale  # (n, k)
        z = np.tanh(x @ self.hidden + self.bend) @ self.out + self.shift  # (n,)
        return np.asarray(1 / (1 + np.exp(-z.astype(np.float64))))

    @property
    def digest(self) -> str:
        """Of all that decides what it says."""
        mark = hashlib.sha256(
            f"{SCHEMA} {self.vectors} {self.dense} {self.threshold!r} {self.blind_threshold!r} {self.shift!r}".encode()
        )
        for array in (self.centre, self.scale, self.hidden, self.bend, self.out):
            mark.update(array.astype("<f4").tobytes())
        return mark.hexdigest()[:16]

    def to_json(self) -> str:
        """Return the text of a file that `read_head` reads."""
        arrays = {name: _packed(getattr(self, name)) for name in ("centre", "scale", "hidden", "bend", "out")}
        said = {
            "schema": SCHEMA,
            "digest": self.digest,
            "vectors": self.vectors,
            "dense": self.dense,
            "threshold": self.threshold,
            "blind_threshold": self.blind_threshold,
            "shift": self.shift,
            "card": dict(self.card),
            "arrays": arrays,
        }
        return json.dumps(said, indent=1, ensure_ascii=False) + "\n"


def read_head(text: str, *, vectors: str) -> TurnHead:
    """Read the text of a head that is to see vectors of that digest.

    Raises
    ------
    ValueError
        If it is none, is not as it was written, or was fitted to other vectors.
    """
    try:
        said = json.loads(text)
        arrays = {name: _unpacked(one) for name, one in said["arrays"].items()}
        head = TurnHead(
            shift=float(said["shift"]),
            threshold=float(said["threshold"]),
            blind_threshold=float(said["blind_threshold"]),
            vectors=str(said["vectors"]),
            dense=bool(said["dense"]),
            card=said["card"],
            **arrays,
        )
        many = len(head.centre)
        shapes = (head.scale.shape, head.hidden.shape[:1], head.bend.shape, head.out.shape)
        whole = shapes == ((many,), (many,), head.hidden.shape[1:], head.hidden.shape[1:])
        right = said["schema"] == SCHEMA and whole and head.digest == said["digest"]
    except (LookupError, TypeError, ValueError, AttributeError) as problem:
        raise ValueError(f"it is no head of a detector of rephrases ({problem})") from None
    if not right:
        raise ValueError("it is no head of a detector of rephrases (its digest is not that of its weights)")
    if head.vectors != vectors:
        raise ValueError("it was fitted to other vectors")
    return head


def inputs(seen: Features, *, dense: bool) -> NDArray[np.float32]:
    """Return what a head sees of later requests, one row each."""
    import numpy as np

    parts = [seen.alike, seen.context]
    if dense:
        parts += [seen.source * seen.later, np.abs(seen.source - seen.later)]
    return np.concatenate(parts, axis=1)


def _packed(array: NDArray[np.float32]) -> dict[str, Any]:
    raw = array.astype("<f4").tobytes()
    return {"shape": list(array.shape), "float32": base64.b64encode(raw).decode("ascii")}


def _unpacked(said: Mapping[str, Any]) -> NDArray[np.float32]:
    import numpy as np

    return np.frombuffer(base64.b64decode(said["float32"], validate=True), "<f4").reshape([int(n) for n in said["shape"]])
