"""Small changes of the text of a function, each the kind of slip that is made in code.

Nothing here knows what a change does. Each replaces one region by something that
is nearly the same: a number that is one more, the comparison that also holds for
equal values, another variable.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from probatum.python.program import Function
from probatum.python.scopes import Positions, children
from probatum.python.types import Type

_line_end = re.compile(r"\r\n|\r|\n")

_COMPARISONS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip  # as a table
_FLIPPED = {
    "<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "is": "is not", "is not": "is", "in": "not in", "not in": "in",
}  # fmt: skip  # as a table
_OTHER = {
    ast.Add: ("-",),
    ast.Sub: ("+", "%"),
    ast.Mult: ("+", "//"),
    ast.FloorDiv: ("%", "*"),
    ast.Mod: ("//", "-"),
    ast.BitAnd: ("|",),
    ast.BitOr: ("&",),
    ast.LShift: (">>",),
    ast.RShift: ("<<",),
}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_TOGETHER = {"little": "big", "big": "little"}  # words that stand where the other one could
_CALLED = {  # functions and methods that are taken for each other
    "min": "max", "max": "min", "any": "all", "all": "any", "startswith": "endswith", "endswith": "startswith",
    "lstrip": "rstrip", "rstrip": "lstrip", "find": "rfind", "rfind": "find", "upper": "lower", "lower": "upper",
    "append": "extend", "extend": "append", "floor": "ceil", "ceil": "floor", "union": "intersection", "intersection": "union",
    "ljust": "rjust", "rjust": "ljust", "discard": "add", "add": "discard", "keys": "values", "values": "keys",
}  # fmt: skip  # as a table
# Roles in which one more or one less is a usual slip, and how unusual.
_NUMBERS = {"index": 2, "bound": 2, "side": 3, "value": 2, "range": 2, "argument": 3, "operand": 4}


@dataclass(frozen=True, slots=True)
class Change:
    """One region of a text, and what to put there.

    Attributes
    ----------
    start, end : int
        Offsets in the text.
    new : str
    line : int
        Where it is, from 1.
    title : str
        What it does, for a person.
    rank : int
        How unusual such a slip is: 0 for the most usual ones.
    """

    start: int
    end: int
    new: str
    line: int
    title: str
    rank: int

    def applied(self, text: str) -> str:
        """Return the text with it."""
        return text[: self.start] + self.new + text[self.end :]


class Offsets:
    """Turns positions of nodes into offsets in the text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._positions = Positions(text)
        self._starts = [0, *(match.end() for match in _line_end.finditer(text))]

    def region(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node begins and ends."""
        place = self._positions.place(node)
        return self.offset(place.line, place.column), self.offset(place.end_line, place.end_column)

    def line(self, node: ast.AST) -> int:
        """Return the line in which a node begins, from 1."""
        return self._positions.place(node).line

    def offset(self, line: int, column: int) -> int:
        """Return the offset of a line and column, both from 1."""
        return self._starts[line - 1] + column - 1 if line <= len(self._starts) else len(self.text)

    def start_of_line(self, line: int) -> int:
        """Return the offset at which a line starts."""
        return self.offset(line, 1)


def changes(function: Function, text: str, fields: Mapping[str, Type] | None = None) -> Iterator[Change]:
    """Yield changes of the body of a function, and of what it says of its loops, in the order of the text.

    Parameters
    ----------
    fields : mapping of str to Type, optional
        Fields of the class that the function is a method of.
    """
    writer = _Changes(function, Offsets(text), fields or {})
    for statement in function.run[0]:
        yield from writer.of(statement, later=0)
    for loop in function.run[1].values():
        for clause in (*loop.invariants, *(loop.decreases or ())):
            yield from writer.of(clause.expression, later=4)  # a hint for the proof is wrong less often than the code
    for clause in function.contract.decreases or ():
        yield from writer.of(clause.expression, later=4)


class _Changes:
    def __init__(self, function: Function, offsets: Offsets, fields: Mapping[str, Type]) -> None:
        self.offsets, self.fields = offsets, fields
        self.numbers = _numbers_in(function)
        self.types: dict[str, Type | None] = {p.name: p.type for p in function.parameters}
        for statement in function.run[0]:
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                    self.types.setdefault(node.id, None)

    def of(self, root: ast.AST, *, later: int) -> Iterator[Change]:
        """Yield the changes below a node."""
        pending: list[tuple[ast.AST, str]] = [(root, "")]
        while pending:
            node, role = pending.pop()
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("__"):
                pending.extend((argument, "") for argument in node.args)  # a word of the normal form
                continue
            if isinstance(node, ast.expr) and self._written(node):
                for change in self._here(node, role):
                    yield Change(change.start, change.end, change.new, change.line, change.title, change.rank + later)
            elif isinstance(node, ast.AugAssign):
                yield from self._augmented(node)
            pending.extend(reversed(list(_roles(node))))

    def _written(self, node: ast.expr) -> bool:
        """Whether a node stands in the text as it is: some are made up when contracts are read."""
        start, end = self.offsets.region(node)
        try:
            again = ast.parse(f"({self.offsets.text[start:end]})", mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return False
        return type(again) is type(node)

    def _text(self, node: ast.AST) -> str:
        start, end = self.offsets.region(node)
        return self.offsets.text[start:end]

    def _replaced(self, node: ast.AST, new: str, rank: int, *, inside: bool) -> Change:
        start, end = self.offsets.region(node)
        line = self.offsets.line(node)
        put = f"({new})" if inside and not new.isidentifier() and not new.isdecimal() else new
        return Change(start, end, put, line, f"`{short(new)}` instead of `{short(self._text(node))}`", rank)

    def _here(self, node: ast.expr, role: str) -> Iterator[Change]:
        inside = role in {"operand", "tight"}
        match node:
            case ast.Compare(left, operators, rights):
                sides = [self._text(side) for side in (left, *rights)]
                signs = [_COMPARISONS[type(operator)] for operator in operators]
                for index, sign in enumerate(signs):
                    flipped = [*signs[:index], _FLIPPED[sign], *signs[index + 1 :]]
                    if sides[0].startswith("len(") and flipped == [">="] and sides[1:] == ["0"]:
                        continue  # it always holds
                    parts = [sides[0], *(f"{s} {side}" for s, side in zip(flipped, sides[1:], strict=True))]
                    yield self._replaced(node, " ".join(parts), 1, inside=inside)
                if len(signs) == 1 and signs[0] in _MIRRORED:
                    yield self._replaced(node, f"{sides[0]} {_MIRRORED[signs[0]]} {sides[1]}", 2, inside=inside)
                if len(signs) == 1 and signs[0] in ("==", "!="):
                    for other in ("<=", ">=") if signs[0] == "==" else ("<", ">"):
                        yield self._replaced(node, f"{sides[0]} {other} {sides[1]}", 4, inside=inside)
            case ast.BinOp(left, operator, right):
                for other in _OTHER.get(type(operator), ()):
                    rank = 1 if other in "+-" and isinstance(operator, ast.Add | ast.Sub) else 3  # a sign is mistaken more often
                    yield self._replaced(node, f"{self._text(left)} {other} {self._text(right)}", rank, inside=inside)
                if isinstance(right, ast.Constant) and right.value == 1 and isinstance(operator, ast.Add | ast.Sub):
                    yield self._replaced(node, self._text(left), 0, inside=inside)
                if ast.dump(left) != ast.dump(right):
                    swapped = f"{_tight(right, self._text(right))} {_sign(operator)} {_tight(left, self._text(left))}"
                    yield self._replaced(node, swapped, 2 if isinstance(right, ast.Name) else 3, inside=inside)
            case ast.BoolOp(operator, values):
                word = "or" if isinstance(operator, ast.And) else "and"
                parts = [
                    f"({self._text(v)})" if isinstance(v, ast.BoolOp | ast.IfExp | ast.Lambda) else self._text(v) for v in values
                ]
                yield self._replaced(node, f" {word} ".join(parts), 2, inside=True)
                if len(parts) > 1:
                    mine = "and" if word == "or" else "or"
                    for index in range(len(parts)):
                        yield self._replaced(node, f" {mine} ".join(parts[:index] + parts[index + 1 :]), 3, inside=inside)
            case ast.UnaryOp(ast.USub(), operand) if not isinstance(operand, ast.Constant):
                yield self._replaced(node, self._text(operand), 2, inside=inside)
            case ast.UnaryOp(ast.Not(), operand):
                yield self._replaced(node, self._text(operand), 2, inside=inside)
            case ast.IfExp(test, body, orelse):
                swapped = f"{self._text(orelse)} if {self._text(test)} else {self._text(body)}"
                for new in (self._text(body), self._text(orelse), swapped):
                    yield self._replaced(node, new, 2, inside=inside)
            case ast.Subscript(value, ast.Slice(lower, upper, None)) if (lower is None) != (upper is None):
                bound = self._text(lower or upper or value)
                new = f"{self._text(value)}[{f':{bound}' if lower is not None else f'{bound}:'}]"
                yield self._replaced(node, new, 2, inside=False)
            case ast.Subscript(value, ast.Slice(ast.expr() as lower, ast.expr() as upper, None)):
                yield self._replaced(node, f"{self._text(value)}[{self._text(lower)}:]", 3, inside=False)
                yield self._replaced(node, f"{self._text(value)}[:{self._text(upper)}]", 3, inside=False)
            case ast.Subscript(value, ast.Constant(0) as index):
                yield self._replaced(node, f"{self._text(value)}[-1]", 3, inside=False)
            case ast.Attribute(ast.Name("self") as value, name, ast.Load()) if name in self.fields:
                for other in self.fields:
                    if other != name and self.fields[other] == self.fields[name]:
                        yield self._replaced(node, f"{self._text(value)}.{other}", 4, inside=False)
            case ast.Call(called, arguments):
                yield from self._called(called, arguments)
                for first, second in pairwise(arguments):
                    if ast.dump(first) != ast.dump(second) and not isinstance(first, ast.Starred):
                        yield self._exchanged(first, second)
            case ast.Tuple(items, ast.Load()) | ast.List(items, ast.Load()):
                for first, second in pairwise(items):
                    if ast.dump(first) != ast.dump(second) and not isinstance(first, ast.Starred):
                        yield self._exchanged(first, second)
            case ast.Name(name, ast.Load()) if name in self.types:
                for other, type_ in self.types.items():
                    own = self.types[name]
                    if other != name and (own is None or type_ is None or own == type_):
                        yield self._replaced(node, other, 4, inside=False)
        yield from self._numbers(node, role, inside=inside)

    def _numbers(self, node: ast.expr, role: str, *, inside: bool) -> Iterator[Change]:
        match node:
            case ast.Constant(bool(value)):
                yield self._replaced(node, str(not value), 2, inside=False)
            case ast.Constant(int(value)):
                for other in (value - 1, value + 1):
                    yield self._replaced(node, str(other), 0 if other >= 0 else 3, inside=inside and other < 0)
                for other in self.numbers:
                    if abs(other - value) > 1:
                        yield self._replaced(node, str(other), 4, inside=False)
            case ast.Constant(str(value)) if value in _TOGETHER:
                yield self._replaced(node, self._text(node).replace(value, _TOGETHER[value]), 1, inside=False)
            case ast.BinOp() | ast.Name() | ast.Call() | ast.Attribute() | ast.Subscript() if role in _NUMBERS:
                text = self._text(node)
                for sign in "-+":
                    yield self._replaced(node, f"{text} {sign} 1", _NUMBERS[role], inside=inside)

    def _called(self, called: ast.expr, arguments: Sequence[ast.expr]) -> Iterator[Change]:
        """Yield changes of which function is called, and of the range that a loop goes through."""
        name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
        if name in _CALLED:
            start, end = self.offsets.region(called)
            line = self.offsets.line(called)
            yield Change(end - len(name), end, _CALLED[name], line, f"`{_CALLED[name]}` instead of `{name}`", 1)
        if name == "range" and isinstance(called, ast.Name):
            start, _ = self.offsets.region(arguments[0]) if arguments else (0, 0)
            line = self.offsets.line(called)
            if len(arguments) == 1:
                yield Change(start, start, "1, ", line, "a range that starts at 1 instead of 0", 3)
            elif len(arguments) == 2:
                behind, _ = self.offsets.region(arguments[1])
                yield Change(
                    start, behind, "", line, f"a range that starts at 0 instead of `{short(self._text(arguments[0]))}`", 3
                )

    def _exchanged(self, first: ast.expr, second: ast.expr) -> Change:
        start, between = self.offsets.region(first)
        behind, end = self.offsets.region(second)
        new = self._text(second) + self.offsets.text[between:behind] + self._text(first)
        line = self.offsets.line(first)
        return Change(start, end, new, line, f"`{short(new)}` instead of `{short(self.offsets.text[start:end])}`", 2)

    def _augmented(self, node: ast.AugAssign) -> Iterator[Change]:
        for other in _OTHER.get(type(node.op), ())[:1]:
            new = f"{self._text(node.target)} {other}= {self._text(node.value)}"
            yield self._replaced(node, new, 1, inside=False)


def _numbers_in(function: Function) -> tuple[int, ...]:
    """Return the integers that a function is written with: one of them may stand where another one should."""
    nodes = (node for statement in function.run[0] for node in ast.walk(statement))
    found = {n.value for n in nodes if isinstance(n, ast.Constant) and type(n.value) is int and n.value >= 0}
    return tuple(sorted(found)[:8])


def _roles(node: ast.AST) -> Iterator[tuple[ast.AST, str]]:
    """Yield the parts of a node in the order of the text, each with what it is there."""
    match node:
        case ast.Subscript(value, ast.Slice() as part):
            yield value, "tight"
            yield from ((bound, "bound") for bound in (part.lower, part.upper, part.step) if bound is not None)
        case ast.Subscript(value, index):
            yield value, "tight"
            yield index, "index"
        case ast.Compare(left, _, rights):
            yield from ((side, "side") for side in (left, *rights))
        case ast.BinOp(left, _, right):
            yield left, "operand"
            yield right, "operand"
        case ast.UnaryOp(_, operand):
            yield operand, "tight"
        case ast.BoolOp(_, values):
            yield from ((value, "tight" if isinstance(value, ast.BoolOp) else "") for value in values)
        case ast.Call(function, arguments, keywords):
            yield function, "called"
            role = "range" if isinstance(function, ast.Name) and function.id == "range" else "argument"
            yield from ((argument, role) for argument in arguments)
            yield from ((keyword.value, "") for keyword in keywords)
        case ast.Attribute(value):
            yield value, "tight"
        case ast.Assign(_, value) | ast.Return(value) if value is not None:
            yield from ((target, "target") for target in getattr(node, "targets", ()))
            if isinstance(value, ast.Tuple):
                yield value, ""
            else:
                yield value, "value"
        case ast.AnnAssign(target, _, value):
            yield target, "target"
            if value is not None:
                yield value, "value"
        case _:
            yield from ((child, "") for child in children(node))


_SIGNS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.BitAnd: "&", ast.BitOr: "|", ast.BitXor: "^", ast.LShift: "<<", ast.RShift: ">>", ast.MatMult: "@",
}  # fmt: skip  # as a table


def _sign(operator: ast.operator) -> str:
    return _SIGNS[type(operator)]


def _tight(node: ast.expr, text: str) -> str:
    return f"({text})" if isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare | ast.IfExp | ast.UnaryOp) else text


def short(text: str) -> str:
    """Return a text of the program as it is quoted in one line."""
    one = " ".join(text.replace("`", "'").split())
    return one if len(one) <= 40 else one[:39] + "…"
