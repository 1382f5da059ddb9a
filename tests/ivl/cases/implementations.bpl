// Several for one procedure.
// expect: verified 1 errors 1
procedure P(x: int) returns (y: int);
  ensures y > x;
implementation P(x: int) returns (y: int)
{
  y := x + 1;
}
implementation P(x: int) returns (y: int)
{
  y := x - 1;
}  // error: 1
