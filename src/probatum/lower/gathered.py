"""What collections hold that a loop fills: dicts by their keys and values, and lists and sets of what was picked.

All are guesses, see `guessing`: inference keeps those that hold.

- the keys are what an expression makes of the items that the loop has seen, all of them and nothing else;
- what a postcondition says of the result, or of its items, holds of the keys, the values and the items;
- the values are not negative, lie below what counts the rounds, and lead back to their keys;
- dicts that are filled together have the same keys;
- what a function promises of what it returns holds of all that was put in;
- there is something in it as soon as there was a round.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator, Sequence

from probatum.lower.forms import AT, SEEN, Setting
from probatum.lower.substitution import names_of, replaced
from probatum.python.scopes import walk

_FEW = 3  # collections, or ways of filling one
_KEY, _ITEM = "key'", "one'"


def of_gathered(setting: Setting, promised: Callable[[ast.Call], Sequence[ast.expr]]) -> Iterator[ast.expr]:
    """Yield the guesses about a loop; `promised`: what a function that is called says of its result alone."""
    stores = _stores(setting)
    for name in list(stores)[:_FEW]:
        yield from _values(setting, name, stores[name][:_FEW])
        yield from _keys(setting, name, stores[name][:_FEW])
    for first, second in itertools.permutations(list(stores)[:_FEW], 2):
        yield _all(_in(_name(_KEY), second), _KEY, _name(first))
        same = ast.Compare(_at(first), [ast.LtE()], [_at(second)])
        yield _all(ast.BoolOp(ast.And(), [_in(_name(_KEY), second), same]), _KEY, _name(first))
    for name in (*stores, *_picked(setting)):
        if isinstance(setting.loop, ast.For):
            none = ast.Compare(_name(AT), [ast.Eq()], [ast.Constant(0)])
            some = ast.Compare(ast.Constant(0), [ast.Lt()], [ast.Call(_name("len"), [_name(name)], [])])
            yield ast.BoolOp(ast.Or(), [none, some])
    for name, call in itertools.islice(_made(setting), _FEW):
        for claim in promised(call):
            yield _all(replaced(claim, {"__result__": _name(_ITEM)}), _ITEM, _name(name))
    for name in itertools.islice(_picked(setting), _FEW):
        for claim in _of_one(setting):
            yield _all(replaced(claim, {"__result__": _name(_ITEM)}), _ITEM, _name(name))


def _stores(setting: Setting) -> dict[str, list[tuple[ast.expr, ast.expr]]]:
    """Return the keys under which a loop stores, each with the value that it assigns or adds, by the name of the dict."""
    found: dict[str, dict[str, tuple[ast.expr, ast.expr]]] = {}
    for node in walk(setting.loop):
        match node:
            case (
                ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=key)], value=value)
                | ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name), slice=key), value=value)
            ) if not isinstance(key, ast.Slice) and setting.types.get(name) == "collection":
                found.setdefault(name, {}).setdefault(ast.unparse(key), (key, value))
    return {name: list(own.values()) for name, own in found.items()}


def _values(setting: Setting, name: str, stores: list[tuple[ast.expr, ast.expr]]) -> Iterator[ast.expr]:
    for low in (ast.LtE(), ast.Lt()):
        yield _all(ast.Compare(ast.Constant(0), [low], [_at(name)]), _KEY, _name(name))
    for place in setting.places[:4]:
        for op in (ast.Lt(), ast.LtE()):
            yield _all(ast.Compare(_at(name), [op], [place]), _KEY, _name(name))
    match setting.loop:
        case ast.For(
            target=ast.Tuple(elts=[ast.Name(id=place_name), ast.Name(id=item)]),
            iter=ast.Call(func=ast.Name(id="enumerate"), args=[ast.Name() as over]),
        ):
            for key, value in stores:  # the place of each item, so that the place leads back to it
                if isinstance(key, ast.Name) and isinstance(value, ast.Name) and (key.id, value.id) == (item, place_name):
                    found = ast.Subscript(over, _at(name), ast.Load())
                    within = ast.Compare(ast.Constant(0), [ast.LtE(), ast.Lt()], [_at(name), _name(AT)])
                    back = ast.Compare(found, [ast.Eq()], [_name(_KEY)])
                    yield _all(ast.BoolOp(ast.And(), [within, back]), _KEY, _name(name))
    for claim in _of_one(setting):
        yield _all(replaced(claim, {"__result__": _name(_KEY)}), _KEY, _name(name))
        yield _all(replaced(claim, {"__result__": _at(name)}), _KEY, _name(name))


def _keys(setting: Setting, name: str, stores: list[tuple[ast.expr, ast.expr]]) -> Iterator[ast.expr]:
    """Yield that the keys are what is made of the items that were seen."""
    match setting.loop:
        case ast.For(target=ast.Name(id=item), iter=over) if not isinstance(over, ast.Call):
            pass
        case ast.For(
            target=ast.Tuple(elts=[ast.Name(), ast.Name(id=item)]), iter=ast.Call(func=ast.Name(id="enumerate"), args=[_])
        ):
            pass
        case _:
            return
    for key, _ in stores:
        if item not in names_of(key) or (names_of(key) - {item}) & setting.changed:
            continue
        made = replaced(key, {item: _name(_ITEM)})
        yield _all(_in(made, name), _ITEM, _name(SEEN))
        if isinstance(key, ast.Name):
            yield _all(ast.Compare(_name(_KEY), [ast.In()], [_name(SEEN)]), _KEY, _name(name))
        else:
            yield _all(_some(ast.Compare(made, [ast.Eq()], [_name(_KEY)]), _ITEM, _name(SEEN)), _KEY, _name(name))


def _picked(setting: Setting) -> Iterator[str]:
    """Yield the names of lists and sets into which the loop puts items."""
    seen = set()
    for node in walk(setting.loop):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add"), args=[_]) if name not in seen:
                seen.add(name)
                if setting.types.get(name) == "collection":
                    yield name


def _made(setting: Setting) -> Iterator[tuple[str, ast.Call]]:
    """Yield the names of lists and sets, each with a call whose result the loop puts into it."""
    for node in walk(setting.loop):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add"), args=[ast.Call() as call]):
                if setting.types.get(name) == "collection":
                    yield name, call


def _of_one(setting: Setting) -> list[ast.expr]:
    """Return what postconditions say of one value that the loop does not compute: `result in {x.k for x in xs}`."""
    kept = (ast.In, ast.NotIn, ast.Lt, ast.LtE, ast.Gt, ast.GtE)
    found: list[ast.expr] = []
    for claim in setting.claims:
        match claim:
            case ast.Compare(left=ast.Name(id="__result__"), ops=[op], comparators=[other]) if isinstance(op, kept):
                if not names_of(other) & {*setting.changed, "__result__"}:
                    found.append(claim)
            case ast.Compare(left=ast.Constant(), ops=[ast.Lt() | ast.LtE()], comparators=[ast.Name(id="__result__")]):
                found.append(claim)
    return found[:_FEW]


# --- expressions ---------------------------------------------------------------------------------------


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _at(name: str) -> ast.Subscript:
    return ast.Subscript(_name(name), _name(_KEY), ast.Load())


def _in(value: ast.expr, name: str) -> ast.expr:
    return ast.Compare(value, [ast.In()], [_name(name)])


def _all(body: ast.expr, bound: str, over: ast.expr) -> ast.expr:
    return _of("all", body, bound, over)


def _some(body: ast.expr, bound: str, over: ast.expr) -> ast.expr:
    return _of("any", body, bound, over)


def _of(name: str, body: ast.expr, bound: str, over: ast.expr) -> ast.expr:
    generator = ast.comprehension(ast.Name(bound, ast.Store()), over, [], 0)
    return ast.Call(_name(name), [ast.GeneratorExp(body, [generator])], [])


__all__ = ["of_gathered"]
