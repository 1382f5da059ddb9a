// Statements within an expression.
// expect: verified 1 errors 1
procedure P(a: int)
{
  assert |{ var x: int;
            start: x := a + 1; goto end;
            end: return x > a; }|;
}
procedure Q(a: int)
{
  assert |{ start: goto left, right;  // error: 3
            left: assume a > 0; return true;
            right: assume a <= 0; return false; }|;
}
