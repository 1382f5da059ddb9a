"""Read an obligation: what it declares at once, what it asserts when that is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from probatum.solve.ground.reading import Reader, one_expression, symbol_of
from probatum.solve.ground.terms import OURS, Node, Rejected, Terms
from probatum.solve.text import Expression, MalformedQuestion, expressions, write


@dataclass(slots=True)
class Obligation:
    """An obligation: what it declares, and its assertions as text, which are read when asked for.

    Attributes
    ----------
    declarations : list of (str, str)
        In order: the symbol, empty if it is more than one or a sort; and the command.
    assertions : list of str
        The commands.
    """

    terms: Terms
    reader: Reader
    declarations: list[tuple[str, str]] = field(default_factory=list)
    assertions: list[str] = field(default_factory=list)
    _read: dict[int, Node] = field(default_factory=dict)

    def assertion(self, number: int) -> Node:
        """Return assertion `number`, counted from 0."""
        if not 0 <= number < len(self.assertions):
            raise Rejected(f"the obligation has no assertion {number}")
        if number not in self._read:
            match one_expression(self.assertions[number]):
                case ["assert", ["!", body, ":named", str()]] | ["assert", body]:
                    self._read[number] = self.reader.read(body)
                case command:
                    raise Rejected(f"not understood: `{write(command)[:60]}`")
        return self._read[number]


def read_obligation(text: str, *, keep_patterns: bool = False) -> Obligation:
    """Read an obligation, but its assertions only when they are asked for.

    Raises
    ------
    Rejected
        If it is not SMT-LIB, contains a command that this module does not know, or one of our names.
    """
    if OURS in text:
        raise Rejected(f"the obligation contains a name with `{OURS}`, which is ours")
    terms = Terms()
    obligation = Obligation(terms, Reader(terms, keep_patterns=keep_patterns))
    reader = obligation.reader
    names = reader.declared

    def name(symbol: Expression) -> str:
        found = symbol_of(symbol)
        if found in names:
            raise Rejected(f"`{found}` is declared twice")
        names.add(found)
        return found

    for command in _commands(text):
        if command.startswith("(assert ") and ":named" not in command:
            obligation.assertions.append(command)
            continue
        if found := _plain_declaration.match(command):
            obligation.declarations.append((name(found[1]), command))
            continue
        match one_expression(command):
            case ["set-info", *_] | ["set-logic", _]:
                pass
            case ["assert", ["!", _, ":named", str(label)]]:
                reader.forbidden.add(symbol_of(label))
                obligation.assertions.append(command)
            case ["assert", _]:
                obligation.assertions.append(command)
            case ["define-fun", symbol, [*parameters], sort, body]:
                reader.define(name(symbol), [symbol_of(_first(p)) for p in parameters], body)
                # Declared where it is expanded, so that solvers refuse a definition of a symbol that has a meaning.
                declared: Expression = ["declare-fun", symbol, [_second(p) for p in parameters], sort]
                obligation.declarations.append((symbol_of(symbol), write(declared)))
            case ["define-const", symbol, sort, body]:
                reader.define(name(symbol), [], body)
                obligation.declarations.append((symbol_of(symbol), write(["declare-fun", symbol, [], sort])))
            case ["define-fun-rec", symbol, [*parameters], sort, body]:  # by the standard, what it says is an equation
                declared = ["declare-fun", symbol, [_second(p) for p in parameters], sort]
                obligation.declarations.append((name(symbol), write(declared)))
                equation: Expression = ["=", [symbol, *map(_first, parameters)] if parameters else symbol, body]
                equation = ["forall", parameters, equation] if parameters else equation
                obligation.assertions.append(write(["assert", equation]))
            case ["declare-fun" | "declare-const", symbol, *_]:
                obligation.declarations.append((name(symbol), command))
            case ["declare-datatype" | "declare-datatypes" | "declare-sort" | "define-sort", _, *_]:
                obligation.declarations.append(("", command))
            case other:
                raise Rejected(f"not understood: `{write(other)[:60]}`")
    if not names.isdisjoint(reader.forbidden):
        raise Rejected("an assertion is named like a function")
    return obligation


_plain_declaration = re.compile(r"\(declare-(?:fun|const) ([A-Za-z][A-Za-z0-9_.@$]*) ")
_start = re.compile(r"\((?:assert|declare-|define-|set-)")
_quoted = re.compile(r'\|[^|\\]*\||"(?:[^"]|"")*"')


def _commands(text: str) -> Iterator[str]:
    """Yield each command as text.

    Most obligations have one on a line, and reading every one would take longer than to check what is left.
    """
    lines = [line for line in text.split("\n") if line]
    if len(_start.findall(text)) == len(lines) and all(map(_whole, lines)):
        yield from lines
        return
    try:
        for command in expressions(text):
            yield write(command)
    except MalformedQuestion as problem:
        raise Rejected(str(problem)) from None


def _whole(line: str) -> bool:
    """Whether a line that has the start of one command is that command, whatever stands before and after it."""
    plain = _quoted.sub("", line) if "|" in line or '"' in line else line
    if not _start.match(plain) or plain[-1] != ")" or '"' in plain or "|" in plain or ";" in plain:
        return False
    return plain.count("(") == plain.count(")")


def _first(binder: Expression) -> str:
    match binder:
        case [str(name), _]:
            return name
    raise Rejected("not understood: a parameter without name and sort")


def _second(binder: Expression) -> Expression:
    match binder:
        case [str(), sort]:
            return sort
    raise Rejected("not understood: a parameter without name and sort")
