// `dict`, as a value: keys in the order in which they came, and a value for each.
//
// Python's `==` is `Map_equal`, which does not look at the order; `Map_same` does, and means `==` of this language.

type Map _ _;

function Map_has<K, V>(m: Map K V, k: K): bool;
function Map_get<K, V>(m: Map K V, k: K): V;
function Map_len<K, V>(m: Map K V): int;
function Map_empty<K, V>(): Map K V;
function Map_set<K, V>(m: Map K V, k: K, v: V): Map K V;
function Map_remove<K, V>(m: Map K V, k: K): Map K V;  // the same map, if it has no k
function Map_update<K, V>(m: Map K V, n: Map K V): Map K V;
function Map_keys<K, V>(m: Map K V): Seq K;
function Map_values<K, V>(m: Map K V): Seq V;
function Map_equal<K, V>(m: Map K V, n: Map K V): bool;
function Map_same<K, V>(m: Map K V, n: Map K V): bool;
function Map_differ<K, V>(m: Map K V, n: Map K V): K;
function {:inline} Map_get_or<K, V>(m: Map K V, k: K, v: V): V { if Map_has(m, k) then Map_get(m, k) else v }

axiom (forall<K, V> k: K :: {Map_has(Map_empty(): Map K V, k)} !Map_has(Map_empty(): Map K V, k));
axiom (forall<K, V> m: Map K V, k: K, v: V :: {Map_set(m, k, v)}
  Map_has(Map_set(m, k, v), k) && Map_get(Map_set(m, k, v), k) == v);
axiom (forall<K, V> m: Map K V, k: K, v: V, j: K :: {Map_has(Map_set(m, k, v), j)}{Map_has(m, j), Map_set(m, k, v)}
  Map_has(Map_set(m, k, v), j) <==> j == k || Map_has(m, j));
axiom (forall<K, V> m: Map K V, k: K, v: V, j: K :: {Map_get(Map_set(m, k, v), j)}{Map_get(m, j), Map_set(m, k, v)}
  j != k && Map_has(m, j) ==> Map_get(Map_set(m, k, v), j) == Map_get(m, j));
axiom (forall<K, V> m: Map K V, k: K, j: K :: {Map_has(Map_remove(m, k), j)}{Map_has(m, j), Map_remove(m, k)}
  Map_has(Map_remove(m, k), j) <==> j != k && Map_has(m, j));
axiom (forall<K, V> m: Map K V, k: K, j: K :: {Map_get(Map_remove(m, k), j)}{Map_get(m, j), Map_remove(m, k)}
  j != k && Map_has(m, j) ==> Map_get(Map_remove(m, k), j) == Map_get(m, j));
axiom (forall<K, V> m: Map K V, k: K :: {Map_remove(m, k)} !Map_has(m, k) ==> Map_remove(m, k) == m);
axiom (forall<K, V> m: Map K V, n: Map K V, j: K ::
  {Map_has(Map_update(m, n), j)}{Map_has(m, j), Map_update(m, n)}{Map_has(n, j), Map_update(m, n)}
  Map_has(Map_update(m, n), j) <==> Map_has(m, j) || Map_has(n, j));
axiom (forall<K, V> m: Map K V, n: Map K V, j: K ::
  {Map_get(Map_update(m, n), j)}{Map_get(m, j), Map_update(m, n)}{Map_get(n, j), Map_update(m, n)}
  (Map_has(n, j) ==> Map_get(Map_update(m, n), j) == Map_get(n, j))
  && (!Map_has(n, j) && Map_has(m, j) ==> Map_get(Map_update(m, n), j) == Map_get(m, j)));

axiom (forall<K, V> m: Map K V :: {Map_len(m)} 0 <= Map_len(m) && (Map_len(m) == 0 <==> m == Map_empty()));
axiom (forall<K, V> m: Map K V, k: K :: {Map_len(m), Map_has(m, k)} Map_has(m, k) ==> 0 < Map_len(m));
axiom (forall<K, V> m: Map K V, k: K, v: V :: {Map_len(Map_set(m, k, v))}
  Map_len(Map_set(m, k, v)) == (if Map_has(m, k) then Map_len(m) else Map_len(m) + 1));
axiom (forall<K, V> m: Map K V, k: K :: {Map_len(Map_remove(m, k))}
  Map_len(Map_remove(m, k)) == (if Map_has(m, k) then Map_len(m) - 1 else Map_len(m)));
axiom (forall<K, V> m: Map K V, n: Map K V :: {Map_len(Map_update(m, n))}
  Map_len(m) <= Map_len(Map_update(m, n)) && Map_len(n) <= Map_len(Map_update(m, n))
  && Map_len(Map_update(m, n)) <= Map_len(m) + Map_len(n));

// The order: each key once.

axiom (forall<K, V> m: Map K V :: {Map_keys(m)} Seq_len(Map_keys(m)) == Map_len(m));
axiom (forall<K, V> m: Map K V, k: K :: {Seq_has(Map_keys(m), k)}{Map_has(m, k), Map_keys(m)}
  Seq_has(Map_keys(m), k) <==> Map_has(m, k));
