// Several indexes at once.
// expect: verified 1 errors 1
procedure P(m: [int, bool]int, i: int, b: bool)
{
  var n: [int, bool]int;
  n := m;
  n[i, b] := 7;
  assert n[i, b] == 7;
  assert n[i, !b] == m[i, !b];
}
procedure Q(m: [int, bool]int)
{
  assert m[0, true] == m[0, false];  // error: 3
}
