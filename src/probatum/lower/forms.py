"""Forms that invariants usually have, beyond what postconditions say of the part that is done.

Where counters began, how variables that step together stay apart, which items a
loop has not touched yet, what an accumulator and the rest of the work make
together. All of them are guesses, see `guessing`: inference keeps those that hold.
"""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from probatum.python.program import Function
from probatum.records import dataclass

SEEN = "seen'"  # the items that a `for` loop went over
AT = "at'"  # how many there are
_ENTRY = "entry'"
_START = "start'"
_MEASURES = 80
_COMBINED = 24  # guesses from one call of a function


def entry(name: str) -> str:
    """Return the name by which guesses call what was passed for a parameter, whatever the body assigns to it."""
    return _ENTRY + name


def start_of(name: str) -> str:
    """Return the name by which guesses call what a variable holds where a loop within another begins."""
    return _START + name


@dataclass(frozen=True, slots=True)
class Setting:
    """Where guesses are made.

    Attributes
    ----------
    function : Function
    loop : ast.While or ast.For
    types : mapping of str to str
        For each local variable that has a value: `int`, `collection` or something else.
    claims : sequence of ast.expr
        Conjuncts of postconditions.
    returned : sequence of ast.expr
        What the function returns, as far as it is variables and constants.
    counters : sequence of str
        Integers that the loop assigns.
    changed : collection of str
        Names that the loop assigns, or whose items it may change.
    outer : sequence of ast.expr
        The counters of loops around it.
    around : ast.While or ast.For or None
        The loop that it stands in.
    """

    function: Function
    loop: ast.While | ast.For
    types: Mapping[str, str]
    claims: Sequence[ast.expr]
    returned: Sequence[ast.expr]
    counters: Sequence[str]
    changed: frozenset[str]
    outer: Sequence[ast.expr] = ()
    around: ast.While | ast.For | None = None

    @property
    def places(self) -> list[ast.expr]:
        """What counts how far the loop is."""
        own: list[ast.expr] = [_name(c) for c in self.counters]
        if isinstance(self.loop, ast.For):
            own.append(_name(AT))
            if isinstance(self.loop.target, ast.Name) and self.types.get(self.loop.target.id, "int") == "int":
                own.append(_name(self.loop.target.id))
        return own


def forms(setting: Setting) -> Iterator[ast.expr]:
    """Yield guesses, those of the plainest forms first."""
    starts = starting(setting)
    yield from _bounds(setting, starts)
    yield from _strides(setting, starts)
    yield from _untouched(setting, starts)
    yield from _divided(setting)
    yield from _remaining(setting, starts)
    yield from _extremes(setting)


def measures(function: Function, loop: ast.While, numbers: Sequence[str], collections: Sequence[str]) -> list[ast.expr]:
    """Return what may become less in every round, the plainest first.

    Parameters
    ----------
    function : Function
    loop : ast.While
    numbers, collections : sequence of str
        Local variables that have a value.
    """
    stored = {n.id for s in loop.body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    counters = [n for n in numbers if n in stored]
    fixed: list[ast.expr] = [_name(n) for n in numbers if n not in stored]
    fixed += [_name(entry(p.name)) for p in function.parameters if p.name in counters]
    fixed += [_length(_name(c)) for c in collections if c not in stored]
    found: list[ast.expr] = [_name(n) for n in counters]
    found += left_to_add(loop, collections)
    found += [_length(_name(c)) for c in collections]
    found += [ast.BinOp(e, ast.Sub(), _name(n)) for n in counters for e in fixed]
    for left, right in itertools.combinations(counters, 2):
        found += [ast.BinOp(_name(right), ast.Sub(), _name(left)), ast.BinOp(_name(left), ast.Sub(), _name(right))]
        found.append(ast.BinOp(_name(left), ast.Add(), _name(right)))
        both = ast.BinOp(_name(left), ast.Add(), _name(right))
        found += [ast.BinOp(ast.BinOp(a, ast.Add(), b), ast.Sub(), both) for a, b in itertools.combinations(fixed, 2)]
    return found[:_MEASURES]


def left_to_add(loop: ast.AST, collections: Sequence[str]) -> list[ast.expr]:
    """Return how many places of what a loop looks up by an index are not yet in a set to which it adds."""
    sets = [n for n in _added_to(loop) if n in collections]
    kept = [c for c, _ in _indexed(loop) if isinstance(c, ast.Name) and c.id not in sets]
    lengths = {c.id: _length(c) for c in kept}
    return [ast.BinOp(length, ast.Sub(), _length(_name(n))) for n in sets for length in lengths.values()]


def _added_to(loop: ast.AST) -> list[str]:
    """Return the names of sets to which a loop adds."""
    found: dict[str, None] = {}
    for node in ast.walk(loop):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="add"), args=[_]):
                found[name] = None
    return list(found)


