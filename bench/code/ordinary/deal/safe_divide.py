"""Divisions and their exceptions."""
# twin: `except ZeroDivisionError:` becomes `except KeyError:`; then `ratio_or` is wrong

import deal


@deal.raises(ZeroDivisionError)
@deal.reason(ZeroDivisionError, lambda a, b: b == 0)
@deal.ensure(lambda a, b, result: result == a // b)
def divide(a: int, b: int) -> int:
    return a // b


@deal.safe
@deal.ensure(lambda a, b, default, result: result == default if b == 0 else result == a // b)
def ratio_or(a: int, b: int, default: int) -> int:
    try:
        return divide(a, b)
    except ZeroDivisionError:
        return default


@deal.raises(ValueError)
@deal.ensure(lambda text, result: result >= 0)
def parse_port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError("not a port")
    return port
