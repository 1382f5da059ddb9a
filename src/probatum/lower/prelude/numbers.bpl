// Sequences of integers: `range`, `sum`, `min`, `max`, `sorted`.

function Seq_range(from: int, to: int, step: int): Seq int;

axiom (forall a: int, b: int, d: int :: {Seq_range(a, b, d)}
  (0 < d ==> Seq_len(Seq_range(a, b, d)) == (if a < b then (b - a + d - 1) div d else 0))
  && (d < 0 ==> Seq_len(Seq_range(a, b, d)) == (if b < a then (a - b - d - 1) div (-d) else 0)));
axiom (forall a: int, b: int, d: int, k: int :: {Seq_at(Seq_range(a, b, d), k)}
  d != 0 && 0 <= k && k < Seq_len(Seq_range(a, b, d)) ==> Seq_at(Seq_range(a, b, d), k) == a + d * k);
axiom (forall a: int, b: int, d: int, x: int :: {Seq_has(Seq_range(a, b, d), x)}
  (0 < d ==> (Seq_has(Seq_range(a, b, d), x) <==> a <= x && x < b && (x - a) mod d == 0))
  && (d < 0 ==> (Seq_has(Seq_range(a, b, d), x) <==> b < x && x <= a && (a - x) mod (-d) == 0)));

function Seq_sum(s: Seq int): int;

axiom Seq_sum(Seq_empty()) == 0;
axiom (forall s: Seq int :: {Seq_sum(s)} Seq_len(s) == 1 ==> Seq_sum(s) == Seq_at(s, 0));
axiom (forall s: Seq int, x: int :: {Seq_sum(Seq_push(s, x))} Seq_sum(Seq_push(s, x)) == Seq_sum(s) + x);
axiom (forall s: Seq int, t: Seq int :: {Seq_sum(Seq_concat(s, t))}
  Seq_sum(Seq_concat(s, t)) == Seq_sum(s) + Seq_sum(t));
axiom (forall s: Seq int, i: int, x: int :: {Seq_sum(Seq_update(s, i, x))}
  0 <= i && i < Seq_len(s) ==> Seq_sum(Seq_update(s, i, x)) == Seq_sum(s) - Seq_at(s, i) + x);
axiom (forall s: Seq int, i: int, j: int, k: int :: {Seq_sum(Seq_slice(s, i, j)), Seq_sum(Seq_slice(s, j, k))}
  0 <= i && i <= j && j <= k && k <= Seq_len(s)
  ==> Seq_sum(Seq_slice(s, i, k)) == Seq_sum(Seq_slice(s, i, j)) + Seq_sum(Seq_slice(s, j, k)));
axiom (forall s: Seq int, i: int, j: int :: {Seq_sum(Seq_slice(s, i, j))}
  (i == 0 && 0 <= j && j == Seq_len(s) - 1 ==> Seq_sum(Seq_slice(s, i, j)) == Seq_sum(s) - Seq_at(s, j))
  && (i == 1 && 1 <= j && j == Seq_len(s) ==> Seq_sum(Seq_slice(s, i, j)) == Seq_sum(s) - Seq_at(s, 0)));
axiom (forall s: Seq int, i: int, x: int :: {Seq_sum(Seq_insert(s, i, x))}
  0 <= i && i <= Seq_len(s) ==> Seq_sum(Seq_insert(s, i, x)) == Seq_sum(s) + x);
axiom (forall s: Seq int, i: int :: {Seq_sum(Seq_remove(s, i))}
  0 <= i && i < Seq_len(s) ==> Seq_sum(Seq_remove(s, i)) == Seq_sum(s) - Seq_at(s, i));
axiom (forall s: Seq int :: {Seq_sum(Seq_reverse(s))} Seq_sum(Seq_reverse(s)) == Seq_sum(s));
axiom (forall x: int, n: int :: {Seq_sum(Seq_repeat(x, n))} 0 <= n ==> Seq_sum(Seq_repeat(x, n)) == x * n);
axiom (forall s: Seq int, t: Seq int :: {Seq_sum(s), Seq_sum(t), Bag(s), Bag(t)}
  Bag(s) == Bag(t) ==> Seq_sum(s) == Seq_sum(t));

// Of sequences that are not empty.
function Seq_min(s: Seq int): int;
function Seq_max(s: Seq int): int;

axiom (forall s: Seq int :: {Seq_min(s)} 0 < Seq_len(s) ==> Seq_has(s, Seq_min(s)));
axiom (forall s: Seq int, k: int :: {Seq_min(s), Seq_at(s, k)}
  0 <= k && k < Seq_len(s) ==> Seq_min(s) <= Seq_at(s, k));
axiom (forall s: Seq int :: {Seq_max(s)} 0 < Seq_len(s) ==> Seq_has(s, Seq_max(s)));
axiom (forall s: Seq int, k: int :: {Seq_max(s), Seq_at(s, k)}
  0 <= k && k < Seq_len(s) ==> Seq_at(s, k) <= Seq_max(s));
axiom (forall s: Seq int, x: int :: {Seq_min(Seq_push(s, x))}
  Seq_min(Seq_push(s, x)) == (if Seq_len(s) == 0 then x else Int_min(Seq_min(s), x)));
axiom (forall s: Seq int, x: int :: {Seq_max(Seq_push(s, x))}
  Seq_max(Seq_push(s, x)) == (if Seq_len(s) == 0 then x else Int_max(Seq_max(s), x)));
axiom (forall s: Seq int, t: Seq int :: {Seq_min(Seq_concat(s, t))}
  0 < Seq_len(s) && 0 < Seq_len(t) ==> Seq_min(Seq_concat(s, t)) == Int_min(Seq_min(s), Seq_min(t)));
axiom (forall s: Seq int, t: Seq int :: {Seq_max(Seq_concat(s, t))}
  0 < Seq_len(s) && 0 < Seq_len(t) ==> Seq_max(Seq_concat(s, t)) == Int_max(Seq_max(s), Seq_max(t)));

// In ascending order. Otherwise there is a place where the next item is smaller.
function Seq_is_sorted(s: Seq int): bool;
function Seq_unsorted(s: Seq int): int;

axiom (forall s: Seq int, i: int, j: int :: {Seq_is_sorted(s), Seq_at(s, i), Seq_at(s, j)}
  Seq_is_sorted(s) && 0 <= i && i <= j && j < Seq_len(s) ==> Seq_at(s, i) <= Seq_at(s, j));
axiom (forall s: Seq int :: {Seq_is_sorted(s)}
  Seq_is_sorted(s)
  || (0 <= Seq_unsorted(s) && Seq_unsorted(s) + 1 < Seq_len(s)
      && Seq_at(s, Seq_unsorted(s) + 1) < Seq_at(s, Seq_unsorted(s))));

function Seq_sorted(s: Seq int): Seq int;

axiom (forall s: Seq int :: {Seq_sorted(s)}
  Seq_is_sorted(Seq_sorted(s)) && Bag(Seq_sorted(s)) == Bag(s) && Seq_len(Seq_sorted(s)) == Seq_len(s));
axiom (forall s: Seq int, t: Seq int :: {Seq_sorted(s), Seq_is_sorted(t)}
  Seq_is_sorted(t) && Bag(t) == Bag(s) ==> Seq_sorted(s) == t);
axiom (forall s: Seq int, t: Seq int :: {Seq_sorted(s), Seq_sorted(t)}
  Bag(s) == Bag(t) ==> Seq_sorted(s) == Seq_sorted(t));
