"""Reads commands: the statements without statements inside, which may also stand in code expressions."""

from __future__ import annotations

from probatum.ivl.syntax import tokens, tree
from probatum.ivl.syntax.parser.cursor import IDENTIFIERS, MOVERS
from probatum.ivl.syntax.parser.expressions import EXPRESSIONS, ExpressionParser
from probatum.ivl.syntax.tree import Name, Position, Variable, VariableKind

COMMANDS = IDENTIFIERS | {"assert", "assume", "measure", "havoc", "async", "free", "call"}
"""What a command or a label begins with."""


class CommandParser(ExpressionParser):
    """Reads commands, and the code expressions that are made of them."""

    __slots__ = ()

    def command_or_label(self) -> tuple[tree.Command | None, Name | None]:
        """Read a command with its `;`, or a label with its `:`; after some errors there is neither."""
        index, kind = self.index, self.kind
        command: tree.Command
        if kind == tokens.IDENTIFIER or kind in MOVERS:
            return self._label_or_assignment()
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

    def _label_or_assignment(self) -> tuple[tree.Command | None, Name | None]:
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
        targets = [self._target(name)]
        while self.kind == ",":
            self.advance()
            targets.append(self._target(self.identifier()))
        position = self.place(self.index)
        self.expect(":=")
        attributes = self.attributes()
        values = self.expressions()
        self.expect(";")
        return tree.Assign(position, targets, values, attributes), None

    def _target(self, name: Name) -> tree.Target:
        answer = tree.Target(tree.Identifier(name.position, name.text), [])
        while self.kind in ("[", "->"):
            position = self.place(self.index)
            if self.kind == "[":
                self.advance()
                indexes = self.expressions() if self.kind in EXPRESSIONS else []
                self.expect("]")
                answer.steps.append(tree.IndexStep(position, indexes))
            else:
                self.advance()
                field = self.identifier()
                answer.steps.append(tree.FieldStep(position, field.text, field.position))
        return answer

    def call(self, *, in_specification: bool) -> tree.Call | tree.ParallelCall:
        """Read `async call x, y := p(e)`, or `call p(e) | q(f)`."""
        asynchronous = self.kind == "async"
        if asynchronous:
            self.advance()
        free = self.kind == "free"
        if free:
            self.advance()
        index = self.index
        position = self.place(index)
        self.expect("call")
        first = self._called(position, free=free, asynchronous=asynchronous)
        if self.kind != "|":
            return first
        calls = [first]
        while self.kind == "|":
            self.advance()
            calls.append(self._called(position, free=False, asynchronous=False))
        if in_specification or asynchronous or free:
            self.report(index, "parallel call not allowed")
        return tree.ParallelCall(position, calls)

    def _called(self, position: Position, *, free: bool, asynchronous: bool) -> tree.Call:
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
        arguments = self.expressions() if self.kind in EXPRESSIONS else []
        self.expect(")")
        return tree.Call(position, attributes, name.text, name.position, arguments, results, free, asynchronous)

    def measure(self) -> tree.Measure:
        """Read `measure a, b`."""
        position = self.place(self.index)
        self.expect("measure")
        attributes = self.attributes()
        return tree.Measure(position, attributes, self.expressions())

    def code(self) -> tree.Code:
        """Read a code expression."""
        position = self.place(self.index)
        self.expect("|{")
        locals_: list[Variable] = []
        while self.kind == "var":
            locals_.extend(self.variables(VariableKind.LOCAL, "local variables"))
        blocks = [self._code_block()]
        while self.kind in IDENTIFIERS:
            blocks.append(self._code_block())
        self.expect("}|")
        return tree.Code(position, locals_, blocks)

    def _code_block(self) -> tree.CodeBlock:
        name = self.identifier()
        self.expect(":")
        commands: list[tree.Command] = []
        while self.kind in COMMANDS:
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