# --- where variables began ------------------------------------------------------------------------


def starting(setting: Setting) -> dict[str, ast.expr]:
    """Return what variables hold where the loop begins, by what was assigned last in the text before it."""
    found: dict[str, ast.expr] = {}
    _collect(setting.function.body, setting.loop, found)
    if setting.around is not None:  # what was assigned before the outer loop may be long gone
        own: dict[str, ast.expr] = {}
        _collect(setting.around.body, setting.loop, own)
        kinds = ("int", "collection")
        old = [n for n in setting.changed if n not in own and setting.types.get(n) in kinds]
        found |= {n: _name(start_of(n)) for n in sorted(old)}
    for parameter in setting.function.parameters:
        found.setdefault(parameter.name, _name(entry(parameter.name)))
    return {n: _at_entry(e, setting) for n, e in found.items()}


def _collect(body: Iterable[ast.stmt], loop: ast.stmt, found: dict[str, ast.expr]) -> bool:
    """Collect assignments, in the order of the text, up to a loop; return whether it was reached."""
    for statement in body:
        if statement is loop:
            return True
        match statement:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    _assigned(target, value, found)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
            case _:
                for node in ast.walk(statement):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                        found.pop(node.id, None)
                for inner in ("body", "orelse", "finalbody"):
                    if _collect(getattr(statement, inner, ()), loop, found):
                        return True
    return False


def _assigned(target: ast.expr, value: ast.expr, found: dict[str, ast.expr]) -> None:
    match target, value:
        case ast.Name(id=name), _:
            found[name] = value
        case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
            for one, other in zip(targets, values, strict=True):
                _assigned(one, other, found)


