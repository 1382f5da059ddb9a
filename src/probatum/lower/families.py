"""Families of classes: in which order a class looks for its methods, which override which, and what they inherit.

A call is what the contract of the method says that the static type of the
receiver has. So whatever method may run instead must keep that contract. What
overrides one is held to it where it is verified (`overriding`); what takes its
place in another way is found here (`stand_ins`), and calls of it are refused.
"""

from __future__ import annotations

import ast
import builtins
import collections
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from probatum.lower.patching import ANY, assigned_from_outside, special
from probatum.lower.unsupported import Unsupported
from probatum.lower.variables import parts, substituted
from probatum.python import types as t
from probatum.python.annotations import Annotations
from probatum.python.program import Class, Clause, Contract, Field, Function, Module, Problem, Program, Syntax
from probatum.python.scopes import Positions, Scope

CONSTRUCTORS = frozenset(["__init__", "__new__", "__post_init__", "__init_subclass__", "__class_getitem__"])


def short(function: Function) -> str:
    """Return the name of a method without that of its class: `m`, `p.setter`."""
    return function.name.removeprefix(f"{function.owner}.")


def owner(program: Program, function: Function) -> Class | None:
    """Return the class of a method."""
    return program.class_(f"{function.module}.{function.owner}") if function.owner else None


def is_private(name: str) -> bool:
    """Whether callers outside of the class are not meant to use a method, so that it owes no invariants."""
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def is_mangled(name: str) -> bool:
    """Whether Python puts the name of the class before a name, so that derived classes have another one."""
    return name.startswith("__") and not name.endswith("__")


# Classes derived from `dict` whose instances are made here, under the names that types have.
_DICTS = {"Counter": collections.Counter, "defaultdict": collections.defaultdict}


@lru_cache(maxsize=16384)
def line(program: Program, name: str) -> tuple[str, ...]:
    """Return a class and those above it, in the order in which Python looks for methods.

    Raises
    ------
    Unsupported
        If there is no such order: Python refuses to create the class.
    """
    return _line(program, name, ())


def _line(program: Program, name: str, seen: tuple[str, ...]) -> tuple[str, ...]:
    known = program.class_(name)
    if known is None:
        return _of_builtin(name)
    name = known.qualified
    if name in seen or len(seen) > 100:
        raise Unsupported(f"the class `{known.name}`, which is derived from itself or from too many others")
    bases = [base.qualified if (base := program.class_(b)) is not None else b for b in known.bases]
    waiting = [list(_line(program, base, (*seen, name))) for base in bases] + [list(bases)]
    found = [name]
    while waiting := [w for w in waiting if w]:
        candidate = next((w[0] for w in waiting if not any(w[0] in other[1:] for other in waiting)), None)
        if candidate is None:
            raise Unsupported(f"the class `{known.name}`, whose bases have no consistent order")
        found.append(candidate)
        waiting = [w[1:] if w[0] == candidate else w for w in waiting]
    if "builtins.object" in found:
        found = [*(f for f in found if f != "builtins.object"), "builtins.object"]
    return tuple(found)


def _of_builtin(name: str) -> tuple[str, ...]:
    short = name.removeprefix("builtins.")
    own = _DICTS.get(short, getattr(builtins, short, None)) if name.startswith("builtins.") else None
    if not isinstance(own, type):
        return (name,)
    return tuple(f"builtins.{c.__name__}" for c in own.__mro__)


@lru_cache(maxsize=8)
def derived(program: Program) -> Mapping[str, tuple[str, ...]]:
    """Return for each class those that name it as a base."""
    found: dict[str, tuple[str, ...]] = {}
    for module in program.modules.values():
        for class_ in module.classes.values():
            for base in class_.bases:
                known = program.class_(base)
                name = known.qualified if known is not None else base
                found[name] = (*found.get(name, ()), class_.qualified)
    return found


