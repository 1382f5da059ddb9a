"""Words of a library that a module needs: under which names it knows them, and how it gets more of them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from probatum.code.model.changes import Offsets


def known(tree: ast.Module, qualified: str) -> str | None:
    """Return how a module refers to something of a library: `invariant`, `spec.invariant`; None if it does not import it.

    Parameters
    ----------
    qualified : str
        The library and the word: `probatum.spec.invariant`.
    """
    home, _, word = qualified.rpartition(".")
    for statement in tree.body:
        match statement:
            case ast.ImportFrom(module=module, names=names, level=0):
                for alias in names:
                    local = alias.asname or alias.name
                    if module == home and alias.name in (word, "*"):
                        return word if alias.name == "*" else local
                    if f"{module}.{alias.name}" == home:
                        return f"{local}.{word}"
            case ast.Import(names=names):
                for alias in names:
                    if alias.name == home:
                        return f"{alias.asname or home}.{word}"
    return None


def with_words(tree: ast.Module, offsets: Offsets, home: str, words: Sequence[str]) -> tuple[int, int, str]:
    """Return which part of the text to replace, and by what, so that a module imports further words of a library."""
    for statement in tree.body:
        if isinstance(statement, ast.ImportFrom) and statement.module == home and not statement.level:
            _, end = offsets.region(statement.names[-1])
            return end, end, "".join(f", {word}" for word in words)
    line = f"from {home} import {', '.join(words)}\n"
    # Behind the docstring and what must come first.
    behind = [s for s in tree.body if not _leads(s)]
    if not behind:
        return len(offsets.text), len(offsets.text), line
    first = behind[0]
    decorated = getattr(first, "decorator_list", None)
    start = offsets.start_of_line(offsets.line(decorated[0] if decorated else first))
    return start, start, line if isinstance(first, ast.Import | ast.ImportFrom) else f"{line}\n"


def _leads(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.ImportFrom):
        return statement.module == "__future__"
    return (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant) and isinstance(statement.value.value, str)
    )
