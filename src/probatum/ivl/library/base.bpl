// The library `base`: maps point by point, options, vectors, sequences, sets,
// finite maps. Names and meanings are those of Boogie's library of this name,
// so that programs written for it keep their meaning. What belongs to the
// concurrency layer (linear maps and their primitives) is not here.

// Maps, point by point: functions of the solver's theory of arrays.

function {:builtin "MapConst"} MapConst<Key, Value>(value: Value): [Key]Value;
function {:builtin "MapEq"} MapEq<Key, Value>(m: [Key]Value, n: [Key]Value): [Key]bool;
function {:builtin "MapIte"} MapIte<Key, Value>(where_: [Key]bool, then_: [Key]Value, else_: [Key]Value): [Key]Value;

function {:builtin "MapNot"} MapNot<Key>(p: [Key]bool): [Key]bool;
function {:builtin "MapAnd"} MapAnd<Key>(p: [Key]bool, q: [Key]bool): [Key]bool;
function {:builtin "MapOr"} MapOr<Key>(p: [Key]bool, q: [Key]bool): [Key]bool;
function {:builtin "MapImp"} MapImp<Key>(p: [Key]bool, q: [Key]bool): [Key]bool;
function {:builtin "MapIff"} MapIff<Key>(p: [Key]bool, q: [Key]bool): [Key]bool;
function {:inline} MapDiff<Key>(p: [Key]bool, q: [Key]bool): [Key]bool { MapAnd(p, MapNot(q)) }

function {:builtin "MapAdd"} MapAdd<Key>(m: [Key]int, n: [Key]int): [Key]int;
function {:builtin "MapSub"} MapSub<Key>(m: [Key]int, n: [Key]int): [Key]int;
function {:builtin "MapMul"} MapMul<Key>(m: [Key]int, n: [Key]int): [Key]int;
function {:builtin "MapDiv"} MapDiv<Key>(m: [Key]int, n: [Key]int): [Key]int;
function {:builtin "MapMod"} MapMod<Key>(m: [Key]int, n: [Key]int): [Key]int;
function {:builtin "MapLt"} MapLt<Key>(m: [Key]int, n: [Key]int): [Key]bool;
function {:builtin "MapLe"} MapLe<Key>(m: [Key]int, n: [Key]int): [Key]bool;
function {:builtin "MapGt"} MapGt<Key>(m: [Key]int, n: [Key]int): [Key]bool;
function {:builtin "MapGe"} MapGe<Key>(m: [Key]int, n: [Key]int): [Key]bool;

// One value of each type, about which nothing is known, and the identity.

function Default<Value>(): Value;
function {:inline} Id<Value>(value: Value): Value { value }

const Identity: [int]int;
axiom (forall n: int :: Identity[n] == n);

// Integers from a bound on, and those of an interval: `from`, and `n` in all.

function {:inline} AtLeast(from: int): [int]bool { MapLe(MapConst(from), Identity) }
function {:inline} Range(from: int, n: int): [int]bool { MapDiff(AtLeast(from), AtLeast(from + n)) }

// Small datatypes.

datatype Option<Value> { None(), Some(t: Value) }
datatype Unit { Unit() }

// Vectors: what is outside of 0 .. len - 1 is the default, so that equal vectors are equal maps.

datatype Vec<Value> { Vec(contents: [int]Value, len: int) }

axiom {:ctor "Vec"} (forall<Value> v: Vec Value :: {v->len}
  0 <= v->len);
axiom {:ctor "Vec"} (forall<Value> v: Vec Value :: {v->len}{v->contents}
  MapConst(Default()) == MapIte(Range(0, v->len), MapConst(Default()), v->contents));

function {:inline} Vec_Empty<Value>(): Vec Value { Vec(MapConst(Default()), 0) }
function {:inline} Vec_Len<Value>(v: Vec Value): int { v->len }
function {:inline} Vec_Nth<Value>(v: Vec Value, n: int): Value { v->contents[n] }
function {:inline} Vec_Contains<Value>(v: Vec Value, n: int): bool { 0 <= n && n < v->len }

