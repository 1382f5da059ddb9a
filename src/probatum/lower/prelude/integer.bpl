// Integers: Python's division, powers, and the small functions. `div` and `mod` round so that the rest is not
// negative; Python rounds down, so that the rest has the sign of the divisor. Division by zero is for the caller to
// exclude.

function {:inline} Int_abs(a: int): int { if a < 0 then -a else a }
function {:inline} Int_min(a: int, b: int): int { if b < a then b else a }
function {:inline} Int_max(a: int, b: int): int { if b > a then b else a }

function Int_floordiv(a: int, b: int): int;
function Int_mod(a: int, b: int): int;
axiom (forall a: int, b: int :: {Int_floordiv(a, b)} 0 < b ==> Int_floordiv(a, b) == a div b);
axiom (forall a: int, b: int :: {Int_mod(a, b)} 0 < b ==> Int_mod(a, b) == a mod b);
axiom (forall a: int, b: int :: {Int_floordiv(a, b)} b < 0 ==> Int_floordiv(a, b) == Int_floordiv(-a, -b));
axiom (forall a: int, b: int :: {Int_mod(a, b)} b < 0 ==> Int_mod(a, b) == -Int_mod(-a, -b));
axiom (forall a: int, b: int :: {Int_mod(a, b)}
  (0 < b ==> 0 <= Int_mod(a, b) && Int_mod(a, b) < b) && (b < 0 ==> b < Int_mod(a, b) && Int_mod(a, b) <= 0));
axiom (forall a: int, b: int :: {Int_floordiv(a, b), Int_mod(a, b)}
  b != 0 ==> a == b * Int_floordiv(a, b) + Int_mod(a, b));

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

// Powers of two by their exponents.
function Int_power2(n: int): int;
axiom (forall n: int :: {Int_pow(2, n)} 0 <= n ==> Int_pow(2, n) == Int_power2(n));
axiom (forall n: int :: {Int_power2(n)} 0 <= n ==> 1 <= Int_power2(n) && n < Int_power2(n));
axiom (forall n: int, m: int :: {Int_power2(n), Int_power2(m)} 0 <= n && n < m ==> 2 * Int_power2(n) <= Int_power2(m));
axiom (forall n: int, m: int :: {Int_power2(n), Int_power2(m)}
  0 <= n && m == n + 1 ==> Int_power2(m) == 2 * Int_power2(n));

// Those that are written out, in a function of their own so that no trigger pairs them with one another.
function Int_power2_listed(n: int): int;
axiom (forall n: int :: {Int_power2(n)} 0 <= n ==> Int_power2(n) == Int_power2_listed(n));
axiom Int_power2_listed(0) == 1 && Int_power2_listed(1) == 2 && Int_power2_listed(2) == 4
  && Int_power2_listed(3) == 8 && Int_power2_listed(4) == 16 && Int_power2_listed(5) == 32
  && Int_power2_listed(6) == 64 && Int_power2_listed(7) == 128 && Int_power2_listed(8) == 256
  && Int_power2_listed(9) == 512 && Int_power2_listed(10) == 1024 && Int_power2_listed(11) == 2048
  && Int_power2_listed(12) == 4096 && Int_power2_listed(13) == 8192 && Int_power2_listed(14) == 16384
  && Int_power2_listed(15) == 32768 && Int_power2_listed(16) == 65536 && Int_power2_listed(20) == 1048576
  && Int_power2_listed(24) == 16777216 && Int_power2_listed(28) == 268435456 && Int_power2_listed(30) == 1073741824
  && Int_power2_listed(31) == 2147483648 && Int_power2_listed(32) == 4294967296
  && Int_power2_listed(40) == 1099511627776 && Int_power2_listed(48) == 281474976710656
  && Int_power2_listed(52) == 4503599627370496 && Int_power2_listed(53) == 9007199254740992
  && Int_power2_listed(56) == 72057594037927936 && Int_power2_listed(60) == 1152921504606846976
  && Int_power2_listed(62) == 4611686018427387904 && Int_power2_listed(63) == 9223372036854775808
  && Int_power2_listed(64) == 18446744073709551616 && Int_power2_listed(96) == 79228162514264337593543950336
  && Int_power2_listed(127) == 170141183460469231731687303715884105728
  && Int_power2_listed(128) == 340282366920938463463374607431768211456
  && Int_power2_listed(160) == 1461501637330902918203684832716283019655932542976
  && Int_power2_listed(192) == 6277101735386680763835789423207666416102355444464034512896
  && Int_power2_listed(224) == 26959946667150639794667015087019630673637144422540572481103610249216
  && Int_power2_listed(255) == 57896044618658097711785492504343953926634992332820282019728792003956564819968
  && Int_power2_listed(256) == 115792089237316195423570985008687907853269984665640564039457584007913129639936
  && Int_power2_listed(512) == 13407807929942597099574024998205846127479365820592393377723561443721764030073546976801874298166903427690031858186486050853753882811946569946433649006084096;

// `math.gcd`: Euclid's step, and the one that only subtracts, are taken where both of its sides are spoken of.
function Int_gcd(a: int, b: int): int;

axiom (forall a: int, b: int :: {Int_gcd(a, b)}
  0 <= Int_gcd(a, b) && (Int_gcd(a, b) == 0 <==> a == 0 && b == 0)
  && (a != 0 ==> Int_gcd(a, b) <= Int_abs(a)) && (b != 0 ==> Int_gcd(a, b) <= Int_abs(b))
  && (b == 0 ==> Int_gcd(a, b) == Int_abs(a)) && (a == 0 ==> Int_gcd(a, b) == Int_abs(b)));
axiom (forall a: int, b: int :: {Int_gcd(a, b)}
  (0 < Int_gcd(a, b) ==> Int_mod(a, Int_gcd(a, b)) == 0 && Int_mod(b, Int_gcd(a, b)) == 0)
  && (b != 0 && Int_mod(a, b) == 0 ==> Int_gcd(a, b) == Int_abs(b))
  && (a != 0 && Int_mod(b, a) == 0 ==> Int_gcd(a, b) == Int_abs(a)));
axiom (forall a: int, b: int :: {Int_gcd(a, b), Int_gcd(b, a)} Int_gcd(a, b) == Int_gcd(b, a));
axiom (forall a: int, b: int, c: int :: {Int_gcd(a, b), Int_gcd(b, c)}
  b != 0 && c == Int_mod(a, b) ==> Int_gcd(a, b) == Int_gcd(b, c));
axiom (forall a: int, b: int, c: int :: {Int_gcd(a, b), Int_gcd(c, b)}
  (b != 0 && c == Int_mod(a, b)) || c == a - b ==> Int_gcd(a, b) == Int_gcd(c, b));
axiom (forall a: int, b: int, c: int :: {Int_gcd(a, b), Int_gcd(a, c)}
  (a != 0 && c == Int_mod(b, a)) || c == b - a ==> Int_gcd(a, b) == Int_gcd(a, c));
