// A message of one's own.
// expect: verified 0 errors 1
// output: a must not be negative
procedure P(a: int)
{
  assert {:msg "a must not be negative"} a >= 0;
}
