// The library `set_size`: how many members a set has. Needs `base`.

function Set_Size<T>(s: [T]bool): int;

axiom (forall<T> s: [T]bool :: Set_Size(s) >= 0);

axiom (forall<T> :: Set_Size(Set_Empty(): [T]bool) == 0);

axiom (forall<T> s: [T]bool, value: T :: {Set_Add(s, value)}
  Set_Size(Set_Add(s, value)) == (if Set_Contains(s, value) then Set_Size(s) else 1 + Set_Size(s)));

axiom (forall<T> s: [T]bool, value: T :: {Set_Remove(s, value)}
  Set_Size(Set_Remove(s, value)) == (if Set_Contains(s, value) then Set_Size(s) - 1 else Set_Size(s)));

axiom (forall<T> s: [T]bool, t: [T]bool :: {Set_Size(Set_Difference(s, t))}{Set_Size(Set_Intersection(s, t))}
  Set_Size(Set_Intersection(s, t)) + Set_Size(Set_Difference(s, t)) == Set_Size(s));

axiom (forall<T> s: [T]bool, t: [T]bool :: {Set_Size(Set_Union(s, t))}{Set_Size(Set_Intersection(s, t))}
  Set_Size(s) + Set_Size(t) == Set_Size(Set_Union(s, t)) + Set_Size(Set_Intersection(s, t)));

// Called where one of these facts is needed and nothing brings it in.

pure procedure Lemma_SetSize_Add<T>(s: [T]bool, value: T) returns (t: [T]bool);
requires !Set_Contains(s, value);
ensures t == Set_Add(s, value);
ensures Set_Size(t) == 1 + Set_Size(s);

pure procedure Lemma_SetSize_Remove<T>(s: [T]bool, value: T) returns (t: [T]bool);
requires Set_Contains(s, value);
ensures t == Set_Remove(s, value);
ensures Set_Size(s) == 1 + Set_Size(t);

pure procedure Lemma_SetSize_Subset<T>(s: [T]bool, t: [T]bool);
requires Set_IsSubset(s, t);
ensures s == t || Set_Size(s) < Set_Size(t);
