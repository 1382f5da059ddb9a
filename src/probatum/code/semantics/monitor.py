"""What instrumented code calls while it runs: contracts, loops, steps, and how a run ended.

Runs in the child process, on the standard library alone. One run at a time:
`state` holds what it may still do, and how it ended. The first thing that ends a
run counts, whatever the code does with the exception that stops it.
"""

from __future__ import annotations

import functools
import opcode
import re
import sys
from collections import Counter, deque
from copy import deepcopy
from enum import Enum
from itertools import chain
from types import CodeType

TYPE_CHECKING = False  # as type checkers read it; what it guards takes longer to import than a run takes
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from types import FrameType, TracebackType
    from typing import Any, TypeAlias

    Test: TypeAlias = Callable[..., Any]
    Numbered: TypeAlias = tuple[int, Test]  # a clause, by its number in `clauses`, and how to evaluate it

_SAMPLE = (
    0,
    1,
    -1,
    2,
    -2,
    3,
    -3,
    4,
    5,
    7,
    8,
    10,
    16,
    31,
    32,
    63,
    64,
    100,
    127,
    128,
    255,
    256,
    -10,
    -128,
    1000,
    2**31,
    -(2**31),
    2**64,
)
_SHOWN = 160  # characters of a value that are worth showing
_REACHED = 20_000  # objects that a frame is compared on
_RAISE = opcode.opmap["RAISE_VARARGS"]
_STARRED = 0x04 | 0x08  # flags of code with `*args` or `**kwargs`; `inspect`, which names them, takes long to import
_address = re.compile(r" at 0x[0-9a-fA-F]+")  # differs from run to run
_ATOMS = (int, float, str, bytes, bool, complex, type(None), type(Ellipsis))


class Stop(BaseException):
    """Ends the run; how it ended is in `state`."""


class NotExecutable(Exception):
    """A condition that no run can evaluate, such as one about all integers."""


class State:
    """The run in progress."""

    def __init__(self) -> None:
        self.steps = 0  # left
        self.busy = 0  # how many conditions are being evaluated: contracts are not monitored inside contracts
        self.depth = 0  # calls inside each other
        self.deepest = 0  # how many there may be
        self.ended: dict[str, Any] | None = None
        self.target = -1  # the function under test, until it is entered
        self.open_clauses: set[int] = set()  # that could not be evaluated
        self.satisfied = 0  # conditions on the input that held, before the first that did not
        self.active: dict[int, list[Activation]] = {}


state = State()
clauses: list[Mapping[str, Any]] = []
functions: list[Mapping[str, Any]] = []
wrappers: dict[int, Callable[..., Any]] = {}
paths: set[str] = set()  # files of the program
columns: dict[str, list[str]] = {}  # their lines, where these are not ASCII


def begin(*, steps: int, depth: int = 400) -> None:
    """Forget the last run."""
    state.deepest = depth
    state.steps, state.busy, state.depth, state.ended = steps, 0, 0, None
    state.target, state.satisfied = -1, 0
    state.open_clauses.clear()
    state.active.clear()


def end(status: str, **more: Any) -> None:
    """End the run. Whatever ended it first counts."""
    if state.ended is None:
        state.ended = {"status": status, **more}
    raise Stop


def tick() -> bool:
    """Count a step: a call, or a round of a loop."""
    state.steps -= 1
    if state.steps < 0:
        path, line, column = _caller() or ("", 0, 0)
        end("limit", what="steps", function=_function_at(path, line), path=path, line=line, column=column)
    return True


# How values are looked at


