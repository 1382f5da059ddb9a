"""Which guesses survive small runs: a guess that a run refutes is not worth a question to a solver.

The runs are interpreted here, in a small part of the language: numbers, texts
and collections of them, without objects and effects. What it does not know ends
a run; what was seen until then counts. Nothing rests on it: a guess that is
dropped wrongly is a guess less, and one that is kept wrongly is for inference to drop.
"""

from __future__ import annotations

import ast
import copy
import functools
import operator
import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from dataclasses import field
from typing import Any

from probatum.lower.forms import AT, SEEN, entry, start_of
from probatum.lower.residues import Pattern, pattern
from probatum.python import types as t
from probatum.python.program import Function, Program
from probatum.records import dataclass

_DRAWN = 60  # inputs that are tried
_STEPS = 40_000  # nodes that are interpreted, for all runs of a function
_STATES = 120  # states of one loop that are kept
_TRIED = 300_000  # nodes that are interpreted for the guesses about one loop
_INTEGERS = range(-1, 9)  # stand for all integers
_DEPTH = 40  # of expressions, statements and calls within each other
_SIZE = 4096  # bits of numbers, items of collections


class _Unknown(Exception):
    """The run meets something that is not interpreted, takes too long, or raises."""


class _Return(Exception):
    """The end of a function."""

    def __init__(self, value: Any) -> None:
        self.value = value


class _Break(Exception):
    """The end of a loop."""


class _Continue(Exception):
    """The end of a round."""


_Names = dict[str, Any]


