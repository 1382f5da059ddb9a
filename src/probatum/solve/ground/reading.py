"""Read terms of SMT-LIB into nodes. What is not understood does not pass."""

from __future__ import annotations

import re
from collections.abc import Generator

from probatum.solve.ground.terms import Node, Rejected, Terms
from probatum.solve.text import Expression, MalformedQuestion, expressions, write

_reserved = {"!", "_", "as", "choice", "exists", "forall", "lambda", "let", "match", "par"}
_simple = re.compile(r"[A-Za-z~!@$%^&*_+=<>.?/-][A-Za-z0-9~!@$%^&*_+=<>.?/-]*")
_word = re.compile(r'\|[^|]*\||"(?:[^"]|"")*"|[^\s()"|]+')

# Names of functions before the standard had them, which z3 still reads.
_older = {
    "bv2int": "ubv_to_int",
    "bv2nat": "ubv_to_int",
    "int.to.str": "str.from_int",
    "re.nostr": "re.none",
    "str.in.re": "str.in_re",
    "str.to.int": "str.to_int",
    "str.to.re": "str.to_re",
}

_Reading = Generator[Expression, Node, Node]


class Reader:
    """Reads terms: `let` and definitions are expanded (into shared nodes), variables get names of their own."""

    def __init__(self, terms: Terms, *, keep_patterns: bool = False) -> None:
        self._terms = terms
        self._keep_patterns = keep_patterns
        self._scope: dict[str, list[Node]] = {}  # innermost meaning last
        self._definitions: dict[str, tuple[int, list[str], Expression]] = {}
        self._expanded: dict[tuple[str, tuple[Node, ...]], Node] = {}
        self._visible = 0  # definitions made before the one whose body is being read
        self.declared: set[str] = set()
        self.expanded: set[str] = set()  # definitions that were
        self.forbidden: set[str] = set()  # names of assertions: they are no terms here

    def define(self, name: Expression, parameters: list[str], body: Expression) -> None:
        """Remember a definition; it is expanded where it is used."""
        symbol = symbol_of(name)
        if symbol in self._definitions or len(set(parameters)) != len(parameters):
            raise Rejected(f"`{symbol}` is defined twice, or two of its parameters have one name")
        self._definitions[symbol] = (len(self._definitions), parameters, body)

    def read(self, expression: Expression) -> Node:
        """Read one closed term."""
        self._scope, self._visible = {}, len(self._definitions)
        stack: list[_Reading] = []
        result = self._leaf(expression) if isinstance(expression, str) else None
        if result is not None:
            return result
        stack.append(self._reading(expression))
        answer: Node | None = None
        while stack:  # in place of recursion: terms may be deep
            try:
                wanted = stack[-1].send(answer)  # type: ignore[arg-type]  # None starts a generator
            except StopIteration as finished:
                stack.pop()
                answer = finished.value
                continue
            answer = self._leaf(wanted) if isinstance(wanted, str) else None
            if answer is None:
                stack.append(self._reading(wanted))
        assert answer is not None  # noqa: S101 - the outermost reading returned it
        return answer

    def _leaf(self, expression: str) -> Node | None:
        """Read an atom; None if it is a definition, which has to be expanded."""
        if expression[0] in '0123456789#"':
            return self._terms.make("leaf", expression)
        symbol = symbol_of(expression)
        if meanings := self._scope.get(symbol):
            return meanings[-1]
        if self._defined(symbol):
            return None
        if symbol in self.forbidden or symbol in _reserved:
            raise Rejected(f"`{symbol}` is not a term")
        return self._terms.make("leaf", symbol if symbol in self.declared else _older.get(symbol, symbol))

    def _reading(self, expression: Expression) -> _Reading:
        match expression:
            case str(name):
                return self._expansion(symbol_of(name), [])
            case ["let", [*bindings], body]:
                return self._let(bindings, body)
            case ["forall" | "exists" as kind, [_, *_] as binders, body]:
                return self._quantified(kind, binders, body)
            case ["!", body, *attributes]:
                # By the standard an annotation says nothing about the meaning of a term, except that `:named` makes a symbol.
                if ":named" in attributes:
                    raise Rejected("a name is given inside an assertion")
                return self._same(body)
            case ["_", str(), *_] | ["as", _, _]:
                return self._opaque(expression)
            case [head, _, *_] if not isinstance(head, str) or head not in _reserved:
                return self._application(head, expression[1:])
        raise Rejected(f"not understood: `{write(expression)[:60]}`")

    def _same(self, body: Expression) -> _Reading:
        return (yield body)

    def _opaque(self, expression: Expression) -> _Reading:
        yield from ()
        return self._terms.make("leaf", self._head(expression))

    def _application(self, head: Expression, arguments: list[Expression]) -> _Reading:
        args: list[Node] = []
        for argument in arguments:
            args.append((yield argument))  # noqa: PERF401 - a comprehension cannot yield
        if isinstance(head, str) and self._defined(symbol := symbol_of(head)) and not self._scope.get(symbol):
            return (yield from self._expansion(symbol, args))
        return self._standard(self._head(head), tuple(args))

    def _standard(self, head: str, args: tuple[Node, ...]) -> Node:
        """Make an application in the words of the standard, where z3 and those who write for it know others."""
        if head not in self.declared:
            head = _older.get(head, head)
            match head, [arg.text for arg in args]:
                case "re.loop", [_, low, high] if low.isdecimal() and high.isdecimal():
                    head, args = f"(_ re.loop {low} {high})", args[:1]
                case "str.indexof", [_, _]:
                    args = (*args, self._terms.make("leaf", "0"))
                case str(), [_, number] if head.startswith("(_ to_fp ") and number.isdecimal():
                    args = (args[0], self._terms.make("leaf", f"{number}.0"))
        return self._terms.make("apply", head, args)

    def _head(self, head: Expression) -> str:
        """Return the text of a function: a symbol, `(_ f 1)` or `(as f S)`; never something bound or defined."""
        match head:
            case str():
                symbol = symbol_of(head)
                if self._scope.get(symbol) or symbol in _reserved or symbol in self.forbidden:
                    raise Rejected(f"`{symbol}` is not a function")
                return symbol
            case ["_", str(), *_]:
                return write(head)
            case ["as", name, _]:
                inner = self._head(name)
                if isinstance(name, str) and self._defined(inner):
                    raise Rejected(f"`{inner}` is a definition, and `as` cannot be expanded")
                return write(head)
        raise Rejected(f"not a function: `{write(head)[:60]}`")

    def _let(self, bindings: list[Expression], body: Expression) -> _Reading:
        names: list[str] = []
        values: list[Node] = []
        for binding in bindings:
            match binding:
                case [str(name), value]:
                    names.append(symbol_of(name))
                    values.append((yield value))  # all are read before any is in scope
                case _:
                    raise Rejected("not understood: a `let` without name and value")
        return (yield from self._within(names, values, body))

    def _quantified(self, kind: str, binders: list[Expression], body: Expression) -> _Reading:
        names: list[str] = []
        sorts: list[str] = []
        for binder in binders:
            match binder:
                case [str(name), sort]:
                    names.append(symbol_of(name))
                    sorts.append(write(sort))
                case _:
                    raise Rejected("not understood: a variable without name and sort")
        variables = [self._terms.variable() for _ in names]
        parts = [(yield from self._within(names, variables, body))]
        match body:
            case ["!", _, *attributes] if self._keep_patterns:
                for key, value in zip(attributes[::2], attributes[1::2], strict=False):
                    if key == ":pattern" and isinstance(value, list):
                        pattern: list[Node] = []
                        for term in value:
                            pattern.append((yield from self._within(names, variables, term)))  # noqa: PERF401 - as above
                        parts.append(self._terms.make("pattern", "", tuple(pattern)))
        return self._terms.close(kind, variables, tuple(sorts), tuple(parts))

    def _within(self, names: list[str], values: list[Node], body: Expression) -> _Reading:
        if len(set(names)) != len(names) or not _reserved.isdisjoint(names):
            raise Rejected("two variables of one binder have one name, or a reserved one")
        for name, value in zip(names, values, strict=True):
            self._scope.setdefault(name, []).append(value)
        node = yield body
        for name in names:
            self._scope[name].pop()
        return node

    def _defined(self, symbol: str) -> bool:
        return symbol in self._definitions and self._definitions[symbol][0] < self._visible

    def _expansion(self, symbol: str, args: list[Node]) -> _Reading:
        place, parameters, body = self._definitions[symbol]
        if len(args) != len(parameters):
            raise Rejected(f"`{symbol}` takes {len(parameters)} arguments")
        key = (symbol, tuple(args))
        if key not in self._expanded:
            outside, self._scope = self._scope, {}  # the body sees its parameters and nothing else
            before, self._visible = self._visible, place
            node = yield from self._within(parameters, args, body)
            self._scope, self._visible = outside, before
            self._expanded[key] = node
            self.expanded.add(symbol)
        return self._expanded[key]


def symbol_of(text: Expression) -> str:
    """Return a symbol in its shortest spelling: `|x|` and `x` are the same."""
    if not isinstance(text, str):
        raise Rejected(f"not a symbol: `{write(text)[:60]}`")
    if text.startswith("|"):
        inner = text[1:-1]
        if inner in _reserved:
            raise Rejected(f"`{text}` is read differently by different solvers")
        return inner if _simple.fullmatch(inner) else text
    if not _simple.fullmatch(text):
        raise Rejected(f"not a symbol: `{text[:60]}`")
    return text


def one_expression(text: str) -> Expression:
    """Read one expression."""
    try:
        found = list(expressions(text))
    except MalformedQuestion as problem:
        raise Rejected(str(problem)) from None
    if len(found) != 1:
        raise Rejected(f"`{text[:40]}` is not one expression")
    return found[0]


def words_in(text: str) -> list[str]:
    """Return the words of a text, one after the other: symbols, quoted or not, and literals."""
    return _word.findall(text)
