"""What texts and templates were understood as, most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from typing import TYPE_CHECKING

from probatum.dialogue.artefacts.utterance import GAP
from probatum.dialogue.model.guards import Meaning
from probatum.dialogue.semantics.templates import Templates, is_template

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations


def meanings(conversations: Conversations, texts: Collection[str]) -> dict[str, Meaning]:
    """Return the meaning that each normalised text had most often; texts that were never understood are left out.

    Of a template it is that of its instances; a slot whose value is what was in a gap has `GAP` as its value.
    """
    if not texts:
        return {}
    templates = Templates(texts)
    if len(templates):
        plain = meanings(conversations, [text for text in texts if not is_template(text)])
        return {**plain, **_of_templates(conversations, templates)}
    said = conversations.free("said")
    conversations.keep(said, "select unnest($wanted::varchar[]) as normalised", wanted=sorted(set(texts)))
    rows = conversations.sql(
        f"""
        select text, domain, intent, slots from (
            select x.normalised as text, coalesce(t.domain, '') as domain, t.intent, t.slots, count(*) as n
            from {{turns}} t join {{texts}} x using (text_id) join {said} using (normalised)
            where t.rewritten_id is null and t.intent <> ''
            group by all
        ) qualify row_number() over (partition by text order by n desc, domain, intent, slots::varchar) = 1"""  # noqa: S608 - ours
    )
    return {
        row["text"]: Meaning(row["domain"], row["intent"], tuple(sorted((s["name"], s["value"]) for s in row["slots"] or ())))
        for row in rows
    }


def _of_templates(conversations: Conversations, templates: Templates) -> dict[str, Meaning]:
    seen: dict[str, Counter[Meaning]] = {}
    for batch in conversations.stream(
        """select x.normalised as text, coalesce(t.domain, '') as domain, t.intent, t.slots, count(distinct t.user_id) as users
           from {turns} t join {texts} x using (text_id) where t.rewritten_id is null and t.intent <> '' group by all"""
    ):
        for row in batch:
            at = templates.owner(row["text"])
            if at is not None:
                gaps = {form for words in at[1] for form in (words, words.removeprefix("the "))}
                slots = tuple(
                    sorted((s["name"], GAP if s["value"].casefold() in gaps else s["value"]) for s in row["slots"] or ())
                )
                seen.setdefault(at[0], Counter())[Meaning(row["domain"], row["intent"], slots)] += row["users"]
    return {
        template: max(counts.items(), key=lambda item: (item[1], item[0].intent, item[0].slots))[0]
        for template, counts in sorted(seen.items())
    }
