// Vectors and sets.
// options: -lib:base
// expect: verified 2 errors 1
procedure P(v: Vec int)
{
  var w: Vec int;
  w := Vec_Append(v, 3);
  assert Vec_Len(w) == Vec_Len(v) + 1;
  assert Vec_Nth(w, Vec_Len(v)) == 3;
}
procedure Q(s: [int]bool)
{
  assert Set_Contains(Set_Add(s, 4), 4);
  assert Set_Union(s, Set_Empty()) == s;
}
procedure R(v: Vec int)
{
  assert Vec_Len(v) > 0;  // error: 3
}
