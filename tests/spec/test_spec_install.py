"""Modules that are rewritten when they are imported, and proofs that save their checks."""

import hashlib
import importlib
import json
import os
import subprocess
import sys
import traceback
from pathlib import Path

import pytest

from probatum import spec
from probatum.spec import ContractViolation, proved
from probatum.spec.hook import Finder

MODULE = '''"""A module."""
from __future__ import annotations
from probatum.spec import UInt8, ensures, invariant, old, requires

def bad(x: int) -> int:
    requires(x > 0)
    ensures(lambda r: r > x)
    return x

def byte(x: UInt8) -> UInt8:
    return x + 1

def outer(n):
    def inner(m):
        ensures(lambda r: r != n)
        return m
    return inner

class C:
    def __init__(self, n): self.n = n
    def __invariant__(self): return self.n > 0
    def down(self):
        ensures(lambda: self.n == old(self.n) - 1)
        self.n -= 1
'''


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    before = list(sys.modules)
    monkeypatch.setattr(sys, "meta_path", [f for f in sys.meta_path if not isinstance(f, Finder)])
    monkeypatch.setattr(proved, "_known", [])
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in set(sys.modules) - set(before):
        del sys.modules[name]


def write(tmp_path, name="spec_sample", text=MODULE):
    path = tmp_path.joinpath(*name.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    importlib.invalidate_caches()
    return path


def clause_of(call, *arguments):
    with pytest.raises(ContractViolation) as caught:
        call(*arguments)
    return caught.value.clause


def test_without_it_the_end_of_a_function_is_not_checked(tmp_path):
    write(tmp_path)

    module = importlib.import_module("spec_sample")

    assert module.bad(1) == 1
    assert module.byte(300) == 301


def test_every_function_of_a_module_is_rewritten(tmp_path):
    write(tmp_path)
    spec.install()

    module = importlib.import_module("spec_sample")

    assert clause_of(module.bad, 0) == "requires"
    assert clause_of(module.bad, 1) == "ensures"
    assert clause_of(module.byte, 300) == "range"
    assert clause_of(module.outer(3), 3) == "ensures"
    assert clause_of(module.C, 0) == "class_invariant"
    assert clause_of(module.C(1).down) == "class_invariant"
    assert module.C(2).down() is None


def test_a_traceback_shows_the_line(tmp_path):
    path = write(tmp_path)
    spec.install()
    module = importlib.import_module("spec_sample")

    with pytest.raises(ContractViolation) as caught:
        module.bad(1)

    [entry] = [e for e in traceback.extract_tb(caught.value.__traceback__) if e.filename == str(path)]
    assert (entry.lineno, entry.name, entry.line) == (7, "bad", "ensures(lambda r: r > x)")


def test_equal_functions_of_two_modules_mean_what_each_module_means(tmp_path):
    text = "from probatum.spec import ensures\nLIMIT = {}\ndef f(x):\n    ensures(lambda r: r < LIMIT)\n    return x\n"
    write(tmp_path, "spec_low", text.format(5))
    write(tmp_path, "spec_high", text.format(9))
    write(
        tmp_path, "spec_other", text.format(5).replace("from probatum.spec import ensures", "ensures = print  # not of probatum")
    )
    spec.install()

    low, high, other = (importlib.import_module(f"spec_{name}") for name in ("low", "high", "other"))

    assert clause_of(low.f, 7) == "ensures"
    assert high.f(7) == 7
    assert clause_of(high.f, 9) == "ensures"
    assert other.f(100) == 100


def test_only_packages_that_were_named_are_rewritten(tmp_path):
    write(tmp_path)
    write(tmp_path, "spec_package.__init__", "")
    write(tmp_path, "spec_package.inner")
    spec.install("spec_package")

    assert importlib.import_module("spec_sample").bad(1) == 1
    assert clause_of(importlib.import_module("spec_package.inner").bad, 1) == "ensures"


def test_a_module_without_contracts_is_left_alone(tmp_path):
    write(tmp_path, text="def f(x):\n    return x\n")
    spec.install()

    module = importlib.import_module("spec_sample")

    assert "__probatum_here__" not in vars(module)
    assert module.f(1) == 1


def report(tmp_path, path, *subjects, kind="cleared", strength="proved", **inputs):
    name = path.relative_to(tmp_path).as_posix()
    outcomes = [
        {"rule": "code/function", "kind": kind, "strength": strength, "subject": f"{path.stem}.{s}", "location": {"path": name}}
        for s in subjects
    ]
    said = {
        "schema": "probatum-report/1",
        "outcomes": outcomes,
        "inputs": {name: hashlib.sha256(path.read_bytes()).hexdigest(), **inputs},
    }
    target = tmp_path / "report.json"
    target.write_text(json.dumps(said))
    return target


def test_what_is_proved_is_not_checked_again_and_preconditions_are(tmp_path):
    path = write(tmp_path)
    spec.install(proved=report(tmp_path, path, "bad", "byte"))

    module = importlib.import_module("spec_sample")

    assert module.bad(1) == 1
    assert clause_of(module.bad, 0) == "requires"
    assert module.byte(255) == 256
    assert clause_of(module.byte, 256) == "range"
    assert clause_of(module.outer(3), 3) == "ensures"


def test_preconditions_go_too_if_callers_are_trusted(tmp_path):
    path = write(tmp_path)
    spec.install(proved=report(tmp_path, path, "bad"), trust_callers=True)

    assert importlib.import_module("spec_sample").bad(0) == 0


def test_a_proof_of_other_text_is_none(tmp_path):
    path = write(tmp_path)
    said = report(tmp_path, path, "bad")
    write(tmp_path, text=MODULE + "\n# changed\n")
    spec.install(proved=said)

    assert clause_of(importlib.import_module("spec_sample").bad, 1) == "ensures"


def test_a_proof_rests_on_every_file_that_was_read(tmp_path):
    path = write(tmp_path)
    other = write(tmp_path, "spec_other", "x = 1\n")
    said = report(tmp_path, path, "bad", **{"spec_other.py": hashlib.sha256(other.read_bytes()).hexdigest()})
    other.write_text("x = 2\n")
    spec.install(proved=said)

    assert clause_of(importlib.import_module("spec_sample").bad, 1) == "ensures"


@pytest.mark.parametrize(("kind", "strength"), [("cleared", "tested"), ("finding", None), ("undecided", None)])
def test_what_is_less_than_proved_is_checked(tmp_path, kind, strength):
    path = write(tmp_path)
    spec.install(proved=report(tmp_path, path, "bad", kind=kind, strength=strength))

    assert clause_of(importlib.import_module("spec_sample").bad, 1) == "ensures"


@pytest.mark.parametrize("text", ["{}", "[]", "not json", '{"schema": "other/1", "outcomes": [], "inputs": {}}'])
def test_what_is_no_report_is_refused(tmp_path, text):
    path = tmp_path / "report.json"
    path.write_text(text)

    with pytest.raises(ValueError, match="is not a report that says what is proved"):
        spec.install(proved=path)


def run(program, **environment):
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, **environment}, check=False
    )
    return done.stdout.strip(), done.stderr.strip().splitlines()[-1:]


