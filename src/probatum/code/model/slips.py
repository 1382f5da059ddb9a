"""Slips that are about whole statements: one that is missing, one too many, two in the wrong order, a result that is another.

As in `changes`, nothing here knows what a change does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import combinations, pairwise

from probatum.code.model.changes import Change, Offsets, short
from probatum.python.program import Function
from probatum.python.types import Collection, Mapping, Plain, Ranged, Tuple, Type, Union

_EMPTY = {
    "list": "[]",
    "tuple": "()",
    "set": "set()",
    "frozenset": "frozenset()",
    "sequence": "[]",
    "dict": "{}",
    "mapping": "{}",
}
_PLAIN = {"int": ("0", "-1"), "bool": ("False", "True"), "str": ("''",), "bytes": ("b''",), "float": ("0.0",), "None": ("None",)}
_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr)
_MOST_PAIRS = 15  # of names, or of arguments, that are exchanged in one statement


def slips(function: Function, text: str) -> Iterator[Change]:
    """Yield changes of the statements of a function, in no order that means anything."""
    writer = _Slips(function, Offsets(text))
    for block, loop in _blocks(function.run[0]):
        yield from writer.block(block, loop)


def guards(function: Function, text: str) -> Iterator[Change]:
    """Yield guards: for an argument that is empty, or that is zero or less, return at once what stands for nothing."""
    if not function.run[0]:
        return
    offsets = Offsets(text)
    first = function.run[0][0]
    start, _ = offsets.region(first)
    indent = " " * (start - offsets.start_of_line(first.lineno))
    if text[offsets.start_of_line(first.lineno) : start].strip():
        return  # on the line of the `def`
    for parameter in function.parameters:
        tests: tuple[str, ...] = ()
        rank = 5
        if sized(parameter.type):
            tests = (f"not {parameter.name}",)
        elif number(parameter.type):
            tests, rank = (f"{parameter.name} <= 0", f"{parameter.name} < 0"), 7
        for test in tests:
            for value in _nothing(function.returns):
                new = f"if {test}:\n{indent}    return {value}\n{indent}"
                yield Change(start, start, new, first.lineno, f"`return {value}` if `{test}`", rank)


class _Slips:
    def __init__(self, function: Function, offsets: Offsets) -> None:
        self.function, self.offsets = function, offsets
        self.types: dict[str, Type] = {p.name: p.type for p in function.parameters}
        self.nothing = _nothing(function.returns)
        self.promised = _promised(function)

    def block(self, block: Sequence[ast.stmt], loop: ast.stmt | None) -> Iterator[Change]:
        for statement in block:
            yield from self._removed(statement, alone=len(block) == 1)
            yield from self._exchanged(statement)
            if isinstance(statement, ast.Return) and statement.value is not None:
                yield from self._returned(statement.value)
            elif isinstance(statement, ast.Break | ast.Continue):
                word, other = ("break", "continue") if isinstance(statement, ast.Break) else ("continue", "break")
                yield self._instead(statement, other, f"`{other}` instead of `{word}`", 3)
            elif isinstance(statement, ast.Assign | ast.AugAssign):
                yield from self._assigned(statement)
        for first, second in pairwise(block):
            if isinstance(first, _SIMPLE) and isinstance(second, _SIMPLE):
                yield self._swapped(first, second)
        last = block[-1] if block else None
        if loop is not None and isinstance(last, ast.Return):
            start, end = self.offsets.region(last)
            line = self.offsets.start_of_line(self.offsets.line(last))
            outside = self.offsets.region(loop)[0] - self.offsets.start_of_line(self.offsets.line(loop))
            if not self.offsets.text[line:start].strip() and len(block) > 1:
                new = " " * outside + self.offsets.text[start:end]
                yield Change(line, end, new, self.offsets.line(last), f"`{short(new)}` after the loop instead of in it", 3)

    def _text(self, node: ast.AST) -> str:
        start, end = self.offsets.region(node)
        return self.offsets.text[start:end]

    def _instead(self, node: ast.AST, new: str, title: str, rank: int) -> Change:
        start, end = self.offsets.region(node)
        return Change(start, end, new, self.offsets.line(node), title, rank)

    def _removed(self, statement: ast.stmt, *, alone: bool) -> Iterator[Change]:
        """Yield the text without a statement, or without the condition on it."""
        if any(_claims(node) for node in ast.walk(statement)):
            return  # what is claimed there must hold, and not be gone
        if isinstance(statement, _SIMPLE) and not alone:
            yield self._instead(statement, "pass", f"nothing instead of `{short(self._text(statement))}`", 4)
        elif isinstance(statement, ast.If) and not statement.orelse:
            if not alone:
                yield self._instead(statement, "pass", f"nothing instead of `{short(self._text(statement))}`", 5)
            test = self._text(statement.test)
            yield self._instead(statement.test, "True", f"no condition instead of `{short(test)}`", 4)
        if isinstance(statement, ast.If | ast.While):
            test = self._text(statement.test)
            yield self._instead(statement.test, f"not ({test})", f"`not ({short(test)})` instead of `{short(test)}`", 3)

    def _swapped(self, first: ast.stmt, second: ast.stmt) -> Change:
        start, between = self.offsets.region(first)
        behind, end = self.offsets.region(second)
        new = self._text(second) + self.offsets.text[between:behind] + self._text(first)
        title = f"`{short(self._text(second))}` before `{short(self._text(first))}`"
        return Change(start, end, new, self.offsets.line(first), title, 2)

    def _exchanged(self, statement: ast.stmt) -> Iterator[Change]:
        """Yield the statement with two variables in each other's place, or arguments of two calls of the same function."""
        if not isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Return | ast.Expr):
            return
        value = statement.value
        if value is None:
            return
        names = [n for n in ast.walk(value) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
        own = list(dict.fromkeys(n.id for n in names if n.id in self.types))
        for one, other in list(combinations(own, 2))[:_MOST_PAIRS]:
            if self.types[one] == self.types[other]:
                regions = {self.offsets.region(n): other if n.id == one else one for n in names if n.id in (one, other)}
                yield self._rewritten(value, regions, f"`{one}` and `{other}` exchanged", 3)
        calls: dict[str, list[ast.Call]] = {}
        for node in ast.walk(value):
            if isinstance(node, ast.Call) and len(node.args) > 1 and not any(isinstance(a, ast.Starred) for a in node.args):
                calls.setdefault(ast.unparse(node.func), []).append(node)
        for called, (first, *others) in calls.items():
            for second in others[:1]:
                width = min(len(first.args), len(second.args))
                spans = [(a, b) for b in range(1, width + 1) for a in range(b) if b - a < width]
                for a, b in spans[:_MOST_PAIRS]:
                    pairs = list(zip(first.args[a:b], second.args[a:b], strict=True))
                    if all(ast.dump(x) != ast.dump(y) for x, y in pairs):
                        regions = {self.offsets.region(x): self._text(y) for x, y in pairs}
                        regions |= {self.offsets.region(y): self._text(x) for x, y in pairs}
                        said = ", ".join(self._text(x) for x, _ in pairs)
                        yield self._rewritten(value, regions, f"`{short(said)}` in the other call of `{short(called)}`", 3)

    def _rewritten(self, node: ast.AST, regions: dict[tuple[int, int], str], title: str, rank: int) -> Change:
        """Return the change that puts texts into several regions of a node; those inside others are left alone."""
        start, end = self.offsets.region(node)
        parts, at = [], start
        for (left, right), new in sorted(regions.items()):
            if left >= at:
                parts += [self.offsets.text[at:left], new]
                at = right
        return Change(start, end, "".join(parts) + self.offsets.text[at:end], self.offsets.line(node), title, rank)

    def _returned(self, value: ast.expr) -> Iterator[Change]:
        """Yield other results: what stands for nothing, and at last what the postcondition says."""
        text = self._text(value)
        others = [*self.nothing, *(("None",) if _optional(self.function.returns) else ())]
        for other in dict.fromkeys(others):
            if other != text:
                yield self._instead(value, other, f"`{other}` instead of `{short(text)}`", 3 if other == "None" else 5)
        for promised in self.promised:
            if promised != text:
                title = f"`{short(promised)}`, as the postcondition says, instead of `{short(text)}`"
                yield self._instead(value, promised, title, 8)

    def _assigned(self, statement: ast.Assign | ast.AugAssign) -> Iterator[Change]:
        """Yield an assignment that adds instead of replacing, and the other way round."""
        value = self._text(statement.value)
        if isinstance(statement, ast.AugAssign):
            new = f"{self._text(statement.target)} = {value}"
            yield self._instead(statement, new, f"`{short(new)}` instead of `{short(self._text(statement))}`", 4)
        elif len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
            new = f"{self._text(statement.targets[0])} += {value}"
            yield self._instead(statement, new, f"`{short(new)}` instead of `{short(self._text(statement))}`", 4)
            if isinstance(statement.value, ast.Constant) and type(statement.value.value) in (int, float):
                for name in (n for n, t in self.types.items() if isinstance(t, Collection) and t.kind in ("list", "tuple")):
                    yield self._instead(statement.value, f"{name}[0]", f"`{name}[0]` instead of `{value}`", 4)


def _claims(node: ast.AST) -> bool:
    """Whether a node is an assertion, or a word of a contract."""
    return isinstance(node, ast.Assert) or (isinstance(node, ast.Name) and node.id.startswith("__"))


def _blocks(body: Sequence[ast.stmt]) -> Iterator[tuple[Sequence[ast.stmt], ast.stmt | None]]:
    """Yield each block of statements, with the loop whose body it is."""
    pending: list[tuple[Sequence[ast.stmt], ast.stmt | None]] = [(body, None)]
    while pending:
        block, loop = pending.pop()
        yield block, loop
        for statement in block:
            if isinstance(statement, ast.For | ast.While):
                pending += [(statement.body, statement), (statement.orelse, None)]
            elif isinstance(statement, ast.If):
                pending += [(statement.body, None), (statement.orelse, None)]
            elif isinstance(statement, ast.With):
                pending.append((statement.body, None))
            elif isinstance(statement, ast.Try):
                pending += [(statement.body, None), (statement.orelse, None), (statement.finalbody, None)]
                pending += [(handler.body, None) for handler in statement.handlers]


def _promised(function: Function) -> tuple[str, ...]:
    """Return the expressions that a postcondition says are the result, where they can be computed."""
    found = []
    for clause in function.contract.ensures:
        match clause.expression:
            case ast.Compare(ast.Name("__result__"), [ast.Eq()], [value]) | ast.Compare(
                value, [ast.Eq()], [ast.Name("__result__")]
            ):
                names = {n.id for n in ast.walk(value) if isinstance(n, ast.Name)}
                if not any(name.startswith("__") for name in names):
                    found.append(ast.unparse(value))
    return tuple(found)


def sized(type_: Type) -> bool:
    """Whether values of a type have a length."""
    return isinstance(type_, Collection | Mapping) or type_ in (Plain("str"), Plain("bytes"))


def number(type_: Type) -> bool:
    """Whether values of a type are integers."""
    return isinstance(type_, Ranged) or type_ == Plain("int")


def _optional(type_: Type) -> bool:
    return isinstance(type_, Union) and Plain("None") in type_.options


def _nothing(type_: Type) -> tuple[str, ...]:
    match type_:
        case Plain(name=name):
            return _PLAIN.get(name, ())
        case Ranged():
            return ("0",)
        case Collection(kind=kind) | Mapping(kind=kind):
            return (_EMPTY[kind],) if kind in _EMPTY else ()
        case Tuple(items=()):
            return ("()",)
        case Union(options=options) if Plain("None") in options:
            return ("None",)
    return ()
