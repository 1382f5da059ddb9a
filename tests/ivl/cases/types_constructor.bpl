// Type constructors without and with arguments.
// expect: verified 1 errors 1
type Ref;
type Field a;
const unique first: Field int;
const unique second: Field int;
procedure P(r: Ref, s: Ref)
{
  assert first != second;
  assert r == r;
}
procedure Q(r: Ref, s: Ref)
{
  assert r == s;  // error: 3
}
