"""Which files of a project a Python file imports."""

import pytest

from probatum.code.artefacts import imports
from probatum.code.artefacts.importing import imported, module_name, packages

FILES = {
    "pkg/__init__.py",
    "pkg/a.py",
    "pkg/sub/__init__.py",
    "pkg/sub/b.py",
    "pkg/sub/util.py",
    "util.py",
    "src/lib/__init__.py",
    "src/lib/x.py",
    "tools/helper.py",
}


def of(text, path="pkg/sub/c.py", files=FILES):
    return imported(path, text.encode(), files.__contains__)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import util", {"util": "util.py"}),
        ("import util as u, pkg.a\n", {"util": "util.py", "pkg": "pkg/__init__.py", "pkg.a": "pkg/a.py"}),
        ("from .b import f", {"pkg.sub.b": "pkg/sub/b.py"}),
        ("from.b import(f)", {"pkg.sub.b": "pkg/sub/b.py"}),
        ("from . import b as bb, unknown", {"pkg.sub": "pkg/sub/__init__.py", "pkg.sub.b": "pkg/sub/b.py"}),
        ("from .. import (  # why\n    a,\n)", {"pkg": "pkg/__init__.py", "pkg.a": "pkg/a.py"}),
        ("from lib.x import \\\n    y", {"lib.x": "src/lib/x.py"}),
        ("if True: import util; x = 1", {"util": "util.py"}),
        ("def f():\n    from ..a import *\n", {"pkg.a": "pkg/a.py"}),
        ("import os, math, collections.abc", {}),
        ("x = 'important'\nfromage = 1", {}),
    ],
)
def test_imports_lead_to_files(text, found):
    assert of(text).found == found


def test_a_sibling_of_a_script_is_found_before_what_lies_above():
    files = {"util.py", "tools/util.py"}

    assert of("import util", "tools/run.py", files).found == {"util": "tools/util.py"}
    assert of("import util", "tools/run.py", files | {"tools/__init__.py"}).found == {"util": "util.py"}


def test_a_stub_of_the_project_says_nothing_of_a_module():
    # A run would import the module and not the stub, so what the stub promises is not what was proved of anything.
    assert of("import lib", "c.py", {"lib.pyi"}).found == {}
    assert of("import lib", "c.py", {"lib.pyi", "lib.py"}).found == {"lib": "lib.py"}


def test_a_package_that_is_checked_from_within_knows_its_own_name():
    assert of("from me.d import f", "c.py", {"__init__.py", "d.py"}).found == {"me.d": "d.py"}


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("\nfrom .gone import f", {".gone": 2}),
        ("import pkg.gone", {"pkg.gone": 1}),
        ("from ....x import y", {"....x": 1}),
        ("import numpy, numpy.linalg\nfrom pkg import something", {}),
    ],
)
def test_what_must_be_a_part_of_the_project_and_is_not_there_is_missing(text, missing):
    assert of(text).missing == missing


def test_names_of_modules_come_from_the_packages_that_they_are_in():
    names = {path: module_name(path, FILES.__contains__) for path in ("pkg/sub/b.py", "pkg/__init__.py", "tools/helper.py")}

    assert names == {"pkg/sub/b.py": "pkg.sub.b", "pkg/__init__.py": "pkg", "tools/helper.py": "helper"}
    assert packages("pkg/sub/b.py", FILES.__contains__) == ("pkg/sub/__init__.py", "pkg/__init__.py")


def test_the_engine_is_told_what_to_follow_and_what_is_only_needed():
    answer = imports("pkg/sub/c.py", {}, lambda _path: b"from .b import f", FILES.__contains__)

    assert answer == (("pkg/sub/b.py",), ("pkg/sub/__init__.py", "pkg/__init__.py"))
    assert imports("a.bpl", {}, lambda _path: b"import util", FILES.__contains__) == ((), ())
