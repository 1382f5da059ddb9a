// An assignment to an element is one to the map.
// expect: verified 1 errors 1
var m: [int][int]bool;
procedure P()
  modifies m;
{
  m[1][2] := true;
  m[1][3] := false;
  assert m[1][2];
  assert m[2] == old(m)[2];
}
procedure Q()
  modifies m;
{
  m[1][2] := true;
  assert m[1][3];  // error: 3
}
