"""What a detector of rephrases sees of a request and a later one: how alike they are, where they differ, and when it was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from probatum.dialogue.semantics.phrases import Says, known_languages, opposed, said
from probatum.dialogue.semantics.rephrase_windows import MOST_LATER, SIGNS, Window
from probatum.dialogue.semantics.sounds import apart

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_WRONG = Says.WRONG | Says.NO
_BUCKETS_S = (5.0, 10.0, 20.0, 45.0, 120.0)
ALIKE = (
    "cosine", "letters", "words_of_shorter", "words_of_longer", "letters_of_shared_words", "sound", "kept", "left_out", "added",
    "replaced", "replaced_sound", "least_sound", "replaced_cosine", "least_cosine", "replaced_words", "left_out_words", "added_words",
    "other_numbers", "begins_with", "opposite", "short", "source_words", "later_words",
)  # fmt: skip  # a list of names
CONTEXT = (
    *(f"within_{seconds:g}_s" for seconds in _BUCKETS_S), "later_than_that", "no_time", "place", "others", "most_alike", "ahead", "says_no", "says_stop",
    "no_before", *SIGNS, "no_sign", "signs_unknown",
)  # fmt: skip  # as above


class Vectors(Protocol):
    """What makes a vector of a text."""

    @property
    def digest(self) -> str:
        """What was fitted to vectors of one digest fits no other."""

    def sentences(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return vectors of length one."""


@dataclass(frozen=True, slots=True)
class Features:
    """Of all later requests of some windows, one row each.

    Attributes
    ----------
    of : array of shape (n,)
        Number of the window.
    source, later : arrays of shape (n, width)
        Vectors of both texts.
    alike, context : arrays of shape (n, len(ALIKE)), (n, len(CONTEXT))
    """

    of: NDArray[np.int64]
    source: NDArray[np.float32]
    later: NDArray[np.float32]
    alike: NDArray[np.float32]
    context: NDArray[np.float32]


def features(windows: Sequence[Window], vectors: Vectors) -> Features:
    """Return what is seen of each later request of each window."""
    import numpy as np

    pairs = [(window.text, later.text) for window in windows for later in window.later]
    aligned = {pair: _aligned(*pair) for pair in dict.fromkeys(pairs)}
    texts = dict.fromkeys(text for pair in aligned for text in pair)
    texts |= dict.fromkeys(text for parts in aligned.values() for segment in parts.replaced for text in segment)
    places = {text: place for place, text in enumerate(texts)}
    known = vectors.sentences(list(texts))
    alike = {pair: _alike(pair, parts, places, known) for pair, parts in aligned.items()}
    context: list[list[float]] = []
    for window in windows:
        context += _context(window, [alike[window.text, later.text] for later in window.later])
    return Features(
        of=np.repeat(np.arange(len(windows)), [len(window.later) for window in windows]),
        source=known[[places[one] for one, _ in pairs]],
        later=known[[places[other] for _, other in pairs]],
        alike=np.array([alike[pair] for pair in pairs], dtype=np.float32).reshape(-1, len(ALIKE)),
        context=np.array(context, dtype=np.float32).reshape(-1, len(CONTEXT)),
    )


@dataclass(frozen=True, slots=True)
class _Parts:
    """Where two texts differ, in words."""

    kept: int
    left_out: tuple[str, ...]
    added: tuple[str, ...]
    replaced: tuple[tuple[str, str], ...]


def _aligned(one: str, other: str) -> _Parts:
    from rapidfuzz.distance import Levenshtein

    a, b = one.split(), other.split()
    kept = 0
    left_out: list[str] = []
    added: list[str] = []
    replaced: list[tuple[str, str]] = []
    old: list[str] = []
    new: list[str] = []
    # Words that are left out next to words that are added were replaced by them.
    for step in [*Levenshtein.opcodes(a, b), None]:
        if step is not None and step.tag != "equal":
            old += a[step.src_start : step.src_end]
            new += b[step.dest_start : step.dest_end]
            continue
        if old and new:
            replaced.append((" ".join(old), " ".join(new)))
        else:
            left_out += old
            added += new
        old, new = [], []
        kept += 0 if step is None else step.src_end - step.src_start
    return _Parts(kept, tuple(left_out), tuple(added), tuple(replaced))


def _alike(pair: tuple[str, str], parts: _Parts, places: dict[str, int], known: NDArray[np.float32]) -> list[float]:
    from rapidfuzz.distance import Indel

    one, other = pair
    a, b = one.split(), other.split()
    words, others = set(a), set(b)
    shared = words & others
    least, most = max(1, min(len(words), len(others))), max(1, len(words), len(others))
    weighed = min(sum(map(len, words)), sum(map(len, others)))
    sound = [1 - apart(old, new) for old, new in parts.replaced]
    cosine = [float(known[places[old]] @ known[places[new]]) for old, new in parts.replaced]
    size = [len(old) + len(new) for old, new in parts.replaced]
    weight = max(1, sum(size))
    numbers = [{word for word in text if any(letter.isdecimal() for letter in word)} for text in (a, b)]
    return [
        float(known[places[one]] @ known[places[other]]),
        Indel.normalized_similarity(one, other),
        len(shared) / least,
        len(shared) / most,
        sum(map(len, shared)) / max(1, weighed),
        1 - apart(one, other),
        parts.kept / max(1, len(a), len(b)),
        len(parts.left_out) / max(1, len(a)),
        len(parts.added) / max(1, len(b)),
        float(bool(parts.replaced)),
        sum(s * n for s, n in zip(sound, size, strict=True)) / weight if sound else 1.0,
        min(sound, default=1.0),
        sum(s * n for s, n in zip(cosine, size, strict=True)) / weight if cosine else 1.0,
        min(cosine, default=1.0),
        sum(len(old.split()) + len(new.split()) for old, new in parts.replaced) / 10,
        len(parts.left_out) / 10,
        len(parts.added) / 10,
        float(bool(numbers[0] and numbers[1] and not (numbers[0] <= numbers[1] or numbers[1] <= numbers[0]))),
        float(other.startswith(f"{one} ") or one.startswith(f"{other} ")),
        float(opposed(words - others, others - words)),
        float(min(len(a), len(b)) < 3),
        len(a) / 10,
        len(b) / 10,
    ]


def _context(window: Window, alike: list[list[float]]) -> list[list[float]]:
    languages = known_languages()
    says = [said(later.text, languages) for later in window.later]
    cosines = [row[0] for row in alike]
    found = []
    for place, later in enumerate(window.later):
        others = cosines[:place] + cosines[place + 1 :]
        since = later.since_s
        bucket = [0.0] * (len(_BUCKETS_S) + 2)
        bucket[-1 if since is None else sum(since >= edge for edge in _BUCKETS_S)] = 1.0
        signs = window.signs
        found.append([
            *bucket,
            place / MOST_LATER,
            len(others) / MOST_LATER,
            float(all(cosines[place] >= other for other in others)),
            cosines[place] - max(others, default=0.0),
            float(bool(says[place] & _WRONG)),
            float(bool(says[place] & (Says.STOP | Says.THANKS | Says.PERSON))),
            float(any(one & (_WRONG | Says.STOP) for one in says[:place])),
            *(float(signs is not None and name in signs) for name in SIGNS),
            float(signs is not None and not signs),
            float(signs is None),
        ])  # fmt: skip  # one quantity a line
    return found
