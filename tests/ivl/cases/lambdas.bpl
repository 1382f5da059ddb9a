// Maps by comprehension.
// expect: verified 1 errors 1
procedure P(k: int)
{
  var m: [int]int;
  m := (lambda i: int :: i + k);
  assert m[3] == 3 + k;
  assert (lambda i: int :: i > k)[k + 1];
}
procedure Q(k: int)
{
  assert (lambda i: int :: i > k)[k];  // error: 3
}
