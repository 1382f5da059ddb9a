"""Constants of the program, which inputs are made of first: what a branch compares with is hard to hit otherwise."""

from __future__ import annotations

import ast
import re
from itertools import islice

from probatum.python.program import Function, Module

_word = re.compile(r"[^\W_]+")


def constants(module: Module, function: Function) -> tuple[list[int], list[float], list[str], list[bytes]]:
    """Return the numbers and texts of a function and of its module, its own first; of names the words they consist of too."""
    numbers: dict[int, None] = {}
    floats: dict[float, None] = {}
    strings: dict[str, None] = {}
    raw: dict[bytes, None] = {}
    contract = function.contract
    clauses = [*contract.requires, *contract.ensures, *(contract.decreases or ())]
    for node in [*(n for c in clauses for n in ast.walk(c.expression)), *ast.walk(function.node), *ast.walk(module.tree)]:
        match node:
            case ast.Constant(value=bool()):
                continue
            case ast.Constant(value=int(number)) if len(numbers) < 60:
                numbers[number] = None
            case ast.Constant(value=float(number)) if len(floats) < 30:
                floats[number] = None
            case ast.Constant(value=str(text)) if len(text) < 40 and "\n" not in text and len(strings) < 60:
                strings[text] = None
            case ast.Constant(value=bytes(text)) if len(text) < 40 and len(raw) < 30:
                raw[text] = None
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and len(strings) < 100:
            strings[node.name] = None
            if "_" in node.name.strip("_"):
                strings[node.name.strip("_").partition("_")[2]] = None
    words = (word for text in list(strings) for word in _word.findall(text) if word != text)
    strings.update(dict.fromkeys(islice(words, 40)))
    strings.pop("", None)
    numbers = {n: None for n in numbers if abs(n) > 2}
    return list(numbers), list(floats), list(strings), list(raw)
