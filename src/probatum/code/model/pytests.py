"""A counterexample as a test that fails until the contract holds."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Sequence

from probatum.code.model import loop_tests
from probatum.code.model.observing import Observed, importable, observed
from probatum.code.semantics.python import Case, Kind, Violation
from probatum.lower.families import overridden
from probatum.python.program import Function, ModuleCode, Program

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

    It needs nothing of probatum. An invariant of a loop is watched while the loop runs. Where what is violated cannot be
    seen at all, the call itself is what is left of it, and the test says so.
    """
    if isinstance(function, ModuleCode):
        return _import_test(function, violation)
    name = "".join(c if c.isalnum() else "_" for c in function.name).strip("_").lower()
    why = _comment(f"{violation.kind.value}: {violation.text}" if violation.text else violation.kind.value)
    head = f'"""A call that breaks a contract of `{function.qualified}`; this fails until it does not."""\n\n'
    shared = list(_shared(case))
    if violation.kind is Kind.TERMINATION:
        call = [*shared, _call(function, case)]
        inner = textwrap.indent("\n".join([*_imports(program, function, call), *call]), "    ")
        run = (
            f"    code = textwrap.dedent(CALL)\n"
            f'    found = {{**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}}\n'
            f"    subprocess.run([sys.executable, '-c', code], check=True, timeout={_SECONDS}, env=found)  # {why}\n"
        )
        return f'{head}import os\nimport subprocess\nimport sys\nimport textwrap\n\nCALL = """\n{inner}\n"""\n\n\ndef test_{name}_ends() -> None:\n{run}'
    seen = observed(program, function, violation)
    allowed = [] if seen else _allowed(program, function, case, violation)
    watched = None if seen else loop_tests.watching(program, function, violation, allowed)
    lines = [f"# {why}"] if seen or watched else [f"# {why}", "# (nothing that the call returns shows it)"]
    body = [*seen.before, *_kept(function, case, seen)] if seen else watched or allowed
    imports = _imports(program, function, [*shared, *body], seen.module if seen else "")
    modules: tuple[str, ...] = seen.imports if seen else loop_tests.MODULES if watched else ()
    if watched is None and any("copy.deepcopy" in line for line in body):
        modules = ("copy", *modules)
    imports = [*(f"import {one}" for one in sorted(modules)), *imports]
    takes = "monkeypatch: pytest.MonkeyPatch" if "pytest" in modules else ""
    text = textwrap.indent("\n".join([*lines, *shared, *body]), "    ")
    helper = f"\n{loop_tests.HELPER}" if watched else ""
    return f"{head}{chr(10).join(imports)}\n{helper}\n\ndef test_{name}({takes}) -> None:\n{text}\n"


def _kept(function: Function, case: Case, seen: Observed) -> list[str]:
    """Return a call with what is asserted around it: arguments that are asked for afterwards get names."""
    made = function.name.rpartition(".")[2] == "__init__" and bool(function.parameters)
    own = function.parameters[0].name if made else ""
    arguments = {n: t for n, t in case.arguments.items() if n in seen.mentions and n != own}
    kept = Case({n: (n if n in arguments else t) for n, t in case.arguments.items()}, case.shared)
    result = own if made and own in seen.mentions else "result"
    call = _call(function, kept)
    lines = [*(f"{name} = {text}" for name, text in arguments.items())]
    lines += [f"{name} = copy.deepcopy({text})" for name, text in seen.olds.items()]
    return [*lines, *seen.around(call, result)]


def _allowed(program: Program, function: Function, case: Case, violation: Violation) -> list[str]:
    """Return the call alone; what the contract lets escape is no reason to fail."""
    call = _call(function, case)
    allowed = [r for one in (function, *overridden(program, function)) for r in one.contract.raises]
    names = list(dict.fromkeys(ast.unparse(r.exception) for r in allowed))
    if not names or violation.kind is Kind.RAISES:
        return [call]
    caught = names[0] if len(names) == 1 else f"({', '.join(names)})"
    return ["try:", f"    {call}", f"except {caught}:", "    pass  # the contract allows this"]


def _import_test(code: ModuleCode, violation: Violation) -> str:
    """Return a module with one test, which imports a module that cannot be imported."""
    name = "".join(c if c.isalnum() else "_" for c in code.module).strip("_").lower()
    why = _comment(f"{violation.kind.value}: {violation.text}" if violation.text else violation.kind.value)
    head = f'"""Importing `{code.module}` breaks what it claims; this fails until it does not."""\n\nimport importlib\n\n\n'
    return f"{head}def test_{name}_is_imported() -> None:\n    # {why}\n    importlib.import_module({code.module!r})\n"


def _comment(text: str) -> str:
    return " ".join(text.split())


def _imports(program: Program, function: Function, lines: Sequence[str], other: str = "") -> list[str]:
    """Return the imports that statements need: names of modules of the program, and modules of the standard library."""
    text = "\n".join(lines)
    used = {n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)}
    found: list[str] = []
    for module in dict.fromkeys((function.module, other or function.module)):
        known = program.modules[module]
        names = {*(f.partition(".")[0] for f in known.functions), *known.classes, *known.constants, *known.imports}
        own = sorted(used & names)
        used -= names
        if own:
            found.append(f"from {importable(known)} import {', '.join(own)}")
    standard = used & {"collections", "random", "fractions", "decimal", "datetime"}
    return [*(f"import {name}" for name in sorted(standard)), *found]
