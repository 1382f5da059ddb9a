// The library `base`: maps point by point, options, vectors, sequences, sets,
// finite maps. Names and meanings are those of Boogie's library of this name,
// so that programs written for it keep their meaning. What belongs to the
// concurrency layer (linear maps and their primitives) is not here. Type
// parameters have the names that such programs cannot have for types: T, U, P.

// Maps, point by point: functions of the solver's theory of arrays.

function {:builtin "MapConst"} MapConst<T, U>(value: U): [T]U;
function {:builtin "MapEq"} MapEq<T, U>(m: [T]U, n: [T]U): [T]bool;
function {:builtin "MapIte"} MapIte<T, U>(where_: [T]bool, then_: [T]U, else_: [T]U): [T]U;

function {:builtin "MapNot"} MapNot<T>(p: [T]bool): [T]bool;
function {:builtin "MapAnd"} MapAnd<T>(p: [T]bool, q: [T]bool): [T]bool;
function {:builtin "MapOr"} MapOr<T>(p: [T]bool, q: [T]bool): [T]bool;
function {:builtin "MapImp"} MapImp<T>(p: [T]bool, q: [T]bool): [T]bool;
function {:builtin "MapIff"} MapIff<T>(p: [T]bool, q: [T]bool): [T]bool;
function {:inline} MapDiff<T>(p: [T]bool, q: [T]bool): [T]bool { MapAnd(p, MapNot(q)) }

function {:builtin "MapAdd"} MapAdd<T>(m: [T]int, n: [T]int): [T]int;
function {:builtin "MapSub"} MapSub<T>(m: [T]int, n: [T]int): [T]int;
function {:builtin "MapMul"} MapMul<T>(m: [T]int, n: [T]int): [T]int;
function {:builtin "MapDiv"} MapDiv<T>(m: [T]int, n: [T]int): [T]int;
function {:builtin "MapMod"} MapMod<T>(m: [T]int, n: [T]int): [T]int;
function {:builtin "MapLt"} MapLt<T>(m: [T]int, n: [T]int): [T]bool;
function {:builtin "MapLe"} MapLe<T>(m: [T]int, n: [T]int): [T]bool;
function {:builtin "MapGt"} MapGt<T>(m: [T]int, n: [T]int): [T]bool;
function {:builtin "MapGe"} MapGe<T>(m: [T]int, n: [T]int): [T]bool;

// One value of each type, about which nothing is known, and the identity.

function Default<T>(): T;
function {:inline} Id<T>(value: T): T { value }

const Identity: [int]int;
axiom (forall n: int :: Identity[n] == n);

// Integers from a bound on, and those of an interval: `from`, and `n` in all.

function {:inline} AtLeast(from: int): [int]bool { MapLe(MapConst(from), Identity) }
function {:inline} Range(from: int, n: int): [int]bool { MapDiff(AtLeast(from), AtLeast(from + n)) }

// Small datatypes.

datatype Option<T> { None(), Some(t: T) }
datatype Unit { Unit() }

// Vectors: what is outside of 0 .. len - 1 is the default, so that equal vectors are equal maps.

datatype Vec<T> { Vec(contents: [int]T, len: int) }

axiom {:ctor "Vec"} (forall<T> v: Vec T :: {v->len}
  0 <= v->len);
axiom {:ctor "Vec"} (forall<T> v: Vec T :: {v->len}{v->contents}
  MapConst(Default()) == MapIte(Range(0, v->len), MapConst(Default()), v->contents));

function {:inline} Vec_Empty<T>(): Vec T { Vec(MapConst(Default()), 0) }
function {:inline} Vec_Len<T>(v: Vec T): int { v->len }
function {:inline} Vec_Nth<T>(v: Vec T, n: int): T { v->contents[n] }
function {:inline} Vec_Contains<T>(v: Vec T, n: int): bool { 0 <= n && n < v->len }

function {:inline} Vec_Append<T>(v: Vec T, value: T): Vec T {
  Vec(v->contents[v->len := value], 1 + v->len)
}

// A position outside changes nothing.
function {:inline} Vec_Update<T>(v: Vec T, n: int, value: T): Vec T {
  if Vec_Contains(v, n) then Vec(v->contents[n := value], v->len) else v
}

// Without its last value; the empty vector stays.
function {:inline} Vec_Remove<T>(v: Vec T): Vec T {
  (var some, last := v->len > 0, v->len - 1;
    Vec(v->contents[last := (if some then Default() else v->contents[last])], (if some then last else v->len)))
}

// Unless both positions are inside, nothing changes.
function {:inline} Vec_Swap<T>(v: Vec T, n: int, m: int): Vec T {
  (var inside := 0 <= n && n < v->len && 0 <= m && m < v->len;
    Vec(
      v->contents[n := v->contents[(if inside then m else n)]][m := v->contents[(if inside then n else m)]],
      v->len))
}

function {:inline} Vec_Concat<T>(v: Vec T, w: Vec T): Vec T {
  Vec(
    (lambda {:pool "Concat"} n: int ::
      (if 0 <= n && n < Vec_Len(v) then Vec_Nth(v, n)
       else if Vec_Len(v) <= n && n < Vec_Len(v) + Vec_Len(w) && 0 <= n then Vec_Nth(w, n - Vec_Len(v))
       else Default())),
    Vec_Len(v) + Vec_Len(w))
}

// From position `from` up to `to`, exclusively; empty if these are no positions in order.
function {:inline} Vec_Slice<T>(v: Vec T, from: int, to: int): Vec T {
  (var proper := 0 <= from && from < to && to <= v->len;
    Vec(
      (lambda {:pool "Slice"} n: int ::
        (if proper && 0 <= n && n < to - from then Vec_Nth(v, from + n) else Default())),
      (if proper then to - from else 0)))
}

