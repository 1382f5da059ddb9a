"""From the text of Python files to `program.Module` and `program.Program`. Nothing is imported or run.

A module is read in two steps. The first (`surfaces`) takes what its top level
binds: imports, definitions, constants. The second, here, reads annotations and
contracts, for which the first must be over for all modules that are read
together, since they may import one another in a circle.
"""

from __future__ import annotations

import ast
import builtins
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TypeGuard

from probatum.errors import ProbatumError, UnreadableArtefact
from probatum.python import absent, contracts, definitions, forms, module_code, types
from probatum.python.annotations import Annotations, literal_type, variables_in
from probatum.python.contracts import conditions
from probatum.python.implied import Implied
from probatum.python.kept import written_out
from probatum.python.program import Class, Contract, Field, Function, Module, Parameter, Passing, Place, Problem, Program, Syntax
from probatum.python.scopes import Scope, bound_names, children
from probatum.python.surfaces import (
    Surface,
    World,
    contract_libraries,
    defined_again,
    matched,
    note_patches,
    surface_of,
    type_parameters,
)
from probatum.python.texts import base_of, deepest, import_statements, imported, module_name, parse, too_deep
from probatum.python.types import Type
from probatum.source import Location

# Decorators that leave a function as it is, or as it is seen from outside.
_harmless = frozenset(
    {"builtins.staticmethod", "builtins.classmethod", "builtins.property", "abc.abstractmethod", "abc.abstractproperty"}
    | {f"{m}.{n}" for m in ("typing", "typing_extensions") for n in ("final", "override", "no_type_check", "overload")}
    | {"functools.wraps"}
)
_caches = frozenset({"functools.lru_cache", "functools.cache", "functools.cached_property"})
_harmless_for_classes = frozenset(
    {"dataclasses.dataclass", "enum.unique", "typing.final", "typing.runtime_checkable"}
    | {"typing_extensions.final", "typing_extensions.runtime_checkable"}
)
_WITHOUT_ATTRIBUTES = frozenset(
    {"builtins.object", "abc.ABC", *(f"{m}.{n}" for m in ("typing", "typing_extensions") for n in ("Generic", "Protocol"))}
)
_never_missing = frozenset({"probatum", "icontract", "deal", "nagini_contracts", "typing_extensions", "crosshair"})
_builtin_exceptions = frozenset(
    f"builtins.{name}" for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
)
_constructors = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "__class_getitem__"})
_enums = {
    "enum.Enum": "enum",
    "enum.StrEnum": "enum",
    "enum.IntEnum": "intenum",
    "enum.Flag": "enum",
    "enum.IntFlag": "intenum",
}


