// What the characters of strings are. Of those beyond ASCII nothing is said.

function Str_isdigit(s: Seq char): bool;
function Str_isdecimal(s: Seq char): bool;
function Str_isnumeric(s: Seq char): bool;
function Str_isalpha(s: Seq char): bool;
function Str_isalnum(s: Seq char): bool;
function Str_isspace(s: Seq char): bool;
function Str_isupper(s: Seq char): bool;
function Str_islower(s: Seq char): bool;
function Str_isascii(s: Seq char): bool;
function Str_not_digit(s: Seq char): int;  // the first place of what is none of 0 to 9
function Str_not_ascii(s: Seq char): int;

axiom (forall s: Seq char :: {Str_isdigit(s)} Str_isdigit(s) ==> 0 < Seq_len(s) && Str_isnumeric(s));
axiom (forall s: Seq char :: {Str_isdecimal(s)} Str_isdecimal(s) ==> 0 < Seq_len(s) && Str_isdigit(s));
axiom (forall s: Seq char :: {Str_isnumeric(s)} Str_isnumeric(s) ==> 0 < Seq_len(s) && Str_isalnum(s));
axiom (forall s: Seq char :: {Str_isalpha(s)} Str_isalpha(s) ==> 0 < Seq_len(s) && Str_isalnum(s));
axiom (forall s: Seq char :: {Str_isalnum(s)} Str_isalnum(s) ==> 0 < Seq_len(s) && !Str_isspace(s));
axiom (forall s: Seq char :: {Str_isspace(s)} Str_isspace(s) ==> 0 < Seq_len(s));
axiom (forall s: Seq char :: {Str_isupper(s)} Str_isupper(s) ==> 0 < Seq_len(s) && !Str_islower(s));
axiom (forall s: Seq char :: {Str_islower(s)} Str_islower(s) ==> 0 < Seq_len(s));
axiom (forall s: Seq char, k: int :: {Str_isdigit(s), Seq_at(s, k)}
  Str_isdigit(s) && 0 <= k && k < Seq_len(s) && char_code(Seq_at(s, k)) < 128
  ==> 48 <= char_code(Seq_at(s, k)) && char_code(Seq_at(s, k)) <= 57);
axiom (forall s: Seq char, k: int :: {Str_isalpha(s), Seq_at(s, k)}
  Str_isalpha(s) && 0 <= k && k < Seq_len(s) && char_code(Seq_at(s, k)) < 128
  ==> (65 <= char_code(Seq_at(s, k)) && char_code(Seq_at(s, k)) <= 90)
    || (97 <= char_code(Seq_at(s, k)) && char_code(Seq_at(s, k)) <= 122));
axiom (forall s: Seq char :: {Str_isdecimal(s)}{Str_isdigit(s)}
  0 < Seq_len(s) && !Str_isdecimal(s)
  ==> 0 <= Str_not_digit(s) && Str_not_digit(s) < Seq_len(s)
    && !(48 <= char_code(Seq_at(s, Str_not_digit(s))) && char_code(Seq_at(s, Str_not_digit(s))) <= 57));
axiom (forall s: Seq char, k: int :: {Str_isascii(s), Seq_at(s, k)}
  Str_isascii(s) && 0 <= k && k < Seq_len(s) ==> char_code(Seq_at(s, k)) < 128);
axiom (forall s: Seq char :: {Str_isascii(s)}
  !Str_isascii(s) ==> 0 <= Str_not_ascii(s) && Str_not_ascii(s) < Seq_len(s)
    && 128 <= char_code(Seq_at(s, Str_not_ascii(s))));

// Whether `int(s)` has a value. There are at most 4300 digits.
function Str_is_int(s: Seq char): bool;

axiom (forall s: Seq char :: {Str_is_int(s)}
  (Str_is_int(s) ==> 0 < Seq_len(s))
  && (Str_isdecimal(s) && Seq_len(s) <= 4300 ==> Str_is_int(s) && 0 <= Str_to_int(s)));
axiom (forall i: int :: {Str_is_int(Str_of_int(i))} Str_is_int(Str_of_int(i)));
axiom (forall s: Seq char :: {Str_to_int(s)}
  Str_is_int(s) && Seq_len(s) == 1 && 48 <= char_code(Seq_at(s, 0)) && char_code(Seq_at(s, 0)) <= 57
  ==> Str_to_int(s) == char_code(Seq_at(s, 0)) - 48);
