// Where an item is in a sequence: `x in s`, `s.index(x)`.

function Seq_index_of<T>(s: Seq T, x: T): int;  // the first place, or -1
function Seq_has<T>(s: Seq T, x: T): bool;

axiom (forall<T> s: Seq T, x: T :: {Seq_has(s, x)} Seq_has(s, x) <==> 0 <= Seq_index_of(s, x));
axiom (forall<T> s: Seq T, x: T :: {Seq_index_of(s, x)}
  -1 <= Seq_index_of(s, x) && Seq_index_of(s, x) < Seq_len(s)
  && (0 <= Seq_index_of(s, x) ==> Seq_at(s, Seq_index_of(s, x)) == x));
axiom (forall<T> s: Seq T, x: T, k: int :: {Seq_index_of(s, x), Seq_at(s, k)}
  0 <= k && k < Seq_len(s) && Seq_at(s, k) == x ==> 0 <= Seq_index_of(s, x) && Seq_index_of(s, x) <= k);

axiom (forall<T> s: Seq T, t: Seq T, x: T :: {Seq_index_of(Seq_concat(s, t), x)}
  Seq_index_of(Seq_concat(s, t), x)
  == (if 0 <= Seq_index_of(s, x) then Seq_index_of(s, x)
      else if 0 <= Seq_index_of(t, x) then Seq_len(s) + Seq_index_of(t, x)
      else -1));
axiom (forall<T> s: Seq T, y: T, x: T :: {Seq_index_of(Seq_push(s, y), x)}
  Seq_index_of(Seq_push(s, y), x)
  == (if 0 <= Seq_index_of(s, x) then Seq_index_of(s, x) else if x == y then Seq_len(s) else -1));