@dataclass
class _Reader:
    """Reads the definitions of one module."""

    surface: Surface
    world: World
    library: bool
    problems: list[Problem] = field(default_factory=list)
    implied: Implied = field(init=False)

    def __post_init__(self) -> None:
        self.implied = Implied(self.world)

    def module(self) -> Module:
        surface, scope = self.surface, self.world.scope(self.surface.name)
        self.problems.extend(surface.problems)
        stated = contracts.module_problems(surface.tree, scope)
        self.problems.extend(definitions.too_early(surface.tree, scope))
        self.problems.extend(definitions.extended_enumerations(surface.tree, scope))
        classes: dict[str, Class] = {}
        for node in surface.classes.values():
            if not self.bound_again(node.name, node):
                self.class_(node, scope, "", classes)
        functions: dict[str, Function] = {}
        for name, nodes in surface.functions.items():
            kept = [n for n in nodes if not self.decorated(n, scope, "overload")] or nodes[-1:]
            if len(kept) > 1 and not all(any(n is s for s in surface.tree.body) for n in kept):
                message = f"`{name}` is defined in several places, so what it means is not known"
                self.problems.append(Problem(surface.positions.place(kept[-1]), message, self.qualified(name)))
                continue
            for earlier in kept[:-1]:
                self.problems.append(defined_again(surface, earlier, kept[-1], self.qualified(name)))
            if self.bound_again(name, kept[-1]):
                continue
            functions[name] = self.function(kept[-1], scope, None, "")
        for coroutine in surface.coroutines:
            self.coroutine(coroutine, scope, "")
        self.problems.extend(definitions.handed_out(stated, functions, classes))
        constants = self.world.constants(surface.name)
        reader = Annotations(scope)
        assigned = surface.assigned
        constant_types = {n: self.value_type(assigned[n][0][1], v, reader) for n, v in constants.items()}
        variables = {n: self.variable_type(n, reader) for n in assigned if n not in constants and n not in classes}
        unclear = {*surface.rebound, *surface.functions, *surface.classes} - {*functions, *classes, *constants, *scope.imports}
        variables |= {n: types.UNKNOWN for n in unclear if n not in variables}
        aliases = {n: t for n in (*assigned, *surface.classes) if (t := self.world.alias(f"{surface.name}.{n}")) is not None}
        return Module(
            surface.name,
            surface.path,
            surface.text,
            surface.tree,
            scope.imports,
            functions,
            classes,
            constants,
            constant_types,
            variables,
            aliases,
            tuple(sorted(dict.fromkeys(self.problems), key=lambda p: (p.place.line, p.place.column))),
            None if self.library else module_code.code_of(surface, scope),
        )

    def bound_again(self, name: str, node: ast.stmt) -> bool:
        """Whether a name that a definition binds is bound by something else too, so that calls may mean that; say so."""
        surface = self.surface
        both = name in surface.functions and name in surface.classes
        if not both and name not in surface.assigned and name not in surface.rebound and name not in surface.imports:
            return False
        message = f"`{name}` is bound elsewhere in the module too, so what it means is not known"
        self.problems.append(
            Problem(surface.positions.place(node), message, self.qualified(name), help="give one of them another name")
        )
        return True

    def defined(self, name: str) -> bool:
        return name in self.surface.functions or name in self.surface.classes

    def qualified(self, name: str) -> str:
        return f"{self.surface.name}.{name}"

    def decorated(self, node: ast.FunctionDef | ast.ClassDef, scope: Scope, name: str) -> bool:
        found = (scope.qualified(_undecorated(d)) or "" for d in node.decorator_list)
        return any(q.rpartition(".")[2] == name and not q.startswith(self.surface.name + ".") for q in found)

    def coroutine(self, node: ast.AsyncFunctionDef, scope: Scope, owner: str) -> None:
        name = f"{owner}.{node.name}" if owner else node.name
        self.problems.append(Problem(scope.place(node), "an `async` function", self.qualified(name)))

    def value_type(
        self, annotation: ast.expr | None, value: ast.expr | None, reader: Annotations, known: Mapping[str, Type] | None = None
    ) -> Type:
        """Return the declared type of a variable, or what its value tells; `known` are types of names in it."""
        if annotation is not None and (self.surface.shallow or not too_deep(annotation)):
            declared = reader.read(annotation)
            if declared != types.UNKNOWN:
                return declared
        if value is None:
            return types.UNKNOWN
        if isinstance(value, ast.Call):
            target = reader.scope.qualified(value.func)
            split = None if target is None else self.world.split(target)
            if target is not None and split is not None and (plain := self.world.alias(target)) is not None:
                return plain
            if target is not None and split is not None and ".".join(split[1]) in self.world.surfaces[split[0]].classes:
                return types.Instance(target)
            if target is not None and split is not None and (returned := self.returned_type(target)) is not None:
                return returned
        if isinstance(value, ast.Attribute) and (enumeration := self.enumeration_of(value, reader)) is not None:
            return types.Instance(enumeration)
        return literal_type(value, known=known, scope=reader.scope)

    def enumeration_of(self, member: ast.Attribute, reader: Annotations) -> str | None:
        """Return the qualified name of the enumeration that an expression names a member of."""
        target = (reader.scope.qualified(member) or "").rpartition(".")[0]
        split = self.world.split(target) if target else None
        if split is None or ".".join(split[1]) not in self.world.surfaces[split[0]].classes:
            return None
        node, scope = self.world.surfaces[split[0]].classes[".".join(split[1])], self.world.scope(split[0])
        named = {
            t.id for s in node.body if isinstance(s, ast.Assign) for t in s.targets if isinstance(t, ast.Name) and t.id[0] != "_"
        }
        enums = any((scope.qualified(base) or "") in _enums for base in node.bases)
        return target if member.attr in named and enums else None

    def variable_type(self, name: str, reader: Annotations) -> Type:
        found = [self.value_type(annotation, value, reader) for value, annotation, _ in self.surface.assigned[name]]
        declared = next((self.value_type(a, None, reader) for _, a, _ in self.surface.assigned[name] if a is not None), None)
        if declared is not None and declared != types.UNKNOWN:
            return declared
        if name in self.surface.rebound:
            return self.rebound_type(name, reader)
        return types.UNKNOWN if types.UNKNOWN in found else types.union(*found)

    def rebound_type(self, name: str, reader: Annotations) -> Type:
        """Return the type of a variable that functions assign too, if it is the same wherever it is assigned."""
        surface = self.surface
        others = {n: self.value_type(a[0][1], a[0][0], reader) for n, a in surface.assigned.items() if n != name}

        def typed(value: ast.expr, function: ast.FunctionDef | None, own: Type) -> Type:
            known = {**others, name: own}
            if function is not None:
                hidden = bound_names(function)
                given = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
                known = {n: found for n, found in known.items() if n not in hidden}
                known |= {a.arg: reader.read(a.annotation) for a in given if a.annotation is not None}
            return self.value_type(None, value, reader, known)

        if name in surface.assigned_elsewhere:
            return types.UNKNOWN
        return module_code.agreed(module_code.bindings(surface.tree, name), name, typed)

    def returned_type(self, target: str) -> Type | None:
        """Return what a function of the program is declared to return; None if it is not known."""
        split = self.world.split(target)
        found = self.world.surfaces[split[0]].functions.get(split[1][0], []) if split is not None and len(split[1]) == 1 else []
        if split is None or len(found) != 1 or found[0].returns is None or too_deep(found[0].returns):
            return None
        scope = self.world.scope(split[0])
        if not all((scope.qualified(_undecorated(d)) or "").startswith(contract_libraries) for d in found[0].decorator_list):
            return None
        returned = Annotations(scope).read(found[0].returns)
        return None if _variables(returned) else returned

    # Functions

    def function(
        self,
        node: ast.FunctionDef,
        scope: Scope,
        owner: ast.ClassDef | None,
        owner_name: str,
        *,
        self_type: Type | None = None,
        class_variables: Mapping[str, Type] | None = None,
        protocol: bool = False,
    ) -> Function:
        """Read a function; `scope` is the one around it."""
        name = f"{owner_name}.{node.name}" if owner_name else node.name
        place = scope.place(node)
        kind = self.kind(node, scope, owner)
        if kind == "setter":
            name += ".setter"
        if not self.surface.shallow and too_deep(node):
            problem = Problem(
                place, f"more than {deepest} levels of nesting", self.qualified(name), help="name parts of its expressions"
            )
            return Function(
                name, scope.module, node, place, (), types.UNKNOWN, Contract(place=place), (), owner=owner_name, kind=kind,
                problems=(problem,),
            )  # fmt: skip
        reading = contracts.read_function(node, scope, owner)
        own_variables = type_parameters(node, scope)
        reader = Annotations(scope, variables={**(class_variables or {}), **own_variables}, self_type=self_type)
        parameters = self.parameters(node, reader, kind, self_type)
        returns = self.returns(node, reader)
        problems = [*reading.problems, *reader.problems, *self.decorators(node, scope, [p.type for p in parameters], returns)]
        contract = reading.contract
        if contract.says_something:
            contract, unclear = self.implied.completed(contract, node, parameters, scope)
            problems += unclear
        declared = [p.type for p in parameters] + [returns]
        variables = tuple(dict.fromkeys(v for t in declared for v in variables_in(t) if v not in (class_variables or {})))
        hollow = _hollow(reading.body)
        body, loops = written_out(
            reading.body, reading.loops, parameters, lambda n: scope.qualified(ast.Name(n, ast.Load())) == f"builtins.{n}"
        )
        abstract = reading.abstract or self.decorated(node, scope, "abstractmethod") or (protocol and hollow)
        return Function(
            name,
            scope.module,
            node,
            place,
            parameters,
            returns,
            contract,
            body,
            loops,
            owner_name,
            kind,
            reading.pure,
            reading.ghost,
            reading.lemma,
            reading.opaque,
            abstract,
            reading.stub or (self.library and hollow and not abstract),
            variables,
            tuple(replace(p, function=p.function or self.qualified(name)) for p in dict.fromkeys(problems)),
            reading.inline,
            None if body is reading.body else (reading.body, reading.loops),
        )

    def kind(self, node: ast.FunctionDef, scope: Scope, owner: ast.ClassDef | None) -> str:
        if owner is None:
            return "function"
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "deleter"}:
                return decorator.attr
            match scope.qualified(_undecorated(decorator)):
                case "builtins.staticmethod":
                    return "static"
                case "builtins.classmethod":
                    return "class"
                case "builtins.property" | "functools.cached_property" | "abc.abstractproperty":
                    return "property"
        if node.name == "__new__":
            return "class" if self.plain(owner) is not None else "static"
        return "class" if node.name in {"__init_subclass__", "__class_getitem__"} else "method"

    def plain(self, class_: ast.ClassDef) -> Type | None:
        """Return the type of what calls of a class of this module give back, if that is never an instance of it."""
        if self.surface.classes.get(class_.name) is not class_:
            return None
        return self.world.alias(self.qualified(class_.name))

    def decorators(self, node: ast.FunctionDef, scope: Scope, takes: Sequence[Type], returns: Type) -> list[Problem]:
        """Return decorators of which nobody knows what they make of a function.

        What is cached is as good as what would be computed anew, unless it, or what it was computed from, may change.
        """
        problems: list[Problem] = []
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "getter", "deleter"}:
                continue
            qualified = scope.qualified(_undecorated(conditions.resolved(decorator, scope))) or ""
            if qualified in _caches and all(_never_changes(t) for t in (*takes, returns)):
                continue
            if qualified not in _harmless and not qualified.startswith(contract_libraries):
                problems.append(scope.unsupported(decorator, f"the decorator `{scope.shown(decorator)}`"))
        return problems

    def parameters(self, node: ast.FunctionDef, reader: Annotations, kind: str, self_type: Type | None) -> tuple[Parameter, ...]:
        a = node.args
        positional = [*((p, Passing.POSITIONAL) for p in a.posonlyargs), *((p, Passing.BOTH) for p in a.args)]
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(a.defaults)) + list(a.defaults)
        receiver = self_type is not None and kind not in {"static", "function"}
        found: list[Parameter] = []
        for i, ((p, passing), default) in enumerate(zip(positional, defaults, strict=True)):
            if i == 0 and receiver and self_type is not None and p.annotation is None:
                own = types.ClassObject(self_type) if kind == "class" else self_type
                found.append(Parameter(p.arg, own, reader.scope.place(p), None, passing))
            else:
                found.append(self.parameter(p, default, passing, reader))
        if node.name == "__exit__" and receiver:  # Python passes None where nothing was raised, whatever is declared
            found[1:2] = [
                replace(p, type=types.optional(p.type) if isinstance(p.type, types.ClassObject) else p.type) for p in found[1:2]
            ]
        if a.vararg is not None:
            one = self.parameter(a.vararg, None, Passing.REST, reader)
            found.append(replace(one, type=types.Collection("tuple", one.type)))
        found.extend(self.parameter(p, d, Passing.KEYWORD, reader) for p, d in zip(a.kwonlyargs, a.kw_defaults, strict=True))
        if a.kwarg is not None:
            one = self.parameter(a.kwarg, None, Passing.REST_KEYWORDS, reader)
            found.append(replace(one, type=types.Mapping("dict", types.STR, one.type)))
        return tuple(found)

    def parameter(self, node: ast.arg, default: ast.expr | None, passing: Passing, reader: Annotations) -> Parameter:
        place = reader.scope.place(node)
        if node.annotation is not None:
            declared = reader.read(node.annotation)
            if isinstance(default, ast.Constant) and default.value is None and declared != types.UNKNOWN:
                declared = types.optional(declared)  # `x: int = None`, as it was once allowed to be written
            return Parameter(node.arg, declared, place, default, passing)
        guess = types.UNKNOWN if default is None else literal_type(default)
        return Parameter(node.arg, types.UNKNOWN if guess == types.NONE else guess, place, default, passing, annotated=False)

    def returns(self, node: ast.FunctionDef, reader: Annotations) -> Type:
        if node.returns is not None:
            return reader.read(node.returns)
        return types.NONE if node.name == "__init__" or not _gives_a_value(node) else types.UNKNOWN

    # Classes

    def class_(self, node: ast.ClassDef, scope: Scope, outer: str, into: dict[str, Class]) -> None:
        """Read a class and those in it."""
        name = f"{outer}.{node.name}" if outer else node.name
        if not self.surface.shallow and _depth_of_class(node) > 20:
            self.problems.append(
                replace(scope.unsupported(node, "more than 20 classes inside one another"), function=self.qualified(name))
            )
            return
        statements = _class_statements(node)
        own_parts = [*node.decorator_list, *node.bases, *node.keywords]
        own_parts += [s for s in statements if not isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
        if not self.surface.shallow and any(too_deep(part) for part in own_parts):
            self.problems.append(
                replace(scope.unsupported(node, f"more than {deepest} levels of nesting"), function=self.qualified(name))
            )
            return
        nested = {s.name: f"{scope.module}.{name}.{s.name}" for s in statements if isinstance(s, ast.ClassDef)}
        inner = replace(scope, imports={**scope.imports, **nested}, defined=scope.defined - nested.keys()) if nested else scope
        reading = contracts.read_class(node, scope)
        own_variables = type_parameters(node, scope)
        reader = Annotations(inner, variables=own_variables)
        bases, variables, named = self.bases(node, reader)
        variables = tuple(own_variables) or variables
        self_type = types.Instance(f"{scope.module}.{name}", tuple(reader.variables.get(v) or named[v] for v in variables))
        reader.self_type = self_type
        kind, by_value, ordered, problems = self.class_kind(node, scope, bases)
        said = reading.problems if reading is not None else ()
        problems += said
        # Nobody else would hear of a contract of a class that says nothing: its methods are checked without it.
        self.problems.extend(replace(p, function=self.qualified(name)) for p in said if not p.unsupported)
        left_out = reading.methods if reading is not None else frozenset()
        into[name] = placeholder = Class(name, scope.module, node, scope.place(node), kind, bases, {}, {})
        methods: dict[str, Function] = {}
        class_variables = {v: own_variables.get(v) or named[v] for v in variables}
        for statement in statements:
            if isinstance(statement, ast.FunctionDef) and statement.name not in left_out:
                if self.decorated(statement, scope, "overload"):
                    continue
                method = self.function(
                    statement,
                    inner,
                    node,
                    name,
                    self_type=self_type,
                    class_variables=class_variables,
                    protocol=kind == "protocol",
                )
                if method.kind in ("method", "property", "setter") and self.plain(node) is not None:
                    missing = scope.unsupported(
                        statement, f"a method of `{name}`, of which there are no instances: `__new__` gives back something else"
                    )
                    method = replace(method, problems=(*method.problems, replace(missing, function=method.qualified)))
                key = method.name.removeprefix(f"{name}.")
                if method.kind == "deleter":
                    problems.append(scope.unsupported(statement, f"a deleter of the property `{statement.name}`"))
                    continue
                if key in methods:
                    problems.append(defined_again(self.surface, methods[key].node, statement, methods[key].qualified))
                methods[key] = method
            elif isinstance(statement, ast.AsyncFunctionDef):
                self.coroutine(statement, scope, name)
            elif isinstance(statement, ast.ClassDef):
                self.class_(statement, inner, name, into)
        fields, constants = self.fields(statements, methods, kind, reader, problems)
        if kind == "class":
            fields = self.with_absent(node, fields, methods, bases, reader)
        for both in [m for m in methods if m in fields and fields[m].shared]:
            message = f"`{both}` is bound elsewhere in the class too, so what it means is not known"
            problems.append(Problem(methods[both].place, message, methods[both].qualified))
            del methods[both]
        problems += reader.problems
        into[name] = replace(
            placeholder,
            fields=fields,
            methods=methods,
            invariants=reading.invariants if reading is not None else (),
            constants=constants,
            type_variables=variables,
            syntax=reading.syntax if reading is not None else Syntax.NONE,
            compares_by_value=by_value,
            ordered=ordered,
            inherits=reading.inherits if reading is not None else "",
            invariants_at_assignments=reading.invariants_at_assignments if reading is not None else False,
            problems=tuple(replace(p, function=p.function or self.qualified(name)) for p in dict.fromkeys(problems)),
        )

    def bases(self, node: ast.ClassDef, reader: Annotations) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, Type]]:
        """Return the qualified names of base classes, and the type variables that they name."""
        bases: list[str] = []
        generic: list[str] = []
        mentioned: list[str] = []
        named: dict[str, Type] = {}
        for base in node.bases:
            target = base.value if isinstance(base, ast.Subscript) else base
            qualified = reader.scope.qualified(target)
            if qualified is None:
                reader.unsupported(base, f"the base class `{reader.scope.shown(base)}`")
                continue
            own = qualified.rpartition(".")[2]
            if isinstance(base, ast.Subscript):
                arguments = base.slice.elts if isinstance(base.slice, ast.Tuple) else [base.slice]
                read = [reader.read(a) for a in arguments]
                for part in read:
                    for variable in _variables(part):
                        named[variable.name] = variable
                        (generic if own in {"Generic", "Protocol"} else mentioned).append(variable.name)
            if qualified in {"typing.Generic", "typing_extensions.Generic", "builtins.object"}:
                continue
            bases.append(qualified)
        return tuple(bases), tuple(dict.fromkeys(generic or mentioned)), named

    def class_kind(self, node: ast.ClassDef, scope: Scope, bases: Sequence[str]) -> tuple[str, bool, bool, list[Problem]]:
        """Return the kind of a class, whether `==` and whether `<` compare fields, and what stands in the way."""
        known = {"abc.ABCMeta", "icontract.DBCMeta"}
        strange = [k.value for k in node.keywords if k.arg == "metaclass" and scope.qualified(k.value) not in known]
        problems = [scope.unsupported(value, f"the metaclass `{scope.shown(value)}`") for value in strange]
        kind, by_value, ordered = "class", False, False
        for decorator in node.decorator_list:
            qualified = scope.qualified(_undecorated(conditions.resolved(decorator, scope))) or ""
            if qualified == "dataclasses.dataclass":
                options = _options(decorator)
                kind = "frozen" if options.get("frozen", False) else "dataclass"
                by_value, ordered = options.get("eq", True), options.get("order", False)
            elif qualified not in _harmless_for_classes and not qualified.startswith(contract_libraries):
                problems.append(scope.unsupported(decorator, f"the decorator `{scope.shown(decorator)}`"))
        ancestors = self.ancestors(bases)
        for ancestor in ancestors:
            if ancestor in _enums:
                kind = _enums[ancestor]
                if ancestor.endswith("Flag"):
                    problems.append(scope.unsupported(node, f"`{ancestor}`"))
            elif ancestor in _builtin_exceptions:
                kind = "exception"
            elif ancestor in {"typing.NamedTuple", "typing_extensions.NamedTuple"} and ancestor in bases:
                kind, by_value, ordered = "frozen", True, True
            elif ancestor in {"typing.Protocol", "typing_extensions.Protocol"} and ancestor in bases:
                kind = "protocol"
            elif ancestor in {"typing.TypedDict", "typing_extensions.TypedDict"}:
                problems.append(scope.unsupported(node, "a `TypedDict`"))
        return kind, by_value, ordered, problems

    def ancestors(self, bases: Iterable[str]) -> list[str]:
        """Return all base classes, as far as their text is known."""
        found: dict[str, None] = {}
        pending = list(bases)
        while pending:
            base = pending.pop(0)
            if base in found:
                continue
            found[base] = None
            split = self.world.split(base)
            surface = None if split is None else self.world.surfaces[split[0]]
            if split is None or surface is None or ".".join(split[1]) not in surface.classes:
                continue
            scope = self.world.scope(split[0])
            for expression in surface.classes[".".join(split[1])].bases:
                target = expression.value if isinstance(expression, ast.Subscript) else expression
                qualified = scope.qualified(target)
                if qualified is not None:
                    pending.append(qualified)
        return list(found)

    def fields(
        self,
        statements: Sequence[ast.stmt],
        methods: Mapping[str, Function],
        kind: str,
        reader: Annotations,
        problems: list[Problem],
    ) -> tuple[dict[str, Field], dict[str, ast.expr]]:
        """Return the attributes of instances, and those of an enum's members."""
        fields: dict[str, Field] = {}
        constants: dict[str, ast.expr] = {}
        data = kind in {"dataclass", "frozen"}
        keyword_only = False
        for statement in statements:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                if (reader.scope.qualified(statement.annotation) or "") == "dataclasses.KW_ONLY":
                    keyword_only = True
                    continue
                one = self.declared_field(statement, statement.target, reader, problems, data=data)
                fields[one.name] = replace(one, keyword_only=keyword_only and data)
                if one.shared and one.default is not None:
                    constants[one.name] = one.default
            elif isinstance(statement, ast.Assign):
                for target in statement.targets:
                    for name, value in _assigned_pairs(target, statement.value):
                        if kind in {"enum", "intenum"}:
                            constants[name] = value
                        elif not (name.startswith("__") and name.endswith("__")):
                            shared = self.value_type(None, value, reader)
                            fields[name] = Field(name, shared, reader.scope.place(target), value, in_init=False, shared=True)
                            constants[name] = value
        for constructor in ("__init__", "__post_init__"):
            if constructor in methods:
                self.assigned_fields(methods[constructor], fields, reader)
        return fields, constants

    def with_absent(
        self,
        node: ast.ClassDef,
        fields: dict[str, Field],
        methods: Mapping[str, Function],
        bases: Sequence[str],
        reader: Annotations,
    ) -> dict[str, Field]:
        """Add the attributes that instances of a class may lack."""
        above: list[ast.ClassDef | None] = [node] if any(isinstance(s, ast.ClassDef) for s in node.body) else []
        for ancestor in self.ancestors(bases):
            split = self.world.split(ancestor)
            surface = None if split is None else self.world.surfaces[split[0]]
            known = surface.classes.get(".".join(split[1])) if split is not None and surface is not None else None
            if known is not None or ancestor not in _WITHOUT_ATTRIBUTES:
                above.append(known)

        def inherited(name: str) -> bool:
            return any(one is None or absent.binds_attribute(one, name) for one in above)

        def typed(annotation: ast.expr | None, value: ast.expr | None, known: Mapping[str, Type]) -> Type:
            return self.value_type(annotation, value, reader, known)

        return absent.with_absent(fields, methods, self.deleted, inherited=inherited, typed=typed, scope=reader.scope)

    @cached_property
    def deleted(self) -> frozenset[str]:
        """The names of attributes that the module deletes."""
        return absent.deleted_attributes(self.surface.tree) if self.surface.shallow else frozenset()

    def declared_field(
        self, statement: ast.AnnAssign, target: ast.Name, reader: Annotations, problems: list[Problem], *, data: bool
    ) -> Field:
        place = reader.scope.place(statement)
        annotation = statement.annotation
        outermost = annotation.value if isinstance(annotation, ast.Subscript) else annotation
        shared = (reader.scope.qualified(outermost) or "").rpartition(".")[2] == "ClassVar"
        if data and (reader.scope.qualified(outermost) or "") == "dataclasses.InitVar":
            problems.append(reader.scope.unsupported(statement, "an `InitVar`"))
        type_ = self.value_type(annotation, statement.value, reader)
        default, in_init = statement.value, not shared
        if data and isinstance(default, ast.Call) and reader.scope.qualified(default.func) == "dataclasses.field":
            options = {k.arg: k.value for k in default.keywords}
            chosen = options.get("init")
            in_init = not (isinstance(chosen, ast.Constant) and chosen.value is False)
            factory = options.get("default_factory")
            made = forms.placed(ast.Call(factory, [], []), factory) if factory is not None else None
            default = made if made is not None else options.get("default")
            keyword = options.get("kw_only")
            own = isinstance(keyword, ast.Constant) and keyword.value is True
            return Field(target.id, type_, place, default, in_init, shared, keyword_only=own, made=made is not None)
        return Field(target.id, type_, place, default, in_init, shared)

    def assigned_fields(self, constructor: Function, fields: dict[str, Field], reader: Annotations) -> None:
        """Add what a constructor assigns to attributes of its first parameter."""
        if not constructor.parameters:
            return
        receiver = constructor.parameters[0].name
        known = {p.name: p.type for p in constructor.parameters}
        found: dict[str, list[tuple[Type, ast.expr]]] = {}
        declared: dict[str, tuple[Type, ast.expr]] = {}
        for node in _own_statements(constructor.body):
            if isinstance(node, ast.AnnAssign) and _is_attribute(node.target, receiver):
                declared[node.target.attr] = self.value_type(node.annotation, node.value, reader), node.target
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    for attribute, value in _attribute_pairs(target, node.value, receiver):
                        type_ = self.value_type(None, value, reader, known)
                        found.setdefault(attribute.attr, []).append((type_, attribute))
        for name, (type_, target) in declared.items():
            fields[name] = self.merged(fields.get(name), name, type_, reader.scope.place(target))
        for name, values in found.items():
            if name in declared:
                continue
            seen = [t for t, _ in values]
            told = [t for t in seen if t != types.UNKNOWN]  # what is assigned besides must be of these, too
            type_ = types.UNKNOWN if types.UNKNOWN in seen and set(told) <= {types.NONE} else types.union(*told)
            fields[name] = self.merged(fields.get(name), name, type_, reader.scope.place(values[0][1]))

    def merged(self, before: Field | None, name: str, type_: Type, place: Place) -> Field:
        if before is None:
            return Field(name, type_, place, in_init=False)
        return replace(before, type=type_ if before.type == types.UNKNOWN else before.type, shared=False)


