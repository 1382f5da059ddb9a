"""Programs that another tool generates: what Debian's `dafny` prints, through ours and through Debian's `boogie`.

    python bench/boogie_dafny.py [DIRECTORY-OR-FILE ...] [--limit N] [--dafny dafny] [--rival boogie]

Corpus: a few programs of our own, below, and every `.dfy` file that is named or lies in
a directory that is named (measured: `dafny0`, `dafny1` and `dafny2` of the LitTests of
https://github.com/dafny-lang/dafny; the package understands those that are old enough).
`dafny /noVerify /print` writes a program of the Boogie language for each; what it
refuses is counted and left out.

Every program must parse and type-check without an error. Where both we and the rival
give a verdict, (verified, errors) and the positions of the errors must be the same; each
difference is printed, and one where we verify more than the rival is marked. Unit: seconds of CPU.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from boogie_suite import Case, read_output, run_ours, run_rival

OWN = {
    "max": """
method Max(a: int, b: int) returns (c: int) ensures c >= a && c >= b && (c == a || c == b)
{ if a > b { c := a; } else { c := b; } }
method Wrong(a: int) returns (c: int) ensures c > a { c := a; }
""",
    "sum": """
function Sum(n: nat): nat { if n == 0 then 0 else n + Sum(n - 1) }
method Add(n: nat) returns (s: nat) ensures s == Sum(n)
{
  s := 0;
  var i := 0;
  while i < n invariant 0 <= i <= n && s == Sum(i) { i := i + 1; s := s + i; }
}
lemma Gauss(n: nat) ensures 2 * Sum(n) == n * (n + 1) { }
""",
    "search": """
method Find(a: array<int>, key: int) returns (at: int)
  ensures at >= 0 ==> at < a.Length && a[at] == key
  ensures at < 0 ==> forall k :: 0 <= k < a.Length ==> a[k] != key
{
  at := 0;
  while at < a.Length invariant 0 <= at <= a.Length && forall k :: 0 <= k < at ==> a[k] != key
  {
    if a[at] == key { return; }
    at := at + 1;
  }
  at := -1;
}
method Swap(a: array<int>, i: int, j: int) requires 0 <= i < a.Length
  modifies a
{ var t := a[i]; a[i] := a[j]; a[j] := t; }
""",
    "list": """
datatype List<T> = Nil | Cons(head: T, tail: List<T>)
function Length<T>(l: List<T>): nat { match l case Nil => 0 case Cons(_, t) => 1 + Length(t) }
function Append<T>(l: List<T>, m: List<T>): List<T> { match l case Nil => m case Cons(h, t) => Cons(h, Append(t, m)) }
lemma Lengths<T>(l: List<T>, m: List<T>) ensures Length(Append(l, m)) == Length(l) + Length(m) { }
""",
    "counter": """
class Counter {
  var value: int
  constructor() ensures value == 0 { value := 0; }
  method Step() modifies this ensures value == old(value) + 1 { value := value + 1; }
}
method Client() { var c := new Counter(); c.Step(); c.Step(); assert c.value == 2; }
method Mistaken() { var c := new Counter(); c.Step(); assert c.value == 2; }
""",
    "collections": """
method Sets(s: set<int>, q: seq<int>, m: map<int, int>)
{
  assert 3 in s + {3};
  assert |q + [4]| == |q| + 1;
  assert (q + [4])[|q|] == 4;
  assert m[5 := 6][5] == 6;
}
""",
}


def programs(named: list[Path], limit: int | None, dafny: str, folder: Path) -> tuple[list[Case], int]:
    """Let dafny print a program for each source; return them, and how many sources it refused."""
    sources = []
    for name, text in OWN.items():
        path = folder / f"own_{name}.dfy"
        path.write_text(text, encoding="utf-8")
        sources.append(path)
    found = [f for path in named for f in (sorted(path.rglob("*.dfy")) if path.is_dir() else [path])]
    cases, refused = [], 0
    for source in (sources + found)[:limit]:
        target = folder / f"{source.stem}.bpl"
        command = [dafny, "/noVerify", "/compile:0", f"/print:{target}", str(source)]
        try:
            subprocess.run(command, capture_output=True, timeout=60, check=False, cwd=folder)
        except subprocess.TimeoutExpired:
            target.unlink(missing_ok=True)
        if target.exists() and target.stat().st_size > 0:
            cases.append(Case(target, target.name, "verification", "", ("-timeLimit:20",)))
        else:
            refused += 1
    return cases, refused


def main() -> int:
    parser = argparse.ArgumentParser(description="Verify what dafny prints.")
    parser.add_argument("sources", type=Path, nargs="*", metavar="DIRECTORY-OR-FILE")
    parser.add_argument("--limit", type=int)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--dafny", default="dafny")
    parser.add_argument("--rival", default="boogie")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        cases, refused = programs([s.resolve() for s in given.sources], given.limit, given.dafny, Path(name))
        print(f"{len(cases)} programs; {refused} sources that {given.dafny} refuses")
        ours, rival = run_ours(cases, given.jobs), run_rival(cases, given.rival)
    unread, compared, differing, worse = [], 0, [], []
    for case in cases:
        got, theirs = (read_output(run["outputs"][case.name]["text"]) for run in (ours, rival))
        if got.counts is None:
            unread.append((case.name, got.text.splitlines()[:1]))
        if got.counts is None or theirs.counts is None or got.rest or theirs.rest or "Prover error: line" in _proper(theirs.text):
            continue
        compared += 1
        if (got.counts, sorted(set(got.lines))) != (theirs.counts, sorted(set(theirs.lines))):
            differing.append((case.name, got.counts, theirs.counts))
            if got.counts[0] > theirs.counts[0]:
                worse.append(case.name)
    print(f"not parsed or not typed by us: {len(unread)}")
    for row in unread:
        print("  ", *row)
    print(f"both give a verdict: {compared}; the same: {compared - len(differing)}")
    for name, got, theirs in differing:
        print(f"   {name}: ours {got}, {given.rival} {theirs}{'   VERIFIES MORE' if name in worse else ''}")
    print(f"CPU: ours {ours['cpu_s']:.1f} s, {given.rival} {rival['cpu_s']:.1f} s")
    print(f"memory: parent {ours['parent_mib']:.0f} MiB, largest worker {ours['worker_mib']:.0f} MiB")
    return 1 if unread else 0


def _proper(text: str) -> str:
    """Return an output without the one complaint that Debian's pair of packages always makes."""
    return "\n".join(line for line in text.splitlines() if "model_compress" not in line)


if __name__ == "__main__":
    sys.exit(main())
