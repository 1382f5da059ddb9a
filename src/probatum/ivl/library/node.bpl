// The library `node`: linked nodes, and what lies between two of them. Needs `base`.

datatype Node<T> { Node(next: Option Loc, val: T) }

// Along `next` from `a`, one comes to `b` and then to `c`; `b` comes first, before `c`.
function Between<T>(heap: [One Loc]Node T, a: Option Loc, b: Option Loc, c: Option Loc): bool;
// Along `next` from `a`, one comes to `b` without passing `c`.
function Avoiding<T>(heap: [One Loc]Node T, a: Option Loc, b: Option Loc, c: Option Loc): bool;

function {:inline} BetweenSet<T>(heap: [One Loc]Node T, a: Option Loc, c: Option Loc): [Loc]bool {
  (lambda b: Loc :: Between(heap, a, Some(b), c))
}

// Every place is reached from itself.
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Option Loc :: Between(heap, a, a, a));

// The next one is reached in one step.
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Loc :: {heap[One(a)]}
  Between(heap, Some(a), heap[One(a)]->next, heap[One(a)]->next));

// What is reached is the place itself, or reached from the next one.
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Loc, b: Option Loc ::
  {heap[One(a)], Between(heap, Some(a), b, b)}
  Between(heap, Some(a), b, b) ==> Between(heap, Some(a), heap[One(a)]->next, b) || Some(a) == b);

// From a place whose next one is itself, nothing else is reached.
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Loc, b: Option Loc ::
  {heap[One(a)], Between(heap, Some(a), b, b)}
  Between(heap, Some(a), b, b) && heap[One(a)]->next == Some(a) ==> Some(a) == b);

// Between a place and itself there is nothing else.
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Option Loc, b: Option Loc ::
  {Between(heap, a, b, a)}
  Between(heap, a, b, a) ==> a == b);

// Of two places that are reached, one comes first.
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Option Loc, b: Option Loc, c: Option Loc ::
  {Between(heap, a, b, b), Between(heap, a, c, c)}
  Between(heap, a, c, c) && Between(heap, a, b, b) ==> Between(heap, a, c, b) || Between(heap, a, b, c));

// What lies between is reached, and reaches the end.
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Option Loc, b: Option Loc, c: Option Loc ::
  {Between(heap, a, b, c)}
  Between(heap, a, b, c) ==> Between(heap, b, c, c) && Between(heap, a, b, b));

// Being reached is transitive, in three forms.
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Option Loc, b: Option Loc, c: Option Loc ::
  {Between(heap, a, b, b), Between(heap, b, c, c)}
  Between(heap, b, c, c) && Between(heap, a, b, b) ==> Between(heap, a, c, c));
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Option Loc, b: Option Loc, c: Option Loc, d: Option Loc ::
  {Between(heap, a, b, c), Between(heap, b, d, c)}
  Between(heap, b, d, c) && Between(heap, a, b, c) ==> Between(heap, a, d, c) && Between(heap, a, b, d));
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Option Loc, b: Option Loc, c: Option Loc, d: Option Loc ::
  {Between(heap, a, b, c), Between(heap, a, d, b)}
  Between(heap, a, d, b) && Between(heap, a, b, c) ==> Between(heap, d, b, c) && Between(heap, a, d, c));

// The first fact has no trigger that is enough, and the others do not give this one.
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Option Loc, b: Option Loc ::
  {Between(heap, a, b, b)}
  Between(heap, a, b, b) ==> Between(heap, a, a, b));

// Each of the two relations in terms of the other.
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Option Loc, b: Option Loc, c: Option Loc ::
  {Avoiding(heap, a, b, c)}
  Avoiding(heap, a, b, c) <==> (!Between(heap, a, c, c) && Between(heap, a, b, b)) || Between(heap, a, b, c));
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Option Loc, b: Option Loc, c: Option Loc ::
  {Between(heap, a, b, c)}
  Between(heap, a, b, c) <==> Avoiding(heap, a, c, c) && Avoiding(heap, a, b, c));

// What an assignment to one node does: a way does not pass it, or comes to it and goes on as the new node says.
axiom {:ctor "Node"} (forall<T> heap: [One Loc]Node T, a: Option Loc, b: Option Loc, c: Option Loc, at: Loc, node: Node T ::
  {Avoiding(heap[One(at) := node], a, b, c)}
  Avoiding(heap[One(at) := node], a, b, c) <==>
    (Avoiding(heap, a, b, c) && Avoiding(heap, a, b, Some(at)))
    || (Some(at) != c
        && Avoiding(heap, a, Some(at), c)
        && Avoiding(heap, node->next, b, c)
        && Avoiding(heap, node->next, b, Some(at))));

