// `set` and `frozenset`, as values. A claim that two are the same is written `Set_equal(s, t)`.

type Set _;

function Set_has<T>(s: Set T, x: T): bool;
function Set_card<T>(s: Set T): int;
function Set_empty<T>(): Set T;
function Set_add<T>(s: Set T, x: T): Set T;
function Set_remove<T>(s: Set T, x: T): Set T;  // the same set, if it has no x
function Set_union<T>(s: Set T, t: Set T): Set T;
function Set_intersect<T>(s: Set T, t: Set T): Set T;
function Set_minus<T>(s: Set T, t: Set T): Set T;
function {:inline} Set_symmetric<T>(s: Set T, t: Set T): Set T { Set_union(Set_minus(s, t), Set_minus(t, s)) }
function Set_subset<T>(s: Set T, t: Set T): bool;
function Set_outside<T>(s: Set T, t: Set T): T;  // what is in s and not in t
function Set_common<T>(s: Set T, t: Set T): T;  // what is in both
function Set_equal<T>(s: Set T, t: Set T): bool;
function Set_differ<T>(s: Set T, t: Set T): T;
function {:inline} Set_disjoint<T>(s: Set T, t: Set T): bool { Set_equal(Set_intersect(s, t), Set_empty()) }
function Set_of<T>(s: Seq T): Set T;
function Set_order<T>(s: Set T, n: int): Seq T;  // the n-th order, each member once

axiom (forall<T> x: T :: {Set_has(Set_empty(): Set T, x)} !Set_has(Set_empty(): Set T, x));
axiom (forall<T> s: Set T, x: T :: {Set_add(s, x)} Set_has(Set_add(s, x), x));
axiom (forall<T> s: Set T, x: T, y: T :: {Set_has(Set_add(s, x), y)}{Set_has(s, y), Set_add(s, x)}
  Set_has(Set_add(s, x), y) <==> x == y || Set_has(s, y));
axiom (forall<T> s: Set T, x: T, y: T :: {Set_has(Set_remove(s, x), y)}{Set_has(s, y), Set_remove(s, x)}
  Set_has(Set_remove(s, x), y) <==> x != y && Set_has(s, y));
axiom (forall<T> s: Set T, t: Set T, x: T ::
  {Set_has(Set_union(s, t), x)}{Set_has(s, x), Set_union(s, t)}{Set_has(t, x), Set_union(s, t)}
  Set_has(Set_union(s, t), x) <==> Set_has(s, x) || Set_has(t, x));
axiom (forall<T> s: Set T, t: Set T, x: T ::
  {Set_has(Set_intersect(s, t), x)}{Set_has(s, x), Set_intersect(s, t)}{Set_has(t, x), Set_intersect(s, t)}
  Set_has(Set_intersect(s, t), x) <==> Set_has(s, x) && Set_has(t, x));
axiom (forall<T> s: Set T, t: Set T, x: T ::
  {Set_has(Set_minus(s, t), x)}{Set_has(s, x), Set_minus(s, t)}{Set_has(t, x), Set_minus(s, t)}
  Set_has(Set_minus(s, t), x) <==> Set_has(s, x) && !Set_has(t, x));

axiom (forall<T> s: Set T, t: Set T, x: T :: {Set_subset(s, t), Set_has(s, x)}{Set_subset(s, t), Set_has(t, x)}
  Set_subset(s, t) && Set_has(s, x) ==> Set_has(t, x));
axiom (forall<T> s: Set T, t: Set T :: {Set_subset(s, t)}
  Set_subset(s, t) || (Set_has(s, Set_outside(s, t)) && !Set_has(t, Set_outside(s, t))));
axiom (forall<T> s: Set T, t: Set T :: {Set_subset(s, t), Set_card(s)}{Set_subset(s, t), Set_card(t)}
  Set_subset(s, t) ==> Set_card(s) <= Set_card(t) && (Set_card(s) == Set_card(t) ==> s == t));
axiom (forall<T> s: Set T, t: Set T :: {Set_equal(s, t)} Set_equal(s, t) <==> s == t);
axiom (forall<T> s: Set T, t: Set T :: {Set_equal(s, t)}
  Set_equal(s, t) || !(Set_has(s, Set_differ(s, t)) <==> Set_has(t, Set_differ(s, t))));

axiom (forall<T> s: Set T :: {Set_card(s)} 0 <= Set_card(s) && (Set_card(s) == 0 <==> s == Set_empty()));
axiom (forall<T> s: Set T, x: T :: {Set_card(s), Set_has(s, x)} Set_has(s, x) ==> 0 < Set_card(s));
axiom (forall<T> s: Set T, x: T :: {Set_card(Set_add(s, x))}
  Set_card(Set_add(s, x)) == (if Set_has(s, x) then Set_card(s) else Set_card(s) + 1));
axiom (forall<T> s: Set T, x: T :: {Set_card(Set_remove(s, x))}
  Set_card(Set_remove(s, x)) == (if Set_has(s, x) then Set_card(s) - 1 else Set_card(s)));
