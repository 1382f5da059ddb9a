"""What happens when a contract is broken, and how much of it is checked.

Small, and imported by everything that runs with contracts; it imports nothing
that takes time until something is broken.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False  # as type checkers read it; importing typing would take most of the time
if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Collection, Iterator, Mapping
    from types import CodeType, FrameType
    from typing import Literal, NoReturn, TypeAlias

    Mode: TypeAlias = Literal["off", "requires", "all"]

LEVELS = {"off": 0, "requires": 1, "all": 2}
VARIABLE = "PROBATUM_CONTRACTS"
_longest = 200  # characters of a value in a message
_most_values = 12

level: int  # what is checked now: 0 nothing, 1 preconditions, 2 everything


class ContractViolation(AssertionError):
    """A contract was broken while the program ran.

    Attributes
    ----------
    clause : str
        Which kind: `requires`, `ensures`, `invariant`, `decreases`, `raises`, `check`, `assume`, `class_invariant`, `range`.
    function : str
        Qualified name of the function, or of the class.
    condition : str
        As it was written.
    values : mapping of str to str
        What the parts of the condition were, as `repr` shows them.
    """

    def __init__(
        self, clause: str, function: str, condition: str, values: Mapping[str, str] | None = None, *, detail: str = ""
    ) -> None:
        self.clause = clause
        self.function = function
        self.condition = condition
        self.values = dict(values or {})
        self.detail = detail
        shown = "".join(f"\n  {name} = {value}" for name, value in self.values.items())
        said = f": {detail}" if detail else ""
        super().__init__(f"`{clause}` of `{function}` does not hold: `{condition}`{said}{shown}")

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuilt, (self.clause, self.function, self.condition, self.values, self.detail))


def _rebuilt(clause: str, function: str, condition: str, values: dict[str, str], detail: str) -> ContractViolation:
    return ContractViolation(clause, function, condition, values, detail=detail)


class NotExecutable(RuntimeError):
    """A condition that can be proved and not be run, such as one about all integers."""


def _from_environment() -> int:
    given = os.environ.get(VARIABLE, "all" if __debug__ else "off")
    if given not in LEVELS:
        raise ValueError(f"{VARIABLE} is `{given}`; it can be `off`, `requires` or `all`")
    return LEVELS[given]


class mode:  # noqa: N801 - is used as a function is
    """Say how much is checked: `off`, `requires` (preconditions alone) or `all`.

    As a context manager it goes back at the end; as a statement it stays. It holds
    for all threads. Functions that are defined while it is `off` are compiled
    without their contract, and never check it.

    Examples
    --------
    >>> from probatum.spec import mode, requires
    >>> with mode("off"):
    ...     requires(False)
    """

    def __init__(self, name: Mode) -> None:
        global level
        if name not in LEVELS:
            raise ValueError(f"`{name}` is no mode: there are `off`, `requires` and `all`")
        self._before, level = level, LEVELS[name]

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_error: object) -> None:
        global level  # noqa: PLW0603 - as above
        level = self._before


level = _from_environment()


def broken(
    clause: str, function: str, condition: str, *, evaluated: str = "", names: tuple[tuple[str, str], ...] = (), detail: str = ""
) -> NoReturn:
    """Raise for a condition of the calling frame, with what its parts were there.

    `evaluated` is the condition as it was rewritten; `names` says what its own names are called to the author.
    """
    frame = sys._getframe(1)  # noqa: SLF001 - the documented way
    raise ContractViolation(clause, function, condition, values_of(evaluated or condition, frame, names), detail=detail)


def broken_call(clause: str, index: int) -> NoReturn:
    """Raise for the argument `index` of the call that the frame three up is in the middle of."""
    frame = sys._getframe(3)  # noqa: SLF001 - as above
    condition = _argument_text(frame, index)
    name = getattr(frame.f_code, "co_qualname", frame.f_code.co_name)
    raise ContractViolation(clause, name, condition, values_of(condition, frame))


def meant_as_decorator(clause: str, condition: object, error: TypeError) -> None:
    """Raise for a condition that asks for arguments, as those above a function would; else return."""
    code = getattr(condition, "__code__", None)
    if code is not None and code.co_argcount > len(getattr(condition, "__defaults__", None) or ()):
        message = (
            f"a condition of `{clause}` takes no arguments: `{clause}` is called in the function, after the docstring, "
            "about its parameters; it is no decorator"
        )
        raise TypeError(message) from error


def _argument_text(frame: FrameType, index: int) -> str:
    import ast

    unknown = "(its source cannot be read)"
    lines = [line for line in _positions(frame.f_code, frame.f_lasti) if line is not None]
    if len(lines) != 4:
        return unknown
    text = _source(frame, *lines)
    try:
        call = ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return unknown
    if isinstance(call, ast.Call) and index < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args):
        argument = call.args[index]
        if isinstance(argument, ast.Lambda) and not argument.args.args:
            argument = argument.body
        return one_line(ast.unparse(argument))
    return one_line(text) or unknown


def _positions(code: CodeType, at: int) -> tuple[int | None, int | None, int | None, int | None]:
    for number, position in enumerate(code.co_positions()):
        if number == at // 2:
            return position
    return (None, None, None, None)


def _source(frame: FrameType, first: int, last: int, start: int, end: int) -> str:
    import linecache

    lines = [linecache.getline(frame.f_code.co_filename, n, frame.f_globals) for n in range(first, last + 1)]
    whole = [line.encode() for line in lines]
    if not whole:
        return ""
    whole[-1] = whole[-1][:end]
    whole[0] = whole[0][start:]
    return b"".join(whole).decode(errors="replace")


def one_line(text: str) -> str:
    """Return a condition as it is shown: on one line, and not endless."""
    text = " ".join(text.split())
    return text if len(text) <= 2 * _longest else text[: 2 * _longest - 3] + "..."


def values_of(condition: str, frame: FrameType, called: tuple[tuple[str, str], ...] = ()) -> dict[str, str]:
    """Return what the names, attributes and calls of a condition are in a frame, as texts; what cannot be shown is left out."""
    import ast

    try:
        tree = ast.parse(condition, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    return values_in(tree.body, {**frame.f_globals, **frame.f_locals}, frame.f_locals, called)


def values_in(
    tree: ast.expr, names: dict[str, object], own: Collection[str], called: tuple[tuple[str, str], ...] = ()
) -> dict[str, str]:
    """Do that with the names given; those in `own` are shown by themselves."""
    import ast

    values: dict[str, str] = {}
    for part in _parts(tree):
        text = ast.unparse(part)
        if len(values) >= _most_values or "__probatum__" in text:
            continue
        if isinstance(part, ast.Name) and part.id not in own:
            continue  # of the module, or built in: says nothing about this call
        shown = _shown(lambda part=part: eval(compile(ast.Expression(part), "<contract>", "eval"), names))  # type: ignore[misc]  # noqa: S307 - the program's own expression, evaluated once more
        if shown is not None:
            for ours, theirs in called:
                text = text.replace(ours, theirs)
            if not text.startswith("__"):  # a name of the rewriting
                values[text] = shown
    return values


def _parts(root: ast.expr) -> Iterator[ast.expr]:
    """Yield the parts whose values tell something, in order of the text; not those under a binder."""
    import ast

    binders = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
    pending: list[ast.AST] = [root]
    while pending:
        node = pending.pop(0)
        if isinstance(node, binders):
            yield from _free(node)
            continue
        quiet = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("forall", "exists", "implies")
        if isinstance(node, ast.Name) or (
            node is not root
            and not quiet
            and isinstance(node, ast.Attribute | ast.Subscript | ast.Call)
            and not any(isinstance(n, (*binders, ast.NamedExpr)) for n in ast.walk(node))
        ):
            yield node
        children = list(ast.iter_child_nodes(node))
        if isinstance(node, ast.Call):
            children = [*(c for c in children if c is not node.func), *ast.iter_child_nodes(node.func)]
        pending[:0] = children


def _free(root: ast.AST) -> Iterator[ast.expr]:
    """Yield the names in a lambda or comprehension that it does not bind anywhere."""
    import ast

    nodes = list(ast.walk(root))
    bound = {n.arg for n in nodes if isinstance(n, ast.arg)}
    bound |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    yield from (n for n in nodes if isinstance(n, ast.Name) and n.id not in bound)


def _shown(value: Callable[[], object]) -> str | None:
    try:
        text = repr(value())
    except Exception:  # noqa: BLE001 - a value that cannot be shown is left out
        return None
    return text if len(text) <= _longest else text[: _longest - 3] + "..."


# What rewritten functions use.

integer, identity, between = int, id, range  # whatever a module calls by these names


def out_of_range(function: str, name: str, value: object, *, low: int | None, high: int | None, optional: bool) -> None:
    """Raise if a value is no integer within bounds, each included; None may be allowed."""
    if value is None and optional:
        return
    inside = isinstance(value, int) and (low is None or value >= low) and (high is None or value <= high)
    if not inside:
        bounds = " and ".join(
            b for b in ("" if low is None else f"at least {low}", "" if high is None else f"at most {high}") if b
        )
        raise ContractViolation("range", function, f"{name} is an integer, {bounds}", {name: _shown(lambda: value) or "?"})


def applied(condition: object, *arguments: object) -> object:
    """Return a condition, called if it is a function: a function is never taken for true because it exists."""
    return condition(*arguments) if callable(condition) else condition


def kept(value: object) -> object:
    """Return what a value is now, whatever happens to it: a copy of lists, dicts and sets, and of those in them; objects as they are."""
    return _kept(value, {})


def _kept(value: object, seen: dict[int, object]) -> object:
    kind = type(value)
    if kind in (int, str, bytes, bool, float, complex, type(None), frozenset):
        return value
    if id(value) in seen:
        return seen[id(value)]
    if kind is list:
        items: list[object] = []
        seen[id(value)] = items
        items.extend(_kept(item, seen) for item in value)  # type: ignore[attr-defined]  # it is a list
        return items
    if kind is dict:
        entries: dict[object, object] = {}
        seen[id(value)] = entries
        entries.update((key, _kept(item, seen)) for key, item in value.items())  # type: ignore[attr-defined]  # it is a dict
        return entries
    if kind is tuple:
        return tuple([_kept(item, seen) for item in value])  # type: ignore[attr-defined]  # it is a tuple
    if isinstance(value, list | dict | set | bytearray) or (kind.__module__, kind.__name__) == ("collections", "deque"):
        import copy

        return copy.copy(value)
    return value


def kept_whole(value: object) -> object:
    """Return a copy of a value with all that belongs to it, objects included."""
    import copy

    return copy.deepcopy(value)


def reached(*values: object) -> dict[int, object]:
    """Return what can be reached from values, by identity."""
    found: dict[int, object] = {}
    pending = list(values)
    while pending:
        value = pending.pop()
        if id(value) in found or isinstance(value, type | int | str | bytes | float):
            continue
        found[id(value)] = value
        if isinstance(value, dict):
            pending += [*value.keys(), *value.values()]
        elif isinstance(value, list | tuple | set | frozenset):
            pending += value
        else:
            pending += getattr(value, "__dict__", {}).values()
            for kind in type(value).__mro__:
                slots = getattr(kind, "__slots__", ())
                pending += [getattr(value, s) for s in ([slots] if isinstance(slots, str) else slots) if hasattr(value, s)]
    return found


def smaller(function: str, text: str, before: tuple[object, ...] | None, now: tuple[object, ...]) -> tuple[object, ...]:
    """Return the measures of an iteration; raise if they are not smaller than those of the one before."""
    if before is not None:
        for one, other in zip(before, now, strict=False):
            if one == other:
                continue
            if isinstance(one, int) and isinstance(other, int) and not 0 <= one > other:
                break
            return now
        values = {"before": repr(before)[:_longest], "now": repr(now)[:_longest]}
        raise ContractViolation("decreases", function, text, values, detail="it does not get smaller")
    return now