@dataclass(slots=True)
class _Run:
    """What is seen of the loops of a function."""

    program: Program
    module: str
    steps: int = _STEPS
    depth: int = 0
    states: dict[int, list[tuple[_Names, _Names]]] = field(default_factory=dict)
    courses: dict[int, list[int]] = field(default_factory=dict)  # where in `states` a loop begins anew
    entry: _Names = field(default_factory=dict)
    watching: bool = False

    # --- statements -----------------------------------------------------------------------------

    def block(self, body: Iterable[ast.stmt], names: _Names) -> None:
        for statement in body:
            self._step()
            try:
                self._statement(statement, names)
            finally:
                self.depth -= 1

    def _step(self) -> None:
        self.steps -= 1
        self.depth += 1
        if self.steps < 0 or self.depth > _DEPTH:
            self.depth -= 1
            raise _Unknown

    def _statement(self, node: ast.stmt, names: _Names) -> None:
        match node:
            case ast.Assign(targets=targets, value=value):
                result = self.value(value, names)
                for target in targets:
                    self._bind(target, result, names)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self._bind(target, self.value(value, names), names)
            case ast.AugAssign(target=target, op=op, value=value):
                load = copy.copy(target)
                before, by = self.value(load, names), self.value(value, names)
                if isinstance(before, list | set | dict | bytearray) and isinstance(op, ast.Add):
                    before.extend(by)  # type: ignore[union-attr]  # of another kind it raises, and ends the run
                else:
                    self._bind(target, _sized(_operators[type(op)](before, by)), names)
            case ast.If(test=test, body=body, orelse=orelse):
                self.block(body if self.value(test, names) else orelse, names)
            case ast.While():
                self._while(node, names)
            case ast.For():
                self._for(node, names)
            case ast.Return(value=value):
                raise _Return(None if value is None else self.value(value, names))
            case ast.Expr(value=ast.Call(func=ast.Name(id=name))) if self._is_proof(name):
                pass
            case ast.Expr(value=value):
                self.value(value, names)
            case ast.Break():
                raise _Break
            case ast.Continue():
                raise _Continue
            case ast.Pass() | ast.Assert() | ast.AnnAssign():
                pass
            case _:
                raise _Unknown

    def _is_proof(self, name: str) -> bool:
        if name.startswith("__"):
            return True
        function = self.program.function(f"{self.module}.{name}")
        return function is not None and function.lemma

    def _while(self, node: ast.While, names: _Names) -> None:
        if self.watching:
            self.courses.setdefault(id(node), []).append(len(self.states.get(id(node), ())))
        start = self._begun(names)
        while True:
            self._see(node, {**names, **start}, 0, ())
            self._step()
            self.depth -= 1
            if not self.value(node.test, names):
                break
            try:
                self.block(node.body, names)
            except _Continue:
                continue
            except _Break:
                return
        self.block(node.orelse, names)

    def _for(self, node: ast.For, names: _Names) -> None:
        items = self.value(node.iter, names)
        whole: Sequence[Any] = list(items)
        match node.iter:
            case ast.Call(func=ast.Name(id="enumerate"), args=[_, *_]):
                passed: Sequence[Any] = [item for _, item in whole]  # what was seen are the items, without their places
            case _:
                passed = whole
        start = self._begun(names)
        for place, item in enumerate(whole):
            before = {**names, **start}
            self._bind(node.target, item, before)
            self._see(node, before, place, passed[:place])
            self._bind(node.target, item, names)
            try:
                self.block(node.body, names)
            except _Continue:
                continue
            except _Break:
                return
        after = {**names, **start}
        match node.iter:
            case ast.Call(func=ast.Name(id="range")) if isinstance(items, range):
                self._bind(node.target, items.start + items.step * len(items), after)
            case _:
                for name in (n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)):
                    after.pop(name, None)
        self._see(node, after, len(whole), passed)
        self.block(node.orelse, names)

    def _begun(self, names: _Names) -> _Names:
        """Return what variables hold where a loop begins, by the names that guesses have for it."""
        if not self.watching:
            return {}
        return {start_of(n): copy.deepcopy(v) for n, v in names.items() if n.isidentifier()}

    def _see(self, node: ast.stmt, names: _Names, place: int, seen: Sequence[Any]) -> None:
        states = self.states.setdefault(id(node), [])
        if self.watching and len(states) < _STATES:
            states.append((copy.deepcopy({**names, AT: place, SEEN: list(seen)}), self.entry))

    def _bind(self, target: ast.expr, value: Any, names: _Names) -> None:
        match target:
            case ast.Name(id=name):
                names[name] = value
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                values = list(value)
                if len(values) != len(targets):
                    raise _Unknown
                for one, other in zip(targets, values, strict=True):
                    self._bind(one, other, names)
            case ast.Subscript(value=owner, slice=index) if not isinstance(index, ast.Slice):
                self.value(owner, names)[self.value(index, names)] = value
            case _:
                raise _Unknown

    # --- expressions ----------------------------------------------------------------------------

    def value(self, node: ast.expr, names: _Names) -> Any:
        self._step()
        try:
            return self._value(node, names)
        finally:
            self.depth -= 1

    def _value(self, node: ast.expr, names: _Names) -> Any:
        match node:
            case ast.Constant():
                return node.value
            case ast.Name(id=name):
                return self._name(name, names)
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self.value(left, names), self.value(right, names)
                if isinstance(op, ast.Pow | ast.LShift) and not (isinstance(b, int) and abs(b) < 200):
                    raise _Unknown
                repeats = isinstance(op, ast.Mult) and not (isinstance(a, int) and isinstance(b, int))
                if repeats and any(isinstance(x, int) and abs(x) > _SIZE for x in (a, b)):
                    raise _Unknown
                return _sized(_operators[type(op)](a, b))
            case ast.UnaryOp(op=op, operand=operand):
                return _unary[type(op)](self.value(operand, names))
            case ast.BoolOp(op=op, values=values):
                result = None
                for one in values:
                    result = self.value(one, names)
                    if bool(result) is isinstance(op, ast.Or):
                        break
                return result
            case ast.Compare(left=left, ops=ops, comparators=others):
                a = self.value(left, names)
                for comparison, other in zip(ops, others, strict=True):
                    b = self.value(other, names)
                    if not _comparisons[type(comparison)](a, b):
                        return False
                    a = b
                return True
            case ast.IfExp(test=test, body=body, orelse=orelse):
                return self.value(body if self.value(test, names) else orelse, names)
            case ast.Tuple(elts=elts):
                return tuple(self.value(e, names) for e in elts)
            case ast.List(elts=elts):
                return [self.value(e, names) for e in elts]
            case ast.Set(elts=elts):
                return {self.value(e, names) for e in elts}
            case ast.Dict(keys=keys, values=values) if None not in keys:
                return {self.value(k, names): self.value(v, names) for k, v in zip(keys, values, strict=True) if k is not None}
            case ast.Subscript(value=owner, slice=ast.Slice(lower=low, upper=high, step=step)):
                parts = [None if p is None else self.value(p, names) for p in (low, high, step)]
                return self.value(owner, names)[slice(*parts)]
            case ast.Subscript(value=owner, slice=index):
                return self.value(owner, names)[self.value(index, names)]
            case ast.ListComp(elt=elt, generators=generators) | ast.GeneratorExp(elt=elt, generators=generators):
                return [self.value(elt, n) for n in self._generated(generators, names)]
            case ast.SetComp(elt=elt, generators=generators):
                return {self.value(elt, n) for n in self._generated(generators, names)}
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                return self._called(name, arguments, names)
            case ast.Call(func=ast.Attribute(value=owner, attr=attribute), args=arguments, keywords=[]):
                target = self.value(owner, names)
                if (type(target), attribute) not in _methods:
                    raise _Unknown
                return _sized(getattr(target, attribute)(*(self.value(a, names) for a in arguments)))
        raise _Unknown

    def _name(self, name: str, names: _Names) -> Any:
        if name in names:
            return names[name]
        module = self.program.modules.get(self.module)
        if module is None or name not in module.constants:
            raise _Unknown
        return self.value(module.constants[name], {})

    def _generated(self, generators: Sequence[ast.comprehension], names: _Names) -> Iterator[_Names]:
        if not generators:
            yield names
            return
        first, *rest = generators
        for item in list(self.value(first.iter, names)):
            inner = dict(names)
            self._bind(first.target, item, inner)
            if all(self.value(c, inner) for c in first.ifs):
                yield from self._generated(rest, inner)

    def _called(self, name: str, arguments: Sequence[ast.expr], names: _Names) -> Any:
        match name, arguments:
            case "__implies__", [premise, conclusion]:
                return not self.value(premise, names) or bool(self.value(conclusion, names))
            case "__forall__" | "__exists__", [domain, ast.Lambda(args=parameters, body=body)]:
                # Of all integers the small ones are tried: what runs see is small, too.
                every = isinstance(domain, ast.Name) and domain.id == "int"
                items = _INTEGERS if every else list(self.value(domain, names))
                own = [p.arg for p in parameters.args]
                pairs: Iterable[Any] = ([i] for i in items) if len(own) == 1 else items
                found = (self.value(body, {**names, **dict(zip(own, p, strict=True))}) for p in pairs)
                return all(found) if name == "__forall__" else any(found)
            case "__old__" | "__captured__", [inner]:
                return self.value(inner, {**names, **self.entry})
            case "__multiset__", [inner]:
                return Counter(self.value(inner, names))
            case "__ghost__", [inner]:
                return self.value(inner, names)
            case "__writable__" | "__readable__" | "__separate__", _:
                return True  # what is drawn is new, and nobody else's
        values = [self.value(a, names) for a in arguments]
        if name in names:
            raise _Unknown
        function = self.program.function(f"{self.module}.{name}")
        if function is not None:
            return self._applied(function, values)
        if name in _builtins and not (name == "range" and any(abs(v) > _SIZE for v in values)):
            return _sized(_builtins[name](*values))
        raise _Unknown

    def _applied(self, function: Function, values: Sequence[Any]) -> Any:
        if len(values) != len(function.parameters) or function.stub or function.abstract or function.owner:
            raise _Unknown
        names = {p.name: v for p, v in zip(function.parameters, values, strict=True)}
        saved = self.watching, self.module, self.entry
        self.watching, self.module, self.entry = False, function.module, dict(names)
        try:
            self.block(function.body, names)
        except _Return as end:
            return end.value
        finally:
            self.watching, self.module, self.entry = saved
        return None


