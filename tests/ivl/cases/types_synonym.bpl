// A synonym is the type it stands for.
// expect: verified 1 errors 0
type Index = int;
type Table a = [Index]a;
procedure P(t: Table bool, i: int)
{
  var u: [int]bool;
  u := t;
  assert u[i] == t[i];
}
