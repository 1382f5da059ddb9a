// What an invariant says.
// expect: verified 1 errors 2
procedure P(n: int) returns (s: int)
  requires n >= 0;
  ensures s == n;
{
  s := 0;
  while (s < n)
    invariant s <= n;
  {
    s := s + 1;
  }
}
procedure Q(n: int)
{
  var i: int;
  i := 0;
  while (i < n)
    invariant i <= n;  // error: 5
  {
    i := i + 1;
  }
}
procedure R(n: int)
{
  var i: int;
  i := 0;
  while (i < n)
    invariant i == 0;  // error: 5
  {
    i := i + 1;
  }
}
