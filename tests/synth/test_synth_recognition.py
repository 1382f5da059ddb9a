"""The simulated recogniser: what it mishears sounds alike, as often as it is told to, and secrets stay where they are."""

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.stats.bounds import clopper_pearson
from probatum.synth.dialogue.lexicon import frequency
from probatum.synth.dialogue.phones import distance, phones
from probatum.synth.dialogue.recognition import Channel, Lexicon, Recogniser

WORDS = st.lists(st.sampled_from(sorted(frequency())), min_size=1, max_size=7).map(" ".join)
EVEN = Channel(uneven=50.0, run=0.0)
RECOGNISER = Recogniser(Lexicon({**frequency(), "zorvex": 1.0}, EVEN, {"zorvex"}), "any")


@pytest.mark.parametrize(
    ("word", "other"),
    [("garage", "garbage"), ("lamp", "lamb"), ("lights", "light"), ("two", "too"), ("night", "knight"), ("play", "pray")],
)
def test_words_that_sound_alike_are_nearer_than_others(word, other):
    near = distance(phones(word), phones(other))

    assert near < 0.5
    assert all(near < distance(phones(word), phones(far)) for far in ("umbrella", "fifteen", "music"))


@given(st.text(max_size=12))
def test_everything_has_a_sound(word):
    assert phones(word)


@settings(max_examples=25)
@given(WORDS, WORDS)
def test_distance_is_that_of_a_pair(one, other):
    left, right = phones(one.split()[0]), phones(other.split()[0])

    assert distance(left, right) == pytest.approx(distance(right, left))
    assert (distance(left, right) == 0) == (left == right)


@settings(max_examples=25)
@given(WORDS, st.integers(0, 1000))
def test_the_same_chance_hears_the_same(text, seed):
    heard = [RECOGNISER.hear(text, 3.0, random.Random(seed)) for _ in range(2)]

    assert heard[0] == heard[1]
    assert not heard[0].text or heard[0].hypotheses[0].text == heard[0].text
    assert len({h.text for h in heard[0].hypotheses}) == len(heard[0].hypotheses) <= EVEN.hypotheses
    assert 0 < heard[0].confidence < 1


@settings(max_examples=25)
@given(WORDS, st.integers(0, 1000))
def test_at_its_best_it_errs_not(text, seed):
    assert RECOGNISER.hear(text, 0.0, random.Random(seed)).text == text


@settings(max_examples=25)
@given(WORDS, st.integers(0, 50))
def test_nobody_is_heard_to_say_a_secret(text, seed):
    heard = RECOGNISER.hear(text, 20.0, random.Random(seed))

    assert all("zorvex" not in h.text for h in heard.hypotheses)


def test_errors_are_as_frequent_as_the_channel_says():
    rng = random.Random(0)
    recogniser = Recogniser(Lexicon(frequency(), EVEN), "any")
    many = 4000
    wrong = sum(recogniser.hear("lamp", 1.0, rng).text != "lamp" for _ in range(many))

    [hazard] = recogniser._texts["lamp"].hazards
    # A stretch is not always heard as another one: what is drawn may be the same words.
    bound = clopper_pearson(wrong, many, confidence=0.999)
    assert bound.low <= 1 - 2.718281828 ** (-hazard)
    assert bound.high >= 0.85 * (1 - 2.718281828 ** (-hazard))


def test_some_words_are_taken_for_one_and_one_for_two():
    rng = random.Random(0)
    heard = [RECOGNISER.hear("set a timer for five minutes", 4.0, rng).text.split() for _ in range(300)]

    assert {len(words) for words in heard} >= {5, 6, 7}


def test_who_speaks_alike_is_misheard_alike():
    """The most frequent mistake is the same at another time with the same accent, and another one with some other accent."""

    def most_frequent(accent, seed):
        recogniser, rng = Recogniser(Lexicon(frequency(), replace(EVEN, preferred=2.0)), accent), random.Random(seed)
        heard = Counter(recogniser.hear("curtain", 9.0, rng).text for _ in range(300))
        del heard["curtain"]
        return heard.most_common(1)[0][0]

    assert most_frequent("accent 1", 0) == most_frequent("accent 1", 1)
    assert len({most_frequent(f"accent {n}", 0) for n in range(6)}) > 1
