"""Texts of Python files: parsed, or refused with a reason; the modules they are, and those they import."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from probatum.errors import UnreadableArtefact
from probatum.python import forms
from probatum.python.annotations import parsed_inside
from probatum.python.scopes import Positions, children
from probatum.source import Location

deepest = 100  # levels of nesting in a function; what works on trees further on may recurse
_largest = 4_000_000  # characters of a file


def too_deep(root: ast.AST) -> bool:
    """Whether a tree is nested more than `deepest` levels deep."""
    level: list[ast.AST] = [root]
    for _ in range(deepest):
        level = [child for node in level for child in children(node)]
        if not level:
            return False
    return True


def parse(text: str, path: str) -> ast.Module:
    """Parse a module.

    Raises
    ------
    UnreadableArtefact
        If it is not Python, needs a newer Python, or is too large or too deeply nested.
    """
    if len(text) > _largest:
        raise UnreadableArtefact(
            f"`{path}` has {len(text):,} characters, more than the {_largest:,} that are read of a Python file",
            help="exclude it in the configuration, or split it",
            location=Location(path),
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in strings, which are Python's to tell
            return _parsed(text.removeprefix("\ufeff"))
    except SyntaxError as error:
        raise _syntax_error(error, text, path) from None
    except (RecursionError, MemoryError):
        raise UnreadableArtefact(
            f"`{path}` is nested too deeply for Python's parser",
            help="give parts of its longest expressions names of their own, or exclude the file in the configuration",
            location=Location(path),
        ) from None
    except ValueError as error:  # a NUL character, or half of a surrogate pair
        raise UnreadableArtefact(
            f"`{path}` is not text that Python reads: {error}", help="save the file as UTF-8", location=Location(path)
        ) from None


def check_compiles(text: str, path: str) -> None:
    """Refuse what only the compiler finds, such as two starred targets or a `return` outside of a function.

    Raises
    ------
    UnreadableArtefact
        If Python would not import it.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text.removeprefix("\ufeff"), path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise _not_python(error, path) from None  # it has been parsed, so it is not too new
    except (RecursionError, MemoryError, ValueError):
        return  # it can be parsed: what is nested too deeply is said of functions


_type_comment = re.compile(r"#\s*type:\s*(?!ignore)")


def _parsed(text: str) -> ast.Module:
    if _type_comment.search(text) is None:
        return ast.parse(text)
    try:
        tree = ast.parse(text, type_comments=True)
    except SyntaxError:  # a comment in a place where no type can be; or a mistake, which parsing it again tells
        return ast.parse(text)
    return forms.rebuilt(tree, _with_type_comment)


def _with_type_comment(node: ast.AST) -> ast.AST:
    """Turn a type that is given in a comment into an annotation."""
    if isinstance(node, ast.Assign) and node.type_comment and len(node.targets) == 1:
        annotation = parsed_inside(node.type_comment, node)
        if annotation is not None and isinstance(node.targets[0], ast.Name | ast.Attribute):
            simple = int(isinstance(node.targets[0], ast.Name))
            return forms.placed(ast.AnnAssign(node.targets[0], annotation, node.value, simple), node)
    elif isinstance(node, ast.FunctionDef) and node.type_comment:
        try:
            said = ast.parse(node.type_comment, mode="func_type")
        except SyntaxError:
            return node
        parameters = [p for p in (*node.args.posonlyargs, *node.args.args) if p.annotation is None]
        if len(said.argtypes) in (len(parameters), len(parameters) - 1):  # `self` may be left out
            for parameter, declared in zip(parameters[len(parameters) - len(said.argtypes) :], said.argtypes, strict=True):
                parameter.annotation = _moved(declared, parameter)
        if node.returns is None:
            node.returns = _moved(said.returns, node)
    return node


def _moved(tree: ast.expr, at: ast.AST) -> ast.expr:
    for node in ast.walk(tree):
        ast.copy_location(node, at)
    return tree


# Syntax that came after Python 3.11, as far as a line shows it: what it is, and since when.
_newer: tuple[tuple[re.Pattern[str], str, tuple[int, int]], ...] = (
    (re.compile(r"^\s*type\s+\w+\s*(\[.*\])?\s*="), "a `type` statement", (3, 12)),
    (re.compile(r"^\s*((async\s+)?def|class)\s+\w+\s*\["), "type parameters in brackets", (3, 12)),
    (re.compile(r"\b(t|rt|tr|T)(\"|')"), "a template string", (3, 14)),
    (re.compile(r"^\s*except\s+[\w.]+\s*,\s*[\w.]+.*:"), "`except` with several exceptions without parentheses", (3, 14)),
    (re.compile(r"\[\s*\w+\s*=|(\[|,\s*)\*?\w+\s*=[^=]"), "a default of a type parameter", (3, 13)),
)


