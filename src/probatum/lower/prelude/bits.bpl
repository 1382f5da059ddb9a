// Bits of integers, which have as many as it takes: a negative one has ones without end. Everything goes back to `and`
// and to shifts; shifts by numbers that are written out are multiplications and divisions. Masks and shifts are listed
// because a solver computes with numbers that it sees.

function Bit_and(a: int, b: int): int;
function Bit_or(a: int, b: int): int;
function Bit_xor(a: int, b: int): int;
function Bit_shl(a: int, n: int): int;  // n >= 0
function Bit_shr(a: int, n: int): int;  // n >= 0
function {:inline} Bit_not(a: int): int { -a - 1 }

axiom (forall a: int, b: int :: {Bit_and(a, b)}
  Bit_and(a, b) == Bit_and(b, a)
  && (0 <= a ==> 0 <= Bit_and(a, b) && Bit_and(a, b) <= a)
  && (0 <= b ==> 0 <= Bit_and(a, b) && Bit_and(a, b) <= b)
  && (a < 0 && b < 0 ==> Bit_and(a, b) <= a && Bit_and(a, b) <= b)
  && (a == b ==> Bit_and(a, b) == a));
axiom (forall a: int :: {Bit_and(a, 0)} Bit_and(a, 0) == 0);
axiom (forall a: int :: {Bit_and(a, -1)} Bit_and(a, -1) == a);
axiom (forall a: int, b: int :: {Bit_or(a, b)}
  Bit_or(a, b) == a + b - Bit_and(a, b) && Bit_or(a, b) == Bit_or(b, a));
axiom (forall a: int, b: int :: {Bit_xor(a, b)}
  Bit_xor(a, b) == a + b - 2 * Bit_and(a, b) && Bit_xor(a, b) == Bit_xor(b, a));
axiom (forall a: int, b: int :: {Bit_xor(Bit_xor(a, b), b)} Bit_xor(Bit_xor(a, b), b) == a);
axiom (forall a: int, b: int, n: int :: {Bit_and(a, b), Int_power2(n)}
  0 <= n && b == Int_power2(n) - 1 && 0 <= a && a <= b ==> Bit_and(a, b) == a);
axiom (forall a: int, b: int, n: int :: {Bit_and(a, b), Int_mod(a, Int_power2(n))}
  0 <= n && b == Int_power2(n) - 1 ==> Bit_and(a, b) == Int_mod(a, Int_power2(n)));

// Results have no more bits than what they are made of.

axiom (forall a: int, b: int :: {Bit_or(a, b)}
  0 <= a && 0 <= b
  ==> Bit_or(a, b) <= a + b && (a < 256 && b < 256 ==> Bit_or(a, b) < 256)
    && (a < 65536 && b < 65536 ==> Bit_or(a, b) < 65536)
    && (a < 4294967296 && b < 4294967296 ==> Bit_or(a, b) < 4294967296)
    && (a < 18446744073709551616 && b < 18446744073709551616 ==> Bit_or(a, b) < 18446744073709551616));
axiom (forall a: int, b: int :: {Bit_xor(a, b)}
  0 <= a && 0 <= b
  ==> Bit_xor(a, b) <= a + b && (a < 256 && b < 256 ==> Bit_xor(a, b) < 256)
    && (a < 65536 && b < 65536 ==> Bit_xor(a, b) < 65536)
    && (a < 4294967296 && b < 4294967296 ==> Bit_xor(a, b) < 4294967296)
    && (a < 18446744073709551616 && b < 18446744073709551616 ==> Bit_xor(a, b) < 18446744073709551616));

axiom (forall a: int, b: int, n: int :: {Bit_or(a, b), Int_power2(n)}
  0 <= n && 0 <= a && a < Int_power2(n) && 0 <= b && b < Int_power2(n) ==> Bit_or(a, b) < Int_power2(n));
axiom (forall a: int, b: int, n: int :: {Bit_xor(a, b), Int_power2(n)}
  0 <= n && 0 <= a && a < Int_power2(n) && 0 <= b && b < Int_power2(n) ==> Bit_xor(a, b) < Int_power2(n));

// Masks: the low bits.

