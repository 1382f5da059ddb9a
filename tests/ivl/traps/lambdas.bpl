// Lambdas, lets, and names bound twice; claims that do not hold are on the lines marked so.
var g: int;
procedure A(k: int) { var m: [int]int; m := (lambda i: int :: i + k); assert m[3] == 3 + k; assert m[3] == 3; }  // wrong
procedure B(k: int) { assert (forall j: int :: (lambda i: int :: i + j)[k] == k + j); assert (forall j: int :: (lambda i: int :: i + j)[k] == k); }  // wrong
procedure C() modifies g; { var m, n: [int]int; m := (lambda i: int :: g); g := g + 1; n := (lambda i: int :: g); assert m[0] != n[0]; assert m[0] == n[0]; }  // wrong
procedure C2() modifies g; { var m, n: [int]int; g := g + 1; m := (lambda i: int :: old(g)); n := (lambda i: int :: g); assert m[0] + 1 == n[0]; assert m == n; }  // wrong
procedure D(x: int, y: int) { assert (lambda i: int :: i + x) == (lambda i: int :: i + y); }  // wrong
procedure D2(x: int, y: int) requires x == y; { assert (lambda i: int :: i + x) == (lambda i: int :: i + y); }
procedure D3() { assert (lambda i: int :: i + 1) == (lambda i: int :: 1 + i); }
procedure E() { var m: [int][int]int; m := (lambda i: int :: (lambda j: int :: i - j)); assert m[3][1] == 2; assert m[1][3] == 2; }  // wrong
procedure F<a>(x: a) { assert (lambda y: a :: y == x)[x]; assert (forall z: a :: (lambda y: a :: y == x)[z]); }  // wrong
procedure H() { assert (var x := 1; (var x := x + 1; x)) == 2; assert (var x, y := 1, 2; x + y) == 4; }  // wrong
procedure I(x: int, y: int) { assert (var x, y := y, x; x - y) == x - y; }  // wrong
procedure J() { var m: [int,int]int; m := (lambda i, j: int :: i - j); assert m[3, 1] == 2; assert m[1,3] == 2; }  // wrong
procedure K(x: int) { assert (lambda x: int :: x)[x + 1] == x + 1; assert (lambda y: int :: (var y := y + 1; y))[x] == x; }  // wrong
procedure M() { assert (lambda<a> y: a :: 3)[true] == 3; assert (lambda<a> y: a :: 3)[1] == 4; }  // wrong
procedure N() modifies g; { var m: [int]int; while (*) { m := (lambda i: int :: g); g := g + 1; } assert m[0] == g - 1; }  // wrong
