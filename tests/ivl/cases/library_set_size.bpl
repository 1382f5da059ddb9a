// How many members.
// options: -lib:base -lib:set_size
// expect: verified 1 errors 0
procedure P(s: [int]bool)
  requires !Set_Contains(s, 4);
{
  assert Set_Size(Set_Add(s, 4)) == Set_Size(s) + 1;
}
