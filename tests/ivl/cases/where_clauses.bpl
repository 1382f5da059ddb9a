// What is known of a variable that may be anything.
// expect: verified 2 errors 1
var g: int where g > 0;
procedure P(n: int where n > 5)
{
  assert n > 4;
  assert g >= 1;
}
procedure Q()
{
  var x: int where x == 3;
  assert x == 3;
  x := 4;
  havoc x;
  assert x == 3;
}
procedure R()
{
  var x: int where x == 3;
  x := 4;
  assert x == 3;  // error: 3
}
