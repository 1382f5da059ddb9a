// Euclidean division and remainder.
// expect: verified 1 errors 1
procedure P(a: int, b: int)
{
  assert 7 div 2 == 3 && 7 mod 2 == 1;
  assert -7 div 2 == -4 && -7 mod 2 == 1;
  assert 7 div -2 == -3 && 7 mod -2 == 1;
}
procedure Q(a: int)
{
  assert (-a) div 2 == -(a div 2);  // error: 3
}