function {:inline} Vec_Append<Value>(v: Vec Value, value: Value): Vec Value {
  Vec(v->contents[v->len := value], 1 + v->len)
}

// A position outside changes nothing.
function {:inline} Vec_Update<Value>(v: Vec Value, n: int, value: Value): Vec Value {
  if Vec_Contains(v, n) then Vec(v->contents[n := value], v->len) else v
}

// Without its last value; the empty vector stays.
function {:inline} Vec_Remove<Value>(v: Vec Value): Vec Value {
  (var some, last := v->len > 0, v->len - 1;
    Vec(v->contents[last := (if some then Default() else v->contents[last])], (if some then last else v->len)))
}

// Unless both positions are inside, nothing changes.
function {:inline} Vec_Swap<Value>(v: Vec Value, n: int, m: int): Vec Value {
  (var inside := 0 <= n && n < v->len && 0 <= m && m < v->len;
    Vec(
      v->contents[n := v->contents[(if inside then m else n)]][m := v->contents[(if inside then n else m)]],
      v->len))
}

function {:inline} Vec_Concat<Value>(v: Vec Value, w: Vec Value): Vec Value {
  Vec(
    (lambda {:pool "Concat"} n: int ::
      (if 0 <= n && n < Vec_Len(v) then Vec_Nth(v, n)
       else if Vec_Len(v) <= n && n < Vec_Len(v) + Vec_Len(w) && 0 <= n then Vec_Nth(w, n - Vec_Len(v))
       else Default())),
    Vec_Len(v) + Vec_Len(w))
}

// From position `from` up to `to`, exclusively; empty if these are no positions in order.
function {:inline} Vec_Slice<Value>(v: Vec Value, from: int, to: int): Vec Value {
  (var proper := 0 <= from && from < to && to <= v->len;
    Vec(
      (lambda {:pool "Slice"} n: int ::
        (if proper && 0 <= n && n < to - from then Vec_Nth(v, from + n) else Default())),
      (if proper then to - from else 0)))
}

// Called where two vectors are to be shown equal: they are, or differ in length or at a place.
procedure Vec_Ext<Value>(v: Vec Value, w: Vec Value) returns (n: int);
ensures v == w || Vec_Len(v) != Vec_Len(w) || Vec_Nth(v, n) != Vec_Nth(w, n);

// Sequences: the solver's own.

type {:builtin "Seq"} Seq _;
function {:builtin "seq.empty"} Seq_Empty<Value>(): Seq Value;
function {:builtin "seq.unit"} Seq_Unit<Value>(value: Value): Seq Value;
function {:builtin "seq.len"} Seq_Len<Value>(s: Seq Value): int;
function {:builtin "seq.nth"} Seq_Nth<Value>(s: Seq Value, n: int): Value;
function {:builtin "seq.++"} Seq_Concat<Value>(s: Seq Value, t: Seq Value): Seq Value;
function {:builtin "seq.extract"} Seq_Extract<Value>(s: Seq Value, from: int, length: int): Seq Value;

// Sets: maps to bool.

function {:inline} Set_Empty<Value>(): [Value]bool { MapConst(false) }
function {:inline} Set_Contains<Value>(s: [Value]bool, value: Value): bool { s[value] }
function {:inline} Set_Add<Value>(s: [Value]bool, value: Value): [Value]bool { s[value := true] }
function {:inline} Set_Remove<Value>(s: [Value]bool, value: Value): [Value]bool { s[value := false] }
function {:inline} Set_Singleton<Value>(value: Value): [Value]bool { Set_Add(Set_Empty(), value) }
function {:inline} Set_Union<Value>(s: [Value]bool, t: [Value]bool): [Value]bool { MapOr(s, t) }
function {:inline} Set_Intersection<Value>(s: [Value]bool, t: [Value]bool): [Value]bool { MapAnd(s, t) }
function {:inline} Set_Difference<Value>(s: [Value]bool, t: [Value]bool): [Value]bool { MapDiff(s, t) }
function {:inline} Set_IsSubset<Value>(s: [Value]bool, t: [Value]bool): bool { MapConst(true) == MapImp(s, t) }
function {:inline} Set_IsDisjoint<Value>(s: [Value]bool, t: [Value]bool): bool { Set_Intersection(s, t) == Set_Empty() }

