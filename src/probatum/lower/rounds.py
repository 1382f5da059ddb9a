"""What the rounds of a loop that are over have in common: the tests that they passed, and what they put where.

- a test that ends the loop, or the function, failed in all earlier rounds, and so at all places where they were;
- what is promised of every item of a result holds of what is about to be appended to it;
- the last item of what is merged comes before the items that are next;
- the result plus or minus one may be another variable of the loop;
- of items that are sorted in place, those on one side of a counter are in order, and come before those on the other.

All are guesses, see `guessing`: inference keeps those that hold.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Mapping

from probatum.lower.forms import AT, SEEN, Setting, start_of, strides
from probatum.lower.substitution import names_of, replaced
from probatum.python.scopes import walk

_FEW = 3  # variables, or places, that are tried
_ENDING = (ast.Return, ast.Raise, ast.Break)


def of_rounds(setting: Setting, starts: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    """Yield the guesses about a loop; `starts`: what variables held before."""
    yield from _passed(setting, starts)
    yield from _to_be_appended(setting)
    yield from _merged(setting)
    yield from _beside(setting)
    yield from _in_order(setting)
    yield from _kept_before(setting, starts)
    yield from _summed(setting, starts)
    yield from _products(setting, starts)


# --- tests -----------------------------------------------------------------------------------------


def _passed(setting: Setting, starts: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    """Yield that a test that ends a loop failed at all places where rounds were."""
    loop = setting.loop
    for test in _ending_tests(loop):
        for name, first, last, others in _courses(setting, starts):
            if name not in names_of(test):
                continue
            item = _name("k'")
            own = replaced(test, {name: item, **{n: _at(e, item, first) for n, e in others.items()}})
            if names_of(own) & (setting.changed - {SEEN}):
                continue
            span = ast.Call(_name("range"), [first, last], [])
            yield ast.Call(_name("__forall__"), [span, _rule("k'", _negated(own))], [])
        match loop:
            case ast.For(target=ast.Name(id=name), iter=over) if not isinstance(over, ast.Call):
                if name in names_of(test) and not (names_of(test) - {name}) & setting.changed:
                    own = replaced(test, {name: _name("x'")})
                    yield ast.Call(_name("__forall__"), [_name(SEEN), _rule("x'", _negated(own))], [])
            case ast.For(target=ast.Tuple() as target, iter=over) if not isinstance(over, ast.Call):
                bound = names_of(target)
                if names_of(test) & bound and not (names_of(test) - bound) & setting.changed:
                    fresh: dict[str, ast.expr] = {n: _name(f"{n}'") for n in bound}
                    clause = ast.comprehension(_stored(replaced(target, fresh)), _name(SEEN), [], 0)
                    yield ast.Call(_name("all"), [ast.GeneratorExp(_negated(replaced(test, fresh)), [clause])], [])


def _ending_tests(loop: ast.While | ast.For) -> Iterator[ast.expr]:
    for statement in loop.body:
        match statement:
            case ast.If(test=test, body=[*_, last], orelse=other) if isinstance(last, _ENDING):
                yield test
                match other:  # `elif`
                    case [ast.If(test=second, body=[*_, then])] if isinstance(then, _ENDING):
                        yield second


def _courses(
    setting: Setting, starts: Mapping[str, ast.expr]
) -> Iterator[tuple[str, ast.expr, ast.expr, dict[str, tuple[ast.expr, int]]]]:
    """Yield counters that grow by one, where they began and where they are, and the others by start and step."""
    loop = setting.loop
    by = {n: s for n, s in strides(loop).items() if setting.types.get(n) == "int" and n in starts}
    if isinstance(loop, ast.For):
        match loop.iter:
            case ast.Call(func=ast.Name(id="range"), args=[_]) if isinstance(loop.target, ast.Name):
                yield loop.target.id, ast.Constant(0), _name(loop.target.id), {}
            case ast.Call(func=ast.Name(id="range"), args=[low, _]) if isinstance(loop.target, ast.Name):
                yield loop.target.id, low, _name(loop.target.id), {}
            case ast.Call(func=ast.Name(id="enumerate"), args=[_]):
                match loop.target:
                    case ast.Tuple(elts=[ast.Name(id=name), _]):
                        yield name, ast.Constant(0), _name(AT), {}
        return
    for name, step in by.items():
        if step == 1:
            yield name, starts[name], _name(name), {n: (starts[n], s) for n, s in by.items() if n != name}


def _at(course: tuple[ast.expr, int], place: ast.expr, first: ast.expr) -> ast.expr:
    """Return what a variable is when another, that grows by one, is at a place."""
    start, step = course
    rounds = place if isinstance(first, ast.Constant) and first.value == 0 else ast.BinOp(place, ast.Sub(), first)
    if abs(step) != 1:
        rounds = ast.BinOp(ast.Constant(abs(step)), ast.Mult(), rounds)
    return ast.BinOp(start, ast.Add() if step > 0 else ast.Sub(), rounds)


def _negated(test: ast.expr) -> ast.expr:
    opposite = {ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In}
    match test:
        case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in opposite:
            return ast.Compare(left, [opposite[type(op)]()], [right])
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return inner
    return ast.UnaryOp(ast.Not(), test)


# --- what is appended --------------------------------------------------------------------------------


def _appended(setting: Setting) -> list[tuple[str, ast.expr]]:
    """Return what is appended to what, in a loop."""
    found: dict[str, tuple[str, ast.expr]] = {}
    for node in walk(setting.loop):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append" | "add"), args=[value]):
                found[ast.unparse(node)] = (name, value)
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=ast.List(elts=[value])):
                found[ast.unparse(node)] = (name, value)
    return list(found.values())


def _to_be_appended(setting: Setting) -> Iterator[ast.expr]:
    """Yield what is promised of every item of the result, of a variable that is appended to it."""
    for _, value in _appended(setting):
        if not isinstance(value, ast.Name) or value.id not in setting.types or value.id not in setting.changed:
            continue
        for claim in setting.claims:
            match claim:
                case ast.Call(
                    func=ast.Name(id="all"),
                    args=[
                        ast.GeneratorExp(elt=body, generators=[ast.comprehension(target=ast.Name(id=item), iter=over, ifs=[])])
                    ],
                ) if "__result__" in names_of(over) and "__result__" not in names_of(body):
                    yield replaced(body, {item: value})
                case ast.Call(func=ast.Name(id="__forall__"), args=[over, ast.Lambda(args=own, body=body)]) if (
                    "__result__" in names_of(over) and "__result__" not in names_of(body) and len(own.args) == 1
                ):
                    yield replaced(body, {own.args[0].arg: value})


def _merged(setting: Setting) -> Iterator[ast.expr]:
    """Yield that the last item that was appended comes before those that are next."""
    appended = _appended(setting)
    nexts: dict[str, ast.Subscript] = {}
    for node in walk(setting.loop):
        match node:
            case ast.Subscript(value=ast.Name(id=owner), slice=ast.Name(id=place)) if (
                place in setting.counters and owner not in setting.changed
            ):
                nexts[ast.unparse(node)] = ast.Subscript(node.value, node.slice, ast.Load())
    for name in dict.fromkeys(n for n, value in appended if isinstance(value, ast.Subscript)):
        for one in list(nexts.values())[:_FEW]:
            last = ast.Subscript(_name(name), ast.UnaryOp(ast.USub(), ast.Constant(1)), ast.Load())
            none = ast.Compare(ast.Call(_name("len"), [_name(name)], []), [ast.Eq()], [ast.Constant(0)])
            over = ast.Compare(one.slice, [ast.GtE()], [ast.Call(_name("len"), [one.value], [])])
            for op in (ast.Lt(), ast.LtE(), ast.Gt(), ast.GtE()):
                yield ast.BoolOp(ast.Or(), [none, over, ast.Compare(last, [op], [one])])


# --- results beside a variable -------------------------------------------------------------------------


def _beside(setting: Setting) -> Iterator[ast.expr]:
    """Yield what is promised of the result plus or minus one, of other variables."""
    for claim in setting.claims:
        parts = [claim]
        if isinstance(claim, ast.Compare) and len(claim.ops) > 1:
            operands = [claim.left, *claim.comparators]
            parts = [ast.Compare(a, [o], [b]) for (a, b), o in zip(itertools.pairwise(operands), claim.ops, strict=True)]
        for part in parts:
            for node in walk(part):
                match node:
                    case ast.BinOp(left=ast.Name(id="__result__"), op=ast.Add() | ast.Sub(), right=ast.Constant()):
                        text = ast.dump(node)
                        for name in setting.counters[: 2 * _FEW]:
                            changed = _Swap(text, _name(name)).visit(replaced(part, {}))
                            if "__result__" not in names_of(changed):
                                yield changed


class _Swap(ast.NodeTransformer):
    """Puts an expression in the place of another."""

    def __init__(self, old: str, new: ast.expr) -> None:
        self.old, self.new = old, new

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Replace it, or what is in it."""
        return self.new if ast.dump(node) == self.old else self.generic_visit(node)


