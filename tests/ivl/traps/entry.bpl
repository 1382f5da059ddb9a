// Values at entry; claims that do not hold are on the lines marked so.
var g: int; var h: int;
procedure A() modifies g; { g := g + 1; while (*) { g := g + 1; assert old(g) <= g; } }  // wrong
procedure A2() modifies g; { var k: int; k := g; g := g + 1; while (*) invariant old(g) == k; { g := g + 1; } assert old(g) == k; assert old(g) == g; }  // wrong
procedure {:inline 1} I() modifies g; ensures g == old(g) + 1; { assert old(g) == g; g := g + 1; assert old(g) == g - 1; }
procedure B() modifies g; { g := 10; call I(); assert g == 11; assert old(g) == 10; }  // wrong
procedure B2() modifies g; { g := 10; call I(); call I(); assert g == 12; assert old(g) == g - 12 || true; assert old(g) == g - 2; }  // wrong
procedure C() modifies g; ensures g == old(g) + 2; { call N(); call N(); }
procedure C2() modifies g; ensures g == old(g) + 1; { call N(); call N(); }  // wrong
procedure N(); modifies g; ensures g == old(g) + 1;
procedure D() modifies g; { g := 5; assert (forall x: int :: x == old(g) ==> x == 5); }  // wrong
procedure E() modifies g; ensures (exists x: int :: x == old(g) && x == g); { }
procedure F() modifies g; requires g == 1; { g := old(old(g)) + old(h); assert g == 1 + h; assert g == 1; }  // wrong
procedure G() modifies g; { var x: int; g := 3; x := g; assert old(x) == 3; assert old(x + g) == 6; }  // wrong
procedure H() modifies g; { g := 1; call J(old(g)); }
procedure J(x: int); requires x == 1;  // wrong
procedure K() modifies g; requires g == 0; { g := 1; call J(g); call J(old(g)); }
procedure Rec(n: int) modifies g; ensures g == old(g) + n; { if (n == 0) { return; } g := g + 1; call Rec(n - 1); }
procedure Rec2(n: int) modifies g; ensures g == old(g) + n; { g := g + 1; call Rec2(n - 1); g := g + 1; }  // wrong
