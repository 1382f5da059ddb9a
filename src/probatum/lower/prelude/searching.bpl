// Sequences in sequences: `find`, `in`, `startswith`, `replace` of `str` and `bytes`.

// Where a sequence stands in another as a whole: the first place, or -1.
function Seq_find<T>(s: Seq T, t: Seq T): int;
function {:inline} Seq_contains<T>(s: Seq T, t: Seq T): bool { 0 <= Seq_find(s, t) }
function {:inline} Seq_startswith<T>(s: Seq T, t: Seq T): bool { Seq_prefix(t, s) }
function {:inline} Seq_endswith<T>(s: Seq T, t: Seq T): bool {
  Seq_len(t) <= Seq_len(s) && Seq_equal(Seq_slice(s, Seq_len(s) - Seq_len(t), Seq_len(s)), t)
}

axiom (forall<T> s: Seq T, t: Seq T :: {Seq_find(s, t)}
  -1 <= Seq_find(s, t)
  && (0 <= Seq_find(s, t)
      ==> Seq_find(s, t) + Seq_len(t) <= Seq_len(s)
        && Seq_slice(s, Seq_find(s, t), Seq_find(s, t) + Seq_len(t)) == t)
  && (Seq_len(t) == 0 ==> Seq_find(s, t) == 0));
axiom (forall<T> s: Seq T, t: Seq T, i: int, j: int :: {Seq_find(s, t), Seq_slice(s, i, j)}
  0 <= i && i <= j && j <= Seq_len(s) && Seq_slice(s, i, j) == t ==> 0 <= Seq_find(s, t) && Seq_find(s, t) <= i);
axiom (forall<T> s: Seq T, x: T :: {Seq_find(s, Seq_push(Seq_empty(), x))}
  Seq_find(s, Seq_push(Seq_empty(), x)) == Seq_index_of(s, x));
axiom (forall<T> s: Seq T :: {Seq_find(s, s)} Seq_find(s, s) == 0);
axiom (forall<T> s: Seq T, t: Seq T, u: Seq T :: {Seq_find(Seq_concat(s, t), u)}
  (0 <= Seq_find(s, u) ==> Seq_find(Seq_concat(s, t), u) == Seq_find(s, u))
  && (0 <= Seq_find(t, u)
      ==> 0 <= Seq_find(Seq_concat(s, t), u) && Seq_find(Seq_concat(s, t), u) <= Seq_len(s) + Seq_find(t, u)));

// Every occurrence replaced.
function Seq_replace<T>(s: Seq T, from: Seq T, to: Seq T): Seq T;

axiom (forall<T> s: Seq T, u: Seq T, v: Seq T :: {Seq_replace(s, u, v)}
  (Seq_find(s, u) < 0 ==> Seq_replace(s, u, v) == s)
  && (u == v ==> Seq_replace(s, u, v) == s)
  && (Seq_len(u) == Seq_len(v) ==> Seq_len(Seq_replace(s, u, v)) == Seq_len(s)));

// `bisect_left` and `bisect_right`: a place in any sequence; in an ascending one, before or behind all items that are equal.
function Seq_bisect_left(s: Seq int, x: int): int;
function Seq_bisect_right(s: Seq int, x: int): int;

axiom (forall s: Seq int, x: int :: {Seq_bisect_left(s, x)}
  0 <= Seq_bisect_left(s, x) && Seq_bisect_left(s, x) <= Seq_len(s));
axiom (forall s: Seq int, x: int, k: int :: {Seq_bisect_left(s, x), Seq_at(s, k)}
  Seq_is_sorted(s) && 0 <= k && k < Seq_len(s) ==> (Seq_at(s, k) < x <==> k < Seq_bisect_left(s, x)));
axiom (forall s: Seq int, x: int :: {Seq_bisect_right(s, x)}
  0 <= Seq_bisect_right(s, x) && Seq_bisect_right(s, x) <= Seq_len(s));
axiom (forall s: Seq int, x: int, k: int :: {Seq_bisect_right(s, x), Seq_at(s, k)}
  Seq_is_sorted(s) && 0 <= k && k < Seq_len(s) ==> (Seq_at(s, k) <= x <==> k < Seq_bisect_right(s, x)));