def test_the_environment_says_how_much_is_checked():
    program = "from probatum.spec import requires\ntry: requires(False)\nexcept AssertionError: print('checked')"

    assert run(program, PROBATUM_CONTRACTS="all")[0] == "checked"
    assert run(program, PROBATUM_CONTRACTS="requires")[0] == "checked"
    assert run(program, PROBATUM_CONTRACTS="off")[0] == ""
    assert run(program, PROBATUM_CONTRACTS="some")[1] == [
        "ValueError: PROBATUM_CONTRACTS is `some`; it can be `off`, `requires` or `all`"
    ]


def test_importing_it_loads_nothing_heavy():
    program = (
        "import sys; before = set(sys.modules); import probatum.spec; "
        "print(sorted({m.partition('.')[0] for m in set(sys.modules) - before} - {'importlib', 'warnings', '__future__'}))"
    )

    assert run(program)[0] == "['probatum']"


@pytest.mark.parametrize("name", ["spec_sample", ".spec_sample", "lib.spec_sample.C"])
def test_a_proof_of_something_of_the_same_name_is_none(tmp_path, name):
    path = write(tmp_path)
    said = report(tmp_path, path, "bad")
    said.write_text(said.read_text().replace('"spec_sample.bad"', f'"{name}.x.bad"'))
    spec.install(proved=said)

    assert clause_of(importlib.import_module("spec_sample").bad, 1) == "ensures"


@pytest.mark.slow
def test_code_that_uses_it_is_clean_for_a_strict_type_checker(tmp_path):
    pytest.importorskip("mypy")
    sample = Path(__file__).with_name("spec_user.py")

    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={tmp_path}", str(sample)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.stdout == "Success: no issues found in 1 source file\n"
