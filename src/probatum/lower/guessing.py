"""Invariants that nobody wrote: what postconditions say of the part that a loop has done.

A loop mostly keeps what the function promises, of what it has seen so far. So
candidates come from postconditions, with the result replaced by the variable
that is returned, and a collection by the part that was seen, or a limit by the
counter. Candidates are guesses: inference keeps those that hold together, and
nothing rests on the others.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence

from probatum.lower import nested, templates
from probatum.lower.forms import AT, SEEN, Setting, entry, forms, starting
from probatum.lower.gathered import of_gathered
from probatum.lower.rounds import of_rounds
from probatum.lower.substitution import apart, names_of, put, replaced
from probatum.python.program import Function

_MOST = 110
_MOST_FORMS = 90  # besides these, of the forms that are usual
_MOST_NESTED = 160  # and of nested loops and quantifiers
_MOST_OF_ROUNDS = 120  # and of what the rounds have in common
_MOST_GATHERED = 60  # and of collections that it fills
_FEW_FLAGS = 3
_MOST_REQUIRED = 12


def candidates(
    function: Function,
    loop: ast.While | ast.For,
    types: Mapping[str, str],
    *,
    around: Sequence[ast.While | ast.For] = (),
    unfolded: Callable[[ast.Call], ast.expr | None] = lambda _: None,
    is_function: Callable[[ast.Call], bool] = lambda _: False,
    promised: Callable[[ast.Call], Sequence[ast.expr]] = lambda _: (),
    required: Callable[[ast.Call], Sequence[ast.expr]] = lambda _: (),
) -> list[ast.expr]:
    """Return conditions over the local variables of a function, `SEEN` and `AT`, the likeliest first.

    Parameters
    ----------
    function : Function
    loop : ast.While or ast.For
    types : mapping of str to str
        For each local variable that has a value: `int`, `bool`, `collection` or something else.
    around : sequence of ast.While or ast.For
        The loops that it stands in, the outermost first.
    unfolded : callable
        Gives the body of a function that an expression calls, if that is one expression.
    is_function : callable
        Says whether an expression calls a function of the program.
    promised : callable
        Gives what the postconditions of a function that an expression calls say of its result alone.
    required : callable
        Gives what a function that an expression calls requires of its arguments.
    """
    found: dict[str, ast.expr] = {}

    def add(node: ast.expr) -> None:
        if len(found) < _MOST:
            found.setdefault(ast.unparse(node), node)

    assigned = {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    changed = assigned | mutated(loop)
    outer = [(o, n) for one in around for o, n in _parts(one) if not names_of(n) & {AT, SEEN}]
    parts = [*_parts(loop), *outer]
    stored = {n.id for s in function.body for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    given: Mapping[str, ast.expr] = {p.name: ast.Name(entry(p.name), ast.Load()) for p in function.parameters if p.name in stored}
    taken = {*types, *assigned}
    own_claims = [apart(part, taken) for clause in function.contract.ensures for part in _conjuncts(clause.expression)]
    claims = [replaced(claim, given) for claim in own_claims]
    returned = _returned(function, types)
    for claim in claims:
        for value in returned:
            own = replaced(claim, {"__result__": value})
            for old, new in parts:
                partial = put(own, old, new)
                if partial is not None:
                    add(partial)
            if names_of(own) & changed:
                add(own)
    counters = [name for name in sorted(assigned) if types.get(name) == "int"]
    limits = [limit for limit, _ in parts if not isinstance(limit, ast.Name) or types.get(limit.id) == "int"]
    place: ast.expr = ast.Name(AT, ast.Load())
    for name in counters:
        own = ast.Name(name, ast.Load())
        add(ast.Compare(ast.Constant(0), [ast.LtE()], [own]))
        for limit in limits:
            add(ast.Compare(own, [ast.LtE()], [limit]))
    for name in counters:
        own = ast.Name(name, ast.Load())
        if isinstance(loop, ast.For):
            add(ast.Compare(own, [ast.LtE()], [place]))
        for other in counters:
            if other != name:
                add(ast.Compare(own, [ast.LtE()], [ast.Name(other, ast.Load())]))
    for name in sorted(changed):
        if types.get(name) == "collection":
            length = ast.Call(ast.Name("len", ast.Load()), [ast.Name(name, ast.Load())], [])
            if isinstance(loop, ast.For):
                add(ast.Compare(length, [ast.Eq()], [place]))
                add(ast.Compare(length, [ast.LtE()], [place]))
            for counter in counters:
                add(ast.Compare(length, [ast.Eq()], [ast.Name(counter, ast.Load())]))
    said = [apart(part, taken) for clause in function.contract.requires for part in _conjuncts(clause.expression)]
    said += [apart(part, taken) for asserted in _asserted(function) for part in _conjuncts(asserted)]
    said += _required(function, required, taken)
    starts = _starts(function, loop)
    shape = templates.Shape(claims, parts, returned, types, assigned, changed, starts, unfolded, is_function)
    for one in templates.filled(shape, said):
        add(one)
    outside = tuple(ast.Name(n, ast.Load()) for one in around if (n := _counter(one)) is not None and n in types)
    setting = Setting(
        function, loop, types, own_claims, returned, counters, frozenset(changed), outside, around[-1] if around else None
    )
    sources = (
        (forms(setting), _MOST_FORMS),
        (_nested(shape, setting, around, said), _MOST_NESTED),
        (of_rounds(setting, starting(setting)), _MOST_OF_ROUNDS),
        (of_gathered(setting, promised), _MOST_GATHERED),
    )
    for guesses, number in sources:
        most = len(found) + number
        for guess in guesses:
            if len(found) < most:
                found.setdefault(ast.unparse(guess), copy.deepcopy(guess))
    for node in found.values():
        for inner in ast.walk(node):
            ast.copy_location(inner, loop)
    return list(found.values())


def _nested(
    shape: templates.Shape, setting: Setting, around: Sequence[ast.While | ast.For], said: Sequence[ast.expr]
) -> Iterator[ast.expr]:
    """Yield what loops within each other, and quantifiers, suggest."""
    loop = setting.loop
    outer = [place for one in around if (place := _counter(one)) is not None and place in shape.types]
    own = _counter(loop)
    places: list[ast.expr] = [ast.Name(n, ast.Load()) for n in dict.fromkeys([*outer, *([own] if own else [])])]
    yield from nested.built(loop, shape.types, shape.changed)
    flags = [n for n, kind in shape.types.items() if kind == "bool"][:_FEW_FLAGS]
    yield from nested.of_nests(shape.quantified(), [*outer, *([own] if own else [])], flags)
    claims = [replaced(claim, {"__result__": value}) for claim in shape.claims for value in shape.returned]
    given = {p.name for p in setting.function.parameters}
    numbers = [n for n, kind in shape.types.items() if kind == "int" and n not in given]
    calls = [n for c in (*claims, *said) for n in ast.walk(c) if isinstance(n, ast.Call)]
    pure = {n.func.id for n in calls if isinstance(n.func, ast.Name) and shape.is_function(n)}
    counting = [*places, ast.Name(AT, ast.Load())] if isinstance(loop, ast.For) else places
    accumulators = [*shape.of_type("int"), *shape.of_type("bool")]
    yield from nested.accumulated([*shape.claims, *said], shape.parts, counting, accumulators, pure.__contains__)
    yield from nested.at_counters(claims, outer, shape.parts)
    counted = list(dict.fromkeys([*setting.counters, *([own] if own else [])]))
    yield from nested.extremes(loop, numbers, counted, starting(setting))
    yield from nested.on_one_side(claims, counting)


def _counter(loop: ast.While | ast.For) -> str | None:
    """Return the variable that says how far a loop is."""
    if isinstance(loop, ast.For):
        ranges = isinstance(loop.iter, ast.Call) and ast.unparse(loop.iter.func) == "range"
        return loop.target.id if ranges and isinstance(loop.target, ast.Name) else None
    assigned = {n.id for n in ast.walk(loop) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    for test in loop.test.values if isinstance(loop.test, ast.BoolOp) else [loop.test]:
        if isinstance(test, ast.Compare):
            for side in (test.left, *test.comparators):
                own = side.left if isinstance(side, ast.BinOp) and isinstance(side.right, ast.Constant) else side  # `i + 2 < n`
                if isinstance(own, ast.Name) and own.id in assigned:
                    return own.id
    return None


def _parts(loop: ast.While | ast.For) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what the loop goes towards, and what stands for the part of it that is done."""
    if isinstance(loop, ast.For):
        iterated: ast.expr = loop.iter
        if isinstance(iterated, ast.Call) and isinstance(iterated.func, ast.Name) and iterated.args:
            match iterated.func.id, iterated.args:
                case "range", [limit]:
                    yield limit, ast.Name(AT, ast.Load())
                    yield from _length_of(limit, ast.Name(AT, ast.Load()))
                    return
                case "range", [_, limit, *_]:
                    if isinstance(loop.target, ast.Name):
                        yield limit, ast.Name(loop.target.id, ast.Load())
                        yield from _length_of(limit, ast.Name(loop.target.id, ast.Load()))
                    return
                case "enumerate", [inner, *_]:
                    iterated = inner
        yield iterated, ast.Name(SEEN, ast.Load())
        return
    tests = loop.test.values if isinstance(loop.test, ast.BoolOp) else [loop.test]
    for test in tests:
        match test:
            case ast.Compare(left=ast.Name() as counter, ops=[ast.Lt() | ast.LtE() | ast.NotEq()], comparators=[limit]):
                yield limit, counter
                yield from _length_of(limit, counter)
                yield from _towards(limit, counter, test.ops[0])
            case ast.Compare(left=ast.Name() as counter, ops=[ast.Gt() | ast.GtE()], comparators=[limit]):
                yield from _towards(limit, counter, test.ops[0])
            case ast.Compare(left=limit, ops=[ast.Gt() | ast.GtE()], comparators=[ast.Name() as counter]):
                yield limit, counter
                yield from _length_of(limit, counter)


