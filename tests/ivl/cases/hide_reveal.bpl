// Facts that are seen where they are revealed.
// expect: verified 1 errors 1
function f(x: int): int uses {
  hideable axiom (forall x: int :: {f(x)} f(x) == x + 1);
}
procedure P()
{
  hide *;
  reveal f;
  assert f(1) == 2;
}
procedure Q()
{
  hide *;
  assert f(1) == 2;  // error: 3
}
