// Regular expressions and matches. What an expression says of strings is written down for each that a program has.

// `\d`, `\s` and `\w`; of letters beyond ASCII it is open which is what.
function Char_digit(c: char): bool;
function Char_space(c: char): bool;
function Char_word(c: char): bool;
function Str_not_decimal(s: Seq char): int;  // the first place of what is no digit of any script

axiom (forall c: char :: {Char_digit(c)}
  (48 <= char_code(c) && char_code(c) <= 57 ==> Char_digit(c))
  && (Char_digit(c) && char_code(c) < 128 ==> 48 <= char_code(c) && char_code(c) <= 57)
  && (Char_digit(c) ==> Char_word(c) && !Char_space(c)));
axiom (forall c: char :: {Char_space(c)}
  char_code(c) < 128
  ==> (Char_space(c) <==> ((9 <= char_code(c) && char_code(c) <= 13) || (28 <= char_code(c) && char_code(c) <= 32))));
axiom (forall c: char :: {Char_word(c)}
  char_code(c) < 128
  ==> (Char_word(c)
    <==> ((48 <= char_code(c) && char_code(c) <= 57) || (65 <= char_code(c) && char_code(c) <= 90) || char_code(c) == 95
      || (97 <= char_code(c) && char_code(c) <= 122))));
axiom (forall c: char :: {Char_word(c)} Char_word(c) ==> !Char_space(c));
axiom (forall s: Seq char, k: int :: {Str_isdecimal(s), Seq_at(s, k)}
  Str_isdecimal(s) && 0 <= k && k < Seq_len(s) ==> Char_digit(Seq_at(s, k)));
axiom (forall s: Seq char :: {Str_isdecimal(s)}
  0 < Seq_len(s) && !Str_isdecimal(s)
  ==> 0 <= Str_not_decimal(s) && Str_not_decimal(s) < Seq_len(s) && !Char_digit(Seq_at(s, Str_not_decimal(s))));
axiom (forall c: char :: {Seq_has(Str_spaces(), c)} Seq_has(Str_spaces(), c) <==> Char_space(c));

type Pattern;
type Match;
type Group_name;

function Pattern_groups(p: Pattern): int;
function Pattern_index(p: Pattern, n: Group_name): int;  // the number of the group of a name

// Whether `p.match(s)`, `p.fullmatch(s)`, `p.search(s)` find something, and what.
function Pattern_matches(p: Pattern, s: Seq char): bool;
function Pattern_match(p: Pattern, s: Seq char): Match;
function Pattern_fullmatches(p: Pattern, s: Seq char): bool;
function Pattern_fullmatch(p: Pattern, s: Seq char): Match;
function Pattern_searches(p: Pattern, s: Seq char): bool;
function Pattern_search(p: Pattern, s: Seq char): Match;

function Match_pattern(m: Match): Pattern;
function Match_string(m: Match): Seq char;
function Match_start(m: Match, g: int): int;
function Match_end(m: Match, g: int): int;
function {:inline} Match_group(m: Match, g: int): Seq char {
  Seq_slice(Match_string(m), Match_start(m, g), Match_end(m, g))
}

axiom (forall p: Pattern :: {Pattern_groups(p)} 0 <= Pattern_groups(p));
axiom (forall p: Pattern, s: Seq char :: {Pattern_match(p, s)}
  Pattern_matches(p, s) ==> Match_pattern(Pattern_match(p, s)) == p && Match_string(Pattern_match(p, s)) == s);
axiom (forall p: Pattern, s: Seq char :: {Pattern_fullmatch(p, s)}
  Pattern_fullmatches(p, s)
  ==> Match_pattern(Pattern_fullmatch(p, s)) == p && Match_string(Pattern_fullmatch(p, s)) == s);
axiom (forall p: Pattern, s: Seq char :: {Pattern_search(p, s)}
  Pattern_searches(p, s) ==> Match_pattern(Pattern_search(p, s)) == p && Match_string(Pattern_search(p, s)) == s);
axiom (forall p: Pattern, s: Seq char :: {Pattern_matches(p, s)} Pattern_fullmatches(p, s) ==> Pattern_matches(p, s));
axiom (forall p: Pattern, s: Seq char :: {Pattern_searches(p, s)} Pattern_matches(p, s) ==> Pattern_searches(p, s));
axiom (forall m: Match, g: int :: {Match_start(m, g)}{Match_end(m, g)}
  0 <= g && g <= Pattern_groups(Match_pattern(m))
  ==> (g != 0 && Match_start(m, g) == -1 && Match_end(m, g) == -1)
    || (0 <= Match_start(m, g) && Match_start(m, g) <= Match_end(m, g) && Match_end(m, g) <= Seq_len(Match_string(m))));

// Where a part of an expression ends in a match, and where a string is not as one of the ways of an expression says.
function Match_cut(m: Match, n: int): int;
function Pattern_miss(p: Pattern, way: int, s: Seq char): int;

// All that an expression finds, with at most one group; what is between that, without groups; and with something put there.
function Pattern_findall(p: Pattern, s: Seq char): Seq (Seq char);
function Pattern_split(p: Pattern, s: Seq char): Seq (Seq char);
function Pattern_sub(p: Pattern, t: Seq char, s: Seq char): Seq char;

axiom (forall p: Pattern, s: Seq char :: {Pattern_findall(p, s)}
  Pattern_groups(p) <= 1
  ==> Seq_len(Pattern_findall(p, s)) <= 2 * Seq_len(s) + 1
    && (0 < Seq_len(Pattern_findall(p, s)) <==> Pattern_searches(p, s)));
axiom (forall p: Pattern, s: Seq char, k: int :: {Seq_at(Pattern_findall(p, s), k)}
  Pattern_groups(p) <= 1 && 0 <= k && k < Seq_len(Pattern_findall(p, s))
  ==> Seq_len(Seq_at(Pattern_findall(p, s), k)) <= Seq_len(s));
axiom (forall p: Pattern, s: Seq char :: {Pattern_split(p, s)}
  Pattern_groups(p) == 0
  ==> 1 <= Seq_len(Pattern_split(p, s)) && Seq_len(Pattern_split(p, s)) <= 2 * Seq_len(s) + 2
    && (!Pattern_searches(p, s) ==> Seq_len(Pattern_split(p, s)) == 1 && Seq_at(Pattern_split(p, s), 0) == s));
axiom (forall p: Pattern, s: Seq char, k: int :: {Seq_at(Pattern_split(p, s), k)}
  Pattern_groups(p) == 0 && 0 <= k && k < Seq_len(Pattern_split(p, s))
  ==> Seq_len(Seq_at(Pattern_split(p, s), k)) <= Seq_len(s));
axiom (forall p: Pattern, t: Seq char, s: Seq char :: {Pattern_sub(p, t, s)}
  !Pattern_searches(p, s) ==> Pattern_sub(p, t, s) == s);
