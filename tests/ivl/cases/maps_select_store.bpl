// Reading what was written.
// expect: verified 1 errors 1
procedure P(m: [int]int, i: int, j: int)
{
  var n: [int]int;
  n := m[i := 5];
  assert n[i] == 5;
  assert i != j ==> n[j] == m[j];
}
procedure Q(m: [int]int, i: int, j: int)
{
  assert m[i := 5][j] == m[j];  // error: 3
}