def below(program: Program, name: str) -> tuple[Class, ...]:
    """Return the classes that are derived from a class, at any distance."""
    found: dict[str, Class] = {}
    waiting = list(derived(program).get(name, ()))
    while waiting:
        one = waiting.pop()
        known = program.class_(one)
        if known is not None and one not in found:
            found[one] = known
            waiting.extend(derived(program).get(one, ()))
    return tuple(found.values())


@lru_cache(maxsize=4096)
def apart(program: Program, one: str, other: str) -> bool:
    """Whether no class of the program is derived from two classes: none of their instances is one of both.

    Exceptions are left out: libraries have some that are derived from several built-in ones.
    """
    lines = [line(program, name) for name in (one, other)]
    if any("builtins.BaseException" in own for own in lines) or one in lines[1] or other in lines[0]:
        return False
    if any(known is not None and known.kind == "protocol" for known in map(program.class_, (one, other))):
        return False  # a class need not name it to have all that it asks for
    return not {c.qualified for c in below(program, one)} & {c.qualified for c in below(program, other)}


def classes(program: Program, name: str) -> Iterator[Class]:
    """Yield a class and those above it that were read, in the order in which Python looks for methods."""
    for one in line(program, name):
        known = program.class_(one)
        if known is not None:
            yield known


_PLAIN = frozenset(
    f"{module}.{name}"
    for module, names in {
        "builtins": ["object"],
        "abc": ["ABC"],
        "typing": ["Protocol", "Generic", "NamedTuple", "Sized", "Hashable"],
        "collections.abc": ["Sized", "Hashable"],
        "typing_extensions": ["Protocol", "Generic", "NamedTuple"],
        "enum": ["Enum", "IntEnum", "StrEnum"],
        "icontract": ["DBC"],
        "nagini_contracts.adt": ["ADT"],
    }.items()
    for name in names
)


@lru_cache(maxsize=4096)
def plain_constructor(program: Program, class_: Class) -> Function | None:
    """Return the `__new__` of a class of which there are no instances, as it gives back something else; None for others."""
    for one in classes(program, class_.qualified):
        if "__new__" in one.methods:
            return one.methods["__new__"] if one.methods["__new__"].kind == "class" else None
    return None


def foreign(program: Program, name: str) -> str:
    """Return a class above one that was not read, and that may give instances something of its own; "" if there is none."""
    for one in line(program, name):
        if program.class_(one) is None and one not in _PLAIN:
            error = getattr(builtins, one.removeprefix("builtins."), None) if one.startswith("builtins.") else None
            if not (isinstance(error, type) and issubclass(error, BaseException)):
                return one
    return ""


@lru_cache(maxsize=64)
def all_by_permission(program: Program, module: str) -> bool:
    """Whether every function that may meet objects of a module may look only at what its contract gives it.

    Those are the functions of modules that are connected by imports, in whatever direction.
    """
    linked: dict[str, set[str]] = {name: set() for name in program.modules}
    for name, one in program.modules.items():
        for target in one.imports.values():
            parts_ = target.split(".")
            for cut in range(1, len(parts_) + 1):
                other = ".".join(parts_[:cut])
                if other in linked:
                    linked[name].add(other)
                    linked[other].add(name)
    seen, waiting = {module}, [module]
    while waiting:
        for other in linked[waiting.pop()] - seen:
            seen.add(other)
            waiting.append(other)
    every = (f for name in seen for f in program.modules[name].every_function() if not f.stub)
    return all(f.contract.syntax == Syntax.NAGINI for f in every)


_MIXED = {
    "enum.IntEnum": "int", "enum.IntFlag": "int", "enum.StrEnum": "str", "typing.NamedTuple": "tuple",
    "typing_extensions.NamedTuple": "tuple",
}  # fmt: skip


@lru_cache(maxsize=16384)
def built_in(program: Program, name: str) -> frozenset[str]:
    """Return the built-in classes that a class is derived from, but `object`."""
    above = line(program, name)
    own = {one.removeprefix("builtins.") for one in above if one.startswith("builtins.")}
    return frozenset({*own, *(_MIXED[one] for one in above if one in _MIXED)} - {"object"})


