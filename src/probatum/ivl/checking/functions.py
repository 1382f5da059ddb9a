"""Checks of functions that are inlined or become definitions: they must have bodies and may not go in circles."""

from __future__ import annotations

from collections.abc import Iterable

from probatum.ivl.checking.names import Report, holds
from probatum.ivl.checking.parts import everything
from probatum.ivl.syntax import tree


def check_functions(report: Report, functions: list[tree.Function]) -> None:
    """Report functions whose `{:inline}` or `{:define}` cannot be followed."""
    before = len(report.errors)
    for function in functions:
        _check_attributes(report, function)
    if len(report.errors) > before:
        return
    unfolded = {id(one): one for one in functions if _is_unfolded(one)}
    calls = {key: _calls(one, unfolded) for key, one in unfolded.items()}
    for component in components(calls):
        if len(component) > 1 or component[0] in calls[component[0]]:
            members = [one for key, one in unfolded.items() if key in component]
            names = ", ".join(one.name for one in members)
            report.error(members[0].position, f"Call cycle detected among functions: {names}")


def _is_unfolded(function: tree.Function) -> bool:
    return function.body is not None and (holds(function.attributes, "inline") or holds(function.attributes, "define"))


def _check_attributes(report: Report, function: tree.Function) -> None:
    for one in function.attributes:
        if one.key == "inline" and len(one.values) == 1 and not isinstance(value := one.values[0], str):
            if not isinstance(value, tree.Literal) or value.kind is not tree.LiteralKind.BOOL:
                report.error(function.position, "Parameter to :inline attribute on a function must be Boolean")
            break
    inlined, defined = holds(function.attributes, "inline"), holds(function.attributes, "define")
    if inlined and defined:
        report.error(function.position, "A function may not have both :inline and :define attributes")
    if inlined and function.body is None:
        report.error(function.position, "Function with :inline attribute must have a body")
    if defined and function.body is None:
        report.error(function.position, "Function with :define attribute must have a body")


def _calls(function: tree.Function, unfolded: dict[int, tree.Function]) -> set[int]:
    assert function.body is not None
    return {id(node.decl) for node in _reached(function.body) if isinstance(node, tree.Application) and id(node.decl) in unfolded}


def _reached(root: tree.Expression) -> Iterable[tree.Expression]:
    """All expressions in a body, those in code expressions too."""
    work = [root]
    while work:
        for node in everything(work.pop()):
            yield node
            if isinstance(node, tree.Code):
                work.extend(in_code(node))


def in_code(code: tree.Code) -> list[tree.Expression]:
    """Return the expressions in the commands of a code expression."""
    found: list[tree.Expression] = []
    for block in code.blocks:
        for command in block.commands:
            match command:
                case tree.Assert() | tree.Assume():
                    found.append(command.expression)
                case tree.Assign():
                    found.extend(command.values)
                    for target in command.targets:
                        found.extend(i for step in target.steps if isinstance(step, tree.IndexStep) for i in step.indexes)
                case tree.Unpack():
                    found.append(command.value)
                case tree.Call():
                    found.extend(command.arguments)
                case tree.Measure():
                    found.extend(command.expressions)
                case _:
                    pass
        if isinstance(block.transfer, tree.Return) and block.transfer.expression is not None:
            found.append(block.transfer.expression)
    return found


def components(graph: dict[int, set[int]]) -> list[list[int]]:
    """Return the strongly connected components of a graph, each after those it leads to."""
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    path: list[int] = []
    on_path: set[int] = set()
    found: list[list[int]] = []
    for root, below in graph.items():
        if root in index:
            continue
        work = [(root, iter(below))]
        index[root] = low[root] = len(index)
        path.append(root)
        on_path.add(root)
        while work:
            node, successors = work[-1]
            for successor in successors:
                if successor not in index:
                    index[successor] = low[successor] = len(index)
                    path.append(successor)
                    on_path.add(successor)
                    work.append((successor, iter(graph[successor])))
                    break
                if successor in on_path:
                    low[node] = min(low[node], index[successor])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    cut = path.index(node)
                    found.append(path[cut:])
                    on_path.difference_update(path[cut:])
                    del path[cut:]
    return found
