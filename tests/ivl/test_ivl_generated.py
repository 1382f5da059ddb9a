"""Programs in the style of those that compilers to this language write: a theory in polymorphic axioms, then bodies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from probatum import ivl
from probatum.ivl.outcomes import Verification
from probatum.solve.prover import Prover

# A heap whose fields have types of their own, values in boxes, and finite sequences of them.
THEORY = """
type Obj; const none: Obj;
type Slot _; type Store = <V>[Obj, Slot V]V;
function {:inline true} load<V>(s: Store, o: Obj, f: Slot V): V { s[o, f] }
function {:inline true} store<V>(s: Store, o: Obj, f: Slot V, v: V): Store { s[o, f := v] }
const unique live: Slot bool;
function later(Store, Store): bool;
axiom (forall a, b: Store :: {later(a, b)} later(a, b) ==>
  (forall o: Obj :: {load(b, o, live)} load(a, o, live) ==> load(b, o, live)));
axiom (forall<V> s: Store, o: Obj, f: Slot V, v: V :: {store(s, o, f, v)} (f == live ==> false) ==> later(s, store(s, o, f, v)));

type Boxed; function box<V>(V): Boxed; function unbox<V>(Boxed): V;
axiom (forall<V> v: V :: {box(v)} unbox(box(v)) == v);
type Row _;
function size<V>(Row V): int; axiom (forall<V> r: Row V :: {size(r)} 0 <= size(r));
function empty<V>(): Row V; axiom (forall<V> :: {empty(): Row V} size(empty(): Row V) == 0);
function at<V>(Row V, int): V; function put<V>(Row V, V): Row V;
axiom (forall<V> r: Row V, v: V :: {put(r, v)} size(put(r, v)) == size(r) + 1 && at(put(r, v), size(r)) == v);
axiom (forall<V> r: Row V, v: V, i: int :: {at(put(r, v), i)} 0 <= i && i < size(r) ==> at(put(r, v), i) == at(r, i));
function alike<V>(a: Row V, b: Row V): bool;
axiom (forall<V> a, b: Row V :: {alike(a, b)}
  alike(a, b) <==> size(a) == size(b) && (forall i: int :: {at(a, i)} {at(b, i)} 0 <= i && i < size(a) ==> at(a, i) == at(b, i)));
axiom (forall<V> a, b: Row V :: {alike(a, b)} alike(a, b) ==> a == b);
var $s: Store where later($s, $s);
const unique Cell.count: Slot int; const unique Cell.items: Slot (Row Boxed);
"""


@pytest.fixture(scope="module")
def prover() -> Iterator[Prover]:
    with Prover(workers=1) as opened:
        ivl.verify("procedure P() { assert 1 + 1 == 2; }", prover=opened)  # the solvers start here
        yield opened


def verified(text: str, prover: Prover) -> Verification:
    result = ivl.verify(THEORY + text, prover=prover)
    assert not [error for error in result.static if error.kind == "error"], result.static
    return result


def lines(result: Verification) -> list[list[int]]:
    """Positions of what is reported, per body, counted from the first line after the theory."""
    offset = THEORY.count("\n")
    return [[outcome.label.position.line - offset for outcome in body.reported] for body in result.bodies]


def test_fields_of_a_heap_keep_their_types_apart(prover: Prover) -> None:
    result = verified(
        """
procedure Step(this: Obj)
  requires this != none && load($s, this, live);
  modifies $s;
  ensures load($s, this, Cell.count) == load(old($s), this, Cell.count) + 1;
  ensures load($s, this, Cell.items) == load(old($s), this, Cell.items);
{
  $s := store($s, this, Cell.count, load($s, this, Cell.count) + 1);
}
procedure Twice(this: Obj, other: Obj)
  requires this != none && load($s, this, live);
  modifies $s;
{
  call Step(this);
  assume load($s, this, live);
  call Step(this);
  assert load($s, this, Cell.count) == load(old($s), this, Cell.count) + 2;
  assert load($s, other, Cell.count) == load(old($s), other, Cell.count);
}""",
        prover,
    )
    assert lines(result) == [[], [18]]


def test_boxes_and_rows_are_instances_at_every_type_that_is_used(prover: Prover) -> None:
    result = verified(
        """
procedure Rows(n: int, b: bool)
{
  var r: Row Boxed;
  r := put(put(empty(): Row Boxed, box(n)), box(b));
  assert size(r) == 2;
  assert (unbox(at(r, 0)): int) == n;
  assert (unbox(at(r, 1)): bool) == b;
  assert alike(put(empty(): Row int, n), put(empty(): Row int, n));
  assert (unbox(at(r, 0)): bool) == b;
}""",
        prover,
    )
    assert lines(result) == [[10]]


def test_what_needs_instances_of_instances_is_proved(prover: Prover) -> None:
    # Each application of `next` is found in an instance of the one before: deeper than z3 goes by itself.
    steps = "next(" * 30 + "0" + ")" * 30
    result = verified(
        f"""
type Chain; function next(int): int; function reached(int): bool;
axiom (forall i: int :: {{reached(i)}} reached(i) ==> next(i) == i + 1 && reached(i + 1));
procedure Far()
{{
  assume reached(0);
  assert {steps} == 30;
}}""",
        prover,
    )
    assert [body.verified for body in result.bodies] == [True]


def test_frames_are_functions_of_slots_of_every_type(prover: Prover) -> None:
    result = verified(
        """
procedure Frame(this: Obj)
  requires this != none;
  modifies $s;
  ensures (forall<V> o: Obj, f: Slot V :: {load($s, o, f)}
    o != this ==> load($s, o, f) == load(old($s), o, f));
{
  var frame: <V>[Obj, Slot V]bool;
  frame := (lambda<V> o: Obj, f: Slot V :: o == this);
  assert frame[this, Cell.count];
  $s := store($s, this, Cell.count, 3);
  assert frame[none, Cell.items];
}
procedure Escapes(this: Obj, that: Obj)
  modifies $s;
  ensures (forall<V> o: Obj, f: Slot V :: {load($s, o, f)} o != this ==> load($s, o, f) == load(old($s), o, f));
{
  $s := store($s, that, Cell.count, 3);
}""",
        prover,
    )
    assert lines(result) == [[12], [16]]


@pytest.mark.parametrize(
    "claim",
    [
        "load($s, o, Cell.count) >= 0",
        "later($s, store($s, o, live, false))",
        "(unbox(box(1)): bool)",
        "at(empty(): Row int, 0) == 0",
    ],
)
def test_the_theory_alone_proves_nothing_that_it_does_not_say(claim: str, prover: Prover) -> None:
    result = verified(f"procedure P(o: Obj) {{ assert {claim}; }}", prover)
    assert [body.verified for body in result.bodies] == [False]
