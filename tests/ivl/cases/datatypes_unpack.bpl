// Taking a value apart.
// expect: verified 1 errors 1
datatype Pair { Pair(left: int, right: bool), Empty() }
procedure P(i: int, b: bool)
{
  var j: int, c: bool;
  Pair(j, c) := Pair(i, b);
  assert i == j && b == c;
}
procedure Q(p: Pair)
{
  var j: int, c: bool;
  Pair(j, c) := p;  // error: 14
}
