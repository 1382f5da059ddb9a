// Sequences made of others: `list.insert`, `del`, `reversed`, `*`.

function Seq_insert<T>(s: Seq T, i: int, x: T): Seq T;  // 0 <= i <= len
function Seq_remove<T>(s: Seq T, i: int): Seq T;  // 0 <= i < len
function Seq_reverse<T>(s: Seq T): Seq T;
function Seq_repeat<T>(x: T, n: int): Seq T;  // [x] * n
function Seq_times<T>(s: Seq T, n: int): Seq T;  // s * n

axiom (forall<T> s: Seq T, i: int, x: T :: {Seq_insert(s, i, x)}
  0 <= i && i <= Seq_len(s)
  ==> Seq_len(Seq_insert(s, i, x)) == Seq_len(s) + 1 && Seq_at(Seq_insert(s, i, x), i) == x);
axiom (forall<T> s: Seq T, i: int, x: T, k: int :: {Seq_at(Seq_insert(s, i, x), k)}
  0 <= i && i <= Seq_len(s)
  ==> (0 <= k && k < i ==> Seq_at(Seq_insert(s, i, x), k) == Seq_at(s, k))
    && (i < k && k <= Seq_len(s) ==> Seq_at(Seq_insert(s, i, x), k) == Seq_at(s, k - 1)));
axiom (forall<T> s: Seq T, i: int, x: T, k: int :: {Seq_at(s, k), Seq_insert(s, i, x)}
  0 <= i && i <= Seq_len(s)
  ==> (0 <= k && k < i ==> Seq_at(Seq_insert(s, i, x), k) == Seq_at(s, k))
    && (i <= k && k < Seq_len(s) ==> Seq_at(Seq_insert(s, i, x), k + 1) == Seq_at(s, k)));
axiom (forall<T> s: Seq T, i: int, x: T :: {Seq_insert(s, i, x)}
  i == Seq_len(s) ==> Seq_insert(s, i, x) == Seq_push(s, x));

axiom (forall<T> s: Seq T, i: int :: {Seq_remove(s, i)}
  0 <= i && i < Seq_len(s) ==> Seq_len(Seq_remove(s, i)) == Seq_len(s) - 1);
axiom (forall<T> s: Seq T, i: int, k: int :: {Seq_at(Seq_remove(s, i), k)}
  0 <= i && i < Seq_len(s)
  ==> (0 <= k && k < i ==> Seq_at(Seq_remove(s, i), k) == Seq_at(s, k))
    && (i <= k && k < Seq_len(s) - 1 ==> Seq_at(Seq_remove(s, i), k) == Seq_at(s, k + 1)));
axiom (forall<T> s: Seq T, i: int, k: int :: {Seq_at(s, k), Seq_remove(s, i)}
  0 <= i && i < Seq_len(s)
  ==> (0 <= k && k < i ==> Seq_at(Seq_remove(s, i), k) == Seq_at(s, k))
    && (i < k && k < Seq_len(s) ==> Seq_at(Seq_remove(s, i), k - 1) == Seq_at(s, k)));
axiom (forall<T> s: Seq T, i: int :: {Seq_remove(s, i)}
  (i == 0 && 0 < Seq_len(s) ==> Seq_remove(s, i) == Seq_slice(s, 1, Seq_len(s)))
  && (0 <= i && i == Seq_len(s) - 1 ==> Seq_remove(s, i) == Seq_slice(s, 0, i)));

axiom (forall<T> s: Seq T :: {Seq_reverse(s)}
  Seq_len(Seq_reverse(s)) == Seq_len(s) && Seq_reverse(Seq_reverse(s)) == s);
axiom (forall<T> s: Seq T, k: int :: {Seq_at(Seq_reverse(s), k)}
  0 <= k && k < Seq_len(s) ==> Seq_at(Seq_reverse(s), k) == Seq_at(s, Seq_len(s) - 1 - k));
axiom (forall<T> s: Seq T, k: int :: {Seq_at(s, k), Seq_reverse(s)}
  0 <= k && k < Seq_len(s) ==> Seq_at(Seq_reverse(s), Seq_len(s) - 1 - k) == Seq_at(s, k));
axiom (forall<T> s: Seq T, t: Seq T :: {Seq_reverse(Seq_concat(s, t))}
  Seq_reverse(Seq_concat(s, t)) == Seq_concat(Seq_reverse(t), Seq_reverse(s)));
axiom (forall<T> s: Seq T, x: T :: {Seq_reverse(Seq_push(s, x))}
  Seq_reverse(Seq_push(s, x)) == Seq_concat(Seq_one(x), Seq_reverse(s)));

axiom (forall<T> x: T, n: int :: {Seq_repeat(x, n)}
  Seq_len(Seq_repeat(x, n)) == (if n < 0 then 0 else n) && (n == 1 ==> Seq_repeat(x, n) == Seq_one(x)));
axiom (forall<T> x: T, n: int, k: int :: {Seq_at(Seq_repeat(x, n), k)}
  0 <= k && k < n ==> Seq_at(Seq_repeat(x, n), k) == x);
axiom (forall<T> x: T, n: int, m: int :: {Seq_repeat(x, n), Seq_repeat(x, m)}
  0 <= n && m == n + 1 ==> Seq_repeat(x, m) == Seq_push(Seq_repeat(x, n), x));
axiom (forall<T> x: T, n: int, m: int :: {Seq_concat(Seq_repeat(x, n), Seq_repeat(x, m))}
  0 <= n && 0 <= m ==> Seq_concat(Seq_repeat(x, n), Seq_repeat(x, m)) == Seq_repeat(x, n + m));
axiom (forall<T> x: T, n: int, i: int, j: int :: {Seq_slice(Seq_repeat(x, n), i, j)}
  0 <= i && i <= j && j <= n ==> Seq_slice(Seq_repeat(x, n), i, j) == Seq_repeat(x, j - i));

axiom (forall<T> s: Seq T, n: int :: {Seq_times(s, n)}
  (0 < n ==> Seq_len(Seq_times(s, n)) == n * Seq_len(s))
  && (n <= 0 || Seq_len(s) == 0 ==> Seq_times(s, n) == Seq_empty())
  && (n == 1 ==> Seq_times(s, n) == s));
axiom (forall<T> s: Seq T, n: int, k: int :: {Seq_at(Seq_times(s, n), k)}
  0 <= k && k < Seq_len(Seq_times(s, n))
  ==> 0 < Seq_len(s) && Seq_at(Seq_times(s, n), k) == Seq_at(s, k mod Seq_len(s)));
axiom (forall<T> s: Seq T, n: int, m: int :: {Seq_times(s, n), Seq_times(s, m)}
  0 <= n && m == n + 1 ==> Seq_times(s, m) == Seq_concat(Seq_times(s, n), s));
axiom (forall<T> s: Seq T, x: T, n: int :: {Seq_times(Seq_push(s, x), n)}
  Seq_len(s) == 0 ==> Seq_times(Seq_push(s, x), n) == Seq_repeat(x, n));
