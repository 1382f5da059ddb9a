// Bodies in place of calls; claims that do not hold are on the lines marked so.
var g: int;
procedure {:inline 1} I() modifies g; { var old1: int; old1 := g; while (*) invariant g >= old(g); invariant old1 == old(g); { g := g + 1; assert old(g) <= g; } assert |{ var k: int; a: k := old(g); return k <= g; }|; }
procedure A() modifies g; { g := 5; call I(); assert g >= 5; assert old(g) <= g || old(g) > 5; assert g == 5; }  // wrong
procedure B() modifies g; { g := 5; while (*) invariant g >= 5; { call I(); } assert g >= 5; assert g == 5; }  // wrong
procedure {:inline 1} J(n: int) returns (r: int) requires n > 0; ensures r > n; { r := n; }  // wrong
procedure C() { var x: int; call x := J(3); }
procedure D() { var x: int; call x := J(0); }
procedure {:inline 1} K(n: int) returns (r: int) free ensures r == 7; { r := n; }
procedure E() { var x: int; call x := K(3); assert x == 3; assert x == 7; }  // wrong
procedure {:inline 1} L(n: int) returns (r: int) { if (n > 0) { call r := L(n - 1); } else { r := 0; } }
procedure F() { var x: int; call x := L(0); assert x == 0; assert x == 1; }  // wrong
procedure {:inline 1} M() returns (r: int) { var u: int; r := u; }
procedure G() { var x, y: int; call x := M(); call y := M(); assert x == y; }  // wrong
procedure {:inline 1} N(x: int, y: int) returns (a: int, b: int) { a := y; b := x; }
procedure H(x: int, y: int) { var p, q: int; p, q := x, y; call p, q := N(p, q); assert p == y && q == x; call q, p := N(p, q); assert p == y && q == x; assert p == q; }  // wrong
procedure {:inline 1} O<a>(x: a) returns (y: a) { y := x; }
procedure P() { var i: int; var b: bool; call i := O(3); call b := O(true); assert i == 3 && b; assert i == 4; }  // wrong
procedure {:inline 1} Q() { goto a, b; a: assert true; return; b: assume false; }
procedure R() { call Q(); call Q(); assert false; }  // wrong
procedure {:inline 1} S() { while (true) { } }
procedure T() { call S(); assert false; }
