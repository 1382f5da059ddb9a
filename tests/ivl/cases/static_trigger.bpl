// A pattern without its variable.
// expect: resolution 1
function f(int): int;
axiom (forall x: int, y: int :: {f(x)} f(x) == f(y));  // error: 32
