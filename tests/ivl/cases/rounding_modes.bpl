// The five are different.
// expect: verified 1 errors 1
procedure P()
{
  assert RNE != RTZ;
  assert roundTowardPositive == RTP;
}
procedure Q(m: rmode)
{
  assert m == RNE;  // error: 3
}
