"""What invariants mostly look like besides what is promised of the result: flags, what is left to do, what was checked.

- a variable that is true says of the part that is done what a postcondition says of the whole;
- of a recursive definition: what was computed, and what the definition says of the rest, are together what it says of the whole;
- an accumulator is what a postcondition says of one place, for the place that comes next;
- what was required, or is asserted, of what the loop changes.

All are guesses over the variables of the function, and over what was passed for parameters (`entry`).
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence

from probatum.lower.forms import entry
from probatum.lower.substitution import names_of, put, replaced
from probatum.records import dataclass

_QUANTIFIERS = frozenset(["__forall__", "__exists__", "all", "any"])
_FEW = 3  # variables of a kind that are tried


@dataclass(frozen=True, slots=True)
class Shape:
    """What a loop looks like.

    Attributes
    ----------
    claims : sequence of ast.expr
        What the postconditions promise.
    parts : sequence of (ast.expr, ast.expr)
        What the loop goes towards, and what stands for the part that is done; also of the loops around.
    returned : sequence of ast.expr
        What the function returns.
    types : mapping of str to str
        Of local variables: `int`, `bool`, `collection` or something else.
    assigned, changed : set of str
        Variables that the loop assigns, and those that also hold what it mutates.
    starts : mapping of str to ast.expr
        The names or constants that variables were set to before.
    unfolded : callable
        Gives the body of a function that an expression calls, if that is one expression.
    is_function : callable
        Says whether an expression calls a function of the program.
    """

    claims: Sequence[ast.expr]
    parts: Sequence[tuple[ast.expr, ast.expr]]
    returned: Sequence[ast.expr]
    types: Mapping[str, str]
    assigned: set[str]
    changed: set[str]
    starts: Mapping[str, ast.expr]
    unfolded: Callable[[ast.Call], ast.expr | None]
    is_function: Callable[[ast.Call], bool]

    def of_type(self, type_: str) -> list[str]:
        """Return the variables that the loop assigns, of a type."""
        return [n for n in sorted(self.assigned) if self.types.get(n) == type_][:_FEW]

    def quantified(self) -> list[ast.expr]:
        """Return what postconditions say of all or of some, at the top of what they say and within functions that they call."""
        return _quantified(self)


def filled(shape: Shape, said: Sequence[ast.expr]) -> Iterator[ast.expr]:
    """Yield the templates filled in; `said`: what is required, and what is asserted."""
    yield from _of_parts(shape, shape.claims)
    yield from _rest(shape)
    yield from _flags(shape)
    yield from _one_place(shape)
    for claim in said:
        yield from _partial(shape, claim)
        if names_of(claim) & shape.changed:
            yield claim


def _partial(shape: Shape, claim: ast.expr) -> Iterator[ast.expr]:
    """Yield a claim for the part that is done: limits of bound variables are replaced, and nothing else."""
    for old, new in shape.parts:
        own = put(claim, old, new, compared=True)
        if own is not None:
            yield own


def _of_parts(shape: Shape, claims: Sequence[ast.expr]) -> Iterator[ast.expr]:
    for claim in claims:
        for value in shape.returned:
            yield from _partial(shape, replaced(claim, {"__result__": value}))


def _quantified(shape: Shape) -> list[ast.expr]:
    """Return what postconditions say of all or of some, at the top of what they say and within functions that they call."""
    found: dict[str, ast.expr] = {}
    waiting = [(claim, True) for claim in shape.claims]
    while waiting:
        node, unfold = waiting.pop(0)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in _QUANTIFIERS:
                if "__result__" not in names_of(node):
                    found.setdefault(ast.unparse(node), node)
                continue
            body = shape.unfolded(node) if unfold else None
            if body is not None:
                waiting.append((body, False))
        waiting.extend((inner, unfold) for inner in ast.iter_child_nodes(node) if isinstance(inner, ast.expr))
    return list(found.values())


def _flags(shape: Shape) -> Iterator[ast.expr]:
    for claim in _quantified(shape):
        everywhere = (put(claim, old, new) for old, new in shape.parts)
        for partial in [*_partial(shape, claim)] or [p for p in everywhere if p is not None]:
            yield partial
            yield ast.UnaryOp(ast.Not(), partial)
            for name in shape.of_type("bool"):
                flag = ast.Name(name, ast.Load())
                yield ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), flag), partial])
                yield ast.BoolOp(ast.Or(), [flag, ast.UnaryOp(ast.Not(), partial)])


def _rest(shape: Shape) -> Iterator[ast.expr]:
    """Yield that what was computed and what is left are the whole, where a variable shrinks from what the function was given."""
    for claim in shape.claims:
        if not (isinstance(claim, ast.Compare) and len(claim.ops) == 1 and isinstance(claim.ops[0], ast.Eq)):
            continue
        for done, whole in ((claim.left, claim.comparators[0]), (claim.comparators[0], claim.left)):
            if "__result__" not in names_of(done) or "__result__" in names_of(whole):
                continue
            for value in shape.returned:
                own = replaced(done, {"__result__": value})
                for left in _shrunk(shape, whole):
                    yield ast.Compare(ast.BinOp(own, ast.Add(), left), [ast.Eq()], [whole])
                    yield ast.Compare(left, [ast.Eq()], [whole])
                    yield ast.Compare(ast.BinOp(own, ast.Mult(), left), [ast.Eq()], [whole])


def _shrunk(shape: Shape, whole: ast.expr) -> Iterator[ast.expr]:
    """Yield what a definition says of variables that began as what the function was given."""
    for name in sorted(names_of(whole)):
        given = name.removeprefix(entry(""))
        if given != name:
            yield replaced(whole, {name: ast.Name(given, ast.Load())})
        for other in sorted(shape.assigned):
            start = shape.starts.get(other)
            if isinstance(start, ast.Name) and start.id == given and other != given:
                yield replaced(whole, {name: ast.Name(other, ast.Load())})


def _one_place(shape: Shape) -> Iterator[ast.expr]:
    """Yield that an accumulator is what a postcondition says of items of the result, at a counter."""
    numbers = shape.of_type("int")
    for claim in shape.claims:
        for quantifier in ast.walk(claim):
            if not isinstance(quantifier, ast.Lambda) or len(quantifier.args.args) != 1:
                continue
            bound = quantifier.args.args[0].arg
            for node in ast.walk(quantifier.body):
                match node:
                    case ast.Compare(left=ast.Subscript(value=owner), ops=[ast.Eq()], comparators=[value]):
                        pass
                    case ast.Compare(left=value, ops=[ast.Eq()], comparators=[ast.Subscript(value=owner)]):
                        pass
                    case _:
                        continue
                if "__result__" not in names_of(owner) or bound not in names_of(value) or "__result__" in names_of(value):
                    continue
                for place in numbers:
                    for name in numbers:
                        if name != place:
                            whole = replaced(value, {bound: ast.Name(place, ast.Load())})
                            yield ast.Compare(ast.Name(name, ast.Load()), [ast.Eq()], [whole])


__all__ = ["Shape", "filled"]
