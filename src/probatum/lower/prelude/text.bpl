// `str`: sequences of characters, which are numbers of code points. What holds for all strings; the rest is open.

type char;
function char_of(i: int): char;
function char_code(c: char): int;

axiom (forall c: char :: {char_code(c)} 0 <= char_code(c) && char_code(c) <= 1114111 && char_of(char_code(c)) == c);
axiom (forall i: int :: {char_of(i)} 0 <= i && i <= 1114111 ==> char_code(char_of(i)) == i);

// Joined with something between, and split where it stands (which is not empty).
function Str_join(separator: Seq char, parts: Seq (Seq char)): Seq char;
function Str_split(s: Seq char, separator: Seq char): Seq (Seq char);

axiom (forall u: Seq char, p: Seq (Seq char) :: {Str_join(u, p)}
  (Seq_len(p) == 0 ==> Str_join(u, p) == Seq_empty()) && (Seq_len(p) == 1 ==> Str_join(u, p) == Seq_at(p, 0)));
axiom (forall u: Seq char, p: Seq (Seq char), s: Seq char :: {Str_join(u, Seq_push(p, s))}
  Str_join(u, Seq_push(p, s)) == (if Seq_len(p) == 0 then s else Seq_concat(Seq_concat(Str_join(u, p), u), s)));
axiom (forall u: Seq char, p: Seq (Seq char), q: Seq (Seq char) :: {Str_join(u, Seq_concat(p, q))}
  Seq_len(u) == 0 ==> Str_join(u, Seq_concat(p, q)) == Seq_concat(Str_join(u, p), Str_join(u, q)));
axiom (forall s: Seq char, u: Seq char :: {Str_split(s, u)}
  0 < Seq_len(u)
  ==> 1 <= Seq_len(Str_split(s, u)) && Seq_len(Str_split(s, u)) <= Seq_len(s) + 1
    && Str_join(u, Str_split(s, u)) == s
    && (Seq_len(Str_split(s, u)) == 1 <==> Seq_find(s, u) < 0));
axiom (forall s: Seq char, u: Seq char :: {Str_split(s, u), Seq_occurrences(s, u)}
  0 < Seq_len(u) ==> Seq_len(Str_split(s, u)) == Seq_occurrences(s, u) + 1);

axiom (forall s: Seq char, u: Seq char :: {Seq_at(Str_split(s, u), 0)}
  0 < Seq_len(u)
  ==> Seq_at(Str_split(s, u), 0) == (if Seq_find(s, u) < 0 then s else Seq_slice(s, 0, Seq_find(s, u))));

// Parts of one character each, or as long as the first, with nothing between; else one of them, at this place, is not.
function Str_longer(parts: Seq (Seq char)): int;
function Str_uneven(parts: Seq (Seq char)): int;

axiom (forall u: Seq char, p: Seq (Seq char) :: {Str_join(u, p)}
  Seq_len(u) == 0
  ==> Seq_len(Str_join(u, p)) == Seq_len(p)
    || (0 <= Str_longer(p) && Str_longer(p) < Seq_len(p) && Seq_len(Seq_at(p, Str_longer(p))) != 1));
axiom (forall u: Seq char, p: Seq (Seq char), k: int :: {Seq_at(Str_join(u, p), k)}
  Seq_len(u) == 0 && 0 <= k && k < Seq_len(p)
  ==> Seq_at(Str_join(u, p), k) == Seq_at(Seq_at(p, k), 0)
    || (0 <= Str_longer(p) && Str_longer(p) < Seq_len(p) && Seq_len(Seq_at(p, Str_longer(p))) != 1));
axiom (forall u: Seq char, p: Seq (Seq char) :: {Str_join(u, p), Seq_at(p, 0)}
  Seq_len(u) == 0 && 0 < Seq_len(p)
  ==> Seq_len(Str_join(u, p)) == Seq_len(Seq_at(p, 0)) * Seq_len(p)
    || (0 <= Str_uneven(p) && Str_uneven(p) < Seq_len(p)
      && Seq_len(Seq_at(p, Str_uneven(p))) != Seq_len(Seq_at(p, 0))));

