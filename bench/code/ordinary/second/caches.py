"""A cache of so many entries, and dicts that loops fill."""
# twin: `if len(self.entries) > self.size:` becomes `if len(self.entries) > self.size + 1:`; then `Cache.put` is wrong

from probatum.spec import class_invariant, ensures, modifies, old, requires


@class_invariant(lambda self: self.size > 0 and len(self.entries) <= self.size)
class Cache:
    def __init__(self, size: int) -> None:
        requires(size > 0)
        ensures(self.size == size and len(self.entries) == 0)
        self.size: int = size
        self.entries: dict[str, int] = {}

    def get(self, key: str) -> int | None:
        modifies(self.entries)
        ensures(lambda r: (r is None) == (key not in old(self.entries)))
        ensures(lambda r: r is None or self.entries[key] == r)
        if key not in self.entries:
            return None
        value = self.entries.pop(key)
        self.entries[key] = value
        return value

    def put(self, key: str, value: int) -> None:
        modifies(self.entries)
        ensures(self.entries[key] == value)
        if key in self.entries:
            del self.entries[key]
        self.entries[key] = value
        if len(self.entries) > self.size:
            oldest = next(iter(self.entries))
            del self.entries[oldest]


def histogram(words: list[str]) -> dict[str, int]:
    ensures(lambda r: all(w in r for w in words))
    ensures(lambda r: all(r[w] == words.count(w) for w in r))
    counts: dict[str, int] = {}
    for w in words:
        counts[w] = counts.get(w, 0) + 1
    return counts


def positions(xs: list[int]) -> dict[int, int]:
    ensures(lambda r: all(x in r for x in xs))
    ensures(lambda r: all(0 <= r[x] < len(xs) and xs[r[x]] == x for x in r))
    found: dict[int, int] = {}
    for i, x in enumerate(xs):
        found[x] = i
    return found


def group(xs: list[int]) -> dict[bool, list[int]]:
    ensures(lambda r: all(x % 2 == 0 for x in r[True]))
    ensures(lambda r: all(x % 2 == 1 for x in r[False]))
    groups: dict[bool, list[int]] = {True: [], False: []}
    for x in xs:
        groups[x % 2 == 0].append(x)
    return groups


def inverse(d: dict[str, int]) -> dict[int, str]:
    ensures(lambda r: all(v in r for v in d.values()))
    ensures(lambda r: all(r[v] in d and d[r[v]] == v for v in r))
    out: dict[int, str] = {}
    for k, v in d.items():
        out[v] = k
    return out


def primes_table() -> dict[int, int]:
    ensures(lambda r: len(r) == 3 and r[5] == 25)
    table = {}
    for p in [2, 3, 5]:
        table[p] = p * p
    return table
