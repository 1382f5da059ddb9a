"""What a person is told of invariants that nobody wrote: all that were guessed and hold, but for what says nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from itertools import groupby

from probatum.lower.lowered import Guess

_MOST = 8  # conditions that are told of one loop


def loops_in_words(guesses: Sequence[Guess]) -> Iterator[str]:
    """Yield one line for each loop.

    Parameters
    ----------
    guesses : sequence of Guess
        In the order of the loops.
    """
    for line, group in groupby(guesses, key=lambda guess: guess.place.line):
        own = list(group)
        telling = informative(own)
        texts = [f"`{guess.text}`" for guess in telling[:_MOST]]
        count = next((guess.count for guess in telling if guess.count), "")
        counted = f" (`{count}` is the number of rounds that are done)" if count else ""
        more = f", and {len(telling) - _MOST} more" if len(telling) > _MOST else ""
        yield (
            f"the loop in line {line} keeps what was guessed: {', '.join(texts) or 'nothing that is told'}{more}{counted}; "
            "`probatum repair --invariants` writes down what is needed"
        )


def informative(guesses: Sequence[Guess]) -> list[Guess]:
    """Return the guesses without those that are true of anything, or plainly follow from another one."""
    texts = {guess.text for guess in guesses}
    parts = {ast.unparse(p) for t in texts for p in _conjuncts(ast.parse(t, mode="eval").body)} | texts
    return [g for g in guesses if not _says_nothing(g.text, parts)]


def _says_nothing(text: str, others: set[str]) -> bool:
    node = ast.parse(text, mode="eval").body
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        return any(ast.unparse(part) in others for part in node.values)
    match node:
        case ast.Compare(left=left, ops=[ast.LtE() | ast.GtE() | ast.Eq()], comparators=[right]):
            if ast.dump(left) == ast.dump(right):
                return True
            pair = (left, right) if isinstance(node.ops[0], ast.LtE) else (right, left)
            low = _number(pair[0])
            return low is not None and low < 0 and f"0 <= {ast.unparse(pair[1])}" in others
        case ast.Call(args=[ast.Call(func=ast.Name(id="range"), args=[first, last]), ast.Lambda()]):
            base = first.left if isinstance(first, ast.BinOp) and isinstance(first.op, ast.Add) else first
            return ast.dump(base) == ast.dump(last)
    return False


def _number(node: ast.expr) -> int | None:
    match node:
        case ast.Constant(int(value)):
            return value
        case ast.UnaryOp(ast.USub(), ast.Constant(int(value))):
            return -value
    return None


def _conjuncts(node: ast.expr) -> Iterator[ast.expr]:
    """Yield what is claimed side by side: the operands of `and`, the links of a chain."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from _conjuncts(value)
    elif isinstance(node, ast.Compare):
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            yield ast.Compare(left, [operator], [right])
            left = right
