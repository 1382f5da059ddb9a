// Bit-vectors.
function {:bvbuiltin "bvadd"} Add(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvsub"} Sub(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvand"} And(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvor"} Or(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvxor"} Xor(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvult"} Below(x: bv8, y: bv8): bool;
function {:bvbuiltin "bvule"} AtMost(x: bv8, y: bv8): bool;
function {:bvbuiltin "bvslt"} SignedBelow(x: bv8, y: bv8): bool;
function {:bvbuiltin "bvshl"} Left(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvlshr"} Right(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvudiv"} Div(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvurem"} Rem(x: bv8, y: bv8): bv8;
procedure Swap(a: bv8, b: bv8) returns (x: bv8, y: bv8)
  ensures x == b && y == a;
{
  x, y := a, b;
  x := Xor(x, y);
  y := Xor(x, y);
  x := Xor(x, y);
}
procedure Mask(a: bv8) returns (low: bv4, high: bv4)
  ensures high ++ low == a;
{
  low := a[4:0];
  high := a[8:4];
  assert And(a, 15bv8) == 0bv4 ++ low;
  assert Right(a, 4bv8) == 0bv4 ++ high;
}
procedure Average(a: bv8, b: bv8) returns (m: bv8)
  requires Below(a, b);
  ensures AtMost(a, m) && Below(m, b);
{
  m := Add(a, Div(Sub(b, a), 2bv8));
}
procedure Count(n: bv8) returns (k: bv8)
  requires Below(n, 20bv8);
  ensures k == n;
{
  k := 0bv8;
  while (Below(k, n))
    invariant AtMost(k, n);
  {
    k := Add(k, 1bv8);
  }
}
procedure Signs(a: bv8) returns (negative: bool)
  ensures negative <==> a[8:7] == 1bv1;
{
  negative := SignedBelow(a, 0bv8);
}
