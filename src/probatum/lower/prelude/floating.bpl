// Integers that become floats: the nearest one, within their range. `==` is identity: of zeros there are two, and NaN is itself.

function Int_float(i: int): float53e11;
function Int_ratio(a: int, b: int): float53e11;  // a / b, rounded once

axiom (forall i: int :: {Int_float(i)}
  (0 < i ==> 0x1.0e0f53e11 <= Int_float(i))
  && (i == 0 ==> Int_float(i) == 0x0.0e0f53e11)
  && (i < 0 ==> Int_float(i) <= -0x1.0e0f53e11));
axiom (forall i: int, j: int :: {Int_float(i), Int_float(j)}
  i <= j ==> Int_float(i) <= Int_float(j));
axiom (forall i: int, j: int :: {Int_float(i), Int_float(j)}
  -9007199254740992 <= i && i < j && j <= 9007199254740992 ==> Int_float(i) < Int_float(j));
axiom (forall a: int, b: int :: {Int_ratio(a, b)}
  b != 0
  ==> ((0 <= a && 0 < b) || (a <= 0 && b < 0) ==> 0x0.0e0f53e11 <= Int_ratio(a, b))
    && ((a <= 0 && 0 < b) || (0 <= a && b < 0) ==> Int_ratio(a, b) <= 0x0.0e0f53e11)
    && (a == 0 ==> Int_ratio(a, b) <= 0x0.0e0f53e11 && 0x0.0e0f53e11 <= Int_ratio(a, b))
    && (a == b ==> Int_ratio(a, b) == 0x1.0e0f53e11)
    && (0 <= a && a <= b ==> Int_ratio(a, b) <= 0x1.0e0f53e11));

// `int(f)`: what is behind the point is left out. Up to 2**53 the quotient of integers is never rounded up to an integer.
function Float_int(f: float53e11): int;

axiom (forall f: float53e11 :: {Float_int(f)}
  0-oo53e11 < f && f < 0+oo53e11
  ==> (0x0.0e0f53e11 <= f ==> 0 <= Float_int(f)) && (f <= 0x0.0e0f53e11 ==> Float_int(f) <= 0)
    && (-0x1.0e0f53e11 < f && f < 0x1.0e0f53e11 ==> Float_int(f) == 0)
    && (0x1.0e0f53e11 <= f ==> 1 <= Float_int(f)) && (f <= -0x1.0e0f53e11 ==> Float_int(f) <= -1));
axiom (forall f: float53e11, g: float53e11 :: {Float_int(f), Float_int(g)}
  f <= g && 0-oo53e11 < f && g < 0+oo53e11 ==> Float_int(f) <= Float_int(g));
axiom (forall i: int :: {Float_int(Int_float(i))}
  -9007199254740992 <= i && i <= 9007199254740992 ==> Float_int(Int_float(i)) == i);
axiom (forall a: int, b: int :: {Float_int(Int_ratio(a, b))}
  0 < b && 0 <= a && a <= 9007199254740992 ==> Float_int(Int_ratio(a, b)) == a div b);
axiom (forall a: int, b: int :: {Float_int(Int_ratio(a, b))}
  0 < b && -9007199254740992 <= a && a <= 0 ==> Float_int(Int_ratio(a, b)) == -(-a div b));
axiom (forall a: int, b: int :: {Int_ratio(a, b)}
  0 < b && -9007199254740992 <= a && a <= 9007199254740992
  ==> -0x2.0e13f53e11 <= Int_ratio(a, b) && Int_ratio(a, b) <= 0x2.0e13f53e11);

// Comparisons of a float with an integer, which are exact: the integer is not rounded.
function Float_below(f: float53e11, i: int): bool;
function Float_above(f: float53e11, i: int): bool;
function Float_equals(f: float53e11, i: int): bool;

axiom (forall f: float53e11, i: int :: {Float_below(f, i)}
  (Float_below(f, i) ==> f <= Int_float(i)) && (f < Int_float(i) ==> Float_below(f, i))
  && (-9007199254740992 <= i && i <= 9007199254740992 ==> (Float_below(f, i) <==> f < Int_float(i))));
