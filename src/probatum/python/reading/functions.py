"""From the definition of a function to `program.Function`: its kind, parameters, contract and body."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from probatum.python import contracts, types
from probatum.python.annotations import Annotations, literal_type, variables_in
from probatum.python.evident import with_evident_types
from probatum.python.implied import Implied
from probatum.python.kept import written_out
from probatum.python.program import Clause, Contract, Function, Parameter, Passing, Problem
from probatum.python.reading import decorators
from probatum.python.reading.decorators import is_decorated, undecorated
from probatum.python.reading.statements import gives_a_value, hollow
from probatum.python.scopes import Scope
from probatum.python.surfaces import Surface, World, type_parameters
from probatum.python.texts import deepest, too_deep
from probatum.python.types import Type

_UNNAMED = "(instance)"


@dataclass
class FunctionReader:
    """Reads the functions of one module."""

    surface: Surface
    world: World
    library: bool
    implied: Implied = field(init=False)

    def __post_init__(self) -> None:
        self.implied = Implied(self.world)

    def read(
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
        kind = self._kind(node, scope, owner)
        if kind == "setter":
            name += ".setter"
        if not self.surface.shallow and too_deep(node):
            return self._too_deep(name, node, scope, owner_name, kind)
        reading = contracts.read_function(node, scope, owner)
        own_variables = type_parameters(node, scope)
        reader = Annotations(scope, variables={**(class_variables or {}), **own_variables}, self_type=self_type)
        parameters = with_evident_types(
            _parameters(node, reader, kind, self_type), [c.expression for c in reading.contract.requires], reading.body, scope
        )
        returns = _returns(node, reader)
        problems = [
            *reading.problems,
            *reader.problems,
            *decorators.unknown_for_function(node, scope, [p.type for p in parameters], returns),
        ]
        if parameters and parameters[0].name == _UNNAMED:
            problems.append(scope.unsupported(node, "a method without a parameter for its instance"))
        contract = reading.contract
        if contract.says_something:
            contract, unclear = self.implied.completed(contract, node, parameters, scope)
            problems += unclear
            implied: tuple[Clause, ...] = ()
        else:
            implied = self.implied.completed(contract, node, parameters, scope)[0].requires
        declared = [p.type for p in parameters] + [returns]
        variables = tuple(dict.fromkeys(v for t in declared for v in variables_in(t) if v not in (class_variables or {})))
        stands_elsewhere = hollow(reading.body)
        body, loops = written_out(
            reading.body, reading.loops, parameters, lambda n: scope.qualified(ast.Name(n, ast.Load())) == f"builtins.{n}"
        )
        abstract = reading.abstract or is_decorated(node, scope, "abstractmethod") or (protocol and stands_elsewhere)
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
            reading.stub or (self.library and stands_elsewhere and not abstract),
            variables,
            tuple(replace(p, function=p.function or self.surface.qualified(name)) for p in dict.fromkeys(problems)),
            reading.inline,
            None if body is reading.body else (reading.body, reading.loops),
            implied,
        )

    def _too_deep(self, name: str, node: ast.FunctionDef, scope: Scope, owner_name: str, kind: str) -> Function:
        """Return what is said of a function that is not looked into."""
        place, qualified = scope.place(node), self.surface.qualified(name)
        problem = Problem(place, f"more than {deepest} levels of nesting", qualified, help="name parts of its expressions")
        return Function(
            name, scope.module, node, place, _unnamed(node, scope) if owner_name else (), types.UNKNOWN, Contract(place=place), (),
            owner=owner_name, kind=kind, problems=(problem,),
        )  # fmt: skip

    def _kind(self, node: ast.FunctionDef, scope: Scope, owner: ast.ClassDef | None) -> str:
        if owner is None:
            return "function"
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Attribute) and decorator.attr in {"setter", "deleter"}:
                return decorator.attr
            match scope.qualified(undecorated(decorator)):
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
        return self.world.alias(self.surface.qualified(class_.name))


def coroutine(node: ast.AsyncFunctionDef, scope: Scope, owner: str) -> Problem:
    """Say that a function is `async`, which is outside the language."""
    name = f"{owner}.{node.name}" if owner else node.name
    return Problem(scope.place(node), "an `async` function", f"{scope.module}.{name}")


def _unnamed(node: ast.FunctionDef, scope: Scope) -> tuple[Parameter, ...]:
    """Return what stands for the instance where a method names no parameter for it, so that each method has one."""
    return (Parameter(_UNNAMED, types.UNKNOWN, scope.place(node), None, Passing.POSITIONAL),)


def _parameters(node: ast.FunctionDef, reader: Annotations, kind: str, self_type: Type | None) -> tuple[Parameter, ...]:
    a = node.args
    positional = [*((p, Passing.POSITIONAL) for p in a.posonlyargs), *((p, Passing.BOTH) for p in a.args)]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(a.defaults)) + list(a.defaults)
    receiver = self_type is not None and kind not in {"static", "function"}
    found: list[Parameter] = [] if positional or not receiver else [*_unnamed(node, reader.scope)]
    for i, ((p, passing), default) in enumerate(zip(positional, defaults, strict=True)):
        if i == 0 and receiver and self_type is not None and p.annotation is None:
            own = types.ClassObject(self_type) if kind == "class" else self_type
            found.append(Parameter(p.arg, own, reader.scope.place(p), None, passing))
        else:
            found.append(_parameter(p, default, passing, reader))
    if node.name == "__exit__" and receiver:  # Python passes None where nothing was raised, whatever is declared
        found[1:2] = [
            replace(p, type=types.optional(p.type) if isinstance(p.type, types.ClassObject) else p.type) for p in found[1:2]
        ]
    if a.vararg is not None:
        one = _parameter(a.vararg, None, Passing.REST, reader)
        found.append(replace(one, type=types.Collection("tuple", one.type)))
    found.extend(_parameter(p, d, Passing.KEYWORD, reader) for p, d in zip(a.kwonlyargs, a.kw_defaults, strict=True))
    if a.kwarg is not None:
        one = _parameter(a.kwarg, None, Passing.REST_KEYWORDS, reader)
        found.append(replace(one, type=types.Mapping("dict", types.STR, one.type)))
    return tuple(found)


def _parameter(node: ast.arg, default: ast.expr | None, passing: Passing, reader: Annotations) -> Parameter:
    place = reader.scope.place(node)
    if node.annotation is not None:
        declared = reader.read(node.annotation)
        if isinstance(default, ast.Constant) and default.value is None and declared != types.UNKNOWN:
            declared = types.optional(declared)  # `x: int = None`, as it was once allowed to be written
        return Parameter(node.arg, declared, place, default, passing)
    guess = types.UNKNOWN if default is None else literal_type(default)
    if default is None or guess in (types.NONE, types.UNKNOWN):
        return Parameter(node.arg, types.UNKNOWN, place, default, passing, annotated=False)
    return Parameter(node.arg, guess, place, default, passing, annotated=False, evidence=f"{node.arg}={ast.unparse(default)}")


def _returns(node: ast.FunctionDef, reader: Annotations) -> Type:
    if node.returns is not None:
        return reader.read(node.returns)
    return types.NONE if node.name == "__init__" or not gives_a_value(node) else types.UNKNOWN
