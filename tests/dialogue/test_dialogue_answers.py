"""What answers say: yes and no in many forms, definitions in many frames, and what people correct on the way."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.model.teaching.corrections import corrected, cut, ways
from probatum.dialogue.model.teaching.definitions import asks, definitions, gap, spans
from probatum.dialogue.model.teaching.moments import forgets
from probatum.dialogue.model.teaching.proposals import risky
from probatum.dialogue.model.teaching.replies import Reply, agrees, read


@pytest.mark.parametrize(
    "text",
    ["Yes.", "yeah", "Yep, you got it!", "sure thing", "that's right", "that is exactly what I meant", "ok do it", "Sounds good to me.", "mhm",
     "absolutely", "Yes please, thank you", "go ahead", "of course", "perfect, thanks", "I think so", "yup that'll work"],
)  # fmt: skip  # phrases that belong together
def test_a_yes(text: str) -> None:
    assert agrees(normalised(text))


@pytest.mark.parametrize(
    "text",
    ["", "uh", "no", "Nope.", "not really", "yes no", "yeah no", "no that's right", "that's not right", "maybe", "yes but louder", "yes turn on the tv",
     "what", "never mind", "I don't think so", "only this once", "play some jazz", "of course not", "I am going to Long Beach", "yes, in the kitchen",
     "ok google play some jazz", "right now", "that's wrong"],
)  # fmt: skip  # as above
def test_no_yes(text: str) -> None:
    assert not agrees(normalised(text))


def test_a_yes_may_repeat_what_it_agrees_to() -> None:
    assert agrees("yes turn on the lamp", "study mode turn on the lamp")
    assert not agrees("yes turn off the lamp", "study mode turn on the lamp")


@pytest.mark.parametrize(
    ("text", "reply", "rest"),
    [
        ("no i meant dim the lights", Reply.NO, "i meant dim the lights"),
        ("never mind play some jazz", Reply.LEAVE, "play some jazz"),
        ("stop the music", Reply.OTHER, "stop the music"),
        ("cancel", Reply.LEAVE, ""),
        ("i don't know", Reply.UNSURE, ""),
        ("say that again please", Reply.AGAIN, ""),
        ("um", Reply.SILENCE, ""),
        ("just this once", Reply.ONCE, ""),
    ],
)
def test_what_an_answer_is(text: str, reply: Reply, rest: str) -> None:
    found = read(text)
    assert (found.reply, found.rest) == (reply, rest)


@pytest.mark.parametrize(
    ("asked", "answer", "phrase", "means"),
    [
        ("start study mode", "By study mode I mean turn the lamp blue, please.", "study mode", "turn the lamp blue"),
        ("study mode", "turn the lamp blue", "", "turn the lamp blue"),
        ("i am cold", "when I say I'm cold set the heating to 22", "i'm cold", "set the heating to 22"),
        ("i am cold", "well um you should set the heating to twenty two okay", "", "set the heating to 22"),
        ("turn on grandmas lamp", "it's the bedside lamp", "", "the bedside lamp"),
        ("grandmas lamp", "I call the bedside lamp grandmas lamp", "grandmas lamp", "the bedside lamp"),
        ("study mode", "can you turn on the bedroom, no wait, the kitchen lights", "", "turn on the kitchen lights"),
        ("what's on", "what's on means what's on television tonight", "what's on", "what's on television tonight"),
        ("", "my favourite team is Borussia Dortmund", "my favourite team", "borussia dortmund"),
        ("", "from now on movie time means dim the lights", "movie time", "dim the lights"),
    ],
)
def test_the_likeliest_definition(asked: str, answer: str, phrase: str, means: str) -> None:
    first = definitions(normalised(answer), normalised(asked))[0]
    assert (first.phrase, first.means) == (phrase, means)


def test_every_room_may_be_a_part_of_the_deed_or_of_where_it_holds() -> None:
    first, second = definitions("turn off the lights in every room", "good night")
    assert (first.means, first.everywhere) == ("turn off the lights in every room", False)
    assert (second.means, second.everywhere) == ("turn off the lights", True)


@pytest.mark.parametrize("text", ["don't turn on the lamp", "if it is dark turn on the lamp", "turn on the lamp unless i sleep"])
def test_no_part_is_taken_of_what_forbids_or_sets_a_condition(text: str) -> None:
    assert spans(text, 99) == []


def test_a_question_is_no_definition_unless_one_was_asked_about() -> None:
    assert asks("what time is it", "study mode")
    assert not asks("what's the traffic to work", "how's my commute")
    assert not asks("can you turn on the lamp", "study mode")
    assert asks("why do you want to know", "how's my commute")


def test_what_a_request_asks_for() -> None:
    assert [gap(text) for text in ("please start the study mode", "i am cold", "turn on everything that is in the whole house")] == [
        "study mode", "i am cold", "turn on everything that is in the whole house",
    ]  # fmt: skip  # one of each


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("turn on the bedroom no wait the kitchen lights", "turn on the kitchen lights"),
        ("set the timer for 5 sorry 10 minutes", "set the timer for 10 minutes"),
        ("play jazz scratch that turn on the tv", "turn on the tv"),
        ("what's the weather in boston i mean in austin", "what's the weather in austin"),
    ],
)
def test_what_is_corrected_on_the_way(said: str, meant: str) -> None:
    assert corrected(said) == meant


def test_a_word_that_can_be_ordinary_leaves_the_sentence_first() -> None:
    assert ways("play the song no scrubs")[0] == "play the song no scrubs"
    assert ways("turn on the lamp") == ["turn on the lamp"]
    assert cut("there is nothing to correct") is None


@given(
    st.lists(
        st.sampled_from(["turn", "on", "the", "lamp", "no", "wait", "sorry", "i", "mean", "or", "actually", "kitchen", "5"]),
        min_size=1,
        max_size=14,
    )
)
@settings(max_examples=40, deadline=None)
def test_a_correction_only_takes_words_away_and_comes_to_an_end(words: list[str]) -> None:
    text = " ".join(words)

    for way in [*ways(text), corrected(text)]:
        left = iter(words)
        assert way
        assert all(word in left for word in way.split())  # in their order


@pytest.mark.parametrize(
    "text",
    [
        "unlock the door",
        "please call mom",
        "turn on the lamp and then order pizza",
        "could you buy it",
        "remind me to call mom",
        "i want to unlock it",
        "call 911",
        "delete that",
        "my password is fish",
    ],
)
def test_what_is_risky(text: str) -> None:
    assert risky(text)


@pytest.mark.parametrize(
    "text", ["turn on the lamp", "play call me maybe", "play the jungle book", "yes", "set the heating to 22", "lock the door"]
)
def test_what_is_not(text: str) -> None:
    assert not risky(text)


@pytest.mark.parametrize(
    ("text", "what", "about"),
    [
        ("forget that", "that", ""),
        ("please forget what i just taught you", "that", ""),
        ("forget everything you learned about study mode", "about", "study mode"),
        ("forget what study mode means", "about", "study mode"),
        ("forget everything you know about me", "all", ""),
    ],
)
def test_what_is_to_be_forgotten(text: str, what: str, about: str) -> None:
    found = forgets(text)
    assert found is not None
    assert (found.what, found.about) == (what, about)


@pytest.mark.parametrize("text", ["i forget things", "don't forget the milk", "remind me not to forget that", "turn on the lamp"])
def test_other_requests_forget_nothing(text: str) -> None:
    assert forgets(text) is None


@given(
    st.text(max_size=300)
    | st.lists(
        st.sampled_from(["by", "when i say", "i mean", "means", "no", "wait", "is", "my", "turn on", "x"]), max_size=60
    ).map(" ".join)
)
@settings(max_examples=25, deadline=None)
def test_any_text_is_read_without_trouble_and_in_time(text: str) -> None:
    own = normalised(text)[:1000]
    begun = time.process_time()

    read(own)
    agrees(own)
    forgets(own)
    for one in [*definitions(own, "start study mode"), *definitions(own)]:
        assert one.means
    asks(own, "study mode")
    assert time.process_time() - begun < 5  # no pattern takes time beyond any bound
