"""Quantifiers that run: over what can be gone through, or over samples where somebody asked for them."""

from __future__ import annotations

from probatum.spec.checks import NotExecutable

TYPE_CHECKING = False  # as type checkers read it
if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, TypeVar, overload

    A = TypeVar("A")
    B = TypeVar("B")
    T = TypeVar("T")

_most_values = 2**16  # of a refined integer that are gone through
_samples = 0  # how many; 0: nobody asked
_seed = 0


class sampling:  # noqa: N801 - is used as a function is
    """Let quantifiers over unbounded domains try so many values, within a `with`; a sample proves nothing."""

    def __init__(self, count: int = 100, *, seed: int = 0) -> None:
        if count < 1:
            raise ValueError("a sample has at least one value")
        self._asked = (count, seed)
        self._before: list[tuple[int, int]] = []

    def __enter__(self) -> None:
        global _samples, _seed
        self._before.append((_samples, _seed))
        _samples, _seed = self._asked

    def __exit__(self, *_error: object) -> None:
        global _samples, _seed
        _samples, _seed = self._before.pop()


def _forall(*domains_and_condition: Any) -> bool:
    """Mean that a condition holds of all items: `forall(range(n), lambda i: a[i] > 0)`; one domain for each parameter.

    Raises
    ------
    NotExecutable
        If a domain cannot be gone through, such as `int`; `sampling` lets some values be tried instead.
    """
    *domains, condition = domains_and_condition
    if len(domains) == 1:
        return all(map(condition, _values(domains[0], "forall")))
    return all(condition(*items) for items in _product(domains, "forall"))


def _exists(*domains_and_condition: Any) -> bool:
    """Mean that a condition holds of at least one item; written as `forall` is.

    Raises
    ------
    NotExecutable
        If a domain cannot be gone through, and no sample has shown one.
    """
    *domains, condition = domains_and_condition
    if any(condition(*items) for items in _product(domains, "exists")):
        return True
    if any(_unbounded(domain) for domain in domains):
        raise NotExecutable(
            "no value among those that were tried is such that `exists` holds, which does not say that there is none"
        )
    return False


if TYPE_CHECKING:  # which parameters the condition has depends on how many domains there are

    @overload
    def forall(domain: type[A], condition: Callable[[A], object], /) -> bool: ...
    @overload
    def forall(domain: Iterable[A], condition: Callable[[A], object], /) -> bool: ...
    @overload
    def forall(first: type[A], second: type[B], condition: Callable[[A, B], object], /) -> bool: ...
    @overload
    def forall(first: Iterable[A], second: Iterable[B], condition: Callable[[A, B], object], /) -> bool: ...
    @overload
    def forall(*domains_and_condition: Any) -> bool: ...
    def forall(*domains_and_condition: Any) -> bool:
        """Mean that a condition holds of all items."""
        return _forall(*domains_and_condition)

    @overload
    def exists(domain: type[A], condition: Callable[[A], object], /) -> bool: ...
    @overload
    def exists(domain: Iterable[A], condition: Callable[[A], object], /) -> bool: ...
    @overload
    def exists(first: type[A], second: type[B], condition: Callable[[A, B], object], /) -> bool: ...
    @overload
    def exists(first: Iterable[A], second: Iterable[B], condition: Callable[[A, B], object], /) -> bool: ...
    @overload
    def exists(*domains_and_condition: Any) -> bool: ...
    def exists(*domains_and_condition: Any) -> bool:
        """Mean that a condition holds of at least one item."""
        return _exists(*domains_and_condition)
else:
    forall, exists = _forall, _exists
    forall.__name__ = forall.__qualname__ = "forall"
    exists.__name__ = exists.__qualname__ = "exists"


def multiset(items: Iterable[T], /) -> Counter[T]:
    """Return how often each item occurs; two are equal if all counts are."""
    from collections import Counter

    return Counter(items)


def _product(domains: list[Any], word: str) -> Iterator[tuple[Any, ...]]:
    if not domains:
        raise TypeError(f"`{word}` takes what it ranges over, then a condition")
    # Each domain is gone through again for each item before it: an iterator is taken down first.
    ranges = [_values(domain, word) for domain in domains]
    kept = [values if index == 0 else _again(values) for index, values in enumerate(ranges)]
    pending: list[tuple[int, Iterator[Any]]] = [(0, iter(kept[0]))]
    items: list[Any] = []
    while pending:
        depth, values = pending[-1]
        for item in values:
            items[depth:] = [item]
            if depth + 1 == len(kept):
                yield tuple(items)
            else:
                pending.append((depth + 1, iter(kept[depth + 1])))
                break
        else:
            pending.pop()


def _again(values: Iterable[Any]) -> Iterable[Any]:
    return list(values) if iter(values) is values else values


def _bounds(domain: Any) -> tuple[int | None, int | None] | None:
    """Return the bounds of a refined integer; None if it is something else."""
    extras = getattr(domain, "__metadata__", None)
    if extras is None or domain.__origin__ is not int:
        return None
    found = [(extra.low, extra.high) for extra in extras if hasattr(extra, "low") and hasattr(extra, "high")]
    return found[0] if len(found) == 1 else None


def _unbounded(domain: Any) -> bool:
    bounds = _bounds(domain)
    if bounds is not None:
        low, high = bounds
        return low is None or high is None or high - low >= _most_values
    return isinstance(domain, type) and domain is not bool and not hasattr(domain, "__members__")


def _values(domain: Any, word: str) -> Iterable[Any]:
    if domain is bool:
        return (False, True)
    if _unbounded(domain):
        if not _samples:
            name = getattr(domain, "__name__", str(domain))
            raise NotExecutable(
                f"`{word}` over `{name}` cannot be run: there are too many values. It can be proved; to run it, range over a "
                "collection, or try some values with `with sampling(100):`"
            )
        return _sample(domain, word)
    bounds = _bounds(domain)
    if bounds is not None:
        low, high = bounds
        if low is not None and high is not None:
            return range(low, high + 1)
    found: Iterable[Any] = domain
    return found


def _sample(domain: Any, word: str) -> list[int]:
    bounds = (None, None) if domain is int else _bounds(domain)
    if bounds is None:
        raise NotExecutable(f"`{word}` over `{domain.__name__}` cannot be run, and no sample of it can be taken")
    import random

    drawn = random.Random(_seed)  # noqa: S311 - a sample, and no secret
    low = bounds[0] if bounds[0] is not None else (-(2**64) if bounds[1] is None else bounds[1] - 2**65)
    high = bounds[1] if bounds[1] is not None else low + 2**65
    near = [n for n in (*range(-8, 9), low, low + 1, high - 1, high) if low <= n <= high]
    values = dict.fromkeys(near[: max(1, _samples // 2)])
    while len(values) < min(_samples, high - low + 1):
        width = 2 ** drawn.randrange(1, 66)
        values[max(low, min(high, drawn.randrange(-width, width)))] = None
        values[drawn.randint(low, high)] = None
    return list(values)[:_samples]
