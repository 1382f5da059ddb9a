// Sequences: the items of lists, tuples, `str` and `bytes`, as values.
//
// A sequence is made of `Seq_empty`, `Seq_push`, `Seq_concat`, `Seq_slice`, `Seq_update`; the rest is written with
// these. What is outside of its domain (an index out of range, a slice that is not 0 <= i <= j <= len) has some value
// that nothing is said of.
//
// That two sequences are the same is written `Seq_equal(s, t)`: as a claim it brings in the item where they differ, and
// where it is assumed, the parts of the one are those of the other. `==` means the same, and proves less.
//
// Each fact is used where a term of its trigger stands. No trigger makes a term with a larger index out of the same
// sequence, so instances come to an end.

type Seq _;

function Seq_len<T>(s: Seq T): int;
function Seq_at<T>(s: Seq T, i: int): T;
function Seq_empty<T>(): Seq T;
function Seq_push<T>(s: Seq T, x: T): Seq T;
function Seq_concat<T>(s: Seq T, t: Seq T): Seq T;
function Seq_slice<T>(s: Seq T, i: int, j: int): Seq T;
function Seq_update<T>(s: Seq T, i: int, x: T): Seq T;
function Seq_equal<T>(s: Seq T, t: Seq T): bool;
function Seq_differ<T>(s: Seq T, t: Seq T): int;

function {:inline} Seq_one<T>(x: T): Seq T { Seq_push(Seq_empty(), x) }
function {:inline} Seq_take<T>(s: Seq T, n: int): Seq T { Seq_slice(s, 0, n) }
function {:inline} Seq_drop<T>(s: Seq T, n: int): Seq T { Seq_slice(s, n, Seq_len(s)) }
function {:inline} Seq_prefix<T>(s: Seq T, t: Seq T): bool {
  Seq_len(s) <= Seq_len(t) && Seq_equal(Seq_slice(t, 0, Seq_len(s)), s)
}

// What Python makes of an index, and of a bound of a slice with step 1, of a sequence of n items.
function {:inline} Index(i: int, n: int): int { if i < 0 then i + n else i }
function {:inline} Slice_bound(i: int, n: int): int {
  if i < 0 then (if i + n < 0 then 0 else i + n) else if i > n then n else i
}

// Lengths

axiom (forall<T> s: Seq T :: {Seq_len(s)} 0 <= Seq_len(s));
axiom (forall<T> :: Seq_len(Seq_empty(): Seq T) == 0);
axiom (forall<T> s: Seq T :: {Seq_len(s)} Seq_len(s) == 0 ==> s == Seq_empty());
axiom (forall<T> s: Seq T, x: T :: {Seq_push(s, x)} Seq_len(Seq_push(s, x)) == Seq_len(s) + 1);
axiom (forall<T> s: Seq T, t: Seq T :: {Seq_concat(s, t)} Seq_len(Seq_concat(s, t)) == Seq_len(s) + Seq_len(t));
axiom (forall<T> s: Seq T, i: int, j: int :: {Seq_slice(s, i, j)}
  0 <= i && i <= j && j <= Seq_len(s) ==> Seq_len(Seq_slice(s, i, j)) == j - i);
axiom (forall<T> s: Seq T, i: int, x: T :: {Seq_update(s, i, x)}
  0 <= i && i < Seq_len(s) ==> Seq_len(Seq_update(s, i, x)) == Seq_len(s));

// Items. Each is followed from the whole to the part that it comes from; and from the part to the whole where its
// index stays what it is, or gets smaller.

axiom (forall<T> s: Seq T, x: T :: {Seq_push(s, x)} Seq_at(Seq_push(s, x), Seq_len(s)) == x);
axiom (forall<T> s: Seq T, x: T, k: int :: {Seq_at(Seq_push(s, x), k)}
  (k == Seq_len(s) ==> Seq_at(Seq_push(s, x), k) == x)
  && (0 <= k && k < Seq_len(s) ==> Seq_at(Seq_push(s, x), k) == Seq_at(s, k)));