axiom (forall<K, V> m: Map K V, i: int :: {Seq_at(Map_keys(m), i)}
  0 <= i && i < Map_len(m)
  ==> Map_has(m, Seq_at(Map_keys(m), i)) && Seq_index_of(Map_keys(m), Seq_at(Map_keys(m), i)) == i);
axiom (forall<K, V> m: Map K V, k: K, v: V :: {Map_keys(Map_set(m, k, v))}
  Map_keys(Map_set(m, k, v)) == (if Map_has(m, k) then Map_keys(m) else Seq_push(Map_keys(m), k)));
axiom (forall<K, V> m: Map K V, k: K :: {Map_keys(Map_remove(m, k))}
  Map_has(m, k) ==> Map_keys(Map_remove(m, k)) == Seq_remove(Map_keys(m), Seq_index_of(Map_keys(m), k)));
axiom (forall<K, V> m: Map K V, n: Map K V :: {Map_keys(Map_update(m, n))}
  Seq_slice(Map_keys(Map_update(m, n)), 0, Map_len(m)) == Map_keys(m));
axiom (forall<K, V> m: Map K V :: {Map_values(m)} Seq_len(Map_values(m)) == Map_len(m));
axiom (forall<K, V> m: Map K V, i: int :: {Seq_at(Map_values(m), i)}{Map_values(m), Seq_at(Map_keys(m), i)}
  0 <= i && i < Map_len(m) ==> Seq_at(Map_values(m), i) == Map_get(m, Seq_at(Map_keys(m), i)));

// The same keys with the same values, and in the same order.

axiom (forall<K, V> m: Map K V, n: Map K V, k: K :: {Map_equal(m, n), Map_has(m, k)}{Map_equal(m, n), Map_has(n, k)}
  Map_equal(m, n) ==> (Map_has(m, k) <==> Map_has(n, k)));
axiom (forall<K, V> m: Map K V, n: Map K V, k: K :: {Map_equal(m, n), Map_get(m, k)}{Map_equal(m, n), Map_get(n, k)}
  Map_equal(m, n) && Map_has(m, k) ==> Map_get(m, k) == Map_get(n, k));
axiom (forall<K, V> m: Map K V, n: Map K V :: {Map_equal(m, n)}
  (Map_equal(m, n) ==> Map_len(m) == Map_len(n)) && (m == n ==> Map_equal(m, n)));
axiom (forall<K, V> m: Map K V, n: Map K V :: {Map_equal(m, n)}
  Map_equal(m, n)
  || !(Map_has(m, Map_differ(m, n)) <==> Map_has(n, Map_differ(m, n)))
  || (Map_has(m, Map_differ(m, n)) && Map_get(m, Map_differ(m, n)) != Map_get(n, Map_differ(m, n))));
axiom (forall<K, V> m: Map K V, n: Map K V :: {Map_same(m, n)}
  (Map_same(m, n) <==> m == n) && (Map_same(m, n) <==> Map_equal(m, n) && Seq_equal(Map_keys(m), Map_keys(n))));

// Keys with values, as many of each: of equal keys the last one prevails, in the place of the first.
function Map_zip<K, V>(keys: Seq K, values: Seq V): Map K V;
function Map_zip_place<K, V>(keys: Seq K, values: Seq V, k: K): int;  // the last place of a key

axiom (forall<K, V> s: Seq K, v: Seq V, k: K :: {Map_has(Map_zip(s, v), k)}{Map_zip(s, v), Seq_has(s, k)}
  Seq_len(s) == Seq_len(v) ==> (Map_has(Map_zip(s, v), k) <==> Seq_has(s, k)));
axiom (forall<K, V> s: Seq K, v: Seq V, k: K :: {Map_get(Map_zip(s, v), k)}
  Seq_len(s) == Seq_len(v) && Seq_has(s, k)
  ==> 0 <= Map_zip_place(s, v, k) && Map_zip_place(s, v, k) < Seq_len(s) && Seq_at(s, Map_zip_place(s, v, k)) == k
    && Map_get(Map_zip(s, v), k) == Seq_at(v, Map_zip_place(s, v, k)));
axiom (forall<K, V> s: Seq K, v: Seq V, k: K, i: int :: {Map_zip_place(s, v, k), Seq_at(s, i)}
  Seq_len(s) == Seq_len(v) && 0 <= i && i < Seq_len(s) && Seq_at(s, i) == k ==> i <= Map_zip_place(s, v, k));
axiom (forall<K, V> s: Seq K, v: Seq V, i: int :: {Map_zip(s, v), Seq_at(s, i)}
  Seq_len(s) == Seq_len(v) && 0 <= i && i < Seq_len(s) ==> Map_has(Map_zip(s, v), Seq_at(s, i)));
axiom (forall<K, V> s: Seq K, v: Seq V :: {Map_len(Map_zip(s, v))}
  Seq_len(s) == Seq_len(v) ==> Map_len(Map_zip(s, v)) <= Seq_len(s) && (0 < Seq_len(s) ==> 0 < Map_len(Map_zip(s, v))));
