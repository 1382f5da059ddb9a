"""Calls replaced by what their procedures say, and bodies completed with what theirs say.

A call proves the preconditions, forgets what the procedure may modify and the
results, and knows the postconditions. A body knows its preconditions at entry
and proves its postconditions where it returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from probatum.ivl.blocks import OLD, Block, Body, Check, Claim, Clause, Command, Forget, Invoke, Know, Label, Module, Routine, Set
from probatum.ivl.flags import known_afterwards, on
from probatum.ivl.options import Options
from probatum.ivl.renaming import Renaming, mentioned, old_variables
from probatum.ivl.syntax.tree import Position
from probatum.ivl.terms import Bank, Term, is_literal

# As Boogie calls them, but no label of a source has an `@` in it.
ENTRY = "PreconditionGeneratedEntry@"
EXIT = "GeneratedUnifiedExit@"


def expand(body: Body, module: Module, bank: Bank, options: Options) -> Body:
    """Return the body without calls.

    Each call has its own variables: for arguments that are not mere names or
    literals, for results, and for the values that globals had before the call
    where a postcondition speaks of them.
    """
    if not any(isinstance(c, Invoke) for block in body.blocks for c in block.commands):
        return body
    return _Expansion(body, module, bank, options).run()


def closed(body: Body, module: Module, bank: Bank, options: Options) -> Body:
    """Return the body with its specification around it.

    A new first block knows the `where` conditions and preconditions and keeps
    the values of globals at entry that are spoken of. Where the body returns,
    it proves the postconditions; several returns meet in one new last block,
    whose predecessors' `end` say which return it was. A single return proves
    them in its own block.
    """
    if body.unsupported:
        return body
    routine = body.routine
    to_body = Renaming(bank, _formals(routine, body.ins, body.outs))
    ensures = [clause for clause in routine.ensures if not clause.free or _always(clause)]
    posts = [_proved_at_exit(clause, to_body, options) for clause in ensures]

    formals = (*routine.ins, *routine.outs)
    known: list[Command] = [
        *(Know(module.wheres[one]) for one in module.globals if one in module.wheres),
        *(Know(to_body.term(routine.wheres[one])) for one in formals if one in routine.wheres),
        *(Know(body.wheres[one]) for one in body.locals if one in body.wheres),
        *(Know(one) for one in body.assumptions),
        *(Know(to_body.term(one.term), one.position, one.attributes) for one in routine.requires),
    ]
    entry = Block(ENTRY, [*_kept(body, module, bank, posts), *known], [body.blocks[0].name])
    return body.with_blocks([entry, *_with_exit(body.blocks, posts, body.end)])


def _with_exit(blocks: Sequence[Block], posts: list[Command], end: Position) -> list[Block]:
    returning = [block for block in blocks if not block.successors]
    if not posts:
        return list(blocks)
    if len(returning) == 1:
        return [replace(block, commands=[*block.commands, *posts]) if block is returning[0] else block for block in blocks]
    leaving = set(map(id, returning))
    changed = [replace(block, successors=[EXIT]) if id(block) in leaving else block for block in blocks]
    return [*changed, Block(EXIT, posts, [], end=end)] if returning else changed


def _kept(body: Body, module: Module, bank: Bank, posts: Iterable[Command]) -> list[Command]:
    """Return the command that keeps the values at entry of the globals whose old values are mentioned."""
    terms: list[Term] = []
    for command in (*(c for block in body.blocks for c in block.commands), *posts):
        match command:
            case Check() | Know():
                terms.append(command.term)
            case Set():
                terms.extend(command.values)
            case Invoke(arguments=arguments, verified_under=under):
                terms.extend(arguments if under is None else (*arguments, under))
            case _:
                pass
    spoken = mentioned(terms)
    olds = [(one, old) for one, old in old_variables(bank, module.globals, OLD).items() if old in spoken]
    return [Set(tuple(old for _, old in olds), tuple(one for one, _ in olds))] if olds else []


def _proved_at_exit(clause: Clause, to_body: Renaming, options: Options) -> Command:
    if clause.free:
        return Know(to_body.term(clause.term), clause.position, clause.attributes)
    term = to_body.term(clause.checked or clause.term)
    label = Label(Claim.POSTCONDITION, clause.position, message=clause.message, identifier=clause.identifier)
    return Check(term, label, clause.attributes, known_afterwards(term, clause.attributes, options))


def _formals(routine: Routine, ins: Sequence[Term], outs: Sequence[Term]) -> dict[Term, Term]:
    return dict(zip((*routine.ins, *routine.outs), (*ins, *outs), strict=True))


def _always(clause: Clause) -> bool:
    """Whether a free condition is assumed on the side that would otherwise check it."""
    return on(clause.attributes, "always_assume")


class _Expansion:
    def __init__(self, body: Body, module: Module, bank: Bank, options: Options) -> None:
        self._body = body
        self._bank = bank
        self._options = options
        self._olds = old_variables(bank, module.globals, OLD)
        self._spoken: dict[Routine, set[Term]] = {}
        self._count = 0
        self._locals: list[Term] = []
        self._wheres: dict[Term, Term] = {}

    def run(self) -> Body:
        blocks = []
        for block in self._body.blocks:
            commands: list[Command] = []
            for command in block.commands:
                if isinstance(command, Invoke):
                    commands.extend(self._expanded(command))
                else:
                    commands.append(command)
            blocks.append(replace(block, commands=commands))
        made = self._body.with_blocks(blocks, more_locals=tuple(self._locals))
        return replace(made, wheres={**self._body.wheres, **self._wheres})

    def _own(self, kind: str, of: Term) -> Term:
        # No identifier of the language has an `@` in it.
        made = self._bank.variable(f"call{self._count}{kind}@{of.payload}", of.sort)
        self._locals.append(made)
        return made

    def _expanded(self, call: Invoke) -> list[Command]:
        self._count += 1
        routine, bank = call.procedure, self._bank
        changed = {*routine.modifies, *call.results}
        values: dict[Term, Term] = {}
        named: dict[Term, Term] = {}
        for formal, argument in zip(routine.ins, call.arguments, strict=True):
            if argument.arguments or argument in changed:
                values[formal] = self._own("formal", formal)
                named[values[formal]] = argument
            else:
                values[formal] = argument
        commands: list[Command] = []
        if named:
            commands.append(Set(tuple(named), tuple(named.values()), call.position))

        before = Renaming(bank, values)
        for clause in routine.requires:
            commands.extend(self._required(clause, call, before))

        outs = tuple(self._own("formal", formal) for formal in routine.outs)
        values.update(zip(routine.outs, outs, strict=True))
        spoken = self._spoken.get(routine)
        if spoken is None:
            spoken = self._spoken[routine] = mentioned(clause.term for clause in routine.ensures)
        modified = dict.fromkeys(routine.modifies)
        kept = {g: self._own("old", g) for g in modified if self._olds[g] in spoken}
        if kept:
            commands.append(Set(tuple(kept.values()), tuple(kept), call.position))
        # What the procedure does not modify has its old value still.
        values.update((old, kept.get(g, g)) for g, old in self._olds.items() if old in spoken)
        after = Renaming(bank, values)
        for formal, own in zip(routine.outs, outs, strict=True):
            if formal in routine.wheres:
                self._wheres[own] = after.term(routine.wheres[formal])
        forgotten = (*modified, *outs)
        if forgotten:
            commands.append(Forget(forgotten, call.position))
        commands.extend(Know(after.term(clause.term), call.position) for clause in routine.ensures)
        if outs:
            commands.append(Set(call.results, outs, call.position))
        return commands

    def _required(self, clause: Clause, call: Invoke, before: Renaming) -> list[Command]:
        if clause.free or call.free:
            return [Know(before.term(clause.term), clause.position)] if clause.free and _always(clause) else []
        return precondition(clause, call, before.term(clause.checked or clause.term), self._bank, self._options)


def precondition(clause: Clause, call: Invoke, term: Term, bank: Bank, options: Options) -> list[Command]:
    """Return what a call asserts for a precondition, `term`, of its procedure."""
    label = Label(
        Claim.PRECONDITION,
        call.position,
        related=clause.position,
        message=clause.message,
        identifier=clause.identifier,
        explanation=clause.explanation,
    )
    known = known_afterwards(term, call.attributes, options)
    return claimed(Check(term, label, call.attributes, known), call.verified_under, bank)


def claimed(check: Check, under: Term | None, bank: Bank) -> list[Command]:
    """Return an assertion that needs no proof where `under` holds, and is known afterwards all the same."""
    if under is None:
        return [check]
    proved = replace(check, term=bank.disjunction((under, check.term)), known_afterwards=False)
    commands: list[Command] = [] if is_literal(under, "true") else [proved]
    return [*commands, Know(check.term, check.label.position)] if check.known_afterwards else commands


__all__ = ["ENTRY", "EXIT", "claimed", "closed", "expand", "precondition"]
