// Polymorphism; claims that do not hold are on the lines marked so.
type T; type C a; type Syn a = C a;
function f<a>(x: a): int;
function id<a>(x: a): a { x }
axiom (forall<a> x: a :: f(x) > 0);
procedure A<a>(x: a) { assert f(x) > 0; assert f(x) > 1; }  // wrong
procedure B() { assert f(1) == f(true); }  // wrong
procedure B2() { assert f(1) == f(1); assert id(3) == 3; assert id(true); assert id(3) == 4; }  // wrong
procedure D<a>(x: a, y: a) { assert x == y; }  // wrong
procedure E<a>(x: C a) returns (y: Syn a) ensures x == y; { y := x; }
procedure F() { var x: C int; var y: C int; call y := E(x); assert x == y; havoc x; assert x == y; }  // wrong
procedure G<a>() returns (x: a);
procedure H() { var i: int; var j: int; call i := G(); call j := G(); assert i == j; }  // wrong
const c: T; const unique d: T; const unique e: T;
procedure I() { assert d != e; assert c != d; }  // wrong
procedure J() { assert (exists x: T :: true); assert (forall x, y: T :: x == y); }  // wrong
procedure L(x: T) { assert x == c || x == d || x == e; }  // wrong
function g<a>(x: a): bool;
procedure M() { assume (forall<a> x: a :: g(x)); assert g(1); assert g(true); assert g(c); assert !g(2); }  // wrong
procedure N() { assume (exists<a> x: a :: g(x)); assert g(1); }  // wrong
procedure O() { assert (forall<a> x: a :: g(x)) ==> g(5); assert (forall<a> x: a :: id(x) == x); assert (forall<a> x, y: a :: x == y); }  // wrong
procedure P() { assume g(1); assert (forall<a> x: a :: g(x)); }  // wrong
procedure P2() { assume (forall x: int :: g(x)); assume (forall x: bool :: g(x)); assert (forall<a> x: a :: g(x)); }  // wrong
procedure P3() { assert (exists<a> x: a :: g(x)); }  // wrong
procedure P4() { assert (exists<a> x: a :: !g(x)) || (forall<a> x: a :: g(x)); }
type H = <a>[C a]a;
procedure Q(h: H, x: C int, y: C bool, z: C int) { var k: H; k := h[x := 1]; assert k[x] == 1; assert k[y] == h[y]; assert k[z] == h[z]; }  // wrong
procedure Q2(h: H, x: C int, y: C int) { assert h[x := 1][y := 2][x] == 1; }  // wrong
procedure R(h: <a>[a]bool) { assume h[1]; assert h[true]; }  // wrong
procedure R2(h: <a>[a]bool) { assert h[1 := true][1]; assert h[1 := true][true := false][1]; assert h[1 := true][2 := false][1]; assert h[1 := true] [2]; }  // wrong
