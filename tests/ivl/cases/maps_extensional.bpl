// Maps with equal elements are equal.
// expect: verified 1 errors 0
procedure P(m: [int]int)
{
  assert m[3 := m[3]] == m;
}
