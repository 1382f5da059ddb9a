// Candidates that hold, and those that do not.
// options: -contractInfer -printAssignment
// expect: verified 1 errors 0
// output: positive = True
// output: small = False
const {:existential true} positive: bool;
const {:existential true} small: bool;
procedure P()
{
  var i: int;
  i := 0;
  while (i < 100)
    invariant positive ==> i >= 0;
    invariant small ==> i < 10;
  {
    i := i + 1;
  }
  assert i >= 0;
}
