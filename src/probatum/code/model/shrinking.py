"""Make an input smaller, as long as it breaks the same thing at the same place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from probatum.code.model.values import Input, Items, Literal, Made, Pairs, Shared, Value, case_of, inner, size, with_inner
from probatum.code.semantics.python import Case, Kind, Runner
from probatum.python.program import Function

_ROUNDS = 200
_WIDE = 60  # smaller inputs that are tried at a time
_MOST = 1_500  # that are tried in all


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may take: steps, calls inside each other, processor seconds."""

    steps: int
    depth: int
    seconds: float


def shrunk(
    runner: Runner, function: Function, given: Input, place: tuple[Kind, str, int], limits: Limits, *, cpu_s: float
) -> Case:
    """Return the smallest input found that violates the same kind of claim on the same line.

    So many are tried that the answer is the same on every machine; `cpu_s`, processor seconds, only ends what takes very long.
    """
    shrinker = _Shrinker(runner, function, place, limits, runner.cpu_s + cpu_s)
    for _ in range(_ROUNDS):
        smaller = shrinker.better(given)
        if smaller is None:
            break
        given = smaller
        if shrinker.over():
            break
    return case_of(given)


@dataclass(slots=True)
class _Shrinker:
    runner: Runner
    function: Function
    place: tuple[Kind, str, int]
    limits: Limits
    until: float  # of the runner's clock
    left: int = _MOST  # inputs that may still be tried

    def over(self) -> bool:
        return self.left <= 0 or self.runner.cpu_s > self.until

    def better(self, given: Input) -> Input | None:
        """Return a smaller input that still does it, or None."""
        optional = {p.name for p in self.function.parameters if p.default is not None}
        pending: list[Input] = []
        wide = 4  # what comes first is likely to do: few are tried at a time at the start
        for one in _smaller(given, optional):
            pending.append(one)
            if len(pending) >= wide:
                found = self._first(pending)
                if found is not None or self.over():
                    return found
                pending = []
                wide = min(2 * wide, _WIDE)
        return self._first(pending)

    def _first(self, inputs: Sequence[Input]) -> Input | None:
        """Return the smallest of these that still does it."""
        ordered = sorted(inputs, key=_weight)
        own = self.limits
        cases = [case_of(i) for i in ordered]
        self.left -= len(cases)
        runs = self.runner.run_all(
            self.function.qualified,
            cases,
            steps=own.steps,
            depth=own.depth,
            seconds=own.seconds,
            budget=max(0.02, self.until - self.runner.cpu_s),
        )
        for one, run in zip(ordered, runs, strict=True):
            if run.violation is not None and run.violation.place == self.place:
                return one
        return None


def _weight(given: Input) -> int:
    return sum(size(v) for v in given.values())


def _smaller(given: Input, optional: set[str]) -> Iterator[Input]:
    for name in [n for n in given if n in optional]:
        yield {n: v for n, v in given.items() if n != name}
    numbers = {part.number for value in given.values() for part in _within(value) if isinstance(part, Shared)}

    def together(new: Input) -> Input:
        return new if not numbers else {n: _with_shared(v, new) for n, v in new.items()}

    for name, value in given.items():
        for one in reductions(value):
            yield together({**given, name: one})
    # Parts of one input are often tied to each other: a length and a number, two numbers.
    names = list(given)
    for index, first in enumerate(names):
        for second in names[index + 1 :]:
            for a in _few(given[first]):
                for b in _few(given[second]):
                    yield together({**given, first: a, second: b})


def _with_shared(value: Value, given: Input) -> Value:
    """Return the value with every copy of a shared object as the smallest copy is."""
    smallest: dict[int, Value] = {}
    for one in given.values():
        for part in _within(one):
            if isinstance(part, Shared) and (part.number not in smallest or size(part.value) < size(smallest[part.number])):
                smallest[part.number] = part.value
    return _unified(value, smallest)


def _unified(value: Value, smallest: dict[int, Value]) -> Value:
    if isinstance(value, Shared):
        return Shared(value.number, smallest[value.number])
    own = inner(value)
    return with_inner(value, [_unified(v, smallest) for v in own]) if own else value