axiom (forall a: int :: {Bit_and(a, 1)} Bit_and(a, 1) == a mod 2);
axiom (forall a: int :: {Bit_and(a, 3)} Bit_and(a, 3) == a mod 4);
axiom (forall a: int :: {Bit_and(a, 7)} Bit_and(a, 7) == a mod 8);
axiom (forall a: int :: {Bit_and(a, 15)} Bit_and(a, 15) == a mod 16);
axiom (forall a: int :: {Bit_and(a, 31)} Bit_and(a, 31) == a mod 32);
axiom (forall a: int :: {Bit_and(a, 63)} Bit_and(a, 63) == a mod 64);
axiom (forall a: int :: {Bit_and(a, 127)} Bit_and(a, 127) == a mod 128);
axiom (forall a: int :: {Bit_and(a, 255)} Bit_and(a, 255) == a mod 256);
axiom (forall a: int :: {Bit_and(a, 1023)} Bit_and(a, 1023) == a mod 1024);
axiom (forall a: int :: {Bit_and(a, 2047)} Bit_and(a, 2047) == a mod 2048);
axiom (forall a: int :: {Bit_and(a, 4095)} Bit_and(a, 4095) == a mod 4096);
axiom (forall a: int :: {Bit_and(a, 16383)} Bit_and(a, 16383) == a mod 16384);
axiom (forall a: int :: {Bit_and(a, 32767)} Bit_and(a, 32767) == a mod 32768);
axiom (forall a: int :: {Bit_and(a, 65535)} Bit_and(a, 65535) == a mod 65536);
axiom (forall a: int :: {Bit_and(a, 1048575)} Bit_and(a, 1048575) == a mod 1048576);
axiom (forall a: int :: {Bit_and(a, 16777215)} Bit_and(a, 16777215) == a mod 16777216);
axiom (forall a: int :: {Bit_and(a, 1073741823)} Bit_and(a, 1073741823) == a mod 1073741824);
axiom (forall a: int :: {Bit_and(a, 2147483647)} Bit_and(a, 2147483647) == a mod 2147483648);
axiom (forall a: int :: {Bit_and(a, 4294967295)} Bit_and(a, 4294967295) == a mod 4294967296);
axiom (forall a: int :: {Bit_and(a, 281474976710655)} Bit_and(a, 281474976710655) == a mod 281474976710656);
axiom (forall a: int :: {Bit_and(a, 9007199254740991)} Bit_and(a, 9007199254740991) == a mod 9007199254740992);
axiom (forall a: int :: {Bit_and(a, 72057594037927935)} Bit_and(a, 72057594037927935) == a mod 72057594037927936);
axiom (forall a: int :: {Bit_and(a, 9223372036854775807)} Bit_and(a, 9223372036854775807) == a mod 9223372036854775808);
axiom (forall a: int :: {Bit_and(a, 18446744073709551615)} Bit_and(a, 18446744073709551615) == a mod 18446744073709551616);
axiom (forall a: int :: {Bit_and(a, 340282366920938463463374607431768211455)} Bit_and(a, 340282366920938463463374607431768211455) == a mod 340282366920938463463374607431768211456);

// One bit, and runs of bits.

axiom (forall a: int :: {Bit_and(a, 2)}
  Bit_and(a, 2) == 2 * (a div 2 mod 2));
axiom (forall a: int :: {Bit_and(a, 4)}
  Bit_and(a, 4) == 4 * (a div 4 mod 2));
axiom (forall a: int :: {Bit_and(a, 8)}
  Bit_and(a, 8) == 8 * (a div 8 mod 2));
axiom (forall a: int :: {Bit_and(a, 16)}
  Bit_and(a, 16) == 16 * (a div 16 mod 2));
axiom (forall a: int :: {Bit_and(a, 32)}
  Bit_and(a, 32) == 32 * (a div 32 mod 2));
axiom (forall a: int :: {Bit_and(a, 64)}
  Bit_and(a, 64) == 64 * (a div 64 mod 2));
axiom (forall a: int :: {Bit_and(a, 128)}
  Bit_and(a, 128) == 128 * (a div 128 mod 2));
axiom (forall a: int :: {Bit_and(a, 256)}
  Bit_and(a, 256) == 256 * (a div 256 mod 2));
axiom (forall a: int :: {Bit_and(a, 512)}
  Bit_and(a, 512) == 512 * (a div 512 mod 2));
axiom (forall a: int :: {Bit_and(a, 1024)}
  Bit_and(a, 1024) == 1024 * (a div 1024 mod 2));
axiom (forall a: int :: {Bit_and(a, 2048)}
  Bit_and(a, 2048) == 2048 * (a div 2048 mod 2));
axiom (forall a: int :: {Bit_and(a, 4096)}
  Bit_and(a, 4096) == 4096 * (a div 4096 mod 2));
