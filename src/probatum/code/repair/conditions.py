"""Preconditions that may be missing, in the syntax of the contract."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from probatum.code.model.changes import Change, Offsets
from probatum.code.model.slips import number, sized
from probatum.python.program import Function, Module, Syntax
from probatum.python.types import Plain, Union

_promise = re.compile(r"(\s*)(?:pre|post(?:\[[^\]\n]*\])?)\s*:")  # in a docstring


def preconditions(function: Function, module: Module, text: str) -> Iterator[Change]:
    """Yield preconditions that could have been meant, the weaker ones first; each is a burden for callers."""
    names = [p.name for p in function.parameters]
    for condition in _conditions(function):
        used = [n for n in names if n in {node.id for node in ast.walk(ast.parse(condition)) if isinstance(node, ast.Name)}]
        change = _stated(function, module, Offsets(text), condition, used)
        if change is not None:
            yield change


def _conditions(function: Function) -> Iterator[str]:
    whole = [p.name for p in function.parameters if number(p.type)]
    long = [p.name for p in function.parameters if sized(p.type)]
    for parameter in function.parameters:
        if isinstance(parameter.type, Union) and Plain("None") in parameter.type.options:
            yield f"{parameter.name} is not None"
    yield from (f"len({name}) > 0" for name in long)
    for name in whole:
        yield from (f"{name} != 0", f"{name} >= 0", f"{name} > 0")
    for name in whole:
        for other in long:
            yield from (f"0 <= {name} <= len({other})", f"0 <= {name} < len({other})")
    for one in whole:
        for other in whole:
            if one != other:
                yield from (f"{one} <= {other}", f"{one} < {other}")
    yield from (f"len({one}) == len({other})" for i, one in enumerate(long) for other in long[i + 1 :])


def _stated(function: Function, module: Module, offsets: Offsets, condition: str, names: list[str]) -> Change | None:
    """Return the change that adds a precondition, in the syntax of the contract; None if there is no way to write it."""
    node, text = function.node, offsets.text
    title = f"a precondition `{condition}`, which every caller then has to establish"
    head = node.decorator_list[0].lineno if node.decorator_list else node.lineno
    match function.contract.syntax:
        case Syntax.ICONTRACT | Syntax.DEAL as syntax:
            library = "icontract.require" if syntax is Syntax.ICONTRACT else "deal.pre"
            word = _known(module, library)
            if word is None:
                return None
            if syntax is Syntax.DEAL:  # its conditions take what the function takes
                names = [p.name for p in function.parameters]
            start = offsets.start_of_line(head)
            indent = text[start : offsets.region(node)[0]] if not node.decorator_list else _indent(text, start)
            return Change(start, start, f"{indent}@{word}(lambda {', '.join(names)}: {condition})\n", head, title, 9)
        case Syntax.NATIVE | Syntax.NAGINI | Syntax.ASSERTS as syntax:
            word = {
                Syntax.NATIVE: _known(module, "probatum.spec.requires"),
                Syntax.NAGINI: _known(module, "nagini_contracts.contracts.Requires"),
                Syntax.ASSERTS: "assert",
            }[syntax]
            first = next((s for s in node.body if not _docstring(s)), None)
            if word is None or first is None:
                return None
            start, _ = offsets.region(first)
            line = offsets.start_of_line(first.lineno)
            if text[line:start].strip():
                return None
            said = f"assert {condition}" if word == "assert" else f"{word}({condition})"
            return Change(start, start, f"{said}\n{text[line:start]}", first.lineno, title, 9)
        case Syntax.PEP316 if node.body and _docstring(node.body[0]):
            for number in range(node.body[0].lineno, (node.body[0].end_lineno or 0) + 1):
                start, end = offsets.start_of_line(number), offsets.start_of_line(number + 1)
                if said_there := _promise.match(text[start:end]):
                    return Change(start, start, f"{said_there[1]}pre: {condition}\n", number, title, 9)
    return None


def _known(module: Module, qualified: str) -> str | None:
    """Return how a module refers to something that it imports."""
    for local, meant in module.imports.items():
        if meant == qualified:
            return local
        if qualified.startswith(f"{meant}."):
            return local + qualified[len(meant) :]
    return None


def _indent(text: str, start: int) -> str:
    end = start
    while end < len(text) and text[end] in " \t":
        end += 1
    return text[start:end]


def _docstring(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)
    )
