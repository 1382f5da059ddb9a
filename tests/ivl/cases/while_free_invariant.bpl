// An invariant that is assumed only.
// expect: verified 1 errors 0
procedure P(n: int)
{
  var i: int;
  i := 0;
  while (i < n)
    free invariant i <= 100;
  {
    i := i + 1;
  }
  assert i <= 100;
}
