"""What must never be verified: programs made to mislead, runs that contradict a proof, and `false` where a run passes."""

import re
from collections.abc import Iterator

import pytest

from probatum.ivl import compile_text, verify
from probatum.ivl.options import Options
from probatum.solve.prover import Prover


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with Prover(workers=1) as opened:
        yield opened


def failing(text: str, prover: Prover) -> list[int]:
    """Return the lines of claims that are not proved."""
    result = verify(text, Options(timeout_s=10.0, error_limit=0), prover=prover)
    assert not [e for e in result.static if e.kind == "error"], result.static
    return sorted(
        {
            (o.label.related if o.label.related.line else o.label.position).line
            for b in result.bodies
            for o in b.outcomes
            if o.verdict.value != "proved"
        }
    )


CASES = {
    "labels like those of inlining": """
procedure {:inline 1} Jump() { goto Return; Return: assert false; } // wrong
procedure {:inline 1} Enter() { goto Entry; Entry: assert false; } // wrong
procedure {:inline 1} Nothing() { }
procedure P() { call Jump(); }
procedure Q() { call Enter(); }
procedure R() {
  L: call Nothing(); assert false; goto M; // wrong
  L$1: return;
  M: goto L$1;
}
procedure {:inline 1} Keep(n: int) returns (x: int) {
  var k: int;
  k := n; goto Return;
  Return: x := k; assert x > 0; // wrong
}
procedure S() { var x: int; call x := Keep(1); assert x == 1; call x := Keep(-1); }
""",
    "labels like those of entry and exit": """
procedure P() returns (x: int)
  ensures x == 0; // wrong
{
  x := 0; goto GeneratedUnifiedExit, B;
  GeneratedUnifiedExit: x := 1; return;
  B: return;
}
procedure Q() requires true; {
  goto PreconditionGeneratedEntry;
  PreconditionGeneratedEntry: assert false; return; // wrong
}
""",
    "labels like those of copied loops": """
procedure P() {
  goto a, b;
  a: goto b;
  b: goto a, c;
  a#1: assert false; return; // wrong
  c: goto a#1, b#1;
  b#1: assert false; return; // wrong
}
""",
    "a local that has the name of a global": """
var g: int;
procedure T() modifies g; ensures g == 1; { g := 1; }
procedure P() modifies g; {
  var g: int;
  g := 2;
  call T();
  assert g == 2;
  assert g == 1; // wrong
}
procedure {:inline 1} S() returns (x: int) { var g: int; g := 7; x := g; }
procedure Q() modifies g; {
  var x: int;
  g := 1;
  call x := S();
  assert x == 7 && g == 1;
  assert g == 7; // wrong
}
""",
}


@pytest.mark.parametrize("text", CASES.values(), ids=CASES)
def test_what_is_wrong_is_not_proved(text: str, prover: Prover) -> None:
    expected = sorted({row for row, line in enumerate(text.splitlines(), 1) if re.search(r"// wrong$", line)})

    assert failing(text, prover) == expected


__all__ = ["compile_text"]
