// Code expressions; claims that do not hold are on the lines marked so.
procedure A() { assert |{ a: return true; }|; assert |{ a: return false; }|; }  // wrong
procedure B(x: int) { assert |{ var y: int; a: y := x; goto b, c; b: assume y > 0; return y >= 1; c: assume y <= 0; return y < 1; }|; }
procedure C(x: int) { assert |{ var y: int; a: havoc y; return y == x; }|; }  // wrong
procedure D(x: int) { assume |{ var y: int; a: havoc y; return y == 3; }|; assert false; }  // wrong
procedure D2(x: int) { assume |{ a: goto b, c; b: return x == 1; c: return x == 2; }|; assert x == 1 || x == 2; assert x == 1; }  // wrong
procedure E(x: int) { assert |{ a: goto b, c; b: return x == 1; c: return x == 2; }|; }  // wrong
procedure F(x: int) { assert |{ a: assert x > 0; return true; }|; }  // wrong
procedure G(x: int) { assume |{ a: assert x > 0; return true; }|; assert x > 0; }  // wrong
procedure H(x: int) requires |{ a: return x > 0; }|; ensures |{ a: return x > 1; }|; { assert x > 0; }  // wrong
procedure I(x: int) { call H(x); assert x > 1; assert x > 2; }  // wrong
procedure J(x: int) { var r: bool; r := |{ a: return x > 0; }|; assert r ==> x > 0; assert r; }  // wrong
procedure K(x: int) { assert !|{ var y: int; a: havoc y; return y == x; }|; }  // wrong
procedure K2(x: int) { assert !|{ a: goto b, c; b: return x == 1; c: return x == 2; }|; }  // wrong
procedure L(x: int) { assert (forall i: int :: |{ var j: int; a: j := i + 1; return j > i; }|); assert (forall i: int :: |{ var j: int; a: j := i + x; return j > i; }|);  }  // wrong
procedure M(x: int) { assert |{ A: goto B; B: return x == 1; }| || |{ A: goto B; B: return x == 2; }|; }  // wrong
var g: int;
procedure N() modifies g; { g := g + 1; assert |{ a: return old(g) == g - 1; }|; assert |{ a: return old(g) == g; }|; }  // wrong
procedure O(x: int) { while (*) invariant |{ a: return x > 0; }|; { } }  // wrong
procedure P(x: int) { assert |{ a: assume x > 0; return x > 0; }|; assert x > 0; }  // wrong
procedure P2(x: int) { assume |{ a: assume x > 0; return true; }|; assert x > 0; }
procedure P3(x: int) { assume |{ a: assume false; return false; }|; assert false; }
