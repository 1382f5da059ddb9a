"""From the definition of a class, and of those in it, to `program.Class`."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Sequence
from dataclasses import dataclass, replace

from probatum.python import contracts, types
from probatum.python.annotations import Annotations, type_variables
from probatum.python.contracts import conditions
from probatum.python.program import Class, Function, Problem, Syntax
from probatum.python.reading.class_values import uncertain
from probatum.python.reading.decorators import is_decorated, options, undecorated
from probatum.python.reading.fields import FieldReader
from probatum.python.reading.functions import FunctionReader, coroutine
from probatum.python.reading.statements import class_depth, class_statements
from probatum.python.reading.values import enumerations
from probatum.python.scopes import Scope
from probatum.python.surfaces import contract_libraries, defined_again, type_parameters
from probatum.python.texts import deepest, too_deep
from probatum.python.types import Type

_builtin_exceptions = frozenset(
    f"builtins.{name}" for name, value in vars(builtins).items() if isinstance(value, type) and issubclass(value, BaseException)
)
_most_inner_classes = 20
# Decorators that leave a class as it is, or of which `_kind` knows what they make.
_harmless_for_classes = frozenset(
    {"dataclasses.dataclass", "enum.unique", "typing.final", "typing.runtime_checkable"}
    | {"typing_extensions.final", "typing_extensions.runtime_checkable"}
)


@dataclass
class ClassReader:
    """Reads the classes of one module; what is wrong with a class that cannot be read goes to `problems`."""

    functions: FunctionReader
    fields: FieldReader
    problems: list[Problem]

    def read(self, node: ast.ClassDef, scope: Scope, outer: str, into: dict[str, Class]) -> None:
        """Read a class and those in it."""
        name = f"{outer}.{node.name}" if outer else node.name
        statements = class_statements(node)
        too_much = None if self.functions.surface.shallow else _too_much(node, statements)
        if too_much is not None:
            self.problems.append(replace(scope.unsupported(node, too_much), function=f"{scope.module}.{name}"))
            return
        nested = {s.name: f"{scope.module}.{name}.{s.name}" for s in statements if isinstance(s, ast.ClassDef)}
        inner = replace(scope, imports={**scope.imports, **nested}, defined=scope.defined - nested.keys()) if nested else scope
        reading = contracts.read_class(node, scope)
        own_variables = type_parameters(node, scope)
        reader = Annotations(inner, variables=own_variables)
        bases, variables, named = _bases(node, reader)
        variables = tuple(own_variables) or variables
        self_type = types.Instance(f"{scope.module}.{name}", tuple(reader.variables.get(v) or named[v] for v in variables))
        reader.self_type = self_type
        kind, by_value, ordered, problems = self._kind(node, scope, bases)
        said = reading.problems if reading is not None else ()
        problems += said
        # Nobody else would hear of a contract of a class that says nothing: its methods are checked without it.
        self.problems.extend(replace(p, function=f"{scope.module}.{name}") for p in said if not p.unsupported)
        left_out = reading.methods if reading is not None else frozenset()
        into[name] = placeholder = Class(name, scope.module, node, scope.place(node), kind, bases, {}, {})
        for statement in statements:
            if isinstance(statement, ast.AsyncFunctionDef):
                self.problems.append(coroutine(statement, scope, name))
            elif isinstance(statement, ast.ClassDef):
                self.read(statement, inner, name, into)
        own = [s for s in statements if isinstance(s, ast.FunctionDef) and s.name not in left_out]
        class_variables = {v: own_variables.get(v) or named[v] for v in variables}

        def method(statement: ast.FunctionDef) -> Function:
            protocol = kind == "protocol"
            return self.functions.read(
                statement, inner, node, name, self_type=self_type, class_variables=class_variables, protocol=protocol
            )

        methods = self._methods([method(s) for s in own if not is_decorated(s, scope, "overload")], node, scope, problems)
        fields, constants = self.fields.read(statements, methods, kind, reader, problems)
        for both, place in uncertain(node, {n for n, f in fields.items() if f.default is not None} | constants.keys()):
            problems.append(scope.unsupported(place, f"`{both}`, which the body of a class binds otherwise than once"))
            if kind not in enumerations.values():
                constants.pop(both, None)
        if kind == "class":
            fields = self.fields.with_absent(node, fields, methods, bases, reader)
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
            problems=tuple(replace(p, function=p.function or f"{scope.module}.{name}") for p in dict.fromkeys(problems)),
        )

    def _methods(
        self, read: Sequence[Function], node: ast.ClassDef, scope: Scope, problems: list[Problem]
    ) -> dict[str, Function]:
        """Return the methods of a class by the names under which it has them; of several, the last."""
        methods: dict[str, Function] = {}
        without_instances = self.functions.plain(node) is not None
        for method in read:
            if method.kind == "deleter":
                problems.append(scope.unsupported(method.node, f"a deleter of the property `{method.node.name}`"))
                continue
            key = method.name.removeprefix(f"{method.owner}.")
            if key in methods:
                problems.append(defined_again(self.functions.surface, methods[key].node, method.node, methods[key].qualified))
            methods[key] = method
            if without_instances and method.kind in ("method", "property", "setter"):
                message = f"a method of `{method.owner}`, of which there are no instances: `__new__` gives back something else"
                missing = replace(scope.unsupported(method.node, message), function=method.qualified)
                methods[key] = replace(method, problems=(*method.problems, missing))
        return methods

    def _kind(self, node: ast.ClassDef, scope: Scope, bases: Sequence[str]) -> tuple[str, bool, bool, list[Problem]]:
        """Return the kind of a class, whether `==` and whether `<` compare fields, and what stands in the way."""
        known = {"abc.ABCMeta", "icontract.DBCMeta"}
        strange = [k.value for k in node.keywords if k.arg == "metaclass" and scope.qualified(k.value) not in known]
        problems = [scope.unsupported(value, f"the metaclass `{scope.shown(value)}`") for value in strange]
        kind, by_value, ordered = "class", False, False
        for decorator in node.decorator_list:
            qualified = scope.qualified(undecorated(conditions.resolved(decorator, scope))) or ""
            if qualified == "dataclasses.dataclass":
                chosen = options(decorator)
                kind = "frozen" if chosen.get("frozen", False) else "dataclass"
                by_value, ordered = chosen.get("eq", True), chosen.get("order", False)
            elif qualified not in _harmless_for_classes and not qualified.startswith(contract_libraries):
                problems.append(scope.unsupported(decorator, f"the decorator `{scope.shown(decorator)}`"))
        ancestors = self.functions.world.ancestors(bases)
        for ancestor in ancestors:
            if ancestor in enumerations:
                kind = enumerations[ancestor]
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


def _bases(node: ast.ClassDef, reader: Annotations) -> tuple[tuple[str, ...], tuple[str, ...], dict[str, Type]]:
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
                for variable in type_variables(part):
                    named[variable.name] = variable
                    (generic if own in {"Generic", "Protocol"} else mentioned).append(variable.name)
        if qualified in {"typing.Generic", "typing_extensions.Generic", "builtins.object"}:
            continue
        bases.append(qualified)
    return tuple(bases), tuple(dict.fromkeys(generic or mentioned)), named


def _too_much(node: ast.ClassDef, statements: Sequence[ast.stmt]) -> str | None:
    """Return what is nested too deep in a class itself, its methods and inner classes aside."""
    if class_depth(node) > _most_inner_classes:
        return f"more than {_most_inner_classes} classes inside one another"
    parts = [*node.decorator_list, *node.bases, *node.keywords]
    parts += [s for s in statements if not isinstance(s, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    return f"more than {deepest} levels of nesting" if any(too_deep(part) for part in parts) else None
