"""Tests of loop invariants: nothing that a call returns shows one, so the test watches the loop while it runs.

The invariant is evaluated where the loop is at its head, as `probatum.spec` means it:
before the first round, and after each. Where it speaks of the target of a `for`, that
is where the round begins, and for numbers that go on, also after the last round.
The loop is found again by its number in the function, so that edits do not disturb it.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping, Sequence

from probatum.code.model.observing import plain
from probatum.code.semantics.python import Kind, Violation
from probatum.python.forms import free_names
from probatum.python.program import Clause, Function, Program

MODULES = ("ast", "copy", "inspect", "sys", "textwrap")
HELPER = '''
def _broken(function, number, test, call, *, at_head, counter, olds):
    """Return the variables wherever `test` does not hold at the head of a loop of a function, while a call runs."""
    code = inspect.unwrap(function).__code__
    source, first = inspect.getsourcelines(code)
    nodes = ast.walk(ast.parse(textwrap.dedent("".join(source))))
    loop = sorted((n for n in nodes if isinstance(n, (ast.While, ast.For))), key=lambda n: n.lineno)[number]
    head, inside, end = (first + n - 1 for n in (loop.lineno, loop.body[0].lineno, loop.end_lineno))
    broken, kept, under_way = [], {}, False

    def watch(frame, event, _):
        nonlocal under_way
        if frame.f_code is not code:
            return None
        values = {**frame.f_globals, **frame.f_locals, **kept}
        if event == "call":
            kept.update({new: copy.deepcopy(values[one]) for new, one in olds.items()})
        if event == "line":
            line = frame.f_lineno
            after = bool(counter) and line == head and under_way  # the target still is what it was
            if after:
                values[counter] += 1
            if (after or line == (head if at_head else inside)) and not eval(test, values):
                broken.append({n: v for n, v in frame.f_locals.items()})
            under_way = head < line <= end
        return watch

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        call()
    finally:
        sys.settrace(before)
    return broken
'''


def watching(program: Program, function: Function, violation: Violation, call: Sequence[str]) -> list[str] | None:
    """Return statements that make a call and fail if the invariant does not hold; None if they cannot show it.

    Parameters
    ----------
    program : Program
    function : Function
        What is called.
    violation : Violation
    call : sequence of str
        The statements of the call.
    """
    if violation.kind not in (Kind.ENTRY, Kind.MAINTAINED):
        return None
    owner = program.function(violation.function) or function
    found = _loop(owner, violation)
    if found is None or owner.module != function.module:
        return None
    loop, number, clause = found
    parameters = {p.name for p in owner.parameters}
    test, olds = plain(clause.expression, parameters)
    names = sorted(free_names(clause.expression))
    if any(n.startswith("__") and n not in ("__old__", "__implies__", "__forall__", "__exists__") for n in names):
        return None
    target = _counting(loop)
    of_target = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)} if isinstance(loop, ast.For) else set[str]()
    if loop.body[0].lineno == loop.lineno:
        return None
    mentioned = of_target & {*names}
    counter = target if mentioned == {target} else ""
    return _lines(owner.name, number, test, call, at_head=not mentioned, counter=counter, olds=olds)


def _lines(
    name: str, number: int, test: str, call: Sequence[str], *, at_head: bool, counter: str, olds: Mapping[str, str]
) -> list[str]:
    """Return the statements. `at_head`: the target has no part in it; `counter`: it is a number that goes on by one."""
    inner = textwrap.indent("\n".join(call), "    ").splitlines()
    options = f"at_head={at_head}, counter={counter!r}, olds={dict(olds)!r}"
    return ["def _call() -> None:", *inner, "", f"assert _broken({name}, {number}, {test!r}, _call, {options}) == []"]


def _loop(function: Function, violation: Violation) -> tuple[ast.While | ast.For, int, Clause] | None:
    """Return the loop whose invariant is violated, its number in the function, and the clause."""
    places = {(violation.line, violation.column), (violation.clause_line, violation.clause_column)}
    in_text = sorted(n.lineno for n in ast.walk(function.node) if isinstance(n, ast.While | ast.For))
    _, loops = function.run
    for loop, contract in loops.items():
        for clause in contract.invariants:
            meant = (clause.place.line, clause.place.column) in places
            if meant and isinstance(loop, ast.While | ast.For) and in_text.count(loop.lineno) == 1:
                return loop, in_text.index(loop.lineno), clause
    return None


def _counting(loop: ast.While | ast.For) -> str:
    """Return the target that is a number which goes on by one after the last item, or ""."""
    match loop:
        case ast.For(target=ast.Name(id=name), iter=ast.Call(func=ast.Name(id="range"), args=[_] | [_, _])):
            return name
        case ast.For(target=ast.Tuple(elts=[ast.Name(id=name), *_]), iter=ast.Call(func=ast.Name(id="enumerate"))):
            return name
    return ""


__all__ = ["HELPER", "MODULES", "watching"]