def _at_entry(node: ast.expr, setting: Setting) -> ast.expr:
    """Return an expression in which parameters that the loop assigns mean what was passed."""
    moved = {p.name: _name(entry(p.name)) for p in setting.function.parameters if p.name in setting.changed}
    assigned = {
        n.id for s in setting.function.body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    return replaced(node, {n: e for n, e in moved.items() if n in assigned})


# --- bounds and steps -------------------------------------------------------------------------------


def _bounds(setting: Setting, starts: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    for name in setting.counters:
        own = _name(name)
        start = starts.get(name)
        if start is not None and _is_number(start, setting):
            yield _compare(own, ast.LtE(), start)
            yield _compare(own, ast.GtE(), start)
        yield _compare(ast.Constant(0), ast.LtE(), own)
        yield _compare(ast.Constant(0), ast.Lt(), own)
        yield _compare(ast.Constant(-1), ast.LtE(), own)
    for left, right in _ordered(setting.loop):
        yield _compare(_name(left), ast.LtE(), _name(right))
        yield _compare(_name(left), ast.LtE(), ast.BinOp(_name(right), ast.Add(), ast.Constant(1)))
    for collection, index in _indexed(setting.loop):
        for name in sorted(_names(index) & set(setting.counters)):
            yield _compare(_name(name), ast.LtE(), _length(collection))
            yield _compare(_name(name), ast.Lt(), _length(collection))
            for added in _added_to(setting.loop):
                yield _members_within(added, _length(collection))


def _members_within(collection: str, limit: ast.expr) -> ast.expr:
    """Return that the members of a set are from 0 up to, but not with, a limit."""
    member = ast.Name("member'", ast.Load())
    between = ast.Compare(ast.Constant(0), [ast.LtE(), ast.Lt()], [member, limit])
    each = ast.comprehension(ast.Name("member'", ast.Store()), _name(collection), [], 0)
    return _call("all", ast.GeneratorExp(between, [each]))


def _ordered(loop: ast.While | ast.For) -> Iterator[tuple[str, str]]:
    """Yield names that the condition of a loop compares, the less one first."""
    if not isinstance(loop, ast.While):
        return
    for node in ast.walk(loop.test):
        match node:
            case ast.Compare(left=ast.Name(id=less), ops=[ast.Lt() | ast.LtE()], comparators=[ast.Name(id=more)]):
                yield less, more
            case ast.Compare(left=ast.Name(id=more), ops=[ast.Gt() | ast.GtE()], comparators=[ast.Name(id=less)]):
                yield less, more
            case ast.Compare(left=ast.BinOp(left=ast.Name(id=more), op=ast.Sub(), right=ast.Name(id=less))):
                yield less, more  # `hi - lo > 1`


def _indexed(loop: ast.AST) -> list[tuple[ast.expr, ast.expr]]:
    """Return the collections whose items the loop takes by an index, each with the index."""
    found = {}
    for node in ast.walk(loop):
        match node:
            case ast.Subscript(slice=ast.Slice() | ast.Constant()):
                pass
            case ast.Subscript(value=ast.Name() | ast.Attribute() as collection, slice=index):
                found[ast.unparse(node)] = (collection, index)
    return list(found.values())


def _strides(setting: Setting, starts: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    """Yield how variables that change by the same in every round stay apart."""
    steps: list[tuple[ast.expr, ast.expr, int]] = []
    if isinstance(setting.loop, ast.For):
        steps.append((_name(AT), ast.Constant(0), 1))
    for name, step in strides(setting.loop).items():
        start = starts.get(name)
        if setting.types.get(name) == "int" and start is not None and _is_number(start, setting):
            steps.append((_name(name), start, step))
        elif setting.types.get(name) == "collection":
            begun = _size(start) if start is not None else None
            if begun is not None:
                steps.append((_length(_name(name)), begun, step))
    for own, begun, step in steps:
        if abs(step) > 1:
            yield _compare(
                ast.BinOp(ast.BinOp(own, ast.Sub(), begun), ast.Mod(), ast.Constant(abs(step))), ast.Eq(), ast.Constant(0)
            )
    for (a, a0, da), (b, b0, db) in itertools.combinations(steps, 2):
        left: ast.expr = ast.BinOp(b, ast.Sub(), b0)
        right: ast.expr = ast.BinOp(a, ast.Sub(), a0)
        if da != 1:
            left = ast.BinOp(ast.Constant(da), ast.Mult(), left)
        if db != 1:
            right = ast.BinOp(ast.Constant(db), ast.Mult(), right)
        yield _compare(left, ast.Eq(), right)


def strides(loop: ast.While | ast.For) -> dict[str, int]:
    """Return by how much variables change in a round that is not cut short, if that is the same in each."""
    steps: dict[str, int] = {}
    counted: set[int] = set()
    for statement in loop.body:
        match statement:
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add() | ast.Sub() as op, value=ast.Constant(value=int(by))):
                steps[name] = steps.get(name, 0) + (by if isinstance(op, ast.Add) else -by)
                counted.add(id(statement.target))
            case ast.Assign(
                targets=[ast.Name(id=name) as own],
                value=ast.BinOp(left=ast.Name(id=same), op=ast.Add() | ast.Sub() as op, right=ast.Constant(value=int(by))),
            ) if name == same:
                steps[name] = steps.get(name, 0) + (by if isinstance(op, ast.Add) else -by)
                counted.add(id(own))
            case ast.Assign(
                targets=[ast.Name(id=name) as own],
                value=ast.BinOp(left=ast.Name(id=same), op=ast.Add(), right=ast.List(elts=[_])),
            ) if name == same:
                steps[name] = steps.get(name, 0) + 1
                counted.add(id(own))
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name) as own, attr="append"), args=[_])):
                steps[name] = steps.get(name, 0) + 1
                counted.add(id(own))
    for node in ast.walk(loop):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) if id(node) not in counted:
                steps.pop(name, None)
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name) as own)) if id(own) not in counted:
                steps.pop(name, None)
    return {n: s for n, s in steps.items() if s}


def _size(node: ast.expr) -> ast.expr | None:
    """Return how many items a new collection has."""
    match node:
        case ast.Name(id=name) if name.startswith(_START):
            return _length(node)
        case ast.List(elts=items) | ast.Tuple(elts=items) if not any(isinstance(i, ast.Starred) for i in items):
            return ast.Constant(len(items))
        case ast.Constant(value=str() | bytes() as value):
            return ast.Constant(len(value))
        case ast.Call(func=ast.Name(id="bytearray" | "list"), args=[]):
            return ast.Constant(0)
        case ast.Call(func=ast.Name(id="list" | "sorted" | "bytearray"), args=[ast.Name() as inner]):
            return _length(inner)
        case ast.Call(func=ast.Attribute(value=ast.Name() as inner, attr="copy"), args=[]):
            return _length(inner)
        case ast.Subscript(value=ast.Name() as inner, slice=ast.Slice(lower=None, upper=None, step=None)):
            return _length(inner)
        case ast.BinOp(left=ast.List(elts=[_]), op=ast.Mult(), right=count):
            return count
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            first, second = _size(left), _size(right)
            return ast.BinOp(first, ast.Add(), second) if first is not None and second is not None else None
    return None


