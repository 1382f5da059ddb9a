"""Mutants of verified functions: what a run of CPython breaks must not be proved.

    python bench/code/mutants.py [FILE ...] [--seed 0] [--tries 300] [--limit N] [--show]

Programs: `programs/native`, or the files that are named, with contracts of
`probatum.spec`. Of each, one place is changed at a time in the bodies of its
functions: an operator, a comparison, a constant, a condition, an index; a statement
is left out. Contracts and invariants stay as they are. Each mutant is run in CPython
on random inputs that satisfy `requires`; contracts are evaluated by a few lines of
this file, which share nothing with `probatum.spec` or with what proves. A run
violates a function if its `ensures` or `check` fails, an exception escapes, a
callee's `requires` fails, or it does not end in 20,000 steps.

A function that a run violates, and whose callees keep their contracts in that run,
must not be proved: none is tolerated. (Of a run that does not end it is only clear that
not all functions may be proved that run then.) Others that are not proved are counted. A
mutant that breaks an invariant alone, or whose violating runs are rare, counts as
`no run found`: it may be proved or not. Unit: mutants; seconds of CPU.
"""

import argparse
import ast
import copy
import itertools
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import _ours

STEPS = 20_000
SPEC = "probatum.spec"
CONTRACT = {"requires", "ensures", "invariant", "decreases", "modifies", "raises", "reads"}
BINARY = {
    ast.Add: [ast.Sub],
    ast.Sub: [ast.Add],
    ast.Mult: [ast.Add, ast.FloorDiv],
    ast.FloorDiv: [ast.Mult, ast.Mod],
    ast.Mod: [ast.FloorDiv, ast.Sub],
    ast.BitAnd: [ast.BitOr],
    ast.BitOr: [ast.BitAnd],
}
COMPARE = {
    ast.Lt: [ast.LtE, ast.GtE],
    ast.LtE: [ast.Lt, ast.Gt],
    ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt],
    ast.Eq: [ast.NotEq],
    ast.NotEq: [ast.Eq],
    ast.In: [ast.NotIn],
    ast.NotIn: [ast.In],
}


# Mutants


def mutants(tree: ast.Module) -> Iterator[tuple[str, ast.Module]]:
    """Yield a description and a tree for every single change of a body."""
    for place, node in enumerate(_changeable(tree)):
        for number, (words, _) in enumerate(_changes(node)):
            changed = copy.deepcopy(tree)
            target = list(_changeable(changed))[place]
            list(_changes(target))[number][1]()
            yield f"line {node.lineno}: {words}", ast.fix_missing_locations(changed)


def _is_contract(node: ast.AST) -> bool:
    call = node.value if isinstance(node, ast.Expr) else None
    return isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in CONTRACT


def _changeable(tree: ast.Module) -> Iterator[Any]:
    """Yield the nodes of bodies that are no part of a contract, in the order of the text."""

    def visit(node: ast.AST) -> Iterator[Any]:
        if _is_contract(node):
            return
        if hasattr(node, "lineno"):
            yield node
        for child in ast.iter_child_nodes(node):
            yield from visit(child)

    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef):
            for statement in function.body:
                yield from visit(statement)


def _changes(node: Any) -> Iterator[tuple[str, Callable[[], None]]]:
    def put(name: str, value: Any) -> Callable[[], None]:
        return lambda: setattr(node, name, value)

    match node:
        case ast.BinOp() | ast.AugAssign():
            for other in BINARY.get(type(node.op), []):
                yield f"{type(node.op).__name__} becomes {other.__name__}", put("op", other())
        case ast.Compare(ops=[op]):
            for other in COMPARE.get(type(op), []):
                yield f"{type(op).__name__} becomes {other.__name__}", put("ops", [other()])
        case ast.BoolOp():
            other = ast.Or if isinstance(node.op, ast.And) else ast.And
            yield f"{type(node.op).__name__} becomes {other.__name__}", put("op", other())
        case ast.Constant(value=bool()):
            yield f"{node.value} becomes {not node.value}", put("value", not node.value)
        case ast.Constant(value=int()):
            for other in (node.value + 1, node.value - 1):
                yield f"{node.value} becomes {other}", put("value", other)
        case ast.Slice(lower=ast.expr() as lower):
            yield "the slice begins one later", put("lower", ast.BinOp(lower, ast.Add(), ast.Constant(1)))
        case ast.If():
            yield "the condition is negated", put("test", ast.UnaryOp(ast.Not(), node.test))
        case ast.UnaryOp(op=ast.USub()):
            yield "the sign is lost", put("op", ast.UAdd())
    if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr) and not isinstance(getattr(node, "value", None), ast.Constant):
        yield "the statement is left out", lambda: _forget(node)


def _forget(node: Any) -> None:
    """Turn a statement into one that does nothing; the first assignment of a name stays, for there is no way to leave it out."""
    node.__class__ = ast.Pass
    for name in node._fields:
        if hasattr(node, name):
            delattr(node, name)


# Runs


