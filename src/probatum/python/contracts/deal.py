"""Contracts written with deal: decorators that take validators.

    @deal.pre(lambda xs: len(xs) > 0)
    @deal.ensure(lambda _: _.result in _.xs)
    @deal.raises(ValueError)
    def smallest(xs: list[int]) -> int: ...

A validator is called with the arguments as the caller passed them, by position
too; one whose only parameter is `_` gets all of them by name. It fails if it
returns something false, and also if it returns a string: that is the message.
Decorators apply from the last to the first, `chain` from the first to the last.

`raises` allows exceptions of exactly these classes, not of derived ones; without
it (and `safe` and `pure`) any may escape. `reason` says what holds where an
exception was raised, not when it must be. `has` and what `pure` says of input and
output is about `print` here: all else that does any is outside the language.
Invariants hold before and after calls of all methods, and after every assignment
to an attribute. Nothing is inherited without `inherit`, which adds all contracts
of overridden methods to the own ones.
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import field
from typing import ClassVar

from probatum.python import forms
from probatum.python.contracts.adapters import ClassReading, FunctionReading
from probatum.python.contracts.conditions import (
    Binding,
    Unreadable,
    argument,
    deepest,
    depth,
    error_name,
    let_bound,
    plain_body,
    resolved,
)
from probatum.python.program import Clause, Contract, Problem, Raises, Syntax
from probatum.python.scopes import Scope, register_exports
from probatum.records import dataclass

library = "deal"

_printing = frozenset({"io", "print", "stdout"})  # markers of `has` that allow writing to standard output

register_exports(
    library,
    [
        *("pre", "post", "ensure", "raises", "reason", "inv", "has", "example", "safe", "chain", "pure", "implies", "catch"),
        *("dispatch", "inherit", "cases", "ContractError", "PreContractError", "PostContractError", "InvContractError"),
        *("RaisesContractError", "ReasonContractError", "SilentContractError"),
    ],
)


def _word(scope: Scope, expression: ast.expr) -> str:
    name = scope.qualified(expression) or ""
    return name.removeprefix(f"{library}.") if name.startswith(f"{library}.") else ""


def _valid(value: ast.expr, at: ast.AST) -> ast.expr:
    """Return when a validator that returns `value` accepts: it is true, and no string.

    `condition or "message"` accepts if the condition does. What can only be a truth
    value is left as it is; of the rest it is said that it is no string.
    """
    if isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        return forms.placed(ast.Constant(False), at)
    if isinstance(value, ast.BoolOp):
        *first, last = value.values
        tail = _valid(last, at)
        if isinstance(value.op, ast.And):
            return forms.placed(ast.BoolOp(ast.And(), [*first, tail]), value)
        kept = [_valid(f, at) for f in first]
        if all(k is f for k, f in zip(kept, first, strict=True)):
            if isinstance(tail, ast.Constant) and tail.value is False:
                return kept[0] if len(kept) == 1 else forms.placed(ast.BoolOp(ast.Or(), kept), value)
            return forms.placed(ast.BoolOp(ast.Or(), [*kept, tail]), value)
    elif isinstance(value, ast.IfExp):
        return forms.placed(ast.IfExp(value.test, _valid(value.body, at), _valid(value.orelse, at)), value)
    elif _is_truth(value):
        return value
    kept_value = forms.name("value", at)
    no_string = forms.call("isinstance", [forms.name("value", at), forms.name("str", at)], at)
    test = forms.conjunction([kept_value, forms.negation(no_string, at)], at)
    return forms.call(forms.LET, [value, forms.thunk(["value"], test, at)], value)


_truths = frozenset({"all", "any", "bool", "isinstance", "issubclass", "callable", "hasattr", "len", "int", "abs", "sum"})
_truth_methods = frozenset(
    {"startswith", "endswith", "issubset", "issuperset", "isdisjoint", "is_integer", "count", "index", "find"}
    | {f"is{kind}" for kind in ("alnum", "alpha", "ascii", "decimal", "digit", "identifier", "lower", "numeric", "printable")}
    | {"isspace", "istitle", "isupper"}
)


def _is_truth(value: ast.expr) -> bool:
    """Whether an expression cannot be a string, whatever its names mean."""
    if isinstance(value, ast.Compare | ast.List | ast.Tuple | ast.Dict | ast.Set | ast.ListComp | ast.SetComp | ast.DictComp):
        return True
    if isinstance(value, ast.Constant):
        return not isinstance(value.value, str)
    if isinstance(value, ast.UnaryOp):
        return True
    if isinstance(value, ast.Call):
        if isinstance(value.func, ast.Name):
            return value.func.id in _truths or value.func.id in forms.reserved
        return isinstance(value.func, ast.Attribute) and value.func.attr in _truth_methods
    return False


_harmless = (
    ast.Name,
    ast.Constant,
    ast.Compare,
    ast.BoolOp,
    ast.UnaryOp,
    ast.Attribute,
    ast.expr_context,
    ast.cmpop,
    ast.boolop,
    ast.unaryop,
)


def _implies(call: ast.Call) -> ast.expr:
    """Return `deal.implies(a, b)`, which evaluates both; where `b` cannot raise it is an implication."""
    test, then = call.args
    if all(isinstance(n, _harmless) for n in ast.walk(then)):
        return forms.call(forms.IMPLIES, [test, then], call)
    inner = forms.call(forms.IMPLIES, [forms.name("tested", call), forms.name("concluded", call)], call)
    outer = forms.call(forms.LET, [then, forms.thunk(["concluded"], inner, call)], call)
    return forms.call(forms.LET, [test, forms.thunk(["tested"], outer, call)], call)


def _with_implications(expression: ast.expr, scope: Scope) -> ast.expr:
    def change(node: ast.AST) -> ast.AST:
        if isinstance(node, ast.Call) and _word(scope, node.func) == "implies" and len(node.args) == 2 and not node.keywords:
            return _implies(node)
        return node

    return forms.rebuilt(expression, change)


def _short(lambda_: ast.expr) -> ast.Lambda | None:
    """Return a validator of the short form, whose only parameter is `_`."""
    if isinstance(lambda_, ast.Lambda) and forms.parameter_names(lambda_) == {"_"}:
        return lambda_
    return None


@dataclass
class _Reading:
    """Takes the contract of one function."""

    scope: Scope
    node: ast.FunctionDef | None
    problems: list[Problem] = field(default_factory=list)
    requires: list[Clause] = field(default_factory=list)
    posts: list[Clause] = field(default_factory=list)
    ensures: list[Clause] = field(default_factory=list)
    allowed: list[ast.expr] | None = None  # by `raises`; None: nobody said
    reasons: list[Raises] = field(default_factory=list)
    inherits: bool = False
    silent: bool = False

    def parameters(self) -> list[str]:
        if self.node is None:
            return []
        a = self.node.args
        return [p.arg for p in (*a.posonlyargs, *a.args)]

    def decorator(self, expression: ast.expr, level: int = 0) -> None:
        """Read a decorator, or a contract within `chain`."""
        scope = self.scope
        if level > 20:
            raise Unreadable(scope.unsupported(expression, "contracts that are chained more than 20 deep"))
        expression = resolved(expression, scope)  # `positive = deal.pre(...)`, then `@positive`
        call = expression if isinstance(expression, ast.Call) else None
        word = _word(scope, call.func if call is not None else expression)
        if word == "example":
            return  # it says nothing about values or exceptions
        match word, call:
            case "safe", _:
                self.raising([])
            case "pure", _:
                self.raising([])
                self.silent = True
            case "has", ast.Call():
                markers = [a.value if isinstance(a, ast.Constant) else "io" for a in call.args]
                self.silent = self.silent or not _printing.intersection(map(str, markers))
            case "has", None:
                pass
            case "inherit", None:
                self.inherits = True
            case "chain", ast.Call():
                for one in call.args:
                    self.decorator(one, level + 1)
            case "raises", ast.Call():
                self.raising(call.args)
            case "reason", ast.Call() if len(call.args) == 2:
                clause = self.condition(call, call.args[1], "reason")
                self.reasons.append(Raises(forms.copied(call.args[0]), scope.place(call), ensures=(clause,), exact=True))
            case (("pre" | "post" | "ensure"), ast.Call()):
                validator = argument(call, 0, "validator")
                if validator is None:
                    raise Unreadable(scope.mistake(call, f"`deal.{word}` takes a validator", "write a lambda"))
                target = {"pre": self.requires, "post": self.posts, "ensure": self.ensures}[word]
                target.append(self.condition(call, validator, word))
            case _:
                raise Unreadable(scope.unsupported(expression, f"`{scope.source(call.func if call else expression)}` of deal"))

    def raising(self, exceptions: Sequence[ast.expr]) -> None:
        """Allow exceptions; several decorators allow what all of them do."""
        names = {ast.dump(e): e for e in exceptions}
        if self.allowed is None:
            self.allowed = list(names.values())
        else:
            self.allowed = [e for e in self.allowed if ast.dump(e) in names]

    def condition(self, call: ast.Call, validator: ast.expr, word: str) -> Clause:
        resolved = self.scope.constants.get(validator.id) if isinstance(validator, ast.Name) else validator
        short = _short(resolved) if resolved is not None else None
        value = self.short(short, word) if short is not None else self.binding(word).read(validator)
        wrote = validator.body if isinstance(validator, ast.Lambda) else validator
        if isinstance(validator, ast.Lambda):
            self._same_defaults(validator)
            self.problems.extend(forms.effects(let_bound(validator.body), self.scope.inside(validator)))
        if depth(value) > deepest:
            raise Unreadable(self.scope.unsupported(validator, f"a condition that is nested more than {deepest} deep"))
        inner = self.scope.inside(validator) if isinstance(validator, ast.Lambda) else self.scope
        accepted = _valid(_with_implications(value, inner), wrote)
        return self.scope.clause(accepted, wrote=wrote, error=error_name(argument(call, None, "exception")))

    def _same_defaults(self, validator: ast.Lambda) -> None:
        """A validator that is not passed an argument takes its own default, not the function's: they must agree."""
        if self.node is None:
            return
        functions = _defaults(self.node.args)
        for name, own in _defaults(validator.args).items():
            if name in functions and functions[name] != own:
                message = f"`{name}` has another default value in the condition than in the function"
                raise Unreadable(self.scope.mistake(validator, message, "give both the same"))

    def binding(self, word: str) -> Binding:
        names = self.parameters()
        every = forms.parameter_names(self.node) if self.node is not None else frozenset()
        values: dict[str, ast.expr | str] = {n: n for n in [*names, *sorted(every - set(names))]}
        called = f"the condition of `deal.{word}`"
        if word == "post":
            return Binding(self.scope, {"result": forms.RESULT}, every, ["result"], called)
        if word == "ensure":
            return Binding(self.scope, {**values, "result": forms.RESULT}, every, names, called)
        return Binding(self.scope, values, every, names, called)

    def short(self, validator: ast.Lambda, word: str) -> ast.expr:
        """Read a validator that gets all arguments as attributes, or items, of `_`."""
        scope = self.scope
        if word == "post":
            message = "a condition of `deal.post` that is called `_` gets the arguments of the function in it, not the result"
            raise Unreadable(scope.unsupported(validator, message, "call it `result`, or use `deal.ensure`"))
        every = forms.parameter_names(self.node) if self.node is not None else frozenset()
        return _fields(validator, scope, every, {"result": forms.RESULT} if word == "ensure" else {}, self.node is None)


