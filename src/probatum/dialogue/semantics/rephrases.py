"""Detectors of rephrases: which later requests say a request again, with a head on vectors of both.

`minilm` sees what texts mean and needs the weights of a package; `letters` sees how they are written and sound, and needs nothing; `words`
only compares words and letters (`similar`), and is what a policy gets that asks for nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.semantics.rephrase_features import Vectors, features
from probatum.dialogue.semantics.rephrase_head import TurnHead, read_head
from probatum.dialogue.semantics.rephrase_windows import Later, Window
from probatum.dialogue.semantics.similar import similar_pairs
from probatum.errors import ProbatumError
from probatum.infer import minilm
from probatum.infer.cached import CachedVectors

DETECTORS = ("minilm", "letters", "words")
# Where the shipped heads are, by the vectors that they see.
HEADS = {name: Path(__file__).parent / "heads" / f"{name}.json" for name in ("minilm", "letters")}
# Of a log for which `auto` takes a detector that reads this: about ten seconds of one core, at most half a minute.
MOST_ENCODED = 2_000  # texts
MOST_TURNS = 50_000
_AT_ONCE = 2_000  # windows


@dataclass(frozen=True, slots=True)
class Detector:
    """A head and the vectors that it sees.

    Attributes
    ----------
    name : str
        One of `DETECTORS` but `words`.
    head : TurnHead
    vectors
    """

    name: str
    head: TurnHead
    vectors: Vectors

    @property
    def digest(self) -> str:
        """Of the head, which names the vectors that it was fitted to."""
        return self.head.digest

    def probabilities(self, windows: Sequence[Window]) -> Iterator[list[float]]:
        """Yield for each window the probability of each later request to say the first again."""
        for begin in range(0, len(windows), _AT_ONCE):
            part = windows[begin : begin + _AT_ONCE]
            found = self.head.probabilities(features(part, self.vectors)).tolist()
            for window in part:
                yield found[: len(window.later)]
                del found[: len(window.later)]


@cache
def detector(name: str) -> Detector:
    """Return a detector by its name.

    Raises
    ------
    MissingExtra
        If it needs weights that are not installed.
    ProbatumError
        If the head is not what was shipped, or was fitted to other vectors.
    """
    maker: Vectors = CachedVectors(minilm.encoder()) if name == "minilm" else LetterVectors()
    try:
        head = read_head(HEADS[name].read_text(encoding="utf-8"), vectors=maker.digest)
    except (OSError, ValueError) as problem:
        raise ProbatumError(f"the head `{HEADS[name].name}` cannot be used ({problem})", help="install probatum again") from None
    return Detector(name, head, maker)


def digest_of(name: str) -> str:
    """Return the digest of a detector's head; "" for `words`, which has none."""
    return "" if name == "words" else detector(name).digest


def choose(*, texts: int, turns: int, foreign: int = 0) -> str:
    """Return the name of the best detector that is installed for a log of so many different requests and turns.

    Heads were fitted to English: where more turns are known to be in other languages (`foreign`), words are compared.
    """
    if turns > MOST_TURNS or 2 * foreign > turns:
        return "words"
    return "minilm" if texts <= MOST_ENCODED and not missing() else "letters"


def missing() -> str:
    """Return why `minilm` cannot be used, as a clause; "" if it can."""
    return minilm.missing()


def same_again(name: str, pairs: Sequence[tuple[str, str]]) -> list[bool]:
    """Return for each request and the one after it, in normal form, whether it is said again, as far as their words tell.

    Neither times nor other signs are shown to the head: what is inferred from rephrases together with these
    would count them twice.
    """
    if name == "words":
        return similar_pairs(pairs)
    used = detector(name)
    windows = [Window(one, (Later(other),)) for one, other in pairs]
    return [p[0] >= used.head.blind_threshold for p in used.probabilities(windows)]