def _sized(value: Any) -> Any:
    size = value.bit_length() if isinstance(value, int) else len(value) if isinstance(value, Sized) else 0
    if size > _SIZE:
        raise _Unknown
    return value


_operators: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.Pow: operator.pow, ast.BitAnd: operator.and_, ast.BitOr: operator.or_, ast.BitXor: operator.xor,
    ast.LShift: operator.lshift, ast.RShift: operator.rshift,
}  # fmt: skip

_unary: dict[type[ast.unaryop], Callable[[Any], Any]] = {
    ast.USub: operator.neg, ast.UAdd: operator.pos, ast.Not: operator.not_, ast.Invert: operator.invert,
}  # fmt: skip

_comparisons: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Is: operator.is_, ast.IsNot: operator.is_not, ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}  # fmt: skip

_builtins: dict[str, Callable[..., Any]] = {
    f.__name__: f
    for f in (
        abs, all, any, bool, bytearray, bytes, chr, dict, divmod, enumerate, int, len, list, max, min, ord, range, reversed, set,
        sorted, str, sum, tuple, zip,
    )  # type: ignore[attr-defined, unused-ignore]  # classes and functions alike have names
}  # fmt: skip

_methods = {
    *((list, m) for m in ("append", "pop", "insert", "extend", "copy", "count", "index", "reverse", "remove", "sort", "clear")),
    *((bytearray, m) for m in ("append", "extend", "pop")),
    *((dict, m) for m in ("get", "keys", "values", "items", "copy", "pop", "setdefault", "update")),
    *((set, m) for m in ("add", "discard", "remove", "copy", "union", "update")),
    *((str, m) for m in ("count", "find", "index", "join", "startswith", "endswith", "isdigit", "isalpha", "lower", "upper")),
    *((bytes, m) for m in ("count", "find", "index", "startswith", "endswith", "hex")),
}