@lru_cache(maxsize=16384)
def is_named_tuple(program: Program, name: str) -> bool:
    """Whether instances of a class are tuples whose items have names."""
    return any(one in ("typing.NamedTuple", "typing_extensions.NamedTuple") for one in line(program, name))


def found_in(program: Program, name: str, method: str, after: str = "") -> Function | None:
    """Return the method that instances of a class have under a name; `after`: what `super()` in that class finds."""
    passed = not after
    for known in classes(program, name):
        if passed and method in known.methods:
            return known.methods[method]
        if passed and method in known.constants:
            return None  # an attribute of the class hides it
        passed = passed or known.qualified == after
    return None


@lru_cache(maxsize=65536)
def patched(program: Program, name: str, attribute: str) -> bool:
    """Whether code may put something else in the place of an attribute of a class or module."""
    assigned = assigned_from_outside(program)
    owners = assigned.get(attribute, frozenset()) | assigned.get(ANY, frozenset())
    own = {name, *(c.qualified for c in below(program, name))}
    return "" in owners or any(own & {other, *(c.qualified for c in below(program, other))} for other in owners)


@lru_cache(maxsize=4096)
def special_patched(program: Program, name: str) -> str:
    """Return a method that Python calls by itself and that code puts into a class from outside; "" if there is none."""
    return next((one for one in sorted(special(program)) if patched(program, name, one)), "")


@lru_cache(maxsize=65536)
def declaring(program: Program, name: str, field: str) -> Class | None:
    """Return the class that declares an attribute of instances first, for a class and all that are derived from it.

    Raises
    ------
    Unsupported
        If several do, of which none is above the others: instances of classes derived from both have one attribute.
    """
    if not any(field in c.fields and not c.fields[field].shared for c in classes(program, name)):
        return None
    relatives = {c.qualified: c for c in classes(program, name)}
    for other in below(program, name):
        relatives |= {c.qualified: c for c in classes(program, other.qualified)}
    owners = {q: c for q, c in relatives.items() if field in c.fields and not c.fields[field].shared}
    roots = [c for q, c in owners.items() if not any(a in owners for a in line(program, q)[1:])]
    if len(roots) != 1:
        raise Unsupported(f"the attribute `{field}`, which {' and '.join(f'`{c.name}`' for c in roots)} declare independently")
    return roots[0]


@lru_cache(maxsize=65536)
def owners(program: Program, name: str, attribute: str) -> tuple[Class, ...]:
    """Return the classes that give an attribute to a class, to those above it or to those below it."""
    family = {c.qualified: c for c in classes(program, name)} | {c.qualified: c for c in below(program, name)}
    own = (c for c in family.values() if attribute in c.fields or attribute in c.methods or attribute in c.constants)
    return tuple(own)


@lru_cache(maxsize=65536)
def ambiguity(program: Program, name: str, attribute: str) -> str:
    """Return why an attribute of instances of a class may be something else in another class of its family; "" if it is not.

    Instances have either an attribute of their own, or a method or property, or one that all share with the class;
    and what all share is the same in derived classes.
    """
    own = name.rpartition(".")[2]
    family = {c.qualified: c for c in classes(program, name)} | {c.qualified: c for c in below(program, name)}
    hook = next((m for c in family.values() for m in c.methods if m in _HOOKS), None)
    if hook is not None:
        return f"an attribute of a `{own}`, whose class has `{hook}`"
    kinds = set()
    for class_ in owners(program, name, attribute):
        if attribute in class_.fields and _may_be_descriptor(program, class_.fields[attribute]):
            return f"`{attribute}`, for which the class `{class_.name}` has a value that may be a descriptor"
        if attribute in class_.fields and not class_.fields[attribute].shared:
            kinds.add("attribute")
        if attribute in class_.constants:
            kinds.add("constant")
        if attribute in class_.methods:
            kinds.add("method")
    if len(kinds) > 1:
        return f"`{attribute}`, which is an {' and a '.join(sorted(kinds))} of `{own}`"
    if kinds == {"constant"}:
        values = {ast.dump(c.constants[attribute]) for c in owners(program, name, attribute) if attribute in c.constants}
        if len(values) > 1:
            return f"`{attribute}`, which classes derived from `{own}` define anew"
    return ""


