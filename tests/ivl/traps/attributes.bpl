// Attributes that change what is checked; claims that do not hold are on the lines marked so.
procedure {:verify false} A() { assert false; }
procedure B(x: int) { assert {:subsumption 0} x > 0; assert x > 0; }  // wrong
procedure C(x: int) { assert {:split_here} x > 0; assert x > 1; }  // wrong
procedure D(x: int) { if (x > 0) { assert {:focus} x > 0; } else { assert x > 0; } assert x == 7; }  // wrong
procedure E(x: int) { assert {:isolate} x == 1; assert x == 2; }  // wrong
procedure F(x: int) { assume {:partition} x > 0; assert x > 0; assert x > 1; }  // wrong
procedure {:vcs_split_on_every_assert} G(x: int) { assert x > 0; assert x > 0; assert x == 5; }  // wrong
procedure {:isolate_assertions} H(x: int) { assert x > 0; assert x > 0; assert x == 5; }  // wrong
procedure I(x: int) { assume {:focus} x > 3; assert x > 4; }  // wrong
procedure J(x: int) { if (*) { assume {:focus} x > 3; assert x > 3; } else { assert x > 4; } }  // wrong
procedure {:selective_checking} K(x: int) { assert x > 0; if (*) { assume {:start_checking_here} true; assert x > 0; assert x > 1; } assert x > 2; }  // wrong
procedure L(x: int) { assert {:only} x == x; assert x == 4; }  // wrong
procedure M(x: int) { assert {:skip} x == 1; }  // wrong
procedure N(x: int) { assert {:verified_under true} x == 1; }
procedure N2(x: int) { assert {:verified_under false} x == 1; }  // wrong
procedure N3(x: int) { assert {:verified_under x == 2} x == 1; assert x == 3; }  // wrong
procedure {:smoke} O() { assume false; }
procedure {:inline 0} P0() { assert false; }
procedure P() { call P0(); assert false; }
procedure Q(x: int); requires {:always_assume} x > 0; free requires {:always_assume} x > 1;  // wrong
procedure R(x: int) { call Q(x); }
procedure S(x: int) { call {:subsumption 0} Q(x); assert x > 0; }
procedure T(x: int) { assert {:expand} x == 1; }  // wrong
procedure {:timeLimit 1} U(x: int) { assert x == 1; }  // wrong
procedure V(x: int) { assert {:msg "hm"} x == 1; }  // wrong
procedure {:entrypoint} {:priority 3} {:vcs_max_cost 1} {:vcs_max_splits 5} W(x: int) { assert x == 1; assert x == 2; }  // wrong
