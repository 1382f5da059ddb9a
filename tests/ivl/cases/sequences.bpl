// The solver's own sequences.
// expect: verified 1 errors 1
type {:builtin "Seq"} Seq _;
function {:builtin "seq.len"} len<a>(s: Seq a): int;
function {:builtin "seq.++"} cat<a>(s: Seq a, t: Seq a): Seq a;
function {:builtin "seq.unit"} one<a>(x: a): Seq a;
function {:builtin "seq.nth"} nth<a>(s: Seq a, i: int): a;
procedure P(s: Seq int)
{
  assert len(cat(s, one(4))) == len(s) + 1;
  assert nth(cat(one(3), s), 0) == 3;
}
procedure Q(s: Seq int)
{
  assert len(s) > 0;  // error: 3
}
