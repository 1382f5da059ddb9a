// Integers: Python's division, powers, and the small functions. `div` and `mod` round so that the rest is not
// negative; Python rounds down, so that the rest has the sign of the divisor. Division by zero is for the caller to
// exclude.

function {:inline} Int_floordiv(a: int, b: int): int { if b < 0 then (-a) div (-b) else a div b }
function {:inline} Int_mod(a: int, b: int): int { if b < 0 then -((-a) mod (-b)) else a mod b }
function {:inline} Int_abs(a: int): int { if a < 0 then -a else a }
function {:inline} Int_min(a: int, b: int): int { if b < a then b else a }
function {:inline} Int_max(a: int, b: int): int { if b > a then b else a }

// a ** n for n >= 0.
function Int_pow(a: int, n: int): int;
axiom (forall a: int, n: int :: {Int_pow(a, n)}
  (n == 0 ==> Int_pow(a, n) == 1) && (n == 1 ==> Int_pow(a, n) == a) && (n == 2 ==> Int_pow(a, n) == a * a)
  && (n == 3 ==> Int_pow(a, n) == a * (a * a)) && (n == 4 ==> Int_pow(a, n) == (a * a) * (a * a)));
axiom (forall a: int, n: int, m: int :: {Int_pow(a, n), Int_pow(a, m)}
  0 <= n && m == n + 1 ==> Int_pow(a, m) == a * Int_pow(a, n));
axiom (forall a: int, n: int :: {Int_pow(a, n)} 0 <= n && 0 < a ==> 1 <= Int_pow(a, n));
axiom (forall a: int, n: int :: {Int_pow(a, n)} 0 <= n && 0 <= a ==> 0 <= Int_pow(a, n));
axiom (forall a: int, n: int, m: int :: {Int_pow(a, n), Int_pow(a, m)}
  2 <= a && 0 <= n && n < m ==> Int_pow(a, n) < Int_pow(a, m));

// Powers of two by their exponents, and those that are written out.
function Int_power2(n: int): int;
axiom (forall n: int :: {Int_pow(2, n)} 0 <= n ==> Int_pow(2, n) == Int_power2(n));
axiom (forall n: int :: {Int_power2(n)} 0 <= n ==> 1 <= Int_power2(n) && n < Int_power2(n));
axiom (forall n: int, m: int :: {Int_power2(n), Int_power2(m)} 0 <= n && n < m ==> 2 * Int_power2(n) <= Int_power2(m));
axiom (forall n: int, m: int :: {Int_power2(n), Int_power2(m)}
  0 <= n && m == n + 1 ==> Int_power2(m) == 2 * Int_power2(n));
axiom Int_power2(0) == 1 && Int_power2(1) == 2 && Int_power2(2) == 4 && Int_power2(3) == 8 && Int_power2(4) == 16
  && Int_power2(5) == 32 && Int_power2(6) == 64 && Int_power2(7) == 128 && Int_power2(8) == 256
  && Int_power2(9) == 512 && Int_power2(10) == 1024 && Int_power2(11) == 2048 && Int_power2(12) == 4096
  && Int_power2(13) == 8192 && Int_power2(14) == 16384 && Int_power2(15) == 32768 && Int_power2(16) == 65536
  && Int_power2(20) == 1048576 && Int_power2(24) == 16777216 && Int_power2(28) == 268435456
  && Int_power2(30) == 1073741824 && Int_power2(31) == 2147483648 && Int_power2(32) == 4294967296
  && Int_power2(40) == 1099511627776 && Int_power2(48) == 281474976710656 && Int_power2(52) == 4503599627370496
  && Int_power2(53) == 9007199254740992 && Int_power2(56) == 72057594037927936
  && Int_power2(60) == 1152921504606846976 && Int_power2(62) == 4611686018427387904
  && Int_power2(63) == 9223372036854775808 && Int_power2(64) == 18446744073709551616
  && Int_power2(96) == 79228162514264337593543950336 && Int_power2(127) == 170141183460469231731687303715884105728
  && Int_power2(128) == 340282366920938463463374607431768211456
  && Int_power2(160) == 1461501637330902918203684832716283019655932542976
  && Int_power2(192) == 6277101735386680763835789423207666416102355444464034512896
  && Int_power2(224) == 26959946667150639794667015087019630673637144422540572481103610249216
  && Int_power2(255) == 57896044618658097711785492504343953926634992332820282019728792003956564819968
  && Int_power2(256) == 115792089237316195423570985008687907853269984665640564039457584007913129639936
  && Int_power2(512) == 13407807929942597099574024998205846127479365820592393377723561443721764030073546976801874298166903427690031858186486050853753882811946569946433649006084096;
