"""Finds the functions of a file that carry a contract, by the syntax of the contract; looks at syntax trees alone."""

import ast
import re
import warnings
from collections import Counter
from pathlib import Path

ICONTRACT = {"require", "ensure", "snapshot"}
DEAL = {"pre", "post", "ensure", "raises", "reason", "pure", "safe", "chain"}
PEP316 = re.compile(r"^\s*(pre|post)(\[[^\]]*\])?:(?!:)", re.MULTILINE)
INVARIANT = re.compile(r"^\s*inv:", re.MULTILINE)
NAGINI = {"Requires", "Ensures", "Exsures"}
NATIVE = {"requires", "ensures", "raises", "decreases", "modifies"}
INVARIANTS = {"Invariant", "invariant"}


def parse(path: Path) -> ast.Module | None:
    """Return the tree of a file, or None if it is none of this Python's."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about escapes in strings of other people
            return ast.parse(path.read_bytes(), str(path))
    except (SyntaxError, ValueError):
        return None


def contracts(path: Path, *, asserts: bool = False) -> dict[str, str]:
    """Return the syntax of the contract of each annotated function, and of each method of a class with an invariant, by its
    qualified name.

    Functions that open with an assertion count as `assert` only where `asserts` is set: most such assertions are no
    contracts, and a repository is listed for them only if it says that they are.
    """
    tree = parse(path)
    if tree is None:
        return {}
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
            if any(a.name == "*" for a in node.names) and node.module.startswith("nagini_contracts"):
                names |= {name: f"{node.module}.{name}" for name in NAGINI}
    found: dict[str, str] = {}

    def qualified(node: ast.expr) -> str:
        if isinstance(node, ast.Call):
            return qualified(node.func)
        if isinstance(node, ast.Attribute):
            return f"{qualified(node.value)}.{node.attr}"
        return names.get(node.id, "") if isinstance(node, ast.Name) else ""

    def visit(nodes: list[ast.stmt], prefix: str, invariant: str) -> None:
        for node in nodes:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                if syntax := _syntax(node, qualified, asserts=asserts) or invariant:
                    found[prefix + node.name] = syntax
            elif isinstance(node, ast.ClassDef):
                visit(node.body, f"{prefix}{node.name}.", _invariant(node, qualified))
            elif isinstance(node, ast.If | ast.Try):
                visit(node.body, prefix, invariant)

    visit(tree.body, "", "")
    return found


def _syntax(node: ast.FunctionDef | ast.AsyncFunctionDef, qualified, *, asserts: bool) -> str:
    decorators = [qualified(d) for d in node.decorator_list]
    for library, of_library in (("icontract", ICONTRACT), ("deal", DEAL)):
        if any(d.split(".")[0] == library and d.split(".")[-1] in of_library for d in decorators):
            return library
    calls = [qualified(s.value) for s in node.body if isinstance(s, ast.Expr) and isinstance(s.value, ast.Call)]
    if any(c.startswith("nagini_contracts") and c.split(".")[-1] in NAGINI for c in calls):
        return "nagini"
    if any(c.startswith("probatum.spec") and c.split(".")[-1] in NATIVE for c in calls):
        return "native"
    docstring = ast.get_docstring(node) or ""
    if PEP316.search(docstring):
        return "PEP 316"
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return "assert" if asserts and body and isinstance(body[0], ast.Assert) else ""


def _invariant(node: ast.ClassDef, qualified) -> str:
    """Return the syntax of the invariant of a class: every method of it has something to keep."""
    decorators = {qualified(d) for d in node.decorator_list}
    if found := next((d.split(".")[0] for d in decorators if d in ("icontract.invariant", "deal.inv")), ""):
        return found
    return "PEP 316" if INVARIANT.search(ast.get_docstring(node) or "") else ""


def summed(folder: Path, patterns: tuple[str, ...], *, asserts: bool = False) -> tuple[Counter, list[Path]]:
    """Count annotated functions by syntax in the files that match; also return the files that have any."""
    total: Counter = Counter()
    files = []
    for pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            if path.is_file() and path not in files and (own := contracts(path, asserts=asserts)):
                total.update(own.values())
                files.append(path)
    return total, files


def without_invariants(text: str) -> tuple[str, int]:
    """Return a text whose loops have no invariants any more, with as many lines as before, and how many there were."""
    lines = text.splitlines(keepends=True)
    count = 0
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.While | ast.For):
            continue
        for inner in node.body:
            call = inner.value if isinstance(inner, ast.Expr) else None
            if not (isinstance(call, ast.Call) and _last(call.func) in INVARIANTS):
                continue
            count += 1
            for number in range(inner.lineno, (inner.end_lineno or inner.lineno) + 1):
                ending = "\n" if lines[number - 1].endswith("\n") else ""
                lines[number - 1] = (" " * inner.col_offset + "pass" if number == inner.lineno else "") + ending
    return "".join(lines), count


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def positions(path: Path) -> dict[str, tuple[int, int]]:
    """Return the first line (of the decorators, if there are any) and the last of every function and class, by qualified name."""
    found: dict[str, tuple[int, int]] = {}

    def visit(node: ast.AST, prefix: str) -> None:
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                first = min([inner.lineno, *(d.lineno for d in inner.decorator_list)])
                found[prefix + inner.name] = (first, inner.end_lineno or inner.lineno)
                visit(inner, f"{prefix}{inner.name}.")
            else:
                visit(inner, prefix)

    if (tree := parse(path)) is not None:
        visit(tree, "")
    return found
