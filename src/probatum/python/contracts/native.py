"""Contracts written with `probatum.spec`: calls at the start of functions and loops, and decorators.

    def f(xs: list[int], k: int) -> int:
        requires(len(xs) > 0, k in xs)
        ensures(lambda r: xs[r] == k)
        ...

A condition may be written as it is, or as a lambda without parameters, which is
evaluated later at run time and means the same here.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar

from probatum.python import forms
from probatum.python.contracts.adapters import ClassReading, FunctionReading
from probatum.python.program import Clause, Contract, LoopContract, Problem, Raises, Syntax
from probatum.python.scopes import Scope, children, register_exports

library = "probatum.spec"

_header = frozenset({"requires", "ensures", "raises", "modifies", "reads", "decreases"})
_loop = frozenset({"invariant", "decreases", "modifies"})
_statements = {"check": forms.CHECK, "assume": forms.ASSUME, "reveal": forms.REVEAL}
_at_exit = frozenset({"old", "result", "fresh"})  # meaningless where the function is not over, or has no entry to look back to
_only_in_contracts = frozenset({forms.OLD, forms.RESULT, forms.FRESH})
_specifying = frozenset({forms.CHECK, forms.ASSUME, forms.GHOST})  # what is in them is no part of what runs
_decorators = frozenset({"pure", "ghost", "lemma", "opaque", "contract", "trusted"})
_clauses = _header | _loop | _statements.keys()

register_exports(
    library,
    [
        *sorted(_clauses | _decorators | _at_exit),
        *(
            "forall",
            "exists",
            "implies",
            "multiset",
            "ghost",
            "class_invariant",
            "Range",
            "Nat",
            "Positive",
            "NonNegative",
            "install",
        ),
        *("ContractViolation", "NotExecutable", "mode", "sampling"),
        *(f"{kind}{bits}" for kind in ("Int", "UInt") for bits in (8, 16, 32, 64, 128, 256)),
    ],
)


def _spec(scope: Scope, expression: ast.expr) -> str:
    """Return which name of the library an expression stands for, or ""."""
    name = scope.qualified(expression) or ""
    return name.removeprefix(f"{library}.") if name.startswith(f"{library}.") else ""


def _called(scope: Scope, statement: ast.AST) -> tuple[str, ast.Call] | None:
    """Return the name of the library that a statement calls, if it is nothing but that call."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        name = _spec(scope, statement.value.func)
        if name:
            return name, statement.value
    return None


