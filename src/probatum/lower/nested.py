"""What loops within loops know of a quantified claim: all of it for what is done, and a part of it for what they are at.

A claim about pairs, `for all i and j`, that two loops check holds for all pairs whose
first is before the counter of the outer loop, and for its counter with all that are
before the counter of the inner one. Sorting knows a claim about pairs on one side of
a counter. What a collection is built of, item by item, each place of it is.

All are guesses, see `guessing`: inference keeps those that hold.
"""

from __future__ import annotations

import ast
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from probatum.lower.forms import AT, SEEN
from probatum.lower.substitution import copied, names_of, put, replaced

_FEW = 3  # variables, or places, that are tried
_NUMBERS = frozenset(["sum", "max", "min"])


@dataclass(frozen=True, slots=True)
class Quantified:
    """Quantifiers of one kind within each other: all or some, what they bind with its domain, and of what.

    Attributes
    ----------
    every : bool
        For all; otherwise for some.
    bound : sequence of (str, ast.expr)
        Variables and domains, the outermost first; later domains may mention earlier variables.
    body : ast.expr
    """

    every: bool
    bound: Sequence[tuple[str, ast.expr]]
    body: ast.expr

    @staticmethod
    def of(node: ast.expr) -> Quantified | None:
        """Return an expression as quantifiers over numbers, if it is that."""
        bound: list[tuple[str, ast.expr]] = []
        every: bool | None = None
        while True:
            match node:
                case ast.Call(
                    func=ast.Name(id="__forall__" | "__exists__" as name), args=[*domains, ast.Lambda(args=own, body=body)]
                ):
                    names = [a.arg for a in own.args]
                    new = list(zip(names, domains, strict=True)) if len(names) == len(domains) else []
                    kind = name == "__forall__"
                case ast.Call(func=ast.Name(id="all" | "any" as name), args=[ast.GeneratorExp(elt=body, generators=generators)]):
                    kind = name == "all"
                    new = [(g.target.id, g.iter) for g in generators if isinstance(g.target, ast.Name)]
                    new = new if len(new) == len(generators) else []
                    for test in reversed([c for g in generators for c in g.ifs]):
                        body = _within(body, test, every=kind)
                case _:
                    break
            if not new or not all(_of_numbers(d) for _, d in new) or (every is not None and kind is not every):
                break
            every = kind
            bound += new
            node = body
        return Quantified(every, bound, node) if every is not None and bound else None

    def where(self, condition: ast.expr) -> ast.expr:
        """Return the same for values that a condition holds of."""
        node = _within(self.body, condition, every=self.every)
        for name, domain in reversed(self.bound):
            node = ast.Call(_name("__forall__" if self.every else "__exists__"), [domain, _rule(name, node)], [])
        return node

    def at(self, place: ast.expr) -> Quantified:
        """Return the same for one value of the first variable."""
        name, _ = self.bound[0]
        value = {name: place}
        return Quantified(self.every, [(n, replaced(d, value)) for n, d in self.bound[1:]], replaced(self.body, value))


def _of_numbers(domain: ast.expr) -> bool:
    match domain:
        case ast.Name(id="int"):
            return True
        case ast.Call(func=ast.Name(id="range"), args=arguments):
            return len(arguments) < 3
    return False


def _within(body: ast.expr, condition: ast.expr, *, every: bool) -> ast.expr:
    if every:
        return ast.Call(_name("__implies__"), [condition, body], [])
    return ast.BoolOp(ast.And(), [condition, body])


# --- nests of loops ---------------------------------------------------------------------------------


def of_nests(quantifiers: Sequence[ast.expr], places: Sequence[str], flags: Sequence[str]) -> Iterator[ast.expr]:
    """Yield what loops know of quantifiers: flags that say it, or the claims by themselves.

    Parameters
    ----------
    quantifiers : sequence of ast.expr
        Without the result of the function.
    places : sequence of str
        The counters of the loops, the outermost first.
    flags : sequence of str
        Variables that are true or false.
    """
    for node in quantifiers:
        claim = Quantified.of(node)
        if claim is None:
            continue
        done: list[ast.expr] = []
        for place in places:
            if not claim.bound:
                break
            counter = _name(place)
            done.append(claim.where(ast.Compare(_name(claim.bound[0][0]), [ast.Lt()], [counter])))
            claim = claim.at(counter)
        if not done:
            continue
        if len(done) > 1:
            whole: ast.expr = ast.BoolOp(ast.And() if claim.every else ast.Or(), done)
        else:
            whole = done[0]
        for flag in flags:
            yield ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), _name(flag)), whole])
            yield ast.BoolOp(ast.Or(), [_name(flag), ast.UnaryOp(ast.Not(), whole)])
        for part in done:
            yield part if claim.every else ast.UnaryOp(ast.Not(), part)


def at_counters(
    claims: Sequence[ast.expr], around: Sequence[str], parts: Sequence[tuple[ast.expr, ast.expr]]
) -> Iterator[ast.expr]:
    """Yield what an inner loop knows of one place: claims for all, at the counter of an outer loop, as far as it has come."""
    for node in claims:
        claim = Quantified.of(node)
        if claim is None or not claim.every or len(claim.bound) > 1:
            continue
        for place in around:
            own = claim.at(_name(place)).body
            for old, new in parts:
                partial = put(own, old, new, compared=True)
                if partial is not None:
                    yield partial


def on_one_side(claims: Sequence[ast.expr], places: Sequence[ast.expr]) -> Iterator[ast.expr]:
    """Yield claims for all, where the first variable, or the last, is on one side of a counter."""
    for node, place in itertools.product(claims, places):
        claim = Quantified.of(node)
        if claim is None or not claim.every:
            continue
        first, last = _name(claim.bound[0][0]), _name(claim.bound[-1][0])
        yield claim.where(ast.Compare(first, [ast.Lt()], [place]))
        yield claim.where(ast.Compare(last, [ast.GtE()], [place]))
        yield claim.where(ast.Compare(last, [ast.Gt()], [place]))