def show(value: object) -> str:
    """Return a value for a person; code of the program may run, and fail."""
    state.busy += 1
    try:
        text = _fields(value) if type(value).__repr__ is object.__repr__ else repr(value)
    except Stop:
        raise
    except Exception as error:  # noqa: BLE001 - `__repr__` is code of the program
        text = f"<{type(value).__name__} whose repr raises {type(error).__name__}>"
    finally:
        state.busy -= 1
    text = _address.sub("", text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."


def _fields(value: object) -> str:
    own = getattr(value, "__dict__", {})
    return f"{type(value).__name__}({', '.join(f'{k}={v!r}' for k, v in own.items() if v is not value)})"


def _by_identity(value: object) -> bool:
    return type(value).__eq__ is object.__eq__


def snapshot(value: Any) -> Any:
    """Return a value as it is now. What compares by identity stays itself: a copy would be a different one."""
    return _copied(value, {}, {})


def _copied(value: Any, originals: Mapping[int, Any], memo: dict[int, Any]) -> Any:
    """Copy containers and what compares by value; `originals` are what copies of objects stand for."""
    if isinstance(value, _ATOMS) and type(value) in _ATOMS:
        return value
    if id(value) in memo:
        return memo[id(value)][0]
    kind = type(value)
    if kind is list:
        made: Any = []
        memo[id(value)] = (made, value)
        made.extend(_copied(v, originals, memo) for v in value)
    elif kind is dict:
        made = {}
        memo[id(value)] = (made, value)
        made.update((_copied(k, originals, memo), _copied(v, originals, memo)) for k, v in value.items())
    elif kind is tuple:
        made = tuple(_copied(v, originals, memo) for v in value)
        memo[id(value)] = (made, value)
    elif kind in (set, frozenset):
        made = kind(_copied(v, originals, memo) for v in value)
        memo[id(value)] = (made, value)
    elif kind is deque:
        made = deque((_copied(v, originals, memo) for v in value), value.maxlen)
        memo[id(value)] = (made, value)
    elif isinstance(value, type | Enum) or callable(value):
        made = value
    elif _by_identity(value):
        made = originals.get(id(value), value)
    else:
        try:
            made = deepcopy(value)
        except Stop:
            raise
        except Exception as error:  # noqa: BLE001 - copying may run code of the program
            raise NotExecutable(f"`{kind.__name__}` cannot be copied: {type(error).__name__}") from None
        memo[id(value)] = (made, value)
    return made


class Entry:
    """The parameters as they were at entry, copied as one, for conditions about then."""

    def __init__(self, names: Sequence[str], values: Sequence[Any]) -> None:
        memo: dict[int, Any] = {}
        try:
            self.values = dict(zip(names, deepcopy(list(values), memo), strict=True))
        except Stop:
            raise
        except Exception as error:  # noqa: BLE001 - copying may run code of the program
            raise NotExecutable(f"the arguments cannot be copied: {type(error).__name__}") from None
        kept = {id(one): one for one in memo.get(id(memo), [])}  # deepcopy keeps what it copied alive there
        self.originals = {id(copy): kept[key] for key, copy in memo.items() if key in kept}

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


class NoEntry(Entry):
    """In place of parameters that cannot be copied: no condition about then can be evaluated."""

    def __init__(self) -> None:
        self.originals = {}

    def __getitem__(self, name: str) -> Any:
        raise NotExecutable("the arguments cannot be copied")


def at_entry(entry: Entry, value: Any) -> Any:
    """Return a value computed from copies, with the objects themselves in place of the copies of objects."""
    return _copied(value, entry.originals, {})


def reachable(roots: Iterable[Any]) -> dict[int, tuple[Any, Any]]:
    """Return every object that can change and is reached from these, with its parts as they are now."""
    found: dict[int, tuple[Any, Any]] = {}
    pending = list(roots)
    while pending and len(found) < _REACHED:
        one = pending.pop()
        if id(one) in found or isinstance(one, (*_ATOMS, type)):
            continue
        parts = _parts(one)
        if parts is None:
            continue
        found[id(one)] = (one, parts)
        pending.extend(parts.values() if isinstance(parts, dict) else (p for p in parts if not isinstance(p, int)))
        if isinstance(one, dict):
            pending.extend(one)
    return found


def everything(root: Any) -> list[tuple[Any, str]]:
    """Return all that can be reached, as what may change."""
    return [(one, "") for one, _ in reachable([root]).values()]


def each_of(domain: Iterable[Any], targets: Test) -> list[tuple[Any, str]]:
    """Return what may change for each member."""
    return [pair for one in domain for pair in targets(one)]


def _parts(one: Any) -> Any:
    if isinstance(one, list | deque | tuple):
        return list(one)
    if isinstance(one, dict):
        return dict(one)
    if isinstance(one, set | frozenset):
        return list(one)
    if isinstance(one, bytearray):
        return bytes(one)
    if callable(one) or isinstance(one, Enum):
        return None
    found = dict(getattr(one, "__dict__", {}))
    for class_ in type(one).__mro__:
        slots = class_.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(one, name):
                found[name] = getattr(one, name)
    return found


def _same(a: Any, b: Any) -> bool:
    return a is b or (type(a) is type(b) and isinstance(a, _ATOMS) and a == b)


def _changed(before: Any, now: Any) -> list[str] | None:
    """Return the fields that differ; None: nothing does; [] means the items of a collection."""
    if isinstance(before, dict):
        names = [k for k in {**before, **now} if k not in before or k not in now or not _same(before[k], now[k])]
        return [n if isinstance(n, str) else "" for n in names] or None
    if isinstance(before, bytes):
        return None if before == now else []
    return None if len(before) == len(now) and all(map(_same, before, now)) else []


# Places


def _place(code: CodeType, instruction: int) -> tuple[int, int]:
    """Return the line and column of an instruction, both from 1, the column in code points."""
    positions = list(code.co_positions())
    line, _, column, _ = positions[instruction // 2] if 0 <= instruction // 2 < len(positions) else (None, None, None, None)
    line, column = line or code.co_firstlineno, column or 0
    lines = columns.get(code.co_filename)
    if lines is not None and line <= len(lines):
        column = len(lines[line - 1].encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))
    return line, column + 1


def _function_at(path: str, line: int) -> str:
    """Return the function whose text holds a line; the innermost one."""
    own = [f for f in functions if f["path"] == path and f["line"] <= line <= f["end_line"]]
    return max(own, key=lambda f: int(f["line"]))["name"] if own else ""


def _caller() -> tuple[str, int, int] | None:
    """Return where the program is: file, line and column of its innermost frame."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the documented way to the frames of this thread
    while frame is not None:
        if frame.f_code.co_filename in paths:
            return (frame.f_code.co_filename, *_place(frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return None


def violated(
    kind: str,
    number: int,
    *,
    at: tuple[str, int, int] | None = None,
    by: str = "",
    values: Mapping[str, Any] | None = None,
    text: str = "",
) -> None:
    """End the run with a violation of a clause (or of none: -1), at a place (or at the clause), `by` a function (or the one there)."""
    clause = clauses[number] if number >= 0 else {}
    where = at or (clause["path"], clause["line"], clause["column"])
    end(
        "violated",
        kind=kind,
        function=by or (_function_at(where[0], where[1]) if at else clause["function"]),
        path=where[0],
        line=where[1],
        column=where[2],
        clause_path=clause.get("path", ""),
        clause_line=clause.get("line", 0),
        clause_column=clause.get("column", 0),
        text=text or clause.get("text", ""),
        values={k: show(v) for k, v in (values or {}).items()},
    )


# Conditions


def evaluate(test: Test, arguments: Sequence[Any]) -> Any:
    """Evaluate a condition, in which contracts are not monitored."""
    state.busy += 1
    try:
        return test(*arguments)
    except (RecursionError, MemoryError) as error:
        raise NotExecutable(f"evaluating it takes too much ({type(error).__name__})") from None
    finally:
        state.busy -= 1


def holds(number: int, test: Test, arguments: Sequence[Any], values: Mapping[str, Any] | None = None) -> bool:
    """Whether a condition holds. One that no run can evaluate is noted, and not taken for broken; one that raises ends the run."""
    try:
        return bool(evaluate(test, arguments))
    except NotExecutable:
        state.open_clauses.add(number)
        return True
    except Stop:
        raise
    except Exception as error:  # noqa: BLE001 - conditions are code of the program
        violated("DEFINED", number, values=values, text=f"{clauses[number]['text']} raises {_described(error)}")
        raise AssertionError from None  # `violated` never returns


def _described(error: BaseException) -> str:
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - `__str__` is code of the program
        said = ""
    name = type(error).__name__
    said = said.replace("\n", " ")
    return f"{name}: {said[:_SHOWN]}" if said else name


def forall(domain: Any, test: Test) -> bool:
    """Whether all members pass; about all integers no run can say that they do."""
    members, complete = _members(domain)
    if not all(test(one) for one in members):
        return False
    if not complete:
        raise NotExecutable("it speaks of all members of a type")
    return True


def exists(domain: Any, test: Test) -> bool:
    """Whether some member passes; about all integers no run can say that none does."""
    members, complete = _members(domain)
    if any(test(one) for one in members):
        return True
    if not complete:
        raise NotExecutable("it speaks of all members of a type")
    return False


def _members(domain: Any) -> tuple[Iterable[Any], bool]:
    if domain is bool:
        return (False, True), True
    if isinstance(domain, type):
        if issubclass(domain, Enum):
            return list(domain), True
        return (_SAMPLE if domain is int else ()), False
    return domain, True


class Multiset:
    """How often each item occurs, whether or not items can be hashed."""

    def __init__(self, items: Iterable[Any]) -> None:
        self.items = list(items)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Multiset):
            return NotImplemented
        if len(self.items) != len(other.items):
            return False
        try:
            return Counter(self.items) == Counter(other.items)
        except TypeError:
            rest = list(other.items)
            for item in self.items:
                if item not in rest:
                    return False
                rest.remove(item)
            return True

    __hash__ = None  # type: ignore[assignment]  # holds anything, so it has none

    def __getitem__(self, item: object) -> int:
        return self.items.count(item)

    def num(self, item: object) -> int:
        """How often an item occurs."""
        return self.items.count(item)

    def __add__(self, other: Multiset) -> Multiset:
        return Multiset(chain(self.items, other.items))

    def __contains__(self, item: object) -> bool:
        return item in self.items

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"multiset({self.items!r})"


def implies(given: Any, then: Any) -> bool:
    """Whether the second holds if the first does; outside of contracts both have been evaluated."""
    return bool(then) if given else True


class Sequence_(tuple):  # type: ignore[type-arg]  # noqa: N801 - at run time there are no types here; the name is taken
    """A mathematical sequence."""

    __slots__ = ()

    def take(self, count: int) -> Sequence_:
        """Return the first items."""
        return Sequence_(self[:count])

    def drop(self, count: int) -> Sequence_:
        """Return all but the first items."""
        return Sequence_(self[count:])

    def update(self, index: int, item: object) -> Sequence_:
        """Return the sequence with another item at an index."""
        return Sequence_((*self[:index], item, *self[index + 1 :]))

    def __add__(self, other: tuple[Any, ...]) -> Sequence_:
        return Sequence_(tuple.__add__(self, other))


def separate(*objects: object) -> bool:
    """Whether no two of these are the same object."""
    return len({id(o) for o in objects}) == len(objects)


def seen(target: object) -> Any:
    """What a loop has been through is not kept."""
    del target
    raise NotExecutable("it speaks of earlier rounds of the loop")


def same(value: Any) -> Any:
    """Return the value."""
    return value


def let(value: Any, test: Test) -> Any:
    """Return the body of a `let` for its value."""
    return test(value)


# Functions


class Activation:
    """One call of a function with a contract."""

    __slots__ = ("entry", "frame", "measure", "olds", "reached", "refs", "values", "whens")

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values
        self.olds: list[Any] = []
        self.refs: list[Any] = []
        self.entry: Entry = NoEntry()
        self.measure: list[Any] | None = None
        self.frame: dict[int, tuple[Any, Any]] | None = None
        self.reached: dict[int, tuple[Any, Any]] = {}
        self.whens: list[bool | None] = []


class _Broken:
    """In place of an old value that could not be computed: the condition that needs it cannot be evaluated."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class Olds:
    """Values at entry, as a condition reads them."""

    __slots__ = ("values",)

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values

    def __getitem__(self, index: int) -> Any:
        value = self.values[index]
        if isinstance(value, _Broken):
            raise value.error
        return value


class Spec:
    """The contract of one function, as functions of its parameters."""

    def __init__(self, key: int, names: Sequence[str], parts: Mapping[str, Any]) -> None:
        self.key, self.names = key, tuple(names)
        about = functions[key]
        self.requires: Sequence[Numbered] = parts.get("requires", ())
        self.olds: Sequence[Test] = parts.get("olds", ())
        self.ensures: Sequence[Numbered] = parts.get("ensures", ())
        self.raises: Sequence[tuple[int, Test, Numbered | None, Sequence[Numbered]]] = parts.get("raises", ())
        self.measures: Sequence[Numbered] = parts.get("decreases", ())
        self.modifies: Sequence[tuple[int, Test]] | None = parts.get("modifies")
        self.ranges: Sequence[tuple[str, int | None, int | None]] = about["ranges"]
        self.result_range: tuple[int | None, int | None] | None = about["result_range"]
        self.any_raise: bool = about["any_raise"]
        self.claims: bool = about["claims"]  # the author wrote a contract
        self.inherits: str = about["inherits"]
        self.method: bool = about["method"]
        self.public: bool = about["public"]
        self.needs_entry: bool = about["needs_entry"]
        self.needs_reached: bool = about["needs_reached"]
        self.name: str = about["name"].rpartition(".")[2]
        self.inherited: dict[type, list[Spec]] = {}


def function(key: int, names: Sequence[str], **parts: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return a decorator that monitors a function."""

    def decorate(own: Callable[..., Any]) -> Callable[..., Any]:
        spec = Spec(key, names, parts)
        count = own.__code__.co_argcount
        simple = count == len(names) and not own.__code__.co_flags & _STARRED
        signature: list[Any] = []

        def bound(args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
            if not signature:
                from inspect import signature as signature_of

                signature.append(signature_of(own))
            given = signature[0].bind(*args, **kwargs)
            given.apply_defaults()
            return [given.arguments[n] for n in spec.names]

        @functools.wraps(own)
        def monitored(*args: Any, **kwargs: Any) -> Any:
            tick()
            if state.busy:
                return own(*args, **kwargs)
            if simple and not kwargs and len(args) == count:
                values: Sequence[Any] = args
            else:
                try:
                    values = bound(args, kwargs)
                except TypeError:
                    return own(*args, **kwargs)  # a call that Python refuses, in its own words
            tested = state.target == key
            if tested:
                state.target = -1
            state.depth += 1
            if state.depth > state.deepest:
                _too_deep(spec)
            specs = [spec, *_inherited(spec, monitored, values)]
            activations = state.active.setdefault(key, [])
            activation = _enter(specs, values, tested, activations)
            activations.append(activation)
            try:
                result = own(*args, **kwargs)
                _leave(specs, activation, result, tested)
            except Stop:
                raise
            except BaseException as error:
                _raised(specs, activation, error, tested)
                raise
            finally:
                activations.pop()
                state.depth -= 1
            return result

        monitored.__probatum__ = spec  # type: ignore[attr-defined]  # found by overriding methods
        wrappers.setdefault(key, monitored)
        return monitored

    return decorate


def _too_deep(spec: Spec) -> None:
    path, line, column = _home(spec)
    end("limit", what="recursion", function=_name(spec), path=path, line=line, column=column)


def _inherited(spec: Spec, wrapper: Callable[..., Any], values: Sequence[Any]) -> list[Spec]:
    """Return the contracts of the methods that this one overrides."""
    if not spec.method or not values:
        return []
    kind = type(values[0])
    known = spec.inherited.get(kind)
    if known is None:
        known = spec.inherited[kind] = []
        seen = False
        for class_ in kind.__mro__:
            own: Any = class_.__dict__.get(spec.name)
            own = getattr(own, "fget", None) or getattr(own, "__func__", None) or own
            if own is wrapper:
                seen = True
            elif seen and hasattr(own, "__probatum__"):
                known.append(own.__probatum__)
        if not (spec.inherits or any(s.inherits for s in known)):
            known.clear()
    return known


def _named(spec: Spec, values: Sequence[Any]) -> dict[str, Any]:
    return dict(zip(spec.names, values, strict=False))


def _enter(specs: Sequence[Spec], values: Sequence[Any], tested: bool, outer: Sequence[Activation]) -> Activation:
    spec = specs[0]
    for name, low, high in spec.ranges:
        value = values[spec.names.index(name)]
        if isinstance(value, int) and ((low is not None and value < low) or (high is not None and value > high)):
            if tested:
                end("precondition", clause=-1, satisfied=0)
            violated("RANGE", -1, at=_caller(), values={name: value}, text=f"`{name}` is between {low} and {high}")
    _check_requires(specs, values, tested)
    if tested and spec.method and spec.public and tests_of and values:
        _check_class(values[0], tested=True)
    activation = Activation(values)
    for one in specs:
        own = values[: len(one.names)]
        for old in one.olds if one is spec else ():
            _take(activation, old, own)
    if len(specs) > 1:
        for one in specs[1:]:
            extra = Activation(values[: len(one.names)])
            for old in one.olds:
                _take(extra, old, extra.values)
            if one.needs_entry:
                extra.entry = _entry(one, extra.values)
            activation.olds.append(extra)  # behind the own ones, which are counted from the front
            activation.refs.append(extra)
    if spec.needs_entry:
        activation.entry = _entry(spec, values)
    if spec.needs_reached:
        activation.reached = reachable(values)
    if spec.modifies is not None:
        activation.frame = reachable(values)
    for _, _, when, _ in spec.raises:
        activation.whens.append(None if when is None else holds(when[0], when[1], values, _named(spec, values)))
    if spec.measures:
        activation.measure = _measured(spec.measures, values)
        if outer and outer[-1].measure is not None and activation.measure is not None:
            _compare(outer[-1].measure, activation.measure, spec.measures[0][0], _caller())
    return activation


def _entry(spec: Spec, values: Sequence[Any]) -> Entry:
    try:
        return Entry(spec.names, values)
    except NotExecutable:
        return NoEntry()


def _take(activation: Activation, old: Test, values: Sequence[Any]) -> None:
    try:
        value = evaluate(old, values)
        activation.refs.append(value)
        activation.olds.append(snapshot(value))
    except Stop:
        raise
    except Exception as error:  # noqa: BLE001 - raised again where the value is used, which may be never
        activation.olds.append(_Broken(error))
        if len(activation.refs) < len(activation.olds):
            activation.refs.append(_Broken(error))


def _check_requires(specs: Sequence[Spec], values: Sequence[Any], tested: bool) -> None:
    policy = next((s.inherits for s in specs if s.inherits), "")
    levels = [s for s in specs if s.requires]
    if policy == "replace":
        levels = levels[:1]
    failed: int | None = None
    for spec in levels:
        number = _first_broken(spec, values[: len(spec.names)], tested)
        if number is None:
            if policy != "add":
                return  # an overriding method may ask for less: one level is enough
        else:
            failed = number
            if policy == "add":
                break
    if failed is None:
        return
    if tested:
        end("precondition", clause=failed, satisfied=state.satisfied)
    violated("PRECONDITION", failed, at=_caller(), values=_named(specs[0], values))


def _first_broken(spec: Spec, own: Sequence[Any], tested: bool) -> int | None:
    """Return the number of the first precondition that does not hold. One that raises does not hold."""
    for satisfied, (number, test) in enumerate(spec.requires):
        try:
            good = bool(evaluate(test, own))
        except NotExecutable as reason:
            if tested:
                end("unknown", clause=number, reason=str(reason))
            good = True
            state.open_clauses.add(number)
        except Stop:
            raise
        except Exception:  # noqa: BLE001 - conditions are code of the program
            good = False
        if not good:
            state.satisfied = max(state.satisfied, satisfied)
            return number
    return None


def _leave(specs: Sequence[Spec], activation: Activation, result: Any, tested: bool) -> None:
    spec, values = specs[0], activation.values
    shown = {**_named(spec, values), "result": result}
    if spec.result_range is not None and isinstance(result, int):
        low, high = spec.result_range
        if (low is not None and result < low) or (high is not None and result > high):
            violated("RANGE", -1, at=_home(spec), by=_name(spec), values=shown, text=f"the result is between {low} and {high}")
    for index, one in enumerate(specs):
        own = activation if one is spec else activation.olds[len(spec.olds) + index - 1]
        arguments = [*values[: len(one.names)], result, Olds(own.olds), Olds(own.refs), own.entry]
        for number, test in one.ensures:
            if not holds(number, test, arguments, shown):
                violated("POSTCONDITION", number, by=_name(spec), values=shown)
    for (number, _, when, _), was in zip(spec.raises, activation.whens, strict=True):
        if when is not None and was and when[0] not in state.open_clauses:
            violated("RAISES", number, by=_name(spec), values=shown, text=f"{clauses[number]['text']} (it returned)")
    _check_frame(spec, activation)
    if tests_of:
        if spec.method and values and (spec.public or (tested and spec.name == "__init__")):
            _check_class(values[0], by=_name(spec))
        if tested:
            for value in values[1:] if spec.method else values:
                _check_class(value, by=_name(spec))


def _name(spec: Spec) -> str:
    return str(functions[spec.key]["name"])


def _home(spec: Spec) -> tuple[str, int, int]:
    about = functions[spec.key]
    return (about["path"], about["line"], about["column"])


def _check_frame(spec: Spec, activation: Activation) -> None:
    if activation.frame is None or spec.modifies is None:
        return
    whole: set[int] = set()
    fields: set[tuple[int, str]] = set()
    for number, test in spec.modifies:
        try:
            for owner, name in evaluate(test, activation.values):
                if name:
                    fields.add((id(owner), name))
                    whole.update(_collections(owner, name, activation.frame))
                else:
                    whole.add(id(owner))
        except NotExecutable:
            state.open_clauses.add(number)
            return
        except Exception:  # noqa: BLE001 - an object that is not there any more: what was allowed cannot be said
            state.open_clauses.add(number)
            return
    for key, (one, before) in activation.frame.items():
        different = _changed(before, _parts(one))
        if different is None or key in whole or (different and all((key, name) in fields for name in different)):
            continue
        what = (
            f"the fields {', '.join(different)} of {type(one).__name__}" if different else f"the items of a {type(one).__name__}"
        )
        violated("FRAME", -1, at=_home(spec), by=_name(spec), values=_named(spec, activation.values), text=f"{what} changed")


def _collections(owner: Any, name: str, frame: Mapping[int, tuple[Any, Any]]) -> Iterator[int]:
    """Yield the collections that a field refers to, at entry and now: what names a field names their items, too."""
    before = frame[id(owner)][1] if id(owner) in frame else None
    for one in (before.get(name) if isinstance(before, dict) else None, getattr(owner, name, None)):
        if isinstance(one, list | dict | set | deque | bytearray):
            yield id(one)


def _raised(specs: Sequence[Spec], activation: Activation, error: BaseException, tested: bool) -> None:
    spec, values = specs[0], activation.values
    if isinstance(error, NotExecutable):
        end("unknown", reason=str(error))
    if isinstance(error, RecursionError | MemoryError):
        _too_deep(spec)
    matched = False
    allowed = False
    for index, (number, class_, when, ensures) in enumerate(spec.raises):
        try:
            declared = evaluate(class_, values)
            match = isinstance(error, declared)
        except Stop:
            raise
        except Exception:  # noqa: BLE001 - a class that cannot be named cannot be matched
            state.open_clauses.add(number)
            return
        if not match:
            continue
        matched = True
        if when is None or activation.whens[index]:
            allowed = True
            shown = {**_named(spec, values), "exception": error}
            arguments = [*values, error, Olds(activation.olds), Olds(activation.refs), activation.entry]
            for own, test in ensures:
                if not holds(own, test, arguments, shown):
                    violated("RAISES", own, by=_name(spec), values=shown)
    if matched and not allowed:
        number = next(n for n, _, _, _ in spec.raises)
        violated(
            "RAISES",
            number,
            at=_origin(error)[:3],
            values=_named(spec, values),
            text=f"{_described(error)} although not declared for this input",
        )
    if matched:
        return
    inherited = any(isinstance(error, _class_of(c, values[: len(s.names)])) for s in specs[1:] for _, c, _, _ in s.raises)
    if inherited or (any(s.any_raise for s in specs) and not _asserted(error)):
        return
    if spec.claims or tested:
        path, line, column, kind = _origin(error)
        at = (path, line, column) if path else _home(spec)
        violated(kind, -1, at=at, by=_name(spec), values=_named(spec, values), text=_described(error))


def _class_of(test: Test, values: Sequence[Any]) -> Any:
    try:
        return evaluate(test, values)
    except Exception:  # noqa: BLE001 - a class that cannot be named matches nothing
        return ()


def _asserted(error: BaseException) -> bool:
    return isinstance(error, AssertionError) and hasattr(error, "__probatum_assertion__")


def _origin(error: BaseException) -> tuple[str, int, int, str]:
    """Return where in the program an exception came from, and what kind of violation it is."""
    trace: TracebackType | None = error.__traceback__
    found: tuple[str, int, int] = ("", 0, 0)
    explicit = False
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename in paths:
            found = (code.co_filename, *_place(code, trace.tb_lasti))
            explicit = 0 <= trace.tb_lasti < len(code.co_code) and code.co_code[trace.tb_lasti] == _RAISE
        elif code.co_filename != __file__:
            explicit = False
        trace = trace.tb_next
    return (*found, _kind(error, explicit))


def _kind(error: BaseException, explicit: bool) -> str:
    if _asserted(error):
        return "ASSERTION"
    if explicit:
        return "EXCEPTION"
    said = str(error) if isinstance(error, AttributeError | TypeError | ValueError) else ""
    if isinstance(error, AttributeError | TypeError) and "NoneType" in said:
        return "NONE"
    if isinstance(error, ValueError) and "to unpack" in said:
        return "UNPACKING"
    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (IndexError, "INDEX"),
        (KeyError, "KEY"),
        (ZeroDivisionError, "DIVISION"),
        (AttributeError, "ATTRIBUTE"),
        (TypeError, "TYPE"),
        (ValueError, "VALUE"),
        (OverflowError, "VALUE"),
    )
    return next((kind for class_, kind in kinds if isinstance(error, class_)), "EXCEPTION")


def _measured(measures: Sequence[Numbered], values: Sequence[Any]) -> list[Any] | None:
    """Return the values of measures; None: they cannot be evaluated or compared."""
    found: list[Any] = []
    for number, test in measures:
        try:
            value = evaluate(test, values)
        except Stop:
            raise
        except Exception:  # noqa: BLE001 - conditions are code of the program
            state.open_clauses.add(number)
            return None
        if isinstance(value, list | str | bytes | tuple | dict | set | frozenset | deque):
            value = len(value)
        if not isinstance(value, int):
            state.open_clauses.add(number)
            return None
        found.append(value)
    return found


def _compare(before: Sequence[Any], now: Sequence[Any], number: int, at: tuple[str, int, int] | None) -> None:
    """A measure must get smaller, in lexicographic order, in a part that was not negative."""
    for old, new in zip(before, now, strict=False):
        if new == old:
            continue
        if new < old and old >= 0:
            return
        break
    violated("TERMINATION", number, at=at, values={"measure before": before, "measure now": now})


# Bodies


def olds(key: int) -> Olds:
    """Return the values at entry of the call in progress."""
    return Olds(state.active[key][-1].olds) if state.active.get(key) else Olds(())


def refs(key: int) -> Olds:
    """Return the objects at entry of the call in progress."""
    return Olds(state.active[key][-1].refs) if state.active.get(key) else Olds(())


def entry(key: int) -> Entry:
    """Return the parameters at entry of the call in progress."""
    return state.active[key][-1].entry if state.active.get(key) else NoEntry()


def fresh(key: int, value: object) -> bool:
    """Whether an object was made by the call in progress; only what its arguments reach is known to be older."""
    own = state.active.get(key)
    return not own or id(value) not in own[-1].reached


def check(number: int, test: Test, kind: str = "ASSERTION") -> None:
    """Check a condition in a body."""
    if state.busy or holds(number, test, ()):
        return
    violated(kind, number)


def assume(number: int, test: Test) -> None:
    """End the run, without blame, if what the author takes for true is not."""
    if not state.busy and not holds(number, test, ()):
        end("assumption", clause=number)


def failed(number: int, message: Test | None) -> None:
    """Raise for an `assert` that failed."""
    del number
    error = AssertionError(*(() if message is None else (message(),)))
    error.__probatum_assertion__ = True  # type: ignore[attr-defined]  # told apart from `raise AssertionError`
    raise error


class Loop:
    """One execution of a loop with a contract."""

    def __init__(self, numbers: Sequence[int], measures: Sequence[int]) -> None:
        self.numbers, self.measures = numbers, measures
        self.measure: list[Any] | None = None
        self.rounds = 0

    def head(self, tests: Sequence[Test], measures: Sequence[Test] = (), shown: Test | None = None) -> bool:
        """Check what the loop keeps, and that its measure went down."""
        if state.busy:
            return True
        kind = "MAINTAINED" if self.rounds else "ENTRY"
        self.rounds += 1
        for number, test in zip(self.numbers, tests, strict=True):
            if not holds(number, test, ()):
                violated(kind, number, values=_local(shown))
        if measures:
            now = _measured(list(zip(self.measures, measures, strict=True)), ())
            if self.measure is not None and now is not None:
                _compare(self.measure, now, self.measures[0], None)
            self.measure = now
        return True

    def each(self, items: Iterable[Any], tests: Sequence[Test]) -> Iterator[Any]:
        """Yield the items, and check what the loop keeps after the last."""
        yield from items
        self.head(tests)


def _local(shown: Test | None) -> dict[str, Any]:
    if shown is None:
        return {}
    try:
        return dict(shown())
    except Exception:  # noqa: BLE001 - a variable that has no value yet is not shown
        return {}


# Classes

tests_of: dict[type, Sequence[Numbered]] = {}
ranges_of: dict[type, Sequence[tuple[str, int | None, int | None]]] = {}


def class_(tests: Sequence[Numbered], ranges: Sequence[tuple[str, int | None, int | None]]) -> Callable[[type], type]:
    """Return a decorator that checks what a class keeps, when an instance has been made."""

    def decorate(own: type) -> type:
        if issubclass(own, Enum):
            return own
        if tests or ranges:
            tests_of[own], ranges_of[own] = tests, ranges
        if not any(c in tests_of for c in own.__mro__):
            return own
        made: Callable[..., None] = own.__init__

        @functools.wraps(made)
        def init(self: Any, *args: Any, **kwargs: Any) -> None:
            made(self, *args, **kwargs)
            if type(self) is own and not state.busy:
                _check_class(self)

        setattr(own, "__init__", init)  # noqa: B010 - type checkers refuse an assignment to a method
        return own

    return decorate


def _check_class(value: Any, *, tested: bool = False, by: str = "") -> None:
    for own in type(value).__mro__:
        for number, test in tests_of.get(own, ()):
            if not holds(number, test, (value,), {"self": value}):
                if tested:
                    end("precondition", clause=number, satisfied=0)
                violated(
                    "CLASS_INVARIANT", number, by=by or f"{own.__module__}.{own.__qualname__}.__init__", values={"self": value}
                )
        for name, low, high in ranges_of.get(own, ()):
            part = getattr(value, name, None)
            if isinstance(part, int) and ((low is not None and part < low) or (high is not None and part > high)):
                if tested:
                    end("precondition", clause=-1, satisfied=0)
                violated("RANGE", -1, at=_caller(), by=by, values={"self": value}, text=f"`{name}` is between {low} and {high}")
