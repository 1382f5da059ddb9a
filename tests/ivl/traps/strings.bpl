// Strings; claims that do not hold are on the lines marked so.
procedure A() { assert "a" == "a"; assert "a" != "b"; assert "a" == "b"; }  // wrong
procedure C() { assert "\n" == "n"; }  // wrong
procedure D() { assert "\x41" == "A"; }  // wrong
procedure D2() { assert "\u{41}" == "A"; }
procedure D3() { assert "\u0041" == "A"; }
procedure E() { assert "%s" != "%d"; assert "%%" == "%"; }  // wrong
procedure F() { assert "a\"b" == "ab"; }  // wrong
function {:builtin "str.len"} len(s: string): int;
procedure H() { assert len("\x41") == 4; }
procedure I() { assert len("\u{41}") == 1; }
procedure J() { assert len("é") == 1; }
procedure K() { assert len("a%sb") == 4; assert len("a%sb") == 3; }  // wrong
procedure L() { assert len("é") == 2; }  // wrong
procedure M() { assert len("\u{41}") == 6; }  // wrong
