// Names for values.
// expect: verified 1 errors 1
procedure P(a: int)
{
  assert (var x := a + 1; x * x) == (a + 1) * (a + 1);
  assert (var x, y := a, 2; x + y) == a + 2;
}
procedure Q(a: int)
{
  assert (var x := a; x > 0);  // error: 3
}