_HOOKS = frozenset(["__getattr__", "__getattribute__", "__setattr__", "__delattr__"])
_DESCRIPTORS = frozenset(["__get__", "__set__", "__delete__"])


@lru_cache(maxsize=8)
def _has_descriptors(program: Program) -> bool:
    return any(_DESCRIPTORS & c.methods.keys() for m in program.modules.values() for c in m.classes.values())


def _may_be_descriptor(program: Program, field: Field) -> bool:
    """Whether the value that a class gives an attribute may decide what reading or assigning the attribute does."""
    if field.default is None or field.made or isinstance(field.default, ast.Constant) or not _has_descriptors(program):
        return False
    return not isinstance(field.type, t.Plain) or field.type in (t.OBJECT, t.UNKNOWN)


def overridden(program: Program, function: Function) -> list[Function]:
    """Return the methods that a method overrides, the nearest first."""
    own, name = owner(program, function), short(function)
    if own is None or name in CONSTRUCTORS or is_mangled(name) or (function.kind == "static" and name == "__new__"):
        return []
    return [known.methods[name] for known in list(classes(program, own.qualified))[1:] if name in known.methods]


def stand_ins(program: Program, name: str, function: Function, after: str = "") -> Iterator[tuple[Class, Function | None]]:
    """Yield the classes below one whose instances have something else than a method, with what they have.

    Parameters
    ----------
    name : str
        The static class of the receiver.
    after : str
        The class whose `super()` is meant, or "".
    """
    if is_mangled(short(function)):
        return
    for known in below(program, name):
        found = found_in(program, known.qualified, short(function), after)
        if found is not function:
            yield known, found


def conforms(program: Program, method: Function, function: Function) -> bool:
    """Whether a method is held to the contract of another one: it overrides that, and has a contract to be verified."""
    return function in overridden(program, method) and method.contract.syntax != Syntax.NONE


# --- type variables -------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def base_arguments(program: Program, name: str) -> Mapping[str, Mapping[str, t.Type]]:
    """Return what the type variables of each class above one stand for in it, by the names of classes.

    A base that is named without arguments is not there: of its variables nothing is known.
    """
    known = program.class_(name)
    if known is None:
        return {}
    found: dict[str, Mapping[str, t.Type]] = {known.qualified: {v: t.Variable(v) for v in known.type_variables}}
    module = program.modules[known.module]
    variables = {v: _variable(known, v) for v in known.type_variables}
    found[known.qualified] = variables
    reader = Annotations(_scope(program, module), variables=dict(variables))
    for node in known.node.bases:
        target = node.value if isinstance(node, ast.Subscript) else node
        qualified = reader.scope.qualified(target)
        base = program.class_(qualified) if qualified is not None else None
        if base is None:
            continue
        own: Mapping[str, t.Type] = {}
        if isinstance(node, ast.Subscript):
            arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            read = [reader.read(a) for a in arguments]
            if len(read) == len(base.type_variables):
                own = dict(zip(base.type_variables, read, strict=True))
        for above, inner in base_arguments(program, base.qualified).items():
            if len(own) == len(base.type_variables):
                found.setdefault(above, {v: substituted(type_, dict(own)) for v, type_ in inner.items()})
    return found


def _variable(class_: Class, name: str) -> t.Type:
    """Return a type variable of a class with its bound, as its methods mention it."""
    for method in class_.methods.values():
        for parameter in method.parameters:
            if isinstance(parameter.type, t.Instance) and parameter.type.name == class_.qualified:
                for argument in parameter.type.arguments:
                    if isinstance(argument, t.Variable) and argument.name == name:
                        return argument
    return t.Variable(name)


