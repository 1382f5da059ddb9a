'''Contracts in docstrings, as PEP 316 proposed them and as CrossHair reads them.

    """
    The two items in the other order.

    pre: len(xs) == 2
    post[]: _ == [xs[1], xs[0]]
    raises: ValueError
    """

A line that starts with `pre:`, `post:` or `inv:` holds a condition; if nothing
follows on the line, every line below that is indented more holds one. `_` and
`__return__` are the result. `implies(a, b)` evaluates `b` only if `a` holds.

`__old__.x` is a deep copy of what `x` was at entry. A part of a condition that
only looks at such copies is evaluated at entry instead, which is the same; where
a copy meets what is there at exit, it is a copy here too (`__copy__`).

`post[x, y]:` names the parameters of which anything may be changed, whatever can
be reached from them; without brackets nobody said. An exception escapes only if
a `raises:` or `:raises E:` line names it or a class that it derives from.
An overriding method without preconditions has those of the method it overrides.
'''

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import field
from typing import Any, ClassVar

from probatum.python import forms
from probatum.python.contracts.adapters import ClassReading, FunctionReading
from probatum.python.contracts.conditions import deepest, depth, plain_body
from probatum.python.program import Clause, Contract, Place, Problem, Raises, Syntax
from probatum.python.scopes import Scope
from probatum.records import dataclass

_header = re.compile(r"^(?P<indent>\s*):?(?P<word>post|pre|raises|inv)(?:\[(?P<brackets>[\w\s,.]*)\])?::?\s*(?P<rest>.*?)\s*$")
_raising = re.compile(r"^\s*:raises\s+(?P<one>[\w.]+)\s*:|^\s*:?raises\s*:(?P<several>[^#]+)")
_open = re.compile(r"^[rRuUbB]*('''|\"\"\"|'|\")")


@dataclass(frozen=True)
class _Line:
    """A line of a docstring: its number in the module, the text, and how many code points come before it."""

    number: int
    text: str
    before: int


@dataclass(frozen=True)
class _Section:
    """What follows a keyword."""

    word: str
    brackets: str | None
    line: _Line
    conditions: tuple[_Line, ...]


def _docstring(body: Sequence[ast.stmt], scope: Scope) -> list[_Line]:
    """Return the lines of a docstring as they are written, without the quotes; none if there is no docstring."""
    first = body[0] if body else None
    if not (isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)):
        return []
    place = scope.place(first.value)
    lines = scope.positions.lines[place.line - 1 : place.end_line]
    found = [_Line(place.line + i, text, 0) for i, text in enumerate(lines)]
    last = found[-1]
    found[-1] = _Line(last.number, last.text[: place.end_column - 1], 0)
    start = found[0].text[place.column - 1 :]
    opening = _open.match(start)
    if opening is None or not found[-1].text.endswith(opening.group(1)):
        return []  # several literals in a row
    found[-1] = _Line(found[-1].number, found[-1].text.removesuffix(opening.group(1)), 0)
    skipped = place.column - 1 + opening.end()
    found[0] = _Line(found[0].number, found[0].text[skipped:], skipped)
    return found


def _has_condition(text: str) -> bool:
    return bool(text.strip()) and not text.strip().startswith("#")


def _sections(lines: Sequence[_Line]) -> list[_Section]:
    found: list[_Section] = []
    index = 0
    while index < len(lines):
        line = lines[index]
        index += 1
        match = _header.match(line.text)
        if match is None:
            continue
        conditions: list[_Line] = []
        if _has_condition(match["rest"]):
            conditions.append(_Line(line.number, match["rest"], line.before + match.start("rest")))
        else:
            indent = len(match["indent"])
            while index < len(lines):
                below = lines[index]
                stripped = below.text.strip()
                if stripped and len(below.text) - len(below.text.lstrip()) <= indent:
                    break
                index += 1
                if _has_condition(below.text):
                    skipped = len(below.text) - len(below.text.lstrip())
                    conditions.append(_Line(below.number, stripped, below.before + skipped))
        found.append(_Section(match["word"], match["brackets"], line, tuple(conditions)))
    return found


