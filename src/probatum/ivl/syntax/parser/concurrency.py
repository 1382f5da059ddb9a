"""Reads the declarations of the concurrency layer: to their end, and of each only its name is kept."""

from __future__ import annotations

from probatum.ivl.syntax import tree
from probatum.ivl.syntax.parser.cursor import MOVERS
from probatum.ivl.syntax.parser.expressions import EXPRESSIONS
from probatum.ivl.syntax.parser.procedures import ProcedureParser
from probatum.ivl.syntax.tree import VariableKind

_YIELD_SPECIFICATION = frozenset(["refines", "requires", "preserves", "ensures", "measure", "modifies"])
_ACTION_SPECIFICATION = frozenset(["refines", "modifies", "requires", "asserts"])


class ConcurrencyParser(ProcedureParser):
    """Reads yield procedures, yield invariants and actions."""

    __slots__ = ()

    def yielding(self) -> None:
        """Read `yield procedure` or `yield invariant` and what follows."""
        self.advance()
        if self.kind == "invariant":
            self.yield_invariant()
        elif self.kind == "procedure" or self.kind in MOVERS:
            self._yield_procedure()
        else:
            self.unexpected("invalid BoogiePL")

    def yield_invariant(self) -> None:
        """Read a yield invariant from the word `invariant` on."""
        self.expect("invariant")
        self.attributes()
        name = self.identifier()
        self.formals(VariableKind.IN, where=True)
        self.expect(";")
        while self.kind == "preserves":
            self.advance()
            self.attributes()
            self.expression()
            self.expect(";")
        self.declarations.append(tree.Concurrent(name.position, "yield invariant", name.text))

    def _yield_procedure(self) -> None:
        if self.kind in MOVERS:
            self.advance()
        self.expect("procedure")
        self._concurrent("yield procedure", _YIELD_SPECIFICATION, "invalid YieldProcedureDecl")

    def action(self, *, pure: bool) -> None:
        """Read an action, after the word `pure` if it has that."""
        mover = self.kind in MOVERS
        if mover:
            self.advance()
        self.expect("action")
        self._concurrent("action", _ACTION_SPECIFICATION, "invalid ActionDecl")
        if pure and mover:
            self.semantic("mover type unnecessary for pure action since it is a both mover")

    def _concurrent(self, word: str, clauses: frozenset[str], invalid: str) -> None:
        self.attributes()
        name = self.identifier()
        self.formals(VariableKind.IN, where=True)
        if self.kind == "returns":
            self.advance()
            self.formals(VariableKind.OUT, where=True)
        refined = False
        if self.kind == ";":
            self.advance()
            while self.kind in clauses:
                refined = self._concurrent_clause(word, refined=refined)
        elif self.kind == "{" or self.kind in clauses:
            while self.kind in clauses:
                refined = self._concurrent_clause(word, refined=refined)
            self.body(check=word != "action")
        else:
            self.unexpected(invalid)
        self.declarations.append(tree.Concurrent(name.position, word, name.text))

    def _concurrent_clause(self, word: str, *, refined: bool) -> bool:
        """Read one clause; return whether a `refines` was seen so far."""
        clause = self.kind
        if clause == "modifies":
            self.modifies()
            return refined
        self.advance()
        if clause == "refines":
            self._refines(word, refined=refined)
            return True
        if clause == "measure":
            self.attributes()
            self.expressions()
        elif clause != "asserts" and self.kind in ("call", "async", "free"):
            self.call(in_specification=True)
        elif self.kind == "{" or self.kind in EXPRESSIONS:
            self.attributes()
            self.expression()
        else:
            self.unexpected(f"invalid SpecYield{clause.capitalize()}")
        self.expect(";")
        return refined

    def _refines(self, word: str, *, refined: bool) -> None:
        self.attributes()
        anonymous = word != "action" and (
            self.kind == "action" or (self.kind in MOVERS and self.kinds[self.index + 1] == "action")
        )
        if anonymous:
            if self.kind in MOVERS:
                self.advance()
            self.expect("action")
            self.attributes()
            self.identifier()
            self.body(check=False)
        else:
            self.identifier()
        if refined:
            self.semantic("a refines specification already exists")
        if not anonymous:
            self.expect(";")
