"""Parts of a module that have nothing to do with one another, so that a change of one says nothing about the others.

A part is some functions at the top of a module that call one another, and no others. All
else is the rest, which every part may depend on: imports, classes, constants, code that runs
at import, and every function that these mention, or that mentions something whose
value it could change. What is known of a part rests on its own text and that of the
rest (`Part.text`) and on what is imported, and on nothing else of the module.

The rule errs on one side: a function is a part's only if all that it does beyond its own variables is to call
functions and methods, to read constants that are numbers, texts and the like, and to use classes whose attributes it
does not assign.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from probatum.python.scopes import assigned_names, walk

# What reaches names of the module otherwise than by writing them down; and what changes objects so.
_REACHING = frozenset(
    {"__builtins__", "__dict__", "__import__", "_getframe", "compile", "eval", "exec", "globals", "locals", "modules", "vars"}
)
_CHANGING = frozenset({"delattr", "getattr", "setattr", "type"})
_REFLECTING_MODULES = frozenset({"builtins", "ctypes", "gc", "importlib", "inspect", "operator", "types", "weakref"})
# Libraries of contracts whose functions say something and change nothing. Those of permissions are not among them: whether
# all of a module is written with these decides what its functions may look at.
_CONTRACTS = frozenset({"deal", "icontract", "probatum"})
_PERMISSIONS = "nagini"
_FAR_REACHING = ast.Global | ast.Nonlocal | ast.Import | ast.ImportFrom | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Part:
    """Functions that may depend on one another, and on the rest of the module.

    Attributes
    ----------
    functions : tuple of ast.FunctionDef
        In the order of the text.
    lines : tuple of int
        The lines of the module, from 1, that its functions or the rest are on.
    text : str
        What these lines say: equal texts have equal lines in equal order.
    """

    functions: tuple[ast.FunctionDef, ...]
    lines: tuple[int, ...]
    text: str


def parts(tree: ast.Module, text: str) -> tuple[Part, ...]:
    """Return the parts of a module; none where everything may depend on everything.

    Parameters
    ----------
    tree : ast.Module
        The module.
    text : str
        From which it was parsed.
    """
    if _PERMISSIONS in text or any(c in text for c in "\r\f\v\ufeff") or not all(map(_is_plain, tree.body)):
        return ()
    module = _Names(tree)
    nodes = {id(s): walk(s) for s in tree.body}
    names = {key: _names(own) for key, own in nodes.items()}
    if any(names[id(s)] & (_REACHING | module.reflecting) for s in module.rest):
        return ()
    mentioned = {key: found | _said(nodes[key]) for key, found in names.items()}
    apart = {f.name: f for f in module.functions if module.is_apart(f, nodes[id(f)], names[id(f)])}
    groups = _groups({name: mentioned[id(f)] for name, f in apart.items()})
    tied: set[str] = set()  # the names that the rest mentions, and those that belong to it
    for statement in tree.body:
        if not (isinstance(statement, ast.FunctionDef) and statement.name in apart):
            tied |= mentioned[id(statement)]
    bound = module.changeable - apart.keys()
    free = [group for group in groups if not any(n in tied or mentioned[id(apart[n])] & bound for n in group)]
    return tuple(_written(tree, text, free))


def without(text: str, left_out: Iterable[Part]) -> str:
    """Return the text of a module in which lines of functions of some parts are empty; the others stay where they are."""
    lines = text.split("\n")
    for part in left_out:
        for function in part.functions:
            first, last = _extent(function)
            lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(lines)


class _Names:
    """What the top of a module binds.

    Attributes
    ----------
    changeable : frozenset of str
        Names and attributes of which one function may change what others find there.
    foreign : frozenset of str
        Local names of what is imported from modules that may change by being used.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.functions = [s for s in tree.body if isinstance(s, ast.FunctionDef)]
        self.rest = [s for s in tree.body if not isinstance(s, ast.FunctionDef)]
        bound: list[str] = [f.name for f in self.functions]
        shared: set[str] = set()
        imports: dict[str, str] = {}  # local name to the package that it comes from
        for statement in self.rest:
            match statement:
                case ast.Import(names=names):
                    imports |= {a.asname or a.name.partition(".")[0]: a.name.partition(".")[0] for a in names}
                case ast.ImportFrom(module=module, names=names, level=level):
                    top = "" if level else (module or "").partition(".")[0]
                    imports |= {a.asname or a.name: top for a in names}
                case ast.ClassDef(name=name):
                    bound.append(name)
                    shared |= _of_class(statement)
                case _:
                    bound += assigned_names([statement], set())
        self.reflecting = frozenset(n for n, origin in imports.items() if origin in _REFLECTING_MODULES)
        known = {n for n, origin in imports.items() if origin in _CONTRACTS or origin in sys.stdlib_module_names}
        self.foreign = frozenset(imports.keys() - known)
        counted = Counter(bound)
        self.once = {n for n, times in counted.items() if times == 1 and n not in imports}
        harmless = {s.name for s in self.rest if isinstance(s, ast.ClassDef)} | set(map(_constant, self.rest))
        self.changeable = frozenset((set(bound) | shared) - (self.once & harmless - shared))

    def is_apart(self, function: ast.FunctionDef, nodes: Sequence[ast.AST], names: AbstractSet[str]) -> bool:
        """Whether a function does nothing to what is not its own, as far as its text alone tells."""
        if function.name not in self.once or names & (_REACHING | _CHANGING | self.reflecting):
            return False
        if any(_names(walk(decorator)) & self.foreign for decorator in function.decorator_list):
            return False
        called = {id(n.func) for n in nodes if isinstance(n, ast.Call)} | _annotations(nodes) if self.foreign else set()
        for node in nodes:
            if isinstance(node, _FAR_REACHING):
                return False
            if isinstance(node, ast.Attribute):
                if not isinstance(node.ctx, ast.Load) or node.attr.startswith("__"):
                    return False
                # Of classes and modules that are imported nobody knows here which attributes can be changed.
                if self.foreign and id(node) not in called:
                    return False
            elif isinstance(node, ast.Name) and node.id in self.foreign and id(node) not in called:
                return False
        return True


