// Sequences that are made by a rule: comprehensions.

function Seq_make<T>(n: int, f: [int]T): Seq T;  // f[0], ..., f[n - 1]; empty if n is negative
function Seq_filter<T>(s: Seq T, p: [T]bool): Seq T;  // those items of which p holds, in their order
function Seq_map<S, T>(s: Seq S, f: [S]T): Seq T;  // f of each item
function Seq_map_differ<S, T>(s: Seq S, f: [S]T, g: [S]T): int;  // a place where f and g make different items

axiom (forall<T> n: int, f: [int]T :: {Seq_make(n, f)} Seq_len(Seq_make(n, f)) == (if n < 0 then 0 else n));
axiom (forall<T> n: int, f: [int]T, k: int :: {Seq_at(Seq_make(n, f), k)}
  0 <= k && k < n ==> Seq_at(Seq_make(n, f), k) == f[k]);

axiom (forall<T> s: Seq T, p: [T]bool :: {Seq_filter(s, p)} Seq_len(Seq_filter(s, p)) <= Seq_len(s));
axiom (forall<T> s: Seq T, p: [T]bool, k: int :: {Seq_at(Seq_filter(s, p), k)}
  0 <= k && k < Seq_len(Seq_filter(s, p)) ==> p[Seq_at(Seq_filter(s, p), k)] && Seq_has(s, Seq_at(Seq_filter(s, p), k)));
axiom (forall<T> s: Seq T, p: [T]bool :: {Seq_len(Seq_filter(s, p))}
  0 < Seq_len(Seq_filter(s, p)) ==> p[Seq_at(Seq_filter(s, p), 0)] && Seq_has(s, Seq_at(Seq_filter(s, p), 0)));
axiom (forall<T> s: Seq T, p: [T]bool, x: T :: {Seq_has(Seq_filter(s, p), x)}
  Seq_has(Seq_filter(s, p), x) <==> Seq_has(s, x) && p[x]);
axiom (forall<T> s: Seq T, p: [T]bool, k: int :: {Seq_filter(s, p), Seq_at(s, k)}
  0 <= k && k < Seq_len(s) && p[Seq_at(s, k)] ==> Seq_has(Seq_filter(s, p), Seq_at(s, k)));
axiom (forall<T> p: [T]bool :: {Seq_filter(Seq_empty(), p)} Seq_filter(Seq_empty(), p) == Seq_empty());
axiom (forall<T> s: Seq T, x: T, p: [T]bool :: {Seq_filter(Seq_push(s, x), p)}
  Seq_filter(Seq_push(s, x), p) == (if p[x] then Seq_push(Seq_filter(s, p), x) else Seq_filter(s, p)));
axiom (forall<T> s: Seq T, t: Seq T, p: [T]bool :: {Seq_filter(Seq_concat(s, t), p)}
  Seq_filter(Seq_concat(s, t), p) == Seq_concat(Seq_filter(s, p), Seq_filter(t, p)));

axiom (forall<S, T> s: Seq S, f: [S]T :: {Seq_map(s, f)} Seq_len(Seq_map(s, f)) == Seq_len(s));
axiom (forall<S, T> s: Seq S, f: [S]T, k: int :: {Seq_at(Seq_map(s, f), k)}
  0 <= k && k < Seq_len(s) ==> Seq_at(Seq_map(s, f), k) == f[Seq_at(s, k)]);
axiom (forall<S, T> s: Seq S, f: [S]T, k: int :: {Seq_map(s, f), Seq_at(s, k)}
  0 <= k && k < Seq_len(s) ==> Seq_at(Seq_map(s, f), k) == f[Seq_at(s, k)]);
axiom (forall<S, T> s: Seq S, f: [S]T, x: S :: {Seq_map(s, f), Seq_has(s, x)}
  Seq_has(s, x) ==> Seq_has(Seq_map(s, f), f[x]));
axiom (forall<S, T> s: Seq S, f: [S]T, y: T :: {Seq_has(Seq_map(s, f), y)}
  Seq_has(Seq_map(s, f), y) ==> Seq_has(s, Seq_at(s, Seq_index_of(Seq_map(s, f), y)))
    && y == f[Seq_at(s, Seq_index_of(Seq_map(s, f), y))]);
axiom (forall<S, T> f: [S]T :: {Seq_map(Seq_empty(), f)} Seq_map(Seq_empty(), f) == Seq_empty());
axiom (forall<S, T> s: Seq S, x: S, f: [S]T :: {Seq_map(Seq_push(s, x), f)}
  Seq_map(Seq_push(s, x), f) == Seq_push(Seq_map(s, f), f[x]));
axiom (forall<S, T> s: Seq S, t: Seq S, f: [S]T :: {Seq_map(Seq_concat(s, t), f)}
  Seq_map(Seq_concat(s, t), f) == Seq_concat(Seq_map(s, f), Seq_map(t, f)));
axiom (forall<S, T> s: Seq S, i: int, x: S, f: [S]T :: {Seq_map(Seq_update(s, i, x), f)}
  0 <= i && i < Seq_len(s) ==> Seq_map(Seq_update(s, i, x), f) == Seq_update(Seq_map(s, f), i, f[x]));
axiom (forall<S, T> s: Seq S, f: [S]T, g: [S]T :: {Seq_map(s, f), Seq_map(s, g)}
  Seq_map(s, f) == Seq_map(s, g)
  || (0 <= Seq_map_differ(s, f, g) && Seq_map_differ(s, f, g) < Seq_len(s)
      && f[Seq_at(s, Seq_map_differ(s, f, g))] != g[Seq_at(s, Seq_map_differ(s, f, g))]));
