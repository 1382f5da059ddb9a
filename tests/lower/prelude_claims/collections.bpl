// Claims about dicts, sets and text. A procedure whose name begins with `wrong` must not verify, every other one must.

procedure set_and_get(m: Map int int, k: int, j: int, v: int)
requires j != k;
{
  var n: Map int int;
  n := Map_set(m, k, v);
  assert Map_get(n, k) == v;
  assert Map_has(n, j) <==> Map_has(m, j);
  assert Map_has(m, j) ==> Map_get(n, j) == Map_get(m, j);
  assert 0 < Map_len(n);
  assert !Map_has(m, k) ==> Map_len(n) == Map_len(m) + 1;
}

procedure wrong_set_and_get(m: Map int int, k: int, j: int, v: int) {
  assert Map_has(m, j) ==> Map_get(Map_set(m, k, v), j) == Map_get(m, j);
}

procedure sets_commute(m: Map int int, k: int, j: int)
requires j != k;
{
  assert Map_equal(Map_set(Map_set(m, k, 1), j, 2), Map_set(Map_set(m, j, 2), k, 1));
}

procedure wrong_sets_commute_in_order(m: Map int int, k: int, j: int)
requires j != k;
{
  assert Map_same(Map_set(Map_set(m, k, 1), j, 2), Map_set(Map_set(m, j, 2), k, 1));
}

procedure remove_what_was_set(m: Map int int, k: int, v: int)
requires !Map_has(m, k);
{
  assert Map_equal(Map_remove(Map_set(m, k, v), k), m);
  assert Map_same(Map_remove(Map_set(m, k, v), k), m);
}

procedure literal_dict() {
  var m: Map int int;
  m := Map_set(Map_set(Map_set(Map_empty(), 1, 10), 2, 20), 1, 30);
  assert Map_len(m) == 2;
  assert Map_get(m, 1) == 30;
  assert !Map_has(m, 3);
  assert Seq_equal(Map_keys(m), Seq_push(Seq_one(1), 2));
  assert Seq_equal(Map_values(m), Seq_push(Seq_one(30), 20));
}

procedure visit(m: Map int int) returns (t: int)
requires (forall k: int :: {Map_get(m, k)} Map_has(m, k) ==> 0 <= Map_get(m, k));
ensures 0 <= t;
ensures t == Seq_sum(Map_values(m));
{
  var i: int;
  i := 0;
  t := 0;
  while (i < Map_len(m))
  invariant 0 <= i && i <= Map_len(m);
  invariant 0 <= t;
  invariant t == Seq_sum(Seq_take(Map_values(m), i));
  {
    t := t + Map_get(m, Seq_at(Map_keys(m), i));
    i := i + 1;
  }
}

procedure counts(s: Seq int) returns (m: Map int int)
ensures (forall x: int :: {Map_has(m, x)} Map_has(m, x) <==> Seq_has(s, x));
ensures (forall x: int :: {Map_get(m, x)} Map_has(m, x) ==> Map_get(m, x) == Seq_count(s, x));
{
  var i: int;
  m := Map_empty();
  i := 0;
  while (i < Seq_len(s))
  invariant 0 <= i && i <= Seq_len(s);
  invariant (forall x: int :: {Map_has(m, x)} Map_has(m, x) <==> Seq_has(Seq_take(s, i), x));
  invariant (forall x: int :: {Map_get(m, x)} Map_has(m, x) ==> Map_get(m, x) == Seq_count(Seq_take(s, i), x));
  {
    m := Map_set(m, Seq_at(s, i), Map_get_or(m, Seq_at(s, i), 0) + 1);
    i := i + 1;
  }
}

procedure wrong_counts(s: Seq int) returns (m: Map int int)
ensures (forall x: int :: {Map_get(m, x)} Map_has(m, x) ==> Map_get(m, x) == Seq_count(s, x));
{
  var i: int;
  m := Map_empty();
  i := 0;
  while (i < Seq_len(s))
  invariant 0 <= i && i <= Seq_len(s);
  invariant (forall x: int :: {Map_has(m, x)} Map_has(m, x) <==> Seq_has(Seq_take(s, i), x));
  invariant (forall x: int :: {Map_get(m, x)} Map_has(m, x) ==> Map_get(m, x) == Seq_count(Seq_take(s, i), x));
  {
    m := Map_set(m, Seq_at(s, i), Map_get_or(m, Seq_at(s, i), 1) + 1);
    i := i + 1;
  }
}

