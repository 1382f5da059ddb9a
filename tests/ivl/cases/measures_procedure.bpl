// A recursion that comes to an end.
// expect: verified 1 errors 1
procedure Down(n: int)
  requires n >= 0;
  measure n;
{
  if (n > 0) {
    call Down(n - 1);
  }
}
procedure Forever(n: int)
  measure n;
{
  call Forever(n);  // error: 3
}