# --- sorting -----------------------------------------------------------------------------------------


def _in_order(setting: Setting) -> Iterator[ast.expr]:
    """Yield that what is swapped is in order on one side of a counter, and comes before or after the other side."""
    swapped = dict.fromkeys(
        n.value.id
        for n in walk(setting.loop)
        if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) and isinstance(n.value, ast.Name)
    )
    compared = {
        n.value.id
        for c in walk(setting.loop)
        if isinstance(c, ast.Compare) and isinstance(c.ops[0], ast.Lt | ast.LtE | ast.Gt | ast.GtE)
        for n in ast.walk(c)
        if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name)
    }
    for name in list(swapped)[:_FEW]:
        if name not in compared:
            continue
        length = ast.Call(_name("len"), [_name(name)], [])
        for place in [*setting.outer, *setting.places][:4]:
            rest = ast.BinOp(length, ast.Sub(), place)
            for cut in (place, rest):
                for first, second in (((None, cut), (cut, None)), ((None, cut), (None, cut)), ((cut, None), (cut, None))):
                    for op in (ast.LtE(), ast.GtE()):
                        yield _pairs(name, length, first, second, op)
            for op in (ast.LtE(), ast.GtE()):
                span = ast.Call(_name("range"), [ast.Constant(0), place], [])
                item = ast.Compare(_item(name, _name("k'")), [op], [_item(name, place)])
                guard = ast.Compare(place, [ast.Lt()], [length])
                yield ast.Call(_name("__forall__"), [span, _rule("k'", ast.Call(_name("__implies__"), [guard, item], []))], [])


