// A heap with a value of its own type in every field.
// expect: verified 1 errors 1
type Ref;
type Field a;
const unique age: Field int;
const unique alive: Field bool;
procedure P(heap: <a>[Ref, Field a]a, r: Ref)
{
  var h: <a>[Ref, Field a]a;
  h := heap[r, age := 40];
  assert h[r, age] == 40;
  assert h[r, alive] == heap[r, alive];
}
procedure Q(heap: <a>[Ref, Field a]a, r: Ref, s: Ref)
{
  assert heap[r, age := 40][s, age] == 40;  // error: 3
}
