// Bodies instead of contracts.
// expect: verified 1 errors 1
procedure {:inline 1} Inc(x: int) returns (y: int)
{
  y := x + 1;
}
procedure P()
{
  var y: int;
  call y := Inc(4);
  assert y == 5;
}
procedure Q()
{
  var y: int;
  call y := Inc(4);
  assert y == 6;  // error: 3
}
