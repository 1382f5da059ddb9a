// Hidden axioms and pruned ones; claims that do not hold are on the lines marked so.
function f(x: int): int uses { hideable axiom (forall x: int :: {f(x)} f(x) > 0); }
function g2(x: int): int uses { axiom (forall x: int :: {g2(x)} g2(x) > f(x)); }
procedure A() { assert f(1) > 0; hide f; assert f(2) > 0; reveal f; assert f(3) > 0; }
procedure B() { hide *; assert f(2) > 0; }  // wrong
procedure C() { hide *; reveal f; assert f(2) > 0; assert f(2) > 1; }  // wrong
procedure D() { push; hide f; pop; assert f(2) > 0; }
procedure E() { hide f; if (*) { reveal f; assert f(1) > 0; } else { assert f(2) > 0; } }
function h(x: int): int { x + 1 }
procedure F() { hide h; assert h(1) == 2; }
revealed function k(x: int): int { x + 1 }
procedure G() { hide *; assert k(1) == 2; assert k(1) == 3; }  // wrong
axiom (exists z: int :: {f(z)} f(z) == 77);
procedure H() { assert (exists z: int :: f(z) == 77); }
const c: int; axiom c > 5;
procedure I() { assert c > 5; assert c > 6; }  // wrong
axiom false ==> c == 0;
function un(x: int): int; axiom (forall x: int :: un(x) == un(x) + 0);
procedure J() { assert un(1) == 0; }  // wrong
