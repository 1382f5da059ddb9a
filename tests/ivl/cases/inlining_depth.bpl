// Beyond the depth, paths are not looked at.
// options: -inline:assume
// expect: verified 1 errors 0
procedure {:inline 2} Count(n: int) returns (r: int)
{
  r := 0;
  if (n > 0) {
    call r := Count(n - 1);
    r := r + 1;
  }
}
procedure P()
{
  var r: int;
  call r := Count(1);
  assert r == 1;
}