# --- inputs ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Style:
    """What the inputs of one run have in common, because preconditions often ask for that."""

    numbers: Sequence[int]
    size: int | None  # of collections


_NUMBERS = ([0, 1, 2, 3, 4, 5, 7, 10, 12, 16, -1, -2, -5], [0, 1], range(10), range(1, 8), [0, 2, 4, 32, 65, 90, 97, 101, 122])


def _style(chance: random.Random) -> _Style:
    numbers = _NUMBERS[0] if chance.random() < 0.5 else chance.choice(_NUMBERS[1:])
    return _Style(numbers, None if chance.random() < 0.6 else chance.choice([0, 1, 2, 2, 3, 3, 4, 5]))


def _drawn(type_: t.Type, chance: random.Random, style: _Style) -> Any:
    match type_:
        case t.Plain(name="int"):
            return chance.choice(style.numbers)
        case t.Plain(name="bool"):
            return chance.random() < 0.5
        case t.Plain(name="str"):
            return "".join(chance.choices("abc01", k=chance.randrange(5)))
        case t.Plain(name="bytes"):
            return bytes(chance.choices([0, 1, 2, 127, 128, 255], k=chance.randrange(5)))
        case t.Plain(name="None"):
            return None
        case t.Ranged(low=low, high=high):
            least = low if low is not None else -5 if high is None else high - 10
            most = high if high is not None else least + 12
            return chance.choice([least, most, chance.randint(least, most), min(most, least + chance.randrange(12))])
        case t.Union(options=options):
            return _drawn(chance.choice(options), chance, style)
        case t.Tuple(items=items):
            return tuple(_drawn(i, chance, style) for i in items)
        case t.Collection(kind="list" | "tuple" | "sequence" | "iterable" | "set" as kind, item=item):
            size = chance.choice([0, 1, 1, 2, 3, 3, 4, 5]) if style.size is None else style.size
            small = item == t.INT and chance.random() < 0.5
            drawn = [chance.randrange(4) if small else _drawn(item, chance, style) for _ in range(size)]
            if chance.random() < 0.5 and item in (t.INT, t.STR):
                drawn.sort()
            return tuple(drawn) if kind == "tuple" else set(drawn) if kind == "set" else drawn
        case t.Mapping(kind="dict" | "mapping", key=key, value=value):
            return {_drawn(key, chance, style): _drawn(value, chance, style) for _ in range(chance.randrange(4))}
    raise _Unknown


_ENDS = (_Unknown, _Return, _Break, _Continue, ArithmeticError, LookupError, TypeError, ValueError, AttributeError, MemoryError)
"""What ends a run that is interpreted; of other errors none is expected, and none is hidden."""


