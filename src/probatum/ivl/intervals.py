"""Between which numbers does a variable stay in a loop? Abstract interpretation over intervals.

What it says are guesses (see `guesses`), so it may be as rough as it likes: no
proof depends on its being right.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from probatum.ivl.blocks import Block, Check, Forget, Know, Set
from probatum.ivl.conditions import graph
from probatum.ivl.flow import Flow
from probatum.ivl.terms import BOOL, INT, REAL, Bank, Term

_PATIENCE = 3  # visits of a loop's head before bounds that still move are given up
_DEEPEST = 60  # of a term that is looked into

_Number: TypeAlias = Fraction | None  # None: no bound on this side


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers from `low` to `high`, both included; of truth values, 0 and 1."""

    low: _Number = None
    high: _Number = None

    @property
    def empty(self) -> bool:
        """Whether no number is in it."""
        return self.low is not None and self.high is not None and self.low > self.high

    def join(self, other: Interval) -> Interval:
        """Return the least interval that contains both."""
        low = None if self.low is None or other.low is None else min(self.low, other.low)
        high = None if self.high is None or other.high is None else max(self.high, other.high)
        return Interval(low, high)

    def meet(self, other: Interval) -> Interval:
        """Return what both contain."""
        lows = [x for x in (self.low, other.low) if x is not None]
        highs = [x for x in (self.high, other.high) if x is not None]
        return Interval(max(lows, default=None), min(highs, default=None))

    def widened(self, later: Interval) -> Interval:
        """Return the interval without the bounds that moved."""
        low = self.low if self.low is not None and later.low is not None and later.low >= self.low else None
        high = self.high if self.high is not None and later.high is not None and later.high <= self.high else None
        return Interval(low, high)

    def plus(self, other: Interval) -> Interval:
        """Return all sums."""
        return Interval(
            None if self.low is None or other.low is None else self.low + other.low,
            None if self.high is None or other.high is None else self.high + other.high,
        )

    def negated(self) -> Interval:
        """Return all negations."""
        return Interval(None if self.high is None else -self.high, None if self.low is None else -self.low)

    def times(self, other: Interval) -> Interval:
        """Return a superset of all products."""
        if not (self.low is None or self.high is None or other.low is None or other.high is None):
            ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
            return Interval(min(ends), max(ends))
        if self.low is not None and self.low >= 0 and other.low is not None and other.low >= 0:
            return Interval(self.low * other.low, None)
        return ANY


ANY = Interval()
_State: TypeAlias = Mapping[Term, Interval]  # a variable that is not there may have any value


def bounds(blocks: Sequence[Block], flow: Flow, bank: Bank) -> dict[int, list[Term]]:
    """Return for the first block of each loop the bounds that its variables seem to keep, as conditions."""
    states = _fixpoint(blocks, flow.after, flow.order, flow.heads)
    return {
        head: [
            claim
            for variable, interval in sorted(states.get(head, {}).items(), key=lambda item: item[0].number)
            if variable in flow.assigned(blocks, head) and variable.sort != BOOL
            for claim in _bounds(bank, variable, interval)
        ]
        for head in sorted(flow.heads)
    }


def _bounds(bank: Bank, variable: Term, interval: Interval) -> Iterator[Term]:
    def number(value: Fraction) -> Term:
        return bank.integer(int(value)) if variable.sort == INT else bank.real(value)

    if interval.low is not None:
        yield bank.operator("<=", (number(interval.low), variable), BOOL)
    if interval.high is not None:
        yield bank.operator("<=", (variable, number(interval.high)), BOOL)


def _fixpoint(blocks: Sequence[Block], after: graph.Edges, order: Mapping[int, int], heads: set[int]) -> dict[int, _State]:
    """States at the start of every block that may be reached: up with widening, then once down."""
    states: dict[int, _State] = {0: {}}
    visits: dict[int, int] = {}
    work = {0}
    while work:
        block = min(work, key=order.__getitem__)
        work.discard(block)
        end = _through(blocks[block], states[block])
        if end is None:
            continue
        for target in after[block]:
            old = states.get(target)
            new = end if old is None else _joined(old, end)
            if target in heads and old is not None:
                visits[target] = visits.get(target, 0) + 1
                if visits[target] > _PATIENCE:
                    new = {v: w for v, i in old.items() if (w := i.widened(new.get(v, ANY))) != ANY}
            if old is None or new != old:
                states[target] = new
                work.add(target)
    for _ in range(2):  # what widening lost and guards give back
        for block in sorted(states, key=order.__getitem__):
            if block == 0:
                continue
            ends = [e for s in states if block in after[s] and (e := _through(blocks[s], states[s])) is not None]
            if ends:
                joined = ends[0]
                for one in ends[1:]:
                    joined = _joined(joined, one)
                states[block] = joined
    return states


def _joined(one: _State, other: _State) -> _State:
    return {v: j for v, i in one.items() if v in other and (j := i.join(other[v])) != ANY}


