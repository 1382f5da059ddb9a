"""Steps and ends of goals are counted once for each user, exactly, and as if who is gone had never been there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from probatum.dialogue.model.chain import build, solve
from probatum.dialogue.semantics import edges
from probatum.dialogue.semantics.edges import UNIT, Counted, count, sayings, visits
from probatum.runner.tables import Tables

pytest.importorskip("duckdb")
UNTIL = datetime(2026, 4, 1)  # noqa: DTZ001 - the tables' times are UTC, without a zone
Visit = tuple[str | None, int, int, datetime | None, int | None, float, float | None]  # as the columns, less the household


@pytest.fixture(scope="module")
def tables():
    with Tables(threads=1) as opened:
        yield opened


def relation(rows: list[Visit]) -> str:
    def shown(value: Any) -> str:
        return "null" if value is None else f"'{value}'" if isinstance(value, str | datetime) else repr(value)

    listed = ", ".join("(" + ", ".join(map(shown, row)) + ")" for row in rows)
    named = "user_id, goal, position, asked_at, state, p_good, importance"
    return f"""(select case when user_id is not null then hash(user_id) end as person, hash('h' || user_id) as home, goal::ubigint as goal, position::bigint as position,
        asked_at::timestamp as asked_at, state::ubigint as state, p_good::double as p_good, importance::double as importance
        from (values {listed}) as t({named}))"""  # noqa: S608 - a test's own


def counted(tables: Tables, rows: list[Visit]) -> Counted:
    return count(tables, relation(rows), until=UNTIL.isoformat())


def same(one: Counted, other: Counted) -> bool:
    return all(
        np.array_equal(getattr(getattr(one, part), f.name), getattr(getattr(other, part), f.name))
        for part in ("states", "steps")
        for f in fields(getattr(one, part))
    )


rows = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bo", "cy", None]),
        st.integers(1, 3),
        st.integers(0, 5),
        st.one_of(st.none(), st.integers(-3, 100 * 24 * 3600).map(lambda s: UNTIL - timedelta(seconds=s))),
        st.one_of(st.none(), st.integers(1, 4)),
        st.sampled_from([0.0, 0.25, 1.0]),
        st.sampled_from([None, 1.0, 1.0, 20.0]),
    ),
    min_size=1,
    max_size=25,
    unique_by=lambda row: row[:3],
)


def by_hand(visits: list[Visit]) -> dict[tuple[str, Any], Any]:
    """Count as the documentation says, one visit after the other."""
    walks: dict[tuple[str, int], list[Visit]] = defaultdict(list)
    for row in visits:
        if row[0] is None or row[4] is None:
            continue
        if row[3] is None or UNTIL - timedelta(days=90) < row[3] <= UNTIL:
            walks[row[0], row[1]].append(row)
    step: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    ended: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    visited: dict[tuple[int, str], int] = defaultdict(int)
    repeated: dict[tuple[int, str], int] = defaultdict(int)
    for (user, _), walk in walks.items():
        walk.sort(key=lambda row: (row[3] is not None, row[3] or UNTIL, row[2]))
        for at, (_, _, _, asked, state, good, importance) in enumerate(walk):
            if importance is None:
                continue
            assert state is not None
            age = (UNTIL - asked).total_seconds() if asked else 90 * 86400
            weight = round(UNIT * importance * 2 ** (-age / (30 * 86400)))
            visited[state, user] += 1
            if at + 1 == len(walk):
                ended[state, user].append((weight, round(UNIT * good)))
            elif walk[at + 1][4] == state:
                repeated[state, user] += 1
            else:
                mine = step[state, walk[at + 1][4]]
                mine[user] = max(mine.get(user, 0), weight)
    found: dict[tuple[str, Any], Any] = {("step", pair): (len(own), sum(own.values()) / UNIT) for pair, own in step.items()}
    for state in {state for state, _ in visited}:
        users = [user for at, user in visited if at == state]
        good = total = direct = 0
        for user in users:
            ends = ended.get((state, user), [])
            mine = sum(well for _, well in ends)
            heaviest = max((weight for weight, _ in ends), default=0)
            total += heaviest
            good += heaviest * mine // (len(ends) * UNIT) if ends else 0
            tries = visited[state, user] - repeated[state, user]
            direct += mine // tries if tries else 0
        tried = sum(visited[state, user] > repeated[state, user] for user in users)
        found["state", state] = (len(users), good / UNIT, (total - good) / UNIT, direct / UNIT, tried)
    return found


@pytest.mark.slow  # asks a database hundreds of questions
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows)
def test_counts_are_those_of_a_count_by_hand(tables: Tables, visits: list[Visit]) -> None:
    found = counted(tables, visits)

    s, e = found.states, found.steps
    ours: dict[tuple[str, Any], Any] = {
        ("step", (int(i), int(j))): (int(u), float(w)) for i, j, u, w in zip(e.source, e.target, e.users, e.weight, strict=True)
    }
    for at, state in enumerate(s.state.tolist()):
        ours["state", state] = (int(s.users[at]), s.good[at], s.bad[at], s.direct[at], int(s.tried[at]))
    assert ours == by_hand(visits)
    assert found.without_user == sum(row[0] is None for row in visits)


@pytest.mark.slow  # asks a database hundreds of questions
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows, st.sampled_from(["ann", "bo"]))
def test_a_log_without_a_user_is_as_if_they_had_never_been_there(tables: Tables, visits: list[Visit], gone: str) -> None:
    """What each user contributes is added, so it can be taken away again."""
    rest = [row for row in visits if row[0] != gone]
    alone = [row for row in visits if row[0] == gone]
    if not rest or not alone:
        return

    whole, without, own = counted(tables, visits), counted(tables, rest), counted(tables, alone)

    left = dict(zip(zip(whole.steps.source.tolist(), whole.steps.target.tolist(), strict=True), whole.steps.weight, strict=True))
    for i, j, weight in zip(own.steps.source.tolist(), own.steps.target.tolist(), own.steps.weight, strict=True):
        left[i, j] -= weight
    pairs = zip(without.steps.source.tolist(), without.steps.target.tolist(), strict=True)
    assert {pair: w for pair, w in left.items() if w} == {p: w for p, w in zip(pairs, without.steps.weight, strict=True) if w}


@pytest.mark.slow  # asks a database hundreds of questions
@settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows)
def test_who_says_the_same_twice_counts_once(tables: Tables, visits: list[Visit]) -> None:
    twice = visits + [(user, goal + 10, *rest) for user, goal, *rest in visits]

    one, other = counted(tables, visits), counted(tables, twice)

    for name in ("users", "weight", "weeks", "hours"):
        assert np.array_equal(getattr(one.steps, name), getattr(other.steps, name))
    for name in ("users", "good", "bad", "tried"):
        assert np.array_equal(getattr(one.states, name), getattr(other.states, name))
    assert one.states.direct == pytest.approx(other.states.direct, abs=1e-4)


def test_shares_of_states_are_counted_one_after_the_other(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    at = [UNTIL - timedelta(hours=7 * n) for n in range(40)]
    visits: list[Visit] = [(f"u{n % 5}", n // 3, n, at[n], n % 7, 0.5, 1.0) for n in range(40)]
    whole = counted(tables, visits)

    monkeypatch.setattr(edges, "_AT_ONCE", 6)

    assert same(counted(tables, visits), whole)


TURNS = """(select * from (values
    ('ann', 'g1', 0, timestamp '2026-03-01 10:00:00', 1::ubigint, null::ubigint, '', null::double, '', '', {none}, .1),
    ('ann', 'g1', 1, timestamp '2026-03-01 10:00:09', 2, null, '', null, 'cover', 'open', [{garage}, {zone}], 1.0),
    ('bo', 'g2', 0, timestamp '2026-03-02 10:00:00', 3, null, null, null, 'cover', 'open', [{zone}, {garage}], 1.0),
    ('bo', 'g3', 0, timestamp '2026-03-02 11:00:00', 1, 2, 'treated', .95, 'cover', 'open', {none}, 1.0),
    ('cy', 'g4', 0, timestamp '2026-03-03 10:00:00', 1, null, 'holdout', .05, null, null, {none}, 0.0)
  ) as t(user_id, goal, position, asked_at, text_id, rewritten_id, arm, propensity, domain, intent, slots, p_good),
  (select 'home' as household_id))""".format(  # noqa: S608 - a test's own
    none="[]::struct(name varchar, value varchar)[]",
    garage="{'name': 'name', 'value': 'garage'}",
    zone="{'name': 'zone', 'value': 'west'}",
)


def test_rewritten_requests_say_nothing_about_what_was_said_and_held_out_ones_stand_for_all(tables: Tables) -> None:
    found = count(tables, f"({visits(TURNS)})", until=UNTIL.isoformat())

    said = found.states.state.tolist().index(1)
    assert (found.states.users[said], found.states.tried[said]) == (2, 2)  # bo was answered by a rewrite
    assert found.states.bad[said] == pytest.approx(20 * 2 ** (-(29 - 10 / 24) / 30), rel=1e-4)
    assert found.steps.weight.tolist() == [pytest.approx(2 ** (-(31 - 10 / 24) / 30), rel=1e-4)]


def test_texts_of_one_interpretation_are_one_state(tables: Tables) -> None:
    found = count(tables, f"({visits(TURNS, 'interpretation')})", until=UNTIL.isoformat())
    said = sayings(tables, TURNS, until=UNTIL.isoformat())

    assert len(found.states.state) == 2
    pooled = [set(said.text[said.interpretation == i].tolist()) for i in np.unique(said.interpretation)]
    assert sorted(map(sorted, pooled)) == [[1], [2, 3]]
    assert set(said.interpretation.tolist()) == set(found.states.state.tolist())


def test_what_was_counted_makes_a_chain(tables: Tables) -> None:
    at = UNTIL - timedelta(days=1)
    visits: list[Visit] = []
    for n in range(10):
        visits += [(f"u{n}", n, 0, at, 1, 0.0, 1.0), (f"u{n}", n, 1, at + timedelta(seconds=9), 2, 1.0, 1.0)]

    found = counted(tables, visits)
    chain = build(found.states, found.steps)

    assert found.weeks == 1
    assert solve(chain).success[0] > 0.6
    assert chain.success[0] < chain.success[1]
