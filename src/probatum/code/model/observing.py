"""What a test sees of a violated contract from outside: after a call, around it, or when something else is called.

A contract is in the normal form of `probatum.python.program`; what comes out is
plain Python over the names of the function's parameters and `result`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from probatum.code.semantics.python import Kind, Violation
from probatum.lower.families import classes, overridden
from probatum.python import types as t
from probatum.python.forms import copied, free_names, substituted
from probatum.python.program import Class, Clause, Function, Module, Program

_IN_PYTHON = frozenset({"__result__", "__old__", "__implies__", "__forall__", "__exists__"})


@dataclass(frozen=True, slots=True)
class Observed:
    """What is asserted of one call.

    Attributes
    ----------
    asserts : tuple of str
        Expressions that must be true after the call.
    raised : str
        The exception that must escape exactly if `when` was true before the call; "": nothing is said of one.
    when : str
    before : tuple of str
        Statements that come before everything else.
    olds : mapping of str to str
        Names for what expressions were before the call.
    mentions : frozenset of str
        Names of parameters that all this mentions.
    imports : tuple of str
        Modules of the standard library, and pytest, that it needs.
    module : str
        The module whose names the clause uses.
    """

    module: str
    asserts: tuple[str, ...] = ()
    raised: str = ""
    when: str = ""
    before: tuple[str, ...] = ()
    olds: Mapping[str, str] = field(default_factory=dict)
    mentions: frozenset[str] = frozenset()
    imports: tuple[str, ...] = ()

    def around(self, call: str, result: str) -> list[str]:
        """Return a call with what is asserted of it; `result` names what it returns."""
        if self.raised:
            return [
                f"raises = bool({self.when})", "try:", f"    {call}",
                f"except {self.raised}:", "    assert raises", "else:", "    assert not raises",
            ]  # fmt: skip  # as it will stand there
        if not self.asserts:
            return [call]
        return [f"{result} = {call}", *(f"assert {one}" for one in self.asserts)]


def observed(program: Program, function: Function, violation: Violation) -> Observed | None:
    """Return how a test sees a violation; None if the call itself is all that can be shown."""
    match violation.kind:
        case Kind.POSTCONDITION | Kind.DEFINED:
            return _after(program, function, violation)
        case Kind.CLASS_INVARIANT:
            return _invariant(program, function, violation)
        case Kind.RAISES:
            return _raised(program, function, violation)
        case Kind.PRECONDITION:
            return _called(program, function, violation)
    return None


def importable(module: Module) -> str:
    """Return the name under which a module is imported."""
    return module.name or module.path.rpartition("/")[2].removesuffix(".py")


def _is_meant(clause: Clause, module: Module, violation: Violation) -> bool:
    same = (clause.place.line, clause.place.column) == (violation.clause_line, violation.clause_column)
    return same and violation.clause_path in ("", module.path)


def _is_python(clause: Clause, words: Iterable[str] = _IN_PYTHON) -> bool:
    """Whether an expression needs nothing that only a contract has, but for some words."""
    return {n for n in free_names(clause.expression) if n.startswith("__") and n.endswith("__")} <= set(words)


def _over(clause: Clause, stated: Function, function: Function) -> ast.expr:
    """Return a condition of an overridden method over the parameters of the overriding one."""
    names = {a.name: b.name for a, b in zip(stated.parameters, function.parameters, strict=False) if a.name != b.name}
    return substituted(copied(clause.expression), names) if names else clause.expression


def _after(program: Program, function: Function, violation: Violation) -> Observed | None:
    for stated in (function, *overridden(program, function)):
        for clause in stated.contract.ensures:
            if _is_meant(clause, program.modules[stated.module], violation):
                if not _is_python(clause):
                    return None
                test, olds = plain(_over(clause, stated, function), {p.name for p in function.parameters})
                return Observed(stated.module, (test,), olds=olds, mentions=_names((test, *olds.values()), function))
    return None


def _raised(program: Program, function: Function, violation: Violation) -> Observed | None:
    for stated in (function, *overridden(program, function)):
        for one in stated.contract.raises:
            clause = one.when
            module = program.modules[stated.module]
            itself = (module.path, one.place.line, one.place.column) == (violation.path, violation.line, violation.column)
            if clause is not None and (itself or _is_meant(clause, module, violation)):
                if not _is_python(clause, ("__implies__", "__forall__", "__exists__")):
                    return None
                when, _ = plain(_over(clause, stated, function), set())
                mentions = _names((when,), function)
                return Observed(stated.module, raised=ast.unparse(one.exception), when=when, mentions=mentions)
    return None


def _invariant(program: Program, function: Function, violation: Violation) -> Observed | None:
    found = [
        (class_, clause)
        for module in program.modules.values()
        for class_ in module.classes.values()
        for clause in class_.invariants
        if _is_meant(clause, module, violation)
    ]
    if not found or not _is_python(found[0][1], ("__implies__", "__forall__", "__exists__")):
        return None
    class_, clause = found[0]
    holders = []
    for number, parameter in enumerate(function.parameters):
        type_ = t.without_none(parameter.type)
        of = type_.name if isinstance(type_, t.Instance) else ""
        if number == 0 and function.owner and function.kind in ("method", "property", "setter"):
            of = f"{function.module}.{function.owner}"
        if _is_a(program, of, class_) and (number == 0 or t.without_none(parameter.type) == parameter.type):
            holders.append(parameter.name)
    if not holders:
        return None
    tests = [
        plain(substituted(copied(clause.expression), {"self": one}) if one != "self" else clause.expression, set())[0]
        for one in holders
    ]
    return Observed(class_.module, tuple(tests), mentions=frozenset(holders))


def _is_a(program: Program, name: str, class_: Class) -> bool:
    return any(one.qualified == class_.qualified for one in classes(program, name)) if program.class_(name) else False


def _called(program: Program, function: Function, violation: Violation) -> Observed | None:
    """Return a check that stands where a function is called whose precondition is violated."""
    for module in program.modules.values():
        for callee in module.every_function():
            if callee.name.count(".") > 1 or callee.kind not in ("function", "method"):
                continue
            for clause in callee.contract.requires:
                if _is_meant(clause, module, violation) and _is_python(clause, ("__implies__", "__forall__", "__exists__")):
                    return _guarded(program, function, callee, clause)
    return None


def _guarded(program: Program, function: Function, callee: Function, clause: Clause) -> Observed:
    module = program.modules[callee.module]
    test, _ = plain(clause.expression, set())
    used = sorted(free_names(clause.expression) & {p.name for p in callee.parameters})
    holder, _, name = callee.name.rpartition(".")
    owner = f"{importable(module)}.{holder}" if holder else importable(module)
    lines = [
        f"asked = {owner}.{name}",
        "",
        "def checked(*args, **kwargs):",
        "    given = inspect.signature(asked).bind(*args, **kwargs)",
        "    given.apply_defaults()",
        *(f"    {one} = given.arguments[{one!r}]" for one in used),
        f"    assert {test}",
        "    return asked(*args, **kwargs)",
        "",
        f'monkeypatch.setattr({owner}, "{name}", checked)',
    ]
    caller = program.modules[function.module]
    imports = {"inspect", "pytest", importable(module)}
    for local, qualified in caller.imports.items():
        if qualified == callee.qualified and caller.name != module.name:
            lines.append(f'monkeypatch.setattr({importable(caller)}, "{local}", checked)')
            imports.add(importable(caller))
    return Observed(callee.module, before=tuple(lines), imports=tuple(sorted(imports)))


def _names(texts: Iterable[str], function: Function) -> frozenset[str]:
    own = {p.name for p in function.parameters}
    return frozenset(n.id for text in texts for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name) and n.id in own)


def plain(expression: ast.expr, parameters: set[str]) -> tuple[str, Mapping[str, str]]:
    """Return a condition of a contract as plain Python, and what has to be kept from before the call."""
    olds: dict[str, str] = {}

    class Plain(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.AST:
            return ast.Name("result", ast.Load()) if node.id == "__result__" else node

        def visit_Call(self, node: ast.Call) -> ast.AST:
            match node:
                case ast.Call(func=ast.Name(id="__old__"), args=[whole]):
                    names = {n: f"old_{n}" for n in sorted(free_names(whole) & parameters)}
                    olds.update({new: one for one, new in names.items()})
                    return substituted(whole, names)
                case ast.Call(func=ast.Name(id="__implies__"), args=[given, then]):
                    return ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), self.visit(given)), self.visit(then)])
                case ast.Call(func=ast.Name(id="__forall__" | "__exists__" as word), args=[domain, ast.Lambda() as test]):
                    targets = ast.Name(test.args.args[0].arg, ast.Store())
                    each = ast.GeneratorExp(self.visit(test.body), [ast.comprehension(targets, self.visit(domain), [], 0)])
                    return ast.Call(ast.Name("all" if word == "__forall__" else "any", ast.Load()), [each], [])
            return self.generic_visit(node)

    made = Plain().visit(copied(expression))
    return ast.unparse(ast.fix_missing_locations(made)), olds
