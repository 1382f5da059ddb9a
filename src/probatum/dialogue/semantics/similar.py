"""Whether one request is a second try of another, as far as their words tell."""

from __future__ import annotations

LEAST_WORDS = 0.5  # share of the words of the shorter that are in the other
LEAST_LETTERS = 0.7  # normalised similarity of the letters (longest common subsequence)


def similar(request: str, later: str) -> bool:
    """Whether two requests, in normal form, share half of their words, or most of their letters."""
    from rapidfuzz.distance import Indel

    words, others = set(request.split()), set(later.split())
    shared = len(words & others) / max(1, min(len(words), len(others)))
    # One word in common is little where there are few.
    if shared >= LEAST_WORDS and min(len(words), len(others)) > 1:
        return True
    return bool(Indel.normalized_similarity(request, later) >= LEAST_LETTERS)
