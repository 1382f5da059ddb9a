// `sorted` and `min` with `key=`, and in the order of strings.

function Seq_sorted_by<T>(s: Seq T, key: [T]int): Seq T;  // ascending; what has the same key stays in its order
function Seq_least<T>(s: Seq T, key: [T]int): int;  // the first place of a least key, in a sequence that is not empty
function Text_sorted(s: Seq (Seq char)): Seq (Seq char);

axiom (forall<T> s: Seq T, key: [T]int :: {Seq_sorted_by(s, key)}
  Seq_len(Seq_sorted_by(s, key)) == Seq_len(s) && Bag(Seq_sorted_by(s, key)) == Bag(s));
axiom (forall<T> s: Seq T, key: [T]int, i: int, j: int ::
  {Seq_at(Seq_sorted_by(s, key), i), Seq_at(Seq_sorted_by(s, key), j)}
  0 <= i && i <= j && j < Seq_len(s) ==> key[Seq_at(Seq_sorted_by(s, key), i)] <= key[Seq_at(Seq_sorted_by(s, key), j)]);
axiom (forall<T> s: Seq T, key: [T]int, x: T :: {Seq_has(Seq_sorted_by(s, key), x)}
  Seq_has(Seq_sorted_by(s, key), x) <==> Seq_has(s, x));
axiom (forall<T> s: Seq T, key: [T]int, i: int :: {Seq_at(Seq_sorted_by(s, key), i)}
  0 <= i && i < Seq_len(s) ==> Seq_has(s, Seq_at(Seq_sorted_by(s, key), i)));

axiom (forall<T> s: Seq T, key: [T]int :: {Seq_least(s, key)}
  0 < Seq_len(s) ==> 0 <= Seq_least(s, key) && Seq_least(s, key) < Seq_len(s)
    && Seq_has(s, Seq_at(s, Seq_least(s, key))));
axiom (forall<T> s: Seq T, key: [T]int, k: int :: {Seq_least(s, key), Seq_at(s, k)}
  0 <= k && k < Seq_len(s)
  ==> key[Seq_at(s, Seq_least(s, key))] <= key[Seq_at(s, k)]
    && (k < Seq_least(s, key) ==> key[Seq_at(s, Seq_least(s, key))] < key[Seq_at(s, k)]));

axiom (forall s: Seq (Seq char) :: {Text_sorted(s)}
  Seq_len(Text_sorted(s)) == Seq_len(s) && Bag(Text_sorted(s)) == Bag(s));
axiom (forall s: Seq (Seq char), i: int, j: int :: {Seq_at(Text_sorted(s), i), Seq_at(Text_sorted(s), j)}
  0 <= i && i <= j && j < Seq_len(s) ==> !Str_less(Seq_at(Text_sorted(s), j), Seq_at(Text_sorted(s), i)));
axiom (forall s: Seq (Seq char), x: Seq char :: {Seq_has(Text_sorted(s), x)}
  Seq_has(Text_sorted(s), x) <==> Seq_has(s, x));

// Sums do not depend on the order.
axiom (forall s: Set int, n: int :: {Seq_sum(Set_order(s, n))} Seq_sum(Set_order(s, n)) == Seq_sum(Set_order(s, 0)));
