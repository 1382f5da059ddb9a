"""A lesson, whatever is said in it: nothing is stored that was not checked and confirmed, and what is stored holds at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from probatum.dialogue.artefacts.teaching import Catalogue, TeachingRules
from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.model.teaching.checking import Listed, carry_out
from probatum.dialogue.model.teaching.lesson import OPEN, Lesson, begin, checked, hear
from probatum.dialogue.model.teaching.preference import Preference
from probatum.dialogue.model.teaching.replies import agrees
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policies import Policies
from probatum.dialogue.service.serving.rewriter import Answer, Report, Request, Rewriter
from probatum.dialogue.service.serving.teacher import Teacher, Teaching

pytest.importorskip("rapidfuzz")
NAMES = ("bedside lamp", "desk lamp", "kitchen lights", "tv")
REQUESTS = ("turn on {name}", "turn off {name}", "dim {name}", "play some jazz", "open garage door", "set the heating to 22")
CATALOGUE = Catalogue(names=frozenset(NAMES), requests=frozenset(REQUESTS))
RULES = TeachingRules(catalogue=CATALOGUE)
DAY = 86400.0


@pytest.fixture
def rewriter(tmp_path: Path) -> Iterator[Rewriter]:
    with closing(Personal(tmp_path / "people.db")) as people:
        made = Rewriter(Policies(tmp_path), bytes(32), people, Teacher(people, RULES))
        yield made
        made.close()


def fail(rewriter: Rewriter, text: str, at: float, **more: str) -> Teaching | None:
    """Say something that the assistant cannot do, and have that told."""
    answer = rewriter.answer(Request(text=text, user="ann", session=f"{at}", at=at, context=more))
    told = rewriter.report(answer.turn, Report(well=False, session=f"{at}", at=at + 1))
    rewriter.feedback(answer.turn, well=False)
    return told


def say(rewriter: Rewriter, text: str, at: float, *, user: str = "ann", household: str = "", **context: str) -> Answer:
    return rewriter.answer(Request(text=text, user=user, session=f"{at}", household=household, at=at, context=context))


def taught(rewriter: Rewriter, phrase: str, answer: str, at: float, reply: str = "yes", **context: str) -> Teaching:
    """Teach that a phrase means something."""
    rewriter.taught_by().start(rewriter.pseudonym("ann"), phrase, context, at=at)
    assert rewriter.lesson("ann", answer, at=at + 1).state == "confirming"
    return rewriter.lesson("ann", reply, at=at + 2)


def test_what_failed_twice_is_asked_about_and_holds_from_the_next_request(rewriter: Rewriter) -> None:
    assert fail(rewriter, "start study mode", 10.0) is None
    asked = fail(rewriter, "activate study mode", 20.0)

    assert asked is not None
    assert (asked.state, asked.trigger) == ("asked", "repeated")
    put = rewriter.lesson("ann", "uh, by study mode I mean turn on the tv, no wait, turn on the desk lamp please", at=25.0)
    assert put.say == 'So "study mode" means "turn on the desk lamp". Shall I remember that?'
    stored = rewriter.lesson("ann", "yeah that's right", at=30.0)
    assert (stored.state, stored.act) == ("stored", "turn on the desk lamp")
    for text in ("study mode", "Please start the study mode!", "switch to study mode"):
        answer = say(rewriter, text, 40.0)
        assert (answer.action, answer.text, answer.reasons) == ("rewrite", "turn on the desk lamp", ("taught",))
    assert say(rewriter, "turn off study mode", 50.0).action == "keep"
    assert say(rewriter, "study mode", 50.0, user="bob").action == "keep"


def test_a_request_that_is_asked_about_again_after_it_was_refused_was_said_once(rewriter: Rewriter) -> None:
    first = say(rewriter, "start study mode", 10.0)
    assert rewriter.report(first.turn, Report(well=False, session="10.0", at=11.0)) is None
    again = rewriter.answer(Request(text="start study mode", user="ann", session="10.0", at=11.0, refused=True))
    assert again.turn != first.turn
    assert rewriter.report(again.turn, Report(well=False, session="10.0", at=12.0)) is None

    asked = fail(rewriter, "start study mode", 20.0)
    assert asked is not None
    assert asked.trigger == "repeated"


def test_a_name_that_is_not_known_is_asked_about_and_put_in_everywhere(rewriter: Rewriter) -> None:
    answer = say(rewriter, "turn on grandma's light", 10.0)
    asked = rewriter.report(answer.turn, Report(well=False, intent="TurnOn", unknown="grandma's light", at=11.0))

    assert asked is not None
    assert asked.say == 'I do not know "grandma\'s light". What do you mean by it?'
    rewriter.lesson("ann", "oh that's what I call the bedside lamp", at=12.0)
    assert rewriter.lesson("ann", "yep", at=14.0).act == "turn on the bedside lamp"
    assert say(rewriter, "dim grandmas light", 20.0).text == "dim the bedside lamp"


def test_what_the_user_is_like_is_told_without_a_question(rewriter: Rewriter) -> None:
    answer = say(rewriter, "remember that my team is arsenal", 10.0)

    assert answer.teaching is not None
    assert (answer.action, answer.teaching.state) == ("ask", "confirming")
    assert rewriter.lesson("ann", "sure", at=12.0).state == "stored"
    assert say(rewriter, "did my team win", 20.0).text == "did arsenal win"


def test_that_was_not_it_asks_what_was_meant(rewriter: Rewriter) -> None:
    say(rewriter, "movie time", 10.0)
    answer = say(rewriter, "that's not what I meant", 15.0)

    assert answer.teaching is not None
    assert answer.teaching.trigger == "rejected"
    rewriter.lesson("ann", "i want you to dim the kitchen lights", at=20.0)
    rewriter.lesson("ann", "correct", at=22.0)
    assert say(rewriter, "movie time", 30.0).text == "dim the kitchen lights"


def test_the_opposite_at_once_asks_what_was_meant(rewriter: Rewriter) -> None:
    first, second = say(rewriter, "some light", 10.0), say(rewriter, "no light", 15.0)
    told = [Report(intent=intent, slots=(("name", "tv"),), at=16.0) for intent in ("HassTurnOn", "HassTurnOff")]

    assert rewriter.report(first.turn, told[0]) is None
    asked = rewriter.report(second.turn, told[1])
    assert asked is not None
    assert (asked.trigger, asked.phrase) == ("undone", "some light")


@pytest.mark.parametrize("context", [{"activity": "driving"}, {"timer": "ringing"}])
def test_nobody_is_asked_in_the_car_or_while_a_timer_rings(rewriter: Rewriter, context: dict[str, str]) -> None:
    assert fail(rewriter, "study mode", 10.0, **context) is None
    assert fail(rewriter, "study mode", 15.0, **context) is None
    assert say(rewriter, "learn my preferences", 20.0, **context).action == "keep"


def test_nobody_is_asked_twice_a_day_but_whoever_asks_for_it(rewriter: Rewriter) -> None:
    fail(rewriter, "study mode", 10.0)
    assert fail(rewriter, "study mode", 15.0) is not None
    rewriter.lesson("ann", "never mind", at=20.0)
    assert [fail(rewriter, "movie time", at) for at in (400.0, 405.0)] == [None, None]
    assert say(rewriter, "learn my preferences", 410.0).teaching is not None
    fail(rewriter, "movie time", 20.0 + DAY)
    assert fail(rewriter, "movie time", 25.0 + DAY) is not None


@pytest.mark.parametrize(
    "text", ["call my mother", "unlock the front door", "order more milk", "buy the album", "delete all mails"]
)
def test_what_is_hard_to_undo_is_never_asked_about_nor_learnt(rewriter: Rewriter, text: str) -> None:
    assert [fail(rewriter, text, at) for at in (10.0, 15.0)] == [None, None]
    rewriter.taught_by().start(rewriter.pseudonym("ann"), "the usual", {}, at=20.0)

    told = rewriter.lesson("ann", f"i want you to {text}", at=25.0)
    assert (told.state, told.why) == ("dropped", "risky")


def test_a_name_does_not_make_a_request_hard_to_undo(rewriter: Rewriter) -> None:
    """What was stored for something harmless is not used where it would add a deed."""
    rewriter.taught_by().personal.teach(
        rewriter.pseudonym("ann"),
        Preference(kind="preference", phrase="my usual", means="unlock the door", created=1.0, whole=False),
    )

    assert say(rewriter, "do my usual", 10.0).action == "keep"


@pytest.mark.parametrize("answer", ["what time is it", "never mind play some jazz", "why do you ask"])
def test_an_answer_that_is_none_is_served(rewriter: Rewriter, answer: str) -> None:
    rewriter.taught_by().start(rewriter.pseudonym("ann"), "study mode", {}, at=10.0)

    told = rewriter.lesson("ann", answer, at=15.0)
    assert told.state == "dropped"
    assert told.act == answer.removeprefix("never mind ")


def test_silence_is_asked_once_more_and_an_answer_that_comes_late_is_a_request(rewriter: Rewriter) -> None:
    teacher, ann = rewriter.taught_by(), rewriter.pseudonym("ann")
    teacher.start(ann, "study mode", {}, at=10.0)
    assert [rewriter.lesson("ann", "", at=at).state for at in (20.0, 30.0)] == ["asked", "dropped"]
    teacher.start(ann, "study mode", {}, at=10.0)
    late = rewriter.lesson("ann", "turn on the tv", at=500.0)
    assert (late.state, late.why, late.act) == ("dropped", "late", "turn on the tv")


def test_what_the_assistant_does_not_understand_is_not_stored(rewriter: Rewriter) -> None:
    rewriter.taught_by().start(rewriter.pseudonym("ann"), "study mode", {}, at=10.0)

    assert rewriter.lesson("ann", "make everything cosy", at=15.0).state == "asked"
    assert rewriter.lesson("ann", "you know, cosy", at=20.0).why == "not understood"


def test_a_correction_of_what_was_understood_is_put_again(rewriter: Rewriter) -> None:
    rewriter.taught_by().start(rewriter.pseudonym("ann"), "movie time", {}, at=10.0)
    rewriter.lesson("ann", "turn off the kitchen lights", at=12.0)

    again = rewriter.lesson("ann", "no I meant dim the kitchen lights", at=14.0)
    assert (again.state, again.say) == ("confirming", 'So "movie time" means "dim the kitchen lights". Shall I remember that?')
    assert rewriter.lesson("ann", "no", at=16.0).state == "dropped"
    assert say(rewriter, "movie time", 20.0).action == "keep"


def test_several_requests_are_understood_one_by_one(rewriter: Rewriter) -> None:
    stored = taught(rewriter, "movie time", "dim the kitchen lights and then turn on the tv", 10.0)

    assert stored.learnt is not None
    answer = say(rewriter, "movie time", 20.0)
    assert answer.steps == ("dim the kitchen lights", "turn on the tv")


def test_it_holds_where_it_was_taught_and_elsewhere_only_if_the_user_says_so(rewriter: Rewriter) -> None:
    taught(rewriter, "study mode", "turn on the desk lamp", 10.0, room="office")
    assert say(rewriter, "study mode", 20.0, room="office").action == "rewrite"

    answer = say(rewriter, "study mode", 30.0, room="bedroom")
    assert answer.teaching is not None
    assert answer.teaching.say == 'Elsewhere "study mode" means "turn on the desk lamp" to you. Here too?'
    assert rewriter.lesson("ann", "yes please", at=35.0).state == "stored"
    assert say(rewriter, "study mode", 40.0, room="bedroom").action == "rewrite"
    taught(rewriter, "movie time", "dim the kitchen lights", 50.0, "yes everywhere", room="office")
    assert say(rewriter, "movie time", 60.0, room="bedroom").action == "rewrite"


def test_for_everyone_reaches_the_household_and_goes_with_its_author(rewriter: Rewriter) -> None:
    rewriter.taught_by().start(
        rewriter.pseudonym("ann"), "movie time", {}, household=rewriter.pseudonym("home", "household"), at=10.0
    )
    rewriter.lesson("ann", "dim the kitchen lights", at=12.0)
    rewriter.lesson("ann", "yes for everyone", at=14.0)

    assert say(rewriter, "movie time", 20.0, user="bob", household="home").text == "dim the kitchen lights"
    assert say(rewriter, "movie time", 20.0, user="eve", household="other").action == "keep"
    rewriter.forget("ann")
    assert say(rewriter, "movie time", 30.0, user="bob", household="home").action == "keep"


def test_it_expires_when_the_user_said_so(rewriter: Rewriter) -> None:
    taught(rewriter, "study mode", "turn on the desk lamp", 10.0, "yes but only for today")

    assert say(rewriter, "study mode", 20.0).action == "rewrite"
    assert say(rewriter, "study mode", 20.0 + DAY).action == "keep"


def test_forget_that_is_about_what_was_used_or_stored_last(rewriter: Rewriter) -> None:
    taught(rewriter, "study mode", "turn on the desk lamp", 10.0)
    taught(rewriter, "movie time", "dim the kitchen lights", 20.0)
    say(rewriter, "study mode", 30.0)

    answer = say(rewriter, "forget that", 35.0)
    assert answer.teaching is not None
    assert (answer.action, answer.teaching.say) == ("say", 'I have forgotten that "study mode" means "turn on the desk lamp".')
    assert say(rewriter, "study mode", 40.0).action == "keep"
    assert say(rewriter, "movie time", 45.0).action == "rewrite"
    assert say(rewriter, "forget everything you learned about the kitchen lights", 50.0).action == "say"
    assert say(rewriter, "movie time", 55.0).action == "keep"
    assert say(rewriter, "forget that", 60.0).action == "keep"  # there is nothing, so it is a request like others


def test_a_request_that_is_no_longer_wanted_is_history(rewriter: Rewriter) -> None:
    taught(rewriter, "study mode", "turn on the desk lamp", 10.0)
    rewriter.feedback(say(rewriter, "study mode", 20.0).turn, well=False)

    own = rewriter.taught_by().personal.get(rewriter.pseudonym("ann")).taught
    assert (own.current, [one.why for one in own.past]) == ([], ["not wanted"])


class Lessons(RuleBasedStateMachine):
    """A user who teaches, confirms, forgets and goes on in any order, and a model of what must hold."""

    phrases = st.sampled_from(["study mode", "movie time", "i am cold", "the usual"])
    meanings = st.sampled_from(
        ["turn on the desk lamp", "dim the kitchen lights", "play some jazz", "fly to the moon", "call bob"]
    )
    replies = st.sampled_from(
        ["yes", "yeah sure", "no", "yes no", "never mind", "", "play some jazz", "no turn on the tv", "maybe"]
    )

    @initialize()
    def start(self) -> None:
        self.folder = TemporaryDirectory()
        self.people = Personal(Path(self.folder.name) / "people.db")
        self.rewriter = Rewriter(Policies(Path(self.folder.name)), bytes(32), self.people, Teacher(self.people, RULES))
        self.now, self.holds = 1000.0, dict[str, str]()
        self.put: tuple[str, str] | None = None
        self.asked = ""

    def took(self, told: Teaching) -> None:
        """Compare with the model: what is stored was put to the user just before, and can be done."""
        if told.state == "stored":
            assert told.learnt is not None
            assert self.put is not None
            assert (told.learnt["phrase"], told.learnt["means"]) == self.put
            assert told.learnt["grounded"] is not None
            assert Listed(CATALOGUE).request(told.learnt["means"], {}) is not None
            self.holds[told.learnt["phrase"]] = told.learnt["means"]
        if told.state == "confirming":
            words = told.say.split('"')
            self.put = words[1], words[3]
        else:
            self.put = None
        self.asked = told.lesson

    @rule(phrase=phrases)
    def ask(self, phrase: str) -> None:
        self.now += 5
        self.took(self.rewriter.taught_by().start(self.rewriter.pseudonym("ann"), phrase, {}, at=self.now))

    @rule(meaning=meanings)
    def answer(self, meaning: str) -> None:
        self.now += 5
        self.took(self.rewriter.lesson("ann", f"I want you to {meaning}", at=self.now))

    @rule(reply=replies)
    def reply(self, reply: str) -> None:
        self.now += 5
        before = dict(self.holds)
        self.took(self.rewriter.lesson("ann", reply, at=self.now))
        if reply not in {"yes", "yeah sure"}:
            assert self.holds == before

    @rule(phrase=phrases, meaning=meanings, reply=replies)
    def teach(self, phrase: str, meaning: str, reply: str) -> None:
        """The usual order, which chance would rarely find."""
        self.ask(phrase)
        self.answer(meaning)
        self.reply(reply)

    @rule(phrase=phrases)
    def request(self, phrase: str) -> None:
        """What holds is used, and any request closes what is open."""
        self.now += 5
        answer = self.rewriter.answer(Request(text=phrase, user="ann", session=f"{self.now}", at=self.now))
        assert (answer.action, answer.text) == (("rewrite", self.holds[phrase]) if phrase in self.holds else ("keep", phrase))
        assert self.rewriter.lesson("ann", "yes", at=self.now).why == "nothing was asked"
        self.put = None

    @rule(phrase=phrases)
    def forget(self, phrase: str) -> None:
        self.rewriter.taught_by().forget_about(self.rewriter.pseudonym("ann"), phrase)
        self.holds.pop(phrase, None)
        self.put = None

    @rule()
    def forget_me(self) -> None:
        self.rewriter.forget("ann")
        self.holds.clear()
        self.put = None
        raw = b"".join(path.read_bytes() for path in Path(self.folder.name).glob("people.db*"))
        assert b"desk lamp" not in raw

    @rule()
    def begin_again(self) -> None:
        """A service that is started again knows what was stored, and has no question open."""
        self.people.close()
        self.people = Personal(Path(self.folder.name) / "people.db")
        self.rewriter = Rewriter(Policies(Path(self.folder.name)), bytes(32), self.people, Teacher(self.people, RULES))
        self.put = None

    @invariant()
    def the_store_is_what_was_confirmed(self) -> None:
        if not hasattr(self, "people"):
            return
        own = self.people.get(self.rewriter.pseudonym("ann")).taught
        assert sorted((one.phrase, one.means) for one in own.current) == sorted(self.holds.items())
        current = {one.identifier for one in own.current}
        assert not current & {one.preference.identifier for one in own.past}
        assert len(self.rewriter.taught_by()._open) <= 1

    def teardown(self) -> None:
        if hasattr(self, "people"):
            self.people.close()
            self.folder.cleanup()


TestLessons = Lessons.TestCase
TestLessons.settings = settings(max_examples=12, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck))


@given(st.lists(st.text(max_size=80) | st.sampled_from(["yes", "no", "by x i mean turn on the tv", "when i say"]), max_size=4))
@settings(max_examples=25, deadline=None)
def test_whatever_is_said_a_lesson_ends_and_stores_only_what_was_put(said: list[str]) -> None:
    step = begin(Lesson(trigger="repeated", about="request", at=0.0, phrase="study mode", request="start study mode"))
    confirming = False

    for text in [*said, "", "", "", ""]:
        step = hear(step.lesson, normalised(text), at=step.lesson.at + 1, rules=RULES)
        while step.checks:
            step = checked(step.lesson, carry_out(step.checks, Listed(CATALOGUE), {}), rules=RULES)
        assert step.store is None or (confirming and agrees(normalised(text), f"{step.store.phrase} {step.store.means} but"))
        confirming = step.lesson.state == "confirming"
        if step.lesson.state not in OPEN:
            break
    assert step.lesson.state not in OPEN
