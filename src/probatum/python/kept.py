"""Iterators and views that a local variable keeps: `pairs = enumerate(xs)`, and later `for i, x in pairs`.

What `enumerate`, `zip` or a generator goes over is looked up when it is made, and its items when it is used. So one
that is used up in one place, once for each time that it is made, means the same as making it there of what its
arguments were. A view of a dict shows what the dict holds at the moment, as often as one likes, so it may be made
anew in each of its places. Both are written so here: the arguments are kept, under names that no program has.
All other uses stay as they are, and are refused where they are lowered.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from probatum.python.program import Clause, LoopContract, Parameter
from probatum.python.scopes import children
from probatum.python.types import Mapping as MappingType

ITERATED, VIEWED = "'iterated", "'viewed"  # what names of kept arguments end with
_LAZY = frozenset(["enumerate", "zip"])
_VIEWS = frozenset(["keys", "values", "items"])
_CONSUMERS = frozenset(["all", "any", "dict", "frozenset", "list", "max", "min", "set", "sorted", "sum", "tuple"])
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


@dataclass(slots=True)
class _Uses:
    """Where a name occurs: how often it is assigned, whether something else than this function's own code uses it."""

    stores: int = 0
    captured: bool = False
    loads: list[tuple[ast.Name, ast.AST, bool]] = field(default_factory=list)  # with the node around it; in a comprehension


def written_out(
    body: Sequence[ast.stmt],
    loops: Mapping[ast.stmt, LoopContract],
    parameters: Sequence[Parameter],
    is_builtin: Callable[[str], bool],
) -> tuple[Sequence[ast.stmt], Mapping[ast.stmt, LoopContract]]:
    """Return a body with its contracts of loops, in which iterators and views are made where they are used.

    `is_builtin`: whether a name that the body does not assign is that of a built-in function.
    """
    if not any(_candidate(s) for s in _statements(body)):
        return body, loops
    copies: dict[int, object] = {}
    body = [copy.deepcopy(s, copies) for s in body]
    own: dict[ast.stmt, LoopContract] = {}
    for loop, contract in loops.items():
        found = copies.get(id(loop), loop)
        if isinstance(found, ast.stmt):
            own[found] = contract
    uses = _uses(body)
    for parameter in parameters:
        uses.setdefault(parameter.name, _Uses()).stores += 1
    for loop, contract in own.items():
        reads = [c for c in contract.reads if not _is_iterated(c, loop)]
        for clause in (*contract.invariants, *(contract.decreases or ()), *(contract.modifies or ()), *reads):
            for node in ast.walk(clause.expression):
                if isinstance(node, ast.Name):
                    uses.setdefault(node.id, _Uses()).captured = True

    def untouched(name: str) -> bool:
        return not (name in uses and uses[name].stores) and is_builtin(name)

    dicts = {p.name for p in parameters if isinstance(p.type, MappingType)} | _dicts(body, uses, new=untouched("dict"))
    kept: dict[str, list[str]] = {}
    for block in list(_blocks(body)):
        for place in range(len(block) - 1, -1, -1):
            kept |= _write_out(block, place, uses, dicts, untouched)
    for loop, contract in own.items():
        own[loop] = replace(contract, reads=tuple(one for clause in contract.reads for one in _of_kept(clause, kept)))
    return body, own


def _of_kept(clause: Clause, kept: Mapping[str, list[str]]) -> list[Clause]:
    """Return what is looked at where an iterator is: what it goes over."""
    match clause.expression:
        case ast.Name(id=name) if name in kept:
            return [replace(clause, expression=_loaded(one, clause.expression)) for one in kept[name]]
    return [clause]


def _is_iterated(clause: Clause, loop: ast.stmt) -> bool:
    """Whether a clause of a loop says that what the loop goes over may be looked at."""
    match clause.expression, loop:
        case ast.Name(id=name), ast.For(iter=ast.Name(id=iterated)):
            return name == iterated
    return False


