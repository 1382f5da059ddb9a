"""One small program per construct of the language: what is verified, and where the errors are.

A case says in comments what is expected of it:

    // options: -lib:base            Boogie's options, if there are any
    // expect: verified 2 errors 1   or `parse 1`, `resolution 2`, `type 3`
    // output: a line                that is printed besides
    assert x > 0;  // error: 3       an error at this line and column
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from probatum.cli import boogie, boogie_options, boogie_output

CASES = sorted((Path(__file__).parent / "cases").glob("*.bpl"))
PHASES = {"parse": "parse", "name resolution": "resolution", "type checking": "type"}


@pytest.fixture(scope="module")
def session() -> Iterator[boogie.Session]:
    with boogie.Session(jobs=1) as opened:
        list(opened.answers([boogie.Request((str(CASES[0]),), boogie_options.Settings())]))  # the solvers start here
        yield opened


def expected(text: str) -> tuple[str, list[tuple[int, int]], list[str]]:
    marks = [(row, m[1]) for row, line in enumerate(text.splitlines(), 1) if (m := re.search(r"// error: ([\d, ]+)$", line))]
    places = sorted((row, int(column)) for row, columns in marks for column in columns.split(","))
    return re.search(r"^// expect: (.*)$", text, re.MULTILINE)[1], places, re.findall(r"^// output: (.*)$", text, re.MULTILINE)


def said(text: str) -> tuple[str, list[tuple[int, int]]]:
    places = sorted((int(row), int(column)) for row, column in re.findall(r"\.bpl\((\d+),(\d+)\): [Ee]rror", text))
    if closing := re.search(r"finished with (\d+) verified, (\d+) errors?$", text, re.MULTILINE):
        return f"verified {closing[1]} errors {closing[2]}", places
    if static := re.search(r"^(\d+) (parse|name resolution|type checking) errors detected", text, re.MULTILINE):
        return f"{PHASES[static[2]]} {static[1]}", places
    return f"no verdict: {text}", places


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_each_construct_means_what_the_language_says(path: Path, session: boogie.Session) -> None:
    text = path.read_text(encoding="utf-8")
    verdict, places, lines = expected(text)
    asked = re.search(r"^// options: (.*)$", text, re.MULTILINE)
    settings = boogie_options.Settings()
    boogie_options.apply(asked[1].split() if asked else [], settings)

    [answer] = session.answers([boogie.Request((str(path),), settings)])
    printed = boogie_output.text(answer, settings)

    assert said(printed) == (verdict, places), printed
    assert set(lines) <= set(printed.splitlines())


def test_there_is_a_case_for_every_construct() -> None:
    assert len(CASES) >= 60
    failing = [path for path in CASES if "// error: " in path.read_text(encoding="utf-8")]
    assert len(failing) >= 30