def _towards(limit: ast.expr, counter: ast.Name, operator: ast.cmpop) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield what a counter that grows or shrinks goes towards, and how far it has come."""
    if isinstance(operator, ast.LtE):
        yield limit, ast.BinOp(counter, ast.Sub(), ast.Constant(1))
    if isinstance(operator, ast.Gt | ast.GtE):
        yield limit, ast.BinOp(counter, ast.Add(), ast.Constant(1))
    yield limit, counter
    for inner in ast.walk(limit):  # half of it, for example
        if inner is not limit and isinstance(inner, ast.Call) and ast.unparse(inner.func) == "len":
            yield inner, counter


def _length_of(limit: ast.expr, counter: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    match limit:
        case ast.Call(func=ast.Name(id="len"), args=[collection]):
            yield collection, ast.Subscript(collection, ast.Slice(None, counter, None), ast.Load())


def _asserted(function: Function) -> Iterator[ast.expr]:
    for statement in function.body:
        for node in ast.walk(statement):
            match node:
                case ast.Assert(test=test) | ast.Call(func=ast.Name(id="__check__"), args=[test, *_]):
                    yield test


def _required(function: Function, required: Callable[[ast.Call], Sequence[ast.expr]], taken: set[str]) -> list[ast.expr]:
    """Return what calls of a body require of variables: a loop mostly keeps what is needed of what it makes."""
    calls = (n for s in function.body for n in ast.walk(s) if isinstance(n, ast.Call))
    found = {ast.unparse(one): one for call in calls for clause in required(call) for one in _conjuncts(clause)}
    return [apart(one, taken) for one in list(found.values())[:_MOST_REQUIRED]]


def _starts(function: Function, loop: ast.stmt) -> Mapping[str, ast.expr]:
    """Return the names and constants that variables are set to outside of a loop."""
    inside = {id(n) for n in ast.walk(loop)}
    found: dict[str, ast.expr] = {}
    for statement in function.body:
        for node in ast.walk(statement):
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value):
                    if isinstance(value, ast.Name | ast.Constant) and id(node) not in inside:
                        found[name] = value
    return found


def _returned(function: Function, types: Mapping[str, str]) -> list[ast.expr]:
    """Return what a function returns: variables and constants."""
    found: dict[str, ast.expr] = {}
    for statement in function.body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Return) and node.value is not None and _simple(node.value, types):
                found.setdefault(ast.unparse(node.value), node.value)
    return list(found.values()) or [ast.Constant(None)]


def _simple(node: ast.expr, types: Mapping[str, str]) -> bool:
    match node:
        case ast.Name(id=name):
            return name in types
        case ast.Constant():
            return True
        case ast.UnaryOp(operand=ast.Constant()):
            return True
        case ast.Tuple(elts=elements):
            return all(_simple(e, types) for e in elements)
    return False


def mutated(loop: ast.AST) -> set[str]:
    """Return the names of what a loop may change the items of."""
    found = set()
    for node in ast.walk(loop):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name))):
                found.add(name)
            case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                found.add(name)
    return found


def _conjuncts(node: ast.expr) -> Sequence[ast.expr]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        return [part for value in node.values for part in _conjuncts(value)]
    return [node]
