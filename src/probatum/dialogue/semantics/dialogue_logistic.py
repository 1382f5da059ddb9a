"""What a dialogue model without a network says of each turn: logistic regressions on a turn and its neighbours, in NumPy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from probatum.dialogue.semantics.dialogue_inputs import Inputs, near
from probatum.dialogue.semantics.dialogue_network import Judgement, judgement
from probatum.dialogue.semantics.slot_reader import SlotReader

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

FAR = 10.0  # spreads from the centre


@dataclass(frozen=True, slots=True)
class DialogueLogistic:
    """Weights, and the card that says where they are from; attributes as those of `dialogue_network.DialogueNetwork`."""

    arrays: dict[str, NDArray[np.float32]]
    intents: tuple[str, ...]
    vectors: str
    card: Mapping[str, Any] = field(default_factory=dict)
    slots: SlotReader | None = None

    kind = "logistic"

    def judge(self, sessions: Sequence[Inputs]) -> list[Judgement]:
        """Return what it says of the turns of sessions."""
        return [judgement(seen(one, self.arrays) @ self.arrays["weight"] + self.arrays["bias"]) for one in sessions]


def seen(session: Inputs, own: Mapping[str, NDArray[np.float32]]) -> NDArray[np.float32]:
    """Return what weights are multiplied with: rows of which each column is centred and scaled, and nothing is far out."""
    import numpy as np

    return np.asarray(np.clip((rows(session) - own["centre"]) * own["scale"], np.float32(-FAR), np.float32(FAR)))


def rows(session: Inputs) -> NDArray[np.float32]:
    """Return what is seen of each turn: its words and its answer, how they go with those before and after, and features of all three.

    Returns
    -------
    array of shape (n, k)
    """
    import numpy as np

    texts, answers = session.texts, session.answers
    features = np.concatenate([near(texts, answers), session.seen, session.known], axis=1)
    before = _moved(texts, 1)
    return np.concatenate(
        [
            texts,
            answers,
            _moved(answers, 1),
            _moved(texts, -1),
            texts * before,
            np.abs(texts - before),
            features,
            _moved(features, 1),
            _moved(features, -1),
        ],
        axis=1,
    )


def _moved(array: NDArray[np.float32], by: int) -> NDArray[np.float32]:
    import numpy as np

    out = np.zeros_like(array)
    if by > 0:
        out[by:] = array[:-by]
    else:
        out[:by] = array[-by:]
    return out
