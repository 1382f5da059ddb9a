// At most five errors of one implementation.
// expect: verified 0 errors 5
procedure P(a: int, b: int, c: int, d: int, e: int, f: int)
{
  assert a > 0;  // error: 3
  assert b > 0;  // error: 3
  assert c > 0;  // error: 3
  assert d > 0;  // error: 3
  assert e > 0;  // error: 3
  assert f > 0;
}
