"""Rewrites a function with a contract into one that checks it.

    def f(x):                      def f(x):
        requires(x > 0)                if __probatum__.level >= 1:
        ensures(lambda r: r > x)           if not x > 0: __probatum__.broken(...)
        return x + 1                   def __body__(x):
                                           return x + 1
                                       if __probatum__.level < 2: return __body__(x)
                                       __result__ = __body__(x)
                                       if not __result__ > x: __probatum__.broken(...)
                                       return __result__

The body is a function of its own only if something is checked at its end: then
it may assign to its parameters, and return from anywhere, without harm. What is
not built in is left out, the calls of the contract included.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from probatum.spec.conditions import Conditions, unwrapped
from probatum.spec.pieces import (
    RESULT,
    CannotRewrite,
    at_least,
    bare,
    lambda_parameters,
    runtime,
    runtime_call,
    text_of,
    written_out,
)

Definition = ast.FunctionDef | ast.AsyncFunctionDef

HEADER = frozenset({"requires", "ensures", "raises", "modifies", "reads", "decreases"})
_LOOP = frozenset({"invariant", "decreases", "modifies"})
_STATEMENTS = frozenset({"check", "assume", "invariant", "reveal"})
NO_TYPE_PARAMETERS: dict[str, Any] = {"type_params": []} if sys.version_info >= (3, 12) else {}
_BODY = "__body__"


@dataclass(frozen=True)
class Bounds:
    """Of an integer, each included; `optional`: or None."""

    low: int | None
    high: int | None
    optional: bool = False


class Rewriter:
    """Rewrites one function.

    Parameters
    ----------
    qualified : str
        What violations call it.
    named : callable
        The name in `probatum.spec` that an expression stands for, or "".
    level : int
        What is built in: 0 nothing, 1 preconditions, 2 everything.
    bounds : mapping of str to Bounds
        Of parameters, and of `return`.
    """

    def __init__(
        self, definition: Definition, qualified: str, named: Callable[[ast.expr], str], level: int, bounds: dict[str, Bounds]
    ) -> None:
        self.definition = definition
        self.qualified = qualified
        self.named = named
        self.level = level
        self.bounds = bounds
        self.used = False
        self.measures = 0
        a = definition.args
        self.parameters = [p.arg for p in (*a.posonlyargs, *a.args, *a.kwonlyargs, *(x for x in (a.vararg, a.kwarg) if x))]
        self.conditions = Conditions(named, self.parameters)

    def rewritten(self) -> Definition | None:
        """Return the function as it runs; None if it has no contract.

        Raises
        ------
        CannotRewrite
        """
        body = list(self.definition.body)
        docstring = body[:1] if _is_text(body[0]) else []
        body = body[len(docstring) :]
        header: list[tuple[str, ast.Call]] = []
        scoped: list[ast.stmt] = []  # `global x` must stand before `modifies(x)`
        for statement in body:
            if isinstance(statement, ast.Global | ast.Nonlocal):
                scoped.append(statement)
                continue
            called = self.called(statement)
            if called is None or called[0] not in HEADER:
                break
            header.append(called)
        body = body[len(header) + len(scoped) :]
        self.used = bool(header or self.bounds)
        entry = self.entry(header) if self.level >= 1 else []
        exits = self.exits(header) if self.level >= 2 else []
        outcomes = self.outcomes(header) if self.level >= 2 else ([], [], [])
        body = self.block(body) or [ast.Pass()]
        if not self.used:
            return None
        result = outcomes[0] or outcomes[1] or outcomes[2]
        if exits or result:
            if _is_generator(body):
                raise CannotRewrite("it is a generator, and what holds at its end is not checked")
            new = [*docstring, *scoped, *entry, *self.wrapped([*scoped, *body], exits, outcomes)]
        else:
            # Without checks at the end, what is remembered is for the body's own.
            new = [*docstring, *scoped, *entry, *self.remembered(), *body]
        made = type(self.definition)(
            **{**dict(ast.iter_fields(self.definition)), "body": new, "decorator_list": [], "returns": None}
        )
        made.args = bare(self.definition.args)
        ast.copy_location(made, self.definition)
        return ast.fix_missing_locations(made)

    # Clauses

    def called(self, statement: ast.AST) -> tuple[str, ast.Call] | None:
        """Return the name of the library that a statement calls, if it is nothing but that call."""
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            name = self.named(statement.value.func)
            if name:
                return name, statement.value
        return None

    def entry(self, header: Sequence[tuple[str, ast.Call]]) -> list[ast.stmt]:
        """Return what is checked at the start."""
        checks: list[ast.stmt] = [self.within(n, n, b) for n, b in self.bounds.items() if n != "return"]
        for word, call in header:
            if word == "requires":
                checks += [self.test("requires", self.conditions.later(a), a) for a in written_out(call)]
        if not checks:
            return []
        return [ast.If(at_least(1), checks, [])]

    def exits(self, header: Sequence[tuple[str, ast.Call]]) -> list[ast.stmt]:
        """Return what is checked at the end."""
        checks: list[ast.stmt] = []
        if "return" in self.bounds:
            checks.append(self.within(RESULT, "what it returns", self.bounds["return"]))
        for word, call in header:
            if word == "ensures":
                checks += [self.at_exit("ensures", argument, RESULT) for argument in written_out(call)]
        return checks

    def outcomes(self, header: Sequence[tuple[str, ast.Call]]) -> tuple[list[ast.stmt], list[ast.ExceptHandler], list[ast.stmt]]:
        """Return what `raises` needs: at the start, around the body, and after it."""
        before: list[ast.stmt] = []
        handlers: list[ast.ExceptHandler] = []
        after: list[ast.stmt] = []
        for word, call in header:
            if word != "raises":
                continue
            given = {k.arg: k.value for k in call.keywords}
            classes = written_out(call)
            if not given or not classes:
                continue
            kind = classes[0] if len(classes) == 1 else ast.Tuple(classes, ast.Load())
            caught: list[ast.stmt] = []
            if "when" in given:
                when = f"__when_{len(before)}__"
                text = text_of(unwrapped(given["when"]))
                condition = self.conditions.later(given["when"])
                before.append(
                    ast.Assign([ast.Name(when, ast.Store())], ast.UnaryOp(ast.Not(), ast.UnaryOp(ast.Not(), condition)))
                )
                named = text_of(kind)
                caught.append(
                    ast.If(
                        ast.UnaryOp(ast.Not(), ast.Name(when, ast.Load())),
                        [self.broken("raises", text, "True", f"it raised `{named}` and this was false at the start")],
                        [],
                    )
                )
                after.append(
                    ast.If(
                        ast.Name(when, ast.Load()),
                        [self.broken("raises", text, "True", f"this was true at the start and it did not raise `{named}`")],
                        [],
                    )
                )
            if "ensures" in given:
                caught.append(self.at_exit("raises", given["ensures"], "__exception__"))
            handlers.append(ast.ExceptHandler(kind, "__exception__", [*caught, ast.Raise()]))
        if handlers:
            handlers.insert(0, ast.ExceptHandler(runtime("ContractViolation"), None, [ast.Raise()]))
        return before, handlers, after

    def at_exit(self, clause: str, argument: ast.expr, value: str) -> ast.stmt:
        """Return the test of a condition that may be a lambda over the value."""
        if not isinstance(argument, ast.Lambda):
            condition = self.conditions.expression(argument)
            if isinstance(argument, ast.Name | ast.Attribute):
                condition = runtime_call("applied", [condition, ast.Name(value, ast.Load())])
            return self.test(clause, condition, argument)
        names = lambda_parameters(argument)
        if names is None or len(names) > 1:
            raise CannotRewrite(f"the lambda of `{clause}` takes at most one parameter")
        if not names:
            return self.test(clause, self.conditions.expression(argument.body), argument.body)
        condition = self.conditions.expression(argument.body, frozenset(), {names[0]: value})
        return self.test(clause, condition, argument.body, ((value, names[0]),))

    def test(self, clause: str, condition: ast.expr, wrote: ast.expr, names: tuple[tuple[str, str], ...] = ()) -> ast.stmt:
        """Return `if not condition: broken(...)`."""
        text = text_of(unwrapped(wrote))
        failed = self.broken(clause, text, text_of(condition), names=(*names, *self.conditions.old.names(), (RESULT, "result()")))
        return ast.copy_location(ast.If(ast.UnaryOp(ast.Not(), condition), [failed], []), wrote)

    def broken(
        self, clause: str, text: str, evaluated: str, detail: str = "", names: tuple[tuple[str, str], ...] = ()
    ) -> ast.stmt:
        """Return the call that raises."""
        called = tuple(pair for pair in names if pair[0] in evaluated)
        pairs: list[ast.expr] = [ast.Tuple([ast.Constant(a), ast.Constant(b)], ast.Load()) for a, b in called]
        more = [ast.keyword("evaluated", ast.Constant(evaluated))] if called or evaluated != text else []
        more += [ast.keyword("names", ast.Tuple(pairs, ast.Load()))] if pairs else []
        more += [ast.keyword("detail", ast.Constant(detail))] if detail else []
        return ast.Expr(runtime_call("broken", [ast.Constant(v) for v in (clause, self.qualified, text)], more))

    def within(self, name: str, shown: str, bounds: Bounds) -> ast.stmt:
        """Return the test of an integer's bounds: quick for a plain `int`, thorough for all else."""
        value = ast.Name(name, ast.Load())
        low, high = bounds.low, bounds.high
        parts: list[ast.expr] = [] if low is None else [ast.Constant(low)]
        parts += [value] if high is None else [value, ast.Constant(high)]
        inside = ast.Compare(parts[0], [ast.LtE() for _ in parts[1:]], parts[1:])
        quick = ast.BoolOp(
            ast.Or(),
            [
                ast.Compare(ast.Attribute(value, "__class__", ast.Load()), [ast.IsNot()], [runtime("integer")]),
                ast.UnaryOp(ast.Not(), inside),
            ],
        )
        more = [ast.keyword(n, ast.Constant(v)) for n, v in (("low", low), ("high", high), ("optional", bounds.optional))]
        failed = runtime_call("out_of_range", [ast.Constant(self.qualified), ast.Constant(shown), value], more)
        return ast.If(quick, [ast.Expr(failed)], [])

    # Statements

    def block(self, statements: Sequence[ast.stmt]) -> list[ast.stmt]:
        """Return statements as they run."""
        made: list[ast.stmt] = []
        for statement in statements:
            made += self.statement(statement)
        return made

    def statement(self, node: ast.stmt) -> list[ast.stmt]:
        """Return a statement as it runs."""
        called = self.called(node)
        if called is not None and called[0] in _STATEMENTS:
            self.used = True
            return self.asserted(*called) if self.level >= 2 else []
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return [node]
        if isinstance(node, ast.While | ast.For | ast.AsyncFor):
            return self.loop(node)
        fields = dict(ast.iter_fields(node))
        changed = False
        for key, value in fields.items():
            if isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                fields[key] = self.block(value) or ([ast.Pass()] if key == "body" else [])
                changed = True
            elif key in ("handlers", "cases") and value:
                fields[key] = [self.part(part) for part in value]
                changed = True
        return [ast.copy_location(type(node)(**fields), node)] if changed else [node]

    def part(self, node: ast.AST) -> ast.AST:
        """Return a handler or a case as it runs."""
        fields = dict(ast.iter_fields(node))
        fields["body"] = self.block(fields["body"]) or [ast.Pass()]
        return ast.copy_location(type(node)(**fields), node)

    def asserted(self, word: str, call: ast.Call) -> list[ast.stmt]:
        """Return what checks a statement of the library."""
        if word == "reveal":
            return []
        arguments = written_out(call)
        if (
            word == "check"
            and len(arguments) > 1
            and isinstance(arguments[-1], ast.Constant)
            and isinstance(arguments[-1].value, str)
        ):
            arguments = arguments[:-1]
        tests = [self.test(word, self.conditions.later(a), a) for a in arguments]
        return [ast.copy_location(ast.If(at_least(2), tests, []), call)] if tests else []

    def loop(self, node: ast.While | ast.For | ast.AsyncFor) -> list[ast.stmt]:
        """Return a loop that checks its invariant and its measure."""
        taken: list[tuple[str, ast.Call]] = []
        for statement in node.body:
            called = self.called(statement)
            if called is None or called[0] not in _LOOP:
                break
            taken.append(called)
        self.used = self.used or bool(taken)
        body = self.block(node.body[len(taken) :]) or [ast.Pass()]
        orelse = self.block(node.orelse)
        before: list[ast.stmt] = []
        if self.level >= 2:
            tests = [t for word, call in taken if word == "invariant" for t in self.asserted(word, call)]
            again = [t for word, call in taken if word == "invariant" for t in self.asserted(word, call)]
            measured = [call for word, call in taken if word == "decreases"]
            if measured and isinstance(node, ast.While):
                name = f"__measure_{self.measures}__"
                self.measures += 1
                before.append(ast.copy_location(ast.Assign([ast.Name(name, ast.Store())], ast.Constant(None)), node))
                values = [self.conditions.later(a) for call in measured for a in written_out(call)]
                text = ", ".join(text_of(a) for call in measured for a in written_out(call))
                now = runtime_call(
                    "smaller",
                    [ast.Constant(self.qualified), ast.Constant(text), ast.Name(name, ast.Load()), ast.Tuple(values, ast.Load())],
                )
                step = ast.Assign([ast.Name(name, ast.Store())], now)
                tests.append(ast.copy_location(ast.If(at_least(2), [step], []), measured[0]))
            body = [*tests, *body]
            # When a `while` ends because its condition is false, the invariant holds; of a `for` that has no such state.
            if isinstance(node, ast.While) and not any(isinstance(n, ast.NamedExpr) for n in ast.walk(node.test)):
                orelse = [*again, *orelse]
        fields = {**dict(ast.iter_fields(node)), "body": body, "orelse": orelse}
        return [*before, ast.copy_location(type(node)(**fields), node)]

    # The whole

    def remembered(self) -> list[ast.stmt]:
        """Return what is taken down at the start."""
        made: list[ast.stmt] = []
        for name, value, _ in self.conditions.old.values:
            made.append(ast.Assign([ast.Name(name, ast.Store())], runtime_call("kept", [value])))
        for name, copy in self.conditions.old.whole.items():
            made.append(ast.Assign([ast.Name(copy, ast.Store())], runtime_call("kept_whole", [ast.Name(name, ast.Load())])))
        if self.conditions.old.known:
            arguments: list[ast.expr] = [ast.Name(n, ast.Load()) for n in self.parameters]
            made.append(ast.Assign([ast.Name("__known__", ast.Store())], runtime_call("reached", arguments)))
        return made

    def wrapped(
        self,
        body: list[ast.stmt],
        exits: list[ast.stmt],
        outcomes: tuple[list[ast.stmt], list[ast.ExceptHandler], list[ast.stmt]],
    ) -> list[ast.stmt]:
        """Return the body as a function of its own, with what is checked around it."""
        a = self.definition.args
        plain = bare(a, defaults=False)
        asynchronous = isinstance(self.definition, ast.AsyncFunctionDef)
        kind: type[Any] = type(self.definition)
        inner = kind(name=_BODY, args=plain, body=body, decorator_list=[], returns=None, **NO_TYPE_PARAMETERS)
        positional: list[ast.expr] = [ast.Name(p.arg, ast.Load()) for p in (*a.posonlyargs, *a.args)]
        if a.vararg:
            positional.append(ast.Starred(ast.Name(a.vararg.arg, ast.Load()), ast.Load()))
        keywords = [ast.keyword(p.arg, ast.Name(p.arg, ast.Load())) for p in a.kwonlyargs]
        if a.kwarg:
            keywords.append(ast.keyword(None, ast.Name(a.kwarg.arg, ast.Load())))
        call: ast.expr = ast.Call(ast.Name(_BODY, ast.Load()), positional, keywords)
        if asynchronous:
            call = ast.Await(call)
        before, handlers, after = outcomes
        run: ast.stmt = ast.Assign([ast.Name(RESULT, ast.Store())], call)
        if handlers:
            run = ast.Try([run], handlers, [], [])
        # What the body's own checks look back to is there whatever the mode becomes while it runs.
        used_inside = {n.id for s in body for n in ast.walk(s) if isinstance(n, ast.Name)}
        made = self.remembered()
        early = [
            s for s in made if isinstance(s, ast.Assign) and isinstance(s.targets[0], ast.Name) and s.targets[0].id in used_inside
        ]
        late = [s for s in made if s not in early]
        return [
            inner,
            *early,
            ast.If(ast.UnaryOp(ast.Not(), at_least(2)), [ast.Return(call)], []),
            *late,
            *before,
            run,
            *after,
            *exits,
            ast.Return(ast.Name(RESULT, ast.Load())),
        ]


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _is_generator(body: Sequence[ast.stmt]) -> bool:
    pending: list[ast.AST] = list(body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))
    return False
