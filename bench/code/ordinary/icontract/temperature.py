"""A thermostat with a target, as a property."""
# twin: `self._target = min(max(value, self.low), self.high)` becomes `self._target = max(value, self.low)`; then `Thermostat.set_target` is wrong

from icontract import ensure, invariant, require


@invariant(lambda self: self.low <= self._target <= self.high)
class Thermostat:
    @require(lambda low, high: low <= high)
    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high
        self._target = low

    @property
    def target(self) -> int:
        return self._target

    @ensure(lambda self, value: not (self.low <= value <= self.high) or self._target == value)
    def set_target(self, value: int) -> None:
        self._target = min(max(value, self.low), self.high)

    @require(lambda step: step > 0)
    @ensure(lambda result: isinstance(result, bool))
    def raise_by(self, step: int) -> bool:
        if self.target + step > self.high:
            return False
        self.set_target(self.target + step)
        return True