// All nodes from a start to the end of the list belong to a finite map.
function {:inline} InDomain<T>(nodes: Map (One Loc) (Node T), start: Option Loc): bool {
  Between(nodes->val, start, start, None())
  && (forall at: Loc :: Between(nodes->val, start, Some(at), None()) ==> Set_Contains(nodes->dom, One(at)))
}

// A list as a stack, as a set, and as a queue that follows another. Definitions and
// frames are lemmas, to be called: as axioms they would unfold lists without end.

function StackAbs<T>(start: Option Loc, nodes: Map (One Loc) (Node T)): Vec T;
function {:inline} StackAbsDef<T>(start: Option Loc, nodes: Map (One Loc) (Node T)): Vec T {
  if start == None() then Vec_Empty()
  else (var first := Map_At(nodes, One(start->t)); Vec_Append(StackAbs(first->next, nodes), first->val))
}

pure procedure StackAbsLemma<T>(start: Option Loc, nodes: Map (One Loc) (Node T));
requires Between(nodes->val, start, start, None());
requires InDomain(nodes, start);
ensures StackAbs(start, nodes) == StackAbsDef(start, nodes);

pure procedure StackFrameLemma<T>(
  start: Option Loc, nodes: Map (One Loc) (Node T), nodes': Map (One Loc) (Node T));
requires Set_IsSubset(nodes->dom, nodes'->dom);
requires MapIte(nodes->dom, nodes->val, MapConst(Default())) == MapIte(nodes->dom, nodes'->val, MapConst(Default()));
requires Between(nodes->val, start, start, None());
requires InDomain(nodes, start);
ensures StackAbs(start, nodes) == StackAbs(start, nodes');

function SetAbs<T>(start: Option Loc, nodes: Map (One Loc) (Node T)): [T]bool;
function {:inline} SetAbsDef<T>(start: Option Loc, nodes: Map (One Loc) (Node T)): [T]bool {
  if start == None() then Set_Empty()
  else (var first := Map_At(nodes, One(start->t)); Set_Add(SetAbs(first->next, nodes), first->val))
}

pure procedure SetAbsLemma<T>(start: Option Loc, nodes: Map (One Loc) (Node T));
requires Between(nodes->val, start, start, None());
requires InDomain(nodes, start);
ensures SetAbs(start, nodes) == SetAbsDef(start, nodes);

pure procedure SetFrameLemma<T>(
  start: Option Loc, nodes: Map (One Loc) (Node T), nodes': Map (One Loc) (Node T));
requires Set_IsSubset(nodes->dom, nodes'->dom);
requires MapIte(nodes->dom, nodes->val, MapConst(Default())) == MapIte(nodes->dom, nodes'->val, MapConst(Default()));
requires Between(nodes->val, start, start, None());
requires InDomain(nodes, start);
ensures SetAbs(start, nodes) == SetAbs(start, nodes');

function QueueAbs<T>(in_queue: Vec T, start: Option Loc, nodes: Map (One Loc) (Node T)): Vec T;
function {:inline} QueueAbsDef<T>(
  in_queue: Vec T, start: Option Loc, nodes: Map (One Loc) (Node T)): Vec T {
  if start == None() then in_queue
  else (var first := Map_At(nodes, One(start->t)); QueueAbs(Vec_Append(in_queue, first->val), first->next, nodes))
}

pure procedure QueueAbsLemma<T>(in_queue: Vec T, start: Option Loc, nodes: Map (One Loc) (Node T));
requires Between(nodes->val, start, start, None());
requires InDomain(nodes, start);
ensures QueueAbs(in_queue, start, nodes) == QueueAbsDef(in_queue, start, nodes);

pure procedure QueueFrameLemma<T>(
  in_queue: Vec T, start: Option Loc, nodes: Map (One Loc) (Node T), nodes': Map (One Loc) (Node T));
requires Set_IsSubset(nodes->dom, nodes'->dom);
requires MapIte(nodes->dom, nodes->val, MapConst(Default())) == MapIte(nodes->dom, nodes'->val, MapConst(Default()));
requires Between(nodes->val, start, start, None());
requires InDomain(nodes, start);
ensures QueueAbs(in_queue, start, nodes) == QueueAbs(in_queue, start, nodes');
