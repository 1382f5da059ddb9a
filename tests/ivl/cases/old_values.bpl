// Globals as they were at the beginning.
// expect: verified 1 errors 1
var g: int;
procedure P()
  modifies g;
  ensures g == old(g) + 2;
{
  g := g + 1;
  g := g + 1;
}
procedure Q()
  modifies g;
  ensures g > old(g);
{
  g := g - 1;
}  // error: 1