def _never_changes(type_: Type) -> bool:
    """Whether the values of a type are immutable, through and through."""
    match type_:
        case types.Plain(name=name):
            return name in {"int", "bool", "float", "str", "bytes", "None"}
        case types.Ranged():
            return True
        case types.Tuple(items=parts) | types.Union(options=parts):
            return all(map(_never_changes, parts))
        case types.Collection(kind="tuple" | "frozenset" | "range", item=item):
            return _never_changes(item)
    return False


def _undecorated(decorator: ast.expr) -> ast.expr:
    return decorator.func if isinstance(decorator, ast.Call) else decorator


def _options(decorator: ast.expr) -> dict[str, bool]:
    """Return the options of a decorator that are written as True or False."""
    if not isinstance(decorator, ast.Call):
        return {}
    pairs = ((k.arg or "", k.value) for k in decorator.keywords)
    return {name: value.value for name, value in pairs if isinstance(value, ast.Constant) and isinstance(value.value, bool)}


def _variables(type_: Type) -> list[types.Variable]:
    """Return the type variables at the top of an argument of a base class."""
    if isinstance(type_, types.Variable):
        return [type_]
    parts: Sequence[Type] = ()
    match type_:
        case types.Tuple(items=inner) | types.Union(options=inner) | types.Instance(arguments=inner):
            parts = inner
        case types.Collection(item=item):
            parts = (item,)
        case types.Mapping(key=key, value=value):
            parts = (key, value)
    return [v for part in parts for v in _variables(part)]


