// What is missing.
// expect: parse 1
procedure P()
{
  var x: int;
  x := 1  
}  // error: 1
