"""Which values of a recorded column count as positive: what was said, or 1 and true where nothing else occurs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from probatum.fairness.semantics.relation import Relation, quoted

_YES, _NO = ("1", "1.0", "true", "t"), ("0", "0.0", "false", "f")
_SHOWN = 5


def words_of(positive: Any) -> tuple[str, ...]:
    """Return the spellings of a positive value, or of several; none where nothing was said.

    A number is meant however it is written, and so is a truth value.
    """
    if positive is None or positive == "":
        return ()
    many = positive if isinstance(positive, Sequence) and not isinstance(positive, str) else (positive,)
    found: list[str] = []
    for one in many:
        text = str(one).strip().lower()
        found += _YES if text in _YES else [text]
        try:
            found += [f"{float(text):g}", str(float(text))]
        except ValueError:
            continue
    return tuple(dict.fromkeys(found))


def truth(relation: Relation, column: str, words: Sequence[str]) -> tuple[str, str]:
    """Return whether a column is positive, as SQL: 1, 0, or null where it is missing; or ("", why that cannot be said)."""
    text = f"nullif(nullif(lower(trim(cast({quoted(column)} as varchar))), ''), 'nan')"
    if words:
        listed = ", ".join("'" + one.replace("'", "''") + "'" for one in words)
        return f"case when {text} is null then null when {text} in ({listed}) then 1 else 0 end", ""
    others = relation.sql(
        f"select distinct {text} as v from {{table}} where {text} not in {(*_YES, *_NO)} order by v limit {_SHOWN}"  # noqa: S608 - quoted
    )
    if others:
        shown = ", ".join(f"`{row['v']}`" for row in others)
        return "", f"the column `{column}` holds {shown}, and it was not said which value is positive"
    return f"case when {text} in {_YES} then 1 when {text} in {_NO} then 0 end", ""