procedure keys_are_distinct(m: Map int int, i: int, j: int)
requires 0 <= i && i < j && j < Map_len(m);
{
  assert Seq_at(Map_keys(m), i) != Seq_at(Map_keys(m), j);
}

procedure updates(m: Map int int, n: Map int int, k: int)
requires Map_has(n, k);
{
  assert Map_get(Map_update(m, n), k) == Map_get(n, k);
  assert Map_equal(Map_update(m, m), m);
}

procedure set_algebra(s: Set int, t: Set int, x: int) {
  assert Set_equal(Set_union(s, t), Set_union(t, s));
  assert Set_equal(Set_minus(s, Set_minus(s, t)), Set_intersect(s, t));
  assert Set_subset(Set_intersect(s, t), s);
  assert Set_card(Set_union(s, t)) <= Set_card(s) + Set_card(t);
  assert Set_equal(Set_symmetric(s, t), Set_minus(Set_union(s, t), Set_intersect(s, t)));
  assert Set_has(Set_add(s, x), x);
  assert Set_subset(s, t) && Set_subset(t, s) ==> Set_equal(s, t);
}

procedure wrong_set_algebra(s: Set int, t: Set int) {
  assert Set_equal(Set_union(Set_minus(s, t), t), s);
}

procedure literal_set() {
  var s: Set int;
  s := Set_add(Set_add(Set_add(Set_empty(), 1), 2), 1);
  assert Set_card(s) == 2;
  assert !Set_has(s, 3);
  assert Set_equal(s, Set_of(Seq_push(Seq_push(Seq_one(2), 1), 2)));
}

procedure visit_set(s: Set int) returns (t: Set int)
ensures Set_equal(s, t);
{
  var i: int;
  i := 0;
  t := Set_empty();
  while (i < Set_card(s))
  invariant 0 <= i && i <= Set_card(s);
  invariant t == Set_of(Seq_take(Set_order(s, 0), i));
  {
    t := Set_add(t, Seq_at(Set_order(s, 0), i));
    i := i + 1;
  }
}

procedure no_duplicates(s: Seq int) returns (r: bool)
ensures r ==> (forall i: int, j: int :: {Seq_at(s, i), Seq_at(s, j)}
  0 <= i && i < j && j < Seq_len(s) ==> Seq_at(s, i) != Seq_at(s, j));
{
  var seen: Set int;
  var i: int;
  seen := Set_empty();
  i := 0;
  while (i < Seq_len(s))
  invariant 0 <= i && i <= Seq_len(s);
  invariant (forall k: int :: {Seq_at(s, k)} 0 <= k && k < i ==> Set_has(seen, Seq_at(s, k)));
  invariant (forall k: int, j: int :: {Seq_at(s, k), Seq_at(s, j)}
    0 <= k && k < j && j < i ==> Seq_at(s, k) != Seq_at(s, j));
  {
    if (Set_has(seen, Seq_at(s, i))) {
      r := false;
      return;
    }
    seen := Set_add(seen, Seq_at(s, i));
    i := i + 1;
  }
  r := true;
}

procedure texts(s: Seq char, t: Seq char, u: Seq char) {
  assert Seq_startswith(Seq_concat(s, t), s);
  assert Seq_endswith(Seq_concat(s, t), t);
  assert Seq_contains(Seq_concat(Seq_concat(s, t), u), t);
  assert Seq_contains(s, t) ==> Seq_len(t) <= Seq_len(s);
  assert Str_less(s, t) && Str_less(t, u) ==> Str_less(s, u);
  assert !Str_less(s, s);
}

procedure wrong_texts(s: Seq char, t: Seq char) {
  assert Seq_startswith(Seq_concat(s, t), t);
}

procedure joined(s: Seq char, t: Seq char, comma: Seq char)
requires Seq_len(comma) == 1;
{
  assert Seq_equal(
    Str_join(comma, Seq_push(Seq_one(s), t)), Seq_concat(Seq_concat(s, comma), t));
  assert Seq_equal(Str_join(comma, Str_split(s, comma)), s);
}

procedure numbers_as_text(i: int, j: int) {
  assert Str_of_int(i) == Str_of_int(j) ==> i == j;
  assert 0 < Seq_len(Str_of_int(i));
}
