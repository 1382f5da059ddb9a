// `int.bit_length` and `int.bit_count`.

function Int_bits(n: int): int;
function Int_ones(n: int): int;

axiom (forall n: int :: {Int_bits(n)} 0 <= Int_bits(n) && (Int_bits(n) == 0 <==> n == 0));
axiom (forall n: int :: {Int_bits(n)} 0 < n ==> Int_power2(Int_bits(n) - 1) <= n && n < Int_power2(Int_bits(n)));
axiom (forall n: int :: {Int_bits(n)} n < 0 ==> Int_bits(n) == Int_bits(-n));
axiom (forall n: int, k: int :: {Int_bits(n), Int_power2(k)}
  0 <= k && 0 <= n ==> (n < Int_power2(k) <==> Int_bits(n) <= k));
axiom (forall n: int :: {Int_ones(n)}
  0 <= Int_ones(n) && (Int_ones(n) == 0 <==> n == 0) && Int_ones(n) <= Int_bits(n));
