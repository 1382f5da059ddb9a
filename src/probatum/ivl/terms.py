"""Terms of many-sorted logic, shared: equal terms are one object.

A `Bank` makes them. Sharing keeps conditions linear in the size of the program
and makes equality a pointer comparison. Terms are monomorphic: whatever types
were, a sort is ground.

Bound variables have names that no other binder of the bank uses (`Bank.fresh`),
so that putting terms in for variables captures nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from fractions import Fraction
from typing import Final

from probatum.records import dataclass


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of SMT-LIB: a head with arguments and indices.

    `Sort("Int")`, `Sort("Array", (INT, BOOL))`, `Sort("_ BitVec", (), (32,))`,
    `Sort("_ FloatingPoint", (), (8, 24))`, `Sort("T#1")` for a declared sort or a datatype.
    """

    head: str
    arguments: tuple[Sort, ...] = ()
    indices: tuple[int, ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)  # asked for at every term that is made

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.head, self.arguments, self.indices)))

    def __hash__(self) -> int:
        return self._hash

    def __reduce__(self) -> tuple[type[Sort], tuple[object, ...]]:
        return Sort, (self.head, self.arguments, self.indices)  # texts hash otherwise in another process


BOOL: Final = Sort("Bool")
INT: Final = Sort("Int")
REAL: Final = Sort("Real")
STRING: Final = Sort("String")
REGEX: Final = Sort("RegLan")
ROUNDING: Final = Sort("RoundingMode")


def bits(width: int) -> Sort:
    """Return the sort of bit-vectors of a width."""
    return Sort("_ BitVec", (), (width,))


def floating(exponent: int, significand: int) -> Sort:
    """Return the sort of IEEE floats."""
    return Sort("_ FloatingPoint", (), (exponent, significand))


def array(index: Sort, element: Sort) -> Sort:
    """Return the sort of arrays; a map with several indexes is an array of arrays."""
    return Sort("Array", (index, element))


@dataclass(slots=True, eq=False)
class Symbol:
    """A declared function or constant of the theory, after monomorphisation.

    Attributes
    ----------
    name : str
        As the source says it, with types for the instance of a polymorphic one; unique in a theory.
    parameters, result : sorts
        No parameters: a constant.
    definition : (bound variables, body), optional
        Then it is a `define-fun` (not recursive), otherwise declared.
    """

    name: str
    parameters: tuple[Sort, ...]
    result: Sort
    definition: tuple[tuple[Term, ...], Term] | None = None


class Term:
    """A term; made by a `Bank` only.

    `kind` is one of

    ============ ============================================== =======================
    kind         payload                                        arguments
    ============ ============================================== =======================
    literal      SMT-LIB text (`true`, `5`, `#b01`, `1.5`)       none
    variable     name (program variable, incarnation or bound)  none
    symbol       `Symbol`                                       its arguments
    operator     SMT-LIB head (`and`, `select`, `bvadd`,        its arguments
                 `(_ extract 7 0)`, `(as const (Array Int Int))`
                 `C`/`f`/`(_ is C)` of a datatype)
    forall,      `Binder`                                       body
    exists
    ============ ============================================== =======================

    `number` orders terms by when they were made: deterministic for the same input.
    """

    __slots__ = ("arguments", "kind", "number", "payload", "sort")

    def __init__(self, kind: str, payload: object, arguments: tuple[Term, ...], sort: Sort, number: int) -> None:
        self.kind = kind
        self.payload = payload
        self.arguments = arguments
        self.sort = sort
        self.number = number

    def __repr__(self) -> str:
        return shown(self)


@dataclass(frozen=True, slots=True)
class Binder:
    """What a quantifier binds and how it may be instantiated.

    `patterns` are multi-patterns (each a tuple of terms over the variables),
    `forbidden` terms that must not be patterns. `name` is the `:qid` that a user
    gave or the position (`file.line:column`), `skolem` the `:skolemid`.
    """

    variables: tuple[Term, ...]
    patterns: tuple[tuple[Term, ...], ...] = ()
    forbidden: tuple[Term, ...] = ()
    weight: int | None = None
    name: str = ""
    skolem: str = ""


