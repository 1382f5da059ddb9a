"""What customers pay: in cents, because a fraction of a cent that is lost a million times is money."""

from __future__ import annotations

from probatum.spec import ensures, requires


def discounted(cents: int, percent: int) -> int:
    """Return a price after a discount, rounded in favour of the customer."""
    requires(cents >= 0, 0 <= percent <= 100)
    ensures(lambda r: 0 <= r <= cents)
    ensures(lambda r: 100 * r <= cents * (100 - percent) < 100 * (r + 1))
    return cents * (100 - percent) // 100


def shares(cents: int, payers: int) -> list[int]:
    """Split a bill: everyone pays the same but for a cent, and together they pay all of it."""
    requires(cents >= 0, payers > 0)
    ensures(lambda r: len(r) == payers)
    each, rest = cents // payers, cents % payers
    return [each + 1 if i < rest else each for i in range(payers)]


def postage(grams: int) -> int:
    """Return the postage for a parcel: heavier ones never cost less."""
    requires(0 < grams <= 30000)
    ensures(lambda r: 399 <= r <= 1649)
    if grams <= 2000:
        return 399
    if grams <= 10000:
        return 899
    return 1649