def variables_of(program: Program, function: Function) -> Mapping[str, t.Type]:
    """Return the type variables that a function and its class mention, by their names, each with its bound."""
    found: dict[str, t.Type] = {}
    own = owner(program, function)
    if own is not None:
        found.update({name: _variable(own, name) for name in own.type_variables})
    waiting = [*(p.type for p in function.parameters), function.returns]
    while waiting:
        one = waiting.pop()
        if isinstance(one, t.Variable):
            found.setdefault(one.name, one)
        waiting.extend(parts(one))
    return found


def _scope(program: Program, module: Module) -> Scope:
    return Scope(
        module.name,
        module.path,
        Positions(module.text),
        imports=module.imports,
        defined=frozenset({*module.classes, *module.functions}),
        alias=lambda name: alias_of(program, module, name),
    )


def alias_of(program: Program, module: Module, name: str) -> t.Type | None:
    """Return the type for which a module has a name, or for which the module has one that a qualified name begins with."""
    owner, _, own = name.rpartition(".")
    known = program.modules.get(owner, module)
    return known.aliases.get(own)


# --- what contracts inherit ---------------------------------------------------------------------------------------


@lru_cache(maxsize=8)
def combined(program: Program) -> Program:
    """Return a program in which every contract is complete: what methods inherit is put into their own.

    A method that cannot be given what it inherits (its text means something else in another module) has a problem.
    """
    changed: dict[int, Function] = {}
    for module in program.modules.values():
        for class_ in module.classes.values():
            for function in class_.methods.values():
                whole = _whole(program, class_, function)
                if whole is not function:
                    changed[id(function)] = whole
    if not changed:
        return program
    modules: dict[str, Module] = {}
    for name, module in program.modules.items():
        own = {
            key: replace(c, methods={k: changed.get(id(f), f) for k, f in c.methods.items()})
            if any(id(f) in changed for f in c.methods.values())
            else c
            for key, c in module.classes.items()
        }
        modules[name] = replace(module, classes=own)
    return replace(program, modules=modules)


def counterpart(program: Program, function: Function) -> Function:
    """Return the function with the same text in a program that was completed."""
    module = program.modules.get(function.module)
    if module is None or not function.owner:
        return function
    return next((f for f in module.every_function() if f.node is function.node), function)


def _whole(program: Program, class_: Class, function: Function) -> Function:
    above = overridden(program, function)
    policy = function.contract.inherits or class_.inherits
    if not policy:
        # A class derived from one that passes its contracts on does so, too.
        policy = next((c.inherits for c in classes(program, class_.qualified) if c.inherits), "")
    if not above or not policy:
        return function
    try:
        levels = [_renamed(program, one, function) for one in above if one.contract.says_something]
    except Unsupported as error:
        problem = Problem(function.place, f"{error.construct} is not supported", function.qualified)
        return replace(function, problems=(*function.problems, problem))
    return replace(function, contract=_joined(function.contract, levels, policy)) if levels else function


def _joined(own: Contract, levels: Sequence[Contract], policy: str) -> Contract:
    everything = [own, *levels]
    asked = [c.requires for c in everything if c.requires]
    requires: tuple[Clause, ...] = ()
    if asked and policy == "replace":
        requires = asked[0]
    elif policy == "add":
        requires = tuple(clause for one in asked for clause in one)
    elif asked:
        requires = asked[0] if len(asked) == 1 else (_alternatives(asked),)
    modifies = next((c.modifies for c in everything if c.modifies is not None), None)
    silent = not (own.raises or own.any_raise)
    return replace(
        own,
        syntax=own.syntax if own.syntax != Syntax.NONE else levels[0].syntax,
        requires=requires,
        ensures=tuple(dict.fromkeys(clause for c in everything for clause in c.ensures)),
        raises=next((c.raises for c in everything if c.raises), ()) if silent else own.raises,
        any_raise=any(c.any_raise for c in everything) if silent else own.any_raise,
        modifies=modifies,
        decreases=next((c.decreases for c in everything if c.decreases is not None), None),
        may_diverge=own.may_diverge or (not own.says_something and levels[0].may_diverge),
        inherits="",
    )


