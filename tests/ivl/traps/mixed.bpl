// Instances, definitions, maps and bit-vectors; claims that do not hold are on the lines marked so.
type V;
type T; type U;
function f<a>(x: a): a;
function {:builtin "abs"} abs(x: int): int;
axiom (forall x: int :: f(x) == x);
procedure A(t: T) { assert f(t) == t; }  // wrong
procedure B() { assert abs(-3) == 3; assert abs(-3) == -3; }  // wrong
const unique a: T; const unique b: U;
procedure C() { var x: <t>[t]bool; x[a] := true; x[b] := false; assert x[a]; assert x[b]; }  // wrong
function {:inline} inl(x: int): int { (var y := x; y + x) }
procedure D(y: int) { assert (forall x: int :: inl(x + y) == 2 * x + 2 * y); assert inl(y) == y; }  // wrong
function {:inline} q(x: int): bool { (exists z: int :: z == x + 1) }
procedure E(z: int) { assume q(z); assert (forall z: int :: q(z)); assert !q(z); }  // wrong
function {:define} d1(x: int): int { d2(x) + 1 }
function {:define} d2(x: int): int { x * 2 }
procedure F(x: int) { assert d1(x) == 2 * x + 1; assert d1(x) == 2 * x; }  // wrong
function rec(n: int): int { if n <= 0 then 0 else rec(n - 1) + 1 }
procedure G() { assert rec(3) == 3; assert rec(3) == 2; }  // wrong
procedure H(m: [int]int, n: [int]int) requires (forall i: int :: m[i] == n[i]); { assert m == n; }
procedure I(m: [int]int, n: [int]int) requires (forall i: int :: i != 5 ==> m[i] == n[i]); { assert m == n; }  // wrong
procedure J(m: [int][int]int) { var k: [int][int]int; k := m; k[1][2] := 3; assert k[1][2] == 3; assert k[1][3] == m[1][3]; assert k[2] == m[2]; assert k[1] == m[1]; }  // wrong
procedure K(m: [int,int]int) { var k: [int,int]int; k := m; k[1,2] := 3; assert k[1,3] == m[1,3]; assert k[2,1] == m[2,1]; assert k[1,2] == m[1,2]; }  // wrong
procedure L(m: [bool]int) { assert m[true := 1][false := 2] == m[false := 2][true := 1]; assert m[true := 1] == m; }  // wrong
procedure M(x: bv8) { assert x ++ x == 0bv8 ++ x; }  // wrong
procedure N(x: bv8) { assert (x ++ x)[8:0] == x; assert (x ++ 0bv8)[16:8] == x; assert x[4:0] ++ x[8:4] == x; }  // wrong
procedure O(x: int) { var y: int; y := if x > 0 then 1 else 2; assert y > 0; assert y == 1; }  // wrong
procedure P(x: real) { assert real(int(x)) <= x; assert int(real(int(x))) == int(x); assert real(int(x)) == x; }  // wrong
procedure Q(x: int) returns (x1: int, x2: int) ensures x1 == x2; { x1 := x; havoc x2; }  // wrong
procedure R() { var a, b: int; call a, b := Q(1); assert a == b; assert a == 1; }  // wrong
procedure Q2() returns (a: int, b: int); ensures a == 1 && b == 2;
