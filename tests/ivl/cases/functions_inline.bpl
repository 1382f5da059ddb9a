// A body that is put in.
// expect: verified 1 errors 1
function {:inline} between(lo: int, x: int, hi: int): bool { lo <= x && x < hi }
procedure P(x: int) { assert between(0, x, 5) ==> between(0, x, 6); }
procedure Q(x: int)
{
  assert between(0, x, 6) ==> between(0, x, 5);  // error: 3
}
