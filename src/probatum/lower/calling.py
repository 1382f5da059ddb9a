"""Who calls whom: functions that are recursive together, and what a body changes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import lru_cache
from typing import TypeGuard

from probatum.lower import families, naming
from probatum.lower.implied_calls import implied
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Clause, Function, Module, Place, Program
from probatum.python.scopes import walk

_MUTATORS = frozenset(
    [
        "append",
        "extend",
        "insert",
        "pop",
        "remove",
        "clear",
        "sort",
        "reverse",
        "add",
        "discard",
        "update",
        "setdefault",
        "popitem",
        "appendleft",
        "popleft",
        "extendleft",
        "difference_update",
        "intersection_update",
        "symmetric_difference_update",
    ]
)


@lru_cache(maxsize=4096)
def callees(program: Program, function: Function) -> frozenset[str]:
    """Return the qualified names of functions that a body or a contract may call; methods by their name alone."""
    return frozenset(_callees(program, function))


@lru_cache(maxsize=4096)
def prints(program: Program, function: Function) -> bool:
    """Whether a function, or what it calls, writes to standard output."""
    pending, seen = [function], {function.qualified}
    while pending:
        one = pending.pop()
        for node in (n for statement in one.body for n in ast.walk(statement)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                return True
        for name in callees(program, one) - seen:
            seen.add(name)
            callee = program.function(name)
            if callee is not None and not callee.contract.silent:
                pending.append(callee)
    return False


def _callees(program: Program, function: Function) -> set[str]:
    module = program.modules[function.module]
    found: set[str] = set()
    contract = function.contract
    if function.stub:
        return found  # it is taken by its contract
    clauses = [*contract.requires, *contract.ensures, *(contract.decreases or ())]
    roots: list[ast.AST] = [*function.body, *(c.expression for c in clauses)]
    for loop in function.loops.values():
        roots += [c.expression for c in (*loop.invariants, *(loop.decreases or ()))]
    for root in roots:
        for node in ast.walk(root):
            if isinstance(node, ast.Call):
                found |= _targets(program, module, node.func, function)
            elif isinstance(node, ast.Attribute):
                found |= {m.qualified for m in methods(program, node.attr) if m.kind == "property"}
    return found | implied(program, function)


def _targets(program: Program, module: Module, node: ast.expr, function: Function | None = None) -> set[str]:
    if isinstance(node, ast.Name):
        name = module.imports.get(node.id, f"{module.name}.{node.id}")
        function = program.function(name)
        if function is not None:
            return {function.qualified}
        class_ = program.class_(name)
        return {m.qualified for m in (class_.methods.get("__init__"),) if m is not None} if class_ is not None else set()
    if isinstance(node, ast.Attribute):
        own = _methods_of(program, node, function) if function is not None else set()
        return own or {m.qualified for m in methods(program, node.attr)}
    return set()


def _methods_of(program: Program, node: ast.Attribute, function: Function) -> set[str]:
    """Return the methods that a call of a method of a parameter, or of `super()`, may run; nothing if its class is not known."""
    owner, after = "", ""
    if function.owner and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Name) and is_super(node):
        owner = after = f"{function.module}.{function.owner}"
    elif isinstance(node.value, ast.Name):
        owner = _class_of_parameter(node.value.id, function)
    known = program.class_(owner) if owner else None
    if known is None or known.kind == "protocol":
        return set()
    try:
        found = [
            families.found_in(program, one.qualified, node.attr, after)
            for one in (known, *families.below(program, known.qualified))
        ]
    except Unsupported:
        return set()
    return {method.qualified for method in found if method is not None}


def _class_of_parameter(name: str, function: Function) -> str:
    """Return the class of a parameter that a body does not assign anew; "" if there is none."""
    if any(isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load) for s in function.body for n in walk(s)):
        return ""
    for place, parameter in enumerate(function.parameters):
        if parameter.name == name:
            if place == 0 and function.owner and function.kind not in ("static", "class", "function"):
                return f"{function.module}.{function.owner}"
            return parameter.type.name if isinstance(parameter.type, t.Instance) else ""
    return ""


def methods(program: Program, name: str) -> Iterator[Function]:
    """Yield the methods and functions of a name."""
    for module in program.modules.values():
        for class_ in module.classes.values():
            if name in class_.methods:
                yield class_.methods[name]
        if name in module.functions:
            yield module.functions[name]


@lru_cache(maxsize=8)
def behind_invariants(program: Program) -> frozenset[str]:
    """Return the functions that invariants of classes may call, and those that these may call."""
    waiting: list[str] = []
    for module in program.modules.values():
        for class_ in module.classes.values():
            for node in (n for clause in class_.invariants for n in ast.walk(clause.expression)):
                if isinstance(node, ast.Call):
                    waiting.extend(_targets(program, module, node.func))
                elif isinstance(node, ast.Attribute):
                    waiting.extend(m.qualified for m in methods(program, node.attr) if m.kind == "property")
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            known = program.function(name)
            if known is not None:
                waiting.extend(callees(program, known))
    return frozenset(found)


@lru_cache(maxsize=4096)
def bodies_in_circle(program: Program, function: Function) -> frozenset[str]:
    """Return the functions that a function may call and that may call it back; without recursion: none."""
    forward: set[str] = set()
    waiting = list(callees(program, function))
    while waiting:
        name = waiting.pop()
        if name not in forward:
            forward.add(name)
            known = program.function(name)
            if known is not None:
                waiting.extend(callees(program, known))
    if function.qualified not in forward:
        return frozenset()
    back = {function.qualified}
    changed = True
    while changed:
        changed = False
        for name in forward - back:
            known = program.function(name)
            if known is not None and callees(program, known) & back:
                back.add(name)
                changed = True
    return frozenset(back)


def circle(program: Program, function: Function) -> frozenset[str]:
    """Return the functions of which a call may come back to a function.

    A call of a method may run one that overrides it, or that a class has which fits a protocol.
    """
    exact = bodies_in_circle(program, function)
    known = [one for one in map(program.function, exact) if one is not None]
    names = {families.short(one) for one in known if one.owner}
    protocols = [c for module in program.modules.values() for c in module.classes.values() if c.kind == "protocol"]
    fitted = {c.methods[name].qualified for c in protocols for name in names & set(c.methods)}
    return exact | fitted | {above.qualified for one in known for above in families.overridden(program, one)}


def recursive_calls(function: Function) -> list[ast.Call]:
    """Return the calls of a function of itself, by its name."""
    own = function.name.split(".")[-1]
    return [
        n
        for s in function.body
        for n in ast.walk(s)
        if isinstance(n, ast.Call)
        and ((isinstance(n.func, ast.Name) and n.func.id == own) or (isinstance(n.func, ast.Attribute) and n.func.attr == own))
    ]


def shrinks(call: ast.Call, parameter: str, function: Function) -> bool:
    """Whether an argument of a recursive call is something else than the parameter: a sign that it may get less."""
    argument = _passed_for(call, parameter, function)
    return argument is not None and not (isinstance(argument, ast.Name) and argument.id == parameter)


def is_less(call: ast.Call, parameter: str, function: Function) -> bool:
    """Whether an argument of a recursive call is written as what is less than the parameter: a remainder, a part, a difference."""

    def own(node: ast.expr) -> bool:
        return isinstance(node, ast.Name) and node.id == parameter

    match _passed_for(call, parameter, function):
        case ast.BinOp(op=ast.Mod(), right=right):
            return own(right)
        case ast.BinOp(op=ast.Sub() | ast.FloorDiv() | ast.RShift(), left=left):
            return own(left)
        case ast.Subscript(value=value, slice=ast.Slice()):
            return own(value)
    return False


def _passed_for(call: ast.Call, parameter: str, function: Function) -> ast.expr | None:
    """Return what a call passes for a parameter by its place."""
    place = [p.name for p in function.parameters].index(parameter)
    offset = 1 if function.owner and isinstance(call.func, ast.Attribute) else 0
    return call.args[place - offset] if 0 <= place - offset < len(call.args) else None


def modified(program: Program, function: Function) -> tuple[Clause, ...] | None:
    """Return the objects that a body may change, as expressions over its parameters; None if they cannot be named."""
    return _modified(program, function, frozenset())


def modified_by_constructor(program: Program, function: Function) -> tuple[Clause, ...] | None:
    """Return the objects that an `__init__` may change, without attributes of the new instance that it only assigns.

    These have no value before, so nothing is known of what they would lead to.
    """
    return _modified(program, function, frozenset(), True)


@lru_cache(maxsize=4096)
def _modified(
    program: Program, function: Function, seen: frozenset[str], constructing: bool = False
) -> tuple[Clause, ...] | None:
    parameters = {p.name for p in function.parameters}
    assigned = {
        n.id for s in function.body for n in walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store | ast.Del)
    }
    found: dict[str, Clause] = {}
    if function.stub or function.abstract:
        return ()
    own = function.name.split(".")[-1]
    rebound = naming.declared_global(function.node)
    module = program.modules[function.module]
    outer = {*module.constants, *module.variables} - parameters - (assigned - rebound)  # names that are the module's in it
    updated = {id(n.target) for s in function.body for n in walk(s) if isinstance(n, ast.AugAssign)}
    receiver = function.parameters[0].name if constructing and own == "__init__" and function.parameters else ""

    def first_given(node: ast.Attribute) -> bool:
        """Whether an attribute of a new instance is assigned."""
        mine = isinstance(node.value, ast.Name) and node.value.id == receiver and receiver not in assigned
        return mine and id(node) not in updated and isinstance(node.ctx, ast.Store)

    def note(node: ast.expr) -> bool:
        root = node
        while isinstance(root, ast.Attribute | ast.Subscript):
            root = root.value
        if not isinstance(root, ast.Name):
            return isinstance(root, ast.Call | ast.List | ast.Dict | ast.Set)
        if root.id in outer:
            if any(isinstance(n, ast.Subscript) for n in ast.walk(node)):
                return False
            found[ast.unparse(node)] = Clause(node, Place(node.lineno, node.col_offset + 1), ast.unparse(node))
            return True
        if root.id in assigned and root.id not in parameters:
            return _is_new(root.id, function)
        if root.id not in parameters:
            return False
        if root.id in assigned or any(isinstance(n, ast.Subscript) for n in ast.walk(node)):
            return False
        if (
            own == "__init__"
            and root.id == function.parameters[0].name
            and isinstance(node, ast.Attribute)
            and node.value is root
        ):
            pass
        found[ast.unparse(node)] = Clause(node, Place(node.lineno, node.col_offset + 1), ast.unparse(node))
        return True

    def note_variable(node: ast.expr) -> bool:
        target = ast.Call(ast.Name("__variable__", ast.Load()), [node], [])
        for one in (target, target.func):
            ast.copy_location(one, node)
        found[ast.unparse(target)] = Clause(target, Place(node.lineno, node.col_offset + 1), ast.unparse(node))
        return True

    for statement in function.body:
        for node in with_implied(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del) and node.id in rebound:
                note_variable(ast.copy_location(ast.Name(node.id, ast.Load()), node))
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in outer:
                note(ast.copy_location(ast.Name(node.target.id, ast.Load()), node.target))
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
                if program.modules.get(module.imports.get(getattr(node.value, "id", ""), "")) is not None:
                    note_variable(ast.copy_location(ast.Attribute(node.value, node.attr, ast.Load()), node))
                    continue
                loaded = ast.copy_location(ast.Attribute(node.value, node.attr, ast.Load()), node)
                if not first_given(node) and not note(loaded):
                    return None
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store | ast.Del):
                if not note(node.value):
                    return None
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name) and node.target.id in parameters:
                type_ = next(p.type for p in function.parameters if p.name == node.target.id)
                if getattr(type_, "kind", "") in ("list", "set", "deque", "dict"):
                    found[node.target.id] = Clause(node.target, Place(node.lineno, node.col_offset + 1), node.target.id)
            elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MUTATORS:
                if not note(node.func.value):
                    return None
            elif isinstance(node, ast.Call):
                for name in _targets(program, program.modules[function.module], node.func, function):
                    callee = program.function(name)
                    if callee is None or name == function.qualified or name in seen:
                        continue
                    inner = callee.contract.modifies
                    if inner is None:
                        inner = _modified(program, callee, seen | {function.qualified}, bool(receiver) and is_super(node.func))
                    if inner is None:
                        return None
                    for clause in inner:
                        if _is_about_new(clause, callee, node):
                            continue
                        same = outer if callee.module == function.module else set()
                        passed = _passed(clause, callee, node, function, frozenset(same))
                        if passed is None:
                            return None
                        if _is_variable(passed):
                            note_variable(passed.args[0])
                        elif not note(passed):
                            return None
    # What a variable leads to can be named only while nobody assigns the variable.
    variables = {ast.unparse(c.expression.args[0]) for c in found.values() if _is_variable(c.expression)}
    roots = {ast.unparse(_root(c.expression)) for c in found.values() if isinstance(c.expression, ast.Attribute)}
    return None if roots & variables else tuple(found.values())


def with_implied(statement: ast.AST) -> Iterator[ast.AST]:
    """Yield a statement, all below it, and the calls that `with` stands for."""
    for node in walk(statement):
        yield node
        if isinstance(node, ast.With):
            for manager in (item.context_expr for item in node.items):
                none: list[ast.expr] = [ast.copy_location(ast.Constant(None), manager) for _ in range(3)]
                for name, arguments in (("__enter__", none[:0]), ("__exit__", none)):
                    method = ast.copy_location(ast.Attribute(manager, name, ast.Load()), manager)
                    yield ast.copy_location(ast.Call(method, arguments, []), manager)


def _is_variable(node: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__variable__"


def _root(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node


def _is_about_new(clause: Clause, callee: Function, call: ast.Call) -> bool:
    """Whether a constructor changes the object that it constructs there."""
    root = _root(clause.expression)
    constructs = callee.name.endswith("__init__") and not (isinstance(call.func, ast.Attribute) and call.func.attr == "__init__")
    return constructs and isinstance(root, ast.Name) and root.id == callee.parameters[0].name


def _passed(
    clause: Clause, callee: Function, call: ast.Call, function: Function, same: frozenset[str] = frozenset()
) -> ast.expr | None:
    """Return what a callee changes, in terms of the arguments of a call; None if that cannot be said.

    `same`: names that are variables of the module in both.
    """
    root = clause.expression.args[0] if _is_variable(clause.expression) else _root(clause.expression)
    if isinstance(root, ast.Name) and root.id in same and root.id not in {p.name for p in callee.parameters}:
        return clause.expression
    names = [p.name for p in callee.parameters]
    given: dict[str, ast.expr] = {}
    if callee.owner and callee.kind not in ("static", "class"):
        if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name | ast.Attribute):
            given[names[0]] = call.func.value
            names = names[1:]
        elif is_super(call.func) and function.parameters:
            given[names[0]] = ast.copy_location(ast.Name(function.parameters[0].name, ast.Load()), call)
            names = names[1:]
        elif callee.name.endswith("__init__"):
            names = names[1:]
        else:
            return None
    if any(isinstance(a, ast.Starred) for a in call.args):
        return None
    given |= dict(zip(names, call.args, strict=False)) | {k.arg: k.value for k in call.keywords if k.arg is not None}
    return _substituted(clause.expression, given)


def is_super(func: ast.expr) -> bool:
    """Whether what is called is a method of `super()`."""
    return (
        isinstance(func, ast.Attribute)
        and isinstance(func.value, ast.Call)
        and isinstance(func.value.func, ast.Name)
        and func.value.func.id == "super"
    )


def _substituted(node: ast.expr, given: dict[str, ast.expr]) -> ast.expr | None:
    match node:
        case ast.Name(id=name):
            return given.get(name)
        case ast.Attribute(value=value, attr=attribute):
            owner = _substituted(value, given)
            return None if owner is None else ast.copy_location(ast.Attribute(owner, attribute, ast.Load()), node)
    return None


def _is_new(name: str, function: Function) -> bool:
    """Whether a local variable is only ever assigned objects that the function creates."""
    values = [
        s.value
        for statement in function.body
        for s in ast.walk(statement)
        if isinstance(s, ast.Assign | ast.AnnAssign)
        and s.value is not None
        and any(isinstance(t, ast.Name) and t.id == name for t in (s.targets if isinstance(s, ast.Assign) else [s.target]))
    ]
    return bool(values) and all(map(_creates, values))


def _creates(value: ast.expr) -> bool:
    """Whether an expression creates the collection that is its value."""
    if isinstance(value, ast.IfExp):
        return _creates(value.body) and _creates(value.orelse)
    if isinstance(value, ast.Subscript):
        return isinstance(value.slice, ast.Slice)
    if isinstance(value, ast.Call):
        return isinstance(value.func, ast.Name) and value.func.id in ("list", "dict", "set", "sorted", "bytearray")
    return isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp | ast.BinOp)


@lru_cache(maxsize=4096)
def returns_new(function: Function) -> bool:
    """Whether a function returns only collections that it creates."""
    values = [n.value for s in function.body for n in ast.walk(s) if isinstance(n, ast.Return)]
    return all(v is not None and _creates(v) for v in values)
