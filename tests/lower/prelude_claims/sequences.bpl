// Claims about sequences. A procedure whose name begins with `wrong` must not verify, every other one must.

procedure slices_join(s: Seq int, i: int)
requires 0 <= i && i <= Seq_len(s);
{
  assert Seq_equal(Seq_concat(Seq_take(s, i), Seq_drop(s, i)), s);
}

procedure wrong_slices_join_out_of_range(s: Seq int, i: int) {
  assert Seq_equal(Seq_concat(Seq_take(s, i), Seq_drop(s, i)), s);
}

procedure wrong_slices_join_with_a_gap(s: Seq int, i: int)
requires 0 <= i && i < Seq_len(s);
{
  assert Seq_equal(Seq_concat(Seq_take(s, i), Seq_drop(s, i + 1)), s);
}

procedure three_slices_join(s: Seq int, i: int, j: int)
requires 0 <= i && i <= j && j <= Seq_len(s);
{
  assert Seq_equal(Seq_concat(Seq_concat(Seq_take(s, i), Seq_slice(s, i, j)), Seq_drop(s, j)), s);
}

procedure python_slices_join(s: Seq int, i: int) {
  var k: int;
  k := Slice_bound(i, Seq_len(s));
  assert Seq_equal(Seq_concat(Seq_slice(s, 0, k), Seq_slice(s, k, Seq_len(s))), s);
}

procedure negative_index(s: Seq int)
requires 0 < Seq_len(s);
{
  assert Seq_at(s, Index(-1, Seq_len(s))) == Seq_at(Seq_drop(s, Seq_len(s) - 1), 0);
}

procedure append(s: Seq int, x: int) {
  var t: Seq int;
  t := Seq_push(s, x);
  assert Seq_len(t) == Seq_len(s) + 1;
  assert Seq_at(t, Seq_len(s)) == x;
  assert Seq_equal(Seq_take(t, Seq_len(s)), s);
  assert Seq_equal(t, Seq_concat(s, Seq_one(x)));
}

procedure append_pop(s: Seq int, x: int) {
  var t: Seq int;
  t := Seq_push(s, x);
  t := Seq_remove(t, Seq_len(t) - 1);
  assert Seq_equal(t, s);
}

procedure concat_is_associative(a: Seq int, b: Seq int, c: Seq int, d: Seq int) {
  assert Seq_equal(Seq_concat(Seq_concat(Seq_concat(a, b), c), d), Seq_concat(a, Seq_concat(b, Seq_concat(c, d))));
}

procedure wrong_concat_commutes(a: Seq int, b: Seq int) {
  assert Seq_equal(Seq_concat(a, b), Seq_concat(b, a));
}

procedure concat_cancels(a: Seq int, b: Seq int, c: Seq int)
requires Seq_concat(a, b) == Seq_concat(a, c);
{
  assert Seq_equal(b, c);
}

procedure concat_cancels_right(a: Seq int, b: Seq int, c: Seq int)
requires Seq_concat(a, c) == Seq_concat(b, c);
{
  assert Seq_equal(a, b);
}

procedure wrong_concat_cancels(a: Seq int, b: Seq int, c: Seq int, d: Seq int)
requires Seq_concat(a, b) == Seq_concat(c, d);
{
  assert Seq_equal(a, c);
}

procedure literal() {
  var s: Seq int;
  s := Seq_push(Seq_push(Seq_push(Seq_push(Seq_empty(), 4), 8), 15), 16);
  assert Seq_len(s) == 4;
  assert Seq_at(s, 2) == 15;
  assert Seq_equal(Seq_slice(s, 1, 3), Seq_push(Seq_one(8), 15));
  assert Seq_has(s, 16);
  assert !Seq_has(s, 23);
  assert Seq_sum(s) == 43;
  assert Seq_max(s) == 16;
  assert Seq_min(s) == 4;
  assert Seq_index_of(s, 15) == 2;
}

procedure swapped(s: Seq int, i: int, j: int)
requires 0 <= i && i < j && j < Seq_len(s);
{
  var t: Seq int;
  t := Seq_update(Seq_update(s, i, Seq_at(s, j)), j, Seq_at(s, i));
  assert Seq_at(t, i) == Seq_at(s, j) && Seq_at(t, j) == Seq_at(s, i);
  assert Bag(t) == Bag(s);
  assert Seq_equal(Seq_take(t, i), Seq_take(s, i));
  assert Seq_equal(Seq_update(Seq_update(t, i, Seq_at(t, j)), j, Seq_at(t, i)), s);
}

procedure wrong_swapped(s: Seq int, i: int, j: int)
requires 0 <= i && i < j && j < Seq_len(s);
{
  assert Bag(Seq_update(Seq_update(s, i, Seq_at(s, j)), j, Seq_at(s, j))) == Bag(s);
}

procedure reversed(s: Seq int, t: Seq int)
requires 0 < Seq_len(s);
{
  assert Seq_equal(Seq_reverse(Seq_reverse(s)), s);
  assert Seq_at(Seq_reverse(s), 0) == Seq_at(s, Seq_len(s) - 1);
  assert Seq_equal(Seq_reverse(Seq_concat(s, t)), Seq_concat(Seq_reverse(t), Seq_reverse(s)));
  assert Seq_has(Seq_reverse(s), Seq_at(s, 0));
}

