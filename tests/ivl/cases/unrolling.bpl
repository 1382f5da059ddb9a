// Loops by iterations.
// options: -loopUnroll:4
// expect: verified 1 errors 1
procedure P()
{
  var i: int;
  i := 0;
  while (i < 3) {
    i := i + 1;
  }
  assert i == 3;
}
procedure Q()
{
  var i: int;
  i := 0;
  while (i < 3) {
    i := i + 1;
  }
  assert i == 4;  // error: 3
}