def _through(block: Block, state: _State) -> _State | None:
    """Return the state at the end of a block; None if it cannot be reached."""
    current: dict[Term, Interval] = dict(state)
    for command in block.commands:
        match command:
            case Set(variables=variables, values=values):
                new = [_value(value, current, 0) for value in values]
                for variable, interval in zip(variables, new, strict=True):
                    _put(current, variable, interval)
            case Forget(variables=variables):
                for variable in variables:
                    current.pop(variable, None)
            case Know(term=term) | Check(term=term):
                if not _learn(term, current, positive=True, depth=0):
                    return None
    return current


def _put(state: dict[Term, Interval], variable: Term, interval: Interval) -> None:
    if interval == ANY or variable.sort not in (INT, REAL, BOOL):
        state.pop(variable, None)
    else:
        state[variable] = interval


def _value(term: Term, state: _State, depth: int) -> Interval:
    if term.sort not in (INT, REAL, BOOL) or depth > _DEEPEST:
        return ANY
    if term.kind == "literal":
        number = Fraction(term.payload == "true") if term.sort == BOOL else _number(str(term.payload))
        return ANY if number is None else Interval(number, number)
    if term.kind == "variable":
        return state.get(term, ANY)
    if term.kind != "operator":
        return ANY
    parts = term.arguments
    match term.payload:
        case "ite":
            condition = _value(parts[0], state, depth + 1)
            if condition.low == condition.high and condition.low is not None:
                return _value(parts[1] if condition.low else parts[2], state, depth + 1)
            return _value(parts[1], state, depth + 1).join(_value(parts[2], state, depth + 1))
        case "not":
            return Interval(Fraction(1), Fraction(1)).plus(_value(parts[0], state, depth + 1).negated())
        case "-" if len(parts) == 1:
            return _value(parts[0], state, depth + 1).negated()
        case "+" | "-" | "*":
            known = _value(parts[0], state, depth + 1)
            for part in parts[1:]:
                other = _value(part, state, depth + 1)
                known = (
                    known.times(other) if term.payload == "*" else known.plus(other if term.payload == "+" else other.negated())
                )
            return known
        case "mod":
            divisor = _value(parts[1], state, depth + 1)
            if divisor.low is not None and divisor.low == divisor.high and divisor.low != 0:
                return Interval(Fraction(0), abs(divisor.low) - 1)
    return ANY


def _number(text: str) -> _Number:
    words = text.replace("(", " ").replace(")", " ").split()
    sign = -1 if words[:1] == ["-"] else 1
    words = [w for w in words if w != "-"]
    try:
        if words[:1] == ["/"] and len(words) == 3:
            return sign * Fraction(words[1]) / Fraction(words[2])
        return sign * Fraction(words[0]) if len(words) == 1 else None
    except (ValueError, ZeroDivisionError):
        return None


def _learn(term: Term, state: dict[Term, Interval], *, positive: bool, depth: int) -> bool:
    """Narrow the state by a condition; False if nothing satisfies it."""
    if term.kind == "literal":
        return (term.payload == "true") is positive
    if term.kind == "variable":
        known = _value(term, state, 0).meet(Interval(Fraction(positive), Fraction(positive)))
        _put(state, term, known)
        return not known.empty
    if term.kind != "operator" or depth > _DEEPEST:
        return True
    match term.payload:
        case "not":
            return _learn(term.arguments[0], state, positive=not positive, depth=depth + 1)
        case "and" if positive:
            # Twice: what a later part says may sharpen an earlier one (`n <= 10 && n != 10`, in either order).
            parts = (*term.arguments, *term.arguments)
            return all(_learn(part, state, positive=True, depth=depth + 1) for part in parts)
        case "or" if not positive:
            return all(_learn(part, state, positive=False, depth=depth + 1) for part in term.arguments)
        case "<" | "<=" | ">" | ">=" if len(term.arguments) == 2:
            head, (left, right) = str(term.payload), term.arguments
            if not positive:
                head = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[head]
            if head in (">", ">="):
                head, left, right = {">": "<", ">=": "<="}[head], right, left
            return _at_most(left, right, state, strict=head == "<")
        case "=" if len(term.arguments) == 2 and term.arguments[0].sort in (INT, REAL):
            left, right = term.arguments
            if positive:
                return _at_most(left, right, state, strict=False) and _at_most(right, left, state, strict=False)
            return _differ(left, right, state) and _differ(right, left, state)
    return True


def _at_most(left: Term, right: Term, state: dict[Term, Interval], *, strict: bool) -> bool:
    step = Fraction(1 if strict and left.sort == INT else 0)
    a, b = _value(left, state, 0), _value(right, state, 0)
    new_left = a.meet(Interval(None, None if b.high is None else b.high - step))
    new_right = b.meet(Interval(None if a.low is None else a.low + step, None))
    for term, interval in ((left, new_left), (right, new_right)):
        if interval.empty:
            return False
        if term.kind == "variable":
            _put(state, term, interval)
    return True


def _differ(left: Term, right: Term, state: dict[Term, Interval]) -> bool:
    """Move a bound of an integer variable off the one number that it is not."""
    other = _value(right, state, 0)
    if left.kind != "variable" or left.sort != INT or other.low is None or other.low != other.high:
        return True
    own = state.get(left, ANY)
    if own.low == other.low:
        own = Interval(other.low + 1, own.high)
    if own.high == other.high:
        own = Interval(own.low, other.low - 1)
    if own.empty:
        return False
    _put(state, left, own)
    return True
