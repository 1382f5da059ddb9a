"""Floats."""
# twin: `return (f - 32) * 5 / 9` becomes `return (f - 32) * 9 / 5`; then `to_celsius` is wrong


def to_celsius(f: float) -> float:
    """
    pre: -1000 <= f <= 1000
    post: -600 <= __return__ <= 600
    """
    return (f - 32) * 5 / 9


def clamp(x: float, low: float, high: float) -> float:
    """
    pre: low <= high
    pre: x == x
    post: low <= __return__ <= high
    """
    return max(low, min(x, high))


def absolute(x: float) -> float:
    """
    pre: x == x
    post: __return__ >= 0
    post: __return__ == x or __return__ == -x
    """
    return -x if x < 0 else x


def is_freezing(celsius: float) -> bool:
    """
    post: __return__ == (celsius <= 0.0)
    """
    return celsius <= 0
