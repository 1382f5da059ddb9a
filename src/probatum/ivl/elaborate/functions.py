"""Functions, constants and axioms: symbols of the theory, and the facts about them.

Symbols come into being when a term first needs them, one for each instance of a
polymorphic function. What a function means is a fact (`forall x :: {f(x)} f(x) == body`),
a definition (`{:define}`), the expression itself (`{:inline}`), or known to the
solver (`{:builtin}`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from probatum.ivl import terms
from probatum.ivl.elaborate import builtins
from probatum.ivl.elaborate.attributes import quantifier_name, text_of, weight
from probatum.ivl.elaborate.names import instance as instance_name
from probatum.ivl.elaborate.scopes import NO_SCOPE, Scope
from probatum.ivl.syntax import tree
from probatum.ivl.terms import Binder, Sort, Symbol, Term
from probatum.ivl.theory import Fact
from probatum.ivl.types import Type, TypeVariable

if TYPE_CHECKING:
    from probatum.ivl.elaborate.expressions import Elaborator


@dataclass(slots=True, eq=False)
class Instance:
    """A function at ground types.

    Attributes
    ----------
    symbol : Symbol or None
        None: the function is a head of SMT-LIB, or stands for its body.
    head, fixed
        The head, and arguments before those that a call gives.
    inlined : Expression or None
        The body that replaces a call.
    active : bool
        The body is being put in for a call right now: to meet it again would not end.
    """

    decl: tree.Function
    types: Mapping[TypeVariable, Type]
    result: Sort
    symbol: Symbol | None = None
    head: str = ""
    fixed: tuple[Term, ...] = ()
    inlined: tree.Expression | None = None
    active: bool = field(default=False)


class Functions:
    """Makes the symbols and facts of a theory."""

    def __init__(self, elaborator: Elaborator) -> None:
        self._elaborator = elaborator
        self._theory = elaborator.theory
        self._instances: dict[tuple[tree.Function, tuple[Type, ...]], Instance] = {}
        self._of: dict[tree.Function, list[Symbol]] = {}
        self._constants: dict[tree.Variable, Symbol] = {}
        self._pending: deque[Instance] = deque()
        self._declared = False
        self._done_axioms = False

    # What terms need

    def constant(self, decl: tree.Variable) -> Term:
        """Return a constant."""
        found = self._constants.get(decl)
        if found is None:
            name = self._elaborator.names.unique(decl.name)
            found = self._constants[decl] = Symbol(name, (), self._elaborator.sort(decl.type, {}))
            self._theory.symbols.append(found)
        return self._elaborator.bank.apply(found)

    def symbols(self, function: tree.Function) -> list[Symbol]:
        """Return the symbols of all instances of a function so far."""
        return list(self._of.get(function, ()))

    def applied(self, instance: Instance, arguments: tuple[Term, ...]) -> Term:
        """Return a function, which is not inlined, of its arguments."""
        bank = self._elaborator.bank
        if instance.symbol is not None:
            return bank.apply(instance.symbol, arguments)
        if instance.head == "=" and len(arguments) == 2:
            return bank.equality(*arguments)
        return bank.operator(instance.head, (*instance.fixed, *arguments), instance.result)

    def instance(self, decl: tree.Function, arguments: tuple[Type, ...]) -> Instance:
        """Return a function at ground types; if it is new, its meaning is on the list of what is to be done."""
        key = (decl, arguments)
        found = self._instances.get(key)
        if found is None:
            found = self._instances[key] = self._made(decl, arguments)
            if found.symbol is not None and decl.body is not None:
                self._pending.append(found)
        return found

    def _made(self, decl: tree.Function, arguments: tuple[Type, ...]) -> Instance:
        elaborator = self._elaborator
        types = dict(zip(decl.type_variables, arguments, strict=True))
        result = elaborator.sort(decl.result.type, types)
        if decl.body is not None and tree.flag(decl.attributes, "inline"):
            return Instance(decl, types, result, inlined=decl.body)
        parameters = tuple(elaborator.sort(one.type, types) for one in decl.arguments)
        text = builtins.builtin(decl)
        if text is not None:
            head, fixed = builtins.head(text, parameters, result)
            roundings = tuple(elaborator.bank.literal(one, terms.ROUNDING) for one in fixed)
            return Instance(decl, types, result, head=head, fixed=roundings)
        symbol = Symbol(elaborator.names.unique(instance_name(decl.name, arguments)), parameters, result)
        self._theory.symbols.append(symbol)
        self._of.setdefault(decl, []).append(symbol)
        return Instance(decl, types, result, symbol=symbol)

    # What is known of them

    def finish(self) -> None:
        """Add all declarations to the theory, and the meaning of every instance that terms need."""
        if not self._declared:
            self._declared = True
            self._declare()
        self._define()
        if not self._done_axioms:
            # After the bodies, so that the facts for instances that only bodies need come at the same place in any order.
            self._done_axioms = True
            self._axioms()
            self._define()
        self._order_definitions()

    def _declare(self) -> None:
        uniques: dict[Sort, list[Symbol]] = {}
        for one in self._elaborator.program.declarations:
            if isinstance(one, tree.ConstantGroup):
                for decl in one.constants:
                    self.constant(decl)
                    if one.unique:
                        symbol = self._constants[decl]
                        uniques.setdefault(symbol.result, []).append(symbol)
            elif isinstance(one, tree.Function) and not one.type_variables:
                self.instance(one, ())
        self._theory.uniques.extend(tuple(group) for group in uniques.values() if len(group) > 1)

    def _define(self) -> None:
        while self._pending:
            self._meaning(self._pending.popleft())

    def _meaning(self, instance: Instance) -> None:
        elaborator, decl, symbol = self._elaborator, instance.decl, instance.symbol
        if symbol is None or decl.body is None:
            return
        bank = elaborator.bank
        variables = tuple(
            bank.fresh(one.name or f"_{number}", sort)
            for number, (one, sort) in enumerate(zip(decl.arguments, symbol.parameters, strict=True))
        )
        scope = Scope(instance.types, dict(zip(decl.arguments, variables, strict=True)))
        body = elaborator.term(decl.body, scope)
        if tree.flag(decl.attributes, "define"):
            symbol.definition = (variables, body)
            return
        call = bank.apply(symbol, variables)
        # Equal as values: for floats, too, where `==` is another relation and no NaN is `==` to itself.
        equal = bank.equality(call, body)
        name = text_of(decl.attributes, "qid")
        if name is None and decl.arguments:
            like = tree.Quantifier(decl.position, "forall", [], decl.arguments, [], [], decl.body)
            name = quantifier_name(like)
        binder = Binder(variables, ((call,),), weight=weight(decl.attributes), name=name or "")
        self._theory.facts.append(
            Fact(bank.quantified("forall", binder, equal), decl.position, owners=(symbol,), incoming=((symbol,),))
        )

    def _axioms(self) -> None:
        for one in self._elaborator.program.declarations:
            match one:
                case tree.Axiom():
                    self._axiom(one, None)
                case tree.ConstantGroup():
                    for axiom in one.uses:
                        self._axiom(axiom, [self._constants[decl] for decl in one.constants])
                case tree.Function():
                    for axiom in one.uses:
                        self._axiom(axiom, one)
                case _:
                    pass

    def _axiom(self, axiom: tree.Axiom, user: tree.Function | list[Symbol] | None) -> None:
        elaborator = self._elaborator
        term = elaborator.term(axiom.expression, NO_SCOPE)
        # A quantifier over types has become a conjunction of facts that are needed at different types.
        split = elaborator.instances.polymorphic and term.kind == "operator" and term.payload == "and"
        included = tree.flag(axiom.attributes, "include_dep")
        hideable = axiom.hideable and not (isinstance(user, tree.Function) and user.revealed)
        for part in term.arguments if split else (term,):
            if terms.is_literal(part, "true"):
                continue
            if user is None:
                owners: Sequence[Symbol] = ()
            else:
                owners = self.symbols(user) if isinstance(user, tree.Function) else user
                mentioned = symbols_in(part)
                owners = [owner for owner in owners if owner in mentioned] or owners
            self._theory.facts.append(
                Fact(
                    part,
                    axiom.position,
                    owners=tuple(owners),
                    hideable=hideable,
                    kept=tree.flag(axiom.attributes, "keep"),
                    incoming=incoming(part, all_symbols=included),
                )
            )

    def _order_definitions(self) -> None:
        """Put definitions after what they mention, at the end of the symbols."""
        symbols = self._theory.symbols
        defined = {one: None for one in symbols if one.definition is not None}
        if not defined:
            return
        needs = {one: [s for s in symbols_in(one.definition[1]) if s in defined] for one in defined if one.definition}
        ordered: dict[Symbol, None] = {}
        for start in defined:
            stack = [(start, False)]
            path: set[Symbol] = set()
            while stack:
                one, ready = stack.pop()
                if ready:
                    path.discard(one)
                    ordered[one] = None
                elif one not in ordered and one not in path:
                    path.add(one)
                    stack.append((one, True))
                    stack.extend((need, False) for need in needs[one])
        symbols[:] = [*(one for one in symbols if one not in defined), *ordered]


def symbols_in(term: Term) -> dict[Symbol, None]:
    """Return the declared functions and constants in a term, in the order in which they occur."""
    found: dict[Symbol, None] = {}

    def see(one: Term) -> None:
        if isinstance(one.payload, Symbol):
            found[one.payload] = None

    terms.visit((term,), see)
    return found


def incoming(term: Term, *, all_symbols: bool = False) -> tuple[tuple[Symbol, ...], ...]:
    """Return the groups of symbols that make an axiom needed, as its text says: all of a group are there.

    Each trigger is a group. With `all_symbols` (`{:include_dep}`) so is each symbol
    by itself, except those that stand only under quantifiers with triggers, where
    a solver does not come without a trigger.
    """
    groups: dict[tuple[Symbol, ...], None] = {}

    def see(one: Term) -> None:
        if isinstance(binder := one.payload, Binder):
            for pattern in (*binder.patterns, *((t,) for t in binder.forbidden)):
                group = tuple(dict.fromkeys(s for t in pattern for s in symbols_in(t)))
                if group:
                    groups[group] = None

    terms.visit((term,), see)
    if all_symbols:
        for symbol in _outside_triggered(term):
            groups[(symbol,)] = None
    return tuple(groups)


def _outside_triggered(term: Term) -> Iterable[Symbol]:
    found: dict[Symbol, None] = {}
    # Position: True under an even number of negations, False under an odd one, None where both count.
    stack: list[tuple[Term, bool | None]] = [(term, True)]
    seen: set[tuple[Term, bool | None]] = set()
    while stack:
        one, positive = stack.pop()
        if (one, positive) in seen:
            continue
        seen.add((one, positive))
        if isinstance(one.payload, Symbol):
            found[one.payload] = None
        if isinstance(binder := one.payload, Binder):
            known = (one.kind == "forall") if positive is True else (one.kind == "exists") if positive is False else False
            if not (known and (binder.patterns or binder.forbidden)):
                stack.append((one.arguments[0], None))
            continue
        match one.payload:
            case "and" | "or":
                stack.extend((a, positive) for a in one.arguments)
            case "not":
                stack.append((one.arguments[0], None if positive is None else not positive))
            case "=>":
                stack.append((one.arguments[0], None if positive is None else not positive))
                stack.append((one.arguments[1], positive))
            case _:
                stack.extend((a, None) for a in one.arguments)
    return found
