// A call whose preconditions are not checked.
// expect: verified 1 errors 1
procedure Need(x: int);
  requires x > 0;
procedure P(x: int)
{
  free call Need(x);
  assert x == old(x);
}
procedure Q(x: int)
{
  call Need(x);  // error: 3
}
