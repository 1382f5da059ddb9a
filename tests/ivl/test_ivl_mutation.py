"""A program with a mistake that some run shows is never verified."""

from collections.abc import Iterator

import pytest
from ivl_mutants import PROGRAMS, Mutant, changes, judged, mutants, verified, violations

from probatum.ivl import compile_text
from probatum.ivl.syntax.printer import printed
from probatum.solve.prover import Prover


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with Prover(workers=1) as opened:
        yield opened


@pytest.mark.slow
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_the_programs_are_right(path, prover: Prover) -> None:
    program, _ = compile_text(path.read_text(encoding="utf-8"), "p.bpl")

    proved, _ = verified(program, prover)

    assert all(proved.values())
    assert not violations(program, runs=20)
    assert not violations(program, runs=20, follow_calls=True)


@pytest.mark.slow
@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_no_mutant_that_a_run_violates_is_verified(path, prover: Prover) -> None:
    found = [judged(mutant, prover, runs=40) for mutant in mutants(path.read_text(encoding="utf-8"), each=12)]

    assert [one.mutant.what for one in found if one.unsound] == []
    assert sum(one.wrong for one in found) >= 3


SMALL = """
procedure P(n: int) returns (r: int)
  requires n >= 0;
  ensures r == n + n;
{
  var i: int;
  i, r := 0, 0;
  while (i < n)
    invariant i <= n;
    invariant r == i + i;
  {
    i, r := i + 1, r + 2;
  }
}
procedure {:inline 1} Least(x: int, y: int) returns (z: int) { if (x < y) { z := x; } else { z := y; } }
procedure Q(x: int, y: int) requires x < y; { var z: int; call z := P(y - x - 1); call z := Least(x, z); assert z <= x; }
"""


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("requires n >= 0;", ""),
        ("requires x < y;", "requires x <= y;"),
        ("r == n + n", "r > n + n"),
        ("i < n", "i <= n"),
        ("r + 2", "r + 1"),
        ("if (x < y)", "if (x > y)"),
        ("z <= x", "z < x"),
        ("y - x - 1", "y - x - 2"),
    ],
)
def test_a_known_mistake_is_violated_and_not_verified(was: str, becomes: str, prover: Prover) -> None:
    assert SMALL.count(was) == 1

    one = judged(Mutant(SMALL.replace(was, becomes), becomes), prover, runs=60)

    assert one.wrong
    assert not one.unsound
    assert not all(one.proved.values())


def test_each_kind_of_change_is_made() -> None:
    made = {what.partition(" at ")[0].partition(" in ")[0] for path in PROGRAMS for what in changes(path.read_text())}

    dropped = {f"drop {what}" for what in ("requires", "ensures", "invariant", "command", "label")}
    assert dropped <= made
    assert {"exchange branches", "exchange commands", "value + 1", "index + 1", "negate guard", "now for old"} <= made
    assert {"< to <=", "forall to exists", "turn -", "0 to 1", "free invariant", "turn arguments"} <= made


def test_a_mutant_differs_from_its_program_in_one_place() -> None:
    for mutant in mutants(SMALL, each=11):
        lines = zip(printed(compile_text(SMALL, "m.bpl")[0]).splitlines(), mutant.text.splitlines(), strict=False)
        assert sum(one != other for one, other in lines) >= 1, mutant.what
