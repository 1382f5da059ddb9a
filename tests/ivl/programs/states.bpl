// Globals with conditions, havoc, lambdas, lets, reals, two-dimensional maps.
type Ref;
const unique null: Ref;
const N: int;
axiom N == 4;
var count: int where count >= 0;
var grid: [int,int]bool;
procedure Havoc() returns (x: int)
  ensures 3 <= x && x <= 5;
{
  havoc x;
  assume x > 2;
  assume x < 6;
}
procedure UseConst(i: int) returns (m: [int]int)
  requires 0 <= i && i < N;
  ensures m[i] == i + i;
  ensures m[4] == 8;
{
  m := (lambda j: int :: j + j);
}
procedure Mark(i: int, j: int)
  modifies grid;
  ensures grid[i, j];
  ensures (forall a, b: int :: 0 <= a && a < 3 && 0 <= b && b < 3 && !(a == i && b == j) ==> grid[a, b] == old(grid[a, b]));
{
  grid[i, j] := true;
}
procedure Half(x: real) returns (y: real)
  requires x > 0.0;
  ensures y > 0.0 && y < x;
  ensures y + y == x;
{
  y := x / 2.0;
}
procedure Euclid(a: int, b: int) returns (q: int, r: int)
  requires b != 0;
  ensures a == b * q + r;
  ensures 0 <= r;
{
  q := a div b;
  r := a mod b;
}
procedure Let(x: int) returns (y: int)
  ensures y >= 2 * x;
{
  y := (var d := x + x; if d > 0 then d else 0);
  assert (exists k: int :: 0 <= k && k <= 5 && k == 4);
}
procedure Tick() returns (before: int)
  modifies count;
  ensures count == old(count) + 1 && before >= 0;
{
  before := count;
  count := count + 1;
}
procedure Refs(r: Ref, s: Ref, m: [Ref]int) returns (n: [Ref]int)
  requires r != null && s == null;
  ensures n[r] == 1 && n[s] == 2;
  ensures r != s;
{
  n := m[r := 1][s := 2];
}
procedure Star(n: int) returns (x: int)
  requires n >= 0;
  ensures x >= n;
{
  x := n;
  while (*)
    invariant x >= n;
    free invariant x >= 0;
  {
    if (*) { x := x + 1; }
  }
}