def _within(value: Value) -> Iterator[Value]:
    pending = [value]
    while pending:
        one = pending.pop()
        yield one
        pending.extend(inner(one))


def _few(value: Value) -> list[Value]:
    found: list[Value] = []
    for one in reductions(value):
        found.append(one)
        if len(found) == 4:
            break
    return found


def reductions(value: Value) -> Iterator[Value]:
    """Yield smaller values of the same type, those that are much smaller first."""
    match value:
        case Literal(bool(plain)):
            if plain:
                yield Literal(False)
        case Literal(int(number)):
            yield from _smaller_integers(number)
        case Literal(float(number)):
            yield from (Literal(f) for f in (0.0, 1.0, 2.0, 0.5, -1.0) if size(Literal(f)) < size(value) and f != number)
            if number == number and abs(number) < 1e15 and number != int(number):  # noqa: PLR0124 - not a nan
                yield Literal(float(int(number)))
        case Literal(str(text)):
            for cut in _cuts(len(text)):
                yield Literal(text[: cut[0]] + text[cut[1] :])
            for index, letter in enumerate(text):
                if letter not in "a0":
                    yield Literal(text[:index] + "a" + text[index + 1 :])
                if not letter.isascii():
                    yield Literal(text[:index] + "1" + text[index + 1 :])
        case Literal(bytes(text)):
            for cut in _cuts(len(text)):
                yield Literal(text[: cut[0]] + text[cut[1] :])
            for index, byte in enumerate(text):
                if byte:
                    yield from (Literal(text[:index] + bytes((b,)) + text[index + 1 :]) for b in {0, byte // 2, byte - 1})
        case Items(kind, items):
            if kind != "tuple":
                for cut in _cuts(len(items)):
                    yield replace(value, items=items[: cut[0]] + items[cut[1] :])
            yield from _inside(value)
            # Items that are equal may have to stay so.
            for one in dict.fromkeys(item for item in items if items.count(item) > 1):
                yield from (replace(value, items=tuple(small if i == one else i for i in items)) for small in _few(one))
        case Pairs(_, pairs):
            for cut in _cuts(len(pairs)):
                yield replace(value, pairs=pairs[: cut[0]] + pairs[cut[1] :])
            yield from _inside(value)
        case Made(callee, arguments, calls):
            for cut in _cuts(len(calls)):
                yield replace(value, calls=calls[: cut[0]] + calls[cut[1] :])
            yield from (one for own in inner(value) for one in _within(own) if isinstance(one, Made) and one.callee == callee)
            for name in _may_be_none(value):
                given = tuple((n, Literal(None)) if n == name else (n, v) for n, v in arguments)
                if given != arguments:
                    yield replace(value, arguments=given)
            yield from _inside(value)
        case Shared(_, one):
            yield one
            yield from _inside(value)


def _may_be_none(value: Made) -> list[str]:
    """Return the arguments that are None somewhere in an object, for a constructor like its own: they may be."""
    alike = [one for one in _within(value) if isinstance(one, Made) and one.callee == value.callee]
    return list(dict.fromkeys(name for one in alike for name, given in one.arguments if given == Literal(None)))


def _inside(value: Value) -> Iterator[Value]:
    own = list(inner(value))
    for index, one in enumerate(own):
        for smaller in reductions(one):
            yield with_inner(value, [*own[:index], smaller, *own[index + 1 :]])


def _smaller_integers(number: int) -> Iterator[Value]:
    if number == 0:
        return
    yield Literal(0)
    if number < 0:
        yield Literal(-number)
    distance = abs(number)
    sign = 1 if number > 0 else -1
    while distance > 1:
        distance //= 2
        yield Literal(number - sign * distance)


def _cuts(length: int) -> Iterator[tuple[int, int]]:
    """Yield what to leave out: all, halves, quarters, ..., single items."""
    width = length
    while width:
        for start in range(0, length, width):
            yield start, min(start + width, length)
        width //= 2