def _of_class(statement: ast.ClassDef) -> set[str]:
    """Return the names that classes in a statement bind to what may be changed: all but methods, numbers, texts and the like."""
    found: set[str] = set()
    for node in walk(statement):
        if isinstance(node, ast.ClassDef):
            plain = [s for s in node.body if isinstance(s, ast.FunctionDef) or (isinstance(s, ast.AnnAssign) and s.value is None)]
            found |= assigned_names([s for s in node.body if s not in plain and not _constant(s)], set())
    return found


def _is_plain(statement: ast.stmt) -> bool:
    """Whether a statement at the top only defines something."""
    match statement:
        case ast.FunctionDef() | ast.ClassDef() | ast.Import() | ast.Expr(value=ast.Constant()):
            return True
        case ast.ImportFrom(names=names):
            return all(a.name != "*" for a in names)
        case ast.Assign(targets=targets):
            return all(isinstance(one, ast.Name) for one in targets)
        case ast.AnnAssign(target=target):
            return isinstance(target, ast.Name)
        case ast.If(test=ast.Compare(left=ast.Name(id="__name__"), ops=[ast.Eq()], comparators=[ast.Constant(value="__main__")])):
            return True
    return False


def _constant(statement: ast.stmt) -> str:
    """Return the name that a statement gives to a number, a text or the like; "" if it does something else."""
    match statement:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
        ):
            if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub):
                value = value.operand
            return name if isinstance(value, ast.Constant) else ""
    return ""


def _annotations(nodes: Iterable[ast.AST]) -> set[int]:
    """Return the nodes, by their identity, of all annotations."""
    found: set[int] = set()
    for node in nodes:
        match node:
            case (
                ast.arg(annotation=ast.expr() as said)
                | ast.AnnAssign(annotation=said)
                | ast.FunctionDef(returns=ast.expr() as said)
            ):
                found.update(map(id, walk(said)))
    return found


_word = re.compile(r"[^\W\d]\w*")


def _names(nodes: Iterable[ast.AST]) -> set[str]:
    """Return every name in some nodes, whatever it stands for there: of variables and of attributes."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
    return found


def _said(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the words in texts: contracts in a docstring, annotations in quotes, names in `__all__`."""
    return {word for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str) for word in _word.findall(n.value)}


def _groups(mentioned: Mapping[str, AbstractSet[str]]) -> Iterator[tuple[str, ...]]:
    """Yield functions in groups that are connected because one mentions the other."""
    linked: dict[str, set[str]] = {name: set() for name in mentioned}
    for name, others in mentioned.items():
        for other in others & linked.keys():
            linked[name].add(other)
            linked[other].add(name)
    seen: set[str] = set()
    for name in linked:
        if name in seen:
            continue
        group, waiting = [], [name]
        seen.add(name)
        while waiting:
            one = waiting.pop()
            group.append(one)
            waiting += linked[one] - seen
            seen |= linked[one]
        yield tuple(group)


def _extent(statement: ast.stmt) -> tuple[int, int]:
    """Return the first and the last line of a statement, with its decorators."""
    decorators = statement.decorator_list if isinstance(statement, ast.FunctionDef | ast.ClassDef) else []
    return min([statement.lineno, *(d.lineno for d in decorators)]), statement.end_lineno or statement.lineno


def _written(tree: ast.Module, text: str, groups: Sequence[tuple[str, ...]]) -> Iterator[Part]:
    lines = text.split("\n")
    owner = {name: number for number, group in enumerate(groups) for name in group}
    own: list[list[ast.FunctionDef]] = [[] for _ in groups]
    whose = [-1] * len(lines)  # for each line the group whose it is; -1: the rest's, -2: nobody's
    inside = [False] * len(lines)
    for statement in tree.body:
        first, last = _extent(statement)
        for line in range(first - 1, last):
            inside[line] = True
        if isinstance(statement, ast.FunctionDef) and statement.name in owner:
            own[owner[statement.name]].append(statement)
            for line in range(first - 1, last):
                whose[line] = owner[statement.name]
    for line, content in enumerate(lines):
        if not inside[line] and not content.strip():
            whose[line] = -2
    rest = [line for line, one in enumerate(whose) if one == -1]
    for number, functions in enumerate(own):
        kept = sorted([*rest, *(line for line, one in enumerate(whose) if one == number)])
        yield Part(tuple(functions), tuple(line + 1 for line in kept), "\n".join(lines[line] for line in kept))


__all__ = ["Part", "parts", "without"]