# --- items that the loop has not touched -------------------------------------------------------------


def _untouched(setting: Setting, starts: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    stored = {
        n.value.id
        for n in ast.walk(setting.loop)
        if isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) and isinstance(n.value, ast.Name)
    }
    parameters = {p.name for p in setting.function.parameters}
    for name in sorted(stored):
        own = _name(name)
        start = starts.get(name)
        if name in parameters and setting.types.get(name) == "collection" and start is not None:
            before = _call("__old__", own)
            yield _compare(_length(own), ast.Eq(), _length(before))
            item = _name("k'")
            same = _compare(ast.Subscript(own, item, ast.Load()), ast.Eq(), ast.Subscript(before, item, ast.Load()))
            for low, high in _spans(setting, ast.Constant(0), _length(own)):
                yield _every(low, high, "k'", same)
        elif start is not None:
            size = _size(start)
            if size is not None:
                yield _compare(_length(own), ast.Eq(), size)
            source = _source(start)
            if source is not None and not _names(source) & setting.changed:
                item = _name("k'")
                same = _compare(ast.Subscript(own, item, ast.Load()), ast.Eq(), ast.Subscript(source, item, ast.Load()))
                for low, high in _spans(setting, ast.Constant(0), _length(own)):
                    yield _every(low, high, "k'", same)


def _source(node: ast.expr) -> ast.expr | None:
    """Return what a new list is a copy of."""
    match node:
        case ast.Call(func=ast.Name(id="list"), args=[ast.Name() as inner]):
            return inner
        case ast.Call(func=ast.Attribute(value=ast.Name() as inner, attr="copy"), args=[]):
            return inner
        case ast.Subscript(value=ast.Name() as inner, slice=ast.Slice(lower=None, upper=None, step=None)):
            return inner
    return None


