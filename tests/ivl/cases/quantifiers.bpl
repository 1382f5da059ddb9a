// For all and there is.
// expect: verified 2 errors 1
procedure P(m: [int]int)
  requires (forall i: int :: 0 <= i && i < 10 ==> m[i] > 0);
{
  assert m[3] > 0;
  assert (exists i: int :: m[i] > 0);
}
procedure Q()
{
  assert (forall i: int :: i + 1 > i);
}
procedure R(m: [int]int)
{
  assert (forall i: int :: m[i] > 0);  // error: 3
}