def _candidate(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    """Return the name that an assignment gives to an iterator or a view, and what makes it."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value):
            pass
        case _:
            return None
    match value:
        case ast.Call(func=ast.Name(id=made), keywords=[]) if made in _LAZY and value.args:
            return None if any(isinstance(a, ast.Starred) for a in value.args) else (name, value)
        case ast.Call(func=ast.Attribute(value=owner, attr=view), args=[], keywords=[]) if view in _VIEWS:
            return (name, value) if isinstance(owner, ast.Name) or _made(owner) else None
        case ast.GeneratorExp():
            return name, value
    return None


def _write_out(
    block: list[ast.stmt], place: int, uses: Mapping[str, _Uses], dicts: set[str], is_builtin: Callable[[str], bool]
) -> dict[str, list[str]]:
    """Write one statement of a block out, and return under which names the arguments are kept; nothing: it stays as it is."""
    statement = block[place]
    found = _candidate(statement)
    if found is None:
        return {}
    name, value = found
    own = uses[name]
    if own.stores != 1 or own.captured:
        return {}
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute):
        owner = value.func.value
        if owner.id not in dicts if isinstance(owner, ast.Name) else isinstance(owner, ast.Call) and not is_builtin("dict"):
            return {}
        if not all(_shows(load, around, is_builtin) for load, around, _ in own.loads):
            return {}
        kept = f"{name}{VIEWED}"
        block[place] = _keeping(kept, owner, statement)
        value.func.value = _loaded(kept, owner)
        for load, around, _ in own.loads:
            _put(around, load, value)
        return {name: [kept]}
    if isinstance(value, ast.Call) and not (isinstance(value.func, ast.Name) and is_builtin(value.func.id)):
        return {}
    consuming = [one for one in own.loads if not _is_other(one[0], one[1])]
    if len(consuming) > 1:
        return {}
    for load, around, comprehended in consuming:
        once = any(_reaches(later, load) for later in block[place + 1 :])
        if comprehended or not once or not _consumes(load, around, is_builtin):
            return {}
    parts = (
        value.args if isinstance(value, ast.Call) else [value.generators[0].iter] if isinstance(value, ast.GeneratorExp) else []
    )
    keeping: list[ast.stmt] = []
    over: list[str] = []
    for number, part in enumerate(parts):
        goes_over = number == 0 or not _calls(value, "enumerate")  # else it is the number of the first item
        kept = f"{name}'{number}{ITERATED if goes_over else ''}"
        if goes_over:
            over.append(kept)
        keeping.append(_keeping(kept, part, statement))
        parts[number] = _loaded(kept, part)
    if isinstance(value, ast.GeneratorExp):
        value.generators[0].iter = parts[0]
    for load, around, _ in own.loads:
        if not _is_other(load, around):
            _put(around, load, value)
        elif isinstance(around, ast.Compare):
            other = around.comparators[0] if around.left is load else around.left
            around.left, around.comparators = other, [other]  # a new iterator is nothing else
            around.ops = [ast.IsNot() if isinstance(around.ops[0], ast.Is) else ast.Is()]
    block[place : place + 1] = keeping
    return {name: over}


def _made(node: ast.expr) -> bool:
    """Whether an expression makes a dict, if `dict` is the built-in class."""
    return isinstance(node, ast.Dict | ast.DictComp) or _calls(node, "dict")


def _calls(value: ast.expr, name: str) -> bool:
    return isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == name


def _keeping(name: str, value: ast.expr, at: ast.stmt) -> ast.stmt:
    made = ast.Assign([ast.copy_location(ast.Name(name, ast.Store()), at)], value)
    return ast.copy_location(made, at)


def _loaded(name: str, at: ast.expr) -> ast.Name:
    return ast.copy_location(ast.Name(name, ast.Load()), at)


def _put(around: ast.AST, load: ast.Name, value: ast.expr) -> None:
    """Put a copy of an expression where a name stands."""
    made = ast.copy_location(copy.deepcopy(value), load)
    for name, old in ast.iter_fields(around):
        if old is load:
            setattr(around, name, made)
        elif isinstance(old, list):
            old[:] = [made if one is load else one for one in old]


def _is_other(load: ast.Name, around: ast.AST) -> bool:
    """Whether it is only asked whether an iterator is what another name stands for."""
    match around:
        case ast.Compare(left=ast.Name() as left, ops=[ast.Is() | ast.IsNot()], comparators=[ast.Name() as right]):
            return left.id != right.id and load in (left, right)
    return False


def _consumes(load: ast.Name, around: ast.AST, is_builtin: Callable[[str], bool]) -> bool:
    match around:
        case ast.For(iter=iterated):
            return iterated is load
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]):
            return argument is load and name in _CONSUMERS and is_builtin(name)
    return False


def _shows(load: ast.Name, around: ast.AST, is_builtin: Callable[[str], bool]) -> bool:
    match around:
        case ast.comprehension(iter=iterated):
            return iterated is load
        case ast.Compare(ops=[ast.In() | ast.NotIn()], comparators=[container]):
            return container is load
        case ast.Call(func=ast.Name(id="len"), args=[argument]):
            return argument is load and is_builtin("len")
        case ast.BinOp(op=ast.Sub() | ast.BitAnd() | ast.BitOr() | ast.BitXor()):
            return True  # what that gives is a set
    return _consumes(load, around, is_builtin)


def _reaches(statement: ast.stmt, load: ast.Name) -> bool:
    """Whether a name is used in a statement, at most once for each time that this runs."""
    pending: list[tuple[ast.AST, bool]] = [(statement, False)]
    while pending:
        node, repeated = pending.pop()
        if node is load:
            return not repeated
        for name, value in ast.iter_fields(node):
            again = repeated
            if isinstance(node, ast.For | ast.AsyncFor):
                again = repeated or name == "body"
            elif isinstance(node, ast.While):
                again = repeated or name in ("test", "body")
            inside = value if isinstance(value, list) else [value]
            pending.extend((child, again) for child in inside if isinstance(child, ast.AST))
    return False


def _uses(body: Sequence[ast.stmt]) -> dict[str, _Uses]:
    found: dict[str, _Uses] = {}
    pending: list[tuple[ast.AST, ast.AST | None, bool, bool]] = [(s, None, False, False) for s in body]
    while pending:
        node, around, inner, comprehended = pending.pop()
        if isinstance(node, ast.Name):
            own = found.setdefault(node.id, _Uses())
            own.captured = own.captured or inner
            if isinstance(node.ctx, ast.Load):
                own.loads.append((node, around or node, comprehended))
            else:
                own.stores += 1
        for name in _bound_by(node):
            found.setdefault(name, _Uses()).stores += 1
        scope = isinstance(node, _SCOPES)
        comprehension = isinstance(node, _COMPREHENSIONS)
        pending.extend((child, node, inner or scope, comprehended or comprehension) for child in children(node))
    return found


def _bound_by(node: ast.AST) -> Iterator[str]:
    """Yield names that a node binds, or makes another scope's, without a node for the name."""
    match node:
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            for name in names:
                yield from (name, name)  # as good as assigned elsewhere
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            yield name
        case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            yield name
        case ast.MatchMapping(rest=str(name)):
            yield name
        case ast.alias(name=name, asname=other):
            yield other or name.partition(".")[0]


def _dicts(body: Sequence[ast.stmt], uses: Mapping[str, _Uses], *, new: bool) -> set[str]:
    """Return local variables that are assigned once, a new dict; `new`: `dict` makes one."""
    found = set()
    for statement in _statements(body):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) | ast.AnnAssign(target=ast.Name(id=name), value=value) if (
                value is not None and _made(value) and uses[name].stores == 1 and (new or not isinstance(value, ast.Call))
            ):
                found.add(name)
    return found


def _blocks(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Yield all lists of statements of a function's own code."""
    pending: list[ast.AST] = list(body)
    yield body
    while pending:
        node = pending.pop()
        if isinstance(node, _SCOPES):
            continue
        for _, value in ast.iter_fields(node):
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield value
            inside = value if isinstance(value, list) else [value]
            pending.extend(child for child in inside if isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case))


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    for block in _blocks(list(body)):
        yield from block
