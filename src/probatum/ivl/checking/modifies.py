"""Completes the modifies clauses of procedures by what their bodies change, for `-inferModifies`."""

from __future__ import annotations

from collections.abc import Iterator

from probatum.ivl.checking.measures import segments
from probatum.ivl.syntax import tree
from probatum.ivl.syntax.tree import VariableKind


def infer_modifies(program: tree.Program) -> None:
    """Add to each modifies clause the globals that a body of the procedure changes, itself or by calls."""
    procedures = [one for one in program.declarations if isinstance(one, tree.Procedure)]
    changed: dict[int, dict[int, tree.Variable]] = {id(procedure): {} for procedure in procedures}
    callees: dict[int, set[int]] = {id(procedure): set() for procedure in procedures}
    for procedure in procedures:
        _add(changed[id(procedure)], procedure.modifies)
    for body in program.declarations:
        if not isinstance(body, tree.Implementation) or body.procedure is None:
            continue
        for command in _commands(body):
            if isinstance(command, tree.Call) and command.decl is not None:
                callees[id(body.procedure)].add(id(command.decl))
            _add(changed[id(body.procedure)], _targets(command))
    growing = True
    while growing:
        growing = False
        for key, called in callees.items():
            own = changed[key]
            before = len(own)
            for callee in called:
                own.update(changed[callee])
            growing = growing or len(own) > before
    for procedure in procedures:
        declared = {id(identifier.decl) for identifier in procedure.modifies}
        for variable in changed[id(procedure)].values():
            if id(variable) not in declared:
                procedure.modifies.append(tree.Identifier(variable.position, variable.name, variable))


def _commands(body: tree.Implementation) -> Iterator[tree.Command]:
    for segment in segments(body.body):
        yield from segment.commands


def _targets(command: tree.Command) -> list[tree.Identifier]:
    match command:
        case tree.Assign():
            return [target.variable for target in command.targets]
        case tree.Unpack():
            return command.targets
        case tree.Havoc():
            return command.variables
        case tree.Call():
            return command.results
        case _:
            return []


def _add(to: dict[int, tree.Variable], identifiers: list[tree.Identifier]) -> None:
    for identifier in identifiers:
        decl = identifier.decl
        if decl is not None and decl.kind is VariableKind.GLOBAL:
            to[id(decl)] = decl
