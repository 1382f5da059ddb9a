// Later assertions suppose earlier ones.
// expect: verified 0 errors 2
procedure P(a: int, b: int)
{
  assert a > 0;  // error: 3
  assert a > -1;
  assert b > 0;  // error: 3
}
