// Exact division.
// expect: verified 2 errors 0
procedure P(x: real)
{
  assert x != 0.0 ==> x / x == 1.0;
  assert 1.0 / 3.0 * 3.0 == 1.0;
}
procedure Q()
{
  assert 2e-1 == 0.2;
  assert 3 / 2 == 1.5;
}