// Called where two vectors are to be shown equal: they are, or differ in length or at a place.
procedure Vec_Ext<T>(v: Vec T, w: Vec T) returns (n: int);
ensures v == w || Vec_Len(v) != Vec_Len(w) || Vec_Nth(v, n) != Vec_Nth(w, n);

// Sequences: the solver's own.

type {:builtin "Seq"} Seq _;
function {:builtin "seq.empty"} Seq_Empty<T>(): Seq T;
function {:builtin "seq.unit"} Seq_Unit<T>(value: T): Seq T;
function {:builtin "seq.len"} Seq_Len<T>(s: Seq T): int;
function {:builtin "seq.nth"} Seq_Nth<T>(s: Seq T, n: int): T;
function {:builtin "seq.++"} Seq_Concat<T>(s: Seq T, t: Seq T): Seq T;
function {:builtin "seq.extract"} Seq_Extract<T>(s: Seq T, from: int, length: int): Seq T;

// Sets: maps to bool.

function {:inline} Set_Empty<T>(): [T]bool { MapConst(false) }
function {:inline} Set_Contains<T>(s: [T]bool, value: T): bool { s[value] }
function {:inline} Set_Add<T>(s: [T]bool, value: T): [T]bool { s[value := true] }
function {:inline} Set_Remove<T>(s: [T]bool, value: T): [T]bool { s[value := false] }
function {:inline} Set_Singleton<T>(value: T): [T]bool { Set_Add(Set_Empty(), value) }
function {:inline} Set_Union<T>(s: [T]bool, t: [T]bool): [T]bool { MapOr(s, t) }
function {:inline} Set_Intersection<T>(s: [T]bool, t: [T]bool): [T]bool { MapAnd(s, t) }
function {:inline} Set_Difference<T>(s: [T]bool, t: [T]bool): [T]bool { MapDiff(s, t) }
function {:inline} Set_IsSubset<T>(s: [T]bool, t: [T]bool): bool { MapConst(true) == MapImp(s, t) }
function {:inline} Set_IsDisjoint<T>(s: [T]bool, t: [T]bool): bool { Set_Intersection(s, t) == Set_Empty() }

// A member of every set that has one.
function Choice<T>(s: [T]bool): T;
axiom (forall<T> s: [T]bool :: {Choice(s)} s[Choice(s)] || s == MapConst(false));

// Finite maps: a set of keys, and a map that is the default elsewhere if it is well formed.

datatype Map<T, U> { Map(dom: [T]bool, val: [T]U) }

function {:inline} Map_Empty<T, U>(): Map T U { Map(MapConst(false), MapConst(Default())) }
function {:inline} Map_Contains<T, U>(m: Map T U, key: T): bool { Set_Contains(m->dom, key) }
function {:inline} Map_At<T, U>(m: Map T U, key: T): U { m->val[key] }

function {:inline} Map_Update<T, U>(m: Map T U, key: T, value: U): Map T U {
  Map(Set_Add(m->dom, key), m->val[key := value])
}

function {:inline} Map_Remove<T, U>(m: Map T U, key: T): Map T U {
  Map(Set_Remove(m->dom, key), m->val[key := Default()])
}

function {:inline} Map_Singleton<T, U>(key: T, value: U): Map T U {
  Map_Update(Map_Empty(), key, value)
}

function {:inline} Map_Swap<T, U>(m: Map T U, key: T, other: T): Map T U {
  (var value, another := Map_At(m, key), Map_At(m, other); Map_Update(Map_Update(m, key, another), other, value))
}

function {:inline} Map_Extract<T, U>(m: Map T U, keys: [T]bool): Map T U {
  Map(keys, MapIte(keys, m->val, MapConst(Default())))
}

function {:inline} Map_Exclude<T, U>(m: Map T U, keys: [T]bool): Map T U {
  Map(Set_Difference(m->dom, keys), MapIte(keys, MapConst(Default()), m->val))
}

// Where both have a key, the first decides.
function {:inline} Map_Union<T, U>(m: Map T U, n: Map T U): Map T U {
  Map(Set_Union(m->dom, n->dom), MapIte(m->dom, m->val, n->val))
}

function {:inline} Map_IsDisjoint<T, U>(m: Map T U, n: Map T U): bool {
  Set_IsDisjoint(m->dom, n->dom)
}

function {:inline} Map_WellFormed<T, U>(m: Map T U): bool {
  m->val == MapIte(m->dom, m->val, MapConst(Default()))
}

function {:inline} Map_Collector<T, U>(m: Map T U): [T]bool { m->dom }
function {:inline} Map_Collector_Empty<T, U, P>(m: Map T U): [P]bool { MapConst(false) }

type UnitMap T = Map T Unit;

// What the concurrency layer takes apart; here plain datatypes.

type Loc;
datatype One<T> { One(val: T) }
datatype Cell<T, U> { Cell(key: One T, val: U) }
datatype Tag<T> { Tag(loc: Loc, val: T) }

function {:inline} One_Collector<T>(one: One T): [One T]bool { Set_Singleton(one) }

function {:inline} Tags<T>(loc: Loc, values: [T]bool): [One (Tag T)]bool {
  (lambda one: One (Tag T) :: Set_Contains(values, one->val->val) && one->val->loc == loc)
}

// A copy, and a condition that holds from here on.

pure procedure Copy<T>(v: T) returns (v': T);
ensures v == v';

pure procedure Assume(b: bool);
ensures b;
