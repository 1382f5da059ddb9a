"""Run one implementation from one start.

Statements become a list of instructions with jumps; loops really go round, and
their invariants are checked each time they are reached. Where the language
leaves a choice (`havoc`, `goto` with several labels, `if (*)`, the effect of a
call), `Choices` decides, at random or from a record, so that a run can be had
again.

A call runs the callee's implementation if it has one and `follow_calls` is
asked for, or if it is marked `{:inline}`, and then only so deep. Otherwise the callee is what it promises: the values it may change are
chosen, and the run is stuck if they do not satisfy its postconditions.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from probatum.ivl.execution.evaluation import Frame, Interpretation, State, Undetermined, evaluate, holds
from probatum.ivl.execution.values import Built, Computed, NoValue, Shapes, Table, Value, fits, from_json, random_value, to_json
from probatum.ivl.syntax import tree
from probatum.ivl.types import Constructed, Type, TypeVariable, substitute

_NESTED_CALLS = 50


class Choices(Protocol):
    """What decides where the language does not."""

    def value(self, name: str, type_: Type, shapes: Shapes) -> Value:
        """Return a value for a variable."""
        ...

    def branch(self, count: int) -> int:
        """Return which of `count` ways to go, from 0."""
        ...


@dataclass(slots=True)
class RandomChoices:
    """Choices by a seeded generator; `made` records them."""

    generator: random.Random
    made: list[Any] = field(default_factory=list)

    def value(self, name: str, type_: Type, shapes: Shapes) -> Value:
        """Return a random value."""
        del name
        value = random_value(type_, shapes, self.generator)
        self.made.append(to_json(value))
        return value

    def branch(self, count: int) -> int:
        """Return a random way."""
        way = self.generator.randrange(count)
        self.made.append(way)
        return way


@dataclass(slots=True)
class RecordedChoices:
    """Choices from a record: values as JSON, ways as numbers, in the order in which they are asked for."""

    record: Sequence[Any]
    used: int = 0

    def value(self, name: str, type_: Type, shapes: Shapes) -> Value:
        """Return the next value of the record, if it has the type."""
        one = self._next(name)
        try:
            value = from_json(one)
        except (NoValue, ValueError) as problem:
            raise Undetermined(f"the record has no value for `{name}`: {problem}") from None
        if not fits(value, type_, shapes):
            raise Undetermined(f"the record has no value of type `{type_}` for `{name}`")
        return value

    def branch(self, count: int) -> int:
        """Return the next way of the record."""
        way = self._next("a branch")
        if isinstance(way, bool) or not isinstance(way, int) or not 0 <= way < count:
            raise Undetermined("the record does not say which way to go")
        return way

    def _next(self, name: str) -> Any:
        if self.used >= len(self.record):
            raise Undetermined(f"the record ends before `{name}` is chosen")
        self.used += 1
        return self.record[self.used - 1]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended.

    Attributes
    ----------
    how : str
        ``returned``; ``violated``: an assertion is false; ``stuck``: an
        assumption is false, so the run never was one; ``undetermined``;
        ``exhausted``: too many steps.
    position : Position
        Of the assertion, assumption or expression.
    what : str
        For ``violated`` one of assertion, precondition, postcondition,
        invariant; otherwise words.
    related : Position
        For ``violated``: the clause that is false, where `position` is the call or the return.
    """

    how: str
    position: tree.Position = tree.NOWHERE
    what: str = ""
    related: tree.Position = tree.NOWHERE


@dataclass(slots=True)
class Run:
    """A finished run.

    Attributes
    ----------
    ended : Ended
    path : list of Position
        Of the statements executed, without repetition in a row; at most a thousand.
    state : dict
        Values at the end, by name: those that have a JSON text.
    used : set of str
        Constants and functions without body that were asked for.
    """

    ended: Ended
    path: list[tree.Position]
    state: dict[str, Any]
    used: set[str]


@dataclass(frozen=True, slots=True)
class _Jump:
    target: int


@dataclass(frozen=True, slots=True)
class _Fork:
    """Two ways by a guard (None: either)."""

    guard: tree.Expression | None
    position: tree.Position
    otherwise: int


