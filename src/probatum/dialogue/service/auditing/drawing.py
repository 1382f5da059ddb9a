"""Requests that are drawn for people to judge.

They are drawn as those are that labels are checked by, with `model.exploration`: each request by itself, with a probability that is kept.
"""

from __future__ import annotations

import secrets
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Any

from probatum.dialogue.model.exploration import FLOOR, Askable, draw
from probatum.dialogue.semantics.goals import whole
from probatum.dialogue.semantics.phrases import said
from probatum.dialogue.service.auditing.plan import Asked, Plan
from probatum.dialogue.service.auditing.sheet import NOTHING, Shown, written
from probatum.errors import ProbatumError

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.dialogue.service.registry import Rewrite


class NothingToAudit(ProbatumError):
    """There is no request that could be shown."""


def sample(
    conversations: Conversations,
    goals: str,
    rewrites: Mapping[str, Rewrite],
    many: int,
    *,
    users: int,
    seed: int | None = None,
) -> tuple[Plan, str]:
    """Draw requests, and return the plan and the sheet as CSV.

    Parameters
    ----------
    conversations : Conversations
    goals : str
        See `semantics.goals`.
    rewrites : mapping of identifier to Rewrite
        On record: answers with and without them are set side by side, half of the rows if there are so many.
    many : int
        About so many rows: each is drawn by itself.
    users : int
        Only requests and answers of at least so many users are shown; 1 for all.
    seed : int or None
        None: drawn.

    Raises
    ------
    NothingToAudit
        If no request can be shown, or none was drawn.
    """
    seed = secrets.randbits(32) if seed is None else seed
    rng = Random(seed)  # noqa: S311 - a sample that can be drawn again
    rows = _requests(conversations, goals)
    wide: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        for text in {row["text"], row["answer"]}:
            wide[text].add(row["user_id"])
    shown = [row for row in rows if all(len(wide[text]) >= users for text in (row["text"], row["answer"]))]
    if not shown:
        raise NothingToAudit(
            f"none of {len(rows):,} requests can be shown: each was made by fewer than {users} users, or its answer was given to fewer",
            help="name a smaller `--users` if those who judge may see what single users said",
        )
    compared, single = _compared(shown, rewrites)
    two = min(len(compared), many // 2)
    chosen = [*_drawn(compared, two, seed, floor=1.0), *_drawn(single, many - two, seed, floor=FLOOR)]
    if not chosen:
        raise NothingToAudit(
            f"none of {len(shown):,} requests was drawn with the seed {seed}", help="ask for more, or draw again"
        )
    rows_drawn = [_asked(row, chance, rng) for row, chance in chosen]
    rng.shuffle(rows_drawn)
    plan = Plan(
        identifier=f"{rng.getrandbits(48):012x}",
        seed=seed,
        frame=len(shown),
        hidden=len(rows) - len(shown),
        rows=tuple(asked for asked, _ in rows_drawn),
    )
    return plan, written(cells for _, cells in rows_drawn)


def _compared(
    shown: Sequence[Mapping[str, Any]], rewrites: Mapping[str, Rewrite]
) -> tuple[list[Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Return requests of which the answer with and without a rewrite is known, with the other one, and all others."""
    answers: dict[str, Counter[str]] = defaultdict(Counter)
    for row in shown:
        answers[row["became"] or row["text"]][row["answer"]] += 1
    by_source = {one.source: name for name, one in rewrites.items() if one.scope == "global" and one.state != "retired"}
    compared: list[Mapping[str, Any]] = []
    single: list[Mapping[str, Any]] = []
    for row in shown:
        name = by_source.get(row["text"])
        target = rewrites[name].target if name is not None else ""
        other = answers.get(row["text"] if row["became"] else target) if name is not None else None
        if other and row["became"] in ("", target):
            # The other answer is the one that most got who were answered so.
            compared.append({**row, "rewrite": name, "other": other.most_common(1)[0][0]})
        else:
            single.append(row)
    return compared, single


def _drawn(rows: Sequence[Mapping[str, Any]], budget: int, seed: int, *, floor: float) -> list[tuple[Mapping[str, Any], float]]:
    """Draw about so many rows, each with its probability; with a floor of 1 all alike."""
    if not rows or not budget:
        return []
    items = [Askable(row["turn_id"], row["user_id"], row["text"], (1 - row["p_good"],)) for row in rows]
    known = {row["turn_id"]: row for row in rows}
    return [(known[one.turn], one.chance) for one in draw(items, budget=budget, seed=str(seed), floor=floor)]


def _requests(conversations: Conversations, goals: str) -> list[dict[str, Any]]:
    query = f"""
        select g.turn_id, g.user_id, g.p_good, x.normalised as text, coalesce(b.normalised, '') as became,
               coalesce(r.normalised, '{NOTHING}') as answer
        from {whole(goals)} g join {{texts}} x on x.text_id = g.text_id
        left join {{texts}} b on b.text_id = g.rewritten_id left join {{texts}} r on r.text_id = g.response_id
        where g.user_id is not null order by g.turn_id"""  # noqa: S608 - names of our own
    found = [dict(row) for batch in conversations.stream(query, size=20_000) for row in batch]
    remarks = {text for text in {row["text"] for row in found} if said(text)}
    return [row for row in found if row["text"] not in remarks]


def _asked(row: Mapping[str, Any], inclusion: float, rng: Random) -> tuple[Asked, Shown]:
    other = row.get("other", "")
    got = rng.choice("ab") if other else "a"
    asked = Asked(
        row=f"{rng.getrandbits(40):010x}",
        turn=row["turn_id"],
        user=row["user_id"],
        inclusion=inclusion,
        rewrite=row.get("rewrite", ""),
        got=got,
        other=("b" if got == "a" else "a") if other else "",
        rewritten=bool(row["became"]),
    )
    one, two = (row["answer"], other) if got == "a" else (other, row["answer"])
    return asked, Shown(asked.row, row["text"], one, two)
