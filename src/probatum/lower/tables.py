"""Long displays of whole numbers: tables of remainders, of squares, of days.

Item after item pushed to a sequence would be a term as deep as the table is long,
and each step an instance of many facts. A table is a constant instead, of which
are known its length, each item by its place, within which limits all items are,
and whether they ascend.
"""

from __future__ import annotations

import re
from collections.abc import MutableMapping, Sequence
from itertools import pairwise

from probatum.source import digest

LONG = 16  # items from which on a display is a table
_number = re.compile(r"-?[0-9]+|\((?:0 )?-\s?[0-9]+\)")


def named_table(items: Sequence[str], sort: str, declarations: MutableMapping[str, str]) -> str | None:
    """Return the constant of a long display of whole numbers, declared when it is first met; None for any other display.

    Parameters
    ----------
    items : sequence of str
        Terms.
    sort : str
        Of the items.
    declarations : mapping
        Of the program, by name.
    """
    if sort != "int" or len(items) < LONG or not all(_number.fullmatch(item) for item in items):
        return None
    values = [int(re.sub(r"[()\s]|(?<=\()0", "", item)) for item in items]
    name = f"table'{digest(repr(values))[:16]}"
    if name not in declarations:
        declarations[name] = "\n".join(_facts(name, values))
    return name


def _facts(name: str, values: list[int]) -> list[str]:
    size = len(values)
    item = f"Seq_at({name}, i)"
    # All in one fact about a place that is asked about: were each item a term of its own, each would be
    # another place to be compared with every other.
    each = " && ".join(f"(i == {place} ==> {item} == {value})" for place, value in enumerate(values))
    limits = f"(0 <= i && i < {size} ==> {min(values)} <= {item} && {item} <= {max(values)})"
    facts = [
        f"const {name}: Seq int;",
        f"axiom Seq_len({name}) == {size};",
        f"axiom (forall i: int :: {{{item}}} {limits} && {each});",
    ]
    if all(a <= b for a, b in pairwise(values)):
        order = "<" if all(a < b for a, b in pairwise(values)) else "<="
        facts.append(
            f"axiom (forall i: int, j: int :: {{Seq_at({name}, i), Seq_at({name}, j)}} "
            f"0 <= i && i < j && j < {size} ==> Seq_at({name}, i) {order} Seq_at({name}, j));"
        )
    return facts
