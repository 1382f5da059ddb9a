// A global that may not change.
// expect: type 1
var g: int;
procedure P()
{
  g := 1;  // error: 4
}
