// Expressions with cases.
// expect: verified 1 errors 1
function max(a: int, b: int): int { if a > b then a else b }
procedure P(a: int, b: int)
{
  assert max(a, b) >= a && max(a, b) >= b;
  assert max(a, b) == a || max(a, b) == b;
}
procedure Q(a: int, b: int)
{
  assert max(a, b) == a;  // error: 3
}
