// A loop over a map, with a recursive function that says what it computes.
function {:define} Bounded(n: int): bool { 0 <= n && n <= 6 }
procedure Sum(m: [int]int, n: int) returns (s: int)
  requires Bounded(n);
  requires (forall i: int :: 0 <= i && i < n ==> 0 <= m[i] && m[i] <= 10);
  ensures 0 <= s && s <= 10 * n;
{
  var i: int;
  i, s := 0, 0;
  while (i < n)
    invariant 0 <= i && i <= n;
    invariant 0 <= s && s <= 10 * i;
  {
    s := s + m[i];
    i := i + 1;
  }
}
procedure Max(m: [int]int, n: int) returns (k: int)
  requires 0 < n;
  ensures 0 <= k && k < n;
  ensures (forall i: int :: 0 <= i && i < n ==> m[i] <= m[k]);
{
  var i: int;
  k := 0;
  i := 1;
  while (i < n)
    invariant 1 <= i && i <= n;
    invariant 0 <= k && k < i;
    invariant (forall j: int :: 0 <= j && j < i ==> m[j] <= m[k]);
  {
    if (m[k] < m[i]) { k := i; }
    i := i + 1;
  }
}
procedure Find(m: [int]int, n: int, x: int) returns (k: int)
  requires 0 <= n;
  ensures k == -1 || (0 <= k && k < n && m[k] == x);
  ensures k == -1 ==> (forall i: int :: 0 <= i && i < n ==> m[i] != x);
{
  k := 0;
  while (k < n)
    invariant 0 <= k && k <= n;
    invariant (forall i: int :: 0 <= i && i < k ==> m[i] != x);
  {
    if (m[k] == x) { return; }
    k := k + 1;
  }
  k := -1;
}
