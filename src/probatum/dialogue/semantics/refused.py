"""Which requests an assistant made nothing of: no intent was recognised, or nothing was found for what was named."""

from __future__ import annotations

from probatum.dialogue.semantics.signals import FALLBACKS

_STAGES = ("understanding", "resolution")


def refused(turns: str) -> str:
    """Return SQL for whether a row of a table with the columns of `artefacts.tables.TURNS` is such a request.

    A log that has neither these stages nor intents has none of them.
    """
    fallbacks = ", ".join(f"'{name}'" for name in FALLBACKS)
    stages = ", ".join(f"'{name}'" for name in _STAGES)
    return (
        f"(len([s for s in {turns}.stages if s.name in ({stages}) and s.ok = false]) > 0 "
        f"or coalesce(lower({turns}.intent) in ({fallbacks}), false))"
    )