def _defaults(arguments: ast.arguments) -> dict[str, str]:
    own = [*arguments.posonlyargs, *arguments.args]
    found = {a.arg: ast.dump(d) for a, d in zip(own[len(own) - len(arguments.defaults) :], arguments.defaults, strict=True)}
    return found | {a.arg: ast.dump(d) for a, d in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True) if d is not None}


def _fields(validator: ast.Lambda, scope: Scope, names: frozenset[str], extra: dict[str, str], of_self: bool) -> ast.expr:
    """Read `_.name` and `_["name"]`: parameters, or for an invariant (`of_self`) attributes of the instance."""
    outside = (forms.free_names(validator.body) - {"_"}) & names
    if outside:
        message = f"the condition means the `{min(outside)}` of the module, and the function has a parameter of that name"
        raise Unreadable(scope.unsupported(validator, message, f"write `_.{min(outside)}`, or rename one of them"))
    marks: dict[str, str] = {}

    def change(node: ast.AST) -> ast.AST:
        key: str | None = None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "_":
            key = node.attr
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == "_":
            key = node.slice.value if isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, str) else None
        if key is None:
            return node
        if of_self:
            return forms.placed(ast.Attribute(ast.Name("self", ast.Load()), key, ast.Load()), node)
        if key not in names and key not in extra:
            known = ", ".join(f"`{n}`" for n in (*sorted(names), *extra)) or "nothing"
            raise Unreadable(
                scope.mistake(node, f"the condition asks for `{key}`, which is not passed to it", f"it may ask for {known}")
            )
        mark = f"_.{key}"  # no name that anyone can write, so nothing inside captures it before it is replaced
        marks[mark] = extra.get(key, key)
        return forms.name(mark, node)

    marked = forms.rebuilt(validator.body, change)
    if "_" in forms.free_names(marked):
        raise Unreadable(scope.unsupported(validator, "`_` is used as a whole", "write `_.name`"))
    return Binding(scope, {}, frozenset()).substituted(marked, marks, validator)