@dataclass
class _Reading:
    """Takes contracts out of one function; `scope` is the one of its body."""

    scope: Scope
    loops: dict[ast.stmt, LoopContract] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    used: bool = False

    def mistake(self, node: ast.AST, message: str, advice: str = "") -> None:
        self.problems.append(self.scope.mistake(node, message, advice))

    # Expressions

    def expression(self, node: ast.AST) -> ast.AST:
        """Bring a call of the library to its normal form; arguments are in theirs."""
        if not isinstance(node, ast.Call):
            return node
        name = _spec(self.scope, node.func)
        if not name or name in _clauses:
            return node
        self.used = True
        match name:
            case "result":
                return forms.name(forms.RESULT, node)
            case "old" | "multiset" | "fresh" if self.arity(node, name, 1):
                return forms.call(f"__{name}__", node.args, node)
            case "implies" if self.arity(node, name, 2):
                return forms.call(forms.IMPLIES, [_later(a) for a in node.args], node)
            case "forall" | "exists":
                return self.quantifier(node, name)
            case "ghost" if len(node.args) <= 1 and not node.keywords:
                return forms.call(forms.GHOST, node.args, node)
        return node

    def arity(self, node: ast.Call, name: str, number: int) -> bool:
        if len(node.args) == number and not node.keywords and not any(isinstance(a, ast.Starred) for a in node.args):
            return True
        self.mistake(node, f"`{name}` takes {number} argument{'s' if number > 1 else ''}")
        return False

    def quantifier(self, node: ast.Call, name: str) -> ast.AST:
        if len(node.args) < 2 or node.keywords or any(isinstance(a, ast.Starred) for a in node.args):
            self.mistake(
                node, f"`{name}` takes what it ranges over, then a condition", f"write `{name}(range(n), lambda i: ...)`"
            )
            return node
        *domains, condition = node.args
        if not isinstance(condition, ast.Lambda):
            if len(domains) > 1:
                self.mistake(condition, f"the condition of `{name}` over several collections must be a lambda")
                return node
            applied = forms.placed(ast.Call(condition, [ast.Name("item", ast.Load())], []), condition)
            if "item" in forms.free_names(condition):
                self.mistake(condition, f"the condition of `{name}` must be a lambda if it uses the name `item`")
                return node
            return forms.call(f"__{name}__", [domains[0], forms.thunk(["item"], applied, condition)], node)
        parameters = _plain_parameters(condition)
        if parameters is None or len(parameters) != len(domains):
            self.mistake(condition, f"the condition of `{name}` must take one parameter for each thing it ranges over")
            return node
        inner: ast.expr = condition.body
        bound: set[str] = set(parameters)
        for domain, parameter in reversed(list(zip(domains, parameters, strict=True))):
            bound.discard(parameter)
            if forms.free_names(domain) & bound:
                self.mistake(domain, f"what `{name}` ranges over uses a name that its condition binds: choose another name there")
                return node
            inner = forms.call(f"__{name}__", [domain, forms.thunk([parameter], inner, condition)], node)
        return inner

    # Clauses

    def conditions(self, call: ast.Call, word: str) -> list[Clause]:
        """Read arguments as conditions, in the state where the call stands."""
        self.no_keywords(call, word)
        if word in {"modifies", "reads"}:
            return [self.scope.clause(_later(a)) for a in self.plain(call, word)]
        return [self.scope.clause(self.condition(a), wrote=_later(a)) for a in self.plain(call, word)]

    def condition(self, argument: ast.expr, *given: ast.expr) -> ast.expr:
        """Return the condition that an argument is; a function of the module that is only named is called."""
        later = _later(argument)
        if isinstance(later, ast.Name | ast.Attribute) and _is_function(later, self.scope):
            return forms.placed(ast.Call(later, list(given), []), later)
        if isinstance(later, ast.Name | ast.Attribute) and _is_imported(later, self.scope):
            message = f"the condition `{self.scope.shown(later)}`, which may be a function that is to be called"
            self.problems.append(self.scope.unsupported(later, message, "write the call, or compare it with something"))
        return later

    def plain(self, call: ast.Call, word: str) -> list[ast.expr]:
        for argument in call.args:
            if isinstance(argument, ast.Starred):
                self.mistake(argument, f"the conditions of `{word}` must be written out", "name each of them instead of `*`")
            elif word != "check" and isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                self.mistake(argument, f"`{word}` takes conditions, and this is a text", "say it in a comment")
        if not call.args and word not in {"modifies", "reads"}:
            self.mistake(call, f"`{word}` says nothing", "give it a condition, or remove it")
        return [a for a in call.args if not isinstance(a, ast.Starred)]

    def no_keywords(self, call: ast.Call, word: str, allowed: frozenset[str] = frozenset()) -> None:
        for keyword in call.keywords:
            if keyword.arg not in allowed:
                self.mistake(keyword.value, f"`{word}` does not take `{keyword.arg or '**'}`")

    def at_exit(self, argument: ast.expr, word: str, name: str) -> Clause | None:
        """Read a condition on the end of the function: a lambda over `name`, one without parameters, or as it is."""
        if not isinstance(argument, ast.Lambda):
            return self.scope.clause(self.condition(argument, forms.name(name, argument)), wrote=argument)
        parameters = _plain_parameters(argument)
        if parameters is None or len(parameters) > 1:
            self.mistake(argument, f"the lambda of `{word}` takes at most one parameter", f"write `{word}(lambda r: ...)`")
            return None
        body = forms.substituted(argument.body, {parameters[0]: name}) if parameters else argument.body
        return self.scope.clause(body, wrote=argument.body)

    def measures(self, call: ast.Call) -> tuple[Clause, ...] | None:
        """Read `decreases`; None: termination is not claimed."""
        self.no_keywords(call, "decreases")
        if len(call.args) == 1 and isinstance(call.args[0], ast.Constant) and call.args[0].value is None:
            return None
        return tuple(self.scope.clause(_later(a)) for a in self.plain(call, "decreases"))

    def raising(self, call: ast.Call) -> list[Raises]:
        self.no_keywords(call, "raises", frozenset({"when", "ensures"}))
        given = {k.arg: k.value for k in call.keywords}
        when = self.scope.clause(self.condition(given["when"]), wrote=_later(given["when"])) if "when" in given else None
        ensures = self.at_exit(given["ensures"], "ensures", forms.EXCEPTION) if "ensures" in given else None
        classes: list[ast.expr] = []
        for argument in self.plain(call, "raises"):
            classes.extend(argument.elts if isinstance(argument, ast.Tuple) else [argument])
        if when is not None and len(classes) > 1:
            message = "`raises` with `when` and several exceptions: which of them is raised then stays open"
            self.problems.append(self.scope.unsupported(call, message, "write one `raises` for each"))
        return [Raises(c, self.scope.place(c), when, () if ensures is None else (ensures,)) for c in classes]

    def header(self, body: Sequence[ast.stmt], contract: Contract) -> tuple[Contract, list[ast.stmt]]:
        """Take the calls at the start of a function for its contract; return it and the rest of the body."""
        requires, ensures, raises, reads = list[Clause](), list[Clause](), list[Raises](), list[Clause]()
        modifies: list[Clause] | None = None
        decreases: tuple[Clause, ...] | None = None
        diverges, taken = False, 0
        scoped: list[ast.stmt] = []  # `global x` must stand before `modifies(x)`
        for statement in body:
            if isinstance(statement, ast.Global | ast.Nonlocal):
                scoped.append(statement)
                continue
            called = _called(self.scope, statement)
            if called is None or called[0] not in _header:
                break
            word, call = called
            taken += 1
            match word:
                case "requires":
                    requires += self.conditions(call, word)
                case "ensures":
                    self.no_keywords(call, word)
                    ensures += [c for a in self.plain(call, word) if (c := self.at_exit(a, word, forms.RESULT)) is not None]
                case "raises":
                    raises += self.raising(call)
                case "modifies":
                    modifies = [*(modifies or []), *self.conditions(call, word)]
                case "reads":
                    reads += self.conditions(call, word)
                case _:
                    if decreases is not None or diverges:
                        self.mistake(call, "`decreases` is said twice", "give one `decreases` all measures, in their order")
                    decreases = self.measures(call)
                    diverges = decreases is None
        self.used |= taken > 0
        own = Contract(
            Syntax.NATIVE,
            requires=tuple(requires),
            ensures=tuple(ensures),
            raises=tuple(raises),
            modifies=None if modifies is None else tuple(modifies),
            reads=tuple(reads),
            decreases=decreases,
            may_diverge=diverges,
            place=self.scope.place(next(s for s in body if s not in scoped)) if taken else contract.place,
        )
        return own, [*scoped, *body[taken + len(scoped) :]]

    # Statements

    def change(self, node: ast.AST) -> ast.AST | list[ast.AST] | None:
        """Bring a statement to its normal form; what is in it is in its own."""
        if isinstance(node, ast.While | ast.For):
            self.loop(node)
            return node
        called = _called(self.scope, node)
        if called is None or called[0] not in _statements:
            return self.expression(node)
        word, call = called
        self.used = True
        self.no_keywords(call, word)
        arguments = self.plain(call, word)
        if (
            word == "check"
            and len(arguments) > 1
            and isinstance(arguments[-1], ast.Constant)
            and isinstance(arguments[-1].value, str)
        ):
            arguments = arguments[:-1]  # what to say if it fails
        return [forms.statement(_statements[word], [a if word == "reveal" else self.condition(a)], a) for a in arguments]

    def loop(self, node: ast.While | ast.For) -> None:
        invariants: list[Clause] = []
        decreases: tuple[Clause, ...] | None = None
        modifies: list[Clause] | None = None
        taken = 0
        for statement in node.body:
            called = _called(self.scope, statement)
            if called is None or called[0] not in _loop:
                break
            taken += 1
            word, call = called
            match word:
                case "invariant":
                    invariants += self.conditions(call, word)
                case "modifies":
                    modifies = [*(modifies or []), *self.conditions(call, word)]
                case _:
                    if decreases is not None:
                        self.mistake(call, "`decreases` is said twice", "give one `decreases` all measures, in their order")
                    decreases = self.measures(call)
                    if decreases is None:
                        self.mistake(call, "`decreases(None)` is about a whole function", "move it to the start of the function")
        if taken:
            self.used = True
            self.loops[node] = LoopContract(tuple(invariants), decreases, None if modifies is None else tuple(modifies))
            for clause in (*invariants, *(decreases or ())):
                self.without_result(clause.expression)
            node.body = node.body[taken:] or [forms.placed(ast.Pass(), node)]

    # What is left

    def misplaced(self, body: Sequence[ast.stmt]) -> None:
        """Say of calls of the library that nothing above has taken why they cannot stay."""
        pending: list[ast.AST] = list(reversed(body))
        while pending:
            node = pending.pop()
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue  # what is written in there is about it
            called = _called(self.scope, node)
            if called is not None and called[0] in _clauses | _at_exit:
                self.used = True
                self.stray(called[0], called[1])
                pending.extend(called[1].args)
                continue
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _specifying:
                self.without_result(node)
                continue
            if isinstance(node, ast.Name) and node.id in _only_in_contracts:
                word = node.id.strip("_")
                self.mistake(node, f"`{word}` must be a part of a condition: the program itself has no such value")
            if isinstance(node, ast.Call) and _spec(self.scope, node.func) in _clauses:
                self.used = True
                self.mistake(node, f"`{self.scope.shown(node.func)}` must be a statement of its own")
            pending.extend(reversed(children(node)))

    def without_result(self, node: ast.AST) -> None:
        """Say of a condition inside a body that it cannot speak of the result."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and inner.id == forms.RESULT:
                self.mistake(inner, "`result` is known only when the function is over", "move the condition to `ensures`")

    def stray(self, word: str, call: ast.Call) -> None:
        if word == "invariant":
            self.mistake(
                call, "`invariant` must be at the start of a loop's body", "move it up, before the other statements of the loop"
            )
        elif word in _header:
            place = "of the function" + (", or of a loop" if word in _loop else "")
            self.mistake(call, f"`{word}` must be at the start {place}, before anything else", "move it up, after the docstring")
        else:
            self.mistake(call, f"`{word}` must be a part of a condition")


def _later(argument: ast.expr) -> ast.expr:
    """Return the condition that a lambda without parameters delays."""
    return argument.body if isinstance(argument, ast.Lambda) and _plain_parameters(argument) == [] else argument


def _is_function(node: ast.expr, scope: Scope) -> bool:
    """Whether a bare name is a function that this module defines."""
    return isinstance(node, ast.Name) and node.id not in scope.hidden and node.id in scope.functions


def _is_imported(node: ast.expr, scope: Scope) -> bool:
    """Whether a name or attribute leads out of this module."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id not in scope.hidden and node.id in scope.imports


