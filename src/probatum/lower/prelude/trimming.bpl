// The ends of `str` and `bytes`: `strip`, `rfind`; and `count`.

function Seq_trim_start<T>(s: Seq T, c: Seq T): int;  // the first place of an item that is not in c, or the length
function Seq_trim_end<T>(s: Seq T, c: Seq T): int;  // the place after the last item that is not in c, or 0
function {:inline} Seq_trim<T>(s: Seq T, c: Seq T): Seq T {
  if Seq_trim_start(s, c) <= Seq_trim_end(s, c) then Seq_slice(s, Seq_trim_start(s, c), Seq_trim_end(s, c)) else Seq_empty()
}

axiom (forall<T> s: Seq T, c: Seq T :: {Seq_trim_start(s, c)}
  0 <= Seq_trim_start(s, c) && Seq_trim_start(s, c) <= Seq_len(s)
  && (Seq_trim_start(s, c) < Seq_len(s) ==> !Seq_has(c, Seq_at(s, Seq_trim_start(s, c)))));
axiom (forall<T> s: Seq T, c: Seq T, k: int :: {Seq_trim_start(s, c), Seq_at(s, k)}
  0 <= k && k < Seq_trim_start(s, c) ==> Seq_has(c, Seq_at(s, k)));
axiom (forall<T> s: Seq T, c: Seq T :: {Seq_trim_end(s, c)}
  0 <= Seq_trim_end(s, c) && Seq_trim_end(s, c) <= Seq_len(s)
  && (0 < Seq_trim_end(s, c) ==> !Seq_has(c, Seq_at(s, Seq_trim_end(s, c) - 1))));
axiom (forall<T> s: Seq T, c: Seq T, k: int :: {Seq_trim_end(s, c), Seq_at(s, k)}
  Seq_trim_end(s, c) <= k && k < Seq_len(s) ==> Seq_has(c, Seq_at(s, k)));

// The last place where a sequence stands in another, or -1.
function Seq_rfind<T>(s: Seq T, t: Seq T): int;

axiom (forall<T> s: Seq T, t: Seq T :: {Seq_rfind(s, t)}
  -1 <= Seq_rfind(s, t)
  && (0 <= Seq_rfind(s, t)
      ==> Seq_rfind(s, t) + Seq_len(t) <= Seq_len(s)
        && Seq_slice(s, Seq_rfind(s, t), Seq_rfind(s, t) + Seq_len(t)) == t)
  && (Seq_len(t) == 0 ==> Seq_rfind(s, t) == Seq_len(s))
  && Seq_find(s, t) <= Seq_rfind(s, t) && (Seq_rfind(s, t) < 0 <==> Seq_find(s, t) < 0));
axiom (forall<T> s: Seq T, t: Seq T, i: int, j: int :: {Seq_rfind(s, t), Seq_slice(s, i, j)}
  0 <= i && i <= j && j <= Seq_len(s) && Seq_slice(s, i, j) == t ==> i <= Seq_rfind(s, t));

// How often a sequence stands in another, without overlaps.
function Seq_occurrences<T>(s: Seq T, t: Seq T): int;

axiom (forall<T> s: Seq T, t: Seq T :: {Seq_occurrences(s, t)}
  0 <= Seq_occurrences(s, t)
  && (Seq_len(t) == 0 ==> Seq_occurrences(s, t) == Seq_len(s) + 1)
  && (0 < Seq_len(t) ==> Seq_occurrences(s, t) <= Seq_len(s) && (Seq_occurrences(s, t) == 0 <==> Seq_find(s, t) < 0)));
axiom (forall<T> s: Seq T, x: T :: {Seq_occurrences(s, Seq_push(Seq_empty(), x))}
  Seq_occurrences(s, Seq_push(Seq_empty(), x)) == Seq_count(s, x));
