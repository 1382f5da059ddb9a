// A function for every type.
// expect: verified 2 errors 0
function same<a>(x: a, y: a): bool;
axiom (forall<a> x: a :: {same(x, x)} same(x, x));
procedure P(i: int) { assert same(i, i); }
procedure Q(b: bool, r: real) { assert same(b, b) && same(r, r); }
