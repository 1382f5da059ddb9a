// An implementation in parts.
// expect: verified 1 errors 1
procedure P(a: int)
{
  var x: int;
  x := a;
  assert {:split_here} x == a;
  x := x + 1;
  assert {:split_here} x == a + 1;
}
procedure Q(a: int)
{
  assert {:split_here} true;
  assert a > 0;  // error: 3
}
