// Jumps to one of several labels.
// expect: verified 1 errors 1
procedure P(a: int) returns (r: int)
  ensures r >= 0;
{
  start: goto positive, negative;
  positive: assume a >= 0; r := a; return;
  negative: assume a < 0; r := -a; return;
}
procedure Q(a: int) returns (r: int)
  ensures r > 0;
{
  start: goto positive, negative;
  positive: assume a >= 0; r := a; return;  // error: 36
  negative: assume a < 0; r := -a; return;
}
