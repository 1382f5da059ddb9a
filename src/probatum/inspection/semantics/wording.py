"""What is written on products, as it was read on their references; and for which of a few products what was read on a unit speaks.

A reader misses letters. So words are taken apart into a few letters each, and each part counts by how much more
often it was read on references of one product than of the others [1]_: what is written on all of them, as a brand or a price, says nothing.

References
----------
.. [1] Robertson, Sparck Jones. "Relevance weighting of search terms." JASIS 27 (1976).
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

LETTERS = 4  # of a part
_BELIEF = 1.0  # references of which it is supposed that they say what those of all products say
_FEW = 8.0  # parts that say nothing, which are added: little that was read says little


@dataclass(frozen=True, slots=True)
class Spoken:
    """What speaks for a product, and not for the others.

    Attributes
    ----------
    score : float
        Mean logarithm of how much more often a part is read on the product than on all of them; 0 where nothing speaks for or against it.
    words : tuple of str
        Those that speak for it, in the order of the alphabet.
    """

    score: float
    words: tuple[str, ...]


def spoken(read: Iterable[str], written: Mapping[str, Sequence[Iterable[str]]]) -> dict[str, Spoken]:
    """Return for each of some products what speaks for it of what was read.

    Parameters
    ----------
    read : iterable of str
        Words on a unit.
    written : mapping of str to sequence of iterables of str
        By product: the words on each of its references. Nothing speaks for or against a product without references.
    """
    on = {product: [parts_of(words) for words in references] for product, references in written.items()}
    words = {word: parts_of([word]) for word in sorted(set(read))}
    weights = {part: one for part in sorted(set().union(*words.values())) if (one := _weights(part, on))}
    found = {}
    for product in written:
        total = sum(one[product] for one in weights.values())
        telling = (
            word for word, parts in words.items() if sum(weights[part][product] for part in sorted(parts & weights.keys())) > 0
        )
        found[product] = Spoken(total / (len(weights) + _FEW), tuple(telling))
    return found


def _weights(part: str, on: Mapping[str, Sequence[frozenset[str]]]) -> dict[str, float]:
    """Return by product how much more often a part is read on it than on all; nothing if it is read on none."""
    counts = {product: sum(part in one for one in references) for product, references in on.items()}
    shares = [counts[product] / len(references) if references else 0.0 for product, references in on.items()]
    usual = sum(shares) / len(shares) if shares else 0.0
    if usual == 0:
        return {}
    return {
        product: math.log((counts[product] + _BELIEF * usual) / (len(references) + _BELIEF) / usual)
        for product, references in on.items()
    }


def parts_of(words: Iterable[str]) -> frozenset[str]:
    """Return the parts of words: a few letters or digits each, with ends, in lower case and without accents; none of a single letter."""
    return frozenset(part for word in words for part in _parts(word))


@lru_cache(maxsize=65_536)
def _parts(word: str) -> tuple[str, ...]:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", word.casefold()) if letter.isalnum())
    ended = f"^{plain}$"
    return tuple(ended[at : at + LETTERS] for at in range(len(ended) - LETTERS + 1)) if len(plain) > 1 else ()
