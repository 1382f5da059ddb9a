// A block that is looked at by itself.
// expect: verified 1 errors 1
procedure P(a: int)
{
  if (a > 0) {
    assert {:focus} true;
    assert a >= 1;
  }
  assert a > 0 || a <= 0;
}
procedure Q(a: int)
{
  if (a > 0) {
    assert {:focus} true;
    assert a > 1;  // error: 5
  }
}
