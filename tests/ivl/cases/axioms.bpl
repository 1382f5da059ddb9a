// Facts about what is declared.
// expect: verified 1 errors 1
function f(int): int;
axiom (forall x: int :: {f(x)} f(x) > x);
procedure P() { assert f(3) >= 4; }
procedure Q()
{
  assert f(3) == 4;  // error: 3
}
