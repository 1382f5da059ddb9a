// Association of operators; claims that do not hold are on the lines marked so.
procedure N(a: int, b: int) requires b != 0; { assert a == (a div b) * b + a mod b; assert 0 <= a mod b; }
procedure N0(a: int, b: int) { assert 0 <= a mod b; }  // wrong
procedure U(a: int) { assert -a mod 3 == -(a mod 3); }  // wrong
procedure V(a: int, b: int, c: int) { assert a - b - c == a - (b - c); }  // wrong
procedure W(a: int, b: int, c: int) requires b != 0 && c != 0; { assert a div b div c == a div (b div c); }  // wrong
procedure X(p: bool, q: bool, r: bool) { assert (p ==> q ==> r) == ((p ==> q) ==> r); }  // wrong
procedure Y(p: bool, q: bool, r: bool) { assert (p <== q <== r) == (p <== (q <== r)); }  // wrong
procedure Z(p: bool, q: bool) { assert (p <== q) == (q ==> p); }
procedure Z2(p: bool, q: bool, r: bool) { assert (p <==> q <==> r) == (p && q && r); }  // wrong