def _hollow(body: Sequence[ast.stmt]) -> bool:
    """Whether a body does nothing but say that it is elsewhere."""
    left = [s for s in body if not isinstance(s, ast.Pass)]
    return all(isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant) and s.value.value is Ellipsis for s in left)


def _own_statements(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Return the statements of a body at any depth, but for those of definitions in it."""
    found: list[ast.stmt] = []
    pending: list[ast.AST] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.stmt):
            found.append(node)
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
        if isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            pending.extend(reversed([c for c in children(node) if not isinstance(c, ast.expr)]))
    return found


def _gives_a_value(node: ast.FunctionDef) -> bool:
    """Whether a function may return something but None: it returns a value, or it is a generator."""
    for statement in _own_statements(node.body):
        if isinstance(statement, ast.Return) and statement.value is not None:
            return True
    pending: list[ast.AST] = list(node.body)
    while pending:
        one = pending.pop()
        if isinstance(one, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            pending.extend(children(one))
    return False


def _class_statements(node: ast.ClassDef) -> list[ast.stmt]:
    """Return the statements of a class body, with those under `if` and `try`."""
    found: list[ast.stmt] = []
    pending: list[ast.stmt] = list(reversed(node.body))
    while pending:
        statement = pending.pop()
        if isinstance(statement, ast.If | ast.Try | ast.With):
            inner: list[ast.stmt] = []
            for child in children(statement):
                inner.extend(
                    [child] if isinstance(child, ast.stmt) else child.body if isinstance(child, ast.ExceptHandler) else []
                )
            pending.extend(reversed(inner))
        else:
            found.append(statement)
    return found


def _depth_of_class(node: ast.ClassDef) -> int:
    depth, level = 0, [node]
    while level:
        depth += 1
        level = [s for c in level for s in _class_statements(c) if isinstance(s, ast.ClassDef)]
    return depth


def _assigned_pairs(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List) and matched(target, value):
        return [p for t, v in zip(target.elts, value.elts, strict=True) for p in _assigned_pairs(t, v)]
    return []


def _is_attribute(target: ast.expr, receiver: str) -> TypeGuard[ast.Attribute]:
    return isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == receiver


def _attribute_pairs(target: ast.expr, value: ast.expr | None, receiver: str) -> list[tuple[ast.Attribute, ast.expr | None]]:
    """Return the attributes of the receiver that an assignment binds, each with its value, if that is written on its own."""
    if isinstance(target, ast.Attribute):
        return [(target, value)] if _is_attribute(target, receiver) else []
    if isinstance(target, ast.Starred):
        return _attribute_pairs(target.value, None, receiver)
    if not isinstance(target, ast.Tuple | ast.List):
        return []
    values: Sequence[ast.expr | None] = [None] * len(target.elts)
    if isinstance(value, ast.Tuple | ast.List) and matched(target, value):
        values = value.elts
    return [p for t, v in zip(target.elts, values, strict=True) for p in _attribute_pairs(t, v, receiver)]


def read_module(text: str, path: str, name: str = "", *, library: bool = False) -> Module:
    """Read a module on its own.

    Parameters
    ----------
    path : str
        Relative to what is checked.
    name : str
        Its dotted name; by default what `module_name` makes of the path.
    library : bool
        A contract file of a library: functions without body are taken at their word.

    Raises
    ------
    UnreadableArtefact
        As `parse` does.
    """
    surface = surface_of(name or module_name(path), path, text)
    module = _Reader(surface, World({surface.name: surface}), library).module()
    _pass_contracts_on(Program({module.name: module}), [module])
    return module


def read_program(
    sources: Mapping[str, str], roots: Iterable[str] = (), *, libraries: Mapping[str, Module] | None = None
) -> Program:
    """Read modules that may import one another, in circles too.

    Parameters
    ----------
    sources : mapping of str to str
        Relative path to text.
    roots : iterable of str
        Folders in which packages are looked for; the top is always one.
    libraries : mapping of str to Module
        Modules that were read before, by name; the program gets them as they are.

    Returns
    -------
    Program
        Of what can be read; `unreadable` says why the rest cannot.
    """
    surfaces: dict[str, Surface] = {}
    unreadable: dict[str, ProbatumError] = {}
    roots = tuple(roots)
    for path in sorted(sources):
        try:
            surface = surface_of(module_name(path, roots), path, sources[path])
        except UnreadableArtefact as error:
            unreadable[path] = error
            continue
        if surface.name in surfaces:
            message = f"`{path}` and `{surfaces[surface.name].path}` are both the module `{surface.name}`"
            advice = "name one root of packages in the configuration, or rename one of them"
            unreadable[path] = UnreadableArtefact(message, help=advice, location=Location(path))
            continue
        surfaces[surface.name] = surface
    note_patches(surfaces)
    world = World(surfaces)
    own = {n: _Reader(s, world, library=s.path.endswith(".pyi")).module() for n, s in surfaces.items()}
    modules = dict(libraries or {}) | own
    _pass_contracts_on(Program(modules), own.values())
    return Program(modules, _missing(world, {*modules, *(module_name(path, roots) for path in unreadable)}), unreadable)


def _pass_contracts_on(program: Program, modules: Iterable[Module]) -> None:
    """Give methods without a contract the one of what they override, where contracts are written so that they pass on."""
    for module in modules:
        for class_ in module.classes.values():
            for key, method in class_.methods.items():
                if method.contract.syntax == Syntax.NONE and not method.contract.says_something:
                    passed = _passed_on(program, class_, key)
                    if passed is not None:
                        contract = replace(passed, place=method.place)
                        class_.methods[key] = replace(method, contract=contract)  # type: ignore[index]  # made above, as a dict


def _passed_on(program: Program, class_: Class, name: str) -> Contract | None:
    """Return a contract that has nothing of its own and inherits all; None if no class above passes one on."""
    if (name.startswith("__") and not name.endswith("__")) or name in _constructors:
        return None
    waiting, seen = list(class_.bases), {class_.qualified}
    policy = class_.inherits
    found: Contract | None = None
    while waiting:
        known = program.class_(waiting.pop(0))
        if known is None or known.qualified in seen:
            continue
        seen.add(known.qualified)
        waiting.extend(known.bases)
        policy = policy or known.inherits
        above = known.methods.get(name)
        if found is None and above is not None and above.contract.syntax != Syntax.NONE:
            found = above.contract
    if found is None:
        return None
    policy = policy or _always_passed_on.get(found.syntax, "")
    return Contract(found.syntax, inherits=policy) if policy else None


# Syntaxes whose contracts hold of overriding methods whatever their classes say, and how.
_always_passed_on = {Syntax.NATIVE: "add", Syntax.PEP316: "replace"}


def _provides(world: World, package: str, name: str) -> bool:
    """Whether a package has a name of its own, which is no module in it."""
    surface = world.surfaces.get(package)
    if surface is None:
        return False
    return bool(surface.stars) or (name in surface.names() and surface.imports.get(name) != f"{package}.{name}")


def _missing(world: World, known: set[str]) -> tuple[str, ...]:
    """Return the modules that are imported, and that are neither here nor in the standard library."""
    found: dict[str, None] = {}
    folders = {".".join(n.split(".")[:i]) for n in known for i in range(1, n.count(".") + 1)}
    for surface in world.surfaces.values():
        for node in import_statements(surface.tree.body):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [a.name for a in node.names]
            elif (base := base_of(node, surface.name, package=surface.package)) and base not in folders:
                names = [base]
            elif base in folders:
                names = [f"{base}.{a.name}" for a in node.names if a.name != "*" and not _provides(world, base, a.name)]
            for name in names:
                top = name.partition(".")[0]
                if not (name in known or name in folders or top in sys.stdlib_module_names or top in _never_missing):
                    found[name] = None
    return tuple(found)


__all__ = ["deepest", "imported", "module_name", "parse", "read_module", "read_program"]
