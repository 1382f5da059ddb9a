"""Dictionaries."""
# twin: `result[key] = a[key] + b[key]` becomes `result[key] = a[key]`; then `add_counts` is wrong

import deal


@deal.pre(lambda d: len(set(d.values())) == len(d))
@deal.ensure(lambda d, result: all(result[d[k]] == k for k in d))
def invert(d: dict[str, int]) -> dict[int, str]:
    return {value: key for key, value in d.items()}


@deal.ensure(lambda a, b, result: all(result[k] == a.get(k, 0) + b.get(k, 0) for k in result))
@deal.ensure(lambda a, b, result: set(result) == set(a) | set(b))
def add_counts(a: dict[str, int], b: dict[str, int]) -> dict[str, int]:
    result = dict(a)
    for key in b:
        if key in a:
            result[key] = a[key] + b[key]
        else:
            result[key] = b[key]
    return result


@deal.ensure(lambda d, low, result: all(v >= low for v in result.values()))
@deal.ensure(lambda d, low, result: all(k in d for k in result))
def at_least(d: dict[str, int], low: int) -> dict[str, int]:
    return {k: v for k, v in d.items() if v >= low}