axiom (forall a: int :: {Bit_and(a, 8192)}
  Bit_and(a, 8192) == 8192 * (a div 8192 mod 2));
axiom (forall a: int :: {Bit_and(a, 16384)}
  Bit_and(a, 16384) == 16384 * (a div 16384 mod 2));
axiom (forall a: int :: {Bit_and(a, 32768)}
  Bit_and(a, 32768) == 32768 * (a div 32768 mod 2));
axiom (forall a: int :: {Bit_and(a, 65536)}
  Bit_and(a, 65536) == 65536 * (a div 65536 mod 2));
axiom (forall a: int :: {Bit_and(a, 8388608)}
  Bit_and(a, 8388608) == 8388608 * (a div 8388608 mod 2));
axiom (forall a: int :: {Bit_and(a, 16777216)}
  Bit_and(a, 16777216) == 16777216 * (a div 16777216 mod 2));
axiom (forall a: int :: {Bit_and(a, 2147483648)}
  Bit_and(a, 2147483648) == 2147483648 * (a div 2147483648 mod 2));
axiom (forall a: int :: {Bit_and(a, 4294967296)}
  Bit_and(a, 4294967296) == 4294967296 * (a div 4294967296 mod 2));
axiom (forall a: int :: {Bit_and(a, 9223372036854775808)}
  Bit_and(a, 9223372036854775808) == 9223372036854775808 * (a div 9223372036854775808 mod 2));
axiom (forall a: int :: {Bit_and(a, 254)}
  Bit_and(a, 254) == 2 * (a div 2 mod 128));
axiom (forall a: int :: {Bit_and(a, 252)}
  Bit_and(a, 252) == 4 * (a div 4 mod 64));
axiom (forall a: int :: {Bit_and(a, 248)}
  Bit_and(a, 248) == 8 * (a div 8 mod 32));
axiom (forall a: int :: {Bit_and(a, 240)}
  Bit_and(a, 240) == 16 * (a div 16 mod 16));
axiom (forall a: int :: {Bit_and(a, 224)}
  Bit_and(a, 224) == 32 * (a div 32 mod 8));
axiom (forall a: int :: {Bit_and(a, 192)}
  Bit_and(a, 192) == 64 * (a div 64 mod 4));
axiom (forall a: int :: {Bit_and(a, 6)}
  Bit_and(a, 6) == 2 * (a div 2 mod 4));
axiom (forall a: int :: {Bit_and(a, 12)}
  Bit_and(a, 12) == 4 * (a div 4 mod 4));
axiom (forall a: int :: {Bit_and(a, 48)}
  Bit_and(a, 48) == 16 * (a div 16 mod 4));
axiom (forall a: int :: {Bit_and(a, 112)}
  Bit_and(a, 112) == 16 * (a div 16 mod 8));
axiom (forall a: int :: {Bit_and(a, 120)}
  Bit_and(a, 120) == 8 * (a div 8 mod 16));
axiom (forall a: int :: {Bit_and(a, 56)}
  Bit_and(a, 56) == 8 * (a div 8 mod 8));
axiom (forall a: int :: {Bit_and(a, 65280)}
  Bit_and(a, 65280) == 256 * (a div 256 mod 256));
axiom (forall a: int :: {Bit_and(a, 16711680)}
  Bit_and(a, 16711680) == 65536 * (a div 65536 mod 256));
axiom (forall a: int :: {Bit_and(a, 4278190080)}
  Bit_and(a, 4278190080) == 16777216 * (a div 16777216 mod 256));
axiom (forall a: int :: {Bit_and(a, 61440)}
  Bit_and(a, 61440) == 4096 * (a div 4096 mod 16));
axiom (forall a: int :: {Bit_and(a, 3840)}
  Bit_and(a, 3840) == 256 * (a div 256 mod 16));
axiom (forall a: int :: {Bit_and(a, 4294901760)}
  Bit_and(a, 4294901760) == 65536 * (a div 65536 mod 65536));
axiom (forall a: int :: {Bit_and(a, 4294967294)}
  Bit_and(a, 4294967294) == 2 * (a div 2 mod 2147483648));
axiom (forall a: int :: {Bit_and(a, 18446744069414584320)}
  Bit_and(a, 18446744069414584320) == 4294967296 * (a div 4294967296 mod 4294967296));

// All but the low bits: alignment.

