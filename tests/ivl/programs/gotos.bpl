// Unstructured control flow: choices, a loop with two ways back, and one in a loop.
procedure Choose(b: bool, x: int) returns (y: int)
  ensures b ==> y == x + 1;
  ensures !b ==> y == x - 1;
{
  start:
    goto yes, no;
  yes:
    assume b;
    y := x + 1;
    goto done;
  no:
    assume !b;
    y := x - 1;
    goto done;
  done:
    return;
}
procedure Down(n: int) returns (k: int)
  requires n >= 0;
  ensures k <= 0;
{
  entry:
    k := n;
    goto head;
  head:
    assert k <= n;
    assert k >= -1;
    goto body, out;
  body:
    assume k > 0;
    goto one, two;
  one:
    k := k - 1;
    goto head;
  two:
    assume k > 1;
    k := k - 2;
    goto head;
  out:
    assume !(k > 0);
    return;
}
procedure Nested(n: int) returns (total: int)
  requires 0 <= n && n <= 4;
  ensures total == n * n;
{
  var i: int, j: int;
  i, total := 0, 0;
  outer: while (i < n)
    invariant 0 <= i && i <= n;
    invariant total == i * n;
  {
    j := 0;
    while (true)
      invariant 0 <= j && j <= n;
      invariant total == i * n + j;
      invariant i < n;
    {
      if (j == n) { break; }
      j := j + 1;
      total := total + 1;
    }
    i := i + 1;
  }
}
procedure Early(x: int) returns (r: int)
  ensures r == 0 || r == 1;
  ensures x > 10 ==> r == 1;
{
  r := 0;
  all: if (true) {
    if (x <= 10) { break all; }
    r := 1;
  }
}
