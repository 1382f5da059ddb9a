// Literals differ.
// expect: verified 1 errors 1
function {:builtin "str.len"} length(string): int;
function {:builtin "str.++"} join(string, string): string;
procedure P()
{
  assert length("abc") == 3;
  assert join("ab", "c") == "abc";
}
procedure Q(s: string)
{
  assert length(s) > 0;  // error: 3
}