axiom (forall<T> s: Seq T, x: T, k: int :: {Seq_at(s, k), Seq_push(s, x)}
  0 <= k && k < Seq_len(s) ==> Seq_at(Seq_push(s, x), k) == Seq_at(s, k));

axiom (forall<T> s: Seq T, t: Seq T, k: int :: {Seq_at(Seq_concat(s, t), k)}
  (0 <= k && k < Seq_len(s) ==> Seq_at(Seq_concat(s, t), k) == Seq_at(s, k))
  && (Seq_len(s) <= k && k < Seq_len(s) + Seq_len(t) ==> Seq_at(Seq_concat(s, t), k) == Seq_at(t, k - Seq_len(s))));
axiom (forall<T> s: Seq T, t: Seq T, k: int :: {Seq_at(s, k), Seq_concat(s, t)}
  0 <= k && k < Seq_len(s) ==> Seq_at(Seq_concat(s, t), k) == Seq_at(s, k));

axiom (forall<T> s: Seq T, i: int, j: int, k: int :: {Seq_at(Seq_slice(s, i, j), k)}
  0 <= i && j <= Seq_len(s) && 0 <= k && k < j - i ==> Seq_at(Seq_slice(s, i, j), k) == Seq_at(s, i + k));
axiom (forall<T> s: Seq T, i: int, j: int, k: int :: {Seq_at(s, k), Seq_slice(s, i, j)}
  0 <= i && i <= k && k < j && j <= Seq_len(s) ==> Seq_at(Seq_slice(s, i, j), k - i) == Seq_at(s, k));

axiom (forall<T> s: Seq T, i: int, x: T :: {Seq_update(s, i, x)}
  0 <= i && i < Seq_len(s) ==> Seq_at(Seq_update(s, i, x), i) == x);
axiom (forall<T> s: Seq T, i: int, x: T, k: int :: {Seq_at(Seq_update(s, i, x), k)}{Seq_at(s, k), Seq_update(s, i, x)}
  0 <= i && i < Seq_len(s) && 0 <= k && k < Seq_len(s) && k != i ==> Seq_at(Seq_update(s, i, x), k) == Seq_at(s, k));

// The same items in the same order are the same sequence.

axiom (forall<T> s: Seq T, t: Seq T :: {Seq_equal(s, t)} Seq_equal(s, t) <==> s == t);
axiom (forall<T> s: Seq T, t: Seq T :: {Seq_equal(s, t)}
  Seq_equal(s, t)
  || Seq_len(s) != Seq_len(t)
  || (0 <= Seq_differ(s, t) && Seq_differ(s, t) < Seq_len(s)
      && Seq_at(s, Seq_differ(s, t)) != Seq_at(t, Seq_differ(s, t))));

// What is put together is one sequence however it is put together. To the right, and the last item outside.

axiom (forall<T> s: Seq T, t: Seq T :: {Seq_concat(s, t)}
  (Seq_len(s) == 0 ==> Seq_concat(s, t) == t) && (Seq_len(t) == 0 ==> Seq_concat(s, t) == s));
axiom (forall<T> s: Seq T, t: Seq T, u: Seq T :: {Seq_concat(Seq_concat(s, t), u)}
  Seq_concat(Seq_concat(s, t), u) == Seq_concat(s, Seq_concat(t, u)));
axiom (forall<T> s: Seq T, t: Seq T, x: T :: {Seq_concat(s, Seq_push(t, x))}
  Seq_concat(s, Seq_push(t, x)) == Seq_push(Seq_concat(s, t), x));

// Slices of what is put together are put together of slices.

axiom (forall<T> s: Seq T, i: int, j: int :: {Seq_slice(s, i, j)}
  (i == 0 && j == Seq_len(s) ==> Seq_slice(s, i, j) == s)
  && (i == j && 0 <= i && i <= Seq_len(s) ==> Seq_slice(s, i, j) == Seq_empty()));
// The weight ends chains of slices that are the same as others by arithmetic only.
axiom (forall<T> s: Seq T, i: int, j: int, k: int, l: int :: {:weight 4} {Seq_slice(Seq_slice(s, i, j), k, l)}
  0 <= i && j <= Seq_len(s) && 0 <= k && k <= l && l <= j - i
  ==> Seq_slice(Seq_slice(s, i, j), k, l) == Seq_slice(s, i + k, i + l));
