"""Reads whole programs: the declarations at the top, one after the other."""

from __future__ import annotations

from collections.abc import Callable

from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax import tokens, tree
from probatum.ivl.syntax.parser.concurrency import ConcurrencyParser
from probatum.ivl.syntax.parser.cursor import IDENTIFIERS, MOVERS, TooDeepError
from probatum.ivl.syntax.parser.expressions import BOUND
from probatum.ivl.syntax.parser.types import TYPES, is_bare_name
from probatum.ivl.syntax.tree import Name, Variable, VariableKind


class DeclarationParser(ConcurrencyParser):
    """Reads declarations, and programs, which are made of them."""

    __slots__ = ()

    def program(self) -> tuple[tree.Program, list[StaticError]]:
        """Read all there is; call it once."""
        readers: dict[str, Callable[[], None]] = {
            "const": self._constants,
            "function": self._function,
            "revealed": self._function,
            "axiom": self._top_axiom,
            "hideable": self._top_axiom,
            "type": self._types,
            "datatype": self._datatype,
            "var": self._global_variables,
            "invariant": self.yield_invariant,
            "yield": self.yielding,
            "implementation": self.implementation,
            **dict.fromkeys(["pure", "action", "procedure", *MOVERS], self._pure_or_not),
        }
        try:
            while (reader := readers.get(self.kind)) is not None:
                reader()
            if self.kind != tokens.END:
                self.unexpected("EOF expected")
        except TooDeepError:
            pass  # reported where it was found
        self.errors.extend(error for _, error in self.pragmas)
        for bounds in self.bounds:
            message = "bitvector bounds in illegal position"
            self.errors.append(StaticError(bounds.position, message, "resolution"))
        return tree.Program(self.declarations), self.errors

    def _pure_or_not(self) -> None:
        pure = self.kind == "pure"
        if pure:
            self.advance()
        if self.kind == "procedure":
            self.procedure(pure=pure)
        elif self.kind == "action" or self.kind in MOVERS:
            self.action(pure=pure)
        else:
            self.unexpected("invalid BoogiePL")

    def _constants(self) -> None:
        position = self.place(self.index)
        self.advance()
        attributes = self.attributes()
        unique = self.kind == "unique"
        if unique:
            self.advance()
        names = self.identifiers()
        self.expect(":")
        written = self.type_()
        axioms: list[tree.Axiom] = []
        if self.kind == ";":
            self.advance()
        elif self.kind == "uses":
            axioms = self._uses()
        else:
            self.unexpected("invalid Consts")
        variables = [Variable(n.position, n.text, written, VariableKind.CONSTANT, None, attributes) for n in names]
        self.declarations.append(tree.ConstantGroup(position, unique, variables, axioms, attributes))

    def _uses(self) -> list[tree.Axiom]:
        self.expect("uses")
        self.expect("{")
        axioms: list[tree.Axiom] = []
        while self.kind in ("axiom", "hideable"):
            axioms.append(self._axiom())
        self.expect("}")
        return axioms

    def _axiom(self) -> tree.Axiom:
        hideable = self.kind == "hideable"
        if hideable:
            self.advance()
        self.expect("axiom")
        attributes = self.attributes()
        # The last token before the proposition: the word `axiom`, or the brace that closes the attributes.
        position = self.place(self.index - 1)
        expression = self.expression()
        self.expect(";")
        return tree.Axiom(position, attributes, expression, hideable)

    def _top_axiom(self) -> None:
        self.declarations.append(self._axiom())

    def _function(self) -> None:
        revealed = self.kind == "revealed"
        if revealed:
            self.advance()
        self.expect("function")
        attributes = self.attributes()
        name = self.identifier()
        parameters = self.type_parameters() if self.kind == "<" else []
        self.expect("(")
        arguments: list[Variable] = []
        if self.kind in TYPES or self.kind == "{":
            arguments.append(self._variable_or_type(VariableKind.IN))
            while self.kind == ",":
                self.advance()
                arguments.append(self._variable_or_type(VariableKind.IN))
        self.expect(")")
        result: Variable | None = None
        if self.kind == "returns":
            self.advance()
            self.expect("(")
            result = self._variable_or_type(VariableKind.OUT)
            self.expect(")")
        elif self.kind == ":":
            self.advance()
            written = self.type_()
            result = Variable(written.position, "", written, VariableKind.OUT)
        else:
            self.unexpected("invalid Function")
        body: tree.Expression | None = None
        axioms: list[tree.Axiom] = []
        if self.kind == "{":
            self.advance()
            body = self.expression()
            self.expect("}")
            if self.kind == "uses":
                axioms = self._uses()
        elif self.kind == "uses":
            axioms = self._uses()
        elif self.kind == ";":
            self.advance()
        else:
            self.unexpected("invalid Function")
        if result is None:
            position = self.place(self.index - 1)
            result = Variable(position, "", tree.TypeName(position, "int"), VariableKind.OUT)
        self._name_arguments(arguments)
        if body is not None:
            if tree.flag(attributes, "inline"):
                if tree.flag(attributes, "define"):
                    self.semantic("function cannot have both :inline and :define attributes")
            elif tree.flag(attributes, "define") and parameters:
                self.semantic("function with :define attribute has to be monomorphic")
        self.declarations.append(
            tree.Function(name.position, name.text, parameters, arguments, result, body, axioms, attributes, revealed)
        )

    def _name_arguments(self, arguments: list[Variable]) -> None:
        """In `f(x, y: int)` the `x` was read as a type: make it a name, with the type that follows."""
        if not any(argument.name for argument in arguments):
            return
        following: tree.TypeSyntax | None = None
        for argument in reversed(arguments):
            if argument.name:
                following = argument.written
                continue
            if following is None:
                message = "the type of the last parameter is unspecified"
                self.errors.append(StaticError(argument.position, message, "parse"))
                return
            if is_bare_name(argument.written):
                argument.name = argument.written.name
                argument.written = following
            else:
                message = "expecting an identifier as parameter name"
                self.errors.append(StaticError(argument.position, message, "parse"))

    def _variable_or_type(self, kind: VariableKind) -> Variable:
        attributes = self.attributes()
        written = self.type_()
        position = written.position
        name = ""
        if self.kind == ":":
            self.advance()
            if is_bare_name(written):
                name = written.name
            else:
                self.semantic("expected identifier before ':'")
            written = self.type_()
        return Variable(position, name, written, kind, None, attributes)

    def _types(self) -> None:
        self.advance()
        attributes = self.attributes()
        self._user_type(attributes)
        while self.kind == ",":
            self.advance()
            self._user_type(attributes)
        self.expect(";")

    def _user_type(self, attributes: tree.Attributes) -> None:
        name = self.identifier()
        parameters: list[Name] = []
        while self.kind in IDENTIFIERS:
            parameters.append(self.identifier())
        if self.kind == "=":
            self.advance()
            body = self.type_()
            self.declarations.append(tree.TypeSynonym(name.position, name.text, parameters, body, attributes))
        else:
            self.declarations.append(tree.TypeConstructor(name.position, name.text, len(parameters), attributes))

    def _datatype(self) -> None:
        self.advance()
        attributes = self.attributes()
        name = self.identifier()
        parameters = self.type_parameters() if self.kind == "<" else []
        answer = tree.Datatype(name.position, name.text, parameters, [], attributes)
        self.expect("{")
        taken: set[str] = set()
        self._constructor(answer, taken)
        while self.kind == ",":
            self.advance()
            self._constructor(answer, taken)
        self.expect("}")
        self.declarations.append(answer)

    def _constructor(self, datatype: tree.Datatype, taken: set[str]) -> None:
        name = self.identifier()
        fields: list[Variable] = []
        self.expect("(")
        if self.kind in BOUND:
            self.described_variables(fields, VariableKind.IN, "datatype constructor", where=False)
        self.expect(")")
        if name.text in taken:
            self.semantic(f"constructor name {name.text} used more than once in datatype")
        taken.add(name.text)
        datatype.constructors.append(tree.Constructor(name.position, name.text, fields, datatype))

    def _global_variables(self) -> None:
        position = self.place(self.index)
        variables = self.variables(VariableKind.GLOBAL, "global variables")
        self.declarations.append(tree.Globals(position, variables))
