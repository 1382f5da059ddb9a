"""From a log to a candidate: tries at one thing are one goal, and what served in the end is proposed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from plain_turns import stored

from probatum.dialogue.model.candidates import candidates, proposals
from probatum.dialogue.model.chain import build, solve
from probatum.dialogue.model.guards import Asked, Limits
from probatum.dialogue.model.outcome import fit
from probatum.dialogue.semantics.edges import count
from probatum.dialogue.semantics.goals import goals, walks
from probatum.dialogue.semantics.judged import judged, patterns

pytest.importorskip("duckdb")
DAY = 86400.0
START = 1_767_225_600.0  # 2026-01-01
HEARD, MEANT, NEXT = "open the garbage door", "open the garage door", "play some jazz"


def turn(user: int, at: float, text: str, response: str) -> dict[str, Any]:
    return {
        "conversation": f"c{user} {at}",
        "user": f"u{user}",
        "device": f"d{user}",
        "household": f"h{user}",
        "asked_at": at,
        "answered_at": at + 1,
        "text": text,
        "response": response,
    }


def log(users: int) -> list[dict[str, Any]]:
    """Each user is misheard once, says it again, and wants music an hour later; some also say it right at once."""
    turns = []
    for user in range(users):
        at = START + user * DAY
        turns += [
            turn(user, at, HEARD, "Sorry, I didn't understand that"),
            turn(user, at + 9, MEANT, "Opened the garage door"),
            turn(user, at + 3600, NEXT, "Here is some jazz"),
            turn(user, at + 9000, MEANT, "Opened the garage door"),
        ]
    return turns


@pytest.mark.slow  # stores a log, and asks a database tens of questions
def test_a_log_gives_the_candidate_that_its_users_found(tmp_path: Path) -> None:
    with stored(tmp_path, log(60)) as conversations:
        seen = patterns(conversations, judged(conversations, gap_s=300, window_s=45))
        outcome = fit(list(seen), list(seen.values()))
        table = goals(conversations, {one: outcome.probability(one) for one in seen}, gap_s=300, window_s=45)
        query = f"select person, count(distinct goal) as goals, count(*) as turns from {table} group by person"  # noqa: S608 - a test's own
        rows = conversations.sql(query)
        counted = count(conversations, f"({walks(table)})", until="2026-03-02")
        texts = {row["text_id"]: row["normalised"] for row in conversations.sql("select text_id, normalised from {texts}")}

    assert {(row["goals"], row["turns"]) for row in rows} == {(3, 4)}
    steps = counted.steps
    assert [(texts[int(i)], texts[int(j)]) for i, j in zip(steps.source, steps.target, strict=True)] == [(HEARD, MEANT)]
    assert steps.users.tolist() == [60]
    chain = build(counted.states, counted.steps)
    limits = Limits(log_weeks=counted.weeks)
    proposed = proposals(
        counted, chain, solve(chain), text=texts.__getitem__, meaning=lambda _: None, limits=limits, asked=Asked()
    )
    [one] = candidates(proposed)[0]
    assert (one.pair.source, one.pair.target) == (HEARD, MEANT)
    assert one.share > 0.8
