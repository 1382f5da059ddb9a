// What a call may change.
// expect: verified 1 errors 1
var g: int;
var h: int;
procedure Change();
  modifies g;
procedure P()
  modifies g;
{
  call Change();
  assert h == old(h);
}
procedure Q()
  modifies g;
{
  call Change();
  assert g == old(g);  // error: 3
}
