"""Which Python files are artefacts: those that may have contracts."""

import pytest

from probatum.project.discover import code_claim, contract_marks, discover
from probatum.project.system import MemorySystem


def claimed(content, path="a.py", **options):
    inventory = discover(MemorySystem({path: content}), [code_claim], options={"code": options})
    return bool(inventory.files["code"])


@pytest.mark.parametrize(
    ("syntax", "content"),
    [
        ("probatum", b"from probatum.spec import requires\n"),
        ("probatum", b"from probatum import engine, spec\n"),
        ("probatum", b"from probatum import (\n    engine,\n    spec,\n)\n"),
        ("icontract", b"import os, icontract as i\n"),
        ("icontract", b"try:\n    from icontract import require\nexcept ImportError:\n    pass\n"),
        ("deal", b"import deal\n"),
        ("pep316", b'def f(x):\n    """Double it.\n\n    post: __return__ == 2 * x\n    """\n'),
        ("pep316", b'def f(x):\n    """post[x]:\n        True\n    """\n'),
        ("pep316", b'class C:\n    """\n    inv: self.n > 0\n    """\n'),
        ("assert", b"def f(x: int) -> int:\n    assert x > 0\n    return x\n"),
        (
            "assert",
            b"class C:\n    def f(\n        self,\n        x=(1, 2),\n    ) -> dict[str, int]:  # why\n        assert x\n",
        ),
        ("assert", b'def f(x):\n    """Words: more words.\n\n    And more.\n    """\n    # a reason\n    assert x\n'),
        ("nagini", b"from nagini_contracts.contracts import *\n"),
    ],
)
def test_each_syntax_is_recognised_and_can_be_switched_off(syntax, content):
    others = [s for s in contract_marks if s != syntax]

    assert claimed(content)
    assert claimed(content, contracts=[syntax])
    assert not claimed(content, contracts=others)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"import probatum.engine\n",
        b"ordeal = 3\n",
        b"def f(x):\n    y = x\n    assert y\n    y += 1\n",
        b"x = {'pre': 1}\n",
        b"assert True\n",
    ],
)
def test_what_has_no_contract_is_not_checked_unless_all_functions_are(content):
    assert not claimed(content)
    assert claimed(content, **{"all-functions": True})


@pytest.mark.parametrize("path", ["test_a.py", "tests/test_a.py", "a_test.py", "conftest.py"])
def test_what_a_test_asserts_is_no_contract(path):
    assert not claimed(b"def test_one():\n    assert f(1) == 2\n", path)
    assert claimed(b"import icontract\n", path)


def test_files_without_contracts_are_counted():
    inventory = discover(MemorySystem({"a.py": b"x = 1\n", "b.py": b"x = 1\n"}), [code_claim])

    assert inventory.notes == ("2 Python files without contracts were not checked",)


def test_a_file_without_contracts_that_is_no_python_is_named():
    files = {"a.py": b"x = 1\n", "b.py": b"def f(:\n", "c.py": b"\0", "d.py": b"s = '\\d'\n"}

    inventory = discover(MemorySystem(files), [code_claim])

    assert inventory.notes == (
        "4 Python files without contracts were not checked; not Python that can be parsed: `b.py`, `c.py`",
    )


@pytest.mark.parametrize(
    "content", [b"def f(" * 5000, b"def f((((" * 5000, b'def f():\n"""' * 5000, b"def f():\n#\n" * 5000, b"\xff\xfe def f()"]
)
def test_no_content_is_too_strange_to_be_looked_at(content):
    assert not claimed(content)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_contracts_are_noticed_in_encodings_that_python_does_not_read(encoding):
    """Then whoever reads the file says that it is not checked, and why."""
    assert claimed("import os\nfrom probatum.spec import requires\n".encode(encoding))
    assert not claimed("import os\n".encode(encoding))