procedure wrong_reversed(s: Seq int) {
  assert Seq_equal(Seq_reverse(s), s);
}

procedure repeated(n: int)
requires 0 < n;
{
  var s: Seq int;
  s := Seq_repeat(0, n);
  assert Seq_len(s) == n;
  assert (forall i: int :: {Seq_at(s, i)} 0 <= i && i < n ==> Seq_at(s, i) == 0);
  s := Seq_update(s, 0, 1);
  assert Seq_sum(s) == 1;
  assert Seq_at(s, n - 1) == (if n == 1 then 1 else 0);
}

procedure inserted(s: Seq int, i: int, x: int)
requires 0 <= i && i <= Seq_len(s);
{
  var t: Seq int;
  t := Seq_insert(s, i, x);
  assert Seq_has(t, x);
  assert Seq_equal(t, Seq_concat(Seq_push(Seq_take(s, i), x), Seq_drop(s, i)));
  assert Seq_equal(Seq_remove(t, i), s);
  assert Bag(t) == Bag(Seq_push(s, x));
}

procedure membership(s: Seq int, t: Seq int, x: int, i: int)
requires 0 <= i && i <= Seq_len(s);
{
  assert Seq_has(Seq_concat(s, t), x) <==> Seq_has(s, x) || Seq_has(t, x);
  assert Seq_has(s, x) <==> Seq_has(Seq_take(s, i), x) || Seq_has(Seq_drop(s, i), x);
  assert Seq_has(s, x) ==> (exists k: int :: {Seq_at(s, k)} 0 <= k && k < Seq_len(s) && Seq_at(s, k) == x);
}

procedure wrong_membership(s: Seq int, x: int, i: int)
requires 0 <= i && i <= Seq_len(s);
{
  assert Seq_has(s, x) ==> Seq_has(Seq_take(s, i), x);
}

procedure bag_of_parts(s: Seq int, i: int, x: int)
requires 0 <= i && i <= Seq_len(s);
{
  assert Seq_count(s, x) == Seq_count(Seq_take(s, i), x) + Seq_count(Seq_drop(s, i), x);
  assert Bag(Seq_concat(Seq_drop(s, i), Seq_take(s, i))) == Bag(s);
}

procedure permutation_keeps_members(s: Seq int, t: Seq int, i: int)
requires Bag(s) == Bag(t);
requires 0 <= i && i < Seq_len(s);
{
  assert Seq_len(s) == Seq_len(t);
  assert Seq_has(t, Seq_at(s, i));
}

procedure permutation_keeps_bounds(s: Seq int, t: Seq int, m: int)
requires Bag(s) == Bag(t);
requires (forall i: int :: {Seq_at(s, i)} 0 <= i && i < Seq_len(s) ==> Seq_at(s, i) <= m);
{
  assert (forall i: int :: {Seq_at(t, i)} 0 <= i && i < Seq_len(t) ==> Seq_at(t, i) <= m);
}

procedure ranges(n: int)
requires 0 <= n;
{
  assert Seq_len(Seq_range(0, n, 1)) == n;
  assert (forall i: int :: {Seq_at(Seq_range(0, n, 1), i)} 0 <= i && i < n ==> Seq_at(Seq_range(0, n, 1), i) == i);
  assert Seq_len(Seq_range(0, 10, 3)) == 4;
  assert Seq_len(Seq_range(10, 0, -3)) == 4;
  assert Seq_has(Seq_range(0, 10, 3), 9);
  assert !Seq_has(Seq_range(0, 10, 3), 10);
}

procedure sorts(s: Seq int)
requires 1 < Seq_len(s);
{
  assert Seq_at(Seq_sorted(s), 0) <= Seq_at(Seq_sorted(s), 1);
  assert Seq_equal(Seq_sorted(Seq_sorted(s)), Seq_sorted(s));
  assert Seq_equal(Seq_sorted(Seq_reverse(s)), Seq_sorted(s));
  assert Seq_is_sorted(s) ==> Seq_equal(Seq_sorted(s), s);
  assert Seq_at(Seq_sorted(s), 0) == Seq_min(s);
}

procedure wrong_sorts(s: Seq int)
requires 1 < Seq_len(s);
{
  assert Seq_at(Seq_sorted(s), 0) < Seq_at(Seq_sorted(s), 1);
}

procedure rows(grid: Seq (Seq int), i: int, j: int, x: int)
requires 0 <= i && i < Seq_len(grid) && 0 <= j && j < Seq_len(Seq_at(grid, i));
{
  var g: Seq (Seq int);
  g := Seq_update(grid, i, Seq_update(Seq_at(grid, i), j, x));
  assert Seq_at(Seq_at(g, i), j) == x;
  assert (forall k: int :: {Seq_at(g, k)} 0 <= k && k < Seq_len(g) && k != i ==> Seq_at(g, k) == Seq_at(grid, k));
  assert Seq_len(Seq_at(g, i)) == Seq_len(Seq_at(grid, i));
}
