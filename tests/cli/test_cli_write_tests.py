"""Tests that are written for counterexamples, and a check of Python from the command line."""

import json
import subprocess
import sys

import pytest

from probatum.cli.delivery import tests_of as written_for
from probatum.evidence import Counterexample
from probatum.findings import Finding, Report
from probatum.source import Location


def finding(test, rule="code/function", subject="m.Cart.add"):
    claim = {} if test is None else {"test": test}
    evidence = Counterexample(method="code/call/1", given={"claim": claim, "x": subject}, observed="", expected="")
    return Finding(
        rule=rule, subject=subject, message="m", location=Location("m.py"), evidence=evidence, cause="c", anchor=("a",)
    )


def test_every_call_is_written_once_under_a_name_that_pytest_finds():
    report = Report(outcomes=(finding("one"), finding("one", "code/postcondition-violated"), finding("two", subject="m.../x")))

    names, texts = zip(*written_for(report), strict=True)

    assert texts == ("one", "two")
    assert names[0].startswith("test_add_")
    assert names[1].startswith("test_x_")
    assert all("/" not in name and name.endswith(".py") for name in names)


@pytest.mark.parametrize("test", [None, "", 3])
def test_what_brings_no_test_is_left_out(test):
    assert list(written_for(Report(outcomes=(finding(test),)))) == []


@pytest.mark.slow
def test_one_python_file_says_of_each_function_what_is_known_and_writes_the_test_that_fails(tmp_path):
    (tmp_path / "m.py").write_text(
        "from probatum.spec import ensures\n\n\n"
        "def more(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n + 1\n\n\n"
        "def twice(n: int) -> int:\n    ensures(lambda r: r > n)\n    return 2 * n\n"
    )
    command = [sys.executable, "-m", "probatum", "check", "m.py", "--select", "code", "--format", "json", "--write-tests", "t"]

    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    kinds = {o["subject"]: o["kind"] for o in json.loads(done.stdout)["outcomes"] if o["rule"] == "code/function"}
    assert (done.returncode, kinds) == (1, {"m.more": "cleared", "m.twice": "finding"})
    [test] = (tmp_path / "t").iterdir()
    assert "result = twice(n=n)" in test.read_text()
