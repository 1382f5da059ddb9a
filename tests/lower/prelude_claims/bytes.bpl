// Claims about bytes, integers and bits. A procedure whose name begins with `wrong` must not verify, every other one must.

procedure u32_round_trip(n: int)
requires 0 <= n && n < 4294967296;
{
  var b: Seq byte;
  b := Int_to_bytes(n, 4, true, false);
  assert Seq_len(b) == 4;
  assert Bytes_to_int(b, true, false) == n;
  assert byte_int(Seq_at(b, 3)) == Int_mod(n, 256);
  assert byte_int(Seq_at(b, 0)) == Int_floordiv(n, 16777216);
}

procedure wrong_u32_round_trip(n: int)
requires 0 <= n && n <= 4294967296;
{
  assert Bytes_to_int(Int_to_bytes(n, 4, true, false), true, false) == n;
}

procedure u32_of_bytes(s: Seq byte)
requires Seq_len(s) == 4;
{
  assert Seq_equal(Int_to_bytes(Bytes_to_int(s, true, false), 4, true, false), s);
  assert Bytes_to_int(s, true, false) < 4294967296;
  assert Bytes_to_int(s, false, true) < 2147483648;
  assert -2147483648 <= Bytes_to_int(s, false, true);
}

procedure u64_is_injective(n: int, m: int)
requires 0 <= n && n < 18446744073709551616 && 0 <= m && m < 18446744073709551616;
requires Int_to_bytes(n, 8, true, false) == Int_to_bytes(m, 8, true, false);
{
  assert n == m;
}

procedure wrong_u32_is_injective(n: int, m: int)
requires 0 <= n && 0 <= m;
requires Int_to_bytes(n, 4, true, false) == Int_to_bytes(m, 4, true, false);
{
  assert n == m;
}

procedure any_length(n: int, length: int, big: bool)
requires 0 <= length && 0 <= n && n < Bytes_power(length);
{
  assert Bytes_to_int(Int_to_bytes(n, length, big, false), big, false) == n;
  assert Seq_len(Int_to_bytes(n, length, big, false)) == length;
}

procedure ends_differ(s: Seq byte)
requires Seq_len(s) == 2;
{
  assert Bytes_to_int(s, true, false) == Bytes_to_int(Seq_reverse(s), false, false);
}

procedure wrong_ends_do_not_matter(s: Seq byte)
requires Seq_len(s) == 2;
{
  assert Bytes_to_int(s, true, false) == Bytes_to_int(s, false, false);
}

procedure record(body: Seq byte, tail: Seq byte)
requires Seq_len(body) < 4294967296;
{
  var m: Seq byte;
  var n: int;
  m := Seq_concat(Seq_concat(Int_to_bytes(Seq_len(body), 4, true, false), body), tail);
  n := Bytes_to_int(Seq_slice(m, 0, 4), true, false);
  assert n == Seq_len(body);
  assert Seq_equal(Seq_slice(m, 4, 4 + n), body);
  assert Seq_equal(Seq_drop(m, 4 + n), tail);
}

procedure wrong_record(body: Seq byte, tail: Seq byte)
requires Seq_len(body) < 4294967296;
{
  var m: Seq byte;
  var n: int;
  m := Seq_concat(Seq_concat(Int_to_bytes(Seq_len(body), 4, true, false), body), tail);
  n := Bytes_to_int(Seq_slice(m, 0, 4), true, false);
  assert Seq_equal(Seq_slice(m, 3, 4 + n), body);
}

procedure serialise_what_was_parsed(data: Seq byte) returns (body: Seq byte, tail: Seq byte)
requires 4 <= Seq_len(data);
requires 4 + Bytes_to_int(Seq_slice(data, 0, 4), true, false) <= Seq_len(data);
ensures Seq_equal(Seq_concat(Seq_concat(Int_to_bytes(Seq_len(body), 4, true, false), body), tail), data);
{
  var n: int;
  n := Bytes_to_int(Seq_slice(data, 0, 4), true, false);
  body := Seq_slice(data, 4, 4 + n);
  tail := Seq_drop(data, 4 + n);
}

procedure frame(number: int, iv: Seq byte, body: Seq byte, tag: Seq byte, tail: Seq byte)
requires 0 < number && number < 4294967295;
requires Seq_len(iv) == 12 && Seq_len(tag) == 16;
{
  var m: Seq byte;
  m := Seq_concat(Seq_concat(Seq_concat(Seq_concat(
    Int_to_bytes(number, 4, true, false), iv), body), tag), tail);
  assert Bytes_to_int(Seq_slice(m, 0, 4), true, false) == number;
  assert Seq_equal(Seq_slice(m, 4, 16), iv);
  assert Seq_equal(Seq_slice(m, 16, 16 + Seq_len(body)), body);
  assert Seq_equal(Seq_slice(m, 16 + Seq_len(body), 32 + Seq_len(body)), tag);
  assert Seq_equal(Seq_drop(m, 32 + Seq_len(body)), tail);
}