axiom (forall f: float53e11, i: int :: {Float_above(f, i)}
  (Float_above(f, i) ==> f >= Int_float(i)) && (f > Int_float(i) ==> Float_above(f, i))
  && (-9007199254740992 <= i && i <= 9007199254740992 ==> (Float_above(f, i) <==> f > Int_float(i))));
axiom (forall f: float53e11, i: int :: {Float_equals(f, i)} {Float_below(f, i), Float_above(f, i)}
  (Float_below(f, i) ==> !Float_above(f, i))
  && (Float_equals(f, i) ==> f <= Int_float(i) && Int_float(i) <= f && !Float_below(f, i) && !Float_above(f, i))
  && (f <= f ==> Float_equals(f, i) || Float_below(f, i) || Float_above(f, i))
  && (-9007199254740992 <= i && i <= 9007199254740992 ==> (Float_equals(f, i) <==> f <= Int_float(i) && Int_float(i) <= f)));

// What `sum`, `min` and `max` give for floats. With a NaN, what is least depends on the order.
function Floats_sum(s: Seq float53e11): float53e11;
function Floats_min(s: Seq float53e11): float53e11;
function Floats_max(s: Seq float53e11): float53e11;
function Floats_nan(s: Seq float53e11): int;  // a place of a NaN, if there is one

axiom (forall s: Seq float53e11, k: int :: {Floats_nan(s), Seq_at(s, k)}
  0 <= k && k < Seq_len(s) && !(Seq_at(s, k) <= Seq_at(s, k))
  ==> 0 <= Floats_nan(s) && Floats_nan(s) < Seq_len(s)
    && !(Seq_at(s, Floats_nan(s)) <= Seq_at(s, Floats_nan(s))));
axiom (forall s: Seq float53e11 :: {Floats_sum(s)}
  Seq_len(s) == 1 && Seq_at(s, 0) <= Seq_at(s, 0)
  ==> Floats_sum(s) <= Seq_at(s, 0) && Seq_at(s, 0) <= Floats_sum(s));
axiom (forall s: Seq float53e11 :: {Floats_min(s)} 0 < Seq_len(s) ==> Seq_has(s, Floats_min(s)));
axiom (forall s: Seq float53e11 :: {Floats_max(s)} 0 < Seq_len(s) ==> Seq_has(s, Floats_max(s)));
axiom (forall s: Seq float53e11, k: int :: {Floats_min(s), Seq_at(s, k)}
  0 <= k && k < Seq_len(s)
  ==> Floats_min(s) <= Seq_at(s, k)
    || (0 <= Floats_nan(s) && Floats_nan(s) < Seq_len(s)
      && !(Seq_at(s, Floats_nan(s)) <= Seq_at(s, Floats_nan(s)))));
axiom (forall s: Seq float53e11, k: int :: {Floats_max(s), Seq_at(s, k)}
  0 <= k && k < Seq_len(s)
  ==> Seq_at(s, k) <= Floats_max(s)
    || (0 <= Floats_nan(s) && Floats_nan(s) < Seq_len(s)
      && !(Seq_at(s, Floats_nan(s)) <= Seq_at(s, Floats_nan(s)))));

// Whether all items are at least, or at most, so much; a NaN is neither.
function Floats_least(s: Seq float53e11, low: float53e11): bool;
function Floats_most(s: Seq float53e11, high: float53e11): bool;
function Floats_lower(s: Seq float53e11, low: float53e11): int;  // a place of an item that is not at least so much
function Floats_higher(s: Seq float53e11, high: float53e11): int;

axiom (forall s: Seq float53e11, low: float53e11 :: {Floats_least(s, low)}
  Floats_least(s, low)
  || (0 <= Floats_lower(s, low) && Floats_lower(s, low) < Seq_len(s) && !(low <= Seq_at(s, Floats_lower(s, low)))));