class Violated(Exception):
    """A run breaks what one of `functions` promises."""

    def __init__(self, functions: frozenset[str], what: str) -> None:
        super().__init__(what)
        self.functions = functions


class NotRequired(Exception):
    """The function that runs at this depth of calls does not want these arguments."""

    def __init__(self, depth: int) -> None:
        super().__init__()
        self.depth = depth


class TooLong(Exception):
    """The run takes too many steps."""


class _Executable(ast.NodeTransformer):
    """Makes contracts of `probatum.spec` executable by `Monitor`.

    `old(e)` becomes a value that is taken where its `ensures` stands; `implies` evaluates lazily; what proofs alone
    need disappears.
    """

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        body: list[ast.stmt] = []
        for statement in node.body:
            taken = _Olds(len(body))
            body += [*taken.statements, taken.inner] if (taken.take(statement)) else [statement]
        node.body = body or [ast.Pass()]
        self.generic_visit(node)
        node.decorator_list = [ast.Name("__monitored__", ast.Load())]
        return node

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        self.generic_visit(node)
        if _is_contract(node) and ast.unparse(node.value.func) not in ("requires", "ensures"):
            return ast.Pass()
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="implies"), args=[first, second]):
                return ast.BoolOp(ast.Or(), [ast.UnaryOp(ast.Not(), first), second])
            case ast.Call(func=ast.Name(id="ensures")):
                node.args = [a if isinstance(a, ast.Lambda) else _thunk(a) for a in node.args]
        return node


def _thunk(body: ast.expr) -> ast.Lambda:
    empty = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])
    return ast.Lambda(empty, body)


