// `split` and `rsplit` with at most so many cuts, where a separator that is not empty stands; and `split` where spaces are.

function Str_cut(s: Seq char, separator: Seq char, most: int): Seq (Seq char);
function Str_cut_last(s: Seq char, separator: Seq char, most: int): Seq (Seq char);
function Str_cut_words(s: Seq char, most: int): Seq (Seq char);

axiom (forall s: Seq char, u: Seq char, n: int :: {Str_cut(s, u, n)}
  0 < Seq_len(u)
  ==> Str_join(u, Str_cut(s, u, n)) == s && (n < 0 ==> Str_cut(s, u, n) == Str_split(s, u))
    && Seq_len(Str_cut(s, u, n)) == (if 0 <= n && n < Seq_occurrences(s, u) then n else Seq_occurrences(s, u)) + 1);
axiom (forall s: Seq char, u: Seq char, n: int :: {Str_cut_last(s, u, n)}
  0 < Seq_len(u)
  ==> Str_join(u, Str_cut_last(s, u, n)) == s
    && Seq_len(Str_cut_last(s, u, n)) == (if 0 <= n && n < Seq_occurrences(s, u) then n else Seq_occurrences(s, u)) + 1);
axiom (forall s: Seq char, n: int :: {Str_cut_words(s, n)}
  (0 <= n ==> Seq_len(Str_cut_words(s, n)) <= n + 1) && (n < 0 ==> Str_cut_words(s, n) == Str_words(s)));
axiom (forall s: Seq char, n: int, k: int :: {Seq_at(Str_cut_words(s, n), k)}
  0 <= k && k < Seq_len(Str_cut_words(s, n)) ==> 0 < Seq_len(Seq_at(Str_cut_words(s, n), k)));

// `bin`, `oct` and `hex`: 0, 1 and 2.
function Str_of_base(i: int, which: int): Seq char;

axiom (forall i: int, b: int :: {Str_of_base(i, b)}
  0 <= b && b <= 2 && 0 <= i
  ==> 3 <= Seq_len(Str_of_base(i, b)) && Seq_at(Str_of_base(i, b), 0) == char_of(48)
    && Seq_at(Str_of_base(i, b), 1) == char_of(if b == 0 then 98 else if b == 1 then 111 else 120));
axiom (forall i: int, b: int :: {Str_of_base(i, b)}
  0 <= b && b <= 2 && i < 0
  ==> 4 <= Seq_len(Str_of_base(i, b)) && Seq_at(Str_of_base(i, b), 0) == char_of(45)
    && Seq_at(Str_of_base(i, b), 1) == char_of(48)
    && Seq_at(Str_of_base(i, b), 2) == char_of(if b == 0 then 98 else if b == 1 then 111 else 120));
axiom (forall i: int, j: int, b: int :: {Str_of_base(i, b), Str_of_base(j, b)}
  0 <= b && b <= 2 && Str_of_base(i, b) == Str_of_base(j, b) ==> i == j);

// Other ways to write letters. The length may change.
function Str_capitalize(s: Seq char): Seq char;
function Str_title(s: Seq char): Seq char;
function Str_swapcase(s: Seq char): Seq char;
function Str_casefold(s: Seq char): Seq char;

axiom (forall s: Seq char :: {Str_capitalize(s)}
  Seq_len(s) <= Seq_len(Str_capitalize(s)) && (Seq_len(s) == 0 ==> Str_capitalize(s) == s));
axiom (forall s: Seq char :: {Str_title(s)} Seq_len(s) <= Seq_len(Str_title(s)) && (Seq_len(s) == 0 ==> Str_title(s) == s));
axiom (forall s: Seq char :: {Str_swapcase(s)}
  Seq_len(s) <= Seq_len(Str_swapcase(s)) && (Seq_len(s) == 0 ==> Str_swapcase(s) == s));
axiom (forall s: Seq char :: {Str_casefold(s)}
  Seq_len(s) <= Seq_len(Str_casefold(s)) && (Seq_len(s) == 0 ==> Str_casefold(s) == s));
