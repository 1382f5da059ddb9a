"""Change, prices, percentages."""
# twin: `rest -= coin` becomes `rest -= 1`; then `change` is wrong

from typing import NamedTuple, Optional

COINS = (50, 20, 10, 5, 2, 1)


class Price(NamedTuple):
    cents: int
    currency: str = "EUR"


def change(amount: int) -> list[int]:
    assert amount >= 0
    rest = amount
    coins: list[int] = []
    for coin in COINS:
        while rest >= coin:
            coins.append(coin)
            rest -= coin
    assert rest == 0
    assert sum(coins) == amount
    return coins


def discount(price: Price, percent: int) -> Price:
    assert price.cents >= 0
    assert 0 <= percent <= 100
    reduced = Price(price.cents * (100 - percent) // 100, price.currency)
    assert 0 <= reduced.cents <= price.cents
    assert reduced.currency == price.currency
    return reduced


def cheaper(a: Optional[Price], b: Optional[Price]) -> Optional[Price]:
    if a is None:
        best = b
    elif b is None or a.cents <= b.cents:
        best = a
    else:
        best = b
    assert (best is None) == (a is None and b is None)
    assert a is None or best is None or best.cents <= a.cents
    return best
