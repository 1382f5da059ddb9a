// Values of the wrong type.
// expect: type 3
procedure P(b: bool, i: int)
{
  var x: int;
  x := b;  // error: 2
  assert i;  // error: 2
  assert b + 1 == 2;  // error: 11
}
