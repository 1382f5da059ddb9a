// A procedure for every type, called at two.
// expect: verified 2 errors 1
procedure Copy<a>(x: a) returns (y: a);
  ensures y == x;
procedure P()
{
  var i: int, b: bool;
  call i := Copy(3);
  call b := Copy(true);
  assert i == 3 && b;
}
procedure Q<a>(x: a)
{
  var y: a;
  call y := Copy(x);
  assert x == y;
}
procedure R<a>(x: a, y: a)
{
  assert x == y;  // error: 3
}