axiom (forall s: Seq float53e11, low: float53e11, k: int :: {Floats_least(s, low), Seq_at(s, k)}
  Floats_least(s, low) && 0 <= k && k < Seq_len(s) ==> low <= Seq_at(s, k));
axiom (forall a: Seq float53e11, b: Seq float53e11, low: float53e11 :: {Floats_least(Seq_concat(a, b), low)}
  Floats_least(Seq_concat(a, b), low) <==> Floats_least(a, low) && Floats_least(b, low));
axiom (forall s: Seq float53e11, high: float53e11 :: {Floats_most(s, high)}
  Floats_most(s, high)
  || (0 <= Floats_higher(s, high) && Floats_higher(s, high) < Seq_len(s) && !(Seq_at(s, Floats_higher(s, high)) <= high)));
axiom (forall s: Seq float53e11, high: float53e11, k: int :: {Floats_most(s, high), Seq_at(s, k)}
  Floats_most(s, high) && 0 <= k && k < Seq_len(s) ==> Seq_at(s, k) <= high);
axiom (forall a: Seq float53e11, b: Seq float53e11, high: float53e11 :: {Floats_most(Seq_concat(a, b), high)}
  Floats_most(Seq_concat(a, b), high) <==> Floats_most(a, high) && Floats_most(b, high));

// Rounding is monotone: a sum of what is not negative is not negative, and one of `n` items of at most 1 is at most `n`.
axiom (forall s: Seq float53e11 :: {Floats_sum(s)}
  0 < Seq_len(s) && Floats_least(s, 0x0.0e0f53e11)
  ==> 0x0.0e0f53e11 <= Floats_sum(s)
    && (Floats_most(s, 0x1.0e0f53e11) ==> Floats_sum(s) <= Int_float(Seq_len(s))));
axiom (forall s: Seq float53e11 :: {Floats_sum(s)}
  0 < Seq_len(s) && Floats_most(s, 0x0.0e0f53e11) ==> Floats_sum(s) <= 0x0.0e0f53e11);

// A float divided by an integer that is not 0, which becomes a float before: rounding is monotone here, too.
function Float_share(f: float53e11, i: int): float53e11;

axiom (forall f: float53e11, i: int :: {Float_share(f, i)}
  (0 < i && 0x0.0e0f53e11 <= f ==> 0x0.0e0f53e11 <= Float_share(f, i) && Float_share(f, i) <= f)
  && (0 < i && f <= 0x0.0e0f53e11 ==> f <= Float_share(f, i) && Float_share(f, i) <= 0x0.0e0f53e11)
  && (i < 0 && 0x0.0e0f53e11 <= f ==> Float_share(f, i) <= 0x0.0e0f53e11)
  && (i < 0 && f <= 0x0.0e0f53e11 ==> 0x0.0e0f53e11 <= Float_share(f, i))
  && (i == 1 ==> Float_share(f, i) == f)
  && (0 < i && 0x0.0e0f53e11 <= f && f <= Int_float(i) ==> Float_share(f, i) <= 0x1.0e0f53e11));
axiom (forall f: float53e11, g: float53e11, i: int :: {Float_share(f, i), Float_share(g, i)}
  0 < i && f <= g ==> Float_share(f, i) <= Float_share(g, i));

// The mean of at most 2**26 floats between numbers of which floats hold every multiple up to there lies between them, too.
function Float_light(f: float53e11): bool;

axiom (forall s: Seq float53e11, i: int, t: Seq float53e11, low: float53e11 ::
  {Float_share(Floats_sum(s), i), Floats_least(t, low)}
  i == Seq_len(s) && 0 < i && Float_light(low) && Floats_least(s, low) ==> low <= Float_share(Floats_sum(s), i));
axiom (forall s: Seq float53e11, i: int, t: Seq float53e11, high: float53e11 ::
  {Float_share(Floats_sum(s), i), Floats_most(t, high)}
  i == Seq_len(s) && 0 < i && Float_light(high) && Floats_most(s, high) ==> Float_share(Floats_sum(s), i) <= high);
