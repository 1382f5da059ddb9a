// Results go where they are named.
// expect: verified 2 errors 0
procedure Both(x: int) returns (a: int, b: bool)
  ensures a == x && b;
{
  a, b := x, true;
}
procedure P()
{
  var a: int, b: bool;
  call a, b := Both(9);
  assert a == 9 && b;
}
