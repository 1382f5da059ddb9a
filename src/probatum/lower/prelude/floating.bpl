// Integers that become floats: the nearest one, within their range.

function Int_float(i: int): float53e11;
function Int_ratio(a: int, b: int): float53e11;  // a / b, rounded once

axiom (forall i: int :: {Int_float(i)}
  (0 < i && i < 1000000000000000000 ==> 0x1.0e0f53e11 <= Int_float(i))
  && (i == 0 ==> Int_float(i) == 0x0.0e0f53e11)
  && (-1000000000000000000 < i && i < 0 ==> Int_float(i) <= -0x1.0e0f53e11));
axiom (forall i: int, j: int :: {Int_float(i), Int_float(j)}
  -1000000000000000000 < i && i <= j && j < 1000000000000000000 ==> Int_float(i) <= Int_float(j));
axiom (forall i: int, j: int :: {Int_float(i), Int_float(j)}
  -9007199254740992 <= i && i < j && j <= 9007199254740992 ==> Int_float(i) < Int_float(j));
axiom (forall a: int, b: int :: {Int_ratio(a, b)}
  -1000000000000000000 < a && a < 1000000000000000000 && b != 0
  ==> ((0 <= a && 0 < b) || (a <= 0 && b < 0) ==> 0x0.0e0f53e11 <= Int_ratio(a, b))
    && ((a <= 0 && 0 < b) || (0 <= a && b < 0) ==> Int_ratio(a, b) <= 0x0.0e0f53e11)
    && (a == 0 ==> Int_ratio(a, b) == 0x0.0e0f53e11)
    && (a == b ==> Int_ratio(a, b) == 0x1.0e0f53e11)
    && (0 <= a && a <= b ==> Int_ratio(a, b) <= 0x1.0e0f53e11));
