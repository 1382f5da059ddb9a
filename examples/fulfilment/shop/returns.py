"""Returns: until when a parcel may come back, and what is paid for it."""

from __future__ import annotations

from probatum.spec import ensures, requires

WINDOW = 30  # days; the day of the delivery is the first of them


def last_day(delivered: int) -> int:
    """Return the last day on which a parcel may be sent back; days are counted from the first day of the shop."""
    requires(delivered >= 0)
    ensures(lambda r: r - delivered + 1 == WINDOW)
    return delivered + WINDOW - 1


def accepted(delivered: int, sent: int) -> bool:
    """Whether a parcel that was sent back on a day is taken back."""
    requires(0 <= delivered <= sent)
    ensures(lambda r: r == (sent <= delivered + WINDOW - 1))
    return sent - delivered < WINDOW - 1


def refund(paid: int, worn: bool, postage: int) -> int:
    """Return what is paid back: all of it, or half for what was worn; never the postage."""
    requires(0 <= postage <= paid)
    ensures(lambda r: 0 <= r <= paid - postage)
    goods = paid - postage
    return goods // 2 if worn else goods
