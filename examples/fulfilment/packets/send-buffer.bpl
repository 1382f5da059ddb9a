// The send buffer of the packet library: a ring of slots, from which packets go to the scales and label printers.
// `first` is the slot of the oldest packet that nobody acknowledged, `waiting` how many there are.

const capacity: int;
axiom 0 < capacity;

var buffer: [int]int;
var first: int;
var waiting: int;

procedure send(packet: int) returns (slot: int)
  requires 0 <= first && first < capacity;
  requires 0 <= waiting && waiting < capacity;
  modifies buffer, waiting;
  ensures 0 <= slot && slot < capacity;
  ensures buffer == old(buffer)[slot := packet];
  ensures waiting == old(waiting) + 1;
{
  slot := first + waiting;
  if (slot >= capacity) {
    slot := slot - capacity;
  }
  buffer[slot] := packet;
  waiting := waiting + 1;
}

// The other side acknowledges the oldest `count` packets.
procedure acknowledge(count: int)
  requires 0 <= first && first < capacity;
  requires 0 <= count && count <= waiting && waiting <= capacity;
  modifies first, waiting;
  ensures 0 <= first && first < capacity;
  ensures waiting == old(waiting) - count;
{
  first := first + count;
  if (first > capacity) {
    first := first - capacity;
  }
  waiting := waiting - count;
}

// Send everything once more that waits, oldest first; `sent` is what goes out.
procedure resend() returns (sent: [int]int)
  requires 0 <= first && first < capacity;
  requires 0 <= waiting && waiting <= capacity;
  ensures (forall i: int :: 0 <= i && i < waiting && first + i < capacity ==> sent[i] == buffer[first + i]);
  ensures (forall i: int :: 0 <= i && i < waiting && first + i >= capacity ==> sent[i] == buffer[first + i - capacity]);
{
  var done: int, slot: int;
  done, slot := 0, first;
  while (done < waiting)
    invariant 0 <= done && done <= waiting;
    invariant slot == (if first + done < capacity then first + done else first + done - capacity);
    invariant (forall i: int :: 0 <= i && i < done && first + i < capacity ==> sent[i] == buffer[first + i]);
    invariant (forall i: int :: 0 <= i && i < done && first + i >= capacity ==> sent[i] == buffer[first + i - capacity]);
  {
    assert 0 <= slot && slot < capacity;
    sent[done] := buffer[slot];
    done, slot := done + 1, slot + 1;
    if (slot == capacity) {
      slot := 0;
    }
  }
}
