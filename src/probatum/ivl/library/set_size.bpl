// The library `set_size`: how many members a set has. Needs `base`.

function Set_Size<Value>(s: [Value]bool): int;

axiom (forall<Value> s: [Value]bool :: Set_Size(s) >= 0);

axiom (forall<Value> :: Set_Size(Set_Empty(): [Value]bool) == 0);

axiom (forall<Value> s: [Value]bool, value: Value :: {Set_Add(s, value)}
  Set_Size(Set_Add(s, value)) == (if Set_Contains(s, value) then Set_Size(s) else 1 + Set_Size(s)));

axiom (forall<Value> s: [Value]bool, value: Value :: {Set_Remove(s, value)}
  Set_Size(Set_Remove(s, value)) == (if Set_Contains(s, value) then Set_Size(s) - 1 else Set_Size(s)));

axiom (forall<Value> s: [Value]bool, t: [Value]bool :: {Set_Size(Set_Difference(s, t))}{Set_Size(Set_Intersection(s, t))}
  Set_Size(Set_Intersection(s, t)) + Set_Size(Set_Difference(s, t)) == Set_Size(s));

axiom (forall<Value> s: [Value]bool, t: [Value]bool :: {Set_Size(Set_Union(s, t))}{Set_Size(Set_Intersection(s, t))}
  Set_Size(s) + Set_Size(t) == Set_Size(Set_Union(s, t)) + Set_Size(Set_Intersection(s, t)));

// Called where one of these facts is needed and nothing brings it in.

pure procedure Lemma_SetSize_Add<Value>(s: [Value]bool, value: Value) returns (t: [Value]bool);
requires !Set_Contains(s, value);
ensures t == Set_Add(s, value);
ensures Set_Size(t) == 1 + Set_Size(s);

pure procedure Lemma_SetSize_Remove<Value>(s: [Value]bool, value: Value) returns (t: [Value]bool);
requires Set_Contains(s, value);
ensures t == Set_Remove(s, value);
ensures Set_Size(s) == 1 + Set_Size(t);

pure procedure Lemma_SetSize_Subset<Value>(s: [Value]bool, t: [Value]bool);
requires Set_IsSubset(s, t);
ensures s == t || Set_Size(s) < Set_Size(t);
