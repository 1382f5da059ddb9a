// Arithmetic that wraps around, parts and joins.
// expect: verified 2 errors 1
function {:bvbuiltin "bvadd"} add(bv8, bv8): bv8;
function {:bvbuiltin "bvult"} less(bv8, bv8): bool;
procedure P()
{
  assert add(255bv8, 1bv8) == 0bv8;
  assert less(3bv8, 200bv8);
}
procedure Q(x: bv8)
{
  assert x[8:4] ++ x[4:0] == x;
  assert (1bv4 ++ 2bv4) == 18bv8;
}
procedure R(x: bv8)
{
  assert less(x, add(x, 1bv8));  // error: 3
}
