// Datatypes; claims that do not hold are on the lines marked so.
datatype L { Nil(), Cons(h: int, t: L) }
datatype P<a,b> { P(x: a, y: b), Q(x: a) }
datatype U { U() }
datatype W { W(m: [int]int, n: int) }
type T;
datatype TT { TT(t: T) }
procedure A(l: L) { assert l is Nil || l is Cons; assert l is Cons ==> l == Cons(l->h, l->t); assert l->t != l; }  // wrong
procedure B(l: L) { assert l->h == 0; }  // wrong
procedure B2(l: L) requires l is Nil; { assert l->h == 0; }  // wrong
procedure C(l: L) { var x: int; var y: L; Cons(x, y) := l; assert l is Cons; assert x == l->h; assert x == 0; }  // wrong
procedure D(p: P int bool) { assert p is P || p is Q; assert p->x == p->x; assert p is P; }  // wrong
procedure D2(p: P int bool, q: P int bool) requires p->x == q->x && p is Q && q is Q; { assert p == q; }
procedure D3(p: P int bool, q: P int bool) requires p->x == q->x; { assert p == q; }  // wrong
procedure F(a: U, b: U) { assert a == b; }
procedure G(w: W) { assert w->(n := 3)->n == 3; assert w->(n := 3)->m == w->m; assert w->(n := 3) == w; }  // wrong
procedure H(l: L) { assert l->(h := 3)->h == 3; }
procedure H2(l: L) { var k: L; k := l; k->h := 3; assert k->h == 3; }
procedure H3(l: L) { var k: L; k := l; k->t->h := 3; assert k is Cons; }
procedure I(l: L) requires l is Cons; { var k: L; k := l; k->h := 3; k->t := Nil(); assert k == Cons(3, Nil()); }
procedure J(a: TT, b: TT) { assert a == b; }  // wrong
procedure K() { assert Cons(1, Nil()) != Cons(1, Cons(2, Nil())); assert Cons(1, Nil()) == Cons(2, Nil()); }  // wrong
procedure M() { assert (forall l: L :: l is Nil); }  // wrong
function len(l: L): int { if l is Nil then 0 else 1 + len(l->t) }
procedure O() { assert len(Cons(1, Nil())) == 1; assert len(Nil()) == 1; }  // wrong