class _Olds(ast.NodeTransformer):
    """Takes the `old(e)` out of one `ensures`."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.statements: list[ast.stmt] = []
        self.inner: ast.stmt = ast.Pass()

    def take(self, statement: ast.stmt) -> bool:
        if not _is_contract(statement):
            return False
        self.inner = self.visit(statement)
        return True

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "old":
            name = f"__old_{self.number}_{len(self.statements)}"
            copied = ast.Call(ast.Name("__copied__", ast.Load()), [node.args[0]], [])
            self.statements.append(ast.Assign([ast.Name(name, ast.Store())], copied))
            return ast.Name(name, ast.Load())
        return node


class Monitor:
    """Runs the functions of one module with their contracts; `stack` holds the name and the promises of each that runs."""

    def __init__(self, tree: ast.Module) -> None:
        executable = ast.fix_missing_locations(_Executable().visit(copy.deepcopy(tree)))
        executable.body = [s for s in executable.body if not (isinstance(s, ast.ImportFrom) and s.module == SPEC)]
        self.stack: list[tuple[str, list[Callable[..., object]]]] = []
        self.steps = 0
        self.running: frozenset[str] = frozenset()  # what ran when a run was found not to end
        self.space: dict[str, Any] = {
            "__name__": "mutant",
            "__monitored__": self.monitored,
            "__copied__": copy.deepcopy,
            "requires": self.requires,
            "ensures": lambda *promises: self.stack[-1][1].extend(promises),
            "forall": lambda *parts: all(parts[-1](*values) for values in itertools.product(*parts[:-1])),
            "exists": lambda *parts: any(parts[-1](*values) for values in itertools.product(*parts[:-1])),
            "multiset": Counter,
            "check": self.check,
            "ghost": lambda *values: values[0] if values else None,
        }
        exec(compile(executable, "mutant", "exec"), self.space)  # noqa: S102 - of a program that the caller names

    def requires(self, *conditions: Any) -> None:
        if not all(c() if callable(c) else c for c in conditions):
            raise NotRequired(len(self.stack))

    def check(self, *conditions: Any) -> None:
        if not all(c() if callable(c) else c for c in conditions):
            raise AssertionError

    def monitored(self, function: Callable[..., Any]) -> Callable[..., Any]:
        name = function.__name__

        def run(*arguments: Any) -> Any:
            self.stack.append((name, []))
            depth = len(self.stack)
            try:
                result = function(*arguments)
                for promise in self.stack[-1][1]:
                    if not (promise(result) if promise.__code__.co_argcount else promise()):
                        raise Violated(frozenset({name}), "a promise is broken")
            except (RecursionError, TooLong):
                self.running = self.running or frozenset(n for n, _ in self.stack)
                raise
            except NotRequired as refused:
                if refused.depth == depth:
                    raise  # the caller's fault
                raise Violated(frozenset({name}), "a callee requires more") from None
            except (
                ArithmeticError,
                LookupError,
                TypeError,
                ValueError,
                AttributeError,
                AssertionError,
                NameError,
            ) as error:
                raise Violated(frozenset({name}), f"{type(error).__name__} escapes") from None
            finally:
                del self.stack[depth - 1 :]
            return result

        return run

    def _count(self, _frame: FrameType, event: str, _value: object) -> Any:
        if event == "line":
            self.steps += 1
            if self.steps > STEPS:
                raise TooLong
        return self._count

    def violation(self, name: str, arguments: list[Any]) -> Violated | None:
        """Run a function; return what the run breaks. None too if the arguments are not those that are required."""
        self.steps, self.running = 0, frozenset()
        del self.stack[:]
        sys.settrace(self._count)
        try:
            self.space[name](*arguments)
        except Violated as found:
            return found
        except NotRequired:
            return None
        except (TooLong, RecursionError):
            # One of those that ran does not end; which of them cannot be seen from a run.
            return Violated(self.running or frozenset({name}), "it does not end")
        finally:
            sys.settrace(None)
        return None


def arguments_of(function: ast.FunctionDef, chance: random.Random) -> list[Any]:
    """Return random arguments of the types that a function declares."""
    return [_value(ast.unparse(a.annotation) if a.annotation else "", chance) for a in function.args.args]


def _value(kind: str, chance: random.Random) -> Any:
    def small() -> int:
        return chance.choice([chance.randint(-2, 6), chance.randint(-30, 30)])

    match kind:
        case "int":
            return small()
        case "bool":
            return chance.random() < 0.5
        case "bytes":
            return bytes(chance.randrange(256) for _ in range(chance.randint(0, 6)))
        case "str":
            return "".join(chance.choice("ab01 ") for _ in range(chance.randint(0, 5)))
    for opening, make in (("list[", list), ("tuple[", tuple)):
        if kind.startswith(opening) and (kind.startswith("list[") or kind.endswith(", ...]")):
            inner = kind[len(opening) : -1].removesuffix(", ...")
            items = [_value(inner, chance) for _ in range(chance.randint(0, 6))]
            return make(sorted(items) if chance.random() < 0.5 else items)
    raise Unknown(kind)


class Unknown(Exception):
    """A type of which this file makes no values."""


def find(tree: ast.Module, seed: int, tries: int) -> dict[str, str]:
    """Return the functions that some run violates, each with words about the run; it is certain that one of each key breaks."""
    found: dict[str, str] = {}
    monitor = Monitor(tree)
    for function in tree.body:
        if not isinstance(function, ast.FunctionDef) or any(
            isinstance(n, ast.Name) and n.id == "raises" for n in ast.walk(function)
        ):
            continue
        chance = random.Random(seed)
        for _ in range(tries):
            try:
                arguments = arguments_of(function, chance)
            except Unknown:
                break
            shown = ", ".join(map(repr, arguments))
            broken = monitor.violation(function.name, copy.deepcopy(arguments))
            if broken is not None:
                found.setdefault(" ".join(sorted(broken.functions)), f"{function.name}({shown}): {broken}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify mutants of verified programs.")
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tries", type=int, default=300, help="random inputs for each function of each mutant")
    parser.add_argument("--limit", type=int, help="mutants, evenly chosen")
    parser.add_argument("--show", action="store_true", help="list mutants without a violating run that are proved")
    given = parser.parse_args()
    files = given.files or sorted((Path(__file__).resolve().parent / "programs" / "native").glob("*.py"))
    cases: list[tuple[str, str, ast.Module, dict[str, str]]] = []
    for path in files:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        if broken := find(tree, given.seed, given.tries):
            raise SystemExit(f"error: {path.name} itself is violated: {broken}")
        made = list(mutants(tree))
        step = max(1, len(made) * len(files) // given.limit) if given.limit else 1
        cases += [(path.stem, words, mutant, find(mutant, given.seed, given.tries)) for words, mutant in made[::step]]
    print(f"{len(cases)} mutants of {len(files)} files; a run violates {sum(bool(c[3]) for c in cases)}", flush=True)
    with tempfile.TemporaryDirectory() as scratch:
        for number, (_, _, mutant, _) in enumerate(cases):
            (Path(scratch) / f"mutant_{number}.py").write_text(ast.unparse(mutant) + "\n", encoding="utf-8")
        said = _ours.check(Path(scratch), limit_s=3400, options=("--no-replay",))
    if said.problem:
        print(said.problem)
    count: Counter = Counter()
    wrong = []
    for number, (name, words, _, violated) in enumerate(cases):
        verdicts = {f.subject.rpartition(".")[2]: f.verdict for f in said.of(f"mutant_{number}.py").functions}
        proved = {f for f, verdict in verdicts.items() if verdict == "proved"}
        all_proved = bool(verdicts) and len(proved) == len(verdicts)
        count["a run violates it" if violated else "no run found", "all proved" if all_proved else "not all proved"] += 1
        wrong += [f"{name}, {words}: {call}" for functions, call in violated.items() if set(functions.split()) <= proved]
        if given.show and all_proved:
            print(f"   proved: {name}, {words}")
    for (run, verdict), n in sorted(count.items()):
        print(f"   {run}: {n} {verdict}")
    print(f"   {said.used.cpu_s:.1f} s CPU, {said.used.mib:.0f} MiB")
    for line in wrong:
        print(f"PROVED AND VIOLATED {line}")
    print(f"{len(wrong)} mutants are proved that a run violates")
    return 1 if wrong or said.problem else 0


if __name__ == "__main__":
    sys.exit(main())