class Deal:
    """The adapter for deal."""

    syntax: ClassVar[Syntax] = Syntax.DEAL

    def function(self, node: ast.FunctionDef, scope: Scope, _owner: ast.ClassDef | None, /) -> FunctionReading | None:
        """Read the decorators of a function; None if none is of this library."""
        if library not in scope.libraries:
            return None
        used = [d for d in node.decorator_list if _uses(d, scope)]
        if not used:
            return None
        own = _Reading(scope, node)
        for decorator in reversed(used):
            try:
                own.decorator(decorator)
            except Unreadable as stop:
                own.problems.append(stop.problem)
        raises = list(own.reasons)
        said = {ast.dump(r.exception) for r in raises}
        if own.allowed is not None:
            allowed = {ast.dump(e) for e in own.allowed}
            raises = [r for r in raises if ast.dump(r.exception) in allowed]
            raises += [Raises(forms.copied(e), scope.place(e), exact=True) for e in own.allowed if ast.dump(e) not in said]
        contract = Contract(
            Syntax.DEAL,
            requires=tuple(own.requires),
            ensures=(*own.posts, *own.ensures),  # the library checks them in this order
            raises=tuple(raises),
            any_raise=own.allowed is None,
            place=scope.place(used[0]),
            inherits="add" if own.inherits else "",
            silent=own.silent,
        )
        return FunctionReading(contract, plain_body(node), problems=tuple(own.problems))

    def class_(self, node: ast.ClassDef, scope: Scope, /) -> ClassReading | None:
        """Read `@deal.inv` and `@deal.inherit`; None if there is neither."""
        if library not in scope.libraries:
            return None
        clauses: list[Clause] = []
        problems: list[Problem] = []
        inherits = False
        for decorator in reversed([resolved(d, scope) for d in node.decorator_list]):
            call = decorator if isinstance(decorator, ast.Call) else None
            word = _word(scope, call.func if call else decorator)
            inherits |= word == "inherit"
            if word != "inv" or call is None:
                continue
            try:
                clauses.append(self._invariant(call, scope, problems))
            except Unreadable as stop:
                problems.append(stop.problem)
        if not clauses and not problems and not inherits:
            return None
        return ClassReading(
            Syntax.DEAL,
            tuple(clauses),
            problems=tuple(problems),
            inherits="add" if inherits else "",
            invariants_at_assignments=bool(clauses),
        )

    def _invariant(self, call: ast.Call, scope: Scope, problems: list[Problem]) -> Clause:
        validator = argument(call, 0, "validator")
        if validator is None:
            raise Unreadable(scope.mistake(call, "`deal.inv` takes a validator", "write a lambda"))
        short = _short(validator)
        if short is not None:
            value = _fields(short, scope, frozenset(), {}, of_self=True)
        else:
            value = Binding(scope, {"self": "self"}, frozenset({"self"}), ["self"], "the invariant").read(validator)
        wrote = validator.body if isinstance(validator, ast.Lambda) else validator
        inner = scope.inside(validator) if isinstance(validator, ast.Lambda) else scope
        problems.extend(forms.effects(let_bound(wrote), inner))
        if depth(value) > deepest:
            raise Unreadable(scope.unsupported(validator, f"a condition that is nested more than {deepest} deep"))
        accepted = _valid(_with_implications(value, inner), wrote)
        return scope.clause(accepted, wrote=wrote, error=error_name(argument(call, None, "exception")))


def _uses(decorator: ast.expr, scope: Scope) -> bool:
    decorator = resolved(decorator, scope)
    return bool(_word(scope, decorator.func if isinstance(decorator, ast.Call) else decorator))


adapter = Deal()
