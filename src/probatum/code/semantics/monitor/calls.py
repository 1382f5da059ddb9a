"""Calls of functions with contracts: what holds before, after, and when they raise."""

from __future__ import annotations

import functools
from collections import deque

from .activations import Activation, Olds, Spec, entry_of, home, name_of, named, take
from .classes import check_class, tests_of
from .conditions import compare, evaluate, exhausts, holds, measured
from .heap import changed, parts_of, reachable
from .places import asserted, caller, described, origin, tick, violated
from .progress import NotExecutable, Stop, clauses, end, state, wrappers

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any

    from .progress import Numbered, Test

_STARRED = 0x04 | 0x08  # flags of code with `*args` or `**kwargs`; `inspect`, which names them, takes long to import


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
    path, line, column = home(spec)
    end("limit", what="recursion", function=name_of(spec), path=path, line=line, column=column)


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


def _enter(specs: Sequence[Spec], values: Sequence[Any], tested: bool, outer: Sequence[Activation]) -> Activation:
    spec = specs[0]
    for name, low, high in spec.ranges:
        value = values[spec.names.index(name)]
        if isinstance(value, int) and ((low is not None and value < low) or (high is not None and value > high)):
            if tested:
                end("precondition", clause=-1, satisfied=0)
            violated("RANGE", -1, at=caller(), values={name: value}, text=f"`{name}` is between {low} and {high}")
    _check_requires(specs, values, tested)
    if state.making and spec.implied and _first_broken(spec.implied, values, tested=False) is not None:
        end("arguments", kind=f"the arguments of `{name_of(spec)}` are not what their annotations ask for")
    if tested and spec.method and spec.public and tests_of and values:
        check_class(values[0], tested=True)
    activation = Activation(values)
    for one in specs:
        own = values[: len(one.names)]
        for old in one.olds if one is spec else ():
            take(activation, old, own)
    if len(specs) > 1:
        for one in specs[1:]:
            extra = Activation(values[: len(one.names)])
            for old in one.olds:
                take(extra, old, extra.values)
            if one.needs_entry:
                extra.entry = entry_of(one, extra.values)
            activation.olds.append(extra)  # behind the own ones, which are counted from the front
            activation.refs.append(extra)
    if spec.needs_entry:
        activation.entry = entry_of(spec, values)
    if spec.needs_reached:
        activation.reached = reachable(values)
    if spec.modifies is not None:
        activation.frame = reachable(values)
    for _, _, when, _ in spec.raises:
        activation.whens.append(None if when is None else holds(when[0], when[1], values, named(spec, values)))
    if spec.measures:
        activation.measure = measured(spec.measures, values)
        if outer and outer[-1].measure is not None and activation.measure is not None:
            compare(outer[-1].measure, activation.measure, spec.measures[0][0], caller())
    return activation


def _check_requires(specs: Sequence[Spec], values: Sequence[Any], tested: bool) -> None:
    policy = next((s.inherits for s in specs if s.inherits), "")
    levels = [s for s in specs if s.requires]
    if policy == "replace":
        levels = levels[:1]
    failed: int | None = None
    for spec in levels:
        number = _first_broken(spec.requires, values[: len(spec.names)], tested=tested)
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
    violated("PRECONDITION", failed, at=caller(), values=named(specs[0], values))


def _first_broken(conditions: Sequence[Numbered], own: Sequence[Any], *, tested: bool) -> int | None:
    """Return the number of the first precondition that does not hold. One that raises does not hold."""
    for satisfied, (number, test) in enumerate(conditions):
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
    shown = {**named(spec, values), "result": result}
    if spec.result_range is not None and isinstance(result, int):
        low, high = spec.result_range
        if (low is not None and result < low) or (high is not None and result > high):
            violated("RANGE", -1, at=home(spec), by=name_of(spec), values=shown, text=f"the result is between {low} and {high}")
    for index, one in enumerate(specs):
        own = activation if one is spec else activation.olds[len(spec.olds) + index - 1]
        arguments = [*values[: len(one.names)], result, Olds(own.olds), Olds(own.refs), own.entry]
        for number, test in one.ensures:
            if not holds(number, test, arguments, shown):
                violated("POSTCONDITION", number, by=name_of(spec), values=shown)
    for (number, _, when, _), was in zip(spec.raises, activation.whens, strict=True):
        if when is not None and was and when[0] not in state.open_clauses:
            violated("RAISES", number, by=name_of(spec), values=shown, text=f"{clauses[number]['text']} (it returned)")
    _check_frame(spec, activation)
    if tests_of:
        if spec.method and values and (spec.public or (tested and spec.name == "__init__")):
            check_class(values[0], by=name_of(spec))
        if tested:
            for value in values[1:] if spec.method else values:
                check_class(value, by=name_of(spec))


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
        different = changed(before, parts_of(one))
        if different is None or key in whole or (different and all((key, name) in fields for name in different)):
            continue
        what = (
            f"the fields {', '.join(different)} of {type(one).__name__}" if different else f"the items of a {type(one).__name__}"
        )
        violated("FRAME", -1, at=home(spec), by=name_of(spec), values=named(spec, activation.values), text=f"{what} changed")


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
    if isinstance(error, RecursionError):
        _too_deep(spec)
    if exhausts(error):
        end("limit", what="memory")  # where it happens depends on the machine: nothing is said of the function
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
            shown = {**named(spec, values), "exception": error}
            arguments = [*values, error, Olds(activation.olds), Olds(activation.refs), activation.entry]
            for own, test in ensures:
                if not holds(own, test, arguments, shown):
                    violated("RAISES", own, by=name_of(spec), values=shown)
    if matched and not allowed:
        number = next(n for n, _, _, _ in spec.raises)
        violated(
            "RAISES",
            number,
            at=origin(error)[:3],
            values=named(spec, values),
            text=f"{described(error)} although not declared for this input",
        )
    if matched:
        return
    inherited = any(isinstance(error, _class_of(c, values[: len(s.names)])) for s in specs[1:] for _, c, _, _ in s.raises)
    if inherited or (any(s.any_raise for s in specs) and not asserted(error)):
        return
    if spec.claims or tested:
        path, line, column, kind = origin(error)
        at = (path, line, column) if path else home(spec)
        violated(kind, -1, at=at, by=name_of(spec), values=named(spec, values), text=described(error))


def _class_of(test: Test, values: Sequence[Any]) -> Any:
    try:
        return evaluate(test, values)
    except Exception:  # noqa: BLE001 - a class that cannot be named matches nothing
        return ()
