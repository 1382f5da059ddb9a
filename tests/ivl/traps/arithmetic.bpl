// Division, remainders, powers, floats; claims that do not hold are on the lines marked so.
procedure A() { assert (-7) div 2 == -4; assert (-7) mod 2 == 1; assert 7 div (-2) == -3; assert 7 mod (-2) == 1; assert (-7) div (-2) == 4; assert (-7) mod (-2) == 1; }
procedure B(x: int) { assert x div 0 == 0; }  // wrong
procedure B2(x: int) { assert x mod 0 == x; }  // wrong
procedure B3(x: int) { assert x mod 0 == 0; }  // wrong
procedure C(x: real) { assert x / 0.0 == 0.0; }  // wrong
procedure C1(x: real) { assert x / 0.0 == x / 0.0; }
procedure D(x: real, y: real) { assert x ** y == y ** x; }  // wrong
procedure E() { assert int(-1.5) == -2; assert int(1.5) == 1; assert real(3) == 3.0; assert 7 / 2 == 3.5; }
procedure F() { assert int(-1.5) == -1; }  // wrong
function {:bvbuiltin "bvudiv"} udiv(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvurem"} urem(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvsdiv"} sdiv(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvsmod"} smod(x: bv8, y: bv8): bv8;
procedure G(x: bv8) { assert udiv(x, 0bv8) == 255bv8; assert urem(x, 0bv8) == x; }
procedure G1(x: bv8) { assert udiv(x, 0bv8) == 0bv8; }  // wrong
procedure H(x: float24e8) { assert x == x; }
procedure H1() { assert 0x0.0e0f24e8 == -0x0.0e0f24e8; }  // wrong
procedure H2() { var n: float24e8; n := 0NaN24e8; assert n == n; }
procedure H3() { var n: float24e8; n := 0NaN24e8; assert n != n; }  // wrong
procedure H4() { assert !(0x0.0e0f24e8 == -0x0.0e0f24e8); }
