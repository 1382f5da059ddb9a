"""`probatum repair --invariants`: what loops keep is shown, and on request written."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # functions are proved in processes of their own, before and after

TOTAL = """\
from probatum.spec import ensures


def total(xs: list[int]) -> int:
    ensures(lambda r: r == sum(xs))
    s = 0
    for x in xs:
        s += x
    return s
"""


def test_invariants_are_shown_first_and_written_when_asked(probatum, tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text(TOTAL)

    status, out, _ = probatum("repair", "--invariants", "total", "--root", tmp_path, "--select", "code")

    assert status == 0
    assert "+        invariant(s == sum(xs[:at]))\n" in out
    assert out.endswith("# 1 invariant for 1 function, none for 0; `--write` writes them\n")
    assert path.read_text() == TOTAL

    assert probatum("repair", "--invariants", "--root", tmp_path, "--select", "code", "--write")[0] == 0

    assert "    for at, x in enumerate(xs):\n        invariant(s == sum(xs[:at]))\n" in path.read_text()


def test_a_name_that_no_function_has_is_refused(probatum, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(TOTAL)

    status, _, err = probatum("repair", "--invariants", "totl", "--root", tmp_path, "--select", "code")

    assert status == 2
    assert "nothing that is proved or undecided is called `totl`" in err


def test_where_no_guess_suffices_the_reason_is_said(probatum, tmp_path: Path) -> None:
    (tmp_path / "m.py").write_text(TOTAL.replace("r == sum(xs)", "r == sum(xs) + (7 if len(xs) > 40 else 0)"))

    status, out, _ = probatum("repair", "--invariants", "--root", tmp_path, "--select", "code", "--no-replay")

    assert status == 1
    assert "what could be guessed does not prove it" in out
