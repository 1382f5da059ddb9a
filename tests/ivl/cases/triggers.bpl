// A quantifier is used where its pattern occurs.
// expect: verified 1 errors 1
function f(int): int;
function g(int): int;
axiom (forall x: int :: {f(x)} f(x) == g(x));
procedure P() { assert f(1) == g(1); }
procedure Q()
{
  assert g(2) == 0;  // error: 3
}
