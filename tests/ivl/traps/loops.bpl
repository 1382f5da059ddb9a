// What a loop may change; claims that do not hold are on the lines marked so.
procedure A() { var x: int; x := 0; goto L; L: assert x == 0; call Q(); x := x + 1; goto L, M; M: }  // wrong
procedure Q(); requires true;
procedure B(m: [int]int) { var a: [int]int; var i: int; a := m; i := 0; while (i < 5) { a[i] := 0; i := i + 1; } assert a == m; }  // wrong
procedure C() { var i: int; var j: int; i := 0; while (i < 5) { j := 0; while (j < 5) invariant i < 5; { j := j + 1; i := i; } i := i + 1; } assert i >= 5; assert j >= 5; }  // wrong
procedure D() { var x, y: int; x, y := 1, 2; while (*) { x, y := y, x; } assert x + y == 3; }  // wrong
procedure D2() { var x, y: int; x, y := 1, 2; while (*) invariant x + y == 3; { x, y := y, x; } assert x + y == 3; assert x == 1; }  // wrong
procedure E() returns (r: int) { r := 0; while (*) { call r := R(); } assert r == 0; }  // wrong
procedure R() returns (r: int);
var g: int;
procedure G(); modifies g;
procedure F() modifies g; { g := 0; while (*) { call G(); } assert g == 0; }  // wrong
datatype D0 { D0(a: int, b: int) }
procedure H() { var d: D0; d := D0(1, 2); while (*) { d->a := 5; } assert d->b == 2; }  // wrong
procedure I() { var d: D0; var x, y: int; d := D0(1, 2); x := 0; while (*) { D0(x, y) := d; } assert x == 0; }  // wrong
procedure J() { var x: int; x := 1; L: while (true) { M: while (true) { if (*) { break L; } x := 2; break; } x := 3; } assert x == 1; }  // wrong
procedure J2() { var x: int; x := 1; L: while (true) { M: while (true) { if (*) { break L; } x := 2; break; } x := 3; } assert x == 1 || x == 3 || x == 2; }  // wrong
procedure N() { var i: int; i := 0; while (i < 3) invariant i <= 3; { i := i + 1; if (i == 2) { break; } } assert i == 3; }  // wrong
procedure S() { var i: int; i := 0; while (i != 10) { i := i + 1; } assert i == 10; assert i == 11; }  // wrong
procedure T() { var i: int; i := 0; a: goto b, c; b: i := i + 1; goto a, c; c: i := i + 10; goto b, d; d: assert i != 7; }  // wrong
