// `bytes`: sequences of bytes, and the integers that they are the digits of.

type byte;
function byte_of(i: int): byte;
function byte_int(b: byte): int;

axiom (forall b: byte :: {byte_int(b)} 0 <= byte_int(b) && byte_int(b) <= 255 && byte_of(byte_int(b)) == b);
axiom (forall i: int :: {byte_of(i)} 0 <= i && i <= 255 ==> byte_int(byte_of(i)) == i);

// 256 ** n for n >= 0.
function Bytes_power(n: int): int;
axiom (forall n: int :: {Bytes_power(n)} 0 <= n ==> 1 <= Bytes_power(n));
axiom (forall n: int, m: int :: {Bytes_power(n), Bytes_power(m)}
  0 <= n && n < m ==> 256 * Bytes_power(n) <= Bytes_power(m));
axiom (forall n: int, m: int :: {Bytes_power(n), Bytes_power(m)}
  0 <= n && m == n + 1 ==> Bytes_power(m) == 256 * Bytes_power(n));

// Those that are written out, in a function of their own so that no trigger pairs them with one another.
function Bytes_power_listed(n: int): int;
axiom (forall n: int :: {Bytes_power(n)} 0 <= n ==> Bytes_power(n) == Bytes_power_listed(n));
axiom Bytes_power_listed(0) == 1 && Bytes_power_listed(1) == 256 && Bytes_power_listed(2) == 65536
  && Bytes_power_listed(3) == 16777216 && Bytes_power_listed(4) == 4294967296
  && Bytes_power_listed(5) == 1099511627776 && Bytes_power_listed(6) == 281474976710656
  && Bytes_power_listed(7) == 72057594037927936 && Bytes_power_listed(8) == 18446744073709551616
  && Bytes_power_listed(12) == 79228162514264337593543950336
  && Bytes_power_listed(16) == 340282366920938463463374607431768211456
  && Bytes_power_listed(20) == 1461501637330902918203684832716283019655932542976
  && Bytes_power_listed(24) == 6277101735386680763835789423207666416102355444464034512896
  && Bytes_power_listed(28) == 26959946667150639794667015087019630673637144422540572481103610249216
  && Bytes_power_listed(32) == 115792089237316195423570985008687907853269984665640564039457584007913129639936;

// The value without a sign.
function Bytes_value(s: Seq byte, big: bool): int;

axiom (forall s: Seq byte, big: bool :: {Bytes_value(s, big)}
  0 <= Bytes_value(s, big) && Bytes_value(s, big) < Bytes_power(Seq_len(s)));
axiom (forall s: Seq byte, big: bool :: {Bytes_value(s, big)} Seq_len(s) == 0 ==> Bytes_value(s, big) == 0);
axiom (forall s: Seq byte, big: bool :: {Bytes_value(s, big)}
  Seq_len(s) == 1 ==> Bytes_value(s, big)
    == byte_int(Seq_at(s, 0)));
axiom (forall s: Seq byte, big: bool :: {Bytes_value(s, big)}
  big && Seq_len(s) == 2 ==> Bytes_value(s, big)
    == 256 * byte_int(Seq_at(s, 0)) + byte_int(Seq_at(s, 1)));
axiom (forall s: Seq byte, big: bool :: {Bytes_value(s, big)}
  !big && Seq_len(s) == 2 ==> Bytes_value(s, big)
    == 256 * byte_int(Seq_at(s, 1)) + byte_int(Seq_at(s, 0)));
axiom (forall s: Seq byte, big: bool :: {Bytes_value(s, big)}
  big && Seq_len(s) == 3 ==> Bytes_value(s, big)
    == 65536 * byte_int(Seq_at(s, 0)) + 256 * byte_int(Seq_at(s, 1)) + byte_int(Seq_at(s, 2)));
