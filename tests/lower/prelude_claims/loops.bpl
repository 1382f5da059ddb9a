// Claims about loops. A procedure whose name begins with `wrong` must not verify, every other one must.

procedure maximum(a: Seq int) returns (m: int)
requires 0 < Seq_len(a);
ensures (forall i: int :: {Seq_at(a, i)} 0 <= i && i < Seq_len(a) ==> Seq_at(a, i) <= m);
ensures Seq_has(a, m);
{
  var i: int;
  m := Seq_at(a, 0);
  i := 1;
  while (i < Seq_len(a))
  invariant 1 <= i && i <= Seq_len(a);
  invariant (forall k: int :: {Seq_at(a, k)} 0 <= k && k < i ==> Seq_at(a, k) <= m);
  invariant Seq_has(Seq_take(a, i), m);
  {
    if (Seq_at(a, i) > m) {
      m := Seq_at(a, i);
    }
    i := i + 1;
  }
}

procedure wrong_maximum(a: Seq int) returns (m: int)
requires 0 < Seq_len(a);
ensures (forall i: int :: {Seq_at(a, i)} 0 <= i && i < Seq_len(a) ==> Seq_at(a, i) <= m);
{
  var i: int;
  m := Seq_at(a, 0);
  i := 1;
  while (i < Seq_len(a) - 1)
  invariant 1 <= i && i <= Seq_len(a);
  invariant (forall k: int :: {Seq_at(a, k)} 0 <= k && k < i ==> Seq_at(a, k) <= m);
  {
    if (Seq_at(a, i) > m) {
      m := Seq_at(a, i);
    }
    i := i + 1;
  }
}

procedure total(a: Seq int) returns (t: int)
ensures t == Seq_sum(a);
{
  var i: int;
  t := 0;
  i := 0;
  while (i < Seq_len(a))
  invariant 0 <= i && i <= Seq_len(a);
  invariant t == Seq_sum(Seq_take(a, i));
  {
    t := t + Seq_at(a, i);
    i := i + 1;
  }
}

procedure total_from_the_end(a: Seq int) returns (t: int)
ensures t == Seq_sum(a);
{
  var i: int;
  t := 0;
  i := Seq_len(a);
  while (0 < i)
  invariant 0 <= i && i <= Seq_len(a);
  invariant t == Seq_sum(Seq_drop(a, i));
  {
    i := i - 1;
    t := t + Seq_at(a, i);
  }
}

procedure wrong_total(a: Seq int) returns (t: int)
ensures t == Seq_sum(a);
{
  var i: int;
  t := 0;
  i := 0;
  while (i < Seq_len(a))
  invariant 0 <= i && i <= Seq_len(a);
  invariant t == Seq_sum(Seq_take(a, i));
  {
    i := i + 1;
    t := t + Seq_at(a, i);
  }
}

procedure binary_search(a: Seq int, x: int) returns (r: int)
requires Seq_is_sorted(a);
ensures 0 <= r ==> r < Seq_len(a) && Seq_at(a, r) == x;
ensures r < 0 ==> !Seq_has(a, x);
{
  var lo: int;
  var hi: int;
  var mid: int;
  lo := 0;
  hi := Seq_len(a);
  while (lo < hi)
  invariant 0 <= lo && lo <= hi && hi <= Seq_len(a);
  invariant (forall i: int :: {Seq_at(a, i)} 0 <= i && i < lo ==> Seq_at(a, i) < x);
  invariant (forall i: int :: {Seq_at(a, i)} hi <= i && i < Seq_len(a) ==> x < Seq_at(a, i));
  {
    mid := Int_floordiv(lo + hi, 2);
    if (Seq_at(a, mid) < x) {
      lo := mid + 1;
    } else if (Seq_at(a, mid) > x) {
      hi := mid;
    } else {
      r := mid;
      return;
    }
  }
  r := -1;
}

