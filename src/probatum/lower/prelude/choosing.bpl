// Pairs of places, by their number: all of a row before the next one, as `product` and `combinations` go through them.

function Pair_places(rows: int, columns: int): int;  // how many
function Pair_row(k: int, columns: int): int;
function Pair_column(k: int, columns: int): int;
function Pair_number(row: int, column: int, columns: int): int;

axiom (forall m: int, n: int :: {Pair_places(m, n)}
  0 <= m && 0 <= n
  ==> Pair_places(m, n) == m * n && 0 <= m * n && (0 < m && 0 < n ==> m <= m * n && n <= m * n));
axiom (forall m: int, n: int, k: int :: {Pair_places(m, n), Pair_row(k, n)}
  0 <= k && k < Pair_places(m, n) && 0 <= m && 0 <= n ==> 0 <= Pair_row(k, n) && Pair_row(k, n) < m);
axiom (forall k: int, n: int :: {Pair_column(k, n)} 0 <= k && 0 < n ==> 0 <= Pair_column(k, n) && Pair_column(k, n) < n);
axiom (forall m: int, n: int, i: int, j: int :: {Pair_places(m, n), Pair_number(i, j, n)}
  0 <= i && i < m && 0 <= j && j < n ==> 0 <= Pair_number(i, j, n) && Pair_number(i, j, n) < Pair_places(m, n));
axiom (forall i: int, j: int, n: int :: {Pair_number(i, j, n)}
  0 <= i && 0 <= j && j < n ==> Pair_row(Pair_number(i, j, n), n) == i && Pair_column(Pair_number(i, j, n), n) == j);

// Of `n` places each with each later one.
function Choice_count(n: int): int;
function Choice_first(n: int, k: int): int;
function Choice_second(n: int, k: int): int;
function Choice_number(n: int, first: int, second: int): int;

axiom (forall n: int :: {Choice_count(n)}
  (n < 2 ==> Choice_count(n) == 0) && (2 <= n ==> n - 1 <= Choice_count(n))
  && 2 * Choice_count(n) == (if n < 2 then 0 else n * (n - 1)));
axiom (forall n: int, k: int :: {Choice_first(n, k)}{Choice_second(n, k)}
  0 <= k && k < Choice_count(n)
  ==> 0 <= Choice_first(n, k) && Choice_first(n, k) < Choice_second(n, k) && Choice_second(n, k) < n);
axiom (forall n: int, i: int, j: int :: {Choice_number(n, i, j)}
  0 <= i && i < j && j < n
  ==> 0 <= Choice_number(n, i, j) && Choice_number(n, i, j) < Choice_count(n)
    && Choice_first(n, Choice_number(n, i, j)) == i && Choice_second(n, Choice_number(n, i, j)) == j);