axiom (forall s: Seq byte, big: bool :: {Bytes_value(s, big)}
  !big && Seq_len(s) == 3 ==> Bytes_value(s, big)
    == 65536 * byte_int(Seq_at(s, 2)) + 256 * byte_int(Seq_at(s, 1)) + byte_int(Seq_at(s, 0)));
axiom (forall s: Seq byte, big: bool :: {Bytes_value(s, big)}
  big && Seq_len(s) == 4 ==> Bytes_value(s, big)
    == 16777216 * byte_int(Seq_at(s, 0)) + 65536 * byte_int(Seq_at(s, 1)) + 256 * byte_int(Seq_at(s, 2))
      + byte_int(Seq_at(s, 3)));
axiom (forall s: Seq byte, big: bool :: {Bytes_value(s, big)}
  !big && Seq_len(s) == 4 ==> Bytes_value(s, big)
    == 16777216 * byte_int(Seq_at(s, 3)) + 65536 * byte_int(Seq_at(s, 2)) + 256 * byte_int(Seq_at(s, 1))
      + byte_int(Seq_at(s, 0)));
axiom (forall s: Seq byte, big: bool :: {Bytes_value(s, big)}
  big && Seq_len(s) == 8 ==> Bytes_value(s, big)
    == 72057594037927936 * byte_int(Seq_at(s, 0)) + 281474976710656 * byte_int(Seq_at(s, 1))
      + 1099511627776 * byte_int(Seq_at(s, 2)) + 4294967296 * byte_int(Seq_at(s, 3))
      + 16777216 * byte_int(Seq_at(s, 4)) + 65536 * byte_int(Seq_at(s, 5)) + 256 * byte_int(Seq_at(s, 6))
      + byte_int(Seq_at(s, 7)));
axiom (forall s: Seq byte, big: bool :: {Bytes_value(s, big)}
  !big && Seq_len(s) == 8 ==> Bytes_value(s, big)
    == 72057594037927936 * byte_int(Seq_at(s, 7)) + 281474976710656 * byte_int(Seq_at(s, 6))
      + 1099511627776 * byte_int(Seq_at(s, 5)) + 4294967296 * byte_int(Seq_at(s, 4))
      + 16777216 * byte_int(Seq_at(s, 3)) + 65536 * byte_int(Seq_at(s, 2)) + 256 * byte_int(Seq_at(s, 1))
      + byte_int(Seq_at(s, 0)));

// `int.from_bytes`.
function Bytes_to_int(s: Seq byte, big: bool, signed: bool): int;

axiom (forall s: Seq byte, big: bool, signed: bool :: {Bytes_to_int(s, big, signed)}
  Bytes_to_int(s, big, signed)
  == (if signed && Bytes_power(Seq_len(s)) <= 2 * Bytes_value(s, big) && Seq_len(s) != 0
      then Bytes_value(s, big) - Bytes_power(Seq_len(s))
      else Bytes_value(s, big)));

// Whether `int.to_bytes` takes a number, and its result.
function {:inline} Int_fits(n: int, length: int, signed: bool): bool {
  if signed
  then (if length == 0 then n == 0 else -Bytes_power(length) <= 2 * n && 2 * n < Bytes_power(length))
  else 0 <= n && n < Bytes_power(length)
}
function Int_to_bytes(n: int, length: int, big: bool, signed: bool): Seq byte;

axiom (forall n: int, length: int, big: bool, signed: bool :: {Int_to_bytes(n, length, big, signed)}
  0 <= length && Int_fits(n, length, signed)
  ==> Seq_len(Int_to_bytes(n, length, big, signed)) == length
    && Bytes_to_int(Int_to_bytes(n, length, big, signed), big, signed) == n);
axiom (forall s: Seq byte, length: int, big: bool, signed: bool ::
  {Int_to_bytes(Bytes_to_int(s, big, signed), length, big, signed)}
  length == Seq_len(s) ==> Int_to_bytes(Bytes_to_int(s, big, signed), length, big, signed) == s);
