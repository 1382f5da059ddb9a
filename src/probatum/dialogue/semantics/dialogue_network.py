"""What a dialogue model says of each turn of a session: a small Transformer [1]_ over turns, in NumPy, from frozen weights.

Turns are its tokens. Positions enter as a bias of attention by distance [2]_, so nothing depends on where in a stretch a turn
stands. It is fitted with torch (`fit.dialogue_network`) and needs none to run.

References
----------
.. [1] Vaswani et al. "Attention Is All You Need." NeurIPS 2017.
.. [2] Raffel et al. "Exploring the Limits of Transfer Learning with a Unified Text-to-Text Transformer." JMLR 21 (2020), section 2.1.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from probatum.dialogue.artefacts.turn import STAGES
from probatum.dialogue.semantics.dialogue_inputs import Inputs, near
from probatum.dialogue.semantics.dialogues import MOST_TURNS, stretches
from probatum.dialogue.semantics.slot_reader import SlotReader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Arrays = dict[str, NDArray[np.float32]]

LAYERS = 2
ATTENTION_HEADS = 4
OUTCOMES = ("good", "bad", "out of capability")
FAILING = ("correct", *STAGES, "unknown")
_AT_ONCE = 256  # stretches


@dataclass(frozen=True, slots=True)
class Judgement:
    """Probabilities for the n turns of a session.

    Attributes
    ----------
    outcome : array of shape (n, 3)
        In the order of `OUTCOMES`.
    begins : array of shape (n,)
        That a new goal begins with the turn.
    success : array of shape (n,)
        That the goal of the turn was reached in the end.
    intent : array of shape (n, intents)
        Of what was meant, in the order of the model's intents.
    failing : array of shape (n, len(FAILING))
    """

    outcome: NDArray[np.float64]
    begins: NDArray[np.float64]
    success: NDArray[np.float64]
    intent: NDArray[np.float64]
    failing: NDArray[np.float64]


# Tasks in the order in which their logits stand side by side; the intents are last, for their number differs.
TASKS = {"outcome": len(OUTCOMES), "begins": 1, "success": 1, "failing": len(FAILING)}


def judgement(logits: NDArray[np.float32]) -> Judgement:
    """Return probabilities from logits of shape (n, sum of TASKS + intents)."""
    import numpy as np

    z = logits.astype(np.float64)
    ends = np.cumsum(list(TASKS.values()))
    outcome, begins, success, failing, intent = np.split(z, ends, axis=1)
    return Judgement(_softmax(outcome), _sigmoid(begins[:, 0]), _sigmoid(success[:, 0]), _softmax(intent), _softmax(failing))


@dataclass(frozen=True, slots=True)
class DialogueNetwork:
    """Weights, and the card that says where they are from.

    Attributes
    ----------
    arrays : mapping of str to array
    intents : tuple of str
    vectors : str
        Digest of what makes the vectors that it was fitted to.
    card : mapping
    slots : SlotReader or None
        None where the logs that it was fitted to have none.
    """

    arrays: Arrays
    intents: tuple[str, ...]
    vectors: str
    card: Mapping[str, Any] = field(default_factory=dict)
    slots: SlotReader | None = None

    kind = "transformer"

    def judge(self, sessions: Sequence[Inputs]) -> list[Judgement]:
        """Return what it says of the turns of sessions."""
        import numpy as np

        parts = [(number, *part) for number, session in enumerate(sessions) for part in stretches(len(session))]
        out = [np.zeros((len(session), self.arrays["heads.weight"].shape[1]), dtype=np.float32) for session in sessions]
        # Stretches of one length together: so there is nothing to be masked.
        parts.sort(key=lambda part: part[2] - part[1])
        at = 0
        while at < len(parts):
            length = parts[at][2] - parts[at][1]
            group = [part for part in parts[at : at + _AT_ONCE] if part[2] - part[1] == length]
            at += len(group)
            seen = [sessions[number].part(begin, end) for number, begin, end, _, _ in group]
            logits = self.logits(
                np.stack([one.texts for one in seen]),
                np.stack([one.answers for one in seen]),
                np.stack([one.seen for one in seen]),
                np.stack([one.known for one in seen]),
            )
            for (number, begin, _, first, last), rows in zip(group, logits, strict=True):
                out[number][first:last] = rows[first - begin : last - begin]
        return [judgement(logits) for logits in out]

    def logits(
        self, texts: NDArray[np.float32], answers: NDArray[np.float32], seen: NDArray[np.float32], known: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        """Return logits of shape (B, n, ...) for B stretches of n turns each, n at most `MOST_TURNS`."""
        import numpy as np

        own = self.arrays
        centred = (seen - own["centre"]) * own["scale"] * known
        shown = np.concatenate([texts, answers, near(texts, answers), centred, known], axis=-1)  # (B, n, k)
        x = np.asarray(shown @ own["enter.weight"] + own["enter.bias"])  # (B, n, d)
        n = x.shape[1]
        apart = np.arange(n)[None, :] - np.arange(n)[:, None] + MOST_TURNS - 1  # (n, n)
        for layer in range(LAYERS):
            x = x + self._attended(x, layer, apart)
            y = _normalised(x, own[f"{layer}.wide.scale"], own[f"{layer}.wide.shift"])
            y = _gelu(y @ own[f"{layer}.wide.weight"] + own[f"{layer}.wide.bias"])  # (B, n, 2d)
            x = x + y @ own[f"{layer}.narrow.weight"] + own[f"{layer}.narrow.bias"]
        x = _normalised(x, own["leave.scale"], own["leave.shift"])
        return np.asarray(x @ own["heads.weight"] + own["heads.bias"], dtype=np.float32)

    def _attended(self, x: NDArray[np.float32], layer: int, apart: NDArray[np.int64]) -> NDArray[np.float32]:
        import numpy as np

        own = self.arrays
        batch, n, width = x.shape
        size = width // ATTENTION_HEADS
        y = _normalised(x, own[f"{layer}.attention.scale"], own[f"{layer}.attention.shift"])
        three = y @ own[f"{layer}.attention.weight"] + own[f"{layer}.attention.bias"]  # (B, n, 3d)
        q, k, v = three.reshape(batch, n, 3, ATTENTION_HEADS, size).transpose(2, 0, 3, 1, 4)  # 3 times (B, H, n, size)
        weights = q @ k.swapaxes(-1, -2) * np.float32(size**-0.5) + own[f"{layer}.attention.apart"][:, apart]  # (B, H, n, n)
        weights = np.exp(weights - weights.max(axis=-1, keepdims=True))
        weights /= weights.sum(axis=-1, keepdims=True)
        heard = (weights @ v).transpose(0, 2, 1, 3).reshape(batch, n, width)
        return np.asarray(heard @ own[f"{layer}.mixed.weight"] + own[f"{layer}.mixed.bias"])


def _normalised(x: NDArray[np.float32], scale: NDArray[np.float32], shift: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    centred = x - x.mean(axis=-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(axis=-1, keepdims=True) + np.float32(1e-5))
    return np.asarray(centred / spread * scale + shift)


def _gelu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    return np.asarray(np.float32(0.5) * x * (1 + np.tanh(np.float32(0.7978845608) * (x + np.float32(0.044715) * x**3))))


def _softmax(z: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    if not z.shape[1]:
        return z
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def _sigmoid(z: NDArray[np.float64]) -> NDArray[np.float64]:
    import numpy as np

    return np.asarray(1 / (1 + np.exp(-np.clip(z, -500, 500))))
