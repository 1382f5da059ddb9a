// A loop that may end at any time.
// expect: verified 0 errors 1
procedure P()
{
  var i: int;
  i := 0;
  while (*) {
    i := i + 1;
  }
  assert i == 0;  // error: 3
}
