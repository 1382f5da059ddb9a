// No globals change.
// expect: verified 1 errors 0
pure procedure Next(x: int) returns (y: int);
  ensures y == x + 1;
procedure P()
{
  var y: int;
  call y := Next(1);
  assert y == 2;
}