axiom (forall a: int :: {Bit_and(a, -2)} Bit_and(a, -2) == a - a mod 2);
axiom (forall a: int :: {Bit_and(a, -4)} Bit_and(a, -4) == a - a mod 4);
axiom (forall a: int :: {Bit_and(a, -8)} Bit_and(a, -8) == a - a mod 8);
axiom (forall a: int :: {Bit_and(a, -16)} Bit_and(a, -16) == a - a mod 16);
axiom (forall a: int :: {Bit_and(a, -32)} Bit_and(a, -32) == a - a mod 32);
axiom (forall a: int :: {Bit_and(a, -64)} Bit_and(a, -64) == a - a mod 64);
axiom (forall a: int :: {Bit_and(a, -128)} Bit_and(a, -128) == a - a mod 128);
axiom (forall a: int :: {Bit_and(a, -256)} Bit_and(a, -256) == a - a mod 256);
axiom (forall a: int :: {Bit_and(a, -512)} Bit_and(a, -512) == a - a mod 512);
axiom (forall a: int :: {Bit_and(a, -1024)} Bit_and(a, -1024) == a - a mod 1024);
axiom (forall a: int :: {Bit_and(a, -4096)} Bit_and(a, -4096) == a - a mod 4096);
axiom (forall a: int :: {Bit_and(a, -65536)} Bit_and(a, -65536) == a - a mod 65536);
axiom (forall a: int :: {Bit_and(a, -4294967296)} Bit_and(a, -4294967296) == a - a mod 4294967296);

// Shifts

axiom (forall a: int, n: int :: {Bit_shl(a, n)}
  0 <= n
  ==> (n == 0 ==> Bit_shl(a, n) == a) && (0 <= a ==> a <= Bit_shl(a, n)) && (a < 0 ==> Bit_shl(a, n) <= a)
    && (a == 0 ==> Bit_shl(a, n) == 0));
axiom (forall n: int :: {Bit_shl(1, n)} 0 <= n ==> Bit_shl(1, n) == Int_power2(n));
axiom (forall a: int, n: int :: {Bit_shl(a, n), Int_power2(n)} 0 <= n ==> Bit_shl(a, n) == a * Int_power2(n));
axiom (forall a: int, n: int, m: int :: {Bit_shl(a, n), Bit_shl(a, m)}
  0 <= n && m == n + 1 ==> Bit_shl(a, m) == 2 * Bit_shl(a, n));
axiom (forall a: int, n: int :: {Bit_shr(a, n)}
  0 <= n
  ==> (n == 0 ==> Bit_shr(a, n) == a) && (0 <= a ==> 0 <= Bit_shr(a, n) && Bit_shr(a, n) <= a)
    && (a < 0 ==> a <= Bit_shr(a, n) && Bit_shr(a, n) < 0) && (0 < a && 0 < n ==> Bit_shr(a, n) < a));
axiom (forall a: int, n: int :: {Bit_shr(a, n), Int_power2(n)} 0 <= n ==> Bit_shr(a, n) == a div Int_power2(n));
axiom (forall a: int, n: int, m: int :: {Bit_shr(a, n), Bit_shr(a, m)}
  0 <= n && m == n + 1 ==> Bit_shr(a, m) == Bit_shr(a, n) div 2);
axiom (forall a: int, n: int :: {Bit_shr(Bit_shl(a, n), n)} 0 <= n ==> Bit_shr(Bit_shl(a, n), n) == a);

