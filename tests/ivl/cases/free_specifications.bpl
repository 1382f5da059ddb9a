// Assumed and never checked.
// expect: verified 2 errors 0
procedure P(n: int) returns (m: int);
  free requires n > 0;
  free ensures m > 0;
implementation P(n: int) returns (m: int)
{
  assert n > 0;
  m := -1;
}
procedure Q()
{
  var m: int;
  call m := P(-5);
  assert m > 0;
}
