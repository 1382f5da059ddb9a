"""Vectors are made once, and a file of them is used only by whoever made it."""

import numpy as np
import pytest

from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.infer.cached import CachedVectors


class Counting:
    def __init__(self, digest="letters-1"):
        self.digest = digest
        self.asked = []

    def sentences(self, texts):
        self.asked += texts
        return LetterVectors().sentences(texts)


def test_a_vector_is_made_once_and_is_the_makers() -> None:
    maker = Counting()
    cached = CachedVectors(maker)

    first = cached.sentences(["a light", "a lamp", "a light"])
    second = cached.sentences(["a lamp", "the door"])

    assert maker.asked == ["a light", "a lamp", "the door"]
    assert np.array_equal(first, LetterVectors().sentences(["a light", "a lamp", "a light"]))
    assert np.array_equal(second, LetterVectors().sentences(["a lamp", "the door"]))


def test_no_more_are_kept_than_there_is_room_for(tmp_path) -> None:
    cached = CachedVectors(Counting(), most=2)

    found = cached.sentences(["one", "two", "three", "four"])

    assert len(found) == 4
    assert len(cached) == 2


def test_a_file_is_read_again_by_the_same_maker_only(tmp_path) -> None:
    path = tmp_path / "vectors.npz"
    cached = CachedVectors(Counting(), path)
    cached.sentences(["a light"])
    cached.save()

    same, other = Counting(), Counting("another")
    CachedVectors(same, path).sentences(["a light"])
    CachedVectors(other, path).sentences(["a light"])

    assert same.asked == []
    assert other.asked == ["a light"]


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 and then nothing", b"\x93NUMPY"])
def test_a_damaged_file_is_no_beginning(tmp_path, damage) -> None:
    path = tmp_path / "vectors.npz"
    path.write_bytes(damage)

    assert len(CachedVectors(Counting(), path)) == 0
    assert CachedVectors(Counting(), path).sentences([]).shape == (0, 384)
