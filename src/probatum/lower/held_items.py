"""What is known of collections in collections that a function is given: rows are lists, and none of them is None.

Code learns that of a row when it reads it. Conditions over all rows read none,
and would have to say it themselves.
"""

from __future__ import annotations

from probatum.lower.heap import Heap
from probatum.lower.terms import Term
from probatum.python import types as t

_DEEP = 2  # levels of rows: collections in collections in a collection


def fact_of_items(lowerer: Heap, term: Term, depth: int = _DEEP) -> str:
    """Return what is known of every item of a collection, if items are collections that can change; "" if nothing is."""
    own = term.type
    if depth == 0 or lowerer.strict_frames or lowerer.may_be_none(own) or not lowerer.sorts.shared(own):
        return ""
    variable = f"k{depth}'"
    match own:
        case t.Collection(kind="list" | "deque", item=held):
            content, place = lowerer.content(term), "int"
            text, within = f"Seq_at({content}, {variable})", f"0 <= {variable} && {variable} < Seq_len({content})"
        case t.Mapping(key=key, value=held):
            content, place = lowerer.content(term), lowerer.sort(key)
            text, within = f"Map_get({content}, {variable})", f"Map_has({content}, {variable})"
        case _:
            return ""
    if lowerer.may_be_none(held) or not lowerer.sorts.shared(held):
        return ""
    item = Term(text, held)
    inner = fact_of_items(lowerer, item, depth - 1)
    more = f" && {inner}" if inner else ""
    return f"(forall {variable}: {place} :: {{{text}}} {within} ==> {lowerer.fact(item)}{more})"
