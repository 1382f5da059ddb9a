// Anything is possible afterwards.
// expect: verified 1 errors 1
procedure P(a: int)
{
  var x: int, y: int;
  x, y := 1, 2;
  havoc x;
  assert y == 2;
}
procedure Q()
{
  var x: int;
  x := 1;
  havoc x;
  assert x == 1;  // error: 3
}
