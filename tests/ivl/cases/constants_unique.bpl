// Unique constants differ, others may be equal.
// expect: verified 1 errors 1
const unique a: int;
const unique b: int;
const c: int;
procedure P() { assert a != b; }
procedure Q()
{
  assert a != c;  // error: 3
}
