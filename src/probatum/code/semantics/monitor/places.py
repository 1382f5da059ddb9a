"""Where in the program a run is, and where what ended it came from."""

from __future__ import annotations

import opcode
import sys
from types import CodeType

from .progress import clauses, columns, end, functions, paths, state
from .values import SHOWN, show

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import FrameType, TracebackType
    from typing import Any

_FOLDER = __file__[: -len("places.py")]
_RAISE = opcode.opmap["RAISE_VARARGS"]


def ours(path: str) -> bool:
    """Whether a file is one of the monitor's own."""
    return path.startswith(_FOLDER)


def tick() -> bool:
    """Count a step: a call, or a round of a loop."""
    state.steps -= 1
    if state.steps < 0:
        path, line, column = caller() or ("", 0, 0)
        end("limit", what="steps", function=_function_at(path, line), path=path, line=line, column=column)
    return True


def _place(code: CodeType, instruction: int) -> tuple[int, int]:
    """Return the line and column of an instruction, both from 1, the column in code points."""
    positions = list(code.co_positions())
    line, _, column, _ = positions[instruction // 2] if 0 <= instruction // 2 < len(positions) else (None, None, None, None)
    line, column = line or code.co_firstlineno, column or 0
    lines = columns.get(code.co_filename)
    if lines is not None and line <= len(lines):
        column = len(lines[line - 1].encode("utf-8", "surrogatepass")[:column].decode("utf-8", "replace"))
    return line, column + 1


def _function_at(path: str, line: int) -> str:
    """Return the function whose text holds a line; the innermost one."""
    own = [f for f in functions if f["path"] == path and f["line"] <= line <= f["end_line"]]
    return max(own, key=lambda f: int(f["line"]))["name"] if own else ""


def caller() -> tuple[str, int, int] | None:
    """Return where the program is: file, line and column of its innermost frame."""
    frame: FrameType | None = sys._getframe(1)  # noqa: SLF001 - the documented way to the frames of this thread
    while frame is not None:
        if frame.f_code.co_filename in paths:
            return (frame.f_code.co_filename, *_place(frame.f_code, frame.f_lasti))
        frame = frame.f_back
    return None


def violated(
    kind: str,
    number: int,
    *,
    at: tuple[str, int, int] | None = None,
    by: str = "",
    values: Mapping[str, Any] | None = None,
    text: str = "",
) -> None:
    """End the run with a violation of a clause (or of none: -1), at a place (or at the clause), `by` a function (or the one there)."""
    clause = clauses[number] if number >= 0 else {}
    where = at or (clause["path"], clause["line"], clause["column"])
    end(
        "violated",
        kind=kind,
        function=by or (_function_at(where[0], where[1]) if at else clause["function"]),
        path=where[0],
        line=where[1],
        column=where[2],
        clause_path=clause.get("path", ""),
        clause_line=clause.get("line", 0),
        clause_column=clause.get("column", 0),
        text=text or clause.get("text", ""),
        values={k: show(v) for k, v in (values or {}).items()},
    )


def described(error: BaseException) -> str:
    """Return an exception in one line."""
    try:
        said = str(error)
    except Exception:  # noqa: BLE001 - `__str__` is code of the program
        said = ""
    name = type(error).__name__
    said = said.replace("\n", " ")
    return f"{name}: {said[:SHOWN]}" if said else name


def asserted(error: BaseException) -> bool:
    """Whether an exception comes from an `assert`, and not from `raise AssertionError`."""
    return isinstance(error, AssertionError) and hasattr(error, "__probatum_assertion__")


def origin(error: BaseException) -> tuple[str, int, int, str]:
    """Return where in the program an exception came from, and what kind of violation it is."""
    trace: TracebackType | None = error.__traceback__
    found: tuple[str, int, int] = ("", 0, 0)
    explicit = False
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename in paths:
            found = (code.co_filename, *_place(code, trace.tb_lasti))
            explicit = 0 <= trace.tb_lasti < len(code.co_code) and code.co_code[trace.tb_lasti] == _RAISE
        elif not ours(code.co_filename):
            explicit = False
        trace = trace.tb_next
    return (*found, _kind(error, explicit))


def _kind(error: BaseException, explicit: bool) -> str:
    if asserted(error):
        return "ASSERTION"
    if explicit:
        return "EXCEPTION"
    said = str(error) if isinstance(error, AttributeError | TypeError | ValueError) else ""
    if isinstance(error, AttributeError | TypeError) and "NoneType" in said:
        return "NONE"
    if isinstance(error, ValueError) and "to unpack" in said:
        return "UNPACKING"
    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (IndexError, "INDEX"),
        (KeyError, "KEY"),
        (ZeroDivisionError, "DIVISION"),
        (AttributeError, "ATTRIBUTE"),
        (TypeError, "TYPE"),
        (ValueError, "VALUE"),
        (OverflowError, "VALUE"),
    )
    return next((kind for class_, kind in kinds if isinstance(error, class_)), "EXCEPTION")