@functools.lru_cache(maxsize=4)
def _watched(program: Program, function: Function) -> _Run:
    """Return what small runs show: the states at the heads of loops, each with what was passed."""
    run = _Run(program, function.module)
    chance = random.Random(0)  # noqa: S311 - which inputs are tried is no secret
    if function.owner:
        return run
    tried = 0
    for _ in range(4 * _DRAWN):
        try:
            style = _style(chance)
            run.entry = {p.name: _drawn(p.type, chance, style) for p in function.parameters}
            names = copy.deepcopy(run.entry)
            run.depth, run.watching = 0, False
            if not all(run.value(c.expression, names) for c in function.contract.requires):
                continue
            run.watching = True
            tried += 1
            run.block(function.body, names)
        except _ENDS:
            pass
        if run.steps < 0 or tried >= _DRAWN:
            break
    return run


def survivors(program: Program, function: Function, loop: ast.stmt, guesses: Sequence[ast.expr]) -> list[ast.expr]:
    """Return those of some guesses about a loop that no small run refutes.

    Parameters
    ----------
    program : Program
    function : Function
    loop : ast.While or ast.For
        One of its loops.
    guesses : sequence of ast.expr
        As `candidates` makes them.
    """
    states = list(_watched(program, function).states.get(id(loop), []))
    random.Random(0).shuffle(states)  # noqa: S311 - so that the first are of different runs
    steps = _TRIED // max(1, len(guesses))
    return [guess for guess in guesses if not _refuted(program, function, states, guess, steps)]


def _refuted(program: Program, function: Function, states: Sequence[tuple[_Names, _Names]], guess: ast.expr, steps: int) -> bool:
    for names, passed in states:
        run = _Run(program, function.module, entry=passed, steps=steps)
        try:
            if not run.value(guess, {**names, **{entry(n): v for n, v in passed.items()}}):
                return True
        except (IndexError, KeyError, ZeroDivisionError):
            return True  # where it has no value it does not hold
        except _ENDS:
            pass
        steps = run.steps
        if steps <= 0:
            break
    return False


def decreasing(program: Program, function: Function, loop: ast.While, options: Sequence[ast.expr]) -> ast.expr | None:
    """Return the first of some measures that small runs decrease in every round; None if there is no run, or no such measure."""
    run = _watched(program, function)
    states, begins = run.states.get(id(loop), []), set(run.courses.get(id(loop), ()))
    rounds = [(a, b) for a, b in enumerate(range(1, len(states))) if b not in begins]
    return next((o for o in options if rounds and _decreases(program, function, states, rounds, o)), None)


def waiting(
    program: Program, function: Function, loop: ast.While, counters: Sequence[str], options: Sequence[ast.expr]
) -> Pattern | None:
    """Return why a loop ends some rounds of which make no progress, if small runs show a pattern of remainders."""
    run = _watched(program, function)
    states, begins = run.states.get(id(loop), []), set(run.courses.get(id(loop), ()))
    seen = [{**names, **{entry(n): v for n, v in passed.items()}} for names, passed in states]
    rounds = [(seen[a], seen[b]) for a, b in enumerate(range(1, len(states))) if b not in begins]

    def value(measure: ast.expr, names: Mapping[str, Any]) -> Any:
        try:
            return _Run(program, function.module, steps=500).value(measure, dict(names))
        except (_Unknown, _Return, _Break, _Continue) as reason:
            raise ValueError(f"`{ast.unparse(measure)}` is not interpreted") from reason

    return pattern(loop, rounds, counters, options, value)


def _decreases(
    program: Program,
    function: Function,
    states: Sequence[tuple[_Names, _Names]],
    rounds: Sequence[tuple[int, int]],
    measure: ast.expr,
) -> bool:
    values: dict[int, Any] = {}
    for place in {p for pair in rounds for p in pair}:
        names, passed = states[place]
        run = _Run(program, function.module, entry=passed, steps=500)
        try:
            values[place] = run.value(measure, {**names, **{entry(n): v for n, v in passed.items()}})
        except _ENDS:
            return False
    return all(isinstance(values[a], int) and values[a] >= 0 and values[b] < values[a] for a, b in rounds)
