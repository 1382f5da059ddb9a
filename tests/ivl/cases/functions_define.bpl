// A definition in the solver.
// expect: verified 1 errors 1
function {:define} twice(x: int): int { x + x }
function {:define} four_times(x: int): int { twice(twice(x)) }
procedure P(a: int) { assert four_times(a) == 4 * a; }
procedure Q(a: int)
{
  assert four_times(a) == 3 * a;  // error: 3
}