// Parts without a character are what joining them with it is split into; else one of them is at this place.
function Str_breaking(parts: Seq (Seq char), separator: Seq char): int;

axiom (forall u: Seq char, p: Seq (Seq char) :: {Str_split(Str_join(u, p), u)}
  Seq_len(u) == 1 && 0 < Seq_len(p)
  ==> Str_split(Str_join(u, p), u) == p
    || (0 <= Str_breaking(p, u) && Str_breaking(p, u) < Seq_len(p)
      && 0 <= Seq_find(Seq_at(p, Str_breaking(p, u)), u)));

function {:inline} Str_find(s: Seq char, t: Seq char): int { Seq_find(s, t) }
function {:inline} Str_contains(s: Seq char, t: Seq char): bool { Seq_contains(s, t) }
function {:inline} Str_startswith(s: Seq char, t: Seq char): bool { Seq_startswith(s, t) }
function {:inline} Str_endswith(s: Seq char, t: Seq char): bool { Seq_endswith(s, t) }
function {:inline} Str_replace(s: Seq char, from: Seq char, to: Seq char): Seq char { Seq_replace(s, from, to) }

// The order of strings: that of the first code points that differ; a prefix is less.
function Str_less(s: Seq char, t: Seq char): bool;

axiom (forall s: Seq char, t: Seq char :: {Str_less(s, t)}
  (Str_less(s, t) ==> !Str_less(t, s) && s != t) && (Str_less(s, t) || Str_less(t, s) || s == t)
  && (Seq_len(t) == 0 ==> !Str_less(s, t)));
axiom (forall s: Seq char, t: Seq char, u: Seq char :: {Str_less(s, t), Str_less(t, u)}
  Str_less(s, t) && Str_less(t, u) ==> Str_less(s, u));
axiom (forall s: Seq char, t: Seq char :: {Str_less(s, t)}
  0 < Seq_len(s) && 0 < Seq_len(t)
  ==> (char_code(Seq_at(s, 0)) < char_code(Seq_at(t, 0)) ==> Str_less(s, t))
    && (char_code(Seq_at(t, 0)) < char_code(Seq_at(s, 0)) ==> !Str_less(s, t))
    && (Seq_len(s) == 1 && Seq_len(t) == 1
        ==> (Str_less(s, t) <==> char_code(Seq_at(s, 0)) < char_code(Seq_at(t, 0)))));
axiom (forall s: Seq char, t: Seq char :: {Str_less(s, Seq_concat(s, t))}
  0 < Seq_len(t) ==> Str_less(s, Seq_concat(s, t)));

// `str(i)`, and `int(s)` of what it gives.
function Str_of_int(i: int): Seq char;
function Str_to_int(s: Seq char): int;

axiom (forall i: int :: {Str_of_int(i)}
  1 <= Seq_len(Str_of_int(i)) && Str_to_int(Str_of_int(i)) == i
  && (0 <= i && i <= 9 ==> Str_of_int(i) == Seq_one(char_of(48 + i)))
  && (i < 0 ==> 2 <= Seq_len(Str_of_int(i)) && Seq_at(Str_of_int(i), 0) == char_of(45)));
axiom (forall i: int, k: int :: {Seq_at(Str_of_int(i), k)}
  0 <= k && k < Seq_len(Str_of_int(i)) && (0 <= i || 0 < k)
  ==> 48 <= char_code(Seq_at(Str_of_int(i), k)) && char_code(Seq_at(Str_of_int(i), k)) <= 57);

// Letters. The length may change: the upper case of one character may be three.
function Str_lower(s: Seq char): Seq char;
function Str_upper(s: Seq char): Seq char;

axiom (forall s: Seq char :: {Str_lower(s)}
  Seq_len(s) <= Seq_len(Str_lower(s)) && (Seq_len(s) == 0 ==> Str_lower(s) == s));
axiom (forall s: Seq char :: {Str_upper(s)}
  Seq_len(s) <= Seq_len(Str_upper(s)) && (Seq_len(s) == 0 ==> Str_upper(s) == s));