def _plain_parameters(node: ast.Lambda) -> list[str] | None:
    """Return the names of a lambda's parameters; None if some are not plain."""
    a = node.args
    if a.vararg is not None or a.kwarg is not None or a.kwonlyargs or a.defaults:
        return None
    return [p.arg for p in (*a.posonlyargs, *a.args)]


def without_docstring(body: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    """Return a body without its docstring."""
    first = body[0] if body else None
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return body[1:] if documented else body


def uses(scope: Scope) -> bool:
    """Whether a module can have native contracts at all."""
    return "probatum" in scope.libraries


def with_native_parts(reading: FunctionReading, own: FunctionReading, node: ast.FunctionDef, scope: Scope) -> FunctionReading:
    """Add the loop contracts, checks and decorators of this library to a reading in another syntax; `own` is the native reading."""
    parts = _Reading(scope.inside(node))
    body, moved = _bodies(reading.body, parts, reading.loops)
    return replace(
        reading,
        body=body,
        loops={**moved, **parts.loops},
        pure=reading.pure or own.pure,
        ghost=reading.ghost or own.ghost,
        lemma=reading.lemma or own.lemma,
        opaque=reading.opaque or own.opaque,
        stub=reading.stub or own.stub,
        problems=(*reading.problems, *own.problems),
    )


def _bodies(
    body: Sequence[ast.stmt], own: _Reading, loops: Mapping[ast.stmt, LoopContract]
) -> tuple[list[ast.stmt], dict[ast.stmt, LoopContract]]:
    """Return a body in normal form, and the given contracts of loops by its new nodes."""
    known = {(loop.lineno, loop.col_offset, type(loop)): contract for loop, contract in loops.items()}
    moved: dict[ast.stmt, LoopContract] = {}

    def change(node: ast.AST) -> ast.AST | list[ast.AST] | None:
        new = own.change(node)
        if isinstance(node, ast.While | ast.For) and (contract := known.get((node.lineno, node.col_offset, type(node)))):
            moved[node] = contract
        return new

    module = forms.rebuilt(ast.Module(list(body), []), change)
    return module.body, moved


def module_problems(tree: ast.Module, scope: Scope) -> tuple[Problem, ...]:
    """Return contracts at the top of a module: there is nothing that they could be about."""
    calls = [called for statement in tree.body if (called := _called(scope, statement)) is not None]
    return tuple(
        scope.mistake(
            call, f"`{word}` must be in a function or a loop", "move it there, or write `check(...)` if it must hold here"
        )
        for word, call in calls
        if word in _header | _loop
    )


class Native:
    """The adapter for `probatum.spec`."""

    syntax: ClassVar[Syntax] = Syntax.NATIVE

    def function(self, node: ast.FunctionDef, scope: Scope, _owner: ast.ClassDef | None, /) -> FunctionReading | None:
        """Read a function; None if it says nothing with this library."""
        if not uses(scope):
            return None
        words = {_spec(scope, d.func if isinstance(d, ast.Call) else d) for d in node.decorator_list} & _decorators
        own = _Reading(scope.inside(node))
        own.problems += _above(node, scope)
        body, _ = _bodies(without_docstring(node.body), own, {})
        contract, body = own.header(body, Contract(place=scope.place(node)))
        own.misplaced(body)
        if not words and not own.used and not own.problems:
            return None
        return FunctionReading(
            contract,
            body,
            own.loops,
            pure="pure" in words,
            ghost=bool(words & {"ghost", "lemma"}),
            lemma="lemma" in words,
            opaque="opaque" in words,
            stub="trusted" in words,
            problems=tuple(own.problems),
        )

    def class_(self, node: ast.ClassDef, scope: Scope, /) -> ClassReading | None:
        """Read `@class_invariant(lambda self: ...)` and `def __invariant__(self) -> bool`."""
        clauses: list[Clause] = []
        problems: list[Problem] = []
        for decorator in node.decorator_list:
            if isinstance(decorator, ast.Call) and _spec(scope, decorator.func) == "class_invariant":
                for argument in decorator.args:
                    _invariant(argument, scope, clauses, problems)
        problems += _above(node, scope)
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef) and statement.name == "__invariant__":
                clauses += _invariant_method(statement, scope, problems)
            called = _called(scope, statement)
            if called is not None and called[0] in _header | _loop:
                message = f"`{called[0]}` in the body of a class says nothing about its instances"
                problems.append(scope.mistake(called[1], message, "write `@class_invariant(lambda self: ...)` above the class"))
        if not clauses and not problems:
            return None
        return ClassReading(Syntax.NATIVE, tuple(clauses), frozenset({"__invariant__"}), problems=tuple(problems))


