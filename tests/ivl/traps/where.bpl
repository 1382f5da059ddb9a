// Conditions of variables; claims that do not hold are on the lines marked so.
var g: int where g > 0;
procedure A() modifies g; { g := -1; assert g > 0; }  // wrong
procedure B() modifies g; { g := -1; havoc g; assert g > 0; }
procedure C() modifies g; { g := -1; call D(); assert g > 0; }
procedure D(); modifies g;
procedure E() modifies g; { g := -1; call F(); assert g > 0; }  // wrong
procedure F();
procedure G() { var x: int where x < y; var y: int where y < 0; assert x < 0; havoc x; assert x < y; y := -100; assert x < y; }  // wrong
procedure H(x: int where x > 3) returns (y: int where y > x);
procedure I() { var a: int; call a := H(5); assert a > 5; call a := H(1); assert a > 1; assert a > 4; }  // wrong
procedure J() returns (y: int where y > 3) ensures y > 3; { y := 1; }  // wrong
procedure K() { var x: int where x == 5; x := 6; while (*) { x := 7; } assert x == 6 || x == 7 || x == 5; assert x == 6 || x == 7; }  // wrong
procedure K2() { var x: int where x == 5; x := 6; while (*) { } assert x == 5; }  // wrong
procedure L() { var x: int where x > 0; call x := M(); assert x > 0; }  // wrong
procedure M() returns (r: int);
procedure {:inline 1} O() returns (r: int where r > 0) { r := -1; }
procedure P() { var x: int; call x := O(); assert x > 0; }  // wrong
procedure {:inline 1} O2() returns (r: int where r > 0) { var z: int where z == 2; r := z; havoc r; assert r > 0; }  // wrong
procedure P2() { var x: int; call x := O2(); assert x > 0; }
procedure P3() { var x: int; while (*) { call x := O2(); } assert x > 0; }  // wrong
