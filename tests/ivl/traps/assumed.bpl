// What is assumed without proof, and loops that do not end; claims that do not hold are on the lines marked so.
procedure A(x: int) free requires x > 0; free ensures x > 5; { assert x > 0; }
procedure B() { call A(-1); assert false; }
procedure C(x: int) { call A(x); assert x > 5; assert x > 6; }  // wrong
procedure D(n: int) { var i: int; i := 0; while (i < n) free invariant i == 7; { i := i + 1; } assert i == 7; assert i >= n; assert i == 8;}  // wrong
procedure E(n: int) { var i: int; i := 0; while (i < n) invariant i <= 7; free invariant i >= n; { assert i >= n; i := i + 1; } }
procedure F(n: int) { var i: int; i := 3; while (*) invariant i <= 7; invariant i != 3; { havoc i; assume i < 3; } }  // wrong
procedure G() { var i: int; i := 0; while (true) { i := i + 1; } assert false; }
procedure H() { var i: int; i := 0; while (i < 10) invariant false; { i := i + 1; } assert false; }  // wrong
procedure I() { assume false; assert false; }
procedure J() { var i: int; head: assume i > 0; assert i > 1; i := i + 1; goto head, out; out: assert i > 2; assert i > 3; }  // wrong
procedure K() { L: goto L; }
procedure K2() { L: assert false; goto L; }  // wrong
procedure K3() { L: goto L, M; M: assert false; }  // wrong
procedure K4() { var x: int; x := 0; L: assert x == 0; goto L, L2, L2; L2: x := 1; goto L, M; M: }  // wrong
procedure K5() { goto M; L: assert false; goto L; M: }
procedure K6() { goto M, M; M: assert false; }  // wrong
