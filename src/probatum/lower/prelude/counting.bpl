// `dict.fromkeys` and `collections.Counter`.

function Map_of_keys<K, V>(s: Seq K, v: V): Map K V;
function Map_counts<K>(s: Seq K): Map K int;

axiom (forall<K, V> s: Seq K, v: V :: {Map_of_keys(s, v)}
  Map_len(Map_of_keys(s, v)) <= Seq_len(s) && (0 < Seq_len(s) ==> 0 < Map_len(Map_of_keys(s, v))));
axiom (forall<K, V> s: Seq K, v: V, k: K :: {Map_has(Map_of_keys(s, v), k)}
  Map_has(Map_of_keys(s, v), k) <==> Seq_has(s, k));
axiom (forall<K, V> s: Seq K, v: V, k: K :: {Map_get(Map_of_keys(s, v), k)}
  Seq_has(s, k) ==> Map_get(Map_of_keys(s, v), k) == v);

axiom (forall<K> s: Seq K :: {Map_counts(s)}
  Map_len(Map_counts(s)) <= Seq_len(s) && (0 < Seq_len(s) ==> 0 < Map_len(Map_counts(s))));
axiom (forall<K> s: Seq K, k: K :: {Map_has(Map_counts(s), k)} Map_has(Map_counts(s), k) <==> Seq_has(s, k));
axiom (forall<K> s: Seq K, k: K :: {Map_get(Map_counts(s), k)}
  Seq_has(s, k) ==> Map_get(Map_counts(s), k) == Seq_count(s, k) && 0 < Map_get(Map_counts(s), k));