procedure wrong_binary_search(a: Seq int, x: int) returns (r: int)
requires Seq_is_sorted(a);
ensures r < 0 ==> !Seq_has(a, x);
{
  var lo: int;
  var hi: int;
  var mid: int;
  lo := 0;
  hi := Seq_len(a) - 1;
  while (lo < hi)
  invariant 0 <= lo && hi < Seq_len(a);
  invariant (forall i: int :: {Seq_at(a, i)} 0 <= i && i < lo ==> Seq_at(a, i) < x);
  invariant (forall i: int :: {Seq_at(a, i)} hi < i && i < Seq_len(a) ==> x < Seq_at(a, i));
  {
    mid := Int_floordiv(lo + hi, 2);
    if (Seq_at(a, mid) < x) {
      lo := mid + 1;
    } else if (Seq_at(a, mid) > x) {
      hi := mid - 1;
    } else {
      r := mid;
      return;
    }
  }
  r := -1;
}

procedure insertion_sort(given: Seq int) returns (a: Seq int)
ensures Seq_is_sorted(a);
ensures Bag(a) == Bag(given);
{
  var i: int;
  var j: int;
  a := given;
  i := 1;
  while (i < Seq_len(a))
  invariant 1 <= i && Seq_len(a) == Seq_len(given) && (i <= Seq_len(a) || Seq_len(a) == 0);
  invariant Bag(a) == Bag(given);
  invariant (forall p: int, q: int :: {Seq_at(a, p), Seq_at(a, q)}
    0 <= p && p <= q && q < i && q < Seq_len(a) ==> Seq_at(a, p) <= Seq_at(a, q));
  {
    j := i;
    while (0 < j && Seq_at(a, j - 1) > Seq_at(a, j))
    invariant 0 <= j && j <= i && Seq_len(a) == Seq_len(given);
    invariant Bag(a) == Bag(given);
    invariant (forall p: int, q: int :: {Seq_at(a, p), Seq_at(a, q)}
      0 <= p && p <= q && q <= i && q != j ==> Seq_at(a, p) <= Seq_at(a, q) || p == j);
    invariant (forall q: int :: {Seq_at(a, q)} j < q && q <= i ==> Seq_at(a, j) < Seq_at(a, q));
    {
      a := Seq_update(Seq_update(a, j - 1, Seq_at(a, j)), j, Seq_at(a, j - 1));
      j := j - 1;
    }
    i := i + 1;
  }
}

procedure wrong_insertion_sort(given: Seq int) returns (a: Seq int)
ensures Bag(a) == Bag(given);
{
  var i: int;
  a := given;
  i := 1;
  while (i < Seq_len(a))
  invariant 1 <= i;
  invariant Bag(a) == Bag(given);
  {
    if (Seq_at(a, i - 1) > Seq_at(a, i)) {
      a := Seq_update(a, i - 1, Seq_at(a, i));
    }
    i := i + 1;
  }
}

procedure copied(a: Seq int) returns (b: Seq int)
ensures Seq_equal(a, b);
{
  var i: int;
  b := Seq_empty();
  i := 0;
  while (i < Seq_len(a))
  invariant 0 <= i && i <= Seq_len(a);
  invariant Seq_equal(b, Seq_take(a, i));
  {
    b := Seq_push(b, Seq_at(a, i));
    i := i + 1;
  }
}

procedure reversed_in_a_loop(a: Seq int) returns (b: Seq int)
ensures Seq_equal(b, Seq_reverse(a));
{
  var i: int;
  b := Seq_empty();
  i := Seq_len(a);
  while (0 < i)
  invariant 0 <= i && i <= Seq_len(a);
  invariant Seq_equal(b, Seq_reverse(Seq_drop(a, i)));
  {
    i := i - 1;
    b := Seq_push(b, Seq_at(a, i));
  }
}

procedure doubled(a: Seq int) returns (b: Seq int)
ensures Seq_len(b) == Seq_len(a);
ensures (forall i: int :: {Seq_at(b, i)} 0 <= i && i < Seq_len(b) ==> Seq_at(b, i) == 2 * Seq_at(a, i));
{
  var i: int;
  b := a;
  i := 0;
  while (i < Seq_len(b))
  invariant 0 <= i && i <= Seq_len(b) && Seq_len(b) == Seq_len(a);
  invariant (forall k: int :: {Seq_at(b, k)} 0 <= k && k < i ==> Seq_at(b, k) == 2 * Seq_at(a, k));
  invariant Seq_equal(Seq_drop(b, i), Seq_drop(a, i));
  {
    b := Seq_update(b, i, 2 * Seq_at(b, i));
    i := i + 1;
  }
}

