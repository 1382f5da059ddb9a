// Datatypes: constructors, tests, fields and updates.
datatype Shape { Circle(radius: int), Box(width: int, height: int), Nothing() }
datatype List { Nil(), Cons(head: int, tail: List) }
datatype Pair<a> { Pair(first: a, second: a) }
function {:inline} IsBox(s: Shape): bool { s is Box }
procedure Grow(s: Shape) returns (t: Shape)
  ensures s is Circle ==> t is Circle && t->radius == s->radius + 1;
  ensures IsBox(s) ==> IsBox(t) && t->width == s->width && t->height == s->height + 1;
  ensures s == Nothing() ==> t == s;
{
  t := s;
  if (s is Circle) { t->radius := t->radius + 1; }
  else if (s is Box) { t := s->(height := s->height + 1); }
}
procedure Push(l: List, x: int) returns (m: List)
  ensures m is Cons && m->head == x && m->tail == l;
  ensures m != l;
{
  m := Cons(x, l);
}
procedure Second(l: List) returns (x: int, ok: bool)
  ensures ok ==> l is Cons && l->tail is Cons && x == l->tail->head;
  ensures !ok ==> l is Nil || l->tail is Nil;
{
  var h: int, rest: List;
  ok, x := false, 0;
  if (l is Cons) {
    Cons(h, rest) := l;
    if (rest is Cons) {
      x := rest->head;
      ok := true;
    }
  }
}
procedure SwapPair(p: Pair int) returns (q: Pair int)
  ensures q->first == p->second && q->second == p->first;
{
  q := Pair(p->second, p->first);
}
procedure Generic<a>(x: a, y: a, b: bool) returns (p: Pair a)
  ensures p->first == (if b then x else y);
  ensures x == y ==> p == Pair(x, y);
{
  if (b) { p := Pair(x, y); } else { p := Pair(y, x); }
}
