"""A counterexample as a test that fails until the contract holds."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Mapping

from probatum.code.semantics.python import Case, Kind, Violation
from probatum.python.forms import copied, free_names, substituted
from probatum.python.program import Clause, Function, Module, ModuleCode, Program

_SECONDS = 10  # that a call gets which is said not to end


def call_text(function: Function, case: Case) -> str:
    """Return a call as a person writes it: `f(xs=[1, 2], n=0)`, `Cart([]).add(item='a')`, `Cart(items=[])`.

    What the arguments share comes before it: `a = []; f(lists=[a, a])`.
    """
    if isinstance(function, ModuleCode):
        return f"import {function.module}"
    before = "".join(f"{line}; " for line in _shared(case))
    return before + _call(function, case)


def _shared(case: Case) -> list[str]:
    """Return the statements that make what arguments share; names that begin with `_` are calls for their effect."""
    return [text if name.startswith("_") else f"{name} = {text}" for name, text in case.shared.items()]


def _call(function: Function, case: Case) -> str:
    arguments = dict(case.arguments)
    name = function.name
    if function.owner and function.kind in ("method", "property", "setter") and function.parameters:
        own, receiver = function.name.rpartition(".")[2], arguments.pop(function.parameters[0].name, function.owner)
        made = receiver.removeprefix("object.__new__(").removesuffix(")")
        name = made if own == "__init__" else f"{receiver}.{own}"
        if function.kind == "property":
            return name
        if function.kind == "setter":
            return f"{name} = {next(iter(arguments.values()), '')}"
    elif function.kind == "class":
        arguments.pop(function.parameters[0].name, None)
        name = name.removesuffix(".__new__")
    parts: list[str] = []
    by_name = False
    for parameter in function.parameters:
        if parameter.name not in arguments:
            continue
        text = arguments[parameter.name]
        match parameter.passing.name:
            case "REST":
                parts.append(f"*{text}")
            case "REST_KEYWORDS":
                parts.append(f"**{text}")
            case "POSITIONAL" if not by_name:
                parts.append(text)
            case _:
                by_name = True
                parts.append(f"{parameter.name}={text}")
    return f"{name}({', '.join(parts)})"


def pytest_file(program: Program, function: Function, case: Case, violation: Violation) -> str:
    """Return a module with one test: it makes the call, and says what should hold after it.

    It needs nothing of probatum. Where what is violated cannot be seen from outside (an invariant of a loop, a
    precondition of a callee), the call itself is what is left of it, and the test says so.
    """
    if isinstance(function, ModuleCode):
        return _import_test(function, violation)
    module = program.modules[function.module]
    wanted = _broken(function, violation)
    lines = [f"{line}" for line in _shared(case)]
    arguments = dict(case.arguments)
    body: list[str] = []
    if wanted is not None:
        body += [f"{name} = {text}" for name, text in arguments.items() if _mentions(wanted, name)]
        kept = Case({n: (n if _mentions(wanted, n) else t) for n, t in arguments.items()}, case.shared)
        test, olds = _assertion(wanted, {p.name for p in function.parameters})
        body += [f"{name} = copy.deepcopy({text})" for name, text in olds.items()]
        body += [f"result = {_call(function, kept)}", f"assert {test}"]
    else:
        body.append(_call(function, case))
    name = "".join(c if c.isalnum() else "_" for c in function.name).strip("_").lower()
    imports = _imports(module, "\n".join([*lines, *body]))
    why = f"{violation.kind.value}: {violation.text}" if violation.text else violation.kind.value
    head = f'"""A call that breaks a contract of `{function.qualified}`; this fails until it does not."""\n\n'
    if violation.kind is Kind.TERMINATION:
        inner = textwrap.indent("\n".join([*imports, *lines, *body]), "    ")
        run = (
            f"    code = textwrap.dedent(CALL)\n"
            f"    subprocess.run([sys.executable, '-c', code], check=True, timeout={_SECONDS})  # {_comment(why)}\n"
        )
        return f'{head}import subprocess\nimport sys\nimport textwrap\n\nCALL = """\n{inner}\n"""\n\n\ndef test_{name}_ends() -> None:\n{run}'
    if any("copy.deepcopy" in line for line in body):
        imports = ["import copy", *imports]
    text = textwrap.indent("\n".join([f"# {_comment(why)}", *lines, *body]), "    ")
    return f"{head}{chr(10).join(imports)}\n\n\ndef test_{name}() -> None:\n{text}\n"


def _import_test(code: ModuleCode, violation: Violation) -> str:
    """Return a module with one test, which imports a module that cannot be imported."""
    name = "".join(c if c.isalnum() else "_" for c in code.module).strip("_").lower()
    why = _comment(f"{violation.kind.value}: {violation.text}" if violation.text else violation.kind.value)
    head = f'"""Importing `{code.module}` breaks what it claims; this fails until it does not."""\n\nimport importlib\n\n\n'
    return f"{head}def test_{name}_is_imported() -> None:\n    # {why}\n    importlib.import_module({code.module!r})\n"


def _comment(text: str) -> str:
    return " ".join(text.split())


def _broken(function: Function, violation: Violation) -> Clause | None:
    """Return the postcondition that is violated, if it is one of the function's own that Python can evaluate."""
    if violation.kind is not Kind.POSTCONDITION:
        return None
    for clause in function.contract.ensures:
        if (clause.place.line, clause.place.column) == (violation.clause_line, violation.clause_column):
            reserved = {n for n in free_names(clause.expression) if n.startswith("__") and n.endswith("__")}
            return clause if reserved <= set(_IN_PYTHON) else None
    return None


_IN_PYTHON = ("__result__", "__old__", "__implies__", "__forall__", "__exists__")


def _mentions(clause: Clause, name: str) -> bool:
    return name in free_names(clause.expression)


def _assertion(clause: Clause, parameters: set[str]) -> tuple[str, Mapping[str, str]]:
    """Return a postcondition as plain Python, and what has to be kept from before the call."""
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

    made = Plain().visit(copied(clause.expression))
    return ast.unparse(ast.fix_missing_locations(made)), olds


def _imports(module: Module, text: str) -> list[str]:
    """Return the imports that a text needs: names of the module, and modules of the standard library."""
    used = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
    own = sorted(used & {*(f.partition(".")[0] for f in module.functions), *module.classes, *module.constants, *module.imports})
    path = module.name or module.path.rpartition("/")[2].removesuffix(".py")
    lines = [f"import {name}" for name in sorted(used & {"collections", "random", "fractions", "decimal", "datetime"} - set(own))]
    return [*lines, *([f"from {path} import {', '.join(own)}"] if own else [])]