@dataclass(slots=True)
class Bank:
    """Makes terms, each once."""

    _terms: dict[tuple[object, ...], Term] = field(default_factory=dict)
    _names: int = 0

    def _make(self, kind: str, payload: object, arguments: tuple[Term, ...], sort: Sort) -> Term:
        key = (kind, payload, arguments, sort)  # terms and symbols hash by identity, and equal ones are identical
        found = self._terms.get(key)
        if found is None:
            found = self._terms[key] = Term(kind, payload, arguments, sort, len(self._terms))
        return found

    # Leaves

    def boolean(self, value: bool) -> Term:
        """Return `true` or `false`."""
        return self._make("literal", "true" if value else "false", (), BOOL)

    def integer(self, value: int) -> Term:
        """Return an integer literal."""
        return self._make("literal", str(value) if value >= 0 else f"(- {-value})", (), INT)

    def real(self, value: Fraction) -> Term:
        """Return a real literal."""
        top, bottom = abs(value.numerator), value.denominator
        text = f"{top}.0" if bottom == 1 else f"(/ {top}.0 {bottom}.0)"
        return self._make("literal", f"(- {text})" if value < 0 else text, (), REAL)

    def literal(self, text: str, sort: Sort) -> Term:
        """Return a literal by its SMT-LIB text."""
        return self._make("literal", text, (), sort)

    def variable(self, name: str, sort: Sort) -> Term:
        """Return the variable of this name and sort."""
        return self._make("variable", name, (), sort)

    def fresh(self, name: str, sort: Sort) -> Term:
        """Return a variable that was never returned before; its name begins with `name` and goes on with `!`."""
        self._names += 1
        return self._make("variable", f"{name}!{self._names}", (), sort)

    # Applications

    def apply(self, symbol: Symbol, arguments: Sequence[Term] = ()) -> Term:
        """Return a declared function of its arguments, or a declared constant."""
        return self._make("symbol", symbol, tuple(arguments), symbol.result)

    def operator(self, head: str, arguments: Sequence[Term], sort: Sort) -> Term:
        """Return an operator of SMT-LIB, or of a datatype, of its arguments; nothing is simplified."""
        return self._make("operator", head, tuple(arguments), sort)

    def negation(self, term: Term) -> Term:
        """Return `not term`, without doubling."""
        if term.kind == "literal":
            return self.boolean(term.payload == "false")
        if term.payload == "not" and term.kind == "operator":
            return term.arguments[0]
        return self.operator("not", (term,), BOOL)

    def conjunction(self, terms: Iterable[Term]) -> Term:
        """Return `and`, flattened, without `true` and repetitions; `false` absorbs."""
        return self._junction("and", terms, neutral="true", absorbing="false")

    def disjunction(self, terms: Iterable[Term]) -> Term:
        """Return `or`, flattened, without `false` and repetitions; `true` absorbs."""
        return self._junction("or", terms, neutral="false", absorbing="true")

    def implication(self, left: Term, right: Term) -> Term:
        """Return `left => right`, simplified where one side is a literal or both are one."""
        if is_literal(left, "true") or is_literal(right, "true"):
            return right
        if is_literal(left, "false"):
            return self.boolean(True)
        if is_literal(right, "false"):
            return self.negation(left)
        if left is right:
            return self.boolean(True)
        return self.operator("=>", (left, right), BOOL)

    def equality(self, left: Term, right: Term) -> Term:
        """Return `left = right`; `true` if they are one term."""
        return self.boolean(True) if left is right else self.operator("=", (left, right), BOOL)

    def conditional(self, condition: Term, then: Term, otherwise: Term) -> Term:
        """Return `ite`, simplified where the condition is a literal or both branches are one."""
        if then is otherwise or is_literal(condition, "true"):
            return then
        if is_literal(condition, "false"):
            return otherwise
        return self.operator("ite", (condition, then, otherwise), then.sort)

    def quantified(self, kind: str, binder: Binder, body: Term) -> Term:
        """Return `forall` or `exists`; the body itself if nothing is bound."""
        return self._make(kind, binder, (body,), BOOL) if binder.variables else body

    def rebuilt(self, term: Term, arguments: Sequence[Term]) -> Term:
        """Return the term with other arguments; connectives are simplified again."""
        if term.kind == "symbol":
            return self._make("symbol", term.payload, tuple(arguments), term.sort)
        match term.payload:
            case "and":
                return self.conjunction(arguments)
            case "or":
                return self.disjunction(arguments)
            case "not":
                return self.negation(arguments[0])
            case "=>":
                return self.implication(arguments[0], arguments[1])
            case "=":
                return self.equality(arguments[0], arguments[1])
            case "ite":
                return self.conditional(arguments[0], arguments[1], arguments[2])
            case _:
                return self._make(term.kind, term.payload, tuple(arguments), term.sort)

    # Substitution

    def substituted(self, term: Term, to: Mapping[Term, Term], known: dict[Term, Term] | None = None) -> Term:
        """Replace variables (or any terms) by terms, without recursion; `known` may be kept for the same `to`."""
        if not to:
            return term
        done = {} if known is None else known
        stack = [term]
        while stack:
            one = stack[-1]
            if one in done:
                stack.pop()
                continue
            if (image := to.get(one)) is not None:
                done[one] = image
                stack.pop()
                continue
            if not one.arguments:
                done[one] = one
                stack.pop()
                continue
            needed = [a for a in children(one) if a not in done]
            if needed:
                stack.extend(needed)
                continue
            stack.pop()
            if isinstance(binder := one.payload, Binder):
                image = self.quantified(
                    one.kind,
                    Binder(
                        binder.variables,
                        tuple(tuple(done[t] for t in pattern) for pattern in binder.patterns),
                        tuple(done[t] for t in binder.forbidden),
                        binder.weight,
                        binder.name,
                        binder.skolem,
                    ),
                    done[one.arguments[0]],
                )
            else:
                arguments = tuple(done[a] for a in one.arguments)
                image = one if arguments == one.arguments else self.rebuilt(one, arguments)
            done[one] = image
        return done[term]

    def _junction(self, head: str, terms: Iterable[Term], *, neutral: str, absorbing: str) -> Term:
        kept: dict[Term, None] = {}
        for term in terms:
            parts = term.arguments if term.kind == "operator" and term.payload == head else (term,)
            for part in parts:
                if part.kind == "literal":
                    if part.payload == absorbing:
                        return part
                    if part.payload == neutral:
                        continue
                kept[part] = None
        if not kept:
            return self.boolean(neutral == "true")
        return next(iter(kept)) if len(kept) == 1 else self.operator(head, tuple(kept), BOOL)