def _above(node: ast.FunctionDef | ast.ClassDef, scope: Scope) -> list[Problem]:
    """Return clauses that stand above a definition as decorators, where they say nothing."""
    of_a_class = isinstance(node, ast.ClassDef)
    advice = (
        "write `@class_invariant(lambda self: ...)`"
        if of_a_class
        else "call it in the function, right after the docstring, about its parameters"
    )
    written = ((_spec(scope, d.func if isinstance(d, ast.Call) else d), d) for d in node.decorator_list)
    return [
        scope.mistake(
            decorator, f"`{word}` is no decorator: above a {'class' if of_a_class else 'function'} it says nothing", advice
        )
        for word, decorator in written
        if word in _clauses
    ]


def _invariant(argument: ast.expr, scope: Scope, clauses: list[Clause], problems: list[Problem]) -> None:
    own = _Reading(scope)
    if _is_function(argument, scope):
        applied = ast.Call(forms.copied(argument), [ast.Name("self", ast.Load())], [])
        clauses.append(scope.clause(forms.placed(applied, argument), wrote=argument))
        return
    parameters = _plain_parameters(argument) if isinstance(argument, ast.Lambda) else None
    if not isinstance(argument, ast.Lambda) or parameters is None or len(parameters) != 1:
        advice = "write `@class_invariant(lambda self: ...)`"
        problems.append(scope.mistake(argument, "an invariant of a class must be a lambda over one instance", advice))
        return
    body = forms.rebuilt(argument.body, own.expression)
    clauses.append(scope.clause(forms.substituted(body, {parameters[0]: "self"}), wrote=argument.body))
    problems.extend(own.problems)


def _invariant_method(node: ast.FunctionDef, scope: Scope, problems: list[Problem]) -> list[Clause]:
    body = without_docstring(node.body)
    parameters = node.args.args
    if len(body) != 1 or not isinstance(body[0], ast.Return) or body[0].value is None or len(parameters) != 1:
        advice = "return one condition over `self`, and call pure functions for what is longer"
        problems.append(scope.unsupported(node, "an `__invariant__` that is not a single `return`", advice))
        return []
    own = _Reading(scope.inside(node))
    value = body[0].value
    parts = value.values if isinstance(value, ast.BoolOp) and isinstance(value.op, ast.And) else [value]
    changed = [forms.rebuilt(p, own.expression) for p in parts]
    problems.extend(own.problems)
    name = {parameters[0].arg: "self"}
    return [scope.clause(forms.substituted(c, name), wrote=p) for c, p in zip(changed, parts, strict=True)]


adapter = Native()
