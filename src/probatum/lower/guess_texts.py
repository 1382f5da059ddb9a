"""Guesses as an author would write them: conditions on a loop, in the words of `probatum.spec`.

A guess may speak of how many rounds a `for` has done, and of the items that it
went over. Where the loop counts itself, over a range or with `enumerate`, its
counter says so. Elsewhere `at` stands for the number: whoever writes the
condition down has to count, too.
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from probatum.lower.forms import AT, SEEN, entry, start_of
from probatum.lower.lowered import Guess
from probatum.lower.substitution import replaced
from probatum.python.forms import EXISTS, FORALL, FRESH, IMPLIES, MULTISET, OLD, copied
from probatum.python.program import Place

COUNT = "at"
"""What counts the rounds in a text about a loop that does not count them."""

_words = {OLD: "old", FORALL: "forall", EXISTS: "exists", IMPLIES: "implies", MULTISET: "multiset", FRESH: "fresh"}
_MARK = "'"  # in names that no author can write


def written(claim: ast.expr, loop: ast.While | ast.For, place: Place, *, parameters: Collection[str]) -> Guess:
    """Return a guess about a loop as text.

    Parameters
    ----------
    claim : ast.expr
        In the normal form of `program`, over local variables, `SEEN`, `AT`, and what `entry` and `start_of` name.
    loop : ast.While or ast.For
    place : Place
        Where the loop is.
    parameters : collection of str
        Of the function.
    """
    taken = {n.id for one in (claim, loop) for n in ast.walk(one) if isinstance(n, ast.Name)}
    count = COUNT if COUNT not in taken else next(f"{COUNT}_{n}" for n in range(2, 99) if f"{COUNT}_{n}" not in taken)
    at, seen, counts = _course(loop, count)
    meanings: dict[str, ast.expr] = {entry(p): ast.Call(_name("old"), [_name(p)], []) for p in parameters}
    used = {n.id for n in ast.walk(claim) if isinstance(n, ast.Name)}
    counted = not counts and bool(used & {AT, SEEN})
    if at is not None:
        meanings[AT] = at
    if seen is not None:
        meanings[SEEN] = seen
    node = _Short().visit(_plain(_renamed(replaced(claim, meanings), taken | {count})))
    text = ast.unparse(ast.fix_missing_locations(node))
    names = _names_in(node)
    return Guess(place, _shown(text), exact=_MARK not in names and "__" not in names, count=count if counted else "")


def _course(loop: ast.While | ast.For, count: str) -> tuple[ast.expr | None, ast.expr | None, bool]:
    """Return what says how many rounds a loop has done, and which items it went over, and whether it counts them itself."""
    if isinstance(loop, ast.While):
        return None, None, True
    target, iterated = loop.target, loop.iter
    match iterated, target:
        case ast.Call(func=ast.Name(id="range"), args=[_], keywords=[]), ast.Name(id=counter):
            return _name(counter), _call("range", _name(counter)), True
        case ast.Call(func=ast.Name(id="range"), args=[first, _], keywords=[]), ast.Name(id=counter):
            return ast.BinOp(_name(counter), ast.Sub(), first), _call("range", first, _name(counter)), True
        case ast.Call(func=ast.Name(id="range"), args=[first, _, step], keywords=[]), ast.Name(id=counter):
            done = ast.BinOp(ast.BinOp(_name(counter), ast.Sub(), first), ast.FloorDiv(), step)
            return done, _call("range", first, _name(counter), step), True
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner], keywords=[]), ast.Tuple(elts=[ast.Name(id=counter), _]):
            return _name(counter), _part(inner, counter), True
    return _name(count), _part(iterated, count), False


def _part(collection: ast.expr, count: str) -> ast.expr | None:
    """Return the first items of a collection that has a name."""
    if isinstance(collection, ast.Name | ast.Attribute):
        return ast.Subscript(collection, ast.Slice(None, _name(count), None), ast.Load())
    return None


def _renamed(node: ast.expr, taken: set[str]) -> ast.expr:
    """Give bound variables names that can be written."""
    bound = {a.arg for n in ast.walk(node) if isinstance(n, ast.Lambda) for a in n.args.args if _MARK in a.arg}
    bound |= {
        n.id
        for c in ast.walk(node)
        if isinstance(c, ast.comprehension)
        for n in ast.walk(c.target)
        if isinstance(n, ast.Name) and _MARK in n.id
    }
    new: dict[str, str] = {}
    for name in sorted(bound):
        stem = name.replace(_MARK, "") or "k"
        fresh = next(f"{stem}{n or ''}" for n in range(99) if f"{stem}{n or ''}" not in taken)
        new[name] = fresh
        taken.add(fresh)
    result = copied(node)
    for one in ast.walk(result):
        if isinstance(one, ast.Name):
            one.id = new.get(one.id, one.id)
        elif isinstance(one, ast.arg):
            one.arg = new.get(one.arg, one.arg)
    return result


def _plain(node: ast.expr) -> ast.expr:
    """Put the words of `probatum.spec` in the place of those of the normal form."""
    result = copied(node)
    for one in ast.walk(result):
        if isinstance(one, ast.Name):
            one.id = _words.get(one.id, one.id)
    return result


class _Short(ast.NodeTransformer):
    """Writes differences as people do: `i <= n` for `0 <= n - i`."""

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """Leave out what is nothing."""
        self.generic_visit(node)
        nothing = isinstance(node.op, ast.Sub | ast.Add) and isinstance(node.right, ast.Constant) and node.right.value == 0
        return node.left if nothing else node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        """Compare operands instead of their difference with zero."""
        self.generic_visit(node)
        match node:
            case ast.Compare(ast.Constant(0), [ast.LtE()], [ast.BinOp(left, ast.Sub(), right)]):
                return ast.Compare(right, [ast.LtE()], [left])
        return node


def words_of(text: str) -> set[str]:
    """Return the words of `probatum.spec` that a condition uses."""
    names = {n.id for n in ast.walk(ast.parse(text, mode="eval")) if isinstance(n, ast.Name)}
    return names & set(_words.values())


def _names_in(node: ast.expr) -> str:
    return " ".join(n.id if isinstance(n, ast.Name) else n.arg for n in ast.walk(node) if isinstance(n, ast.Name | ast.arg))


def _shown(text: str) -> str:
    """Return a text in which names that cannot be written are told apart all the same."""
    return text.replace(start_of(""), "start_of_").replace(entry(""), "old_").replace(SEEN, "seen").replace(AT, COUNT)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _call(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(_name(name), list(arguments), [])


__all__ = ["COUNT", "words_of", "written"]
