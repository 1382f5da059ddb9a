"""A cache that forgets what was used longest ago."""
# twin: `if len(self.data) > self.capacity:` becomes `if len(self.data) > self.capacity + 1:`; then `Cache.put` is wrong

import deal


@deal.inv(lambda self: self.capacity > 0)
@deal.inv(lambda self: len(self.data) <= self.capacity)
class Cache:
    data: dict[str, int]
    capacity: int

    @deal.pre(lambda self, capacity: capacity > 0)
    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.data = {}

    @deal.ensure(lambda self, key, result: (result is None) == (key not in self.data))
    def get(self, key: str) -> int | None:
        if key not in self.data:
            return None
        value = self.data.pop(key)
        self.data[key] = value
        return value

    @deal.ensure(lambda self, key, value, result: key in self.data and self.data[key] == value)
    def put(self, key: str, value: int) -> None:
        if key in self.data:
            del self.data[key]
        self.data[key] = value
        if len(self.data) > self.capacity:
            oldest = next(iter(self.data))
            del self.data[oldest]