axiom (forall<T> s: Seq T, i: int, j: int, k: int :: {Seq_concat(Seq_slice(s, i, j), Seq_slice(s, j, k))}
  0 <= i && i <= j && j <= k && k <= Seq_len(s)
  ==> Seq_concat(Seq_slice(s, i, j), Seq_slice(s, j, k)) == Seq_slice(s, i, k));
axiom (forall<T> s: Seq T, t: Seq T, i: int, j: int :: {Seq_slice(Seq_concat(s, t), i, j)}
  0 <= i && i <= j && j <= Seq_len(s) + Seq_len(t)
  ==> Seq_slice(Seq_concat(s, t), i, j)
    == (if j <= Seq_len(s) then Seq_slice(s, i, j)
        else if Seq_len(s) <= i then Seq_slice(t, i - Seq_len(s), j - Seq_len(s))
        else Seq_concat(Seq_slice(s, i, Seq_len(s)), Seq_slice(t, 0, j - Seq_len(s)))));
axiom (forall<T> s: Seq T, x: T, i: int, j: int :: {Seq_slice(Seq_push(s, x), i, j)}
  0 <= i && i <= j && j <= Seq_len(s) + 1
  ==> Seq_slice(Seq_push(s, x), i, j)
    == (if j <= Seq_len(s) then Seq_slice(s, i, j)
        else if i <= Seq_len(s) then Seq_push(Seq_slice(s, i, Seq_len(s)), x)
        else Seq_empty()));
axiom (forall<T> s: Seq T, m: int, x: T, i: int, j: int :: {Seq_slice(Seq_update(s, m, x), i, j)}
  0 <= m && m < Seq_len(s) && 0 <= i && i <= j && j <= Seq_len(s)
  ==> Seq_slice(Seq_update(s, m, x), i, j)
    == (if i <= m && m < j then Seq_update(Seq_slice(s, i, j), m - i, x) else Seq_slice(s, i, j)));

// A slice that is one item longer than another, with the same start or the same end.
axiom (forall<T> s: Seq T, i: int, j: int, k: int :: {Seq_slice(s, i, j), Seq_slice(s, i, k)}
  0 <= i && i <= j && k == j + 1 && k <= Seq_len(s)
  ==> Seq_slice(s, i, k) == Seq_push(Seq_slice(s, i, j), Seq_at(s, j)));
axiom (forall<T> s: Seq T, i: int, j: int, k: int :: {Seq_slice(s, i, k), Seq_slice(s, j, k)}
  0 <= i && j == i + 1 && j <= k && k <= Seq_len(s)
  ==> Seq_slice(s, i, k) == Seq_concat(Seq_one(Seq_at(s, i)), Seq_slice(s, j, k)));

// What is put together in two ways, of parts that are as long, is put together of the same parts.
axiom (forall<T> s: Seq T, t: Seq T, u: Seq T :: {Seq_concat(s, t), Seq_concat(s, u)}
  Seq_concat(s, t) == Seq_concat(s, u) ==> t == u);
axiom (forall<T> s: Seq T, t: Seq T, u: Seq T :: {Seq_concat(s, u), Seq_concat(t, u)}
  Seq_concat(s, u) == Seq_concat(t, u) ==> s == t);
axiom (forall<T> s: Seq T, t: Seq T, u: Seq T, v: Seq T :: {Seq_equal(Seq_concat(s, t), Seq_concat(u, v))}
  Seq_equal(Seq_concat(s, t), Seq_concat(u, v)) && (Seq_len(s) == Seq_len(u) || Seq_len(t) == Seq_len(v))
  ==> Seq_equal(s, u) && Seq_equal(t, v));

// Always true: a claim says it of a term that stands nowhere else outside of its inner quantifiers.
function Mentioned<T>(x: T): bool;
axiom (forall<T> x: T :: {Mentioned(x)} Mentioned(x));