axiom (forall s: Seq char :: {Str_to_int(s)}
  Str_is_int(s) && Str_isdecimal(s)
  ==> 0 <= Str_to_int(s)
    && (49 <= char_code(Seq_at(s, 0)) && char_code(Seq_at(s, 0)) <= 57 ==> 0 < Str_to_int(s))
    && (Seq_len(s) <= 1 ==> Str_to_int(s) < 10) && (Seq_len(s) <= 2 ==> Str_to_int(s) < 100)
    && (Seq_len(s) <= 3 ==> Str_to_int(s) < 1000) && (Seq_len(s) <= 4 ==> Str_to_int(s) < 10000));

// Words, between which is white space, and lines.
function Str_spaces(): Seq char;
function Str_words(s: Seq char): Seq (Seq char);
function Str_lines(s: Seq char): Seq (Seq char);

axiom Seq_has(Str_spaces(), char_of(32)) && Seq_has(Str_spaces(), char_of(9)) && Seq_has(Str_spaces(), char_of(10))
  && Seq_has(Str_spaces(), char_of(13));
axiom (forall c: char :: {Seq_has(Str_spaces(), c)}
  33 <= char_code(c) && char_code(c) <= 126 ==> !Seq_has(Str_spaces(), c));
axiom (forall s: Seq char :: {Str_words(s)} Seq_len(Str_words(s)) <= Seq_len(s));
axiom (forall s: Seq char, k: int :: {Seq_at(Str_words(s), k)}
  0 <= k && k < Seq_len(Str_words(s)) ==> 0 < Seq_len(Seq_at(Str_words(s), k)));
axiom (forall s: Seq char :: {Str_lines(s)}
  Seq_len(Str_lines(s)) <= Seq_len(s) && (0 < Seq_len(s) ==> 0 < Seq_len(Str_lines(s))));

// Where a line ends: a line has nothing of it. Lines that only ever end in `\n`, but for the last one, are joined by it.
function {:inline} Char_ends_line(c: char): bool {
  (10 <= char_code(c) && char_code(c) <= 13) || (28 <= char_code(c) && char_code(c) <= 30) || char_code(c) == 133
  || char_code(c) == 8232 || char_code(c) == 8233
}
function Str_odd_end(s: Seq char): int;  // a place of something else that ends a line

axiom (forall s: Seq char, k: int, j: int :: {Seq_at(Seq_at(Str_lines(s), k), j)}
  0 <= k && k < Seq_len(Str_lines(s)) && 0 <= j && j < Seq_len(Seq_at(Str_lines(s), k))
  ==> !Char_ends_line(Seq_at(Seq_at(Str_lines(s), k), j)));
axiom (forall u: Seq char, s: Seq char :: {Str_join(u, Str_lines(s))}
  Seq_len(u) == 1 && char_code(Seq_at(u, 0)) == 10 && (0 < Seq_len(s) ==> char_code(Seq_at(s, Seq_len(s) - 1)) != 10)
  ==> Str_join(u, Str_lines(s)) == s
    || (0 <= Str_odd_end(s) && Str_odd_end(s) < Seq_len(s) && char_code(Seq_at(s, Str_odd_end(s))) != 10
      && Char_ends_line(Seq_at(s, Str_odd_end(s)))));

// UTF-8, which has no bytes for the surrogates.
function Str_encodable(s: Seq char): bool;
function Str_encode(s: Seq char): Seq byte;
function Bytes_decodable(b: Seq byte): bool;
function Bytes_decode(b: Seq byte): Seq char;

axiom (forall s: Seq char :: {Str_encode(s)}
  Str_encodable(s)
  ==> Seq_len(s) <= Seq_len(Str_encode(s)) && Seq_len(Str_encode(s)) <= 4 * Seq_len(s)
    && Bytes_decodable(Str_encode(s)) && Bytes_decode(Str_encode(s)) == s
    && (Str_isascii(s) ==> Seq_len(Str_encode(s)) == Seq_len(s)));
axiom (forall s: Seq char :: {Str_encodable(s)} Str_isascii(s) ==> Str_encodable(s));
axiom (forall b: Seq byte :: {Bytes_decode(b)}
  Bytes_decodable(b)
  ==> Seq_len(Bytes_decode(b)) <= Seq_len(b) && Str_encodable(Bytes_decode(b)) && Str_encode(Bytes_decode(b)) == b);

// `b.hex()` and `bytes.fromhex(s)`.
function Bytes_hex(b: Seq byte): Seq char;
function Str_is_hex(s: Seq char): bool;
function Str_unhex(s: Seq char): Seq byte;

axiom (forall b: Seq byte :: {Bytes_hex(b)}
  Seq_len(Bytes_hex(b)) == 2 * Seq_len(b) && Str_is_hex(Bytes_hex(b)) && Str_unhex(Bytes_hex(b)) == b);
axiom (forall s: Seq char :: {Str_unhex(s)} Str_is_hex(s) ==> 2 * Seq_len(Str_unhex(s)) <= Seq_len(s));