def _spans(setting: Setting, low: ast.expr, high: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield parts of a range of places, cut where the loop is."""
    for place in setting.places:
        after = ast.BinOp(place, ast.Add(), ast.Constant(1))
        yield low, place
        yield place, high
        yield after, high
    for left, right in _ordered(setting.loop):
        yield _name(left), ast.BinOp(_name(right), ast.Add(), ast.Constant(1))


# --- postconditions of parts ---------------------------------------------------------------------------


def _divided(setting: Setting) -> Iterator[ast.expr]:
    """Yield quantified postconditions for the parts before and behind the counters, for results that are counters too."""
    results = {ast.unparse(r): r for r in (*setting.returned, *(_name(c) for c in setting.counters))}
    for claim in setting.claims:
        for part in _comparisons(claim):
            own = _at_entry(part, setting)
            options = {ast.unparse(o): o for o in (replaced(own, {"__result__": r}) for r in results.values())}
            for option in options.values():
                yield option
                yield from _parts_of_quantifiers(option, setting)
                yield from _parts_of_members(option, setting)
                if isinstance(setting.loop, ast.While) and _names(option) & setting.changed:
                    yield ast.BoolOp(ast.Or(), [setting.loop.test, option])


def _comparisons(node: ast.expr) -> list[ast.expr]:
    """Return the comparisons of a chain, one by one."""
    if not isinstance(node, ast.Compare) or len(node.ops) < 2:
        return [node]
    operands = [node.left, *node.comparators]
    return [_compare(a, op, b) for (a, b), op in zip(itertools.pairwise(operands), node.ops, strict=True)]


def _parts_of_quantifiers(claim: ast.expr, setting: Setting) -> Iterator[ast.expr]:
    for node in ast.walk(claim):
        match node:
            case ast.Call(func=ast.Name(id="__forall__"), args=[domain, ast.Lambda()]):
                pass
            case ast.Call(func=ast.Name(id="all"), args=[ast.GeneratorExp(generators=[ast.comprehension(iter=domain)])]):
                pass
            case _:
                continue
        match domain:
            case ast.Call(func=ast.Name(id="range"), args=[high]):
                spans = list(_spans(setting, ast.Constant(0), high))
            case ast.Call(func=ast.Name(id="range"), args=[low, high]):
                spans = list(_spans(setting, low, high))
            case ast.Name():
                for piece in _pieces(domain, setting):
                    yield _within(node, domain, piece)
                continue
            case _:
                continue
        for low, high in spans:
            yield _within(node, domain, _call("range", low, high))


def _parts_of_members(claim: ast.expr, setting: Setting) -> Iterator[ast.expr]:
    """Yield `x not in xs` for the parts of `xs`."""
    for node in ast.walk(claim):
        match node:
            case ast.Compare(left=left, ops=[ast.NotIn() as op], comparators=[ast.Name() as inner]):
                pass
            case ast.UnaryOp(op=ast.Not(), operand=ast.Compare(left=left, ops=[ast.In()], comparators=[ast.Name() as inner])):
                op = ast.NotIn()
            case _:
                continue
        yield from (_compare(left, op, piece) for piece in _pieces(inner, setting))


def _pieces(collection: ast.Name, setting: Setting) -> Iterator[ast.expr]:
    """Yield the parts of a sequence before and behind the counters, and what a loop over a part of it has seen."""
    indexed = {c.id for c, _ in _indexed(setting.loop) if isinstance(c, ast.Name)}
    if collection.id in indexed:
        for name in setting.counters:
            own = _name(name)
            after = ast.BinOp(own, ast.Add(), ast.Constant(1))
            yield ast.Subscript(collection, ast.Slice(None, own, None), ast.Load())
            yield ast.Subscript(collection, ast.Slice(own, None, None), ast.Load())
            yield ast.Subscript(collection, ast.Slice(after, None, None), ast.Load())
    if isinstance(setting.loop, ast.For):
        match setting.loop.iter:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Slice(lower=low)) if name == collection.id:
                end = _name(AT) if low is None else ast.BinOp(low, ast.Add(), _name(AT))
                yield ast.Subscript(collection, ast.Slice(None, end, None), ast.Load())


def _within(node: ast.AST, domain: ast.expr, part: ast.expr) -> ast.expr:
    """Return a quantifier with another domain."""
    changed = copy.deepcopy(node)
    text = ast.dump(domain)
    for inner in ast.walk(changed):
        if isinstance(inner, ast.comprehension) and ast.dump(inner.iter) == text:
            inner.iter = part
        elif isinstance(inner, ast.Call):
            inner.args = [part if ast.dump(a) == text else a for a in inner.args]
    assert isinstance(changed, ast.expr)
    return changed


# --- what is still to be done ---------------------------------------------------------------------------


def _remaining(setting: Setting, starts: Mapping[str, ast.expr]) -> Iterator[ast.expr]:
    """Yield that an accumulator, and a function of what is left, make what the postcondition asks for."""
    for claim in setting.claims:
        match claim:
            case ast.Compare(left=ast.Name(id="__result__"), ops=[ast.Eq()], comparators=[goal]):
                pass
            case ast.Compare(left=goal, ops=[ast.Eq()], comparators=[ast.Name(id="__result__")]):
                pass
            case _:
                continue
        goal = _at_entry(goal, setting)
        for call in ast.walk(goal):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and not call.keywords and 0 < len(call.args) < 4:
                yield from itertools.islice(_left(call, goal, setting), _COMBINED)
        if isinstance(setting.loop, ast.For):
            yield from _counted(claim, setting)
    del starts


def _left(call: ast.Call, goal: ast.expr, setting: Setting) -> Iterator[ast.expr]:
    assigned = [n for n in setting.types if n in setting.changed and setting.types[n] == "int"]
    options = [[_name(n) for n in assigned] + [a] for a in call.args]
    for chosen in itertools.product(*options):
        used = {n.id for n in chosen if isinstance(n, ast.Name)}
        if all(a is b for a, b in zip(chosen, call.args, strict=True)) or len(used) < len(chosen):
            continue
        rest = ast.Call(call.func, list(chosen), [])
        yield _compare(rest, ast.Eq(), goal)
        for name in assigned:
            if name not in used:
                yield _compare(ast.BinOp(_name(name), ast.Add(), rest), ast.Eq(), goal)
                yield _compare(ast.BinOp(_name(name), ast.Mult(), rest), ast.Eq(), goal)


def _counted(claim: ast.expr, setting: Setting) -> Iterator[ast.expr]:
    """Yield a postcondition about `n` for a loop over `range(n + 1)`, of what it has done."""
    assert isinstance(setting.loop, ast.For)
    match setting.loop.iter:
        case ast.Call(
            func=ast.Name(id="range"), args=[ast.BinOp(left=ast.Name(id=name), op=op, right=ast.Constant(value=int(by)))]
        ):
            done: ast.expr = _name(AT)
        case ast.Call(
            func=ast.Name(id="range"), args=[_, ast.BinOp(left=ast.Name(id=name), op=op, right=ast.Constant(value=int(by)))]
        ) if isinstance(setting.loop.target, ast.Name):
            done = _name(setting.loop.target.id)
        case _:
            return
    back = {ast.Add: ast.Sub(), ast.Sub: ast.Add()}.get(type(op))
    if back is None:
        return
    for counter in setting.counters:
        yield replaced(claim, {"__result__": _name(counter), name: ast.BinOp(done, back, ast.Constant(by))})


# --- extremes ----------------------------------------------------------------------------------------------


def _extremes(setting: Setting) -> Iterator[ast.expr]:
    """Yield that a variable is the least or greatest of the items so far, one of them, or the last that was kept."""
    seen = _name(SEEN)
    for name in setting.counters:
        if not isinstance(setting.loop, ast.For):
            break
        item = _name("x'")
        for op in (ast.LtE(), ast.GtE()):
            yield _call("__forall__", seen, _rule("x'", _compare(item, op, _name(name))))
        yield _compare(_name(name), ast.In(), seen)
    for node in ast.walk(setting.loop):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=kept), attr="append"), args=[ast.Name(id=item_name)]):
                pass
            case _:
                continue
        some = _compare(ast.Constant(0), ast.Lt(), _length(_name(kept)))
        last = ast.Subscript(_name(kept), ast.UnaryOp(ast.USub(), ast.Constant(1)), ast.Load())
        other: ast.expr = _name(item_name)
        if isinstance(setting.loop, ast.For) and item_name in _names(setting.loop.target):
            other = ast.Subscript(seen, ast.UnaryOp(ast.USub(), ast.Constant(1)), ast.Load())
        yield _call("__implies__", some, _compare(last, ast.Eq(), other))
        yield _compare(_call("list", _name(kept)), ast.Eq(), seen)
        yield _call("__implies__", _compare(ast.Constant(0), ast.Lt(), _name(AT)), some)


# --- expressions -------------------------------------------------------------------------------------------


def _is_number(node: ast.expr, setting: Setting) -> bool:
    """Whether an expression is a number that the loop leaves alone."""
    match node:
        case ast.Constant(value=value):
            return isinstance(value, int) and not isinstance(value, bool)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return _is_number(inner, setting)
        case ast.Name(id=name) if name.startswith(_START):
            return setting.types.get(name.removeprefix(_START)) == "int"
        case ast.Name(id=name):
            inner_name = name.removeprefix(_ENTRY)
            return setting.types.get(inner_name) == "int" and (name != inner_name or name not in setting.changed)
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult(), right=right):
            return _is_number(left, setting) and _is_number(right, setting)
        case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)]):
            return not any(
                isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Store) for n in ast.walk(setting.loop)
            )
    return False


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _compare(left: ast.expr, op: ast.cmpop, right: ast.expr) -> ast.expr:
    return ast.Compare(left, [op], [right])


def _call(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(_name(name), list(arguments), [])


def _length(node: ast.expr) -> ast.expr:
    return _call("len", node)


def _rule(name: str, body: ast.expr) -> ast.expr:
    return ast.Lambda(ast.arguments([], [ast.arg(name)], None, [], [], None, []), body)


def _every(low: ast.expr, high: ast.expr, name: str, body: ast.expr) -> ast.expr:
    return _call("__forall__", _call("range", low, high), _rule(name, body))


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


class _Replace(ast.NodeTransformer):
    """Replaces names."""

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.AST:
        """Replace a name."""
        return self.values.get(node.id, node)


def replaced(node: ast.expr, values: Mapping[str, ast.expr]) -> ast.expr:
    """Return a copy of an expression with other expressions for names."""
    changed = _Replace(values).visit(copy.deepcopy(node))
    assert isinstance(changed, ast.expr)
    return changed
