// Several implementations, and where results go; claims that do not hold are on the lines marked so.
procedure P(x: int) returns (r: int); requires x > 0; ensures r > x;  // wrong
implementation P(y: int) returns (s: int) { s := y + 1; assert y > 0; }
implementation P(r: int) returns (x: int) { x := r; }
implementation P(a: int) returns (b: int) { var x: int; var r: int; x := 5; r := 9; b := a + 1; assert x == 5; assert a == 5; }  // wrong
var g: int;
procedure Q(g0: int); modifies g; ensures g == old(g) + g0;  // wrong
implementation Q(x: int) { var g0: int; g0 := 7; g := g + x; assert g0 == 7; }
implementation Q(x: int) { g := g + x; call Q(0); call Q(1); }
procedure T<a>(x: a) returns (y: a); ensures y == x;  // wrong
implementation T<b>(z: b) returns (w: b) { w := z; }
implementation T<a>(z: a) returns (w: a) { }
procedure U(x: int, y: int) returns (z: int) requires x > y; ensures z > 0; { call z := U(y + 1, y); call z := U(y, x); }  // wrong
procedure V(x: int) returns (y: int) ensures y == x; { call y := V(x); }
procedure W(x: int) { var y: int; call y := V(x + y); assert y == x; }  // wrong
procedure X(x: int) { var y: int; y := 3; call y := V(y + 1); assert y == 4; assert y == 5; }  // wrong
procedure Y() modifies g; { call g := V(g + 1); assert g == old(g) + 1; assert g == old(g); }  // wrong
procedure Z() modifies g; { call g := Z2(); assert g == 1; assert g == 2; }  // wrong
procedure Z2() returns (r: int); modifies g; ensures g == 2 && r == 1;