axiom (forall a: int :: {Bit_shl(a, 1)} Bit_shl(a, 1) == 2 * a);
axiom (forall a: int :: {Bit_shr(a, 1)} Bit_shr(a, 1) == a div 2);
axiom (forall a: int :: {Bit_shl(a, 2)} Bit_shl(a, 2) == 4 * a);
axiom (forall a: int :: {Bit_shr(a, 2)} Bit_shr(a, 2) == a div 4);
axiom (forall a: int :: {Bit_shl(a, 3)} Bit_shl(a, 3) == 8 * a);
axiom (forall a: int :: {Bit_shr(a, 3)} Bit_shr(a, 3) == a div 8);
axiom (forall a: int :: {Bit_shl(a, 4)} Bit_shl(a, 4) == 16 * a);
axiom (forall a: int :: {Bit_shr(a, 4)} Bit_shr(a, 4) == a div 16);
axiom (forall a: int :: {Bit_shl(a, 5)} Bit_shl(a, 5) == 32 * a);
axiom (forall a: int :: {Bit_shr(a, 5)} Bit_shr(a, 5) == a div 32);
axiom (forall a: int :: {Bit_shl(a, 6)} Bit_shl(a, 6) == 64 * a);
axiom (forall a: int :: {Bit_shr(a, 6)} Bit_shr(a, 6) == a div 64);
axiom (forall a: int :: {Bit_shl(a, 7)} Bit_shl(a, 7) == 128 * a);
axiom (forall a: int :: {Bit_shr(a, 7)} Bit_shr(a, 7) == a div 128);
axiom (forall a: int :: {Bit_shl(a, 8)} Bit_shl(a, 8) == 256 * a);
axiom (forall a: int :: {Bit_shr(a, 8)} Bit_shr(a, 8) == a div 256);
axiom (forall a: int :: {Bit_shl(a, 9)} Bit_shl(a, 9) == 512 * a);
axiom (forall a: int :: {Bit_shr(a, 9)} Bit_shr(a, 9) == a div 512);
axiom (forall a: int :: {Bit_shl(a, 10)} Bit_shl(a, 10) == 1024 * a);
axiom (forall a: int :: {Bit_shr(a, 10)} Bit_shr(a, 10) == a div 1024);
axiom (forall a: int :: {Bit_shl(a, 11)} Bit_shl(a, 11) == 2048 * a);
axiom (forall a: int :: {Bit_shr(a, 11)} Bit_shr(a, 11) == a div 2048);
axiom (forall a: int :: {Bit_shl(a, 12)} Bit_shl(a, 12) == 4096 * a);
axiom (forall a: int :: {Bit_shr(a, 12)} Bit_shr(a, 12) == a div 4096);
axiom (forall a: int :: {Bit_shl(a, 13)} Bit_shl(a, 13) == 8192 * a);
axiom (forall a: int :: {Bit_shr(a, 13)} Bit_shr(a, 13) == a div 8192);
axiom (forall a: int :: {Bit_shl(a, 14)} Bit_shl(a, 14) == 16384 * a);
axiom (forall a: int :: {Bit_shr(a, 14)} Bit_shr(a, 14) == a div 16384);
axiom (forall a: int :: {Bit_shl(a, 15)} Bit_shl(a, 15) == 32768 * a);
axiom (forall a: int :: {Bit_shr(a, 15)} Bit_shr(a, 15) == a div 32768);
axiom (forall a: int :: {Bit_shl(a, 16)} Bit_shl(a, 16) == 65536 * a);
axiom (forall a: int :: {Bit_shr(a, 16)} Bit_shr(a, 16) == a div 65536);
axiom (forall a: int :: {Bit_shl(a, 20)} Bit_shl(a, 20) == 1048576 * a);
axiom (forall a: int :: {Bit_shr(a, 20)} Bit_shr(a, 20) == a div 1048576);
axiom (forall a: int :: {Bit_shl(a, 24)} Bit_shl(a, 24) == 16777216 * a);
axiom (forall a: int :: {Bit_shr(a, 24)} Bit_shr(a, 24) == a div 16777216);
axiom (forall a: int :: {Bit_shl(a, 28)} Bit_shl(a, 28) == 268435456 * a);
axiom (forall a: int :: {Bit_shr(a, 28)} Bit_shr(a, 28) == a div 268435456);
axiom (forall a: int :: {Bit_shl(a, 31)} Bit_shl(a, 31) == 2147483648 * a);
axiom (forall a: int :: {Bit_shr(a, 31)} Bit_shr(a, 31) == a div 2147483648);
axiom (forall a: int :: {Bit_shl(a, 32)} Bit_shl(a, 32) == 4294967296 * a);
axiom (forall a: int :: {Bit_shr(a, 32)} Bit_shr(a, 32) == a div 4294967296);
axiom (forall a: int :: {Bit_shl(a, 40)} Bit_shl(a, 40) == 1099511627776 * a);
axiom (forall a: int :: {Bit_shr(a, 40)} Bit_shr(a, 40) == a div 1099511627776);
axiom (forall a: int :: {Bit_shl(a, 48)} Bit_shl(a, 48) == 281474976710656 * a);
axiom (forall a: int :: {Bit_shr(a, 48)} Bit_shr(a, 48) == a div 281474976710656);
axiom (forall a: int :: {Bit_shl(a, 56)} Bit_shl(a, 56) == 72057594037927936 * a);
axiom (forall a: int :: {Bit_shr(a, 56)} Bit_shr(a, 56) == a div 72057594037927936);
axiom (forall a: int :: {Bit_shl(a, 63)} Bit_shl(a, 63) == 9223372036854775808 * a);
axiom (forall a: int :: {Bit_shr(a, 63)} Bit_shr(a, 63) == a div 9223372036854775808);
axiom (forall a: int :: {Bit_shl(a, 64)} Bit_shl(a, 64) == 18446744073709551616 * a);
axiom (forall a: int :: {Bit_shr(a, 64)} Bit_shr(a, 64) == a div 18446744073709551616);
axiom (forall a: int :: {Bit_shl(a, 96)} Bit_shl(a, 96) == 79228162514264337593543950336 * a);
axiom (forall a: int :: {Bit_shr(a, 96)} Bit_shr(a, 96) == a div 79228162514264337593543950336);
axiom (forall a: int :: {Bit_shl(a, 128)} Bit_shl(a, 128) == 340282366920938463463374607431768211456 * a);
axiom (forall a: int :: {Bit_shr(a, 128)} Bit_shr(a, 128) == a div 340282366920938463463374607431768211456);

