// Fewer errors on request.
// options: -errorLimit:1
// expect: verified 0 errors 1
procedure P(a: int, b: int)
{
  assert a > 0;  // error: 3
  assert b > 0;
}
