"""From text to tree.

The parser looks one token ahead. After an error it goes on at the same token,
as if what is missing were there; an error fewer than two tokens after another
is not reported. So the errors are those that Boogie reports, at the same places.

Nesting is limited (`walk.MAXIMUM_NESTING`); chains are not. A chain is what needs
no bracket to go on: `a && b && c`, `a ==> b ==> c`, `!!!a`, `m[i][j]`,
`if a then b else if c then d else e`, and the `else if` of statements. Chains
make deep trees, so what works on trees uses `walk`, or a loop along the chain.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from fractions import Fraction
from typing import TypeAlias, TypeGuard

from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax import floats, tokens, tree, walk
from probatum.ivl.syntax.tree import LiteralKind, Name, Position, Variable, VariableKind

MAXIMUM_DIGITS = 4000
"""How many digits a number may have, and how large the exponent of a decimal may be."""

_IDENTIFIERS = frozenset([tokens.IDENTIFIER, "atomic", "both", "left", "right", "reveal", "hide", "push", "pop"])
_ROUNDING = {
    "roundNearestTiesToEven": "RNE",
    "roundNearestTiesToAway": "RNA",
    "roundTowardPositive": "RTP",
    "roundTowardNegative": "RTN",
    "roundTowardZero": "RTZ",
} | {short: short for short in ("RNE", "RNA", "RTP", "RTN", "RTZ")}
_NUMBERS = frozenset([tokens.DIGITS, tokens.BITS, tokens.DECIMAL, tokens.FRACTION, tokens.FLOAT])
_ATOMS = _IDENTIFIERS | _NUMBERS | _ROUNDING.keys() | {tokens.STRING, "false", "true", "old", "int", "real", "(", "if", "|{"}
_EXPRESSIONS = _ATOMS | {"-", "!"}
_TYPES = _IDENTIFIERS | {"int", "real", "bool", "(", "[", "<"}
_BASIC_TYPES = frozenset(["int", "real", "bool"])
_BOUND = _IDENTIFIERS | {"{"}
_COMMANDS = _IDENTIFIERS | {"assert", "assume", "measure", "havoc", "async", "free", "call"}
_STRUCTURED = frozenset(["if", "while", "break"])
_STATEMENTS = _COMMANDS | _STRUCTURED | {"goto", "return"}
_SPECIFICATION = frozenset(["requires", "ensures", "modifies", "free", "measure"])
_YIELD_SPECIFICATION = frozenset(["refines", "requires", "preserves", "ensures", "measure", "modifies"])
_ACTION_SPECIFICATION = frozenset(["refines", "modifies", "requires", "asserts"])
_MOVERS = frozenset(["left", "right", "both", "atomic"])

_RELATION = 4
_LEVELS = {
    "<==>": 1, "==>": 2, "<==": 2, "&&": 3, "||": 3,
    "==": _RELATION, "!=": _RELATION, "<": _RELATION, "<=": _RELATION, ">": _RELATION, ">=": _RELATION,
    "++": 5, "+": 6, "-": 6, "*": 7, "div": 7, "mod": 7, "/": 7, "**": 8,
}  # fmt: skip

_tuple = tuple.__new__  # makes a Position in half the time: there is one for most tokens

_Pending: TypeAlias = tuple[int, str, int, tree.Expression]  # level, operator, its token, the left operand


def parse(text: str, file: str, *, defines: frozenset[str] = frozenset()) -> tuple[tree.Program, list[StaticError]]:
    """Parse one text.

    Parameters
    ----------
    text : str
    file : str
        The name for positions.
    defines : frozenset of str
        The names that hold in `#if NAME`.

    Returns
    -------
    Program
        If there are errors it lacks what they are about and is good for nothing but messages.
    list of StaticError
        In the order of their detection, as Boogie reports them. Their phase is `parse`, or
        `resolution` for bit-vector bounds at a place that has none.
    """
    walk.make_room()
    # Nothing that is made here becomes garbage before the end, and looking for some takes longer than parsing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _Parser(tokens.tokenise(text, file, defines=defines)).program()
    finally:
        if collecting:
            gc.enable()


class _TooDeepError(Exception):
    """Nesting beyond the limit: nothing after it is read."""


class _Bounds(tree.Literal):
    """`upper:lower` while the bracket around it is open; its value is the upper bound."""

    __slots__ = ("lower",)

    def __init__(self, position: Position, upper: int, lower: int) -> None:
        super().__init__(position, LiteralKind.INT, upper, str(upper))
        self.lower = lower


class _Parser:
    """One text on its way to a tree; the methods are named after what they read."""

    __slots__ = (
        "bounds", "columns", "declarations", "depth", "errors", "file", "files", "index", "jumps",
        "kind", "kinds", "last_error", "lines", "pragmas", "texts", "tokens",
    )  # fmt: skip

    def __init__(self, source: tokens.Tokens) -> None:
        self.tokens = source
        self.kinds, self.texts = source.kinds, source.texts
        self.lines, self.columns = source.lines, source.columns
        self.file, self.files = source.file, source.files
        self.index = 0
        self.kind = source.kinds[0]
        self.errors: list[StaticError] = []
        self.pragmas = source.errors
        self.last_error = -3
        self.depth = 0
        self.jumps = False
        self.bounds: list[_Bounds] = []
        self.declarations: list[tree.Declaration] = []

    # Tokens

    def advance(self) -> None:
        self.index = index = self.index + 1
        self.kind = self.kinds[index]

    def place(self, index: int) -> Position:
        if self.files:
            return self.tokens.position(index)
        return _tuple(Position, (self.file, self.lines[index], self.columns[index]))

    def name_at(self, index: int) -> Name:
        return Name(self.place(index), self.texts[index])

    def expect(self, kind: str) -> None:
        if self.kind == kind:
            self.index = index = self.index + 1
            self.kind = self.kinds[index]
        else:
            self.unexpected(f'"{kind}" expected')

    def unexpected(self, message: str) -> None:
        """Report what is wrong with the next token."""
        if self.index - self.last_error >= 2:
            self.report(self.index, message, self.hint())
        self.last_error = self.index

    def semantic(self, message: str) -> None:
        """Report what is wrong with what the last token ended."""
        if self.index - self.last_error >= 2:
            self.report(self.index - 1, message)
        self.last_error = self.index

    def report(self, index: int, message: str, hint: str = "") -> None:
        while self.pragmas and self.pragmas[0][0] <= self.index:
            self.errors.append(self.pragmas.pop(0)[1])
        self.errors.append(StaticError(self.place(index), message, "parse", hint=hint))

    def hint(self) -> str:
        text = self.texts[self.index]
        shown = text if len(text) <= 30 else f"{text[:30]}..."
        if self.kind == tokens.END:
            return "the text ends here"
        if self.kind == tokens.UNKNOWN:
            if text.startswith('"'):
                return "this string does not end on its line"
            return f"`{shown}` is no symbol of the language"
        if self.kind in tokens.KEYWORDS and self.kind not in _IDENTIFIERS:
            return f"`{text}` is a word of the language; a name that is spelled so is written `\\{text}`"
        return f"found `{shown}`"

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > walk.MAXIMUM_NESTING:
            hint = "give the inner parts names: a function with a body, or a variable that is assigned before"
            self.report(self.index, f"nesting is deeper than {walk.MAXIMUM_NESTING} levels", hint)
            raise _TooDeepError

    # Programs and declarations

    def program(self) -> tuple[tree.Program, list[StaticError]]:
        readers: dict[str, Callable[[], None]] = {
            "const": self.constants,
            "function": self.function,
            "revealed": self.function,
            "axiom": self.top_axiom,
            "hideable": self.top_axiom,
            "type": self.types,
            "datatype": self.datatype,
            "var": self.global_variables,
            "invariant": self.yield_invariant,
            "yield": self.yielding,
            "implementation": self.implementation,
            **dict.fromkeys(["pure", "action", "procedure", *_MOVERS], self.pure_or_not),
        }
        try:
            while (reader := readers.get(self.kind)) is not None:
                reader()
            if self.kind != tokens.END:
                self.unexpected("EOF expected")
        except _TooDeepError:
            pass  # reported where it was found
        self.errors.extend(error for _, error in self.pragmas)
        for bounds in self.bounds:
            message = "bitvector bounds in illegal position"
            self.errors.append(StaticError(bounds.position, message, "resolution"))
        return tree.Program(self.declarations), self.errors

    def constants(self) -> None:
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
            axioms = self.uses()
        else:
            self.unexpected("invalid Consts")
        variables = [Variable(n.position, n.text, written, VariableKind.CONSTANT, None, attributes) for n in names]
        self.declarations.append(tree.ConstantGroup(position, unique, variables, axioms, attributes))

    def uses(self) -> list[tree.Axiom]:
        self.expect("uses")
        self.expect("{")
        axioms: list[tree.Axiom] = []
        while self.kind in ("axiom", "hideable"):
            axioms.append(self.axiom())
        self.expect("}")
        return axioms

    def axiom(self) -> tree.Axiom:
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

    def top_axiom(self) -> None:
        self.declarations.append(self.axiom())

    def function(self) -> None:
        revealed = self.kind == "revealed"
        if revealed:
            self.advance()
        self.expect("function")
        attributes = self.attributes()
        name = self.identifier()
        parameters = self.type_parameters() if self.kind == "<" else []
        self.expect("(")
        arguments: list[Variable] = []
        if self.kind in _TYPES or self.kind == "{":
            arguments.append(self.variable_or_type(VariableKind.IN))
            while self.kind == ",":
                self.advance()
                arguments.append(self.variable_or_type(VariableKind.IN))
        self.expect(")")
        result: Variable | None = None
        if self.kind == "returns":
            self.advance()
            self.expect("(")
            result = self.variable_or_type(VariableKind.OUT)
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
                axioms = self.uses()
        elif self.kind == "uses":
            axioms = self.uses()
        elif self.kind == ";":
            self.advance()
        else:
            self.unexpected("invalid Function")
        if result is None:
            position = self.place(self.index - 1)
            result = Variable(position, "", tree.TypeName(position, "int"), VariableKind.OUT)
        self.name_arguments(arguments)
        if body is not None:
            if tree.flag(attributes, "inline"):
                if tree.flag(attributes, "define"):
                    self.semantic("function cannot have both :inline and :define attributes")
            elif tree.flag(attributes, "define") and parameters:
                self.semantic("function with :define attribute has to be monomorphic")
        self.declarations.append(
            tree.Function(name.position, name.text, parameters, arguments, result, body, axioms, attributes, revealed)
        )

    def name_arguments(self, arguments: list[Variable]) -> None:
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
            if _is_bare_name(argument.written):
                argument.name = argument.written.name
                argument.written = following
            else:
                message = "expecting an identifier as parameter name"
                self.errors.append(StaticError(argument.position, message, "parse"))

    def variable_or_type(self, kind: VariableKind) -> Variable:
        attributes = self.attributes()
        written = self.type_()
        position = written.position
        name = ""
        if self.kind == ":":
            self.advance()
            if _is_bare_name(written):
                name = written.name
            else:
                self.semantic("expected identifier before ':'")
            written = self.type_()
        return Variable(position, name, written, kind, None, attributes)

    def types(self) -> None:
        self.advance()
        attributes = self.attributes()
        self.user_type(attributes)
        while self.kind == ",":
            self.advance()
            self.user_type(attributes)
        self.expect(";")

    def user_type(self, attributes: tree.Attributes) -> None:
        name = self.identifier()
        parameters: list[Name] = []
        while self.kind in _IDENTIFIERS:
            parameters.append(self.identifier())
        if self.kind == "=":
            self.advance()
            body = self.type_()
            self.declarations.append(tree.TypeSynonym(name.position, name.text, parameters, body, attributes))
        else:
            self.declarations.append(tree.TypeConstructor(name.position, name.text, len(parameters), attributes))

    def datatype(self) -> None:
        self.advance()
        attributes = self.attributes()
        name = self.identifier()
        parameters = self.type_parameters() if self.kind == "<" else []
        answer = tree.Datatype(name.position, name.text, parameters, [], attributes)
        self.expect("{")
        taken: set[str] = set()
        self.constructor(answer, taken)
        while self.kind == ",":
            self.advance()
            self.constructor(answer, taken)
        self.expect("}")
        self.declarations.append(answer)

    def constructor(self, datatype: tree.Datatype, taken: set[str]) -> None:
        name = self.identifier()
        fields: list[Variable] = []
        self.expect("(")
        if self.kind in _BOUND:
            self.described_variables(fields, VariableKind.IN, "datatype constructor", where=False)
        self.expect(")")
        if name.text in taken:
            self.semantic(f"constructor name {name.text} used more than once in datatype")
        taken.add(name.text)
        datatype.constructors.append(tree.Constructor(name.position, name.text, fields, datatype))

    def global_variables(self) -> None:
        position = self.place(self.index)
        variables = self.variables(VariableKind.GLOBAL, "global variables")
        self.declarations.append(tree.Globals(position, variables))

    def variables(self, kind: VariableKind, context: str) -> list[Variable]:
        self.expect("var")
        attributes = self.attributes()
        variables: list[Variable] = []
        self.typed_names(variables, attributes, kind, context, where=True)
        while self.kind == ",":
            self.advance()
            self.typed_names(variables, attributes, kind, context, where=True)
        self.expect(";")
        return variables

    def described_variables(self, to: list[Variable], kind: VariableKind, context: str, *, where: bool) -> None:
        """Read `{:a} x, y: T where e, z: U`."""
        attributes = self.attributes()
        self.typed_names(to, attributes, kind, context, where=where)
        while self.kind == ",":
            self.advance()
            attributes = self.attributes()
            self.typed_names(to, attributes, kind, context, where=where)

    def typed_names(
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

    def formals(self, kind: VariableKind, *, where: bool) -> list[Variable]:
        self.expect("(")
        answer: list[Variable] = []
        if self.kind in _BOUND:
            context = "procedure formals" if where else "the 'implementation' copies of formals"
            self.described_variables(answer, kind, context, where=where)
        self.expect(")")
        return answer

    def signature(self, *, where: bool) -> tuple[int, tree.Attributes, Name, list[Name], list[Variable], list[Variable]]:
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

    def pure_or_not(self) -> None:
        pure = self.kind == "pure"
        if pure:
            self.advance()
        if self.kind == "procedure":
            self.procedure(pure=pure)
        elif self.kind == "action" or self.kind in _MOVERS:
            self.action(pure=pure)
        else:
            self.unexpected("invalid BoogiePL")

    def procedure(self, *, pure: bool) -> None:
        self.expect("procedure")
        start, attributes, name, parameters, ins, outs = self.signature(where=True)
        answer = tree.Procedure(name.position, name.text, parameters, ins, outs, [], [], [], [], attributes, pure)
        self.declarations.append(answer)
        if self.kind == ";":
            self.advance()
            while self.kind in _SPECIFICATION:
                self.specification(answer)
        elif self.kind == "{" or self.kind in _SPECIFICATION:
            while self.kind in _SPECIFICATION:
                self.specification(answer)
            locals_, body = self.body(check=True)
            attributes, ins, outs = self.copies(start, answer)
            self.declarations.append(
                tree.Implementation(name.position, name.text, list(parameters), ins, outs, locals_, body, attributes)
            )
        else:
            self.unexpected("invalid Procedure")

    def copies(self, start: int, procedure: tree.Procedure) -> tuple[tree.Attributes, list[Variable], list[Variable]]:
        """Return attributes and parameters for the implementation: what holds expressions is read once more."""
        plain = not any(
            attribute.values
            for attributes in (procedure.attributes, *(v.attributes for v in (*procedure.ins, *procedure.outs)))
            for attribute in attributes
        )
        if plain:
            ins, outs = ([self.stripped(v) for v in some] for some in (procedure.ins, procedure.outs))
            return list(procedure.attributes), ins, outs
        here, errors, last, bounds = self.index, self.errors, self.last_error, self.bounds
        self.index, self.kind, self.errors, self.bounds = start, self.kinds[start], [], []
        _, attributes, _, _, ins, outs = self.signature(where=True)
        self.index, self.kind, self.errors, self.last_error, self.bounds = here, self.kinds[here], errors, last, bounds
        for variable in (*ins, *outs):
            variable.where = None
        return attributes, ins, outs

    def stripped(self, variable: Variable) -> Variable:
        return Variable(variable.position, variable.name, variable.written, variable.kind, None, list(variable.attributes))

    def implementation(self) -> None:
        self.advance()
        _, attributes, name, parameters, ins, outs = self.signature(where=False)
        locals_, body = self.body(check=True)
        self.declarations.append(tree.Implementation(name.position, name.text, parameters, ins, outs, locals_, body, attributes))

    def specification(self, procedure: tree.Procedure) -> None:
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

    def measure(self) -> tree.Measure:
        position = self.place(self.index)
        self.expect("measure")
        attributes = self.attributes()
        return tree.Measure(position, attributes, self.expressions())

    def modifies(self) -> list[tree.Identifier]:
        self.expect("modifies")
        names = self.identifiers() if self.kind in _IDENTIFIERS else []
        self.expect(";")
        return [tree.Identifier(name.position, name.text) for name in names]

    # The concurrency layer: read to its end, kept by name only

    def yielding(self) -> None:
        self.advance()
        if self.kind == "invariant":
            self.yield_invariant()
        elif self.kind == "procedure" or self.kind in _MOVERS:
            self.yield_procedure()
        else:
            self.unexpected("invalid BoogiePL")

    def yield_invariant(self) -> None:
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

    def yield_procedure(self) -> None:
        if self.kind in _MOVERS:
            self.advance()
        self.expect("procedure")
        self.concurrent("yield procedure", _YIELD_SPECIFICATION, "invalid YieldProcedureDecl")

    def action(self, *, pure: bool) -> None:
        mover = self.kind in _MOVERS
        if mover:
            self.advance()
        self.expect("action")
        self.concurrent("action", _ACTION_SPECIFICATION, "invalid ActionDecl")
        if pure and mover:
            self.semantic("mover type unnecessary for pure action since it is a both mover")

    def concurrent(self, word: str, clauses: frozenset[str], invalid: str) -> None:
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
                refined = self.concurrent_clause(word, refined=refined)
        elif self.kind == "{" or self.kind in clauses:
            while self.kind in clauses:
                refined = self.concurrent_clause(word, refined=refined)
            self.body(check=word != "action")
        else:
            self.unexpected(invalid)
        self.declarations.append(tree.Concurrent(name.position, word, name.text))

    def concurrent_clause(self, word: str, *, refined: bool) -> bool:
        """Read one clause; return whether a `refines` was seen so far."""
        clause = self.kind
        if clause == "modifies":
            self.modifies()
            return refined
        self.advance()
        if clause == "refines":
            self.refines(word, refined=refined)
            return True
        if clause == "measure":
            self.attributes()
            self.expressions()
        elif clause != "asserts" and self.kind in ("call", "async", "free"):
            self.call(in_specification=True)
        elif self.kind == "{" or self.kind in _EXPRESSIONS:
            self.attributes()
            self.expression()
        else:
            self.unexpected(f"invalid SpecYield{clause.capitalize()}")
        self.expect(";")
        return refined

    def refines(self, word: str, *, refined: bool) -> None:
        self.attributes()
        anonymous = word != "action" and (
            self.kind == "action" or (self.kind in _MOVERS and self.kinds[self.index + 1] == "action")
        )
        if anonymous:
            if self.kind in _MOVERS:
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

    # Names and types

    def identifier(self) -> Name:
        index = self.index
        if self.kind in _IDENTIFIERS:
            self.index = index + 1
            self.kind = self.kinds[index + 1]
            return Name(self.place(index), self.texts[index])
        self.unexpected("invalid Ident")
        before = max(index - 1, 0)  # like Boogie, which goes on with the last token in its place
        return Name(self.place(before), self.texts[before])

    def identifiers(self) -> list[Name]:
        answer = [self.identifier()]
        while self.kind == ",":
            self.advance()
            answer.append(self.identifier())
        return answer

    def type_parameters(self) -> list[Name]:
        self.expect("<")
        answer = self.identifiers()
        self.expect(">")
        return answer

    def type_(self) -> tree.TypeSyntax:
        index, kind = self.index, self.kind
        if kind in _BASIC_TYPES:
            self.advance()
            return tree.TypeName(self.place(index), kind)
        if kind in _IDENTIFIERS:
            answer = self.type_name()
            if self.kind in _TYPES:
                self.type_arguments(answer.arguments)
            return answer
        self.deeper()
        inner: tree.TypeSyntax
        if kind == "(":
            self.advance()
            inner = self.type_()
            self.expect(")")
        elif kind in ("[", "<"):
            inner = self.map_type()
        else:
            self.unexpected("invalid Type")
            inner = tree.TypeName(self.place(index), "bool")
        self.depth -= 1
        return inner

    def type_name(self) -> tree.TypeName:
        name = self.identifier()
        if name.text in _BASIC_TYPES:
            # In a tree it would be the basic type.
            hint = f"give the type another name than `\\{name.text}`"
            self.report(self.index - 1, f"a type with the name of the basic type {name.text} is not supported", hint)
        return tree.TypeName(name.position, name.text)

    def type_arguments(self, to: list[tree.TypeSyntax]) -> None:
        while self.kind in _TYPES:
            if self.kind in _IDENTIFIERS:
                to.append(self.type_name())
                continue
            is_map = self.kind in ("[", "<")
            to.append(self.type_())
            if is_map:
                return

    def map_type(self) -> tree.TypeSyntax:
        position = self.place(self.index)
        parameters = self.type_parameters() if self.kind == "<" else []
        self.expect("[")
        domain: list[tree.TypeSyntax] = []
        if self.kind in _TYPES:
            domain.append(self.type_())
            while self.kind == ",":
                self.advance()
                domain.append(self.type_())
        self.expect("]")
        return tree.TypeMap(position, parameters, domain, self.type_())

    # Attributes and triggers

    def attributes(self) -> tree.Attributes:
        answer: tree.Attributes = []
        while self.kind == "{":
            triggers: list[tree.Trigger] = []
            self.attribute_or_trigger(answer, triggers)
            if triggers:
                self.semantic("only attributes, not triggers, allowed here")
        return answer

    def attribute_or_trigger(self, attributes: tree.Attributes, triggers: list[tree.Trigger]) -> None:
        position = self.place(self.index)
        self.expect("{")
        if self.kind == ":":
            self.advance()
            key = self.identifier().text
            values: list[tree.Expression | str] = []
            if self.kind in _EXPRESSIONS:
                values.append(self.attribute_value())
                while self.kind == ",":
                    self.advance()
                    values.append(self.attribute_value())
            if key != "nopats":
                attributes.append(tree.Attribute(position, key, values))
            elif len(values) == 1 and not isinstance(values[0], str):
                triggers.append(tree.Trigger(position, [values[0]], positive=False))
            else:
                self.semantic("the 'nopats' quantifier attribute expects a string-literal parameter")
        elif self.kind in _EXPRESSIONS:
            triggers.append(tree.Trigger(position, self.expressions()))
        else:
            self.unexpected("invalid AttributeOrTrigger")
        self.expect("}")

    def attribute_value(self) -> tree.Expression | str:
        if self.kind == tokens.STRING:
            self.advance()
            return self.texts[self.index - 1][1:-1]
        if self.kind in _EXPRESSIONS:
            return self.expression()
        self.unexpected("invalid AttributeParameter")
        return "error"

    # Bodies and statements

    def body(self, *, check: bool) -> tuple[list[Variable], tree.Statements]:
        self.expect("{")
        locals_: list[Variable] = []
        while self.kind == "var":
            locals_.extend(self.variables(VariableKind.LOCAL, "local variables"))
        self.jumps = False
        body = self.statements()
        if check and self.jumps:
            _Jumps(self.errors, _labels(body)).check(body, ())
        return locals_, body

    def statements(self) -> tree.Statements:
        """Read statements and the brace that closes them."""
        self.deeper()
        segments: list[tree.Segment] = []
        segment: tree.Segment | None = None
        while self.kind in _STATEMENTS:
            kind = self.kind
            if kind in _COMMANDS:
                command, label = self.command_or_label()
                if command is not None:
                    if segment is None:
                        segment = tree.Segment(command.position, None, [])
                        segments.append(segment)
                    segment.commands.append(command)
                elif label is not None:
                    segment = tree.Segment(label.position, label.text, [])
                    segments.append(segment)
                continue
            calls: list[tree.Command] = []
            structured: tree.Structured | None = None
            transfer: tree.Transfer | None = None
            if kind == "if":
                structured = self.if_()
            elif kind == "while":
                structured, calls = self.while_()
            elif kind == "break":
                structured = self.break_()
            else:
                transfer = self.transfer()
            if segment is None:
                last = structured or transfer
                segment = tree.Segment(last.position if last else tree.NOWHERE, None, [])
                segments.append(segment)
            segment.commands.extend(calls)
            segment.structured, segment.transfer = structured, transfer
            segment = None
        end = self.place(self.index)
        self.expect("}")
        if not segments:
            segments.append(tree.Segment(end, None, []))
        self.depth -= 1
        return tree.Statements(segments, end)

    def if_(self) -> tree.If:
        parts: list[tuple[Position, tree.Attributes, tree.Expression | None, tree.Statements]] = []
        otherwise: tree.If | tree.Statements | None = None
        while True:
            position = self.place(self.index)
            self.expect("if")
            attributes = self.attributes()
            guard = self.guard()
            self.expect("{")
            parts.append((position, attributes, guard, self.statements()))
            if self.kind != "else":
                break
            self.advance()
            if self.kind == "if":
                continue
            if self.kind == "{":
                self.advance()
                otherwise = self.statements()
            else:
                self.unexpected("invalid IfCmd")
            break
        for position, attributes, guard, then in reversed(parts):
            otherwise = tree.If(position, attributes, guard, then, otherwise)
        return otherwise  # type: ignore[return-value]  # there is at least one part, so it is an If

    def while_(self) -> tuple[tree.While, list[tree.Command]]:
        """Read a loop; calls of yield invariants, of the concurrency layer, come apart, as commands before the loop."""
        position = self.place(self.index)
        self.expect("while")
        guard = self.guard()
        invariants: list[tree.Invariant] = []
        measures: list[tree.Measure] = []
        calls: list[tree.Command] = []
        while self.kind in ("invariant", "free", "measure"):
            if self.kind == "measure":
                measures.append(self.measure())
                self.expect(";")
                continue
            free = self.kind == "free"
            if free:
                self.advance()
            where = self.place(self.index)
            self.expect("invariant")
            attributes = self.attributes()
            if self.kind in _EXPRESSIONS:
                invariants.append(tree.Invariant(where, attributes, free, self.expression()))
            elif self.kind in ("free", "async", "call"):
                call = self.call(in_specification=True)
                calls.append(call if isinstance(call, tree.ParallelCall) else tree.ParallelCall(where, [call]))
            else:
                self.unexpected("invalid WhileCmd")
            self.expect(";")
        self.expect("{")
        return tree.While(position, guard, invariants, measures, self.statements()), calls

    def guard(self) -> tree.Expression | None:
        self.expect("(")
        answer: tree.Expression | None = None
        if self.kind == "*":
            self.advance()
        elif self.kind in _EXPRESSIONS:
            answer = self.expression()
        else:
            self.unexpected("invalid Guard")
        self.expect(")")
        return answer

    def break_(self) -> tree.Break:
        position = self.place(self.index)
        self.expect("break")
        self.jumps = True
        label = self.identifier().text if self.kind in _IDENTIFIERS else None
        self.expect(";")
        return tree.Break(position, label)

    def transfer(self) -> tree.Transfer:
        position = self.place(self.index)
        answer: tree.Transfer
        if self.kind == "goto":
            self.advance()
            self.jumps = True
            attributes = self.attributes()
            answer = tree.Goto(position, self.identifiers(), attributes)
        else:
            self.expect("return")
            attributes = self.attributes()
            # Like everything whose place Boogie takes after its attributes.
            answer = tree.Return(self.place(self.index - 1), attributes)
        self.expect(";")
        return answer

    def command_or_label(self) -> tuple[tree.Command | None, Name | None]:
        index, kind = self.index, self.kind
        command: tree.Command
        if kind == tokens.IDENTIFIER or kind in _MOVERS:
            return self.label_or_assignment()
        position = self.place(index)
        if kind in ("assert", "assume"):
            self.advance()
            attributes = self.attributes()
            condition = self.expression()
            command = (tree.Assert if kind == "assert" else tree.Assume)(position, attributes, condition)
        elif kind in ("call", "async", "free"):
            command = self.call(in_specification=False)
        elif kind == "havoc":
            self.advance()
            command = tree.Havoc(position, [tree.Identifier(n.position, n.text) for n in self.identifiers()])
        elif kind in ("reveal", "hide"):
            self.advance()
            name: tree.Identifier | None = None
            position = self.place(self.index)
            if self.kind == tokens.IDENTIFIER:
                name = tree.Identifier(position, self.texts[self.index])
                self.advance()
            elif self.kind == "*":
                self.advance()
            else:
                self.unexpected("invalid LabelOrCmd")
            command = tree.HideReveal(position, kind == "reveal", name)
        elif kind in ("push", "pop"):
            self.advance()
            command = tree.Scope(position, kind == "push")
        else:
            command = self.measure()
        self.expect(";")
        return command, None

    def label_or_assignment(self) -> tuple[tree.Command | None, Name | None]:
        name = self.identifier()
        if self.kind == ":":
            self.advance()
            return None, name
        if self.kind == "(":
            self.advance()
            names = self.identifiers()
            self.expect(")")
            position = self.place(self.index)
            self.expect(":=")
            attributes = self.attributes()
            value = self.expression()
            self.expect(";")
            variables = [tree.Identifier(one.position, one.text) for one in names]
            return tree.Unpack(position, name.text, name.position, variables, value, attributes), None
        if self.kind not in (":=", "[", "->", ","):
            self.unexpected("invalid LabelOrAssign")
            return None, None
        targets = [self.target(name)]
        while self.kind == ",":
            self.advance()
            targets.append(self.target(self.identifier()))
        position = self.place(self.index)
        self.expect(":=")
        attributes = self.attributes()
        values = self.expressions()
        self.expect(";")
        return tree.Assign(position, targets, values, attributes), None

    def target(self, name: Name) -> tree.Target:
        answer = tree.Target(tree.Identifier(name.position, name.text), [])
        while self.kind in ("[", "->"):
            position = self.place(self.index)
            if self.kind == "[":
                self.advance()
                indexes = self.expressions() if self.kind in _EXPRESSIONS else []
                self.expect("]")
                answer.steps.append(tree.IndexStep(position, indexes))
            else:
                self.advance()
                field = self.identifier()
                answer.steps.append(tree.FieldStep(position, field.text, field.position))
        return answer

    def call(self, *, in_specification: bool) -> tree.Call | tree.ParallelCall:
        asynchronous = self.kind == "async"
        if asynchronous:
            self.advance()
        free = self.kind == "free"
        if free:
            self.advance()
        index = self.index
        position = self.place(index)
        self.expect("call")
        first = self.called(position, free=free, asynchronous=asynchronous)
        if self.kind != "|":
            return first
        calls = [first]
        while self.kind == "|":
            self.advance()
            calls.append(self.called(position, free=False, asynchronous=False))
        if in_specification or asynchronous or free:
            self.report(index, "parallel call not allowed")
        return tree.ParallelCall(position, calls)

    def called(self, position: Position, *, free: bool, asynchronous: bool) -> tree.Call:
        attributes = self.attributes()
        name = self.identifier()
        results: list[tree.Identifier] = []
        if self.kind in (",", ":="):
            results.append(tree.Identifier(name.position, name.text))
            while self.kind == ",":
                self.advance()
                one = self.identifier()
                results.append(tree.Identifier(one.position, one.text))
            self.expect(":=")
            name = self.identifier()
            self.expect("(")
        elif self.kind == "(":
            self.advance()
        else:
            self.unexpected("invalid CallParams")
            return tree.Call(position, attributes, name.text, name.position, [], [])
        arguments = self.expressions() if self.kind in _EXPRESSIONS else []
        self.expect(")")
        return tree.Call(position, attributes, name.text, name.position, arguments, results, free, asynchronous)

    # Expressions

    def expressions(self) -> list[tree.Expression]:
        answer = [self.expression()]
        while self.kind == ",":
            self.advance()
            answer.append(self.expression())
        return answer

    def expression(self) -> tree.Expression:
        self.depth += 1
        if self.depth > walk.MAXIMUM_NESTING:
            self.depth -= 1
            self.deeper()
        answer = self.operand()
        if self.kind in _LEVELS:
            answer = self.chain(answer)
        self.depth -= 1
        return answer

    def chain(self, left: tree.Expression) -> tree.Expression:
        """Read operators and operands after the first operand; what waits for its right operand is in `pending`."""
        pending: list[_Pending] = []
        while (level := _LEVELS.get(self.kind)) is not None:
            operator = self.kind
            while pending and pending[-1][0] > level:
                left = self.joined(pending.pop(), left)
            mixed = False
            if pending and pending[-1][0] == level:
                before = pending[-1][1]
                if level == _RELATION or (level == 3 and before != operator) or (before, operator) == ("<==", "==>"):
                    break  # these do not go together without parentheses: the expression ends here
                mixed = before == "==>" and operator == "<=="
                if operator not in ("==>", "**") and not mixed:
                    left = self.joined(pending.pop(), left)
            index = self.index
            self.advance()
            if mixed:
                self.semantic("illegal mixture of ==> and <==, use parentheses to disambiguate")
            pending.append((level, operator, index, left))
            left = self.operand()
        while pending:
            left = self.joined(pending.pop(), left)
        return left

    def joined(self, pending: _Pending, right: tree.Expression) -> tree.Expression:
        _, operator, index, left = pending
        return tree.Binary(self.place(index), operator, left, right)

    def operand(self) -> tree.Expression:
        kind = self.kind
        if kind in _ATOMS:
            return self.completed(self.atom())
        if kind not in ("-", "!"):
            self.unexpected("invalid UnaryExpression")
            return self.dummy()
        signs: list[int] = []
        while self.kind in ("-", "!"):
            signs.append(self.index)
            self.advance()
        answer: tree.Expression
        if self.kind in _ATOMS:
            answer = self.coerced(self.atom())
        else:
            self.unexpected("invalid UnaryExpression")
            answer = self.dummy()
        for index in reversed(signs):
            answer = tree.Unary(self.place(index), self.kinds[index], answer)
        return self.tested(answer) if self.kind == "is" else answer

    def dummy(self) -> tree.Expression:
        return tree.Literal(self.place(self.index), LiteralKind.BOOL, False, "false")

    def completed(self, atom: tree.Expression) -> tree.Expression:
        if self.kind in ("[", "->", ":"):
            atom = self.coerced(atom)
        return self.tested(atom) if self.kind == "is" else atom

    def tested(self, operand: tree.Expression) -> tree.Expression:
        position = self.place(self.index)
        self.expect("is")
        name = self.identifier()
        return tree.IsConstructor(position, operand, name.text, name.position)

    def coerced(self, atom: tree.Expression) -> tree.Expression:
        while self.kind in ("[", "->"):
            atom = self.bracket(atom) if self.kind == "[" else self.field(atom)
        while self.kind == ":":
            index = self.index
            self.advance()
            if self.kind in _TYPES:
                atom = tree.Ascription(self.place(index), atom, self.type_())
            elif self.kind == tokens.DIGITS:
                lower = self.natural()
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

    def field(self, operand: tree.Expression) -> tree.Expression:
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
        if self.kind not in _IDENTIFIERS:
            self.unexpected("invalid ArrayExpression")
            return operand
        name = self.identifier()
        return tree.Field(position, operand, name.text, name.position)

    def bracket(self, operand: tree.Expression) -> tree.Expression:
        position = self.place(self.index)
        self.expect("[")
        indexes: list[tree.Expression] = []
        bounds: _Bounds | None = None
        value: tree.Expression | None = None
        if self.kind in _EXPRESSIONS:
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

    def atom(self) -> tree.Expression:
        index, kind = self.index, self.kind
        if kind in _IDENTIFIERS:
            self.index = index + 1
            self.kind = self.kinds[index + 1]
            if self.kind != "(":
                return tree.Identifier(self.place(index), self.texts[index])
            self.advance()
            arguments: list[tree.Expression] = []
            if self.kind in _EXPRESSIONS:
                arguments = self.expressions()
            elif self.kind != ")":
                self.unexpected("invalid AtomExpression")
            self.expect(")")
            return tree.Application(self.place(index), self.texts[index], arguments)
        if kind == tokens.DIGITS:
            return self.literal(index, LiteralKind.INT, self.natural())
        if kind == "(":
            return self.parenthesised()
        if kind in ("false", "true"):
            self.advance()
            return self.literal(index, LiteralKind.BOOL, kind == "true")
        if kind == "if":
            return self.if_then_else()
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
            return self.literal(index, LiteralKind.STRING, text.strip('"'))
        if kind in _ROUNDING:
            return self.literal(index, LiteralKind.ROUNDING, _ROUNDING[kind])
        if kind == tokens.BITS:
            return self.literal(index, LiteralKind.BITS, self.bits(text))
        if kind == tokens.FLOAT:
            if not floats.representable(text):
                self.semantic("incorrectly formatted floating point")
            return self.literal(index, LiteralKind.FLOAT, text)
        return self.literal(index, LiteralKind.REAL, self.rational(text))

    def literal(self, index: int, kind: LiteralKind, value: bool | int | Fraction | tuple[int, int] | str) -> tree.Literal:
        return tree.Literal(self.place(index), kind, value, self.texts[index])

    def natural(self) -> int:
        text = self.texts[self.index]
        self.advance()
        if len(text) > MAXIMUM_DIGITS:
            self.semantic(f"number has more than {MAXIMUM_DIGITS} digits")
            return 0
        return int(text)

    def bits(self, text: str) -> tuple[int, int]:
        value, _, width = text.partition("bv")
        if len(value) > MAXIMUM_DIGITS or len(width) > 9:
            self.semantic("incorrectly formatted bitvector")
            return 0, 0
        return int(value), int(width)

    def rational(self, text: str) -> Fraction:
        mantissa, _, exponent = text.partition("e")
        whole, _, part = mantissa.partition(".")
        negative, exponent = exponent.startswith("-"), exponent.lstrip("-").lstrip("0") or "0"
        if len(whole) + len(part) > MAXIMUM_DIGITS or len(exponent) > 6 or int(exponent) > MAXIMUM_DIGITS:
            self.semantic(f"number has more than {MAXIMUM_DIGITS} digits")
            return Fraction(0)
        power = -int(exponent) if negative else int(exponent)
        return Fraction(int(whole + part)) * Fraction(10) ** (power - len(part))

    def parenthesised(self) -> tree.Expression:
        self.advance()
        answer: tree.Expression
        if self.kind in _EXPRESSIONS:
            answer = self.expression()
            if isinstance(answer, _Bounds):
                self.semantic("parentheses around bitvector bounds are not allowed")
        elif self.kind in ("forall", "exists", "lambda"):
            answer = self.quantifier()
        elif self.kind == "var":
            answer = self.let()
        else:
            self.unexpected("invalid AtomExpression")
            answer = self.dummy()
        self.expect(")")
        return answer

    def quantifier(self) -> tree.Quantifier:
        kind, position = self.kind, self.place(self.index)
        self.advance()
        parameters: list[Name] = []
        bound: list[Variable] = []
        if self.kind == "<":
            parameters = self.type_parameters()
            if self.kind in _BOUND:
                self.described_variables(bound, VariableKind.BOUND, "bound variables", where=False)
        elif self.kind in _BOUND:
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
            self.attribute_or_trigger(attributes, triggers)
        body = self.expression()
        if kind == "lambda" and triggers:
            self.semantic("triggers not allowed in lambda expressions")
        return tree.Quantifier(position, kind, parameters, bound, attributes, triggers, body)

    def let(self) -> tree.Let:
        position = self.place(self.index)
        self.expect("var")
        bound = [self.let_variable()]
        while self.kind == ",":
            self.advance()
            bound.append(self.let_variable())
        self.expect(":=")
        values = self.expressions()
        self.expect(";")
        attributes = self.attributes()
        return tree.Let(position, bound, values, attributes, self.expression())

    def let_variable(self) -> Variable:
        attributes = self.attributes()
        name = self.identifier()
        return Variable(name.position, name.text, None, VariableKind.BOUND, None, attributes)

    def if_then_else(self) -> tree.Expression:
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
                answer = self.completed(answer)
                if self.kind in _LEVELS:
                    answer = self.chain(answer)
        return answer

    def code(self) -> tree.Code:
        position = self.place(self.index)
        self.expect("|{")
        locals_: list[Variable] = []
        while self.kind == "var":
            locals_.extend(self.variables(VariableKind.LOCAL, "local variables"))
        blocks = [self.code_block()]
        while self.kind in _IDENTIFIERS:
            blocks.append(self.code_block())
        self.expect("}|")
        return tree.Code(position, locals_, blocks)

    def code_block(self) -> tree.CodeBlock:
        name = self.identifier()
        self.expect(":")
        commands: list[tree.Command] = []
        while self.kind in _COMMANDS:
            command, label = self.command_or_label()
            if command is not None:
                commands.append(command)
            elif label is not None:
                self.semantic("SpecBlock's can only have one label")
        position = self.place(self.index)
        transfer: tree.Transfer
        if self.kind == "goto":
            self.advance()
            attributes = self.attributes()
            transfer = tree.Goto(position, self.identifiers(), attributes)
        else:
            if self.kind == "return":
                self.advance()
                attributes = self.attributes()
                expression = self.expression()
            else:
                self.unexpected("invalid SpecBlock")
                attributes, expression = [], self.dummy()
            # Boogie gives it the last token of the expression.
            transfer = tree.Return(self.place(self.index - 1), attributes, expression)
        self.expect(";")
        return tree.CodeBlock(name.position, name.text, commands, transfer)


_Enclosing: TypeAlias = "tuple[()] | tuple[tree.Segment, _Enclosing]"


def _labels(body: tree.Statements) -> set[str]:
    answer: set[str] = set()
    rest = [body]
    while rest:
        for segment in rest.pop().segments:
            if segment.label is not None:
                answer.add(segment.label)
            rest.extend(_blocks(segment.structured))
    return answer


def _blocks(structured: tree.Structured | None) -> list[tree.Statements]:
    """Return the statement lists directly inside; those of an `else if` belong to the first `if`."""
    if isinstance(structured, tree.While):
        return [structured.body]
    answer: list[tree.Statements] = []
    while isinstance(structured, tree.If):
        answer.append(structured.then)
        if isinstance(structured.otherwise, tree.Statements):
            answer.append(structured.otherwise)
            break
        structured = structured.otherwise
    return answer


class _Jumps:
    """Where `goto` and `break` of one body lead: errors that Boogie reports with those of the syntax."""

    def __init__(self, errors: list[StaticError], labels: set[str]) -> None:
        self.errors = errors
        self.labels = labels

    def check(self, statements: tree.Statements, outer: _Enclosing) -> None:
        for segment in statements.segments:
            if isinstance(segment.transfer, tree.Goto):
                for label in segment.transfer.labels:
                    if label.text not in self.labels:
                        self.report(segment.transfer.position, f"goto label '{label.text}' is undefined")
            elif isinstance(segment.structured, tree.Break):
                self.check_break(segment.structured, outer)
            else:
                for inner in _blocks(segment.structured):
                    self.check(inner, (segment, outer))

    def check_break(self, statement: tree.Break, outer: _Enclosing) -> None:
        label = statement.label
        while outer:
            segment, outer = outer
            if label is None:
                if isinstance(segment.structured, tree.While):
                    return
            elif segment.label == label:
                if segment.commands:
                    break
                return
        if label is None:
            self.report(statement.position, "break statement is not inside a loop")
        else:
            self.report(statement.position, f"break label '{label}' must designate an enclosing statement")

    def report(self, position: Position, message: str) -> None:
        self.errors.append(StaticError(position, f"Error: {message}", "parse"))


def _is_bare_name(written: tree.TypeSyntax | None) -> TypeGuard[tree.TypeName]:
    return isinstance(written, tree.TypeName) and not written.arguments and written.name not in _BASIC_TYPES