def _pairs(
    name: str, length: ast.expr, first: tuple[ast.expr | None, ast.expr | None], second: tuple[ast.expr | None, ast.expr | None],
    op: ast.cmpop,
) -> ast.expr:  # fmt: skip  # two ranges
    """Return that items at places of one range and later ones of another are in order."""
    ranges = [ast.Call(_name("range"), [low or ast.Constant(0), high or length], []) for low, high in (first, second)]
    item = ast.Compare(_item(name, _name("k'")), [op], [_item(name, _name("l'"))])
    if first == second:
        item = ast.Call(_name("__implies__"), [ast.Compare(_name("k'"), [ast.Lt()], [_name("l'")]), item], [])  # type: ignore[assignment]  # an expression, too
    inner = ast.Call(_name("__forall__"), [ranges[1], _rule("l'", item)], [])
    return ast.Call(_name("__forall__"), [ranges[0], _rule("k'", inner)], [])


# --- what grows ----------------------------------------------------------------------------------------


def _kept_before(setting: Setting, starts: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    """Yield that what an inner loop appends to still begins with what was there before it."""
    for name in dict.fromkeys(n for n, _ in _appended(setting)):
        if setting.around is None or setting.types.get(name) != "collection":
            continue
        match starts.get(name):
            case ast.Name(id=start) if start == start_of(name):
                span = ast.Call(_name("range"), [ast.Constant(0), ast.Call(_name("len"), [_name(start)], [])], [])
                same = ast.Compare(_item(name, _name("k'")), [ast.Eq()], [_item(start, _name("k'"))])
                yield ast.Call(_name("__forall__"), [span, _rule("k'", same)], [])


def _summed(setting: Setting, starts: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    """Yield that a variable is what it began as, with the sum of what the rounds added; and of lists, what they appended."""
    loop = setting.loop
    if not isinstance(loop, ast.For):
        return
    match loop.iter, loop.target:
        case ast.Call(func=ast.Name(id="range"), args=[high]), ast.Name() as target:
            over: ast.expr = ast.Call(_name("range"), [_name(AT)], [])
            del high
        case ast.Call(func=ast.Name(id="range"), args=[low, _]), ast.Name() as target:
            over = ast.Call(_name("range"), [low, target], [])
        case ast.Call(), _:
            return
        case _, (ast.Name() | ast.Tuple()) as target:
            over = _name(SEEN)
        case _:
            return
    bound = names_of(target)
    fresh = {n: ast.Name(f"{n}'", ast.Load()) for n in bound}
    for name, value, tests, adds in _growing(loop):
        if any(names_of(e) & (setting.changed - bound) for e in (value, *tests)) or name in bound:
            continue
        match value:  # items one by one, by their places
            case ast.Subscript(value=owner, slice=ast.Name(id=place)) if (
                adds and not tests and place in bound and not names_of(owner) & bound and name in starts
            ):
                end = _name(AT) if isinstance(over, ast.Call) and len(over.args) == 1 else target
                seen = ast.Subscript(owner, ast.Slice(None, end, None), ast.Load())
                whole = ast.Call(_name("sum"), [seen], [])
                yield ast.Compare(_name(name), [ast.Eq()], [ast.BinOp(starts[name], ast.Add(), whole)])
        own = [replaced(e, fresh) for e in (value, *tests)]
        clause = ast.comprehension(_stored(replaced(target, fresh)), over, own[1:], 0)
        if adds and name in setting.counters and name in starts:
            total: ast.expr = ast.Call(_name("sum"), [ast.GeneratorExp(own[0], [clause])], [])
            start = starts[name]
            if not (isinstance(start, ast.Constant) and start.value == 0):
                total = ast.BinOp(start, ast.Add(), total)
            yield ast.Compare(_name(name), [ast.Eq()], [total])
        elif not adds and isinstance(starts.get(name), ast.List):
            yield ast.Compare(_name(name), [ast.Eq()], [ast.ListComp(own[0], [clause])])


def _products(setting: Setting, starts: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    """Yield that what grows by one in every round of an inner loop has grown by so many in every round of the outer one."""
    loop = setting.loop
    for inner in (n for s in loop.body for n in ast.walk(s) if isinstance(n, ast.For) and isinstance(loop, ast.For)):
        match inner.iter:
            case ast.Call(func=ast.Name(id="range"), args=[limit]):
                pass
            case ast.Name():
                limit = ast.Call(_name("len"), [inner.iter], [])
            case _:
                continue
        if names_of(limit) & setting.changed:
            continue
        grown = ast.BinOp(_name(AT), ast.Mult(), limit)
        by = strides(inner)
        for name in sorted(n for n, step in by.items() if step == 1 and n in starts and n in setting.changed):
            if setting.types.get(name) == "int":
                yield ast.Compare(_name(name), [ast.Eq()], [ast.BinOp(starts[name], ast.Add(), grown)])
            elif setting.types.get(name) == "collection" and isinstance(starts[name], ast.List):
                yield ast.Compare(ast.Call(_name("len"), [_name(name)], []), [ast.Eq()], [grown])


def _growing(loop: ast.For) -> Iterator[tuple[str, ast.expr, list[ast.expr], bool]]:
    """Yield what a loop adds to, or appends to, in one place: what, under which conditions, and which of both it is."""
    found: dict[str, list[tuple[str, ast.expr, list[ast.expr], bool]]] = {}
    pending: list[tuple[ast.stmt, list[ast.expr]]] = [(s, []) for s in loop.body]
    while pending:
        statement, tests = pending.pop(0)
        match statement:
            case ast.If(test=test, body=body, orelse=[]):
                pending.extend((s, [*tests, test]) for s in body)
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=value):
                found.setdefault(name, []).append((name, value, tests, True))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value])):
                found.setdefault(name, []).append((name, value, tests, False))
    yield from (one for own in found.values() if len(own) == 1 for one in own)


def _stored(target: ast.expr) -> ast.expr:
    for node in ast.walk(target):
        if isinstance(node, ast.Name | ast.Tuple):
            node.ctx = ast.Store()
    return target


# --- expressions ---------------------------------------------------------------------------------------


def _item(name: str, place: ast.expr) -> ast.Subscript:
    return ast.Subscript(_name(name), place, ast.Load())


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _rule(name: str, body: ast.expr) -> ast.expr:
    return ast.Lambda(ast.arguments([], [ast.arg(name)], None, [], [], None, []), body)


__all__ = ["of_rounds"]
