"""Check a ground certificate: the method `solve/ground/1`. Short on purpose: this is trusted.

An obligation is read into terms in which every *closed* quantified formula (one
without free variables) is one node. To solvers such a formula is a Boolean
constant about which nothing is known; all that they learn about it are the
lemmas that the steps of a certificate name (see `certificate`), and each lemma
is valid, whatever the terms:

========  =====================  =====================
formula   instance, terms t      witness, constants c
========  =====================  =====================
forall    formula => body(t)     body(c) => formula
exists    body(t) => formula     formula => body(c)
========  =====================  =====================

And of arrays: if they hold the same at a new constant, they are equal, since
that constant stands for a place where they differ, if there is one.

So if the chosen assertions and the lemmas cannot hold together, which solvers
decide without any quantifier left, then neither can the assertions.

What makes this sound, and where it is done:

- A variable is replaced by a term that contains no variable and no quantifier,
  and every binder has names of its own, so nothing is captured (`Terms.close`,
  `Terms.replace`).
- Constants of a witness are new: named by us, after the formula was complete,
  with a prefix that no obligation may contain (`OURS`).
- A term has the sort of its variable: solvers are made to check it, by a
  definition of that sort (`Ground.instance`).
- Nothing that is not understood passes (`Reader`).

This module does not look at how certificates are found, and must not.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from probatum.errors import EvidenceError
from probatum.evidence import CONFIRMED, Evidence, Proof, Recheck
from probatum.solve import by_cvc5, by_z3
from probatum.solve.answers import Answer, Sat, Unknown, Unsat, milliseconds
from probatum.solve.certificate import METHOD, Certificate, Difference, Step, digest_of_text
from probatum.solve.text import Expression, MalformedQuestion, Script, expressions, write

OURS = "ground!"

# More than any obligation has, and few enough that renaming at each binder stays cheap.
DEEPEST_QUANTIFIERS = 100

_reserved = {"!", "_", "as", "choice", "exists", "forall", "lambda", "let", "match", "par"}
_binds = {"choice", "exists", "forall", "lambda", "match"}
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


class Rejected(ValueError):
    """An obligation or a certificate contains what this module does not understand or allow."""


# --- terms ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A term. Equal terms (up to names of bound variables) of one `Terms` are the same object.

    Attributes
    ----------
    kind : str
        ``leaf`` (constant or literal), ``apply``, ``variable`` (bound), ``forall`` or ``exists``; with
        `Reader.keep_patterns` also ``pattern`` (after the body of a quantified formula).
    text : str
        The symbol, literal or function; of a variable, its name.
    args : tuple of Node
        Arguments; of a quantified formula, its body (and patterns).
    sorts : tuple of str
        Of a quantified formula: the sorts of its variables.
    free : frozenset of str
        Names of variables that occur and are bound outside.
    rank : int
        How deep quantifiers are nested; 0 if there are none.
    """

    kind: str
    text: str
    args: tuple[Node, ...] = ()
    sorts: tuple[str, ...] = ()
    free: frozenset[str] = frozenset()
    rank: int = 0

    @property
    def quantified(self) -> bool:
        """Whether it is a quantified formula."""
        return self.kind in ("forall", "exists")


_nothing: frozenset[str] = frozenset()


