// Cases, and cases that nobody knows.
// expect: verified 2 errors 1
procedure P(a: int) returns (r: int)
  ensures r >= 0;
{
  if (a > 0) {
    r := a;
  } else if (a < 0) {
    r := -a;
  } else {
    r := 0;
  }
}
procedure Q() returns (r: int)
{
  if (*) {
    r := 1;
  } else {
    r := 2;
  }
  assert r == 1 || r == 2;
}
procedure R() returns (r: int)
{
  r := 0;
  if (*) {
    r := 1;
  }
  assert r == 1;  // error: 3
}
