// Names that mean something elsewhere; claims that do not hold are on the lines marked so.
var g: int;
procedure P() modifies g; ensures g == old(g) + 1; { g := g + 1; }
procedure Q() modifies g; {
  var x: int;
  x := g;
  call P();
  assert x == g;  // wrong
}
procedure R(n: int) {
  assert (forall n: int :: n == n);
  assert (exists n: int :: n == 5);
  assert (forall m: int :: (exists m: int :: m == 3) ==> m == 3);  // wrong
}
function f(x: int): int { x }
procedure S(x: int, y: int) { assert f(y) == x; }  // wrong
procedure and(true1: int, or: int, select: int, let: int, store: bool) returns (not: int)
{
  var distinct: int; var Int: int; var x#1: int; var ite: int; var par: int; var match: int;
  distinct := 1; Int := 2;
  not := or + select;
  assert not == or;  // wrong
}
procedure T(x: int) { var x': int, x$: int, x.y: int, `x: int, ~x: int, ^x: int, x?: int;
  x' := 1; x$ := 2; x.y := 3; `x := 4; ~x := 5; ^x := 6; x? := 7;
  assert x' + x$ + x.y + `x + ~x + ^x + x? == 28;
  assert x' == x$;  // wrong
}
