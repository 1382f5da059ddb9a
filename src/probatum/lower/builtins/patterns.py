"""Regular expressions that are written as constants, and what they match.

A match is a value of the logic, the same for the same expression and string; that CPython makes two objects of it is
seen by `is` and `==` alone, which are open, or refused. What an expression says of strings is in `regular`.
"""

from __future__ import annotations

import ast
import hashlib
import re
from functools import partialmethod

from probatum.lower import matching, regular
from probatum.lower.builtins.combining import Combining
from probatum.lower.lowered import Kind
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply, conditional, conjunction
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

PATTERN, MATCH = t.Instance("re.Pattern", (t.STR,)), t.Instance("re.Match", (t.STR,))
_FLAGS = {
    **dict.fromkeys(("A", "ASCII"), re.ASCII),
    **dict.fromkeys(("I", "IGNORECASE"), re.IGNORECASE),
    **dict.fromkeys(("M", "MULTILINE"), re.MULTILINE),
    **dict.fromkeys(("S", "DOTALL"), re.DOTALL),
    **dict.fromkeys(("X", "VERBOSE"), re.VERBOSE),
    **dict.fromkeys(("U", "UNICODE"), re.UNICODE),
    "NOFLAG": re.NOFLAG,
}


class Patterns(Combining):
    """What `re` means."""

    # --- expressions -------------------------------------------------------------------------

    def library_re_compile(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`re.compile(p)` and `re.compile(p, flags)`."""
        del expected
        if not 1 <= len(node.args) <= 2:
            raise Unsupported("`re.compile` of these arguments", node)
        return self._compiled(node.args[0], self._flags(node, 1), node)

    def _asked(self, node: ast.Call, expected: t.Type | None, *, asked: str) -> Term:
        del expected
        if not 2 <= len(node.args) <= 3:
            raise Unsupported(f"`re.{asked}` of these arguments", node)
        pattern = self._compiled(node.args[0], self._flags(node, 2), node)
        return self._matched(pattern, self.evaluate(node.args[1]), asked, node)

    library_re_match = partialmethod(_asked, asked="match")
    library_re_fullmatch = partialmethod(_asked, asked="fullmatch")
    library_re_search = partialmethod(_asked, asked="search")

    def _flags(self, node: ast.Call, place: int) -> int:
        given = [k.value for k in node.keywords if k.arg == "flags"] + node.args[place : place + 1]
        if len(given) != len(node.keywords) + len(node.args[place:]) or len(given) > 1:
            raise Unsupported(f"`{ast.unparse(node.func)}` of these arguments", node)
        return self._flag(given[0]) if given else 0

    def _flag(self, node: ast.expr) -> int:
        found, pending = 0, [node]
        while pending:
            one = pending.pop()
            if isinstance(one, ast.BinOp) and isinstance(one.op, ast.BitOr):
                pending += [one.left, one.right]
                continue
            qualified = (self.qualified(one) or "").removeprefix("re.").removeprefix("RegexFlag.")
            if isinstance(one, ast.Constant) and one.value == 0:
                continue
            if qualified not in _FLAGS:
                raise Unsupported(f"the flags `{ast.unparse(node)}` of a regular expression", node)
            found |= int(_FLAGS[qualified])
        return found

    def _written(self, node: ast.expr, depth: int = 20) -> str:
        """Return the text of an expression that is a constant."""
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.BinOp(op=ast.Add(), left=left, right=right) if depth:
                return self._written(left, depth - 1) + self._written(right, depth - 1)
            case ast.Name() | ast.Attribute() if depth:
                owner, _, name = (self.qualified(node) or "").rpartition(".")
                module = self.program.modules.get(owner)
                if module is not None and name in module.constants and name not in module.variables:
                    with self.contract_of({}, view=self.view, old_view=self.view, module=module):
                        return self._written(module.constants[name], depth - 1)
        raise Unsupported("a regular expression that is not written as a constant", node)

    def _compiled(self, written: ast.expr, flags: int, node: ast.AST) -> Term:
        text = self._written(written)
        digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()  # two texts must not share a name
        name = f"Pattern'{digest[:32]}'{flags:x}"
        if name not in self.symbols.declarations:
            try:
                said = regular.read(text, flags)
            except regular.Unreadable as error:
                raise Unsupported(str(error), node) from None
            for group in said.names:
                self._group_name(group)
            lines = [f"const {name}: Pattern;"]
            lines += [f"axiom Pattern_index({name}, {self._group_name(group)}) == {n};" for group, n in said.names.items()]
            self.symbols.groups[name] = said.count
            self.symbols.declarations[name] = "\n".join([*lines, *matching.axioms(name, said)])
        return Term(name, PATTERN)

    def _group_name(self, group: str) -> str:
        name = f"Group'{mangled(group)}"
        self.symbols.declarations.setdefault(name, f"const unique {name}: Group_name;")
        return name

    # --- matches ------------------------------------------------------------------------------

    def _matched(self, pattern: Term, value: Term, asked: str, node: ast.AST) -> Term:
        text = self.coerce(value, t.STR, node).text
        whether, which = matching.ASKED[asked]
        own = t.optional(MATCH)
        self.sort(own)
        found = apply("Some", apply(which, pattern.text, text))
        return Term(conditional(apply(whether, pattern.text, text), found, "None_()"), own)

    def method_pattern_match(self, receiver: Term, node: ast.Call, string: Term) -> Term:
        """`p.match(s)`."""
        return self._matched(receiver, string, "match", node)

    def method_pattern_fullmatch(self, receiver: Term, node: ast.Call, string: Term) -> Term:
        """`p.fullmatch(s)`."""
        return self._matched(receiver, string, "fullmatch", node)

    def method_pattern_search(self, receiver: Term, node: ast.Call, string: Term) -> Term:
        """`p.search(s)`."""
        return self._matched(receiver, string, "search", node)

    def method_pattern_findall(self, receiver: Term, node: ast.Call, string: Term) -> Term:
        """`p.findall(s)` of expressions with at most one group."""
        if self._groups_of(receiver, node) > 1:
            raise Unsupported("`findall` of an expression with several groups", node)
        return self._texts("Pattern_findall", receiver, string, node)

    def method_pattern_split(self, receiver: Term, node: ast.Call, string: Term) -> Term:
        """`p.split(s)` of expressions without groups."""
        if self._groups_of(receiver, node):
            raise Unsupported("`split` by an expression with groups", node)
        return self._texts("Pattern_split", receiver, string, node)

    def method_pattern_sub(self, receiver: Term, node: ast.Call, instead: Term, string: Term) -> Term:
        """`p.sub(t, s)`, where `t` is a constant in which nothing has a meaning of its own."""
        match node.args[-2]:
            case ast.Constant(value=str(text)) if "\\" not in text:
                own = self.coerce(string, t.STR, node).text
                return Term(apply("Pattern_sub", receiver.text, self.coerce(instead, t.STR, node).text, own), t.STR)
        raise Unsupported("`sub` by something else than a constant without `\\`", node)

    def _texts(self, function: str, receiver: Term, string: Term, node: ast.AST) -> Term:
        text = apply(function, receiver.text, self.coerce(string, t.STR, node).text)
        return Term(text, t.Collection("list", t.STR), content=True)

    def _groups_of(self, pattern: Term, node: ast.AST) -> int:
        """Return how many groups an expression has that is known here."""
        if pattern.text not in self.symbols.groups:
            raise Unsupported("what a regular expression finds that is not known here", node)
        return self.symbols.groups[pattern.text]

    def _through(self, node: ast.Call, expected: t.Type | None, *, method: str, count: int) -> Term:
        del expected
        if len(node.args) != count or node.keywords:
            raise Unsupported(f"`re.{method}` of these arguments", node)
        pattern = self._compiled(node.args[0], 0, node)
        own = self.in_order(node.args[1:])
        return getattr(self, f"method_pattern_{method}")(pattern, node, *own)  # type: ignore[no-any-return]  # a method of this class

    library_re_findall = partialmethod(_through, method="findall", count=2)
    library_re_split = partialmethod(_through, method="split", count=2)
    library_re_sub = partialmethod(_through, method="sub", count=3)

    def _group_number(self, receiver: Term, group: ast.expr | None, node: ast.AST) -> str:
        """Return the number of a group, which there must be."""
        pattern = apply("Match_pattern", receiver.text)
        match group:
            case None | ast.Constant(value=0):
                return "0"
            case ast.Constant(value=bool()):
                pass
            case ast.Constant(value=int(number)):
                self.demand(
                    f"({number} <= {apply('Pattern_groups', pattern)})",
                    Kind.INDEX,
                    node,
                    "there must be such a group",
                    "IndexError",
                )
                return str(number)
            case ast.Constant(value=str(name)):
                index = apply("Pattern_index", pattern, self._group_name(name))
                known = conjunction(f"(1 <= {index})", f"({index} <= {apply('Pattern_groups', pattern)})")
                self.demand(known, Kind.INDEX, node, "there must be a group of that name", "IndexError")
                return index
        raise Unsupported("a group whose number or name is not written as a constant", node)

    def _group(self, receiver: Term, number: str) -> Term:
        text = apply("Match_group", receiver.text, number)
        if number == "0":
            return Term(text, t.STR)
        own = t.optional(t.STR)
        self.sort(own)
        return Term(conditional(f"({apply('Match_start', receiver.text, number)} < 0)", "None_()", apply("Some", text)), own)

    def method_match_group(self, receiver: Term, node: ast.Call, *groups: Term) -> Term:
        """`m.group()`, `m.group(1)`, `m.group("name")`, and of several: a tuple."""
        del groups
        found = [self._group(receiver, self._group_number(receiver, one, node)) for one in (node.args or (None,))]
        return found[0] if len(found) == 1 else self.tuple_of(found)

    def method_match_groups(self, receiver: Term, node: ast.Call) -> Term:
        """`m.groups()`."""
        del node
        count = apply("Pattern_groups", apply("Match_pattern", receiver.text))
        every = self.made(count, lambda k: self._group(receiver, f"({k} + 1)"))
        return Term(every.text, t.Collection("tuple", t.optional(t.STR)))

    def _edge(self, receiver: Term, node: ast.Call, group: Term | None = None, *, edges: tuple[str, ...]) -> Term:
        del group
        number = self._group_number(receiver, node.args[0] if node.args else None, node)
        found = [Term(apply(f"Match_{edge}", receiver.text, number), t.INT) for edge in edges]
        return found[0] if len(found) == 1 else self.tuple_of(found)

    method_match_start = partialmethod(_edge, edges=("start",))
    method_match_end = partialmethod(_edge, edges=("end",))
    method_match_span = partialmethod(_edge, edges=("start", "end"))

    def subscript(self, collection: Term, index: Term, node: ast.AST) -> Term:
        """`m[1]`."""
        if t.without_none(collection.type) == MATCH and isinstance(node, ast.Subscript):
            return self._group(collection, self._group_number(collection, node.slice, node))
        return super().subscript(collection, index, node)

    # --- what all values do -------------------------------------------------------------------

    def truth(self, term: Term, node: ast.AST) -> str:
        """Return whether a value counts as true: all expressions and matches do."""
        return "true" if term.type in (MATCH, PATTERN) else super().truth(term, node)

    def comparable(self, sort: str, node: ast.AST) -> None:
        """Demand that values of a sort are equal just if they are the same: matches are compared by identity."""
        if {"Match", "Pattern"} & set(re.findall(r"\w+", sort)):
            raise Unsupported("a comparison of regular expressions or of matches", node)
        super().comparable(sort, node)


__all__ = ["MATCH", "PATTERN", "Patterns"]
