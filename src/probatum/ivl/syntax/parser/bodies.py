"""Reads bodies: local variables, and statements with statements inside."""

from __future__ import annotations

from probatum.ivl.syntax import tokens, tree
from probatum.ivl.syntax.parser.commands import COMMANDS, CommandParser
from probatum.ivl.syntax.parser.cursor import IDENTIFIERS
from probatum.ivl.syntax.parser.expressions import EXPRESSIONS
from probatum.ivl.syntax.parser.jumps import check_jumps
from probatum.ivl.syntax.tree import Position, Variable, VariableKind

_STATEMENTS = COMMANDS | {"if", "while", "break", "goto", "return"}


class BodyParser(CommandParser):
    """Reads the bodies of procedures and actions."""

    __slots__ = ("_jumps",)

    def __init__(self, source: tokens.Tokens) -> None:
        super().__init__(source)
        self._jumps = False  # whether the body that is being read has any

    def body(self, *, check: bool) -> tuple[list[Variable], tree.Statements]:
        """Read `{`, local variables, statements, and `}`; check where jumps lead if asked to."""
        self.expect("{")
        locals_: list[Variable] = []
        while self.kind == "var":
            locals_.extend(self.variables(VariableKind.LOCAL, "local variables"))
        self._jumps = False
        body = self._statements()
        if check and self._jumps:
            check_jumps(body, self.errors)
        return locals_, body

    def _statements(self) -> tree.Statements:
        """Read statements and the brace that closes them."""
        self.deeper()
        segments: list[tree.Segment] = []
        segment: tree.Segment | None = None
        while self.kind in _STATEMENTS:
            kind = self.kind
            if kind in COMMANDS:
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
                structured = self._if()
            elif kind == "while":
                structured, calls = self._while()
            elif kind == "break":
                structured = self._break()
            else:
                transfer = self._transfer()
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

    def _if(self) -> tree.If:
        parts: list[tuple[Position, tree.Attributes, tree.Expression | None, tree.Statements]] = []
        otherwise: tree.If | tree.Statements | None = None
        while True:
            position = self.place(self.index)
            self.expect("if")
            attributes = self.attributes()
            guard = self._guard()
            self.expect("{")
            parts.append((position, attributes, guard, self._statements()))
            if self.kind != "else":
                break
            self.advance()
            if self.kind == "if":
                continue
            if self.kind == "{":
                self.advance()
                otherwise = self._statements()
            else:
                self.unexpected("invalid IfCmd")
            break
        for position, attributes, guard, then in reversed(parts):
            otherwise = tree.If(position, attributes, guard, then, otherwise)
        return otherwise  # type: ignore[return-value]  # there is at least one part, so it is an If

    def _while(self) -> tuple[tree.While, list[tree.Command]]:
        """Read a loop; calls of yield invariants, of the concurrency layer, come apart, as commands before the loop."""
        position = self.place(self.index)
        self.expect("while")
        guard = self._guard()
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
            if self.kind in EXPRESSIONS:
                invariants.append(tree.Invariant(where, attributes, free, self.expression()))
            elif self.kind in ("free", "async", "call"):
                call = self.call(in_specification=True)
                calls.append(call if isinstance(call, tree.ParallelCall) else tree.ParallelCall(where, [call]))
            else:
                self.unexpected("invalid WhileCmd")
            self.expect(";")
        self.expect("{")
        return tree.While(position, guard, invariants, measures, self._statements()), calls

    def _guard(self) -> tree.Expression | None:
        self.expect("(")
        answer: tree.Expression | None = None
        if self.kind == "*":
            self.advance()
        elif self.kind in EXPRESSIONS:
            answer = self.expression()
        else:
            self.unexpected("invalid Guard")
        self.expect(")")
        return answer

    def _break(self) -> tree.Break:
        position = self.place(self.index)
        self.expect("break")
        self._jumps = True
        label = self.identifier().text if self.kind in IDENTIFIERS else None
        self.expect(";")
        return tree.Break(position, label)

    def _transfer(self) -> tree.Transfer:
        position = self.place(self.index)
        answer: tree.Transfer
        if self.kind == "goto":
            self.advance()
            self._jumps = True
            attributes = self.attributes()
            answer = tree.Goto(position, self.identifiers(), attributes)
        else:
            self.expect("return")
            attributes = self.attributes()
            # Like everything whose place Boogie takes after its attributes.
            answer = tree.Return(self.place(self.index - 1), attributes)
        self.expect(";")
        return answer