def _syntax_error(error: SyntaxError, text: str, path: str) -> UnreadableArtefact:
    line, column = error.lineno or 1, max(error.offset or 1, 1)
    lines = Positions(text).lines
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    running = sys.version_info[:2]
    location = Location(path, line, column)
    what = (error.msg or "invalid syntax").strip()
    for pattern, name, since in _newer:
        if since > running and pattern.search(written):
            return _too_new(path, name, since, location)
    if running < (3, 12) and what.startswith("f-string"):
        return _too_new(
            path, "an f-string with quotes, backslashes or comments inside its braces", (3, 12), location, unsure=what
        )
    return _not_python(error, path)


def _not_python(error: SyntaxError, path: str) -> UnreadableArtefact:
    what = (error.msg or "invalid syntax").strip()
    location = Location(path, error.lineno or 1, max(error.offset or 1, 1))
    return UnreadableArtefact(
        f"`{path}` is not Python: {what[:1].lower()}{what[1:]}", help="fix the syntax, or exclude the file", location=location
    )


def _too_new(path: str, name: str, since: tuple[int, int], location: Location, unsure: str = "") -> UnreadableArtefact:
    needs, running = ".".join(map(str, since)), ".".join(map(str, sys.version_info[:2]))
    if unsure:
        message = f"`{path}` is not Python {running}: {unsure}; if this is {name}, it needs Python {needs} or newer"
    else:
        message = f"`{path}` uses {name}, which needs Python {needs} or newer, and this is Python {running}"
    return UnreadableArtefact(message, help=f"run probatum with Python {needs} or newer", location=location)


def module_name(path: str, roots: Iterable[str] = ()) -> str:
    """Return the dotted name of a file: relative to the deepest of the roots (`src`) that contains it, or to the top."""
    parts = PurePosixPath(path).parts
    best: tuple[str, ...] = ()
    for root in roots:
        own = PurePosixPath(root).parts if root not in {"", "."} else ()
        if len(own) > len(best) and parts[: len(own)] == own:
            best = own
    rest = list(parts[len(best) :])
    rest[-1] = rest[-1].rpartition(".")[0] or rest[-1]
    if rest[-1] == "__init__" and len(rest) > 1:
        rest.pop()
    return ".".join(rest)


def imported(tree: ast.Module, name: str = "", *, package: bool = False) -> list[str]:
    """Return the modules that a module may import, anywhere in it, in the order of the text.

    Parameters
    ----------
    name : str
        The module's own dotted name, against which relative imports are resolved.
    package : bool
        Whether the text is that of `__init__.py`.
    """
    found: dict[str, None] = {}
    for node in import_statements(tree.body):
        if isinstance(node, ast.Import):
            found.update(dict.fromkeys(a.name for a in node.names))
            continue
        base = base_of(node, name, package=package)
        if base is None:
            continue
        if base:
            found[base] = None
        if node.level or not node.module:  # `from . import x` may mean the module x
            found.update(dict.fromkeys(f"{base}.{a.name}" if base else a.name for a in node.names if a.name != "*"))
    return list(found)


def import_statements(body: Sequence[ast.stmt]) -> list[ast.Import | ast.ImportFrom]:
    """Return import statements, at any depth of statements."""
    found: list[ast.Import | ast.ImportFrom] = []
    pending: list[ast.AST] = list(reversed(body))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Import | ast.ImportFrom):
            found.append(node)
        elif isinstance(node, ast.stmt | ast.ExceptHandler | ast.match_case):
            pending.extend(reversed([c for c in children(node) if not isinstance(c, ast.expr)]))
    return found


def base_of(node: ast.ImportFrom, name: str, *, package: bool) -> str | None:
    """Return the module that `from ... import` names, "" for the top; None if it goes above the top."""
    if not node.level:
        return node.module or ""
    parts = name.split(".") if name else []
    drop = node.level - 1 if package else node.level
    if drop > len(parts):
        return None
    kept = parts[: len(parts) - drop]
    return ".".join([*kept, *([node.module] if node.module else [])])
