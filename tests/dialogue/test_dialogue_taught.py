"""What a user taught: what gives way to what, what applies to a request, and how it is kept on disk, from earlier versions too."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.teaching.preference import Grounded, Preference, preference_of
from probatum.dialogue.model.teaching.taught import Taught, taught_of
from probatum.dialogue.service.serving.personal import Personal


def own(phrase: str = "study mode", means: str = "turn on the lamp", created: float = 1.0, **more: Any) -> Preference:
    return Preference(**{"kind": "entity", "phrase": phrase, "means": means, "created": created, **more})


def test_the_newest_goes_first_and_the_other_is_history() -> None:
    taught = Taught()
    taught.add(own(means="a b", created=1.0))
    taught.add(own(means="c d", created=2.0))

    assert [one.means for one in taught.current] == ["c d"]
    [past] = taught.past
    assert (past.preference.means, past.to) == ("a b", taught.current[0].identifier)


def test_what_was_inferred_never_goes_before_what_was_said() -> None:
    taught = Taught()
    taught.add(own(means="a b", created=1.0))

    assert not taught.add(own(means="c d", created=2.0, explicit=False))
    use = taught.find("study mode", now=3.0)
    assert use is not None
    assert use.text == "a b"
    assert taught.past[0].to == taught.current[0].identifier
    assert Taught().add(own(explicit=False))


def test_in_one_room_another_meaning_may_hold_until_one_for_everywhere_comes() -> None:
    taught = Taught()
    taught.add(own(means="everywhere", created=1.0))
    taught.add(own(means="kitchen", created=2.0, circumstances=("room=kitchen",)))

    def means(*circumstances: str) -> str:
        use = taught.find("study mode", frozenset(circumstances), now=9.0)
        assert use is not None
        return use.text

    assert (means("room=kitchen"), means("room=hall")) == ("kitchen", "everywhere")
    taught.add(own(means="new", created=3.0))
    assert (means("room=kitchen"), len(taught.past)) == ("new", 2)


@pytest.mark.parametrize(
    ("preference", "request_", "becomes"),
    [
        (own(), "study mode", "turn on the lamp"),
        (own(), "please start the study mode now", "turn on the lamp"),
        (own(), "turn off study mode", None),
        (own(), "what is study mode", None),
        (own("i am cold", "set the heating to 22", kind="declarative"), "i am cold", "set the heating to 22"),
        (own("i am cold", "set the heating to 22", kind="declarative"), "start i am cold", None),
        (own("grandma's lamp", "the bedside lamp", whole=False), "turn on the grandmas lamp", "turn on the bedside lamp"),
        (own("my team", "arsenal", whole=False), "when does my team play", "when does arsenal play"),
        (own("my team", "arsenal", whole=False), "my new team", None),
        (own("lamp", "desk lamp", whole=False), "turn on the lampshade", None),
    ],
)
def test_what_a_request_becomes(preference: Preference, request_: str, becomes: str | None) -> None:
    taught = Taught([preference])

    use = taught.find(request_, now=2.0)
    assert (use.text if use is not None else None) == becomes


def test_what_has_expired_does_not_hold() -> None:
    taught = Taught([own(expires=10.0)])

    assert taught.find("study mode", now=9.0) is not None
    assert taught.find("study mode", now=10.0) is None
    assert taught.expire(11.0) == 1
    assert [one.why for one in taught.past] == ["expired"]


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.booleans(), st.sampled_from([(), ("r=1",), ("r=2",)])),
        max_size=12,
    )
)
def test_no_order_lets_an_inferred_meaning_win_or_two_hold_for_one_phrase(
    steps: list[tuple[str, str, bool, tuple[str, ...]]],
) -> None:
    taught = Taught()
    for at, (phrase, means, explicit, where) in enumerate(steps):
        taught.add(own(phrase, f"{means} {means}", float(at), explicit=explicit, circumstances=where))

    for phrase in "abc":
        told = [(at, s) for at, s in enumerate(steps) if s[0] == phrase and s[2]]
        for where in ("r=1", "r=2"):
            fitting = [(at, s) for at, s in told if not s[3] or s[3] == (where,)]
            use = taught.find(phrase, frozenset({where}), now=99.0)
            if fitting:
                assert use is not None
                assert use.preference.explicit
                assert use.text == f"{fitting[-1][1][1]} {fitting[-1][1][1]}"
    assert taught_of(json.loads(json.dumps(taught.to_json()))) == taught


@given(
    st.dictionaries(
        st.text(max_size=5), st.none() | st.text(max_size=5) | st.integers() | st.lists(st.text(max_size=3), max_size=2)
    )
)
@settings(max_examples=25)
def test_anything_else_is_no_preference(stored: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no preference"):
        preference_of(stored)
    assert taught_of({"taught": [stored], "past": [stored, 1]}) == Taught()


def test_what_is_stored_is_what_was_taught() -> None:
    whole = own(
        steps=("a b", "c d"), reach="household", circumstances=("room=hall",), expires=5.0, turn="t1",
        grounded=Grounded("pipeline", "HassTurnOn", (("name", "lamp"),)),
    )  # fmt: skip  # an argument a word

    assert preference_of(json.loads(json.dumps(whole.to_json()))) == whole


def earlier_version(path: Path) -> None:
    """Write a file as it was before lessons: what was taught beside the habits."""
    habits = Habits()
    habits.add("p", "p", well=1.0, at=0.0)
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("create table people (user text primary key, json text not null) without rowid")
        stored = json.dumps({**habits.to_json(), "taught": {"sunshine": "turn on the lamp"}})
        database.execute("insert into people values ('ann', ?)", (stored,))


@pytest.mark.parametrize("change", [
    lambda people: people.teach("ann", own(created=5.0)),
    lambda people: people.put_habits([("ann", Habits())]),
    lambda people: people.asked("ann", 5.0),
    lambda people: people.put("ann", people.get("ann")),
])  # fmt: skip  # a way a line
def test_what_was_taught_to_an_earlier_version_is_known_and_stays(tmp_path: Path, change: Callable[[Personal], object]) -> None:
    earlier_version(tmp_path / "people.db")
    for _ in range(2):
        with closing(Personal(tmp_path / "people.db")) as people:
            use = people.get("ann").taught.find("sunshine", now=9.0)
            assert use is not None
            assert use.text == "turn on the lamp"
            change(people)

    with closing(Personal(tmp_path / "people.db")) as people:
        assert people.forget("ann")
        assert people.get("ann").taught == Taught()
    assert b"sunshine" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_who_is_interrupted_while_storing_leaves_what_was_there(tmp_path: Path) -> None:
    with closing(Personal(tmp_path / "people.db")) as people:
        people.teach("ann", own())
        with closing(sqlite3.connect(tmp_path / "people.db", isolation_level=None)) as other:
            other.execute("begin immediate")
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                people.teach("ann", own("movie time", created=2.0))
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                people.unteach_about("ann", "")
            other.execute("rollback")

        assert [one.phrase for one in people.get("ann").taught.current] == ["study mode"]
    with closing(Personal(tmp_path / "people.db")) as people:
        assert [one.phrase for one in people.get("ann").taught.current] == ["study mode"]