procedure filtered(a: Seq int) returns (b: Seq int)
ensures (forall i: int :: {Seq_at(b, i)} 0 <= i && i < Seq_len(b) ==> 0 < Seq_at(b, i) && Seq_has(a, Seq_at(b, i)));
{
  var i: int;
  b := Seq_empty();
  i := 0;
  while (i < Seq_len(a))
  invariant 0 <= i && i <= Seq_len(a);
  invariant (forall k: int :: {Seq_at(b, k)} 0 <= k && k < Seq_len(b) ==> 0 < Seq_at(b, k) && Seq_has(a, Seq_at(b, k)));
  {
    if (0 < Seq_at(a, i)) {
      b := Seq_push(b, Seq_at(a, i));
    }
    i := i + 1;
  }
}

procedure packets(data: Seq byte, size: int) returns (parts: Seq (Seq byte), joined: Seq byte)
requires 0 < size;
ensures Seq_equal(joined, data);
ensures (forall k: int :: {Seq_at(parts, k)}
  0 <= k && k < Seq_len(parts) ==> 0 < Seq_len(Seq_at(parts, k)) && Seq_len(Seq_at(parts, k)) <= size);
{
  var i: int;
  var next: int;
  i := 0;
  parts := Seq_empty();
  joined := Seq_empty();
  while (i < Seq_len(data))
  invariant 0 <= i && i <= Seq_len(data);
  invariant Seq_equal(joined, Seq_take(data, i));
  invariant (forall k: int :: {Seq_at(parts, k)}
    0 <= k && k < Seq_len(parts) ==> 0 < Seq_len(Seq_at(parts, k)) && Seq_len(Seq_at(parts, k)) <= size);
  {
    next := Slice_bound(i + size, Seq_len(data));
    parts := Seq_push(parts, Seq_slice(data, i, next));
    joined := Seq_concat(joined, Seq_slice(data, i, next));
    i := next;
  }
}

procedure wrong_packets(data: Seq byte, size: int) returns (joined: Seq byte)
requires 0 < size;
ensures Seq_equal(joined, data);
{
  var i: int;
  i := 0;
  joined := Seq_empty();
  while (i < Seq_len(data))
  invariant 0 <= i && i <= Seq_len(data);
  invariant Seq_equal(joined, Seq_take(data, i));
  {
    joined := Seq_concat(joined, Seq_slice(data, i + 1, Slice_bound(i + size, Seq_len(data))));
    i := Slice_bound(i + size, Seq_len(data));
  }
}

procedure merged(a: Seq int, b: Seq int) returns (c: Seq int)
requires Seq_is_sorted(a) && Seq_is_sorted(b);
ensures Seq_is_sorted(c);
ensures Bag(c) == Bag(Seq_concat(a, b));
{
  var i: int;
  var j: int;
  i := 0;
  j := 0;
  c := Seq_empty();
  while (i < Seq_len(a) || j < Seq_len(b))
  invariant 0 <= i && i <= Seq_len(a) && 0 <= j && j <= Seq_len(b);
  invariant Seq_is_sorted(c);
  invariant Bag(c) == Bag(Seq_concat(Seq_take(a, i), Seq_take(b, j)));
  invariant (forall k: int, l: int :: {Seq_at(c, k), Seq_at(a, l)}
    0 <= k && k < Seq_len(c) && i <= l && l < Seq_len(a) ==> Seq_at(c, k) <= Seq_at(a, l));
  invariant (forall k: int, l: int :: {Seq_at(c, k), Seq_at(b, l)}
    0 <= k && k < Seq_len(c) && j <= l && l < Seq_len(b) ==> Seq_at(c, k) <= Seq_at(b, l));
  {
    if (j == Seq_len(b) || (i < Seq_len(a) && Seq_at(a, i) <= Seq_at(b, j))) {
      c := Seq_push(c, Seq_at(a, i));
      i := i + 1;
    } else {
      c := Seq_push(c, Seq_at(b, j));
      j := j + 1;
    }
  }
}
