"""Reads expressions, and what is made of expressions: attributes, triggers, variables with their types.

Nesting is limited (`walk.MAXIMUM_NESTING`); chains are not, and are read in loops.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from fractions import Fraction
from typing import TypeAlias, TypeVar

from probatum.ivl.syntax import floats, numerals, tokens, tree, walk
from probatum.ivl.syntax.parser.cursor import IDENTIFIERS
from probatum.ivl.syntax.parser.types import TYPES, TypeParser
from probatum.ivl.syntax.tree import LiteralKind, Name, Position, Variable, VariableKind

_ROUNDING = {
    "roundNearestTiesToEven": "RNE",
    "roundNearestTiesToAway": "RNA",
    "roundTowardPositive": "RTP",
    "roundTowardNegative": "RTN",
    "roundTowardZero": "RTZ",
} | {short: short for short in ("RNE", "RNA", "RTP", "RTN", "RTZ")}
_NUMBERS = frozenset([tokens.DIGITS, tokens.BITS, tokens.DECIMAL, tokens.FRACTION, tokens.FLOAT])
_ATOMS = IDENTIFIERS | _NUMBERS | _ROUNDING.keys() | {tokens.STRING, "false", "true", "old", "int", "real", "(", "if", "|{"}
EXPRESSIONS = _ATOMS | {"-", "!"}
"""What an expression begins with."""
BOUND = IDENTIFIERS | {"{"}
"""What the variables of a quantifier and the parameters of a procedure begin with."""

_RELATION = 4
_LEVELS = {
    "<==>": 1, "==>": 2, "<==": 2, "&&": 3, "||": 3,
    "==": _RELATION, "!=": _RELATION, "<": _RELATION, "<=": _RELATION, ">": _RELATION, ">=": _RELATION,
    "++": 5, "+": 6, "-": 6, "*": 7, "div": 7, "mod": 7, "/": 7, "**": 8,
}  # fmt: skip
_TOO_LONG = f"number has more than {numerals.MAXIMUM_DIGITS} digits"

_T = TypeVar("_T")
_Pending: TypeAlias = tuple[int, str, int, tree.Expression]  # level, operator, its token, the left operand


class _Bounds(tree.Literal):
    """`upper:lower` while the bracket around it is open; its value is the upper bound."""

    __slots__ = ("lower",)

    def __init__(self, position: Position, upper: int, lower: int) -> None:
        super().__init__(position, LiteralKind.INT, upper, str(upper))
        self.lower = lower


class ExpressionParser(TypeParser, ABC):
    """Reads expressions, attributes, and variables with their types.

    Attributes
    ----------
    bounds : list of Literal
        Each `upper:lower` whose bracket was not read yet; those that are left at the end of the text are errors.
    """

    __slots__ = ("bounds",)

    def __init__(self, source: tokens.Tokens) -> None:
        super().__init__(source)
        self.bounds: list[_Bounds] = []

    @abstractmethod
    def code(self) -> tree.Code:
        """Read `|{ var x: int; b: x := 1; return x; }|`, for which one must know commands."""

    # Attributes and triggers

    def attributes(self) -> tree.Attributes:
        """Read `{:key value, ...}`, as many as there are."""
        answer: tree.Attributes = []
        while self.kind == "{":
            triggers: list[tree.Trigger] = []
            self._attribute_or_trigger(answer, triggers)
            if triggers:
                self.semantic("only attributes, not triggers, allowed here")
        return answer

    def _attribute_or_trigger(self, attributes: tree.Attributes, triggers: list[tree.Trigger]) -> None:
        position = self.place(self.index)
        self.expect("{")
        if self.kind == ":":
            self.advance()
            key = self.identifier().text
            values: list[tree.Expression | str] = []
            if self.kind in EXPRESSIONS:
                values.append(self._attribute_value())
                while self.kind == ",":
                    self.advance()
                    values.append(self._attribute_value())
            if key != "nopats":
                attributes.append(tree.Attribute(position, key, values))
            elif len(values) == 1 and not isinstance(values[0], str):
                triggers.append(tree.Trigger(position, [values[0]], positive=False))
            else:
                self.semantic("the 'nopats' quantifier attribute expects a string-literal parameter")
        elif self.kind in EXPRESSIONS:
            triggers.append(tree.Trigger(position, self.expressions()))
        else:
            self.unexpected("invalid AttributeOrTrigger")
        self.expect("}")

    def _attribute_value(self) -> tree.Expression | str:
        if self.kind == tokens.STRING:
            self.advance()
            return self.texts[self.index - 1][1:-1]
        if self.kind in EXPRESSIONS:
            return self.expression()
        self.unexpected("invalid AttributeParameter")
        return "error"

    # Variables with their types

    def variables(self, kind: VariableKind, context: str) -> list[Variable]:
        """Read `var {:a} x, y: T where e, z: U;`."""
        self.expect("var")
        attributes = self.attributes()
        variables: list[Variable] = []
        self._typed_names(variables, attributes, kind, context, where=True)
        while self.kind == ",":
            self.advance()
            self._typed_names(variables, attributes, kind, context, where=True)
        self.expect(";")
        return variables

    def described_variables(self, to: list[Variable], kind: VariableKind, context: str, *, where: bool) -> None:
        """Read `{:a} x, y: T where e, z: U`."""
        attributes = self.attributes()
        self._typed_names(to, attributes, kind, context, where=where)
        while self.kind == ",":
            self.advance()
            attributes = self.attributes()
            self._typed_names(to, attributes, kind, context, where=where)

    def _typed_names(
        self, to: list[Variable], attributes: tree.Attributes, kind: VariableKind, context: str, *, where: bool
    ) -> None:
        names = self.identifiers()
        self.expect(":")
        written = self.type_()
        condition: tree.Expression | None = None
        if self.kind == "where":
            self.advance()
            condition = self.expression()
            if not where:
                self.semantic(f"where clause not allowed on {context}")
                condition = None
        to.extend(Variable(name.position, name.text, written, kind, condition, attributes) for name in names)

    # Operators

    def expressions(self) -> list[tree.Expression]:
        """Read `a, b, c`."""
        answer = [self.expression()]
        while self.kind == ",":
            self.advance()
            answer.append(self.expression())
        return answer

    def expression(self) -> tree.Expression:
        """Read an expression."""
        self.depth += 1
        if self.depth > walk.MAXIMUM_NESTING:
            self.depth -= 1
            self.deeper()
        answer = self._operand()
        if self.kind in _LEVELS:
            answer = self._chain(answer)
        self.depth -= 1
        return answer

    def _chain(self, left: tree.Expression) -> tree.Expression:
        """Read operators and operands after the first operand; what waits for its right operand is in `pending`."""
        pending: list[_Pending] = []
        while (level := _LEVELS.get(self.kind)) is not None:
            operator = self.kind
            while pending and pending[-1][0] > level:
                left = self._joined(pending.pop(), left)
            mixed = False
            if pending and pending[-1][0] == level:
                before = pending[-1][1]
                if level == _RELATION or (level == 3 and before != operator) or (before, operator) == ("<==", "==>"):
                    break  # these do not go together without parentheses: the expression ends here
                mixed = before == "==>" and operator == "<=="
                if operator not in ("==>", "**") and not mixed:
                    left = self._joined(pending.pop(), left)
            index = self.index
            self.advance()
            if mixed:
                self.semantic("illegal mixture of ==> and <==, use parentheses to disambiguate")
            pending.append((level, operator, index, left))
            left = self._operand()
        while pending:
            left = self._joined(pending.pop(), left)
        return left

    def _joined(self, pending: _Pending, right: tree.Expression) -> tree.Expression:
        _, operator, index, left = pending
        return tree.Binary(self.place(index), operator, left, right)

    def _operand(self) -> tree.Expression:
        kind = self.kind
        if kind in _ATOMS:
            return self._completed(self._atom())
        if kind not in ("-", "!"):
            self.unexpected("invalid UnaryExpression")
            return self.dummy()
        signs: list[int] = []
        while self.kind in ("-", "!"):
            signs.append(self.index)
            self.advance()
        answer: tree.Expression
        if self.kind in _ATOMS:
            answer = self._coerced(self._atom())
        else:
            self.unexpected("invalid UnaryExpression")
            answer = self.dummy()
        for index in reversed(signs):
            answer = tree.Unary(self.place(index), self.kinds[index], answer)
        return self._tested(answer) if self.kind == "is" else answer

    def dummy(self) -> tree.Expression:
        """Return what stands for a missing expression."""
        return tree.Literal(self.place(self.index), LiteralKind.BOOL, False, "false")

    # What comes after an operand

    def _completed(self, atom: tree.Expression) -> tree.Expression:
        if self.kind in ("[", "->", ":"):
            atom = self._coerced(atom)
        return self._tested(atom) if self.kind == "is" else atom

    def _tested(self, operand: tree.Expression) -> tree.Expression:
        position = self.place(self.index)
        self.expect("is")
        name = self.identifier()
        return tree.IsConstructor(position, operand, name.text, name.position)

    def _coerced(self, atom: tree.Expression) -> tree.Expression:
        while self.kind in ("[", "->"):
            atom = self._bracket(atom) if self.kind == "[" else self._field(atom)
        while self.kind == ":":
            index = self.index
            self.advance()
            if self.kind in TYPES:
                atom = tree.Ascription(self.place(index), atom, self.type_())
            elif self.kind == tokens.DIGITS:
                lower = self._natural()
                upper = 0
                if type(atom) is tree.Literal and atom.kind is LiteralKind.INT and isinstance(atom.value, int):
                    upper = atom.value
                else:
                    self.semantic("arguments of extract need to be integer literals")
                atom = _Bounds(self.place(index), upper, lower)
                self.bounds.append(atom)
            else:
                self.unexpected("invalid CoercionExpression")
        return atom

    def _field(self, operand: tree.Expression) -> tree.Expression:
        position = self.place(self.index)
        self.expect("->")
        if self.kind == "(":
            self.advance()
            name = self.identifier()
            position = self.place(self.index)
            self.expect(":=")
            value = self.expression()
            self.expect(")")
            return tree.FieldUpdate(position, operand, name.text, name.position, value)
        if self.kind not in IDENTIFIERS:
            self.unexpected("invalid ArrayExpression")
            return operand
        name = self.identifier()
        return tree.Field(position, operand, name.text, name.position)

    def _bracket(self, operand: tree.Expression) -> tree.Expression:
        position = self.place(self.index)
        self.expect("[")
        indexes: list[tree.Expression] = []
        bounds: _Bounds | None = None
        value: tree.Expression | None = None
        if self.kind in EXPRESSIONS:
            first = self.expression()
            if isinstance(first, _Bounds):
                bounds = first
                self.bounds.remove(first)
            indexes.append(first)
            while self.kind == ",":
                self.advance()
                one = self.expression()
                if bounds is not None or isinstance(one, _Bounds):
                    self.semantic("bitvectors only have one dimension")
                indexes.append(one)
        if self.kind == ":=":
            self.advance()
            value = self.expression()
            if bounds is not None or isinstance(value, _Bounds):
                self.semantic("assignment to bitvectors is not possible")
        self.expect("]")
        if value is not None:
            return tree.Store(position, operand, indexes, value)
        if bounds is not None and isinstance(bounds.value, int):
            return tree.Extract(position, operand, bounds.value, bounds.lower)
        return tree.Select(position, operand, indexes)

    # Atoms

    def _atom(self) -> tree.Expression:
        index, kind = self.index, self.kind
        if kind in IDENTIFIERS:
            self.index = index + 1
            self.kind = self.kinds[index + 1]
            if self.kind != "(":
                return tree.Identifier(self.place(index), self.texts[index])
            self.advance()
            arguments: list[tree.Expression] = []
            if self.kind in EXPRESSIONS:
                arguments = self.expressions()
            elif self.kind != ")":
                self.unexpected("invalid AtomExpression")
            self.expect(")")
            return tree.Application(self.place(index), self.texts[index], arguments)
        if kind == tokens.DIGITS:
            return self._literal(index, LiteralKind.INT, self._natural())
        if kind == "(":
            return self._parenthesised()
        if kind in ("false", "true"):
            self.advance()
            return self._literal(index, LiteralKind.BOOL, kind == "true")
        if kind == "if":
            return self._if_then_else()
        if kind in ("old", "int", "real"):
            self.advance()
            self.expect("(")
            operand = self.expression()
            self.expect(")")
            if kind == "old":
                return tree.Old(self.place(index), operand)
            return tree.Conversion(self.place(index), kind, operand)
        if kind == "|{":
            return self.code()
        self.advance()
        text = self.texts[index]
        if kind == tokens.STRING:
            return self._literal(index, LiteralKind.STRING, text.strip('"'))
        if kind in _ROUNDING:
            return self._literal(index, LiteralKind.ROUNDING, _ROUNDING[kind])
        if kind == tokens.BITS:
            bits = self._within(numerals.bits(text), (0, 0), "incorrectly formatted bitvector")
            return self._literal(index, LiteralKind.BITS, bits)
        if kind == tokens.FLOAT:
            if not floats.representable(text):
                self.semantic("incorrectly formatted floating point")
            return self._literal(index, LiteralKind.FLOAT, text)
        return self._literal(index, LiteralKind.REAL, self._within(numerals.rational(text), Fraction(0), _TOO_LONG))

    def _literal(self, index: int, kind: LiteralKind, value: bool | int | Fraction | tuple[int, int] | str) -> tree.Literal:
        return tree.Literal(self.place(index), kind, value, self.texts[index])

    def _natural(self) -> int:
        value = numerals.natural(self.texts[self.index])
        self.advance()
        return self._within(value, 0, _TOO_LONG)

    def _within(self, value: _T | None, instead: _T, message: str) -> _T:
        if value is None:
            self.semantic(message)
            return instead
        return value

    def _parenthesised(self) -> tree.Expression:
        self.advance()
        answer: tree.Expression
        if self.kind in EXPRESSIONS:
            answer = self.expression()
            if isinstance(answer, _Bounds):
                self.semantic("parentheses around bitvector bounds are not allowed")
        elif self.kind in ("forall", "exists", "lambda"):
            answer = self._quantifier()
        elif self.kind == "var":
            answer = self._let()
        else:
            self.unexpected("invalid AtomExpression")
            answer = self.dummy()
        self.expect(")")
        return answer

    def _quantifier(self) -> tree.Quantifier:
        kind, position = self.kind, self.place(self.index)
        self.advance()
        parameters: list[Name] = []
        bound: list[Variable] = []
        if self.kind == "<":
            parameters = self.type_parameters()
            if self.kind in BOUND:
                self.described_variables(bound, VariableKind.BOUND, "bound variables", where=False)
        elif self.kind in BOUND:
            self.described_variables(bound, VariableKind.BOUND, "bound variables", where=False)
        else:
            self.unexpected("invalid QuantifierBody")
        if self.kind == "::":
            self.advance()
        else:
            self.unexpected("invalid QSep")
        attributes: tree.Attributes = []
        triggers: list[tree.Trigger] = []
        while self.kind == "{":
            self._attribute_or_trigger(attributes, triggers)
        body = self.expression()
        if kind == "lambda" and triggers:
            self.semantic("triggers not allowed in lambda expressions")
        return tree.Quantifier(position, kind, parameters, bound, attributes, triggers, body)

    def _let(self) -> tree.Let:
        position = self.place(self.index)
        self.expect("var")
        bound = [self._let_variable()]
        while self.kind == ",":
            self.advance()
            bound.append(self._let_variable())
        self.expect(":=")
        values = self.expressions()
        self.expect(";")
        attributes = self.attributes()
        return tree.Let(position, bound, values, attributes, self.expression())

    def _let_variable(self) -> Variable:
        attributes = self.attributes()
        name = self.identifier()
        return Variable(name.position, name.text, None, VariableKind.BOUND, None, attributes)

    def _if_then_else(self) -> tree.Expression:
        parts: list[tuple[Position, tree.Expression, tree.Expression]] = []
        while self.kind == "if":
            position = self.place(self.index)
            self.advance()
            condition = self.expression()
            self.expect("then")
            then = self.expression()
            self.expect("else")
            parts.append((position, condition, then))
        answer = self.expression()
        for number in range(len(parts) - 1, -1, -1):
            position, condition, then = parts[number]
            answer = tree.IfThenElse(position, condition, then, answer)
            if number:
                # It is the start of the expression after the `else` before it, which may go on here.
                answer = self._completed(answer)
                if self.kind in _LEVELS:
                    answer = self._chain(answer)
        return answer
