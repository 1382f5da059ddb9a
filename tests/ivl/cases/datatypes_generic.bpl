// A datatype with a parameter, recursive.
// expect: verified 1 errors 1
datatype List<a> { Nil(), Cons(head: a, tail: List a) }
procedure P(x: int, l: List int)
{
  assert Cons(x, l)->tail == l;
  assert Cons(x, l) != l;
  assert Cons(true, Nil())->head;
}
procedure Q(l: List int)
{
  assert l is Cons ==> l->head == 0;  // error: 3
}
