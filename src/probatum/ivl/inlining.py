"""Calls replaced by the bodies of their procedures, as deep as `{:inline N}` says.

The blocks of an inlined body stand between those of the caller:
`inline$P$0$Entry` assigns the arguments and asserts the preconditions,
`inline$P$0$anon0` and so on are the body's own, and `inline$P$0$Return` asserts
the postconditions and assigns the results; the caller goes on in `anon0$1`.
The number counts what was inlined of `P` so far. Names are Boogie's, because
traces show them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from probatum.ivl.blocks import OLD, Block, Body, Check, Claim, Command, Forget, Invoke, Know, Label, Module, Routine, Set
from probatum.ivl.calls import precondition
from probatum.ivl.flags import count, known_afterwards, on
from probatum.ivl.options import Options
from probatum.ivl.renaming import Renaming, old_variables
from probatum.ivl.syntax import tree
from probatum.ivl.terms import Bank, Term
from probatum.ivl.unsupported import Unsupported

# Inlining can double the blocks with each level; beyond this nobody waits for the proof.
MOST_BLOCKS = 100_000

_Walk: TypeAlias = Generator["_Walk", list[Block], list[Block]]


def inline(body: Body, module: Module, bank: Bank, options: Options, *, depth: int = -1) -> Body:
    """Return the body with calls inlined; what is too deep stays a call or stops, as `options.inline` says.

    With a `depth` that is not negative, every call of a procedure that has a
    body is inlined so deep, marked or not: this is how invariant inference looks
    into calls. The assertions of that body are left out and its postconditions
    known, because both are proved elsewhere, and what is too deep stays a call.

    Raises
    ------
    Unsupported
        If a body that must be inlined is not supported, or the result would have more than `MOST_BLOCKS` blocks.
    """
    calls = [c for block in body.blocks for c in block.commands if isinstance(c, Invoke) and c.procedure.bodies]
    if depth < 0:
        calls = [call for call in calls if call.depth is not None or _marked(call.procedure)]
        # As in Boogie, what a call says counts only in a program that marks a procedure.
        if options.inline == "none" or not (calls and any(map(_marked, module.routines))):
            return body
    if not calls:
        return body
    inliner = _Inliner(body, module, bank, options, depth)
    blocks = _run(inliner.inlined(body.blocks))
    made = body.with_blocks(blocks, more_locals=tuple(inliner.locals))
    return replace(made, wheres={**body.wheres, **inliner.wheres})


def is_marked(attributes: Iterable[tree.Attribute]) -> bool:
    """Whether there is an `{:inline e}`, whatever `e` is: such a body is not verified for itself."""
    return any(one.key == "inline" and one.values and not isinstance(one.values[0], str) for one in attributes)


def _marked(routine: Routine) -> bool:
    return is_marked(routine.attributes) or any(is_marked(body.attributes) for body in routine.bodies)


@dataclass(slots=True)
class _Budget:
    """How deep a procedure may still be inlined, and the call that began to count."""

    left: int
    call: Invoke


class _Inliner:
    def __init__(self, body: Body, module: Module, bank: Bank, options: Options, depth: int) -> None:
        self._bank = bank
        self._options = options
        self._depth = depth
        self._olds = old_variables(bank, module.globals, OLD)
        names = [v.payload for v in (*body.ins, *body.outs, *body.locals, *module.globals)]
        self._prefix = _prefix([*map(str, names), *(block.name for block in body.blocks)])
        self._labels = {block.name for block in body.blocks}
        self._names: set[str] = set()
        self._counts: dict[str, int] = {}
        self._budgets: dict[str, _Budget] = {}
        self._size = 0
        self.locals: list[Term] = []
        self.wheres: dict[Term, Term] = {}

    def inlined(self, blocks: list[Block]) -> _Walk:
        done: list[Block] = []
        for block in blocks:
            commands: list[Command] = []
            name = block.name
            number = 0
            for command in block.commands:
                if not isinstance(command, Invoke) or not command.procedure.bodies:
                    commands.append(command)
                    continue
                left = self._left(command)
                if left is None or left < 0:
                    commands.append(command)
                elif left == 0:
                    commands.append(self._stopped(command))
                else:
                    number += 1
                    next_ = self._label(f"{block.name}${number}")
                    first, inner = yield from self._call(command, next_)
                    done.append(Block(name, commands, [first], block.position, header=block.header and number == 1))
                    done.extend(inner)
                    name = next_
                    commands = []
                self._leave(command)
            done.append(replace(block, name=name, commands=commands, header=block.header and not number))
        return done

    def _left(self, call: Invoke) -> int | None:
        """Return how deep this call may be inlined, None if it is not to be."""
        if self._depth >= 0:
            return self._depth
        routine = call.procedure
        body = routine.bodies[0]
        budget = self._budgets.get(body.name)
        if budget is None:
            left = call.depth
            if left is None:
                left = routine.inline if routine.inline is not None else count(body.attributes, "inline")
            if left is None:
                return None
            budget = self._budgets[body.name] = _Budget(left, call)
        return budget.left

    def _leave(self, call: Invoke) -> None:
        name = call.procedure.bodies[0].name
        if name in self._budgets and self._budgets[name].call is call:
            del self._budgets[name]

    def _stopped(self, call: Invoke) -> Command:
        false = self._bank.boolean(False)
        match self._options.inline if self._depth < 0 else "spec":
            case "assert":
                return Check(false, Label(Claim.ASSERT, call.position))
            case "assume":
                return Know(false, call.position)
            case _:
                return call

    def _call(self, call: Invoke, next_: str) -> Generator[_Walk, list[Block], tuple[str, list[Block]]]:
        body = call.procedure.bodies[0]
        if body.unsupported:
            raise Unsupported(body.unsupported, call.position)
        blocks = self._copied(call, body, next_)
        self._size += len(blocks)
        if self._size > MOST_BLOCKS:
            raise Unsupported(f"inlining that makes more than {MOST_BLOCKS} blocks", call.position)
        budget = self._budgets.get(body.name)
        if self._depth >= 0:
            self._depth -= 1
        elif budget is not None:
            budget.left -= 1
        inner = yield self.inlined(blocks)
        if self._depth >= 0:
            self._depth += 1
        elif budget is not None:
            budget.left += 1
        return blocks[0].name, inner

    def _copied(self, call: Invoke, body: Body, next_: str) -> list[Block]:
        """Return the blocks of a body with names and variables of this call, between its entry and its return."""
        routine, options = call.procedure, self._options
        number = self._counts[routine.name] = self._counts.get(routine.name, -1) + 1
        prefix = f"{self._prefix}{routine.name}${number}"
        own = {v: self._local(prefix, v) for v in (*body.locals, *body.ins, *body.outs)}
        to = {formal: own[actual] for formal, actual in zip((*routine.ins, *routine.outs), (*body.ins, *body.outs), strict=True)}
        # What the procedure does not modify has its old value still.
        kept = {v: self._local(prefix, v) for v in dict.fromkeys(routine.modifies)}
        olds = {old: kept.get(v, v) for v, old in self._olds.items()}
        inside, outside = Renaming(self._bank, {**olds, **own}), Renaming(self._bank, {**olds, **to})
        for variable in body.locals:
            if variable in body.wheres:
                self.wheres[own[variable]] = inside.term(body.wheres[variable])

        entry: list[Command] = []
        if body.ins:
            entry.append(Set(tuple(own[v] for v in body.ins), call.arguments, body.position))
        for one in routine.requires:
            if not one.free:
                entry.extend(precondition(one, call, outside.term(one.checked or one.term), self._bank, options))
        if unknown := (*body.locals, *body.outs):
            entry.append(Forget(tuple(own[v] for v in unknown)))
        if kept:
            entry.append(Set(tuple(kept.values()), tuple(kept), body.position))
        labels = {block.name: self._label(f"{prefix}${block.name}") for block in body.blocks}
        first, last = self._label(f"{prefix}$Entry"), self._label(f"{prefix}$Return")
        blocks = [Block(first, entry, [labels[body.blocks[0].name]], body.position, call.position)]

        for block in body.blocks:
            commands = [inside.command(c) for c in block.commands if self._depth < 0 or not isinstance(c, Check)]
            after = [labels[name] for name in block.successors] or [last]
            blocks.append(replace(block, name=labels[block.name], commands=commands, successors=after, attributes=()))

        leaving: list[Command] = []
        for clause in routine.ensures:
            if on(clause.attributes, "InlineAssume") or (self._depth >= 0 and not clause.free):
                leaving.append(Know(outside.term(clause.term), clause.position))
            elif not clause.free:
                term = outside.term(clause.checked or clause.term)
                label = Label(Claim.POSTCONDITION, clause.position, message=clause.message, identifier=clause.identifier)
                leaving.append(Check(term, label, (), known_afterwards(term, (), options)))
        if body.outs:
            leaving.append(Set(call.results, tuple(own[v] for v in body.outs), body.position))
        blocks.append(Block(last, leaving, [next_], body.position))
        return blocks

    def _local(self, prefix: str, of: Term) -> Term:
        made = self._bank.variable(_unlike(f"{prefix}${of.payload}", self._names), of.sort)
        self.locals.append(made)
        return made

    def _label(self, name: str) -> str:
        return _unlike(name, self._labels)


def _unlike(name: str, taken: set[str]) -> str:
    """Return a name that is not taken yet, and take it; no name of a source has an `@` in it."""
    while name in taken:
        name += "@"
    taken.add(name)
    return name


def _prefix(names: Iterable[str]) -> str:
    """Return `inline$` with as many more `$` as it needs to begin none of these names."""
    prefix = "inline$"
    for name in names:
        if name.startswith(prefix):
            for letter in name[len(prefix) :]:
                prefix += "$"
                if letter != "$":
                    break
            if prefix == name:
                prefix += "$"
    return prefix


def _run(walk: _Walk) -> list[Block]:
    """Run a walk that yields the walks whose results it needs; calls may nest deeper than Python's own may."""
    stack = [walk]
    result: list[Block] = []
    begun = False
    while True:
        try:
            inner = stack[-1].send(result) if begun else next(stack[-1])
        except StopIteration as done:
            stack.pop()
            result, begun = done.value, True
            if not stack:
                return result
        else:
            stack.append(inner)
            begun = False
