"""What Nagini refuses of declarations: data types, functions that are inlined, overrides, pure functions, aliases."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from probatum.python.contracts.nagini import vocabulary
from probatum.python.program import Problem
from probatum.python.scopes import Scope, walk

_collections = frozenset({"list", "dict", "set", "tuple", "frozenset", "type"})


def functions_in(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef, ast.ClassDef | None]]:
    """Yield the functions and methods of a module's top level, with their names in it."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef):
            yield statement.name, statement, None
        elif isinstance(statement, ast.ClassDef):
            for one in statement.body:
                if isinstance(one, ast.FunctionDef):
                    yield f"{statement.name}.{one.name}", one, statement


def words_of(node: ast.FunctionDef | ast.ClassDef, scope: Scope) -> set[str]:
    """Return the decorators of the library that a definition has."""
    return {vocabulary.of(scope, decorator) for decorator in node.decorator_list} - {""}


class Declarations:
    """Finds mistakes in the declarations of one module; `problems` name the function or class."""

    def __init__(self, tree: ast.Module, scope: Scope) -> None:
        self.tree, self.scope = tree, scope
        self.classes = {s.name: s for s in tree.body if isinstance(s, ast.ClassDef)}
        self.problems: list[Problem] = []

    def check(self) -> list[Problem]:
        """Return the mistakes."""
        self._data_types()
        for name, function, owner in functions_in(self.tree):
            self._function(name, function, owner)
        for name, node in self.classes.items():
            for statement in node.body:
                if isinstance(statement, ast.Assign) and self._is_type(statement.value):
                    self._mistake(statement, name, "an alias of a type within a class", "define it at the top of the module")
        return self.problems

    def _mistake(self, node: ast.AST, name: str, message: str, advice: str = "") -> None:
        place = self.scope.place(node)
        self.problems.append(Problem(place, message, f"{self.scope.module}.{name}", unsupported=False, help=advice))

    def _own_class(self, expression: ast.expr) -> ast.ClassDef | None:
        """Return the class of this module that a base names, with or without arguments."""
        head = expression.value if isinstance(expression, ast.Subscript) else expression
        name = self.scope.qualified(head) or ""
        return self.classes.get(name.removeprefix(f"{self.scope.module}.")) if name.startswith(f"{self.scope.module}.") else None

    def _is_type(self, value: ast.expr) -> bool:
        """Whether an expression is a type with arguments."""
        if not isinstance(value, ast.Subscript):
            return False
        module, _, name = (self.scope.qualified(value.value) or "").rpartition(".")
        return module in ("typing", "typing_extensions") or (module == "builtins" and name in _collections)

    # Data types

    def _data_types(self) -> None:
        """A data type is a class that derives from `ADT` alone; its constructors derive from it and a `NamedTuple` of their name."""
        is_adt = {n: any(self.scope.qualified(b) == vocabulary.data_type for b in c.bases) for n, c in self.classes.items()}
        constructors: set[str] = set()
        built: set[str] = set()
        for name, node in self.classes.items():
            above = [c for b in node.bases if (c := self._own_class(b)) is not None]
            data = [c.name for c in above if is_adt[c.name]]
            named = [b for b in node.bases if self._is_named_tuple(b)]
            if is_adt[name]:
                if named:
                    self._mistake(node, name, "a constructor of `ADT` itself", "derive a class from `ADT` first")
                    is_adt[name] = False
                elif not _empty(node):
                    self._mistake(node, name, f"the data type `{name}` has a body", "leave it empty")
                    built.add(name)  # one mistake is enough
            elif data:
                built.update(data)
                constructors.add(name)
                self._constructor(node, named)
            elif any(c.name in constructors for c in above):
                self._mistake(
                    node, name, "a class that derives from a constructor of a data type", "derive it from the data type"
                )
        for name, adt in is_adt.items():
            if adt and name not in built:
                advice = "derive a class from it and from a `NamedTuple`"
                self._mistake(self.classes[name], name, f"the data type `{name}` has no constructors", advice)

    def _constructor(self, node: ast.ClassDef, named: list[ast.expr]) -> None:
        advice = f"write `class {node.name}(..., NamedTuple('{node.name}', [...]))`"
        if len(node.bases) != 2 or len(named) != 1:
            message = f"the constructor `{node.name}` must derive from its data type and a `NamedTuple`, and nothing else"
            self._mistake(node, node.name, message, advice)
            return
        given = named[0].args[0] if isinstance(named[0], ast.Call) and named[0].args else None
        if isinstance(given, ast.Constant) and given.value != node.name:
            self._mistake(node, node.name, f"the `NamedTuple` of the constructor `{node.name}` has another name", advice)
        elif not _empty(node):
            self._mistake(node, node.name, f"the constructor `{node.name}` of a data type has a body", "leave it empty")

    def _is_named_tuple(self, base: ast.expr) -> bool:
        return isinstance(base, ast.Call) and self.scope.qualified(base.func) == "typing.NamedTuple"

    # Functions

    def _function(self, name: str, node: ast.FunctionDef, owner: ast.ClassDef | None) -> None:
        words = words_of(node, self.scope)
        inside = self.scope.inside(node)
        if "Inline" in words:
            self._inlined(name, node, words, inside)
        if "Pure" in words:
            if isinstance(node.returns, ast.Constant) and node.returns.value is None:
                self._mistake(node, name, "a pure function that returns nothing", "leave `@Pure` out, or return a value")
            for statement in _unreachable(node.body):
                self._mistake(statement, name, "a pure function with statements that are never reached", "leave them out")
        if owner is not None and (above := self._overridden(owner, node.name)) is not None:
            self._override(name, node, words, above)
        for one in walk(node):
            if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call) and isinstance(one.value.func, ast.Name):
                made = self._own_class(one.value.func) if one.value.func.id not in inside.hidden else None
                if made is not None and any(self._is_generic(base) for base in made.bases):
                    advice = f"write `{made.name}[...](...)`, or assign it to a variable with a type"
                    self._mistake(one, name, f"the arguments of the type `{made.name}` are not known", advice)

    def _inlined(self, name: str, node: ast.FunctionDef, words: set[str], inside: Scope) -> None:
        if "Pure" in words:
            self._mistake(node, name, "`@Pure` and `@Inline` on one function", "leave one of them out")
        for statement in node.body:
            word = vocabulary.called(inside, statement.value) if isinstance(statement, ast.Expr) else ""
            if word in vocabulary.header:
                message = f"a contract of a function that is inlined: `{word}`"
                self._mistake(statement, name, message, "leave it, or `@Inline`, out: the body is verified at each call")
                return
        if node.name == "__init__":
            place = self.scope.place(node)
            self.problems.append(Problem(place, "a constructor that is inlined (`@Inline`)", f"{self.scope.module}.{name}"))

    def _is_generic(self, base: ast.expr) -> bool:
        return isinstance(base, ast.Subscript) and self.scope.qualified(base.value) == "typing.Generic"

    def _overridden(self, owner: ast.ClassDef, name: str) -> ast.FunctionDef | None:
        """Return the method of a class above, in this module, that a method overrides."""
        seen, waiting = {owner.name}, list(owner.bases)
        if name.startswith("__") and name.endswith("__"):
            return None
        for base in waiting:
            found = self._own_class(base)
            if found is None or found.name in seen:
                continue
            seen.add(found.name)
            own = [s for s in found.body if isinstance(s, ast.FunctionDef) and s.name == name]
            if own:
                return own[-1]
            waiting += found.bases
        return None

    def _override(self, name: str, node: ast.FunctionDef, words: set[str], above: ast.FunctionDef) -> None:
        before = words_of(above, self.scope)
        if "Inline" in words | before:
            message = f"`{node.name}` overrides a method, and one of the two is inlined"
            self._mistake(node, name, message, "which body runs is not known: leave `@Inline` out")
        elif ("Pure" in words) != ("Pure" in before):
            which = "pure" if "Pure" in words else "not pure"
            message = f"`{node.name}` is {which}, unlike the method that it overrides"
            self._mistake(node, name, message, "mark both as `@Pure`, or none")
        elif "Pure" in words and _has_body(above) and "ContractOnly" not in before:
            message = f"`{node.name}` overrides a pure method, whose body says what it returns"
            self._mistake(node, name, message, "make the method above abstract, or leave `@Pure` out")
        elif len(node.args.defaults) != len(above.args.defaults):
            message = f"`{node.name}` has not the parameters with defaults of the method that it overrides"
            self._mistake(node, name, message, "give the same parameters defaults")


def _has_body(node: ast.FunctionDef) -> bool:
    return any(isinstance(one, ast.Return) and one.value is not None for one in walk(node))


def _empty(node: ast.ClassDef) -> bool:
    return all(isinstance(s, ast.Pass) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)) for s in node.body)


def _unreachable(body: list[ast.stmt]) -> list[ast.stmt]:
    """Return the first statement that follows a `return`, if there is one, of a body or of a branch in it."""
    waiting = [body]
    for statements in waiting:
        for i, statement in enumerate(statements):
            if isinstance(statement, ast.Return) and i + 1 < len(statements):
                return [statements[i + 1]]
            if isinstance(statement, ast.If):
                waiting += [statement.body, statement.orelse]
    return []
