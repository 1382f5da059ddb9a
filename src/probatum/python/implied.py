"""What an annotation says beyond a type, where it names a class whose `__new__` gives back something else (`plain_instances`).

    def count(lines: Lines) -> int: ...        # as if it required what `Lines.__new__` requires, of `lines`

Nothing at run time holds such a value to what was required when it was made: a list may have changed since. So this is a
condition like others. Who calls a function must show it, and the function, and every input that is tried, has it.
A result of such a class has it as a postcondition.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from probatum.python import contracts, forms
from probatum.python.annotations import parsed_inside
from probatum.python.plain_instances import constructor_of, returned_name
from probatum.python.program import Clause, Contract, Parameter, Passing, Problem
from probatum.python.scopes import Scope
from probatum.python.surfaces import World

_COLLECTIONS = frozenset({"list", "List", "Sequence", "set", "Set", "frozenset", "FrozenSet", "deque", "Deque"})
_TYPING = ("typing.", "typing_extensions.", "collections.", "builtins.")
_DEEP = 6  # levels of collections in one another


@dataclass
class Implied:
    """Reads what annotations of the functions of one module say."""

    world: World
    _made: dict[str, tuple[Clause, ...]] = field(default_factory=dict)

    def completed(
        self, contract: Contract, node: ast.FunctionDef, parameters: Iterable[Parameter], scope: Scope
    ) -> tuple[Contract, list[Problem]]:
        """Return a contract with what the annotations of parameters and of the result say, and what of it has no meaning here."""
        problems: list[Problem] = []
        names = forms.parameter_names(node)
        written = {a.arg: a for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
        requires: list[Clause] = []
        for parameter in parameters:
            annotation = written[parameter.name].annotation if parameter.name in written else None
            if annotation is None or parameter.passing in (Passing.REST, Passing.REST_KEYWORDS):
                continue
            for clause in self._of(annotation, parameter.name, scope, _DEEP):
                one = clause
                if isinstance(parameter.default, ast.Constant) and parameter.default.value is None:
                    one = replace(clause, expression=_unless_none(parameter.name, clause.expression))
                requires += self._moved(one, annotation, names - {parameter.name}, scope, problems)
        ensures: list[Clause] = []
        if node.returns is not None and node.name != "__new__":
            for clause in self._of(node.returns, forms.RESULT, scope, _DEEP):
                ensures += self._moved(clause, node.returns, names, scope, problems)
        if not requires and not ensures:
            return contract, problems
        return replace(contract, requires=(*requires, *contract.requires), ensures=(*ensures, *contract.ensures)), problems

    def _moved(
        self, clause: Clause, annotation: ast.expr, hidden: frozenset[str], scope: Scope, problems: list[Problem]
    ) -> Iterator[Clause]:
        """Yield a condition at the annotation that implies it, if its names mean there what they mean where it is written."""
        if forms.free_names(clause.expression) & hidden:
            problems.append(
                scope.unsupported(annotation, f"`{scope.shown(annotation)}`, whose condition has the name of a parameter")
            )
            return

        def at_annotation(node: ast.AST) -> ast.AST:
            return ast.copy_location(node, annotation) if "lineno" in node._attributes else node  # noqa: SLF001 - public, in spite of its name

        yield replace(clause, expression=forms.rebuilt(clause.expression, at_annotation), place=scope.place(annotation))

    def _of(self, annotation: ast.expr, value: str, scope: Scope, deep: int) -> list[Clause]:
        """Return what an annotation says of the value of a name."""
        if deep == 0:
            return []
        match annotation:
            case ast.Constant(value=str(text)):
                parsed = parsed_inside(text, annotation)
                return [] if parsed is None else self._of(parsed, value, scope, deep - 1)
            case ast.Name() | ast.Attribute():
                return self._of_class(scope.qualified(annotation) or "", value, scope)
            case ast.BinOp(op=ast.BitOr(), left=left, right=ast.Constant(value=None)):
                return _optional(value, self._of(left, value, scope, deep - 1))
            case ast.Subscript(value=outer, slice=inner):
                return self._of_generic(scope.qualified(outer) or "", inner, value, scope, deep)
        return []

    def _of_generic(self, outer: str, inner: ast.expr, value: str, scope: Scope, deep: int) -> list[Clause]:
        own = outer.rpartition(".")[2]
        if not outer.startswith(_TYPING):
            return []
        if own == "Final":
            return self._of(inner, value, scope, deep - 1)
        if own == "Optional":
            return _optional(value, self._of(inner, value, scope, deep - 1))
        if own in ("tuple", "Tuple"):
            if not (isinstance(inner, ast.Tuple) and len(inner.elts) == 2 and _is_ellipsis(inner.elts[1])):
                return []
            inner = inner.elts[0]
        elif own not in _COLLECTIONS:
            return []
        item = f"_item{deep}"
        found = self._of(inner, item, scope, deep - 1)
        return [
            replace(
                c, expression=_call(forms.FORALL, [_name(value), forms.thunk([item], c.expression, c.expression)], c.expression)
            )
            for c in found
        ]

    def _of_class(self, qualified: str, value: str, scope: Scope) -> list[Clause]:
        """Return what the constructor of a class says of what it gives back, if that is no instance."""
        if qualified not in self._made:
            self._made[qualified] = tuple(self._constructed(qualified))
        split = self.world.split(qualified)
        found: list[Clause] = []
        for clause in self._made[qualified]:
            free = forms.free_names(clause.expression) - {_VALUE} - forms.reserved
            outside = None if split is None else self.world.scope(self._home(qualified) or split[0])
            if outside is None or any(outside.named(n) is None or _meaning(outside, n) != _meaning(scope, n) for n in free):
                continue
            try:
                found.append(replace(clause, expression=forms.substituted(clause.expression, {_VALUE: value})))
            except ValueError:  # a name that the condition binds is that of the parameter: it goes in under another name
                other = forms.thunk([_VALUE], clause.expression, clause.expression)
                found.append(replace(clause, expression=_call(forms.LET, [_name(value), other], clause.expression)))
        return found

    def _home(self, qualified: str) -> str | None:
        """Return the module of the class whose `__new__` runs."""
        found = self._creator(qualified)
        return None if found is None else found[0]

    def _creator(self, qualified: str) -> tuple[str, ast.ClassDef] | None:
        """Return the class that defines the `__new__` of a class without instances, and its module."""
        for _ in range(20):  # bases may go in a circle
            split = self.world.split(qualified)
            if split is None or len(split[1]) != 1 or self.world.alias(qualified) is None:
                return None
            node = self.world.surfaces[split[0]].classes.get(split[1][0])
            if node is None:
                return None
            if constructor_of(node) is not None:
                return split[0], node
            scope = self.world.scope(split[0])
            above = (scope.qualified(b.value if isinstance(b, ast.Subscript) else b) or "" for b in node.bases)
            qualified = next((q for q in above if self.world.alias(q) is not None), "")
        return None

    def _constructed(self, qualified: str) -> Iterator[Clause]:
        """Yield what is known of what a constructor gives back, which goes by the name `_VALUE`."""
        found = self._creator(qualified)
        new = None if found is None else constructor_of(found[1])
        if found is None or new is None:
            return
        scope = self.world.scope(found[0])
        contract = contracts.read_function(new, scope, found[1]).contract
        own, parameters = returned_name(new), forms.parameter_names(new)
        given = {own: _VALUE} if own in parameters else {}
        for clause in contract.requires:
            if forms.free_names(clause.expression) & parameters == {own}:
                yield from _substituted(clause, given)
        for clause in contract.ensures:
            names = forms.free_names(clause.expression)
            if forms.RESULT in names and not names & {forms.OLD, forms.CAPTURED} and names & parameters <= set(given):
                yield from _substituted(clause, {**given, forms.RESULT: _VALUE})


_VALUE = "_value_"


def _substituted(clause: Clause, names: dict[str, str]) -> Iterator[Clause]:
    yield replace(clause, expression=forms.substituted(clause.expression, names))


def _meaning(scope: Scope, name: str) -> str | None:
    found = scope.named(name)
    return None if found is None else scope.canonical(found)


def _is_ellipsis(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is Ellipsis


def _name(identifier: str) -> ast.Name:
    return ast.Name(identifier, ast.Load())


def _call(function: str, arguments: list[ast.expr], at: ast.expr) -> ast.Call:
    return forms.call(function, arguments, at)


def _unless_none(value: str, condition: ast.expr) -> ast.expr:
    something = ast.Compare(_name(value), [ast.IsNot()], [ast.Constant(None)])
    return _call(forms.IMPLIES, [something, condition], condition)


def _optional(value: str, clauses: list[Clause]) -> list[Clause]:
    return [replace(c, expression=_unless_none(value, c.expression)) for c in clauses]


__all__ = ["Implied"]
