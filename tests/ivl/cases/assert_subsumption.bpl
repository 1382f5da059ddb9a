// What is known after an assertion.
// expect: verified 0 errors 3
procedure P(a: int)
{
  assert a > 0;  // error: 3
  assert a > 0;
}
procedure Q(a: int)
{
  assert {:subsumption 0} a > 0;  // error: 3
  assert a > 0;  // error: 3
}