@dataclass(frozen=True, slots=True)
class _Ways:
    labels: tuple[str, ...]
    position: tree.Position


@dataclass(frozen=True, slots=True)
class _Leave:
    position: tree.Position


_Code = list[Any]


class _Violated(Exception):
    def __init__(self, ended: Ended) -> None:
        self.ended = ended


class _Compiler:
    """Structured statements to instructions with jumps."""

    def __init__(self, body: tree.Statements) -> None:
        self.code: _Code = []
        self.labels: dict[str, int] = {}
        self._breaks: list[tuple[str | None, bool, list[int]]] = []  # label, is a loop, jumps to fill in
        self._statements(body)
        self.code.append(_Leave(body.end))

    def _statements(self, body: tree.Statements) -> None:
        for segment in body.segments:
            if segment.label is not None:
                self.labels[segment.label] = len(self.code)
            self.code.extend(segment.commands)
            if segment.structured is not None:
                self._structured(segment.structured, segment.label)
            match segment.transfer:
                case tree.Goto(labels=labels, position=position):
                    self.code.append(_Ways(tuple(n.text for n in labels), position))
                case tree.Return(position=position):
                    self.code.append(_Leave(position))

    def _structured(self, statement: tree.Structured, label: str | None) -> None:
        match statement:
            case tree.If():
                self._breaks.append((label, False, []))
                self._if(statement)
                self._land()
            case tree.While():
                self._breaks.append((label, True, []))
                head = len(self.code)
                self.code.extend(statement.invariants)
                fork = self._hole()
                self._statements(statement.body)
                self.code.append(_Jump(head))
                self.code[fork] = _Fork(statement.guard, statement.position, len(self.code))
                self._land()
            case tree.Break():
                for own, loop, jumps in reversed(self._breaks):
                    if (statement.label is None and loop) or (statement.label is not None and own == statement.label):
                        jumps.append(self._hole())
                        break

    def _if(self, statement: tree.If) -> None:
        node: tree.If | tree.Statements | None = statement
        ends: list[int] = []
        while isinstance(node, tree.If):  # a chain of `else if` may be long
            fork = self._hole()
            self._statements(node.then)
            ends.append(self._hole())
            self.code[fork] = _Fork(node.guard, node.position, len(self.code))
            node = node.otherwise
        if node is not None:
            self._statements(node)
        for hole in ends:
            self.code[hole] = _Jump(len(self.code))

    def _hole(self) -> int:
        self.code.append(None)
        return len(self.code) - 1

    def _land(self) -> None:
        for hole in self._breaks.pop()[2]:
            self.code[hole] = _Jump(len(self.code))


@dataclass(slots=True)
class _Machine:
    program: tree.Program
    choices: Choices
    interpretation: Interpretation
    shapes: Shapes
    steps: int
    follow_calls: bool
    path: list[tree.Position] = field(default_factory=list)
    bodies: dict[str, tree.Implementation] = field(default_factory=dict)
    globals: tuple[tree.Variable, ...] = ()
    budget: list[int] = field(default_factory=lambda: [2_000_000])
    depth: int = 0
    nested: dict[str, int] = field(default_factory=dict)  # by procedure: calls under way

    def seen(self, position: tree.Position) -> None:
        if len(self.path) < 1_000 and (not self.path or self.path[-1] != position):
            self.path.append(position)

    def frame(self, state: State, entry: State, types: dict[TypeVariable, Type]) -> Frame:
        return Frame(state, entry, self.interpretation, self.shapes, types, 0, self.budget)

    def choose(self, variable: tree.Variable, types: dict[TypeVariable, Type]) -> Value:
        assert variable.type is not None
        try:
            return self.choices.value(variable.name, substitute(variable.type, types), self.shapes)
        except NoValue as problem:
            raise Undetermined(str(problem), variable.position) from None