def is_literal(term: Term, text: str) -> bool:
    """Whether a term is the literal with this text (a variable may have any name, `true` too)."""
    return term.kind == "literal" and term.payload == text


def children(term: Term) -> tuple[Term, ...]:
    """Return arguments, and for a quantifier its body and the terms of its patterns (bound variables excluded)."""
    if isinstance(binder := term.payload, Binder):
        return (*term.arguments, *(t for pattern in binder.patterns for t in pattern), *binder.forbidden)
    return term.arguments


def visit(roots: Iterable[Term], see: Callable[[Term], None]) -> None:
    """Call `see` once for every term below the roots, arguments first, patterns included."""
    seen: set[Term] = set()
    stack = [(root, False) for root in reversed(list(roots))]
    while stack:
        term, ready = stack.pop()
        if ready:
            see(term)
            continue
        if term in seen:
            continue
        seen.add(term)
        stack.append((term, True))
        stack.extend((child, False) for child in reversed(children(term)) if child not in seen)


def shown(term: Term, *, limit: int = 2_000) -> str:
    """Return a term for a person who debugs: SMT-LIB without sharing, cut off where it gets long."""
    out: list[str] = []
    length = 0
    stack: list[Term | str] = [term]
    while stack:
        one = stack.pop()
        if isinstance(one, str):
            text = one
        elif isinstance(one.payload, Binder):
            names = " ".join(f"({v.payload} {v.sort.head})" for v in one.payload.variables)
            text = f"({one.kind} ({names}) "
            stack.extend((")", one.arguments[0]))
        else:
            text = one.payload.name if isinstance(one.payload, Symbol) else str(one.payload)
            if one.arguments:
                text = f"({text}"
                stack.append(")")
                for argument in reversed(one.arguments):
                    stack.extend((argument, " "))
        out.append(text)
        length += len(text)
        if length > limit:
            return "".join(out)[:limit] + " ..."
    return "".join(out)
