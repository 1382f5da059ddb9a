"""Reads procedures and their implementations."""

from __future__ import annotations

from probatum.ivl.syntax import tokens, tree
from probatum.ivl.syntax.parser.bodies import BodyParser
from probatum.ivl.syntax.parser.cursor import IDENTIFIERS
from probatum.ivl.syntax.parser.expressions import BOUND
from probatum.ivl.syntax.tree import Name, Variable, VariableKind

_SPECIFICATION = frozenset(["requires", "ensures", "modifies", "free", "measure"])


class ProcedureParser(BodyParser):
    """Reads declarations with parameters and a body.

    Attributes
    ----------
    declarations : list of Declaration
        What was read so far. A declaration with a body is in it before its body is read.
    """

    __slots__ = ("declarations",)

    def __init__(self, source: tokens.Tokens) -> None:
        super().__init__(source)
        self.declarations: list[tree.Declaration] = []

    def procedure(self, *, pure: bool) -> None:
        """Read a procedure; one with a body is two declarations."""
        self.expect("procedure")
        start, attributes, name, parameters, ins, outs = self._signature(where=True)
        answer = tree.Procedure(name.position, name.text, parameters, ins, outs, [], [], [], [], attributes, pure)
        self.declarations.append(answer)
        if self.kind == ";":
            self.advance()
            while self.kind in _SPECIFICATION:
                self._specification(answer)
        elif self.kind == "{" or self.kind in _SPECIFICATION:
            while self.kind in _SPECIFICATION:
                self._specification(answer)
            locals_, body = self.body(check=True)
            attributes, ins, outs = self._copies(start, answer)
            self.declarations.append(
                tree.Implementation(name.position, name.text, list(parameters), ins, outs, locals_, body, attributes)
            )
        else:
            self.unexpected("invalid Procedure")

    def implementation(self) -> None:
        """Read `implementation p(x: int) returns (y: int) { ... }`."""
        self.advance()
        _, attributes, name, parameters, ins, outs = self._signature(where=False)
        locals_, body = self.body(check=True)
        self.declarations.append(tree.Implementation(name.position, name.text, parameters, ins, outs, locals_, body, attributes))

    def formals(self, kind: VariableKind, *, where: bool) -> list[Variable]:
        """Read `(x, y: T where e, z: U)`; without `where`, conditions are errors."""
        self.expect("(")
        answer: list[Variable] = []
        if self.kind in BOUND:
            context = "procedure formals" if where else "the 'implementation' copies of formals"
            self.described_variables(answer, kind, context, where=where)
        self.expect(")")
        return answer

    def modifies(self) -> list[tree.Identifier]:
        """Read `modifies x, y;`."""
        self.expect("modifies")
        names = self.identifiers() if self.kind in IDENTIFIERS else []
        self.expect(";")
        return [tree.Identifier(name.position, name.text) for name in names]

    def _signature(self, *, where: bool) -> tuple[int, tree.Attributes, Name, list[Name], list[Variable], list[Variable]]:
        start = self.index
        attributes = self.attributes()
        name = self.identifier()
        parameters = self.type_parameters() if self.kind == "<" else []
        ins = self.formals(VariableKind.IN, where=where)
        outs: list[Variable] = []
        if self.kind == "returns":
            self.advance()
            outs = self.formals(VariableKind.OUT, where=where)
        return start, attributes, name, parameters, ins, outs

    def _specification(self, procedure: tree.Procedure) -> None:
        if self.kind == "modifies":
            procedure.modifies.extend(self.modifies())
            return
        free = self.kind == "free"
        if free:
            self.advance()
        word, position = self.kind, self.place(self.index)
        if word in ("requires", "ensures"):
            self.advance()
            attributes = self.attributes()
            condition = tree.Condition(position, attributes, free, self.expression())
            self.expect(";")
            (procedure.requires if word == "requires" else procedure.ensures).append(condition)
        elif word == "measure":
            procedure.measures.append(self.measure())
            self.expect(";")
        else:
            self.unexpected("invalid SpecPrePost")

    def _copies(self, start: int, procedure: tree.Procedure) -> tuple[tree.Attributes, list[Variable], list[Variable]]:
        """Return attributes and parameters for the implementation: what holds expressions is read once more."""
        plain = not any(
            attribute.values
            for attributes in (procedure.attributes, *(v.attributes for v in (*procedure.ins, *procedure.outs)))
            for attribute in attributes
        )
        if plain:
            ins, outs = ([self._stripped(v) for v in some] for some in (procedure.ins, procedure.outs))
            return list(procedure.attributes), ins, outs
        here, errors, last, bounds = self.index, self.errors, self.last_error, self.bounds
        self.index, self.kind, self.errors, self.bounds = start, self.kinds[start], [], []
        _, attributes, _, _, ins, outs = self._signature(where=True)
        self.index, self.kind, self.errors, self.last_error, self.bounds = here, self.kinds[here], errors, last, bounds
        for variable in (*ins, *outs):
            variable.where = None
        return attributes, ins, outs

    def _stripped(self, variable: Variable) -> Variable:
        return Variable(variable.position, variable.name, variable.written, variable.kind, None, list(variable.attributes))