axiom (forall<T> s: Set T, t: Set T :: {Set_card(Set_union(s, t))}
  Set_card(Set_union(s, t)) + Set_card(Set_intersect(s, t)) == Set_card(s) + Set_card(t));
axiom (forall<T> s: Set T, t: Set T :: {Set_card(Set_intersect(s, t))}
  Set_card(Set_intersect(s, t)) <= Set_card(s) && Set_card(Set_intersect(s, t)) <= Set_card(t));
axiom (forall<T> s: Set T, t: Set T :: {Set_card(Set_intersect(s, t))}
  Set_card(Set_intersect(s, t)) == 0 || (Set_has(s, Set_common(s, t)) && Set_has(t, Set_common(s, t))));
axiom (forall<T> s: Set T, t: Set T :: {Set_card(Set_intersect(s, t))}
  Set_subset(t, s) ==> Set_card(Set_intersect(s, t)) == Set_card(t));
axiom (forall<T> s: Set T, t: Set T :: {Set_card(Set_minus(s, t))}
  Set_card(Set_minus(s, t)) + Set_card(Set_intersect(s, t)) == Set_card(s)
  && (Set_card(Set_minus(s, t)) == 0 || (Set_has(s, Set_outside(s, t)) && !Set_has(t, Set_outside(s, t)))));
axiom (forall<T> s: Set T, x: T :: {Set_add(s, x)} Set_has(s, x) ==> Set_add(s, x) == s);
axiom (forall<T> s: Set T, x: T :: {Set_remove(s, x)} !Set_has(s, x) ==> Set_remove(s, x) == s);

axiom (forall<T> s: Seq T, x: T :: {Set_has(Set_of(s), x)}{Seq_has(s, x), Set_of(s)}
  Set_has(Set_of(s), x) <==> Seq_has(s, x));
axiom (forall<T> s: Seq T, k: int :: {Seq_at(s, k), Set_of(s)}
  0 <= k && k < Seq_len(s) ==> Set_has(Set_of(s), Seq_at(s, k)));
axiom (forall<T> s: Seq T :: {Set_card(Set_of(s))}
  Set_card(Set_of(s)) <= Seq_len(s) && (0 < Seq_len(s) ==> 0 < Set_card(Set_of(s))));
axiom (forall<T> :: Set_of(Seq_empty(): Seq T) == Set_empty());
axiom (forall<T> s: Seq T, x: T :: {Set_of(Seq_push(s, x))} Set_of(Seq_push(s, x)) == Set_add(Set_of(s), x));
axiom (forall<T> s: Seq T, t: Seq T :: {Set_of(Seq_concat(s, t))}
  Set_of(Seq_concat(s, t)) == Set_union(Set_of(s), Set_of(t)));

axiom (forall<T> s: Set T, n: int :: {Set_order(s, n)} Seq_len(Set_order(s, n)) == Set_card(s) && Set_of(Set_order(s, n)) == s);
axiom (forall<T> s: Set T, n: int, x: T :: {Seq_has(Set_order(s, n), x)}{Set_has(s, x), Set_order(s, n)}
  Seq_has(Set_order(s, n), x) <==> Set_has(s, x));
axiom (forall<T> s: Set T, n: int, k: int :: {Seq_at(Set_order(s, n), k)}
  0 <= k && k < Set_card(s)
  ==> Set_has(s, Seq_at(Set_order(s, n), k)) && Seq_index_of(Set_order(s, n), Seq_at(Set_order(s, n), k)) == k);
axiom (forall<T> s: Set T, n: int, i: int, j: int, k: int ::
  {Set_has(Set_of(Seq_slice(Set_order(s, n), i, j)), Seq_at(Set_order(s, n), k))}
  0 <= i && i <= j && j <= Set_card(s) && 0 <= k && k < Set_card(s)
  ==> (Set_has(Set_of(Seq_slice(Set_order(s, n), i, j)), Seq_at(Set_order(s, n), k)) <==> i <= k && k < j));

// Sets of integers from `low` up to, but not with, `high`: there are no more than that.
function Set_within(s: Set int, low: int, high: int): bool;
function Set_stray(s: Set int, low: int, high: int): int;

axiom (forall s: Set int, low: int, high: int, x: int :: {Set_within(s, low, high), Set_has(s, x)}
  Set_within(s, low, high) && Set_has(s, x) ==> low <= x && x < high);
axiom (forall s: Set int, low: int, high: int :: {Set_within(s, low, high)}
  Set_within(s, low, high)
  || (Set_has(s, Set_stray(s, low, high)) && !(low <= Set_stray(s, low, high) && Set_stray(s, low, high) < high)));
axiom (forall s: Set int, low: int, high: int :: {Set_within(s, low, high), Set_card(s)}
  Set_within(s, low, high) ==> Set_card(s) <= (if low < high then high - low else 0));
