"""Which units train, which calibrate, and which are reported on: fixed by a hash or by time, before anybody looks.

A unit stays in its split when others are added, whoever divides them, and wherever.
"""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Literal

from probatum.errors import UsageError
from probatum.inspection.artefacts.capture import Capture

NOWHERE = ""  # of units that cannot be divided, as those without a time


def by_hash(
    captures: Iterable[Capture],
    shares: Mapping[str, float],
    *,
    of: Literal["product", "unit"] = "product",
    salt: str = "",
    together: Iterable[Collection[str]] = (),
) -> dict[str, str]:
    """Divide units by a hash of what they are.

    Parameters
    ----------
    captures : iterable of Capture
    shares : mapping of str to float
        Share of each split; they sum to 1. Of few products the shares that come out differ from these.
    of : {"product", "unit"}
        All units of a product go together, so that a split shows how products never seen do; or each for itself. A unit without a
        product is its own.
    salt : str
        Another one gives another division.
    together : iterable of collections of str
        Units that must not be divided, as near duplicates: all go where the least of their products' names goes.

    Returns
    -------
    dict of str to str
        From `capture_id` to the split.

    Raises
    ------
    UsageError
        If shares are none.
    """
    names, ends = _ends(shares)
    keys = {one.capture_id: (one.item_identifier if of == "product" else "") or one.capture_id for one in captures}
    leader = _joined(keys, together)
    return {unit: names[bisect_right(ends, _place(salt, leader[key]))] for unit, key in keys.items()}


def by_time(captures: Iterable[Capture], boundaries: Sequence[tuple[datetime, str]], *, first: str) -> dict[str, str]:
    """Divide units by when they were seen first.

    Parameters
    ----------
    captures : iterable of Capture
    boundaries : sequence of (datetime, str), ascending
        From each time on, the split of that name.
    first : str
        The split before the first boundary.

    Returns
    -------
    dict of str to str
        From `capture_id` to the split; `NOWHERE` for units without a time.

    Raises
    ------
    UsageError
        If boundaries do not ascend.
    """
    times = [at for at, _ in boundaries]
    if any(a >= b for a, b in pairwise(times)):
        raise UsageError("the times at which splits begin do not ascend", help="write the earliest first")
    names = [first, *(name for _, name in boundaries)]
    return {one.capture_id: NOWHERE if one.at is None else names[bisect_right(times, one.at)] for one in captures}


def boundaries(captures: Iterable[Capture], shares: Mapping[str, float]) -> list[tuple[datetime, str]]:
    """Return times at which splits begin, the earliest units in the first; to be written down, and not computed again later.

    Units of the same moment are not divided.

    Raises
    ------
    UsageError
        If shares are none, or no unit has a time.
    """
    names, ends = _ends(shares)
    times = sorted(one.at for one in captures if one.at is not None)
    if not times:
        raise UsageError("no unit has a time", help="add the column `at`, or divide by a hash")
    starts = [times[min(len(times) - 1, math.ceil(end * len(times) - 1e-9))] for end in ends[:-1]]
    return [(at, name) for at, name, after in zip(starts, names[1:], [*starts[1:], None], strict=True) if at != after]


def _ends(shares: Mapping[str, float]) -> tuple[list[str], list[float]]:
    total = math.fsum(shares.values())
    if not shares or not all(0 < share <= 1 for share in shares.values()) or abs(total - 1) > 1e-9:
        raise UsageError("the shares of splits do not sum to 1", help="write as `train: 0.6, calibration: 0.2, test: 0.2`")
    sums = [math.fsum([*shares.values()][: n + 1]) for n in range(len(shares))]
    return [*shares], [*sums[:-1], math.inf]


def _place(salt: str, key: str) -> float:
    """Return a number in [0, 1) that is a text's for ever."""
    digest = hashlib.sha256(f"{salt}\0{key}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2.0**64


def _joined(keys: Mapping[str, str], together: Iterable[Collection[str]]) -> dict[str, str]:
    """Return for each key the least of those that it must stay with."""
    leader = {key: key for key in keys.values()}

    def found(key: str) -> str:
        while leader[key] != key:
            leader[key] = key = leader[leader[key]]
        return key

    for group in together:
        roots = sorted({found(keys[unit]) for unit in group if unit in keys})
        for other in roots[1:]:
            leader[other] = roots[0]
    return {key: found(key) for key in leader}
