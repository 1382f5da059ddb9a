// A body is an axiom.
// expect: verified 1 errors 1
function double(x: int): int { x + x }
procedure P(a: int) { assert double(a) == 2 * a; }
procedure Q(a: int)
{
  assert double(a) > a;  // error: 3
}
