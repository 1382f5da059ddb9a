// Conditions at a call.
// expect: verified 2 errors 1
procedure Half(n: int) returns (h: int)
  requires n mod 2 == 0;
  ensures 2 * h == n;
{
  h := n div 2;
}
procedure P()
{
  var h: int;
  call h := Half(10);
  assert h == 5;
}
procedure Q(n: int)
{
  var h: int;
  call h := Half(n);  // error: 3
}
