// What is written between braces.
// expect: verified 1 errors 0
const {:unknown "text", 3, true} c: int;
procedure {:verify true} P()
{
  assert {:any} {:other "x"} c == c;
}
procedure {:verify false} Q()
{
  assert false;
}
