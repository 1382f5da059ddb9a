// All right sides are taken before any left side changes.
// expect: verified 1 errors 1
procedure P(a: int, b: int)
{
  var x: int, y: int;
  x, y := a, b;
  x, y := y, x;
  assert x == b && y == a;
}
procedure Q(a: int, b: int)
{
  var x: int, y: int;
  x, y := a, b;
  x := y;
  y := x;
  assert y == a;  // error: 3
}