# --- items ----------------------------------------------------------------------------------------------


def extremes(
    loop: ast.While | ast.For, numbers: Sequence[str], counters: Sequence[str], starts: Mapping[str, ast.expr]
) -> Iterator[ast.expr]:
    """Yield that an item at one place is the least or greatest of those that a loop compared.

    `numbers`: variables of integers; `counters`: those of them that the loop assigns; `starts`: what variables began as.
    """
    compared: dict[str, ast.expr] = {}
    for node in ast.walk(loop):
        if isinstance(node, ast.Compare) and len(node.ops) == 1:
            left, right = _Slot().visit(copied(node.left)), _Slot().visit(copied(node.comparators[0]))
            if ast.dump(left) == ast.dump(right) and "k'" in names_of(left):
                compared[ast.dump(left)] = left
    for item, counter in itertools.product(compared.values(), counters):
        lows: dict[str, ast.expr] = {"0": ast.Constant(0)}
        if isinstance(starts.get(counter), ast.Name | ast.Constant):
            lows[ast.unparse(starts[counter])] = starts[counter]
        lows |= {n: _name(n) for n in numbers if n not in counters}
        for number in dict.fromkeys([*counters, *numbers]):
            for low in list(lows.values())[:_FEW]:
                best = replaced(item, {"k'": _name(number)})
                for operator in (ast.LtE(), ast.GtE()):
                    span = ast.Call(_name("range"), [low, _name(counter)], [])
                    yield ast.Call(_name("__forall__"), [span, _rule("k'", ast.Compare(best, [operator], [item]))], [])


class _Slot(ast.NodeTransformer):
    """Replaces indices by `k'`."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        """An item; what is between two places stays."""
        return node if isinstance(node.slice, ast.Slice) else ast.Subscript(node.value, _name("k'"), ast.Load())


def built(loop: ast.While | ast.For, types: Mapping[str, str], changed: set[str]) -> Iterator[ast.expr]:
    """Yield that each item that a loop has written is what it writes at its place."""
    for statement in loop.body:
        place: str | None = None
        match statement:
            case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="append"), args=[value])):
                pass
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.BinOp(left=ast.Name(id=same), op=ast.Add(), right=ast.List(elts=[value])),
            ) if name == same:
                pass
            case ast.AugAssign(target=ast.Name(id=name), op=ast.Add(), value=ast.List(elts=[value])):
                pass
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=place))], value=value):
                pass
            case _:
                continue
        item = ast.Subscript(_name(name), _name("k'"), ast.Load())
        for counter, end in _counters(loop, types, changed):
            if place is not None and counter != place:
                continue
            if names_of(value) & changed - {counter}:
                continue
            span = ast.Call(_name("range"), [ast.Constant(0), end], [])
            if counter == "":
                if not isinstance(loop, ast.For) or not isinstance(loop.target, ast.Name):
                    continue
                same_item = replaced(value, {loop.target.id: ast.Subscript(_name(SEEN), _name("k'"), ast.Load())})
            else:
                same_item = replaced(value, {counter: _name("k'")})
            yield ast.Call(_name("__forall__"), [span, _rule("k'", ast.Compare(item, [ast.Eq()], [same_item]))], [])


def _counters(loop: ast.While | ast.For, types: Mapping[str, str], changed: set[str]) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names of counters with where they are; "" for the place of a collection that a `for` goes over."""
    if isinstance(loop, ast.For):
        match loop.iter:
            case ast.Call(func=ast.Name(id="range")) if isinstance(loop.target, ast.Name):
                yield loop.target.id, _name(loop.target.id)
            case ast.Call():
                pass
            case _:
                yield "", _name(AT)
    for name in sorted(changed):
        if types.get(name) == "int" and isinstance(loop, ast.While):
            yield name, _name(name)


def accumulated(
    claims: Sequence[ast.expr],
    parts: Sequence[tuple[ast.expr, ast.expr]],
    places: Sequence[ast.expr],
    variables: Sequence[str],
    known: Callable[[str], bool],
) -> Iterator[ast.expr]:
    """Yield that variables are what a function that a claim calls gives for what is done.

    `known`: whether a name is that of a function of the program.
    """
    terms: dict[str, ast.expr] = {}
    for claim in claims:
        bound = {a.arg for n in ast.walk(claim) if isinstance(n, ast.Lambda) for a in n.args.args}
        for node in ast.walk(claim):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)) or "__result__" in names_of(node):
                continue
            if node.func.id not in _NUMBERS and not known(node.func.id):
                continue
            options = [node, *(p for o, n in parts if (p := put(node, o, n)) is not None)]
            for option in options:
                own = sorted(names_of(option) & bound)
                if len(own) == 0:
                    terms.setdefault(ast.unparse(option), option)
                elif len(own) == 1:
                    for place in places:
                        term = replaced(option, {own[0]: place})
                        terms.setdefault(ast.unparse(term), term)
    for term, variable in itertools.product(terms.values(), variables):
        if variable not in names_of(term):
            yield ast.Compare(_name(variable), [ast.Eq()], [term])


# --- expressions -----------------------------------------------------------------------------------------


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _rule(name: str, body: ast.expr) -> ast.expr:
    return ast.Lambda(ast.arguments([], [ast.arg(name)], None, [], [], None, []), body)


__all__ = ["Quantified", "accumulated", "at_counters", "built", "extremes", "of_nests", "on_one_side"]
