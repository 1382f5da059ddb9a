"""Parcels: what they weigh, how many boxes an order needs, and which items go into the next one."""

from __future__ import annotations

from probatum.spec import decreases, ensures, forall, invariant, pure, requires


@pure
def weight(grams: tuple[int, ...]) -> int:
    """Return what some items weigh together."""
    decreases(len(grams))
    return 0 if len(grams) == 0 else weight(grams[:-1]) + grams[-1]


def boxes(items: int, per_box: int) -> int:
    """Return how many boxes hold all items: no item is left over, and no box is empty."""
    requires(items >= 0, per_box > 0)
    ensures(lambda r: (r - 1) * per_box < items <= r * per_box)
    return (items + per_box - 1) // per_box


def next_box(grams: tuple[int, ...], limit: int) -> int:
    """Return how many items, from the first, go into one box that may weigh so much."""
    requires(limit > 0, forall(range(len(grams)), lambda i: 0 < grams[i] <= limit))
    ensures(lambda r: 0 <= r <= len(grams))
    ensures(lambda r: weight(grams[:r]) <= limit)
    packed, total = 0, 0
    while packed < len(grams) and total + grams[packed] <= limit:
        invariant(0 <= packed <= len(grams), total == weight(grams[:packed]), total <= limit)
        total += grams[packed]
        packed += 1
    return packed


def heaviest(grams: list[int]) -> int:
    """Return the place of the heaviest item, the first of them if there are several."""
    requires(len(grams) > 0)
    ensures(lambda r: 0 <= r < len(grams))
    ensures(lambda r: forall(range(len(grams)), lambda i: grams[i] <= grams[r]))
    best = 0
    for i in range(len(grams)):
        invariant(0 <= best < len(grams), forall(range(i), lambda k: grams[k] <= grams[best]))
        if grams[i] > grams[best]:
            best = i
    return best