procedure final_frame(number: int, iv: Seq byte, body: Seq byte, tag: Seq byte, tail: Seq byte)
requires 0 < number && number < 4294967295;
requires Seq_len(iv) == 12 && Seq_len(tag) == 16 && Seq_len(body) < 4294967296;
{
  var m: Seq byte;
  var n: int;
  m := Seq_concat(Seq_concat(Seq_concat(Seq_concat(Seq_concat(Seq_concat(
    Int_to_bytes(4294967295, 4, true, false), Int_to_bytes(number, 4, true, false)), iv),
    Int_to_bytes(Seq_len(body), 4, true, false)), body), tag), tail);
  assert Bytes_to_int(Seq_slice(m, 0, 4), true, false) == 4294967295;
  assert Bytes_to_int(Seq_slice(m, 4, 8), true, false) == number;
  assert Seq_equal(Seq_slice(m, 8, 20), iv);
  n := Bytes_to_int(Seq_slice(m, 20, 24), true, false);
  assert n == Seq_len(body);
  assert Seq_equal(Seq_slice(m, 24, 24 + n), body);
  assert Seq_equal(Seq_slice(m, 24 + n, 40 + n), tag);
  assert Seq_equal(Seq_drop(m, 40 + n), tail);
}

procedure byte_by_byte(b: byte, c: byte) {
  assert byte_int(b) == byte_int(c) ==> b == c;
  assert Bytes_to_int(Seq_push(Seq_one(b), c), true, false) == 256 * byte_int(b) + byte_int(c);
  assert Bit_or(Bit_shl(byte_int(b), 8), byte_int(c)) == 256 * byte_int(b) + byte_int(c);
  assert Bit_and(byte_int(b), 255) == byte_int(b);
}

procedure shifts_decode(s: Seq byte)
requires Seq_len(s) == 4;
{
  assert Bit_or(Bit_or(Bit_or(
      Bit_shl(byte_int(Seq_at(s, 0)), 24), Bit_shl(byte_int(Seq_at(s, 1)), 16)), Bit_shl(byte_int(Seq_at(s, 2)), 8)),
      byte_int(Seq_at(s, 3)))
    == Bytes_to_int(s, true, false);
}

procedure wrong_shifts_decode(s: Seq byte)
requires Seq_len(s) == 2;
{
  assert Bit_or(Bit_shl(byte_int(Seq_at(s, 0)), 7), byte_int(Seq_at(s, 1))) == Bytes_to_int(s, true, false);
}

procedure masks(n: int)
requires 0 <= n && n < 65536;
{
  assert Bit_shr(n, 8) < 256;
  assert 256 * Bit_shr(n, 8) + Bit_and(n, 255) == n;
  assert Bit_and(n, 65535) == n;
  assert Bit_or(Bit_shl(Bit_shr(n, 8), 8), Bit_and(n, 255)) == n;
  assert 0 <= Bit_xor(n, 43690) && Bit_xor(n, 43690) < 65536;
  assert Bit_xor(Bit_xor(n, 43690), 43690) == n;
  assert Bit_and(n, 1) == Int_mod(n, 2);
}

procedure wrong_masks(n: int) {
  assert Bit_and(n, 254) == Int_mod(n, 255);
}

procedure flags(a: int)
requires 0 <= a;
{
  assert Bit_and(Bit_or(a, 4), 4) == 4 || Bit_and(a, 4) == 4 || Bit_or(a, 4) == a + 4;
  assert Bit_and(a, 4) == 0 || Bit_and(a, 4) == 4;
  assert Bit_and(a, -4) <= a && Int_mod(Bit_and(a, -4), 4) == 0;
}

procedure power_of_two_shift(n: int, x: int)
requires 0 <= n && 0 <= x && x < Bit_shl(1, n);
{
  assert Bit_shl(1, n + 1) == 2 * Bit_shl(1, n);
  assert Bit_and(x, Bit_shl(1, n) - 1) == x;
}

procedure division(a: int, b: int)
requires b != 0;
{
  assert a == Int_floordiv(a, b) * b + Int_mod(a, b);
  assert 0 < b ==> 0 <= Int_mod(a, b) && Int_mod(a, b) < b;
  assert b < 0 ==> b < Int_mod(a, b) && Int_mod(a, b) <= 0;
  assert Int_floordiv(-7, 2) == -4 && Int_mod(-7, 2) == 1 && Int_floordiv(7, -2) == -4 && Int_mod(7, -2) == -1;
}

procedure wrong_division(a: int, b: int)
requires b != 0;
{
  assert 0 <= Int_mod(a, b);
}

procedure powers(n: int)
requires 0 <= n;
{
  assert Int_pow(3, 4) == 81;
  assert Int_pow(2, n + 1) == 2 * Int_pow(2, n);
  assert Int_pow(2, 10) == 1024;
  assert 0 < Int_pow(7, n);
}

procedure xor_cipher(message: Seq byte, key: int) returns (sealed: Seq byte)
requires 0 <= key && key < 256;
ensures Seq_len(sealed) == Seq_len(message);
ensures (forall k: int :: {Seq_at(sealed, k)}
  0 <= k && k < Seq_len(sealed) ==> Bit_xor(byte_int(Seq_at(sealed, k)), key) == byte_int(Seq_at(message, k)));
{
  var i: int;
  sealed := Seq_empty();
  i := 0;
  while (i < Seq_len(message))
  invariant 0 <= i && i <= Seq_len(message) && Seq_len(sealed) == i;
  invariant (forall k: int :: {Seq_at(sealed, k)}
    0 <= k && k < i ==> Bit_xor(byte_int(Seq_at(sealed, k)), key) == byte_int(Seq_at(message, k)));
  {
    sealed := Seq_push(sealed, byte_of(Bit_xor(byte_int(Seq_at(message, i)), key)));
    i := i + 1;
  }
}
