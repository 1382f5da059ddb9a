// Claims about messages that are framed. A procedure whose name begins with `wrong` must not verify, every other one
// must.

function Serialised(bodies: Seq (Seq byte)): Seq byte;
axiom (forall b: Seq (Seq byte) :: {Serialised(b)}
  Serialised(b)
  == (if Seq_len(b) == 0 then Seq_empty()
      else Seq_concat(Seq_concat(Int_to_bytes(Seq_len(Seq_at(b, 0)), 4, true, false), Seq_at(b, 0)),
             Serialised_after(Seq_drop(b, 1)))));
function Serialised_after(bodies: Seq (Seq byte)): Seq byte;  // the same, not unfolded again
axiom (forall b: Seq (Seq byte) :: {Serialised(b)} Serialised(b) == Serialised_after(b));

procedure parse_what_was_serialised(bodies: Seq (Seq byte), tail: Seq byte) returns (parsed: Seq (Seq byte), rest: Seq byte)
requires (forall k: int :: {Seq_at(bodies, k)}
  0 <= k && k < Seq_len(bodies) ==> Seq_len(Seq_at(bodies, k)) < 4294967296);
ensures Seq_equal(parsed, bodies);
ensures Seq_equal(rest, tail);
{
  var i: int;
  var n: int;
  i := 0;
  parsed := Seq_empty();
  rest := Seq_concat(Serialised(bodies), tail);
  while (i < Seq_len(bodies))
  invariant 0 <= i && i <= Seq_len(bodies);
  invariant Seq_equal(parsed, Seq_take(bodies, i));
  invariant Seq_equal(rest, Seq_concat(Serialised(Seq_drop(bodies, i)), tail));
  {
    assert 4 <= Seq_len(rest);
    n := Bytes_to_int(Seq_slice(rest, 0, 4), true, false);
    assert 4 + n <= Seq_len(rest);
    parsed := Seq_push(parsed, Seq_slice(rest, 4, 4 + n));
    rest := Seq_drop(rest, 4 + n);
    i := i + 1;
  }
}

procedure total_parser(data: Seq byte) returns (bodies: Seq (Seq byte), rest: Seq byte)
ensures Seq_len(rest) <= Seq_len(data);
ensures (exists from: int :: 0 <= from && from <= Seq_len(data) && Seq_equal(rest, Seq_drop(data, from)));
{
  var at: int;
  var n: int;
  at := 0;
  bodies := Seq_empty();
  while (at + 4 <= Seq_len(data))
  invariant 0 <= at && at <= Seq_len(data);
  {
    n := Bytes_to_int(Seq_slice(data, at, at + 4), true, false);
    assert 0 <= n && n < 4294967296;
    if (at + 4 + n > Seq_len(data)) {
      break;
    }
    bodies := Seq_push(bodies, Seq_slice(data, at + 4, at + 4 + n));
    assert Seq_len(Seq_at(bodies, Seq_len(bodies) - 1)) == n;
    at := at + 4 + n;
  }
  rest := Seq_drop(data, at);
  assert Seq_equal(rest, Seq_drop(data, at));
}

procedure reassembled(data: Seq byte, first: int, second: int)
requires 0 <= first && first <= second && second <= Seq_len(data);
{
  var parts: Seq (Seq byte);
  parts := Seq_push(Seq_push(Seq_one(Seq_take(data, first)), Seq_slice(data, first, second)), Seq_drop(data, second));
  assert Seq_equal(Bytes_join(Seq_empty(), parts), data);
}

procedure ivs_are_unique(number: int, other: int)
requires 0 < number && number < 4294967296 && 0 < other && other < 4294967296 && number != other;
{
  assert !Seq_equal(
    Seq_concat(Seq_repeat(byte_of(0), 8), Int_to_bytes(number, 4, true, false)),
    Seq_concat(Seq_repeat(byte_of(0), 8), Int_to_bytes(other, 4, true, false)));
}

procedure wrong_ivs_are_unique(number: int, other: int)
requires 0 < number && 0 < other && number != other;
{
  assert !Seq_equal(
    Seq_concat(Seq_repeat(byte_of(0), 11), Int_to_bytes(number mod 256, 1, true, false)),
    Seq_concat(Seq_repeat(byte_of(0), 11), Int_to_bytes(other mod 256, 1, true, false)));
}

procedure fields(version: int, kind: int, suite: int, id: Seq byte, context: Seq byte, rest: Seq byte)
requires 0 <= version && version < 256 && 0 <= kind && kind < 256 && 0 <= suite && suite < 65536;
requires Seq_len(id) == 16 && Seq_len(context) < 65536;
{
  var m: Seq byte;
  var n: int;
  m := Seq_push(Seq_one(byte_of(version)), byte_of(kind));
  m := Seq_concat(m, Int_to_bytes(suite, 2, true, false));
  m := Seq_concat(m, id);
  m := Seq_concat(m, Int_to_bytes(Seq_len(context), 2, true, false));
  m := Seq_concat(m, context);
  m := Seq_concat(m, rest);
  assert byte_int(Seq_at(m, 0)) == version;
  assert byte_int(Seq_at(m, 1)) == kind;
  assert Bytes_to_int(Seq_slice(m, 2, 4), true, false) == suite;
  assert Seq_equal(Seq_slice(m, 4, 20), id);
  n := Bytes_to_int(Seq_slice(m, 20, 22), true, false);
  assert n == Seq_len(context);
  assert Seq_equal(Seq_slice(m, 22, 22 + n), context);
  assert Seq_equal(Seq_drop(m, 22 + n), rest);
}

procedure swapped_fields_are_not_the_same(a: Seq byte, b: Seq byte, key: Seq byte)
requires Seq_len(a) == Seq_len(b) && a != b;
{
  assert !Seq_equal(Seq_concat(Seq_concat(key, a), b), Seq_concat(Seq_concat(key, b), a));
}

procedure truncation_shows(data: Seq byte, n: int)
requires 4 <= Seq_len(data) && Bytes_to_int(Seq_take(data, 4), true, false) + 4 == Seq_len(data);
requires 4 <= n && n < Seq_len(data);
{
  assert Bytes_to_int(Seq_take(Seq_take(data, n), 4), true, false) + 4 > Seq_len(Seq_take(data, n));
}

procedure bytes_that_stay(data: Seq byte, i: int, x: byte)
requires 0 <= i && i < 4 && 8 <= Seq_len(data);
{
  var d: Seq byte;
  d := Seq_update(data, i, x);
  assert Bytes_to_int(Seq_slice(d, 4, 8), true, false) == Bytes_to_int(Seq_slice(data, 4, 8), true, false);
  assert Seq_equal(Seq_drop(d, 4), Seq_drop(data, 4));
}