// Numbers that have no bit in common: one ends in as many zeros as the other has bits. Shifts say where to look.

function Bit_ends(a: int, n: int): bool;  // in n zeros; only what is shifted is known to

axiom (forall a: int, n: int, m: int :: {Bit_ends(Bit_shl(a, n), m)} 0 <= m && m <= n ==> Bit_ends(Bit_shl(a, n), m));
axiom (forall a: int, b: int, n: int :: {Bit_ends(Bit_or(a, b), n)}
  0 <= n && Bit_ends(a, n) && Bit_ends(b, n) ==> Bit_ends(Bit_or(a, b), n));
axiom (forall a: int, b: int, n: int :: {Bit_ends(Bit_and(a, b), n)}
  0 <= n && (Bit_ends(a, n) || Bit_ends(b, n)) ==> Bit_ends(Bit_and(a, b), n));

axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 1)}
  Bit_ends(a, 1) && 0 <= b && b < 2 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 2)}
  Bit_ends(a, 2) && 0 <= b && b < 4 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 3)}
  Bit_ends(a, 3) && 0 <= b && b < 8 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 4)}
  Bit_ends(a, 4) && 0 <= b && b < 16 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 5)}
  Bit_ends(a, 5) && 0 <= b && b < 32 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 6)}
  Bit_ends(a, 6) && 0 <= b && b < 64 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 7)}
  Bit_ends(a, 7) && 0 <= b && b < 128 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 8)}
  Bit_ends(a, 8) && 0 <= b && b < 256 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 9)}
  Bit_ends(a, 9) && 0 <= b && b < 512 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 10)}
  Bit_ends(a, 10) && 0 <= b && b < 1024 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 11)}
  Bit_ends(a, 11) && 0 <= b && b < 2048 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 12)}
  Bit_ends(a, 12) && 0 <= b && b < 4096 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 13)}
  Bit_ends(a, 13) && 0 <= b && b < 8192 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 14)}
  Bit_ends(a, 14) && 0 <= b && b < 16384 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 15)}
  Bit_ends(a, 15) && 0 <= b && b < 32768 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 16)}
  Bit_ends(a, 16) && 0 <= b && b < 65536 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 20)}
  Bit_ends(a, 20) && 0 <= b && b < 1048576 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 24)}
  Bit_ends(a, 24) && 0 <= b && b < 16777216 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 28)}
  Bit_ends(a, 28) && 0 <= b && b < 268435456 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 31)}
  Bit_ends(a, 31) && 0 <= b && b < 2147483648 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 32)}
  Bit_ends(a, 32) && 0 <= b && b < 4294967296 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 40)}
  Bit_ends(a, 40) && 0 <= b && b < 1099511627776 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 48)}
  Bit_ends(a, 48) && 0 <= b && b < 281474976710656 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 56)}
  Bit_ends(a, 56) && 0 <= b && b < 72057594037927936 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 63)}
  Bit_ends(a, 63) && 0 <= b && b < 9223372036854775808 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 64)}
  Bit_ends(a, 64) && 0 <= b && b < 18446744073709551616 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 96)}
  Bit_ends(a, 96) && 0 <= b && b < 79228162514264337593543950336 ==> Bit_and(a, b) == 0);
axiom (forall a: int, b: int, c: int :: {Bit_and(a, b), Bit_shl(c, 128)}
  Bit_ends(a, 128) && 0 <= b && b < 340282366920938463463374607431768211456 ==> Bit_and(a, b) == 0);
