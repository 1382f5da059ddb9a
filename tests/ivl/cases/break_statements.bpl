// Out of a loop, and out of an outer one.
// expect: verified 2 errors 1
procedure P()
{
  var i: int;
  i := 0;
  while (true)
    invariant i <= 5;
  {
    if (i == 5) {
      break;
    }
    i := i + 1;
  }
  assert i == 5;
}
procedure Q()
{
  var i: int;
  i := 0;
  outer:
  while (true)
    invariant i == 0;
  {
    while (true)
      invariant i == 0;
    {
      i := 7;
      break outer;
    }
  }
  assert i == 7;
}
procedure R()
{
  while (true) {
    if (*) {
      break;
    }
  }
  assert false;  // error: 3
}
