// How often each item stands in a sequence. Two sequences are permutations of one another if their bags are equal.

function Bag<T>(s: Seq T): [T]int;
function {:inline} Seq_count<T>(s: Seq T, x: T): int { Bag(s)[x] }
function Seq_counted<T>(s: Seq T, x: T): int;  // the same, where a program asks for it

axiom (forall<T> s: Seq T, x: T :: {Bag(s)[x]}
  0 <= Bag(s)[x] && Bag(s)[x] <= Seq_len(s) && (0 < Bag(s)[x] <==> Seq_has(s, x)));
axiom (forall<T> s: Seq T, x: T :: {Seq_has(s, x), Bag(s)} 0 < Bag(s)[x] <==> Seq_has(s, x));
axiom (forall<T> s: Seq T, k: int :: {Bag(s), Seq_at(s, k)}
  0 <= k && k < Seq_len(s) ==> 1 <= Bag(s)[Seq_at(s, k)]);
axiom (forall<T> s: Seq T, t: Seq T :: {Bag(s), Bag(t)} Bag(s) == Bag(t) ==> Seq_len(s) == Seq_len(t));

axiom (forall<T> x: T :: {Bag(Seq_empty(): Seq T)[x]} Bag(Seq_empty(): Seq T)[x] == 0);
axiom (forall<T> s: Seq T, x: T :: {Bag(Seq_push(s, x))} Bag(Seq_push(s, x)) == Bag(s)[x := Bag(s)[x] + 1]);
axiom (forall<T> s: Seq T, t: Seq T, x: T :: {Bag(Seq_concat(s, t))[x]}
  Bag(Seq_concat(s, t))[x] == Bag(s)[x] + Bag(t)[x]);
axiom (forall<T> s: Seq T, i: int, x: T :: {Bag(Seq_update(s, i, x))}
  0 <= i && i < Seq_len(s)
  ==> Bag(Seq_update(s, i, x))
    == (var less := Bag(s)[Seq_at(s, i) := Bag(s)[Seq_at(s, i)] - 1]; less[x := less[x] + 1]));
axiom (forall<T> s: Seq T, i: int, x: T :: {Bag(Seq_insert(s, i, x))}
  0 <= i && i <= Seq_len(s) ==> Bag(Seq_insert(s, i, x)) == Bag(s)[x := Bag(s)[x] + 1]);
axiom (forall<T> s: Seq T, i: int :: {Bag(Seq_remove(s, i))}
  0 <= i && i < Seq_len(s) ==> Bag(Seq_remove(s, i)) == Bag(s)[Seq_at(s, i) := Bag(s)[Seq_at(s, i)] - 1]);
axiom (forall<T> s: Seq T :: {Bag(Seq_reverse(s))} Bag(Seq_reverse(s)) == Bag(s));
axiom (forall<T> s: Seq T, i: int, j: int, k: int, x: T :: {Bag(Seq_slice(s, i, j))[x], Seq_slice(s, j, k)}
  0 <= i && i <= j && j <= k && k <= Seq_len(s)
  ==> Bag(Seq_slice(s, i, k))[x] == Bag(Seq_slice(s, i, j))[x] + Bag(Seq_slice(s, j, k))[x]);
// One item further: an invariant counts in the items before it, which nothing names while a round is under way.
axiom (forall<T> s: Seq T, i: int, j: int, k: int :: {Bag(Seq_slice(s, i, k)), Seq_at(s, j)}
  0 <= i && i <= j && k == j + 1 && k <= Seq_len(s)
  ==> Bag(Seq_slice(s, i, k)) == (var less := Bag(Seq_slice(s, i, j)); less[Seq_at(s, j) := less[Seq_at(s, j)] + 1]));

axiom (forall<T> s: Seq T, x: T :: {Seq_counted(s, x)} Seq_counted(s, x) == Bag(s)[x]);
axiom (forall<T> s: Seq T, x: T, i: int, j: int :: {Seq_counted(s, x), Seq_at(s, i), Seq_at(s, j)}
  0 <= i && i < j && j < Seq_len(s) && Seq_at(s, i) == x && Seq_at(s, j) == x ==> 2 <= Seq_counted(s, x));