def run(
    program: tree.Program,
    implementation: tree.Implementation,
    choices: Choices,
    *,
    interpretation: Interpretation | None = None,
    steps: int = 10_000,
    follow_calls: bool = False,
) -> Run:
    """Run an implementation from a start that `choices` give: globals in order, then in-parameters, out-parameters, locals.

    Parameters
    ----------
    program : Program
        Checked without errors.
    choices : Choices
    interpretation : Interpretation, optional
        Values for constants and for functions without body.
    steps : int
        Most instructions.
    follow_calls : bool
        Run the bodies of callees instead of what they promise, also where they are not marked `{:inline}`.
    """
    machine = _Machine(program, choices, interpretation or Interpretation(), shapes_of(program), steps, follow_calls)
    machine.bodies = {d.name: d for d in program.declarations if isinstance(d, tree.Implementation)}
    machine.globals = tuple(v for d in program.declarations if isinstance(d, tree.Globals) for v in d.variables)
    state: State = {}
    try:
        for variable in machine.globals:
            state[variable] = machine.choose(variable, {})
        for variable in machine.globals:
            if variable.where is not None and not holds(variable.where, machine.frame(state, state, {})):
                return _finish(machine, Ended("stuck", variable.position, "a `where` condition is false"), state)
        # What holds whatever the types are holds for types of which nothing is known.
        types: dict[TypeVariable, Type] = {v: Constructed(v.name) for v in implementation.type_variables}
        arguments = {v: machine.choose(v, types) for v in implementation.ins}
        ended = _implementation(machine, implementation, state, arguments, types, outermost=True)
    except _Violated as violated:
        ended = violated.ended
    except Undetermined as problem:
        ended = Ended("undetermined", problem.position, problem.what)
    return _finish(machine, ended, state)


def shapes_of(program: tree.Program) -> Shapes:
    """Return the constructors of every datatype."""
    return {
        d.name: (
            d.type_variables,
            tuple((c.name, tuple(f.type for f in c.fields if f.type is not None)) for c in d.constructors),
        )
        for d in program.declarations
        if isinstance(d, tree.Datatype)
    }


def _finish(machine: _Machine, ended: Ended, state: State) -> Run:
    shown = {}
    for variable, value in state.items():
        try:
            shown[variable.name] = to_json(value)
        except NoValue:
            continue
    return Run(ended, machine.path, shown, machine.interpretation.used)


def _implementation(
    machine: _Machine,
    implementation: tree.Implementation,
    state: State,
    arguments: dict[tree.Variable, Value],
    types: dict[TypeVariable, Type],
    *,
    outermost: bool,
) -> Ended:
    """Run a body; `state` has the globals and keeps what they become (and, outermost, everything else)."""
    procedure = implementation.procedure
    assert procedure is not None
    entry = {v: state[v] for v in machine.globals}
    local: State = state if outermost else {v: state[v] for v in machine.globals}
    local.update(arguments)
    for variable in (*implementation.outs, *implementation.locals):
        local[variable] = machine.choose(variable, types)
    # The procedure's own parameters are other variables than the implementation's: conditions mention those.
    twins = list(zip((*procedure.ins, *procedure.outs), (*implementation.ins, *implementation.outs), strict=True))
    types = types | dict(zip(procedure.type_variables, types.values(), strict=True))

    def condition_frame() -> Frame:
        return machine.frame({**local, **{p: local[i] for p, i in twins}}, entry, types)

    for variable in machine.globals if not outermost else ():
        if variable.where is not None and not holds(variable.where, condition_frame()):
            return Ended("stuck", variable.position, "a `where` condition is false")
    for parameter, _ in twins:
        if parameter.where is not None and not holds(parameter.where, condition_frame()):
            return Ended("stuck", parameter.position, "a `where` condition is false")
    for variable in implementation.locals:
        if variable.where is not None and not holds(variable.where, machine.frame(local, entry, types)):
            return Ended("stuck", variable.position, "a `where` condition is false")
    for condition in procedure.requires:
        # Of a call, only what the caller need not establish: the body assumes it all the same.
        if (outermost or condition.free) and not holds(condition.expression, condition_frame()):
            return Ended("stuck", condition.position, "a precondition is false")
    ended = _run_code(machine, implementation, local, entry, types)
    if ended.how == "returned":
        for condition in procedure.ensures:
            if (condition.free and outermost) or holds(condition.expression, condition_frame()):
                continue
            if not condition.free:
                raise _Violated(Ended("violated", ended.position, "postcondition", condition.position))
            if not outermost:
                return Ended("stuck", condition.position, "a free postcondition is false")
    if not outermost:
        for variable in machine.globals:
            state[variable] = local[variable]
        for parameter, own in twins:
            state[parameter] = local[own]
    return ended