def _alternatives(levels: Sequence[tuple[Clause, ...]]) -> Clause:
    """Return that the conditions of one level hold."""
    parts: list[ast.expr] = []
    for level in levels:
        conditions = [clause.expression for clause in level]
        parts.append(
            conditions[0] if len(conditions) == 1 else ast.copy_location(ast.BoolOp(ast.And(), conditions), conditions[0])
        )
    whole = ast.copy_location(ast.BoolOp(ast.Or(), parts), parts[0])
    text = " or ".join(" and ".join(clause.text for clause in level) for level in levels)
    return Clause(whole, levels[0][0].place, text)


def _renamed(program: Program, function: Function, into: Function) -> Contract:
    """Return a contract over the parameters of an overriding method."""
    contract = function.contract
    names = {a.name: b.name for a, b in zip(function.parameters, into.parameters, strict=False)}
    names = {a: b for a, b in names.items() if a != b}
    if function.module != into.module:
        _same_meaning(program, function, into)
    if not names:
        return contract

    def renamed(clause: Clause) -> Clause:
        return replace(clause, expression=_Renaming(names).visit(_copied(clause.expression)))

    def every(clauses: tuple[Clause, ...]) -> tuple[Clause, ...]:
        return tuple(map(renamed, clauses))

    return replace(
        contract,
        requires=every(contract.requires),
        ensures=every(contract.ensures),
        raises=tuple(
            replace(r, when=None if r.when is None else renamed(r.when), ensures=every(r.ensures)) for r in contract.raises
        ),
        modifies=None if contract.modifies is None else every(contract.modifies),
        decreases=None if contract.decreases is None else every(contract.decreases),
    )


def _copied(node: ast.expr) -> ast.expr:
    import copy

    return copy.deepcopy(node)


class _Renaming(ast.NodeTransformer):
    """Renames parameters; what a lambda binds under the new name would be caught, and is refused."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """A name."""
        return ast.copy_location(ast.Name(self.names.get(node.id, node.id), node.ctx), node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        """A lambda: what it binds stays."""
        bound = {a.arg for a in node.args.args}
        if bound & set(self.names.values()):
            raise Unsupported("an inherited condition whose `lambda` binds the name of a parameter", node)
        inner = _Renaming({a: b for a, b in self.names.items() if a not in bound})
        return ast.copy_location(ast.Lambda(node.args, inner.visit(node.body)), node)


def _same_meaning(program: Program, function: Function, into: Function) -> None:
    """Refuse an inherited contract whose names mean something else in the module that inherits it."""
    contract = function.contract
    clauses = [*contract.requires, *contract.ensures, *(contract.modifies or ()), *(contract.decreases or ())]
    nodes = [c.expression for c in clauses] + [r.exception for r in contract.raises]
    for raises in contract.raises:
        nodes += [c.expression for c in (*raises.ensures, *((raises.when,) if raises.when is not None else ()))]
    own = {p.name for p in function.parameters}
    for node in nodes:
        bound = {a.arg for n in ast.walk(node) if isinstance(n, ast.Lambda) for a in n.args.args}
        for name in (n for n in ast.walk(node) if isinstance(n, ast.Name)):
            if name.id in own or name.id in bound or (name.id.startswith("__") and name.id.endswith("__")):
                continue
            if _meaning(program, function.module, name.id) != _meaning(program, into.module, name.id):
                raise Unsupported(f"an inherited contract with `{name.id}`, which means something else here", function.node)


def _meaning(program: Program, module: str, name: str) -> str:
    known = program.modules[module]
    if name in known.imports:
        return known.imports[name]
    here = name in known.functions or name in known.classes or name in known.constants or name in known.variables
    return f"{module}.{name}" if here else f"builtins.{name}"
