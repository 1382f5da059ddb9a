// What follows from what is taken for granted.
// expect: verified 2 errors 0
procedure P(a: int)
{
  assume a > 3;
  assert a > 2;
}
procedure Q()
{
  assume false;
  assert false;
}
