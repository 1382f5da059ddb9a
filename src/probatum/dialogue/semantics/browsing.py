"""One thing after another: requests for alternatives, told from corrections where a log has no intents.

Whoever says `play thunder` and then `play halo` has tried again, or heard enough of the first. What somebody corrects is
rarely what somebody else arrives at; what people browse they come to as well as leave. So two requests that are the same but for words
that do not sound alike are alternatives if users both come to each from such a request, and go on from it to another.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.sessions import turn_number

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

_FEWEST = 3  # users who come to a request, and who go on from it
_BOTH_WAYS = 4  # times as many may go one way as the other


def browsed(
    conversations: Conversations, steps: str, pairs: str, *, window_s: float, unlike: Callable[[str, str], bool]
) -> set[tuple[int, int]]:
    """Return which of some pairs of texts are alternatives; none where the log has intents, which tell it better.

    Parameters
    ----------
    steps : str
        The name of a table of sessions; see `sessions.sessions`.
    pairs : str
        Of a table `text_id`, `next_text` of what is similar.
    window_s : float
        In which a request can be a second try.
    unlike : callable of (str, str) to bool
        Whether words sound so different that none is heard for the other.
    """
    [known] = conversations.sql("select count(*) filter (intent <> '') as intents from {turns}")
    if known["intents"]:
        return set()
    query = f"""
        select p.text_id, p.next_text, a.normalised as one, b.normalised as other from {pairs} p
        join {{texts}} a on a.text_id = p.text_id join {{texts}} b on b.text_id = p.next_text order by 1, 2
        """  # noqa: S608 - names of our own
    kept: list[tuple[int, int, str]] = []
    for batch in conversations.stream(query, size=50_000):
        for row in batch:
            frame, *words = _differing(row["one"].split(), row["other"].split())
            if all(words) and frame.strip("_ ") and unlike(*words):
                kept.append((row["text_id"], row["next_text"], frame))
    return _both_ways(conversations, steps, kept, window_s) if kept else set()


def _differing(one: list[str], other: list[str]) -> tuple[str, str, str]:
    """Return what two texts share, with `_` for the rest, and the rest of each."""
    first = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    ends = zip(reversed(one[first:]), reversed(other[first:]), strict=False)
    last = next((n for n, (a, b) in enumerate(ends) if a != b), min(len(one), len(other)) - first)
    frame = [*one[:first], "_", *one[len(one) - last :]]
    return " ".join(frame), " ".join(one[first : len(one) - last]), " ".join(other[first : len(other) - last])


def _both_ways(
    conversations: Conversations, steps: str, kept: list[tuple[int, int, str]], window_s: float
) -> set[tuple[int, int]]:
    name = conversations.free("browsed")
    columns = "unnest($one::ubigint[]) as text_id, unnest($two::ubigint[]) as next_text, unnest($shared::varchar[]) as frame"
    conversations.keep(
        name,
        f"select {columns}",
        one=[a for a, _, _ in kept],
        two=[b for _, b, _ in kept],
        shared=[frame for _, _, frame in kept],
    )
    rows = conversations.sql(
        f"""
        with gone as (
          select distinct k.text_id, k.next_text, k.frame, hash(coalesce(t.user_id, t.conversation_id)) as unit
          from {steps} s join {name} k on k.text_id = s.text_id and k.next_text = s.next_text
          join {{turns}} t on {turn_number("t.turn_id")} = s.turn
          where s.until_s is null or s.until_s <= $window
        ), left_for as (
          select text_id, frame, count(distinct unit) as users from gone group by text_id, frame
        ), come_to as (
          select next_text as text_id, frame, count(distinct unit) as users from gone group by next_text, frame
        ), both_ways as (
          select text_id, frame from left_for l join come_to c using (text_id, frame)
          where least(l.users, c.users) >= {_FEWEST} and greatest(l.users, c.users) <= {_BOTH_WAYS} * least(l.users, c.users)
        )
        select k.text_id, k.next_text from {name} k join both_ways a on a.text_id = k.text_id and a.frame = k.frame
        join both_ways b on b.text_id = k.next_text and b.frame = k.frame""",  # noqa: S608 - names and numbers of our own
        window=window_s,
    )
    return {(row["text_id"], row["next_text"]) for row in rows}
