// Contracts, recursion, globals and what they were.
var g: int;
var h: [int]int;
procedure Abs(x: int) returns (y: int)
  ensures y >= 0;
  ensures y == x || y == -x;
{
  if (x < 0) { y := -x; } else { y := x; }
}
procedure Count(n: int) returns (r: int)
  requires n >= 0;
  ensures r == 2 * n;
{
  if (n == 0) { r := 0; return; }
  call r := Count(n - 1);
  r := r + 2;
}
procedure Add(x: int)
  requires x >= 0;
  modifies g;
  ensures g == old(g) + x;
{
  g := g + x;
}
procedure Twice(x: int) returns (before: int)
  requires x > 0;
  modifies g;
  ensures before == old(g);
  ensures g == old(g) + x + x;
{
  before := g;
  call Add(x);
  assert g == before + x;
  call Add(x);
}
procedure Write(i: int, x: int)
  modifies h;
  ensures h == old(h)[i := x];
{
  h[i] := x;
}
procedure Both(i: int, j: int)
  requires i != j;
  modifies h;
  ensures h[i] == 1 && h[j] == 2;
  ensures (forall k: int :: 0 <= k && k < 8 && k != i && k != j ==> h[k] == old(h[k]));
{
  call Write(i, 1);
  call Write(j, 2);
}
procedure Distance(x: int, y: int) returns (d: int)
  ensures d >= 0;
  ensures x >= y ==> d == x - y || d == y - x;
{
  call d := Abs(x - y);
}
procedure {:inline 1} Clamp(x: int, lo: int, hi: int) returns (y: int)
{
  y := x;
  if (y < lo) { y := lo; }
  if (y > hi) { y := hi; }
}
procedure UseClamp(x: int) returns (y: int)
  ensures 0 <= y && y <= 9;
{
  call y := Clamp(x, 0, 9);
  assert x >= 0 && x <= 9 ==> y == x;
}
