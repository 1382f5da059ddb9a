// Functions of the solver.
// expect: verified 1 errors 0
function {:builtin "abs"} absolute(int): int;
procedure P(x: int)
{
  assert absolute(x) >= 0;
  assert absolute(-3) == 3;
}