def _run_code(
    machine: _Machine, implementation: tree.Implementation, local: State, entry: State, types: dict[TypeVariable, Type]
) -> Ended:
    compiled = _Compiler(implementation.body)
    counter = 0
    while counter < len(compiled.code):
        machine.steps -= 1
        if machine.steps < 0:
            return Ended("exhausted", implementation.position, "too many steps")
        instruction = compiled.code[counter]
        counter += 1
        match instruction:
            case _Jump(target=target):
                counter = target
            case _Fork(guard=guard, position=position, otherwise=otherwise):
                machine.seen(position)
                frame = machine.frame(local, entry, types)
                taken = machine.choices.branch(2) == 0 if guard is None else holds(guard, frame)
                counter = counter if taken else otherwise
            case _Ways(labels=labels, position=position):
                machine.seen(position)
                counter = compiled.labels[labels[machine.choices.branch(len(labels)) if len(labels) > 1 else 0]]
            case _Leave(position=position):
                return Ended("returned", position)
            case _:
                machine.seen(instruction.position)
                ended = _command(machine, instruction, local, machine.frame(local, entry, types))
                if ended is not None:
                    return ended
    raise AssertionError("every body ends in a return")


def _command(machine: _Machine, command: Any, local: State, frame: Frame) -> Ended | None:
    match command:
        case tree.Assert(expression=expression, position=position):
            if not holds(expression, frame):
                raise _Violated(Ended("violated", position, "assertion"))
        case tree.Invariant(expression=expression, position=position, free=free):
            if not holds(expression, frame):
                if free:
                    return Ended("stuck", position, "a free invariant is false")
                raise _Violated(Ended("violated", position, "invariant"))
        case tree.Assume(expression=expression, position=position):
            if not holds(expression, frame):
                return Ended("stuck", position, "an assumption is false")
        case tree.Havoc(variables=variables):
            return _havoc(machine, variables, local, frame)
        case tree.Assign(targets=targets, values=values):
            _assign(targets, [evaluate(v, frame) for v in values], local, frame)
        case tree.Unpack(targets=targets, value=value, decl=constructor, position=position):
            built = evaluate(value, frame)
            assert isinstance(built, Built)
            assert constructor is not None
            if built.constructor != constructor.name:
                raise _Violated(Ended("violated", position, "assertion"))
            for target, own in zip(targets, built.fields, strict=True):
                assert target.decl is not None
                local[target.decl] = own
        case tree.Call():
            return _call(machine, command, local, frame)
        case tree.HideReveal() | tree.Scope():
            return None
        case _:
            raise Undetermined(f"`{type(command).__name__.lower()}` is not executed", command.position)
    return None


def _havoc(machine: _Machine, variables: Sequence[tree.Identifier], local: State, frame: Frame) -> Ended | None:
    chosen = [v.decl for v in variables if v.decl is not None]
    for variable in chosen:
        local[variable] = machine.choose(variable, dict(frame.types))
    for variable in chosen:
        if variable.where is not None and not holds(variable.where, frame):
            return Ended("stuck", variable.position, "a `where` condition is false")
    return None


def _assign(targets: Sequence[tree.Target], values: Sequence[Value], local: State, frame: Frame) -> None:
    new = []
    for target, value in zip(targets, values, strict=True):
        assert target.variable.decl is not None
        new.append((target.variable.decl, _updated(local[target.variable.decl], target.steps, value, frame)))
    local.update(new)


