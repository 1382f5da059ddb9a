"""Which ground types the polymorphic parts of a program are needed at.

Everything that is monomorphic is walked from its declaration; what it mentions
of polymorphic functions, types, maps and procedures is an instance, and is
walked in turn. A quantifier over types is needed at all types that stand, in an
instance, where its type variable stands: if it mentions `f(x)` with `f<T>`, at
every type for which there is an instance of `f`. This is Boogie's scheme, and
for a quantifier that is known (an axiom, an assumption) it is sound, because
fewer instances only prove less.

The set is complete before the first term is made, because the datatype for a
polymorphic map has one field per instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from itertools import product
from typing import Final, TypeAlias

from probatum.ivl import types
from probatum.ivl.elaborate import claims
from probatum.ivl.elaborate.fields import field_type
from probatum.ivl.elaborate.parts import (
    attribute_expressions,
    bound_variables,
    item_expressions,
    items,
    subexpressions,
    walk,
)
from probatum.ivl.elaborate.refusals import refuse_growing_types, refuse_open_types
from probatum.ivl.syntax import tree
from probatum.ivl.types import Type, TypeVariable, substitute
from probatum.ivl.unsupported import Unsupported
from probatum.records import dataclass

Types: TypeAlias = Mapping[TypeVariable, Type]
_NONE: Final[Types] = {}
_MOST: Final = 200_000  # instances of everything together; only programs that need types without end have more
_DEEPEST: Final = 60  # constructors in one type


@dataclass(frozen=True, slots=True)
class _Hint:
    """A type variable of a quantifier stands at `index` of the arguments of this function, type or polymorphic map."""

    variable: TypeVariable
    of: tree.Function | str | types.Map
    index: int


@dataclass(slots=True, eq=False)
class _Quantified:
    """A quantifier over types, in a scope where the types of its surroundings are known."""

    node: tree.Quantifier
    types: Types
    done: dict[tuple[Type, ...], None] = field(default_factory=dict)


class Instances:
    """The instances that a checked program needs.

    Raises
    ------
    Refused
        The types that are needed have no end, as Boogie finds out: a polymorphic
        function or procedure that calls itself at a larger type.
    """

    def __init__(self, program: tree.Program) -> None:
        self._program = program
        self._functions: dict[tree.Function, dict[tuple[Type, ...], None]] = {}
        self._constructed: dict[str, dict[tuple[Type, ...], None]] = {}
        self._maps: dict[types.Map, dict[tuple[Type, ...], None]] = {}
        self._procedures: set[tuple[object, tuple[Type, ...]]] = set()
        self._quantified: list[_Quantified] = []
        self._hints: dict[tree.Quantifier, tuple[_Hint, ...]] = {}
        self._seen: set[Type] = set()
        self._stack: list[tuple[tree.Expression, Types]] = []
        self._telling: dict[tree.Expression, tuple[tree.Expression, ...]] = {}
        self._count = 0
        self._opaque: list[types.Constructed] = []
        self._arbitrary: dict[TypeVariable, types.Constructed] = {}
        self._only_known = {v for root in claims.known(program) for v in claims.outright(root)}
        # One question denies one claim, so different claims may be about the same arbitrary types.
        self._claimed = {v: number for root in claims.claims(program) for number, v in enumerate(claims.outright(root))}
        # Programs that tools generate have hundreds of axioms with such premises; see docs/decisions/0011.
        self._premised = {
            v: number for root in claims.known(program) for number, v in enumerate(claims.inside(root, self._only_known))
        }
        self._datatypes = {one.name: one for one in program.declarations if isinstance(one, tree.Datatype)}
        self._bodies: dict[tree.Procedure, tree.Implementation] = {
            one.procedure: one
            for one in program.declarations
            if isinstance(one, tree.Implementation) and one.procedure is not None
        }
        for root in _expressions(program):
            self._telling[root] = tuple(filter(_tells, walk((root,))))
        telling = [one for found in self._telling.values() for one in found]
        self.polymorphic = any(map(_declares_types, program.declarations)) or any(
            isinstance(one, tree.Quantifier) and one.type_variables for one in telling
        )
        if self.polymorphic:
            refuse_open_types(program, telling)
            refuse_growing_types(program, telling)
            self._collect()

    # What was found

    def of_map(self, type_: types.Map) -> Sequence[tuple[Type, ...]]:
        """Return the types at which a polymorphic map is selected from or stored to."""
        return tuple(self._maps.get(type_, ()))

    def of_function(self, function: tree.Function) -> Sequence[tuple[Type, ...]]:
        """Return the types at which a polymorphic function is applied."""
        return tuple(self._functions.get(function, ()))

    def of_quantifier(self, node: tree.Quantifier, at: Types) -> list[tuple[Type, ...]]:
        """Return the types for the type variables of a quantifier, where the types of its surroundings are known.

        Where the quantifier may have to be proved, a type of its own is among them, of which nothing is known: what holds
        for all types holds for that one, and what is proved for it is proved for all.
        """
        # The map that a lambda with type variables makes has one part for each type at which it is looked up.
        plain = node.kind == "lambda"
        found: list[dict[Type, None]] = [
            {} if plain or variable in self._only_known else {self._any(variable): None} for variable in node.type_variables
        ]
        place = {variable: number for number, variable in enumerate(node.type_variables)}
        for hint in self._hints_of(node):
            known: Iterable[tuple[Type, ...]]
            if isinstance(hint.of, str):
                known = self._constructed.get(hint.of, ())
            elif isinstance(hint.of, types.Map):
                map_ = substitute(hint.of, at)
                known = self._maps.get(map_, ()) if isinstance(map_, types.Map) else ()
            else:
                known = self._functions.get(hint.of, ())
            for arguments in known:
                found[place[hint.variable]][arguments[hint.index]] = None
        return list(product(*found))

    def opaque(self, count: int, like: Sequence[TypeVariable] = ()) -> tuple[Type, ...]:
        """Return types that nothing is known of: what the body of a polymorphic procedure is verified for.

        The same ones are used for every body, named after the variables of the first that needs so many.
        """
        for number in range(len(self._opaque), count):
            name = like[number].name if number < len(like) else "T"
            # No identifier has a `!` in it.
            self._opaque.append(types.Constructed(f"{name}!{number}"))
        return tuple(self._opaque[:count])

    def _any(self, variable: TypeVariable) -> Type:
        found = self._arbitrary.get(variable)
        if found is None:
            if (place := self._claimed.get(variable)) is not None:
                name = f"any!{place}"
            elif (place := self._premised.get(variable)) is not None:
                name = f"some!{place}"
            else:
                name = f"{variable.name}!any{len(self._arbitrary)}"
            found = self._arbitrary[variable] = types.Constructed(name)
        return found

    # Finding them

    def _collect(self) -> None:
        for one in self._program.declarations:
            self._declaration(one)
        more = True
        while more:
            self._drain()
            more = False
            for quantified in list(self._quantified):
                for arguments in self.of_quantifier(quantified.node, quantified.types):
                    if arguments not in quantified.done:
                        quantified.done[arguments] = None
                        more = True
                        self._counted(arguments)
                        self._inside(quantified.node, {**quantified.types, **_at(quantified.node.type_variables, arguments)})

    def _declaration(self, one: tree.Declaration) -> None:
        match one:
            case tree.ConstantGroup():
                self._variables(one.constants, _NONE)
                for axiom in one.uses:
                    self._push((axiom.expression,), _NONE)
            case tree.Globals():
                self._variables(one.variables, _NONE)
            case tree.Axiom():
                self._push((one.expression,), _NONE)
            case tree.Function():
                for axiom in one.uses:
                    self._push((axiom.expression,), _NONE)
                if not one.type_variables:
                    self._signature(one, _NONE)
            case tree.Datatype() if not one.parameters:
                self._type(types.Constructed(one.name))
            case tree.Procedure() if not one.type_variables:
                self._procedure(one, _NONE)
            case tree.Implementation():
                self._implementation(one, self.opaque(len(one.type_variables), one.type_variables))
                if one.procedure is not None and one.type_variables:
                    self._instantiated(one.procedure, self.opaque(len(one.type_variables)))
            case _:
                return

    def _signature(self, function: tree.Function, at: Types) -> None:
        self._variables((*function.arguments, function.result), at)
        if function.body is not None:
            self._push((function.body,), at)

    def _procedure(self, one: tree.Procedure, at: Types) -> None:
        self._variables((*one.ins, *one.outs), at)
        for condition in (*one.requires, *one.ensures):
            self._push(attribute_expressions(condition.attributes), at)
            self._push((condition.expression,), at)
        for measure in one.measures:
            self._push(measure.expressions, at)

    def _implementation(self, one: tree.Implementation, arguments: tuple[Type, ...]) -> None:
        if (one, arguments) in self._procedures:
            return
        self._procedures.add((one, arguments))
        at = _at(one.type_variables, arguments)
        self._variables((*one.ins, *one.outs, *one.locals), at)
        for item in items(one.body):
            self._push(item_expressions(item), at)
            match item:
                case tree.Call():
                    self._call(item, at)
                case tree.ParallelCall():
                    for call in item.calls:
                        self._call(call, at)
                case tree.Assign():
                    for target in item.targets:
                        self._target(target, at)
                case _:
                    pass

    def _call(self, call: tree.Call, at: Types) -> None:
        if call.decl is not None and call.decl.type_variables:
            arguments = tuple(substitute(one, at) for one in call.type_args)
            if all(map(_ground, arguments)):
                self._instantiated(call.decl, arguments)

    def _instantiated(self, procedure: tree.Procedure, arguments: tuple[Type, ...]) -> None:
        if (procedure, arguments) in self._procedures:
            return
        self._procedures.add((procedure, arguments))
        self._counted(arguments)
        for argument in arguments:
            self._type(argument)
        self._procedure(procedure, _at(procedure.type_variables, arguments))
        body = self._bodies.get(procedure)
        if body is not None and any(tree.attribute(a, "inline") for a in (body.attributes, procedure.attributes)):
            self._implementation(body, arguments)

    def _target(self, target: tree.Target, at: Types) -> None:
        """Register the maps that an assignment to `m[i]` stores to."""
        current = target.variable.type
        for step in target.steps:
            if current is None:
                return
            current = substitute(current, at)
            if isinstance(step, tree.IndexStep) and isinstance(current, types.Map):
                arguments = tuple(substitute(one, at) for one in step.type_args)
                if current.parameters:
                    self._selected(current, arguments)
                    current = types.opened(current, arguments)[1]
                else:
                    current = current.range
            elif isinstance(step, tree.FieldStep) and isinstance(current, types.Constructed):
                current = field_type(step.constructors[0], step.name, current)
            else:
                return

    def _variables(self, variables: Iterable[tree.Variable], at: Types) -> None:
        for one in variables:
            if one.type is not None:
                self._type(substitute(one.type, at) if at else one.type)
            if one.where is not None:
                self._stack.append((one.where, at))

    def _push(self, expressions: Iterable[tree.Expression], at: Types) -> None:
        self._stack.extend((one, at) for one in expressions)

    def _drain(self) -> None:
        while self._stack:
            root, at = self._stack.pop()
            telling = self._telling.get(root)
            if telling is None:
                telling = self._telling[root] = tuple(filter(_tells, walk((root,))))
            for one in telling:
                self._expression(one, at)

    def _expression(self, one: tree.Expression, at: Types) -> None:
        """Register what an expression itself needs, without its parts."""
        match one:
            case tree.Application(decl=tree.Function() as function) if function.type_variables:
                arguments = tuple(substitute(a, at) for a in one.type_args)
                if all(map(_ground, arguments)):
                    self._applied(function, arguments)
            case tree.Application() | tree.Ascription() | tree.Let():
                if one.type is not None:
                    self._type(substitute(one.type, at))
            case tree.Select() | tree.Store() if one.map.type is not None:
                map_ = substitute(one.map.type, at)
                if isinstance(map_, types.Map):
                    self._selected(map_, tuple(substitute(a, at) for a in one.type_args))
            case tree.Quantifier():
                if one.type is not None and one.kind == "lambda":
                    self._type(substitute(one.type, at))
                if one.type_variables:
                    self._over_types(one, at)
            case tree.Code():
                for block in one.blocks:
                    for command in block.commands:
                        if isinstance(command, tree.Call):
                            self._call(command, at)
                        elif isinstance(command, tree.Assign):
                            for target in command.targets:
                                self._target(target, at)
            case _:
                pass
        self._variables(bound_variables(one), at)

    def _over_types(self, node: tree.Quantifier, at: Types) -> None:
        if node.kind == "lambda":
            if isinstance(node.type, types.Map) and _ground(substitute(node.type, at)):
                self._quantified.append(_Quantified(node, at))
                own = node.type
                self._hints.setdefault(node, tuple(_Hint(v, own, i) for i, v in enumerate(node.type_variables)))
            return
        self._quantified.append(_Quantified(node, at))

    def _inside(self, node: tree.Quantifier, at: Types) -> None:
        self._variables(node.bound, at)
        self._push(subexpressions(node), at)

    def _applied(self, function: tree.Function, arguments: tuple[Type, ...]) -> None:
        known = self._functions.setdefault(function, {})
        if arguments in known:
            return
        known[arguments] = None
        self._counted(arguments)
        for argument in arguments:
            self._type(argument)
        self._signature(function, _at(function.type_variables, arguments))

    def _selected(self, map_: types.Map, arguments: tuple[Type, ...]) -> None:
        if not _ground(map_) or not all(map(_ground, arguments)):
            return
        known = self._maps.setdefault(map_, {})
        if arguments in known:
            return
        known[arguments] = None
        self._counted(arguments)
        domain, range_ = types.opened(map_, arguments)
        for one in (*arguments, *domain, range_):
            self._type(one)

    def _type(self, type_: Type) -> None:
        stack = [type_]
        while stack:
            one = stack.pop()
            if one in self._seen:
                continue
            self._seen.add(one)
            match one:
                case types.Constructed(name=name, arguments=arguments):
                    stack.extend(arguments)
                    if not _ground(one):
                        continue
                    if arguments:
                        self._constructed.setdefault(name, {})[arguments] = None
                        self._counted(arguments)
                    if (declared := self._datatypes.get(name)) is not None:
                        at = _at(declared.type_variables, arguments)
                        stack.extend(
                            substitute(f.type, at) for c in declared.constructors for f in c.fields if f.type is not None
                        )
                case types.Map(domain=domain, range=range_):
                    stack.extend((*domain, range_))
                case _:
                    pass

    def _counted(self, arguments: Iterable[Type]) -> None:
        self._count += 1
        if self._count > _MOST or any(_depth(argument) > _DEEPEST for argument in arguments):
            raise Unsupported("polymorphism that needs types without end")

    def _hints_of(self, node: tree.Quantifier) -> tuple[_Hint, ...]:
        found = self._hints.get(node)
        if found is None:
            own = set(node.type_variables)
            found = self._hints[node] = tuple(dict.fromkeys(_hints(node, own)))
        return found


def _tells(one: tree.Expression) -> bool:
    """Whether an expression itself, without its parts, can need an instance."""
    match one:
        case tree.Application(decl=decl):
            return isinstance(decl, tree.Constructor) or (decl is not None and bool(decl.type_variables))
        case tree.Select() | tree.Store():
            return bool(one.type_args)
        case tree.Ascription() | tree.Quantifier() | tree.Let() | tree.Code():
            return True
        case _:
            return False


def _at(variables: Sequence[TypeVariable], arguments: Sequence[Type]) -> dict[TypeVariable, Type]:
    return dict(zip(variables, arguments, strict=True))


def _hints(node: tree.Quantifier, own: set[TypeVariable]) -> Iterator[_Hint]:
    def from_arguments(arguments: Iterable[Type], of: tree.Function | str | types.Map) -> Iterator[_Hint]:
        for index, argument in enumerate(arguments):
            if isinstance(argument, TypeVariable) and argument in own:
                yield _Hint(argument, of, index)

    def from_type(type_: Type) -> Iterator[_Hint]:
        stack = [type_]
        while stack:
            match stack.pop():
                case types.Constructed(name=name, arguments=arguments):
                    yield from from_arguments(arguments, name)
                    stack.extend(arguments)
                case types.Map(domain=domain, range=range_):
                    stack.extend((*domain, range_))
                case _:
                    pass

    for one in walk((node,)):
        for variable in bound_variables(one):
            if variable.type is not None:
                yield from from_type(variable.type)
        match one:
            case tree.Application(decl=tree.Function() as function):
                yield from from_arguments(one.type_args, function)
            case tree.Select() | tree.Store() if isinstance(one.map.type, types.Map):
                yield from from_arguments(one.type_args, one.map.type)
            case tree.Identifier(decl=tree.Variable(type=type_)) if type_ is not None:
                yield from from_type(type_)
            case _:
                pass


def _ground(type_: Type, binders: int = 0) -> bool:
    match type_:
        case TypeVariable():
            return False
        case types.Bound(depth=depth):
            return depth < binders
        case types.Constructed(arguments=arguments):
            return all(_ground(a, binders) for a in arguments)
        case types.Map(parameters=parameters, domain=domain, range=range_):
            inner = binders + (1 if parameters else 0)
            return all(_ground(d, inner) for d in domain) and _ground(range_, inner)
        case _:
            return True


def _depth(type_: Type) -> int:
    match type_:
        case types.Constructed(arguments=arguments) if arguments:
            return 1 + max(map(_depth, arguments))
        case types.Map(domain=domain, range=range_):
            return 1 + max(map(_depth, (*domain, range_)))
        case _:
            return 0


# Whether there is anything to do, and whether it ends


def _declares_types(one: tree.Declaration) -> bool:
    variables: Sequence[tree.Variable]
    match one:
        case tree.Function():
            return bool(one.type_variables) or any(map(_has_map, (*one.arguments, one.result)))
        case tree.Procedure():
            return bool(one.type_variables) or any(map(_has_map, (*one.ins, *one.outs)))
        case tree.Implementation():
            return any(map(_has_map, one.locals))
        case tree.Datatype():
            return bool(one.parameters) or any(_has_map(f) for c in one.constructors for f in c.fields)
        case tree.TypeConstructor():
            return one.arity > 0
        case tree.ConstantGroup():
            variables = one.constants
        case tree.Globals():
            variables = one.variables
        case _:
            return False
    return any(map(_has_map, variables))


def _has_map(variable: tree.Variable) -> bool:
    stack = [] if variable.type is None else [variable.type]
    while stack:
        match stack.pop():
            case types.Map(parameters=parameters, domain=domain, range=range_):
                if parameters:
                    return True
                stack.extend((*domain, range_))
            case types.Constructed(arguments=arguments):
                stack.extend(arguments)
            case _:
                pass
    return False


def _expressions(program: tree.Program) -> Iterator[tree.Expression]:
    """Yield the expressions of all declarations."""
    for one in program.declarations:
        match one:
            case tree.ConstantGroup() | tree.Function():
                yield from (axiom.expression for axiom in one.uses)
                if isinstance(one, tree.Function) and one.body is not None:
                    yield one.body
            case tree.Axiom():
                yield one.expression
            case tree.Globals():
                yield from (v.where for v in one.variables if v.where is not None)
            case tree.Procedure():
                yield from (v.where for v in (*one.ins, *one.outs) if v.where is not None)
                yield from (c.expression for c in (*one.requires, *one.ensures))
                yield from (e for m in one.measures for e in m.expressions)
            case tree.Implementation():
                yield from (v.where for v in one.locals if v.where is not None)
                for item in items(one.body):
                    yield from item_expressions(item)
            case _:
                pass