def documented_raises(node: ast.FunctionDef, scope: Scope) -> tuple[Raises, ...]:
    """Return the exceptions that a docstring names in `:raises E:` and `raises: E, F` lines, if the names stand for anything."""
    found: dict[str, Raises] = {}
    for line in _docstring(node.body, scope):
        match = _raising.match(line.text)
        if match is None:
            continue
        group = "one" if match["one"] else "several"
        start = match.start(group)
        for part in match[group].split(","):
            name = part.strip()
            offset = start + len(part) - len(part.lstrip())
            start += len(part) + 1
            if not re.fullmatch(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", name):
                continue
            expression = _parsed(_Line(line.number, name, line.before + offset), scope)
            if isinstance(expression, ast.expr) and scope.qualified(expression) is not None:
                found.setdefault(name, Raises(expression, scope.place(expression)))
    return tuple(found.values())


def _parsed(line: _Line, scope: Scope) -> ast.expr | Problem:
    """Return the condition of a line, its nodes where the line has them, or why there is none."""
    place = Place(line.number, line.before + 1, line.number, line.before + len(line.text) + 1)
    advice = "write a Python expression after the colon; a line of prose must not start with this keyword"
    try:
        expression = ast.parse(line.text, mode="eval").body
    except (SyntaxError, ValueError) as wrong:
        reason = wrong.msg if isinstance(wrong, SyntaxError) else str(wrong)
        return Problem(place, f"the condition `{line.text}` is no Python expression: {reason}", unsupported=False, help=advice)
    except (RecursionError, MemoryError):
        return Problem(place, f"a condition that is nested more than {deepest} deep")
    if depth(expression) > deepest:
        return Problem(place, f"a condition that is nested more than {deepest} deep")
    before = scope.positions.lines[line.number - 1][: line.before]
    shift = len(before.encode("utf-8", "surrogatepass"))  # columns of nodes count bytes
    for node in ast.walk(expression):
        if isinstance(node, ast.expr | ast.keyword | ast.arg):
            node.lineno = node.end_lineno = line.number
            node.col_offset += shift
            node.end_col_offset = (node.end_col_offset or 0) + shift
    return expression


class Pep316:
    """The adapter for docstrings."""

    syntax: ClassVar[Syntax] = Syntax.PEP316

    def function(self, node: ast.FunctionDef, scope: Scope, owner: ast.ClassDef | None, /) -> FunctionReading | None:
        """Read a docstring; None if it has neither preconditions nor postconditions, and there is no invariant to keep either."""
        lines = _docstring(node.body, scope)
        sections = [s for s in _sections(lines) if s.word in {"pre", "post"}]
        raises = documented_raises(node, scope)
        kept = owner is not None and any(s.word == "inv" for s in _sections(_docstring(owner.body, scope)))
        if not sections and not (kept and raises):
            return None
        own = _Reading(scope.inside(node), node)
        clauses: dict[str, list[Clause]] = {"pre": [], "post": []}
        modifies: tuple[Clause, ...] | None = None
        for section in sections:
            if section.brackets is not None:
                modifies = own.modifies(section, modifies)
            for line in section.conditions:
                clause = own.clause(line, section.word)
                if clause is not None:
                    clauses[section.word].append(clause)
        contract = Contract(
            Syntax.PEP316,
            requires=tuple(clauses["pre"]),
            ensures=tuple(clauses["post"]),
            raises=raises,
            modifies=modifies,
            place=own.place(sections[0].line) if sections else raises[0].place,
            inherits="replace",
        )
        return FunctionReading(contract, plain_body(node), problems=tuple(own.problems))

    def class_(self, node: ast.ClassDef, scope: Scope, /) -> ClassReading | None:
        """Read the `inv:` lines of a class; None if there are none."""
        sections = [s for s in _sections(_docstring(node.body, scope)) if s.word == "inv"]
        if not sections:
            return None
        own = _Reading(scope, None)
        clauses: list[Clause] = []
        for section in sections:
            if section.brackets is not None:
                own.problems.append(Problem(own.place(section.line), "`inv` takes no brackets", unsupported=False))
            clauses.extend(c for line in section.conditions if (c := own.clause(line, "inv")) is not None)
        return ClassReading(Syntax.PEP316, tuple(clauses), problems=tuple(own.problems), inherits="replace")


def module_problems(tree: ast.Module, scope: Scope) -> tuple[Problem, ...]:
    """Return the invariants of a module, which are outside the language."""
    own = _Reading(scope, None)
    return tuple(
        Problem(own.place(s.line), "an invariant of a module (`inv:` in its docstring)")
        for s in _sections(_docstring(tree.body, scope))
        if s.word == "inv"
    )


@dataclass
class _Reading:
    """Takes the conditions of one docstring; `node` is the function, or None for a class."""

    scope: Scope
    node: ast.FunctionDef | None
    problems: list[Problem] = field(default_factory=list)

    def place(self, line: _Line) -> Place:
        indent = len(line.text) - len(line.text.lstrip())
        return Place(line.number, line.before + indent + 1, line.number, line.before + len(line.text.rstrip()) + 1)

    def modifies(self, section: _Section, before: tuple[Clause, ...] | None) -> tuple[Clause, ...]:
        """Read `post[x, y.z]:`; the whole of a parameter is meant, whichever part is named. Several name what any of them does."""
        place = self.place(section.line)
        if section.word != "post":
            what = f"`{section.word}` takes no brackets"
            self.problems.append(Problem(place, what, unsupported=False, help="put the names into `post[...]:`"))
            return before or ()
        known = forms.parameter_names(self.node) if self.node is not None else frozenset()
        targets: list[Clause] = []
        for name in (part.strip().split(".")[0] for part in (section.brackets or "").split(",")):
            if not name:
                continue
            if name not in known:
                message = f"`post[{section.brackets}]` names `{name}`, which is no parameter"
                self.problems.append(Problem(place, message, unsupported=False, help="name parameters"))
                continue
            at = ast.Pass(lineno=place.line, col_offset=0, end_lineno=place.line, end_col_offset=0)
            offset = len(self.scope.positions.lines[place.line - 1][: place.column - 1].encode("utf-8", "surrogatepass"))
            at.col_offset = at.end_col_offset = offset
            targets.append(Clause(forms.call(forms.REACH, [forms.name(name, at)], at), place, name))
        said = {clause.text for clause in before or ()}
        return (*(before or ()), *(clause for clause in targets if clause.text not in said))

    def clause(self, line: _Line, word: str) -> Clause | None:
        parsed = _parsed(line, self.scope)
        if isinstance(parsed, Problem):
            self.problems.append(parsed)
            return None
        place = self.scope.place(parsed)
        self.problems.extend(forms.effects(parsed, self.scope))
        free = forms.free_names(parsed)
        if word != "post" and (wrong := free & {"__return__", "__old__"}):
            message = f"`{min(wrong)}` has a meaning only in postconditions"
            self.problems.append(Problem(place, message, unsupported=False))
            return None
        expression = _implications(parsed)
        if word == "post":
            parameters = forms.parameter_names(self.node) if self.node is not None else frozenset()
            results = {"__return__"} if "_" in parameters else {"__return__", "_"}
            expression = forms.substituted(expression, dict.fromkeys(results, forms.RESULT))
            if "__old__" in free:
                old = _Old(parameters, self._immutable(), self.scope)
                expression = old.read(expression)
                if old.problem:
                    self.problems.append(Problem(place, old.problem))
                    return None
        return Clause(expression, place, line.text)

    def _immutable(self) -> frozenset[str]:
        """Return the parameters whose annotations say that their values never change."""
        if self.node is None:
            return frozenset()
        a = self.node.args
        return frozenset(
            p.arg
            for p in (*a.posonlyargs, *a.args, *a.kwonlyargs)
            if isinstance(p.annotation, ast.Name) and p.annotation.id in {"int", "bool", "float", "str", "bytes"}
        )


def _implications(expression: ast.expr) -> ast.expr:
    def change(node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "implies" and len(node.args) == 2:
            return forms.call(forms.IMPLIES, node.args, node)
        return node

    return forms.rebuilt(expression, change)


def _is_number(*operands: ast.expr) -> bool:
    return any(isinstance(o, ast.Constant) and isinstance(o.value, int | float) for o in operands)


# What a part of a condition looks at.
_NOTHING, _ENTRY, _EXIT = 0, 1, 2
_most_looks = 300  # at comprehensions: each is looked at twice, and so is what it holds
_plain = frozenset(
    {"len", "sum", "min", "max", "all", "any", "isinstance", "hash", "str", "repr", "bool", "int", "float", "abs", "round"}
)


class _Old:
    """Moves the parts of a postcondition that look at copies made at entry into `__old__`.

    Recurses over trees that are at most `deepest` deep.
    """

    def __init__(self, parameters: frozenset[str], immutable: frozenset[str], scope: Scope) -> None:
        self.parameters = parameters
        self.scope = scope
        self.immutable = immutable
        self.problem = ""
        self.looks = 0

    def read(self, expression: ast.expr) -> ast.expr:
        """Return a postcondition in normal form."""
        new, state = self._part(expression, {})
        return self._at_entry(new) if state == _ENTRY else new

    def _at_entry(self, node: ast.expr) -> ast.expr:
        """Put a part that looks at nothing but entry into `__old__`; what can be changed since is copied."""
        number = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub) and _is_number(node.left, node.right)
        simple = (
            number
            or isinstance(node, ast.Compare | ast.Constant | ast.JoinedStr)
            or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not))
            or (isinstance(node, ast.Name) and node.id in self.immutable)
            or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _plain - {"min", "max", "sum"})
        )
        inner = node if simple else forms.call(forms.COPY, [node], node)
        return forms.call(forms.OLD, [inner], node)

    def _part(self, node: ast.expr, bound: dict[str, int]) -> tuple[ast.expr, int]:
        """Return a part in normal form, not yet in `__old__`, and what it looks at; `bound` says it of bound names."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "__old__":
            if node.attr not in self.parameters:
                self.problem = f"`__old__.{node.attr}`, which is no parameter"
            elif node.attr in bound:
                self.problem = f"`__old__.{node.attr}` where another `{node.attr}` is bound"
            return forms.name(node.attr, node), _ENTRY
        if isinstance(node, ast.Name):
            if node.id == "__old__":
                self.problem = "`__old__` as a whole"
            if node.id in bound:
                return node, bound[node.id]
            return node, _NOTHING if self._is_constant(node.id) else _EXIT
        if isinstance(node, ast.Subscript) and self._is_index(node.slice, bound):
            # An index is a number or a key: it means the same at entry and at exit.
            value, state = self._part(node.value, bound)
            index, _ = self._part(node.slice, bound)
            return forms.placed(ast.Subscript(value, index, node.ctx), node), state
        if isinstance(node, ast.Lambda):
            inner = bound | dict.fromkeys(forms.parameter_names(node), _EXIT)
            body, state = self._part(node.body, inner)
            if state == _ENTRY:
                body = self._at_entry(body)
            return forms.placed(ast.Lambda(node.args, body), node), _NOTHING if state == _NOTHING else _EXIT
        if isinstance(node, ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            return self._comprehension(node, bound)
        return self._joined(node, [c for c in ast.iter_child_nodes(node) if isinstance(c, ast.expr)], bound)

    def _is_constant(self, name: str) -> bool:
        """Whether a name means the same at entry and at exit, whatever was changed: builtins, imports and functions."""
        if name in self.parameters:
            return False
        qualified = self.scope.named(name) or ""
        builtin = qualified.startswith("builtins.") or name in {forms.IMPLIES, forms.FORALL, forms.EXISTS}
        return builtin or name in self.scope.imports or name in self.scope.functions

    def _is_index(self, node: ast.expr, bound: dict[str, int]) -> bool:
        return all(
            (isinstance(n, ast.Name) and n.id in bound)
            or isinstance(n, ast.Constant | ast.BinOp | ast.UnaryOp | ast.operator | ast.unaryop | ast.expr_context)
            for n in ast.walk(node)
        )

    def _joined(self, node: ast.expr, children: list[ast.expr], bound: dict[str, int]) -> tuple[ast.expr, int]:
        parts: dict[int, tuple[ast.expr, int]] = {id(c): self._part(c, bound) for c in children}
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.keyword):
                parts[id(child.value)] = self._part(child.value, bound)
        state = max((s for _, s in parts.values()), default=_NOTHING)

        def ready(child: ast.expr) -> ast.expr:
            new, own = parts[id(child)]
            return self._at_entry(new) if state == _EXIT and own == _ENTRY else new

        values: dict[str, Any] = {}
        for key, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                values[key] = ready(value)
            elif isinstance(value, list):
                values[key] = [self._item(item, ready) for item in value]
            else:
                values[key] = value
        return ast.copy_location(type(node)(**values), node), state

    def _item(self, item: object, ready: Callable[[ast.expr], ast.expr]) -> object:
        if isinstance(item, ast.keyword):
            return ast.copy_location(ast.keyword(item.arg, ready(item.value)), item)
        return ready(item) if isinstance(item, ast.expr) else item

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, bound: dict[str, int]
    ) -> tuple[ast.expr, int]:
        self.looks += 1
        if self.looks > _most_looks:
            self.problem = "comprehensions within comprehensions, too many to tell old values from new"
            return node, _EXIT
        new, state = self._generated(node, bound, copies=False)
        if state != _EXIT:
            return new, state
        # What runs over old values runs over a copy of them then: its items are there at exit, and at entry they are not.
        return self._generated(node, bound, copies=True)

    def _generated(
        self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp, bound: dict[str, int], *, copies: bool
    ) -> tuple[ast.expr, int]:
        inner = dict(bound)
        iterables: list[tuple[ast.expr, int]] = []
        conditions: list[list[tuple[ast.expr, int]]] = []
        for generator in node.generators:
            iterables.append(self._part(generator.iter, inner))
            looks_at = iterables[-1][1]
            inner |= dict.fromkeys(forms.target_names([generator.target]), _EXIT if copies and looks_at == _ENTRY else looks_at)
            conditions.append([self._part(c, inner) for c in generator.ifs])
        results = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
        elements = [self._part(r, inner) for r in results]
        state = max(s for _, s in (*iterables, *elements, *(c for own in conditions for c in own)))

        def ready(part: tuple[ast.expr, int]) -> ast.expr:
            return self._at_entry(part[0]) if state == _EXIT and part[1] == _ENTRY else part[0]

        generators = [
            ast.comprehension(g.target, ready(i), [ready(c) for c in own], g.is_async)
            for g, i, own in zip(node.generators, iterables, conditions, strict=True)
        ]
        done = [ready(e) for e in elements]
        if isinstance(node, ast.DictComp):
            return ast.copy_location(ast.DictComp(done[0], done[1], generators), node), state
        return ast.copy_location(type(node)(done[0], generators), node), state


adapter = Pep316()
