// Sequences that are made by a rule: comprehensions.

function Seq_make<T>(n: int, f: [int]T): Seq T;  // f[0], ..., f[n - 1]; empty if n is negative
function Seq_filter<T>(s: Seq T, p: [T]bool): Seq T;  // those items of which p holds, in their order

axiom (forall<T> n: int, f: [int]T :: {Seq_make(n, f)} Seq_len(Seq_make(n, f)) == (if n < 0 then 0 else n));
axiom (forall<T> n: int, f: [int]T, k: int :: {Seq_at(Seq_make(n, f), k)}
  0 <= k && k < n ==> Seq_at(Seq_make(n, f), k) == f[k]);

axiom (forall<T> s: Seq T, p: [T]bool :: {Seq_filter(s, p)} Seq_len(Seq_filter(s, p)) <= Seq_len(s));
axiom (forall<T> s: Seq T, p: [T]bool, k: int :: {Seq_at(Seq_filter(s, p), k)}
  0 <= k && k < Seq_len(Seq_filter(s, p)) ==> p[Seq_at(Seq_filter(s, p), k)] && Seq_has(s, Seq_at(Seq_filter(s, p), k)));
axiom (forall<T> s: Seq T, p: [T]bool, x: T :: {Seq_has(Seq_filter(s, p), x)}
  Seq_has(Seq_filter(s, p), x) <==> Seq_has(s, x) && p[x]);
axiom (forall<T> s: Seq T, p: [T]bool, k: int :: {Seq_filter(s, p), Seq_at(s, k)}
  0 <= k && k < Seq_len(s) && p[Seq_at(s, k)] ==> Seq_has(Seq_filter(s, p), Seq_at(s, k)));
axiom (forall<T> p: [T]bool :: {Seq_filter(Seq_empty(), p)} Seq_filter(Seq_empty(), p) == Seq_empty());
axiom (forall<T> s: Seq T, x: T, p: [T]bool :: {Seq_filter(Seq_push(s, x), p)}
  Seq_filter(Seq_push(s, x), p) == (if p[x] then Seq_push(Seq_filter(s, p), x) else Seq_filter(s, p)));
axiom (forall<T> s: Seq T, t: Seq T, p: [T]bool :: {Seq_filter(Seq_concat(s, t), p)}
  Seq_filter(Seq_concat(s, t), p) == Seq_concat(Seq_filter(s, p), Seq_filter(t, p)));