def _updated(old: Value, steps: Sequence[tree.IndexStep | tree.FieldStep], value: Value, frame: Frame) -> Value:
    if not steps:
        return value
    match steps[0]:
        case tree.IndexStep(indexes=indexes, position=position):
            if not isinstance(old, Table | Computed):
                raise Undetermined("this map is not executed", position)
            key = tuple(evaluate(i, frame) for i in indexes)
            return old.with_entry(key, _updated(old.at(key), steps[1:], value, frame))
        case tree.FieldStep(name=name, constructors=constructors, position=position):
            assert isinstance(old, Built)
            for constructor in constructors:
                if constructor.name == old.constructor:
                    index = next(n for n, f in enumerate(constructor.fields) if f.name == name)
                    inner = _updated(old.fields[index], steps[1:], value, frame)
                    return Built(old.constructor, (*old.fields[:index], inner, *old.fields[index + 1 :]))
            raise Undetermined(f"`{old.constructor}` has no field `{name}`: its value is not defined", position)


def _call(machine: _Machine, call: tree.Call, local: State, frame: Frame) -> Ended | None:
    procedure = call.decl
    assert procedure is not None
    arguments = [substitute(t, frame.types) for t in call.type_args]
    types: dict[TypeVariable, Type] = dict(zip(procedure.type_variables, arguments, strict=True))
    before = {v: local[v] for v in machine.globals}
    actual = dict(zip(procedure.ins, (evaluate(a, frame) for a in call.arguments), strict=True))

    def told(**more: Any) -> Frame:
        return machine.frame({**{v: local[v] for v in machine.globals}, **actual, **more.get("outs", {})}, before, types)

    for condition in procedure.requires:
        if not (condition.free or call.free) and not holds(condition.expression, told()):
            raise _Violated(Ended("violated", call.position, "precondition", condition.position))
    outs: State
    changed = [v for m in procedure.modifies if (v := m.decl) is not None]
    implementation = machine.bodies.get(procedure.name)
    inlined = None if implementation is None else _inlined(procedure, implementation)
    if implementation is not None and (machine.follow_calls or inlined is not None):
        if machine.depth >= _NESTED_CALLS:
            return Ended("exhausted", call.position, "calls are nested too deeply")
        if inlined is not None and machine.nested.get(procedure.name, 0) >= inlined:
            return Ended("stuck", call.position, "a call is deeper than its procedure is inlined")
        machine.depth += 1
        machine.nested[procedure.name] = machine.nested.get(procedure.name, 0) + 1
        state: State = dict(before)
        own = dict(zip(implementation.ins, actual.values(), strict=True))
        inner = dict(zip(implementation.type_variables, arguments, strict=True))
        ended = _implementation(machine, implementation, state, own, inner, outermost=False)
        machine.depth -= 1
        machine.nested[procedure.name] -= 1
        if ended.how != "returned":
            return ended
        local.update({v: state[v] for v in machine.globals})
        outs = {p: state[p] for p in procedure.outs}
    else:
        for variable in changed:
            local[variable] = machine.choose(variable, {})
        outs = {v: machine.choose(v, types) for v in procedure.outs}
        for condition in procedure.ensures:
            if not holds(condition.expression, told(outs=outs)):
                return Ended("stuck", call.position, "a postcondition of the callee is false")
    # The caller counts on these, whatever the callee does.
    for variable in (*changed, *procedure.outs):
        if variable.where is not None and not holds(variable.where, told(outs=outs)):
            return Ended("stuck", call.position, "a `where` condition of the callee is false")
    for result, out in zip(call.results, procedure.outs, strict=True):
        assert result.decl is not None
        local[result.decl] = outs[out]
    return None


def _inlined(procedure: tree.Procedure, implementation: tree.Implementation) -> int | None:
    """Return how deep calls are replaced by the body, None if they are not: then the contract says what they do."""
    for one in (*implementation.attributes, *procedure.attributes):
        if one.key == "inline" and one.values:
            value = one.values[0]
            if isinstance(value, tree.Literal) and isinstance(value.value, int) and not isinstance(value.value, bool):
                return value.value
    return None


def axioms(program: tree.Program) -> Iterator[tree.Axiom]:
    """Yield every axiom, those in `uses` too."""
    for declaration in program.declarations:
        match declaration:
            case tree.Axiom():
                yield declaration
            case tree.Function(uses=uses) | tree.ConstantGroup(uses=uses):
                yield from uses
