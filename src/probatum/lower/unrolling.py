"""Loops over items that stand in the text: one round after the other, and no invariant is needed.

`for p in [2, 3, 5]`, over a tuple or a text of few characters, over `range(4)`, or
over a name of the module that stands for such a tuple; over `[x - 1, x, x + 1]`, whose
items are computed once; and over a range of which the text says that it has few rounds,
as `range(max(0, i - 1), min(n, i + 2))`, see `spans`. An author who wrote an
invariant, or what decreases, wants that to be checked: then it is a loop as any other.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.lower.bound_names import assigned_names
from probatum.lower.courses import Loop
from probatum.lower.exceptions import unbound
from probatum.lower.loops import Loops
from probatum.lower.spans import longest
from probatum.lower.terms import Term
from probatum.python import forms
from probatum.python import types as t
from probatum.python.program import LoopContract, Syntax

_ROUNDS = 8
_FEW = 4  # rounds of a range of which only that is known
_COPIES = 40  # of a body, in loops within each other
_NODES = 1200  # of all copies together
_DEFINING = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.NamedExpr)


class Unrolling(Loops):
    """`for` over few items that are known."""

    _copies = 1

    def statement_For(self, node: ast.For) -> None:  # noqa: N802 - named after the node
        """`for`."""
        items = self._known_items(node)
        if items is None:
            super().statement_For(node)
            return
        if isinstance(node.iter, ast.List | ast.Tuple):
            items = [self._item_kept(item, node) for item in items]
        saved, self._copies = self._copies, self._copies * max(1, len(items))
        try:
            self._rounds(node, items)
        finally:
            self._copies = saved

    def _rounds(self, node: ast.For, items: Sequence[ast.expr]) -> None:
        """Write one round after the other."""
        jumps = any(isinstance(n, ast.Break | ast.Continue) for s in node.body for n in ast.walk(s))
        names = assigned_names(node)
        out = self.writer.fresh("out")
        ends: list[set[str]] = []
        before = dict(self.narrowed), dict(self.origins)
        limit = self._limit(node)
        for item in items:
            if self.writer.ended:
                break
            taken = forms.placed(ast.Assign([node.target], item), node)
            body: list[ast.stmt] = [taken, *node.body]
            if limit is not None:
                body = [forms.placed(ast.If(ast.Compare(item, [ast.Lt()], [limit]), body, []), node)]
            if not jumps:
                self.block(body)
                continue
            again = self.writer.fresh("again")
            if limit is None:
                self.block([taken])
                body = node.body
            begun = dict(self.narrowed), dict(self.origins)
            assigned = set(self.assigned) - {name for one in node.body for n in ast.walk(one) for name in unbound(n)}
            loop = Loop(again, out, len(self.cleanups), self.writer.count(), "", ends=ends)
            self.loops.append(loop)
            self.block(body)
            self.loops.pop()
            for part in loop.writes:
                self.note_write(part)
            if self.loops:
                self.loops[-1].created |= loop.created
            self.writer.label(again)
            self._joined(names, assigned, begun)
        self.block(node.orelse)
        if not jumps:
            return
        if ends and not self.writer.ended:
            ends.append(set(self.assigned))
        self.writer.label(out)
        if ends:
            self._joined(names, set.intersection(*ends), before)

    def _item_kept(self, item: ast.expr, node: ast.For) -> ast.expr:
        """Return what stands for an item in the rounds: itself, or a variable that keeps what was computed before them."""
        if self._stays(item, assigned_names(node)):
            return item
        name = f"item-{item.lineno}-{item.col_offset}"
        self.block([forms.placed(ast.Assign([ast.Name(name, ast.Store())], item), node)])
        return forms.placed(ast.Name(name, ast.Load()), node)

    def _limit(self, node: ast.For) -> ast.expr | None:
        """Return where a range ends that has few rounds, though it is not known how many."""
        match node.iter:
            case ast.Call(args=[_, high]) if self._few(node) is not None:
                return high
        return None

    def _few(self, node: ast.For) -> int | None:
        """Return how many rounds a loop over a range has at most, if the text says so."""
        match node.iter:
            case ast.Call(func=ast.Name(id="range") as called, args=[ast.Name() as low, ast.Name() as high], keywords=[]):
                if self.qualified(called) != "builtins.range" or {low.id, high.id} & assigned_names(node):
                    return None
                if not all(n.id in self.assigned and self.locals.get(n.id) == t.INT for n in (low, high)):
                    return None
                most = longest(low, high, self.function.body)
                named = all(self.qualified(ast.Name(n, ast.Load())) == f"builtins.{n}" for n in ("min", "max"))
                return most if most is not None and 0 < most <= _FEW and named else None
        return None

    def _joined(self, names: set[str], assigned: set[str], known: tuple[dict[str, t.Type], dict[str, Term]]) -> None:
        """Know only what is known on every way here: what was known before, and not of what changed since."""
        self.assigned, self.narrowed, self.origins = set(assigned), dict(known[0]), dict(known[1])
        for name in names:
            self.forget(name)
        self.invalidate()

    def _known_items(self, node: ast.For) -> list[ast.expr] | None:
        """Return what a loop goes over, if that is known and short."""
        contract = self.function.loops.get(node, LoopContract())
        if contract.invariants or contract.decreases or contract.modifies or contract.reads:
            return None
        if self.function.contract.syntax is Syntax.NAGINI or any(isinstance(n, _DEFINING) for n in ast.walk(node)):
            return None
        if any(isinstance(n, ast.While | ast.For) and not self._is_listed(n) for s in node.body for n in ast.walk(s)):
            return None  # what that loop does is said once, for all rounds of this one
        items = self._items(node)
        if items is None or not 0 < len(items) <= _ROUNDS or self._copies * len(items) > _COPIES:
            return None
        if self._copies * len(items) * sum(1 for s in node.body for _ in ast.walk(s)) > _NODES:
            return None
        return items

    def _is_listed(self, node: ast.While | ast.For) -> bool:
        items = self._items(node) if isinstance(node, ast.For) else None
        return items is not None and len(items) <= _ROUNDS

    def _items(self, node: ast.For) -> list[ast.expr] | None:
        rounds = self._few(node)
        if rounds is not None:
            assert isinstance(node.iter, ast.Call)
            low = node.iter.args[0]
            return [ast.BinOp(low, ast.Add(), ast.Constant(i)) for i in range(rounds)]
        return self._listed(node.iter, assigned_names(node))

    def _listed(self, node: ast.expr, changed: set[str]) -> list[ast.expr] | None:
        match node:
            case ast.List(elts=items) | ast.Tuple(elts=items) if all(map(_plain_number, items)) and not any(
                self.has_effects(i) for i in items
            ):
                return items
            case ast.List(elts=items) | ast.Tuple(elts=items) if all(self._stays(i, changed) for i in items):
                return items
            case ast.Constant(value=str() as text):
                return [ast.Constant(c) for c in text[: _ROUNDS + 1]]
            case ast.Call(func=ast.Name(id="range") as called, args=arguments, keywords=[]) if arguments:
                numbers = [_number(a) for a in arguments]
                if self.qualified(called) != "builtins.range" or None in numbers or len(numbers) > 3 or numbers[2:] == [0]:
                    return None
                return [ast.Constant(i) if i >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-i)) for i in _first(numbers)]
            case ast.Name(id=name) if name not in self.locals and name not in self.names:
                value = self.module.constants.get(name)
                if isinstance(value, ast.Tuple) and all(_literal(i) for i in value.elts):
                    return value.elts
        return None

    def _stays(self, node: ast.expr, changed: set[str]) -> bool:
        """Whether an expression means the same in every round, and raises nothing."""
        match node:
            case ast.Tuple(elts=items):
                return all(self._stays(i, changed) for i in items)
            case ast.Name(id=name):
                return name not in changed and (name in self.names or (name in self.assigned and name in self.locals))
        return _literal(node)


def _plain_number(node: ast.expr) -> bool:
    """Whether an expression adds to and takes from names, numbers and items, and so gives a number, if it gives anything."""
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
            return _plain_number(left) and _plain_number(right)
        case ast.Subscript(value=ast.Name(), slice=ast.Constant(value=int())) | ast.Name() | ast.Constant(value=int()):
            return True
    return False


def _literal(node: ast.expr) -> bool:
    match node:
        case ast.Tuple(elts=items):
            return all(_literal(i) for i in items)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return True
    return isinstance(node, ast.Constant)


def _number(node: ast.expr) -> int | None:
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)) if not isinstance(value, bool):
            return -value
    return None


def _first(numbers: Sequence[int | None]) -> list[int]:
    own = range(*(n for n in numbers if n is not None))
    return [own[i] for i in range(min(len(own), _ROUNDS + 1))] if own else []


__all__ = ["Unrolling"]