class Terms:
    """Makes nodes, each term once."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, str, tuple[int, ...], tuple[str, ...]], Node] = {}
        self._digests: dict[Node, bytes] = {}
        self._variables = 0

    def make(self, kind: str, text: str, args: tuple[Node, ...] = (), sorts: tuple[str, ...] = ()) -> Node:
        """Return the node; its variables are what its parts leave free."""
        key = (kind, text, tuple(map(id, args)), sorts)
        found = self._nodes.get(key)
        if found is None:
            open_parts = {part.free for part in args if part.free}
            free = next(iter(open_parts)) if len(open_parts) == 1 else _nothing.union(*open_parts)
            rank = max((part.rank for part in args), default=0)
            if kind == "variable":
                free = frozenset({text})
            elif kind in ("forall", "exists"):
                rank += 1
                free -= set(_bound(rank, len(sorts)))
            found = self._nodes[key] = Node(kind, text, args, sorts, free, rank)
        return found

    def variable(self) -> Node:
        """Return a variable that occurs nowhere, for a binder that is being read."""
        self._variables += 1
        return self.make("variable", f"new {self._variables}")

    def close(self, kind: str, variables: Sequence[Node], sorts: tuple[str, ...], parts: tuple[Node, ...]) -> Node:
        """Bind variables: `parts` are the body and patterns.

        The bound names say how deep quantifiers are nested *below*. So they differ
        from all names bound inside, formulas that differ in names are one node, and
        the names stay right when terms without quantifiers replace variables.
        """
        rank = 1 + max(part.rank for part in parts)
        if rank > DEEPEST_QUANTIFIERS:
            raise Rejected(f"quantifiers are nested more than {DEEPEST_QUANTIFIERS} deep")
        names = _bound(rank, len(sorts))
        bound = {variable.text: self.make("variable", name) for variable, name in zip(variables, names, strict=True)}
        return self.make(kind, "", tuple(self.replace(part, bound) for part in parts), sorts)

    def body(self, formula: Node, terms: Sequence[Node]) -> Node:
        """Return the body of a closed formula with terms (closed, without quantifiers) for its variables."""
        if not formula.quantified or formula.free or len(terms) != len(formula.sorts):
            raise Rejected("an instance needs a closed quantified formula and one term for each of its variables")
        if any(term.free or term.rank for term in terms):
            raise Rejected("a term of an instance contains a quantifier")
        return self.replace(formula.args[0], dict(zip(_bound(formula.rank, len(terms)), terms, strict=True)))

    def replace(self, node: Node, by: Mapping[str, Node]) -> Node:
        """Put terms for variables, everywhere."""
        done: dict[Node, Node] = {self.make("variable", name): term for name, term in by.items()}
        todo = [node]
        while todo:
            now = todo[-1]
            if now in done:
                todo.pop()
            elif now.free.isdisjoint(by):
                done[now] = now
            elif missing := [part for part in now.args if part not in done]:
                todo.extend(missing)
            else:
                done[now] = self.make(now.kind, now.text, tuple(done[part] for part in now.args), now.sorts)
        return done[node]

    def digest(self, node: Node) -> str:
        """Return the name of a formula: a digest of all that it says, without patterns."""
        todo = [node]
        while todo:
            now = todo[-1]
            parts = now.args[:1] if now.quantified else now.args
            if now in self._digests:
                todo.pop()
            elif missing := [part for part in parts if part not in self._digests]:
                todo.extend(missing)
            else:
                said = "\0".join([now.kind, now.text, str(len(now.sorts)), *now.sorts])
                self._digests[now] = sha256(said.encode() + b"\0" + b"".join(self._digests[part] for part in parts)).digest()
        return self._digests[node].hex()[:32]


def _bound(rank: int, count: int) -> list[str]:
    """Return the names of the variables of a quantified formula."""
    return [f"{rank}.{place}" for place in range(count)]


def reachable(roots: Sequence[Node]) -> Iterator[Node]:
    """Yield every node outside quantified formulas, and those formulas, once: parts after what contains them."""
    seen = set(roots)
    todo = list(seen)
    while todo:
        node = todo.pop()
        yield node
        if not node.quantified:
            new = [part for part in node.args if part not in seen]
            seen.update(new)
            todo.extend(dict.fromkeys(new))


def write_term(root: Node, special: Callable[[Node], str], prefix: str) -> str:
    """Write a term; what occurs twice is said once, by `let`.

    Parameters
    ----------
    root : Node
        The term.
    special : function of Node to str
        Text of a quantified formula, or of a variable.
    prefix : str
        Of the names that `let` gives; no other name in the term starts with it.
    """
    uses: dict[Node, int] = {}
    for node in reachable([root]):
        for part in () if node.quantified else node.args:
            uses[part] = uses.get(part, 0) + 1
    level: dict[Node, int] = {}  # how deep `let`s are nested when all parts have their names
    texts: dict[Node, str] = {}
    bindings: dict[int, list[str]] = {}
    todo = [root]
    while todo:
        node = todo[-1]
        if node in texts:
            todo.pop()
        elif node.quantified or node.kind == "variable":
            texts[node], level[node] = special(node), 0
        elif not node.args:
            texts[node], level[node] = node.text, 0
        elif missing := [part for part in node.args if part not in texts]:
            todo.extend(missing)
        else:
            text = f"({node.text} {' '.join(texts[part] for part in node.args)})"
            level[node] = max(level[part] for part in node.args)
            # Long texts get a name too: copying them at every level above would take quadratic time.
            if (uses.get(node, 0) > 1 or len(text) > 1000) and node is not root:
                name = f"{prefix}{len(texts)}"
                bindings.setdefault(level[node], []).append(f"({name} {text})")
                text = name
                level[node] += 1
            texts[node] = text
    opening = "".join(f"(let ({' '.join(bindings[depth])}) " for depth in sorted(bindings))
    return opening + texts[root] + ")" * len(bindings)


# --- reading -------------------------------------------------------------------------------------

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
        symbol = _symbol(name)
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
        symbol = _symbol(expression)
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
                return self._expansion(_symbol(name), [])
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
        if isinstance(head, str) and self._defined(symbol := _symbol(head)) and not self._scope.get(symbol):
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
                symbol = _symbol(head)
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
                    names.append(_symbol(name))
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
                    names.append(_symbol(name))
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


def _symbol(text: Expression) -> str:
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


# --- obligations ---------------------------------------------------------------------------------


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
            match _one(self.assertions[number]):
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
        found = _symbol(symbol)
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
        match _one(command):
            case ["set-info", *_] | ["set-logic", _]:
                pass
            case ["assert", ["!", _, ":named", str(label)]]:
                reader.forbidden.add(_symbol(label))
                obligation.assertions.append(command)
            case ["assert", _]:
                obligation.assertions.append(command)
            case ["define-fun", symbol, [*parameters], sort, body]:
                reader.define(name(symbol), [_symbol(_first(p)) for p in parameters], body)
                # Declared where it is expanded, so that solvers refuse a definition of a symbol that has a meaning.
                declared: Expression = ["declare-fun", symbol, [_second(p) for p in parameters], sort]
                obligation.declarations.append((_symbol(symbol), write(declared)))
            case ["define-const", symbol, sort, body]:
                reader.define(name(symbol), [], body)
                obligation.declarations.append((_symbol(symbol), write(["declare-fun", symbol, [], sort])))
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


def _one(text: str) -> Expression:
    """Read one expression."""
    try:
        found = list(expressions(text))
    except MalformedQuestion as problem:
        raise Rejected(str(problem)) from None
    if len(found) != 1:
        raise Rejected(f"`{text[:40]}` is not one expression")
    return found[0]


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


# --- the ground problem --------------------------------------------------------------------------


class Ground:
    """Assertions and lemmas about the closed quantified formulas in them."""

    def __init__(self, obligation: Obligation) -> None:
        self.obligation = obligation
        self.terms = obligation.terms
        self.facts: list[Node] = []  # what is asserted, in order
        self._known: dict[str, Node] = {}  # quantified formulas, by digest
        self._numbers: dict[Node, int] = {}  # of the same, for their names
        self._seen: set[Node] = set()
        self._sorts: dict[str, str] = {}  # of new constants
        self._checks: dict[tuple[str, Node], None] = {}  # sorts that terms have to have
        self._names: list[str] = []
        self._steps = 0

    def assume(self, number: int) -> None:
        """Add an assertion of the obligation."""
        self._add(self.obligation.assertion(number))

    def apply(self, step: Step | Difference) -> Node:
        """Add what a step says, and return the lemma.

        Raises
        ------
        Rejected
            If the step speaks of a formula or constant that does not occur before it, or a term is not one.
        """
        if isinstance(step, Difference):
            return self._differ(step)
        formula = self._known.get(step.formula)
        if formula is None:
            raise Rejected(f"no quantified formula `{step.formula[:40]}` occurs before step {self._steps}")
        if step.terms is None:
            # New: they are named after the formula, when it is complete.
            own = [self._constant(witness_name(step.formula, i), sort) for i, sort in enumerate(formula.sorts)]
            return self._conclude(formula, own, witness=True)
        if len(step.terms) != len(formula.sorts):
            raise Rejected(f"step {self._steps} needs {len(formula.sorts)} terms")
        given = zip(step.terms, formula.sorts, strict=True)
        # About a missing term nothing else is said: one constant for each sort is enough. No sort is empty.
        values = [self._constant(any_name(sort), sort) if term is None else self.read_term(term) for term, sort in given]
        return self._conclude(formula, values, witness=False)

    def _differ(self, step: Difference) -> Node:
        arrays = tuple(self.read_term(text) for text in step.arrays)
        match _one(step.sort):
            case ["Array", index, _] if OURS not in step.sort and not any(array.free or array.rank for array in arrays):
                place = self._constant(difference_name(self.terms, arrays, step.sort), write(index))
            case _:
                raise Rejected(f"`{step.sort[:40]}` is not the sort of arrays, or what differs contains a quantifier")
        for array in arrays:
            self._checks[write(_one(step.sort)), array] = None
        held = tuple(self.terms.make("apply", "select", (array, place)) for array in arrays)
        equal = self.terms.make("apply", "=", arrays)
        lemma = self.terms.make("apply", "=>", (self.terms.make("apply", "=", held), equal))
        self._add(lemma)
        self._steps += 1
        return lemma

    def knows(self, digest: str) -> bool:
        """Whether a closed quantified formula with this digest has occurred."""
        return digest in self._known

    def names(self) -> list[str]:
        """Return digests of formulas and names of constants that have occurred, in order."""
        return self._names

    def _constant(self, name: str, sort: str) -> Node:
        if name not in self._sorts:
            self._sorts[name] = sort
            self._names.append(name)
        return self.terms.make("leaf", name)

    def _conclude(self, formula: Node, values: Sequence[Node], *, witness: bool) -> Node:
        """Add the lemma of the table above."""
        body = self.terms.body(formula, values)
        for value, sort in zip(values, formula.sorts, strict=True):
            if value.kind != "leaf" or self._sorts.get(value.text) != sort:
                self._checks[sort, value] = None
        forwards = (formula.kind == "forall") != witness
        lemma = self.terms.make("apply", "=>", (formula, body) if forwards else (body, formula))
        self._add(lemma)
        self._steps += 1
        return lemma

    def read_term(self, text: str) -> Node:
        """Read a term of a certificate: closed, without quantifiers, with no new constant but those of earlier steps."""
        for word in _word.findall(text):
            if OURS in word and word not in self._sorts:
                raise Rejected(f"`{word[:40]}` is not a constant of an earlier step")
        return self.obligation.reader.read(_one(text))

    def script(self) -> Script:
        """Return the problem as solvers get it: no quantifier is left, and nothing is declared that does not occur.

        Raises
        ------
        Rejected
            If a binder is left.
        """
        facts = [f"(assert {self.written(fact)})" for fact in self.facts]
        commands = [*self.declarations(facts), *facts]
        words = {word.strip("|") for command in commands for word in _word.findall(command)}
        if not _binds.isdisjoint(words):
            raise Rejected("something that binds variables is left")
        return Script(tuple(commands), "QF_ALL", (None,) * len(facts), ())

    def declarations(self, facts: Sequence[str]) -> list[str]:
        """Return what has to stand before facts, with the definitions that make solvers check sorts."""
        own = [f"(declare-fun {OURS}formula!{number} () Bool)" for number in range(len(self._numbers))]
        own += [f"(declare-fun {constant} () {sort})" for constant, sort in self._sorts.items()]
        own += [f"(define-fun {OURS}sort!{i} () {sort} {self.written(term)})" for i, (sort, term) in enumerate(self._checks)]
        words = {_symbol(w) if w[0] == "|" else w for command in (*own, *facts) for w in set(_word.findall(command))}
        words |= self.obligation.reader.expanded
        declared = [write(_one(command)) for symbol, command in self.obligation.declarations if not symbol or symbol in words]
        return [*declared, *own]

    def written(self, root: Node) -> str:
        """Write a closed term, with constants for quantified formulas."""
        return write_term(root, lambda formula: f"{OURS}formula!{self._numbers[formula]}", f"{OURS}let!")

    def _add(self, fact: Node) -> None:
        self.facts.append(fact)
        for node in reachable([fact]):
            if node in self._seen:
                continue
            self._seen.add(node)
            if node.quantified:
                self._numbers[node] = len(self._numbers)
                if (digest := self.terms.digest(node)) not in self._known:
                    self._known[digest] = node
                    self._names.append(digest)


def witness_name(digest: str, place: int) -> str:
    """Return the constant for a variable in the witness of a formula."""
    return f"{OURS}{digest}!{place}"


def difference_name(terms: Terms, arrays: tuple[Node, ...], sort: str) -> str:
    """Return the constant for a place where two arrays differ."""
    return f"{OURS}{terms.digest(terms.make('apply', 'difference ' + sort, arrays))}!0"


def any_name(sort: str) -> str:
    """Return the constant of a sort about which nothing is said."""
    return f"{OURS}any!{sha256(sort.encode()).hexdigest()[:32]}"


# --- the check -----------------------------------------------------------------------------------


def build(text: str, certificate: Certificate) -> Script:
    """Return the ground problem that a certificate makes of an obligation.

    Raises
    ------
    Rejected
        If the certificate is for another obligation, or a step is not valid.
    """
    if digest_of_text(text) != certificate.obligation:
        raise Rejected("the certificate is for another obligation")
    if list(certificate.assertions) != sorted(set(certificate.assertions)):
        raise Rejected("assertions are not in order, or named twice")
    ground = Ground(read_obligation(text))
    for number in certificate.assertions:
        ground.assume(number)
    for step in certificate.steps:
        ground.apply(step)
    return ground.script()


def check(text: str, certificate: Certificate, *, timeout_s: float = 60.0, solvers: Sequence[str] = ("z3", "cvc5")) -> Recheck:
    """Check that a certificate proves an obligation unsatisfiable.

    Parameters
    ----------
    text : str
        The obligation, as SMT-LIB.
    certificate : Certificate
        Why.
    timeout_s : float
        Limit for each solver, in seconds of wall-clock time.
    solvers : sequence of str
        All of them have to agree.

    Returns
    -------
    Recheck
        Confirmed if every solver finds the ground problem unsatisfiable.
        Refuted if a step is not valid or a solver finds it satisfiable.
        `cannot` if a solver does not decide.
    """
    try:
        script = build(text, certificate)
    except Rejected as problem:
        return Recheck("refuted", str(problem))
    for solver in solvers:
        match _asks[solver](script, timeout_s):
            case Sat():
                return Recheck("refuted", f"the certificate is not enough: {solver} finds what is left satisfiable")
            case Unknown(reason=reason) if "cannot read the question" in reason:
                return Recheck("refuted", f"a term does not have the sort of its variable, or is not one: {reason}")
            case Unknown(reason=reason):
                return Recheck("cannot", reason)
    return CONFIRMED


def _by_z3(script: Script, timeout_s: float) -> Answer:
    """Ask z3: first its core alone, without the preprocessing that pays for hard questions only."""
    try:
        import z3
    except ImportError:
        return by_z3.ask(script, (), timeout_s=timeout_s, effort=None, seed=0)  # which says so
    context = z3.Context()
    solver = z3.SimpleSolver(ctx=context)
    solver.set("timeout", milliseconds(timeout_s / 4))
    started = time.monotonic()
    try:
        for formula in z3.parse_smt2_string(script.text, ctx=context):
            solver.add(formula)
        if solver.check() == z3.unsat:
            return Unsat(script.text, f"z3 {z3.get_version_string()}", time.monotonic() - started)
    except z3.Z3Exception as problem:
        return Unknown(f"z3 cannot read the question: {' '.join(str(problem).split())[:200]}", "z3")
    return by_z3.ask(script, (), timeout_s=timeout_s * 3 / 4, effort=None, seed=0)


def _by_cvc5(script: Script, timeout_s: float) -> Answer:
    # Ground questions about datatypes that contain themselves inside an array or a sequence are no difficulty.
    return by_cvc5.ask(script, (), timeout_s=timeout_s, effort=None, seed=0, dt_nested_rec="true")


_asks: Mapping[str, Callable[[Script, float], Answer]] = {"z3": _by_z3, "cvc5": _by_cvc5}


def recheck(evidence: Evidence, *, timeout_s: float = 60.0) -> Recheck:
    """Check stored evidence: an obligation and its certificate.

    Raises
    ------
    EvidenceError
        If the evidence is not that.
    """
    if evidence.method != METHOD or not isinstance(evidence, Proof):
        raise EvidenceError(f"evidence by `{METHOD}` must be a proof")
    stored = evidence.certificate
    if set(stored) != {"smtlib", "ground"} or not isinstance(stored["smtlib"], str):
        raise EvidenceError("a stored proof lacks its obligation or its certificate", help="run the proof again to make it anew")
    return check(stored["smtlib"], Certificate.from_json(stored["ground"]), timeout_s=timeout_s)
