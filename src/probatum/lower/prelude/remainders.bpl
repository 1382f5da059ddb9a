// Remainders, powers and rounding of floats: what is true of all of them, whatever the last digit is.

function Float_mod(a: float53e11, b: float53e11): float53e11;
function Float_floordiv(a: float53e11, b: float53e11): float53e11;

// A remainder may be rounded up to the divisor: `-1e-20 % 1.0` is 1.0.
axiom (forall a: float53e11, b: float53e11 :: {Float_mod(a, b)}
  (0-oo53e11 < a && a < 0+oo53e11 && 0x0.0e0f53e11 < b
      ==> 0x0.0e0f53e11 <= Float_mod(a, b) && Float_mod(a, b) <= b
        && (0x0.0e0f53e11 <= a ==> Float_mod(a, b) < b && Float_mod(a, b) <= a)
        && (0x0.0e0f53e11 <= a && a < b ==> a <= Float_mod(a, b)))
  && (0-oo53e11 < a && a < 0+oo53e11 && b < 0x0.0e0f53e11
      ==> b <= Float_mod(a, b) && Float_mod(a, b) <= 0x0.0e0f53e11));
axiom (forall a: float53e11, b: float53e11 :: {Float_floordiv(a, b)}
  0x0.0e0f53e11 <= a && a < 0+oo53e11 && 0x0.0e0f53e11 < b
  ==> 0x0.0e0f53e11 <= Float_floordiv(a, b) && (a < b ==> Float_floordiv(a, b) <= 0x0.0e0f53e11)
    && (b <= a ==> 0x1.0e0f53e11 <= Float_floordiv(a, b)));

// `f ** n` for an integer, and `f ** 0.5`. A power may be out of range, so that there is none.
function Float_power(f: float53e11, n: int): float53e11;
function Float_power_fits(f: float53e11, n: int): bool;
function Float_root(f: float53e11): float53e11;

axiom (forall f: float53e11, n: int :: {Float_power_fits(f, n)}
  (-0x1.0e0f53e11 <= f && f <= 0x1.0e0f53e11 && 0 <= n ==> Float_power_fits(f, n))
  && (0 <= n && n <= 2 && -0x1.0e100f53e11 <= f && f <= 0x1.0e100f53e11 ==> Float_power_fits(f, n))
  && (0 <= n && n <= 4 && -0x1.0e50f53e11 <= f && f <= 0x1.0e50f53e11 ==> Float_power_fits(f, n)));
axiom (forall f: float53e11, n: int :: {Float_power(f, n)}
  Float_power_fits(f, n)
  ==> (n == 0 ==> Float_power(f, n) == 0x1.0e0f53e11)
    && (0x0.0e0f53e11 <= f ==> 0x0.0e0f53e11 <= Float_power(f, n))
    && (n mod 2 == 0 && f <= f ==> 0x0.0e0f53e11 <= Float_power(f, n))
    && (n mod 2 == 1 && -9007199254740992 <= n && n <= 9007199254740992 && f <= 0x0.0e0f53e11 ==> Float_power(f, n) <= 0x0.0e0f53e11)
    && (1 <= n && 0x0.0e0f53e11 <= f && f <= 0x1.0e0f53e11 ==> Float_power(f, n) <= f)
    && (1 <= n && 0x1.0e0f53e11 <= f ==> f <= Float_power(f, n)));
axiom (forall f: float53e11 :: {Float_root(f)}
  0x0.0e0f53e11 <= f
  ==> 0x0.0e0f53e11 <= Float_root(f)
    && (f <= 0x0.0e0f53e11 <==> Float_root(f) <= 0x0.0e0f53e11)
    && (0x1.0e0f53e11 <= f ==> 0x1.0e0f53e11 <= Float_root(f) && Float_root(f) <= f)
    && (f <= 0x1.0e0f53e11 ==> f <= Float_root(f) && Float_root(f) <= 0x1.0e0f53e11));

// `round(f)`, to the nearest integer, and `round(f, n)` for 0 <= n <= 400.
function Float_round(f: float53e11): int;
function Float_rounded(f: float53e11, n: int): float53e11;

axiom (forall f: float53e11 :: {Float_round(f)}
  0-oo53e11 < f && f < 0+oo53e11
  ==> (-0x8.0e-1f53e11 <= f ==> 0 <= Float_round(f)) && (f <= 0x8.0e-1f53e11 ==> Float_round(f) <= 0)
    && (0x8.0e-1f53e11 < f ==> 1 <= Float_round(f)) && (f < -0x8.0e-1f53e11 ==> Float_round(f) <= -1));
axiom (forall f: float53e11, g: float53e11 :: {Float_round(f), Float_round(g)}
  f <= g && 0-oo53e11 < f && g < 0+oo53e11 ==> Float_round(f) <= Float_round(g));
axiom (forall i: int :: {Float_round(Int_float(i))}
  -9007199254740992 <= i && i <= 9007199254740992 ==> Float_round(Int_float(i)) == i);
axiom (forall f: float53e11, n: int :: {Float_rounded(f, n)}
  0 <= n && n <= 400
  ==> (0x0.0e0f53e11 <= f ==> 0x0.0e0f53e11 <= Float_rounded(f, n))
    && (f <= 0x0.0e0f53e11 ==> Float_rounded(f, n) <= 0x0.0e0f53e11)
    && (0x1.0e0f53e11 <= f ==> 0x1.0e0f53e11 <= Float_rounded(f, n))
    && (f <= 0x1.0e0f53e11 ==> Float_rounded(f, n) <= 0x1.0e0f53e11)
    && (f <= -0x1.0e0f53e11 ==> Float_rounded(f, n) <= -0x1.0e0f53e11)
    && (-0x1.0e0f53e11 <= f ==> -0x1.0e0f53e11 <= Float_rounded(f, n)));

// `min` with `key=` where keys are floats: a place in a sequence that is not empty, unless a key is NaN that of a least one.
function Seq_least_float<T>(s: Seq T, key: [T]float53e11): int;
function Seq_nan_key<T>(s: Seq T, key: [T]float53e11): int;  // a place of which the key is NaN, if there is one

axiom (forall<T> s: Seq T, key: [T]float53e11 :: {Seq_least_float(s, key)}
  0 < Seq_len(s) ==> 0 <= Seq_least_float(s, key) && Seq_least_float(s, key) < Seq_len(s)
    && Seq_has(s, Seq_at(s, Seq_least_float(s, key))));
axiom (forall<T> s: Seq T, key: [T]float53e11, k: int :: {Seq_least_float(s, key), Seq_at(s, k)}
  0 <= k && k < Seq_len(s)
  ==> key[Seq_at(s, Seq_least_float(s, key))] <= key[Seq_at(s, k)]
    || (0 <= Seq_nan_key(s, key) && Seq_nan_key(s, key) < Seq_len(s)
      && !(key[Seq_at(s, Seq_nan_key(s, key))] <= key[Seq_at(s, Seq_nan_key(s, key))])));
