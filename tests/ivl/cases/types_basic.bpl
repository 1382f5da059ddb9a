// Values of the basic types.
// expect: verified 2 errors 1
procedure P(b: bool, i: int, r: real)
{
  assert b || !b;
  assert i + 1 > i;
  assert r + 0.5 > r;
}
procedure Q(i: int, r: real)
{
  assert real(i) + 0.5 > real(i);
  assert int(2.5) == 2;
}
procedure R(i: int)
{
  assert i * i > 0;  // error: 3
}
