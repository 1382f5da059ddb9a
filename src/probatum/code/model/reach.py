"""Which part of a module a run of one of its functions can depend on.

A run begins with the whole module, so that counts: all but functions at the top
that nothing on the way can call. Code calls what it names; so a function whose
name stands nowhere (as a word, in strings and comments too) in what is reached
is not. Where code may find names in other ways, everything is reached.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from probatum.python.program import Module

_word = re.compile(r"[^\W\d]\w*")
_printed = re.compile(r"[^\r\n]")
_FINDING = frozenset(
    {"globals", "locals", "vars", "eval", "exec", "compile", "getattr", "__dict__", "__import__", "importlib", "sys", "inspect"}
    | {"gc", "dir", "builtins", "operator", "pickle", "unittest", "doctest", "runpy", "pkgutil", "ctypes"}
)


def reached(module: Module, name: str) -> str:
    """Return the text of a module without the functions that a run of one of them cannot reach.

    Parameters
    ----------
    module : Module
    name : str
        Of the function, as it is defined: `f`, or `C.f` for a method.
    """
    lines = re.split(r"(?<=\n)", module.text)
    found = _numbers(module, lines, [name])
    return "".join(lines[number] for number in sorted(found))


def without_the_rest(module: Module, names: Iterable[str]) -> str:
    """Return the text of a module with blanks for the functions that runs of some of them cannot reach: all else stays in its place.

    Parameters
    ----------
    module : Module
    names : iterable of str
        Of these functions, as for `reached`.
    """
    lines = re.split(r"(?<=\n)", module.text)
    found = _numbers(module, lines, names)
    return "".join(line if number in found else _printed.sub(" ", line) for number, line in enumerate(lines))


def _numbers(module: Module, lines: list[str], names: Iterable[str]) -> set[int]:
    """Return the numbers of the lines, from 0, that runs of some functions can reach."""
    functions: dict[str, list[tuple[int, int]]] = {}
    for node in module.tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            begin = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
            functions.setdefault(node.name, []).append((begin, node.end_lineno or node.lineno))
    inside = {number for places in functions.values() for begin, end in places for number in range(begin, end)}
    found = {number for number in range(len(lines)) if number not in inside}
    waiting = {*(name.partition(".")[0] for name in names), *_words(lines, found)}
    done: set[str] = set()
    while waiting:
        one = waiting.pop()
        if one in _FINDING:
            return set(range(len(lines)))
        if one in done:
            continue
        done.add(one)
        for begin, end in functions.get(one, ()):
            found |= (own := set(range(begin, end)))
            waiting |= _words(lines, own) - done
    return found


def _words(lines: list[str], numbers: set[int]) -> set[str]:
    return {word for number in numbers for word in _word.findall(lines[number])}
