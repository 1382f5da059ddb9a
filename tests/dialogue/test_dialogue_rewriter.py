"""What is done with a request, and that nothing which goes wrong keeps it from being answered."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import FEATURES, Known, Link
from probatum.dialogue.model.teaching.preference import Preference
from probatum.dialogue.service.holdout import FOREVER, TRIAL
from probatum.dialogue.service.serving.personal import Person, Personal
from probatum.dialogue.service.serving.policies import Policies
from probatum.dialogue.service.serving.policy_file import serve, write
from probatum.dialogue.service.serving.rewriter import Request, Rewriter

pytest.importorskip("rapidfuzz")
pytest.importorskip("scipy")
KEY = bytes(range(32))
HEARD, MEANT = "open the garbage door", "open the garage door"
TEXTS = [(MEANT, Known(98.0, 100)), (HEARD, Known(4.0, 100)), ("play some jazz", Known(99.0, 100))]


@pytest.fixture
def personal(tmp_path: Path) -> Iterator[Personal]:
    with closing(Personal(tmp_path / "people.db")) as made:
        yield made


@pytest.fixture
def rewriter(tmp_path: Path, personal: Personal) -> Callable[..., Rewriter]:
    def make(state: str = "active", **more: Any) -> Rewriter:
        digest = write(tmp_path, texts=TEXTS, links=[(HEARD, Link(MEANT, 0.95, "r1", state))])
        serve(tmp_path, digest)
        return Rewriter(Policies(tmp_path), KEY, personal, **more)

    return make


def arms(one: Rewriter, many: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for user in range(many):
        answer = one.answer(Request(text="Open the garbage door!", user=f"u{user}"))
        found[answer.arm] = found.get(answer.arm, 0) + 1
        assert (answer.action, answer.text) == (
            ("rewrite", MEANT) if answer.arm == "treated" else ("keep", "Open the garbage door!")
        )
        assert answer.rewrite == "r1"
        assert answer.propensity == {"treated": 1 - FOREVER, "holdout": FOREVER}[answer.arm]
    return found


def test_a_rewrite_in_use_reaches_all_but_those_held_out(rewriter: Callable[..., Rewriter]) -> None:
    found = arms(rewriter(), 1000)

    assert 25 <= found["holdout"] <= 80  # 5 %, within five standard errors


def test_a_canary_reaches_half(rewriter: Callable[..., Rewriter]) -> None:
    answers = [rewriter("canary").answer(Request(text=HEARD, user=f"u{user}")) for user in range(200)]

    assert 60 <= sum(one.arm == "treated" for one in answers) <= 140
    assert {one.propensity for one in answers} == {TRIAL}


@pytest.mark.parametrize("state", ["shadow", "candidate", "blocked"])
def test_what_is_not_in_use_is_kept(rewriter: Callable[..., Rewriter], state: str) -> None:
    answer = rewriter(state).answer(Request(text=HEARD, user="u"))

    assert (answer.action, answer.text, answer.arm) == ("keep", HEARD, "none")
    assert answer.reasons == (("shadow r1",) if state == "shadow" else ("nothing served",))


def test_what_works_and_what_nobody_knows_is_kept(rewriter: Callable[..., Rewriter]) -> None:
    one = rewriter()

    for text in ("play some jazz", "something new", "", "!!!", "call 911", "x" * 5000):
        assert one.answer(Request(text=text, user="u")).action == "keep"
    assert one.counts["reason denied"] == 1
    assert one.counts["reason no words"] == 2
    assert one.counts["reason long"] == 1


def test_what_a_user_taught_holds_from_the_next_request_until_it_is_forgotten(rewriter: Callable[..., Rewriter]) -> None:
    one = rewriter()
    one.teach("ann", "Sunshine!", "turn on the living room lights")

    answer = one.answer(Request(text="sunshine", user="ann"))
    assert (answer.action, answer.text, answer.reasons) == ("rewrite", "turn on the living room lights", ("taught",))
    assert one.answer(Request(text="sunshine", user="bob")).action == "keep"
    assert one.feedback(answer.turn, well=False)
    assert one.answer(Request(text="sunshine", user="ann")).action == "keep"


def test_nothing_is_learnt_of_what_must_not_be_touched(rewriter: Callable[..., Rewriter]) -> None:
    one = rewriter()

    for said, meant in (("call 911", "play jazz"), ("jazz", "Jazz!"), ("", "jazz")):
        with pytest.raises(ValueError, match=r"needed|not to be touched"):
            one.teach("ann", said, meant)


def test_a_habit_is_served_after_enough_uses(rewriter: Callable[..., Rewriter], personal: Personal) -> None:
    one = rewriter()
    now = time.time()
    for times, action in ((1, "ask"), (2, "rewrite")):
        own = Habits()
        for _ in range(times):
            own.add("grand mars lamp on", "turn on grandmas lamp", well=1.0, at=now)
        personal.put_habits([(pseudonym("ann", KEY, "user") or "", own)])
        policy = one.policies.policy
        assert policy is not None
        policy.weights = tuple(8.0 if n == 10 else w for n, w in enumerate(policy.weights))  # who meant it before, means it

        answer = one.answer(Request(text="grand mars lamp on", user="ann", session=f"s{times}"))
        if answer.arm != "holdout":
            assert (answer.action, answer.text) == (action, "turn on grandmas lamp")


@pytest.mark.parametrize(("given_up", "action"), [(0, "rewrite"), (2, "rewrite"), (3, "ask")])
def test_what_a_user_only_settles_for_is_not_served(
    rewriter: Callable[..., Rewriter], personal: Personal, given_up: int, action: str
) -> None:
    one = rewriter()
    habits = Habits()
    for at in range(3):
        habits.add("what is on my calendar", "play some jazz", well=1.0, at=float(at))
    for at in range(given_up):
        habits.give_up("what is on my calendar", at=float(at))
    personal.put(pseudonym("u1", KEY, "user") or "", Person(habits))

    found = one.answer(Request(text="what is on my calendar", user="u1", session="s", at=3.0))

    assert (found.action, found.text) == (action, "play some jazz")


def test_what_a_user_says_is_served_for_what_sounds_like_it(rewriter: Callable[..., Rewriter], personal: Personal) -> None:
    one = rewriter()
    for uses, action in ((1, "ask"), (2, "rewrite")):
        own = Habits()
        for _ in range(uses):
            own.add("turn on grandmas lamp", "turn on grandmas lamp", well=1.0, at=time.time())
        personal.put_habits([(pseudonym("ann", KEY, "user") or "", own)])
        policy = one.policies.policy
        assert policy is not None
        policy.weights = tuple(9.0 if FEATURES[n] in ("use", "likeness") else w for n, w in enumerate(policy.weights))

        answer = one.answer(Request(text="turn on grand mars lamp", user="ann", session=f"s{uses}"))
        if answer.arm != "holdout":
            assert (answer.action, answer.text) == (action, "turn on grandmas lamp")


def test_a_session_is_asked_once(rewriter: Callable[..., Rewriter]) -> None:
    one = rewriter(search=lambda _: [MEANT])
    policy = one.policies.policy
    assert policy is not None
    policy.weights = tuple(3.0 if name == "likeness" else 0.0 for name in FEATURES)

    first, again = (one.answer(Request(text="open the barrage door", session="s")) for _ in range(2))
    assert (first.action, first.text) == ("ask", MEANT)
    assert again.action == "keep"
    assert one.answer(Request(text="open the barrage door")).action == "keep"  # nobody to ask


def test_a_search_that_is_late_or_fails_keeps_the_request(rewriter: Callable[..., Rewriter]) -> None:
    def slow(_: str) -> Sequence[str]:
        time.sleep(0.2)
        return [MEANT]

    def broken(_: str) -> Sequence[str]:
        raise OSError("the index is gone")

    late, failed = rewriter(search=slow, deadline_s=0.01), rewriter(search=broken)

    begun = time.perf_counter()
    answer = late.answer(Request(text="something new", user="u"))
    assert (answer.action, answer.reasons) == ("keep", ("late",))
    assert time.perf_counter() - begun < 0.15  # it did not wait for the search
    answer = failed.answer(Request(text="something new", user="u"))
    assert (answer.action, answer.reasons) == ("keep", ("failed: OSError",))


def test_a_store_that_is_gone_keeps_the_request(rewriter: Callable[..., Rewriter], personal: Personal) -> None:
    one = rewriter()
    personal.close()

    answer = one.answer(Request(text=HEARD, user="ann"))
    assert (answer.action, answer.text, answer.reasons) == ("keep", HEARD, ("failed: ProgrammingError",))


def test_without_a_policy_requests_are_kept(tmp_path: Path) -> None:
    one = Rewriter(Policies(tmp_path), KEY)

    assert one.answer(Request(text=HEARD)).reasons == ("no policy",)


def test_who_is_forgotten_is_in_no_file(rewriter: Callable[..., Rewriter], tmp_path: Path) -> None:
    one = rewriter()
    one.teach("ann", "sunshine", "turn on grandmas secret lamp")
    one.teach("bob", "moonshine", "turn off the lamp")
    answer = one.answer(Request(text="sunshine", user="ann"))

    assert one.forget("ann")
    assert not one.forget("ann")
    assert not one.feedback(answer.turn, well=True)
    assert one.answer(Request(text="moonshine", user="bob")).action == "rewrite"
    raw = b"".join(path.read_bytes() for path in tmp_path.glob("people.db*"))
    assert b"secret" not in raw
    assert b"moonshine" in raw


def test_another_process_that_writes_is_seen(rewriter: Callable[..., Rewriter], tmp_path: Path) -> None:
    one = rewriter()
    assert one.answer(Request(text="sunshine", user="ann")).action == "keep"
    with closing(Personal(tmp_path / "people.db")) as other:
        other.teach(pseudonym("ann", KEY, "user") or "", meaning("sunshine", "turn on the lamp"))

    assert one.answer(Request(text="sunshine", user="ann")).action == "rewrite"


def test_a_damaged_row_is_nothing_known(personal: Personal, tmp_path: Path) -> None:
    personal.teach("someone", meaning("a", "b"))
    with closing(sqlite3.connect(tmp_path / "people.db", isolation_level=None)) as database:
        database.execute("update taught set json = '{'")
        database.execute("update people set json = '[[['")

    assert personal.get("someone") == Person()


def test_few_users_are_kept_at_hand(personal: Personal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probatum.dialogue.service.serving.personal._CACHED", 10)
    own = Habits()
    for text in ("a b", "c d", "e f"):
        own.add(text, text, well=1.0, at=0.0)
    personal.put_habits((user, own) for user in "abc")

    first = personal.get("a")
    assert personal.get("a") is first
    for user in "bcab":
        assert personal.get(user) == Person(own)
    assert personal.get("a") is not first
    personal.put("a", first)
    assert personal.forget("a")
    assert personal.get("a") == Person()


def test_new_habits_leave_what_was_taught(personal: Personal) -> None:
    personal.teach("a", meaning("x", "y"))
    own = Habits()
    own.add("p", "p", well=1.0, at=0.0)

    assert personal.put_habits([("a", own), ("b", own)]) == 2
    assert personal.get("a").taught.current == [meaning("x", "y")]
    assert personal.put_habits([]) == 1
    assert personal.get("a").habits == Habits()
    assert personal.get("a").taught.current == [meaning("x", "y")]


def meaning(phrase: str, means: str) -> Preference:
    return Preference(kind="alias", phrase=phrase, means=means, created=1.0)
