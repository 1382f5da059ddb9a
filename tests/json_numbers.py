"""Where the numbers of a JSON value stand."""

from collections.abc import Iterator
from typing import Any


def numbers(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the path of every number; truth values are none."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from numbers(item, (*path, key))
    elif isinstance(value, list):
        for n, item in enumerate(value):
            yield from numbers(item, (*path, n))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield path
