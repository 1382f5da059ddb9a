"""What texts were understood as, most often."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from probatum.dialogue.model.guards import Meaning

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations


def meanings(conversations: Conversations, texts: Collection[str]) -> dict[str, Meaning]:
    """Return the meaning that each normalised text had most often; texts that were never understood are left out."""
    if not texts:
        return {}
    rows = conversations.sql(
        """
        select text, domain, intent, slots from (
            select x.normalised as text, coalesce(t.domain, '') as domain, t.intent, t.slots, count(*) as n
            from {turns} t join {texts} x using (text_id)
            where list_contains($said::varchar[], x.normalised) and t.rewritten_id is null and t.intent <> ''
            group by all
        ) qualify row_number() over (partition by text order by n desc, domain, intent, slots::varchar) = 1""",
        said=sorted(set(texts)),
    )
    return {
        row["text"]: Meaning(row["domain"], row["intent"], tuple(sorted((s["name"], s["value"]) for s in row["slots"] or ())))
        for row in rows
    }