// A member of every set that has one.
function Choice<Value>(s: [Value]bool): Value;
axiom (forall<Value> s: [Value]bool :: {Choice(s)} s[Choice(s)] || s == MapConst(false));

// Finite maps: a set of keys, and a map that is the default elsewhere if it is well formed.

datatype Map<Key, Value> { Map(dom: [Key]bool, val: [Key]Value) }

function {:inline} Map_Empty<Key, Value>(): Map Key Value { Map(MapConst(false), MapConst(Default())) }
function {:inline} Map_Contains<Key, Value>(m: Map Key Value, key: Key): bool { Set_Contains(m->dom, key) }
function {:inline} Map_At<Key, Value>(m: Map Key Value, key: Key): Value { m->val[key] }

function {:inline} Map_Update<Key, Value>(m: Map Key Value, key: Key, value: Value): Map Key Value {
  Map(Set_Add(m->dom, key), m->val[key := value])
}

function {:inline} Map_Remove<Key, Value>(m: Map Key Value, key: Key): Map Key Value {
  Map(Set_Remove(m->dom, key), m->val[key := Default()])
}

function {:inline} Map_Singleton<Key, Value>(key: Key, value: Value): Map Key Value {
  Map_Update(Map_Empty(), key, value)
}

function {:inline} Map_Swap<Key, Value>(m: Map Key Value, key: Key, other: Key): Map Key Value {
  (var value, another := Map_At(m, key), Map_At(m, other); Map_Update(Map_Update(m, key, another), other, value))
}

function {:inline} Map_Extract<Key, Value>(m: Map Key Value, keys: [Key]bool): Map Key Value {
  Map(keys, MapIte(keys, m->val, MapConst(Default())))
}

function {:inline} Map_Exclude<Key, Value>(m: Map Key Value, keys: [Key]bool): Map Key Value {
  Map(Set_Difference(m->dom, keys), MapIte(keys, MapConst(Default()), m->val))
}

// Where both have a key, the first decides.
function {:inline} Map_Union<Key, Value>(m: Map Key Value, n: Map Key Value): Map Key Value {
  Map(Set_Union(m->dom, n->dom), MapIte(m->dom, m->val, n->val))
}

function {:inline} Map_IsDisjoint<Key, Value>(m: Map Key Value, n: Map Key Value): bool {
  Set_IsDisjoint(m->dom, n->dom)
}

function {:inline} Map_WellFormed<Key, Value>(m: Map Key Value): bool {
  m->val == MapIte(m->dom, m->val, MapConst(Default()))
}

function {:inline} Map_Collector<Key, Value>(m: Map Key Value): [Key]bool { m->dom }
function {:inline} Map_Collector_Empty<Key, Value, Other>(m: Map Key Value): [Other]bool { MapConst(false) }

type UnitMap Key = Map Key Unit;

// What the concurrency layer takes apart; here plain datatypes.

type Loc;
datatype One<Value> { One(val: Value) }
datatype Cell<Key, Value> { Cell(key: One Key, val: Value) }
datatype Tag<Value> { Tag(loc: Loc, val: Value) }

function {:inline} One_Collector<Value>(one: One Value): [One Value]bool { Set_Singleton(one) }

function {:inline} Tags<Value>(loc: Loc, values: [Value]bool): [One (Tag Value)]bool {
  (lambda one: One (Tag Value) :: Set_Contains(values, one->val->val) && one->val->loc == loc)
}

// A copy, and a condition that holds from here on.

pure procedure Copy<Value>(v: Value) returns (v': Value);
ensures v == v';

pure procedure Assume(b: bool);
ensures b;
