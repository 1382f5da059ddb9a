"""Code expressions: blocks to one truth value.

A code expression may have choices: a `goto` with several labels, a `havoc`, a
local variable without a value. To be proved it must return true whatever is
chosen; to be assumed, some choice must return true. Where the two differ, the
term holds both, and `settled` takes one of them once it is known whether the
formula around it is proved or assumed.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from probatum.ivl.blocks import Block, Check, Command, Forget, Know, Set
from probatum.ivl.renaming import mentioned
from probatum.ivl.terms import BOOL, INT, REAL, Bank, Binder, Term
from probatum.ivl.unsupported import Unsupported

# The head of a term that has not been settled; no operator of SMT-LIB has this name.
_BOTH: Final = "\u0307both"
# Paths through one code expression, counted at each block; more of them take too long.
MOST_BLOCKS: Final = 20_000


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a piece of code returns for every choice, and for some choice."""

    every: Term
    some: Term


_Walk: TypeAlias = Generator["_Walk", Meaning, Meaning]
_Env: TypeAlias = dict[Term, Term]


class Codes:
    """Finds the meaning of code; remembers whether anything is left to settle."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._undecided = False

    def term(self, blocks: Sequence[Block], unknown: Sequence[Term], result: Term, wheres: Mapping[Term, Term]) -> Term:
        """Return the truth value that blocks without calls leave in `result` where they end.

        Parameters
        ----------
        blocks : sequence of Block
        unknown : sequence of Term
            Local variables, whose values at the start may be any.
        result : Term
        wheres : mapping
            Conditions of local variables, which hold after a `havoc`.

        Raises
        ------
        Unsupported
            For a loop, or too many paths.
        """
        reading = _Reading(self._bank, blocks, unknown, result, wheres)
        meaning = reading.run()
        if meaning.every is meaning.some:
            return meaning.every
        self._undecided = True
        return self._bank.operator(_BOTH, (meaning.every, meaning.some), BOOL)

    def settled(self, term: Term, *, proved: bool) -> Term:
        """Return the term with the meaning that each code expression has where it stands."""
        return _settled(self._bank, term, proved=proved) if self._undecided else term


def _settled(bank: Bank, root: Term, *, proved: bool) -> Term:
    done: dict[tuple[Term, bool], Term] = {}
    stack = [(root, proved)]
    while stack:
        term, every = stack[-1]
        if (term, every) in done:
            stack.pop()
            continue
        if not term.arguments:
            done[term, every] = term
            stack.pop()
            continue
        parts = _parts(term, every=every)
        missing = [part for part in parts if part not in done]
        if missing:
            stack.extend(missing)
            continue
        stack.pop()
        results = [done[part] for part in parts]
        if term.kind == "operator" and term.payload == _BOTH:
            done[term, every] = results[0]
        elif all(new is old for new, (old, _) in zip(results, parts, strict=True)):
            done[term, every] = term
        elif isinstance(binder := term.payload, Binder):
            # Code is no part of a pattern.
            done[term, every] = bank.quantified(term.kind, binder, results[0])
        else:
            done[term, every] = bank.rebuilt(term, results)
    return done[root, proved]


def _parts(term: Term, *, every: bool) -> list[tuple[Term, bool]]:
    """Return the parts of a term, each with whether it must hold for every choice: on the left of an implication it is the other way round."""
    arguments = term.arguments
    if term.kind == "operator":
        match term.payload:
            case "\u0307both":
                return [(arguments[0] if every else arguments[1], every)]
            case "not":
                return [(arguments[0], not every)]
            case "=>":
                return [(arguments[0], not every), *((one, every) for one in arguments[1:])]
            case _:
                pass
    return [(one, every) for one in arguments]


class _Reading:
    """One code expression, path by path: variables are replaced by their values on the way."""

    def __init__(
        self, bank: Bank, blocks: Sequence[Block], unknown: Sequence[Term], result: Term, wheres: Mapping[Term, Term]
    ) -> None:
        self._bank = bank
        self._blocks = {block.name: block for block in blocks}
        self._entry = blocks[0].name
        self._unknown = unknown
        self._result = result
        self._wheres = wheres
        self._chosen: list[Term] = []
        self._open: set[str] = set()
        self._count = 0
        # The same block with the same values means the same, whatever path leads there.
        self._known: dict[tuple[str, int, frozenset[tuple[Term, Term]]], Meaning] = {}

    def run(self) -> Meaning:
        env: _Env = {variable: self._any(variable) for variable in self._unknown}
        meaning = _run(self._block(self._entry, env, 0))
        return Meaning(
            self._over("forall", meaning.every),
            self._over("exists", meaning.some),
        )

    def _over(self, kind: str, term: Term) -> Term:
        found = mentioned((term,))
        return self._bank.quantified(kind, Binder(tuple(one for one in self._chosen if one in found)), term)

    def _any(self, variable: Term) -> Term:
        made = self._bank.fresh(str(variable.payload).split("!", 1)[0], variable.sort)
        self._chosen.append(made)
        return made

    def _block(self, name: str, env: _Env, skipped: int) -> _Walk:
        """Return the meaning of a block and all behind it, without its first commands."""
        key = (name, skipped, frozenset(env.items()))
        if (known := self._known.get(key)) is not None:
            return known
        self._count += 1
        block = self._blocks[name]
        if name in self._open:
            raise Unsupported("a loop in a code expression", block.position)
        if self._count > MOST_BLOCKS:
            raise Unsupported("a code expression with so many paths", block.position)
        env = dict(env)
        steps = list(self._steps(block.commands[skipped:], env))
        self._open.add(name)
        after = block.successors
        if not after:
            value = env.get(self._result, self._result)
            rest = Meaning(value, value)
        elif (decided := self._decided(after, env)) is not None:
            condition, first, second = decided
            then = yield self._block(first, env, 1)
            otherwise = yield self._block(second, env, 1)
            rest = Meaning(
                self._bank.conditional(condition, then.every, otherwise.every),
                self._bank.conditional(condition, then.some, otherwise.some),
            )
        else:
            ways: list[Meaning] = []
            for one in after:
                way = yield self._block(one, env, 0)
                ways.append(way)
            rest = Meaning(self._bank.conjunction(way.every for way in ways), self._bank.disjunction(way.some for way in ways))
        self._open.discard(name)
        for term, claimed in reversed(steps):
            rest = self._after(term, rest, claimed=claimed)
        self._known[key] = rest
        return rest

    def _steps(self, commands: Sequence[Command], env: _Env) -> Iterator[tuple[Term, bool]]:
        """Yield what is assumed (False) and asserted (True) in values of the start, and keep track of values."""
        bank = self._bank
        for command in commands:
            match command:
                case Know(term=term):
                    yield bank.substituted(term, env), False
                case Check(term=term):
                    yield bank.substituted(term, env), True
                case Set(variables=variables, values=values):
                    new = [bank.substituted(value, env) for value in values]
                    env.update(zip(variables, new, strict=True))
                case Forget(variables=variables):
                    env.update((variable, self._any(variable)) for variable in variables)
                    for variable in variables:
                        if variable in self._wheres:
                            yield bank.substituted(self._wheres[variable], env), False
                case _:
                    continue

    def _after(self, term: Term, rest: Meaning, *, claimed: bool) -> Meaning:
        bank = self._bank
        if claimed:
            return Meaning(
                bank.conjunction((term, bank.implication(term, rest.every))),
                bank.disjunction((bank.negation(term), rest.some)),
            )
        return Meaning(bank.implication(term, rest.every), bank.conjunction((term, rest.some)))

    def _decided(self, after: Sequence[str], env: Mapping[Term, Term]) -> tuple[Term, str, str] | None:
        """Return the condition, if one of two blocks is taken where it holds and the other where it does not."""
        if len(after) != 2:
            return None
        first, second = (self._blocks[name].commands[:1] for name in after)
        if not (first and second and isinstance(first[0], Know) and isinstance(second[0], Know)):
            return None
        one = self._bank.substituted(first[0].term, env)
        other = self._bank.substituted(second[0].term, env)
        return (one, after[0], after[1]) if opposite(self._bank, one, other) else None


def opposite(bank: Bank, one: Term, other: Term) -> bool:
    """Whether a term is plainly the negation of another: `p` and `not p`, `a <= b` and `b < a`."""
    if bank.negation(one) is other or bank.negation(other) is one:
        return True
    first, second = _order(one), _order(other)
    if first is None or second is None:
        return False
    return first[0] != second[0] and first[1:] == (second[2], second[1])


def _order(term: Term) -> tuple[bool, Term, Term] | None:
    """Return whether an order is strict, what is less, and what is more."""
    if term.kind != "operator" or len(term.arguments) != 2 or term.arguments[0].sort not in {INT, REAL}:
        return None
    left, right = term.arguments
    match term.payload:
        case "<":
            return True, left, right
        case "<=":
            return False, left, right
        case ">":
            return True, right, left
        case ">=":
            return False, right, left
        case _:
            return None


def _run(walk: _Walk) -> Meaning:
    """Run a walk that yields the walks whose results it needs."""
    stack = [walk]
    value: Meaning | None = None
    while True:
        try:
            inner = next(stack[-1]) if value is None else stack[-1].send(value)
        except StopIteration as done:
            stack.pop()
            result: Meaning = done.value
            if not stack:
                return result
            value = result
        else:
            stack.append(inner)
            value = None
