// What rounding does.
// expect: verified 2 errors 1
function {:builtin "fp.add"} add(rmode, float24e8, float24e8): float24e8;
function {:builtin "fp.leq"} leq(float24e8, float24e8): bool;
function {:builtin "fp.isNaN"} isNaN(float24e8): bool;
procedure P()
{
  assert add(RNE, 0x1.0e0f24e8, 0x1.0e0f24e8) == 0x2.0e0f24e8;
}
procedure Q()
{
  assert isNaN(0NaN24e8);
  assert !leq(0NaN24e8, 0+oo24e8);
}
procedure R(x: float24e8)
{
  assert leq(x, x);  // error: 3
}
