"""What a regular expression says of strings, as axioms of the Boogie language about `match`, `fullmatch` and `search`."""

from __future__ import annotations

from collections.abc import Sequence

from probatum.lower.regular import ANY, NOTHING, Expression, Group, Part, sequence
from probatum.lower.terms import apply, conjunction, disjunction, equal, implication
from probatum.records import dataclass

# How each way of asking is called in the prelude: whether there is a match, and which.
ASKED = {
    "match": ("Pattern_matches", "Pattern_match"),
    "fullmatch": ("Pattern_fullmatches", "Pattern_fullmatch"),
    "search": ("Pattern_searches", "Pattern_search"),
}
_LETTERS = ((65, 90), (97, 122))
_LENGTH = "Seq_len(s)"
_CHARACTER = "Seq_at(s, k)"


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the string: so many characters from somewhere."""

    base: str
    offset: int = 0

    def __str__(self) -> str:
        if self.base == "0":
            return str(self.offset)
        sign = "+" if self.offset > 0 else "-"
        return self.base if self.offset == 0 else f"({self.base} {sign} {abs(self.offset)})"

    def __add__(self, number: int) -> Place:
        return Place(self.base, self.offset + number)


def axioms(pattern: str, said: Expression) -> list[str]:
    """Return what is known of the matches of an expression.

    Parameters
    ----------
    pattern : str
        The constant that stands for the compiled expression.
    """
    found = [f"axiom {apply('Pattern_groups', pattern)} == {said.count};"]
    for asked in ASKED:
        found += _Matching(pattern, said, asked).axioms()
    return found + _of_all(pattern, said)


def _of_all(pattern: str, said: Expression) -> list[str]:
    """Return what is known of each text that `findall` returns."""
    if said.count > 1:
        return []
    group = said.groups.get(1)
    part = sequence(said.parts) if said.count == 0 else group.part if group is not None and group.span is not None else None
    if part is None:
        return []
    every = apply("Pattern_findall", pattern, "s")
    one = apply("Seq_at", every, "k")
    character = apply("Seq_at", one, "j")
    there = f"0 <= k && k < {apply('Seq_len', every)}"
    length = apply("Seq_len", one)
    known = conjunction(part.condition(length), *_said_of(part, one))
    found = [f"axiom (forall s: Seq char, k: int :: {{{one}}} {implication(f'({there})', known)});"]
    if part.characters != ANY and part.high != 0:
        inside = f"({there} && 0 <= j && j < {length})"
        body = implication(inside, part.characters.holds(character))
        found.append(f"axiom (forall s: Seq char, k: int, j: int :: {{{character}}} {body});")
    return found


class _Matching:
    """One way of asking of one expression."""

    def __init__(self, pattern: str, said: Expression, asked: str) -> None:
        self.pattern, self.said, self.asked = pattern, said, asked
        whether, which = ASKED[asked]
        self.holds = apply(whether, pattern, "s")
        self.match = apply(which, pattern, "s")
        self.to_end = asked == "fullmatch" or (len(said.parts), "end") in said.anchors
        self.from_start = asked != "search" or (0, "start") in said.anchors
        self.first = Place("0") if self.from_start else Place(apply("Match_start", self.match, "0"))
        self.last = Place(_LENGTH if self.to_end else apply("Match_end", self.match, "0"))

    def axioms(self) -> list[str]:
        """Return what is known of all strings that match, and which strings do."""
        found = [self._always(implication(self.holds, conjunction(*self._bounds(), *self._groups())))]
        characters = conjunction(*self._characters())
        if characters != "true":
            found.append(self._at_each_place(implication(self.holds, characters)))
        if self.asked == "search":
            return found + self._found_somewhere()
        return found + self._ways()

    def _always(self, body: str) -> str:
        return f"axiom (forall s: Seq char :: {{{self.holds}}} {body});"

    def _at_each_place(self, body: str) -> str:
        return f"axiom (forall s: Seq char, k: int :: {{{self.holds}, {_CHARACTER}}} {body});"

    def _cut(self, number: int) -> Place:
        """Return where a part begins."""
        parts = self.said.parts
        if all(one.fixed for one in parts[:number]):
            return self.first + sum(one.low for one in parts[:number])
        if all(one.fixed for one in parts[number:]):
            return self.last + -sum(one.low for one in parts[number:])
        return Place(apply("Match_cut", self.match, str(number)))

    def _bounds(self) -> list[str]:
        """Return where a match begins and ends, and how long its parts are."""
        last = len(self.said.parts)
        found = [
            equal(apply("Match_start", self.match, "0"), str(self.first)),
            equal(apply("Match_end", self.match, "0"), str(self.last)),
            f"({self.first} <= {self.last})",
        ]
        if all(one.fixed for one in self.said.parts):
            found.append(equal(str(self._cut(last)), str(self.last)))
        for number, one in enumerate(self.said.parts):
            here, following = self._cut(number), self._cut(number + 1)
            if not one.fixed or following != here + one.low:
                found.append(one.condition(f"({following} - {here})"))
        for number, where in self.said.anchors:
            place = self._cut(number)
            if where == "start":
                found.append(equal(str(place), "0"))
            elif where == "end":
                found.append(equal(str(place), _LENGTH))
            else:
                ended = conjunction(
                    f"({place} == {_LENGTH} - 1)", f"({apply('char_code', apply('Seq_at', 's', str(place)))} == 10)"
                )
                found.append(disjunction(equal(str(place), _LENGTH), ended))
        return found

    def _characters(self) -> list[str]:
        """Return which characters there are at the place `k`."""
        spans = [(str(self._cut(n)), str(self._cut(n + 1)), one) for n, one in enumerate(self.said.parts) if one.high != 0]
        spans += [(*self._span(n), one.part) for n, one in self.said.groups.items() if one.part and one.within is not None]
        return [implication(f"({a} <= k && k < {b})", one.characters.holds(_CHARACTER)) for a, b, one in spans]

    def _span(self, number: int) -> tuple[str, str]:
        return apply("Match_start", self.match, str(number)), apply("Match_end", self.match, str(number))

    def _groups(self) -> list[str]:
        found = []
        for number, group in self.said.groups.items():
            known = conjunction(*self._group(number, group))
            found.append(known if group.within is None else implication(f"(0 <= {self._span(number)[0]})", known))
        return found

    def _group(self, number: int, group: Group) -> list[str]:
        start, end = self._span(number)
        text = apply("Seq_slice", "s", start, end)
        known = []
        if group.span is not None:
            known += [equal(start, str(self._cut(group.span[0]))), equal(end, str(self._cut(group.span[1])))]
        if group.within is not None:
            known += [f"({self._cut(group.within)} <= {start})", f"({end} <= {self._cut(group.within + 1)})"]
        if group.part is not None:
            known += [group.part.condition(f"({end} - {start})"), *_said_of(group.part, text)]
        if group.words:
            known.append(disjunction(*(apply("Seq_equal", text, _constant(word)) for word in group.words)))
        return known

    # --- which strings match ---------------------------------------------------------------------------------------

    def _found_somewhere(self) -> list[str]:
        ways = self.said.ways or []
        if self.from_start:
            return [self._always(implication(self.holds, apply("Pattern_matches", self.pattern, "s")))]
        if len(ways) == 1 and len(ways[0]) == 1 and ways[0][0].low <= 1 and not self.said.closed and not self.said.opened:
            there = conjunction(f"(0 <= k && k < {_LENGTH})", ways[0][0].characters.holds(_CHARACTER))
            return [self._at_each_place(implication(there, self.holds))]
        return []

    def _ways(self) -> list[str]:
        ways = self.said.ways or []
        found = []
        for number, way in enumerate(ways):
            if sum(not one.fixed for one in way) <= 1:
                found.append(self._sufficient(str(number), way, whole=True))
            if self.asked == "match" and not self.said.closed and all(one.fixed for one in way[:-1]):
                found.append(self._sufficient(str(len(ways) + number), way, whole=False))
        if len(ways) > 1 and self.to_end:
            options = [conjunction(*self._shape(way)) for way in ways]
            found.append(self._always(implication(self.holds, disjunction(*options))))
        return found

    def _shape(self, way: Sequence[Part]) -> list[str]:
        """Return what a way says of a whole string: how long it is, and which characters it begins with."""
        at, found = 0, [_length_of(way).condition(_LENGTH)]
        for one in way:
            if not one.fixed:
                break
            found += [one.characters.holds(apply("Seq_at", "s", str(at + n))) for n in range(min(one.low, 4))]
            at += one.low
        return found

    def _sufficient(self, number: str, way: Sequence[Part], *, whole: bool) -> str:
        """Return that a string matches if it is as a way says, or has a character somewhere that is not."""
        length = _length_of(way)
        miss = apply("Pattern_miss", self.pattern, number, "s")
        at, after, known = Place("0"), length.low, []
        for one in way:
            after -= one.low
            following = at + one.low if one.fixed or not whole else Place(_LENGTH, -after)
            within = f"({at} <= {miss} && {miss} < {following})"
            known.append(implication(within, one.characters.holds(apply("Seq_at", "s", miss))))
            at = following
        right = conjunction(*known)
        end = _LENGTH if whole else str(length.low)
        wrong = "false" if right == "true" else f"(0 <= {miss} && {miss} < {end} && !{right})"
        enough = length.condition(_LENGTH) if whole else f"({length.low} <= {_LENGTH})"
        return self._always(implication(enough, disjunction(self.holds, wrong)))


def _length_of(way: Sequence[Part]) -> Part:
    """Return how long a string of a way is."""
    highs = [one.high for one in way if one.high is not None]
    return Part(NOTHING, sum(one.low for one in way), sum(highs) if len(highs) == len(way) else None)


def _said_of(part: Part, text: str) -> list[str]:
    """Return what the methods of a string say of a text of at least one character."""
    own = part.characters
    if not part.low:
        return []
    found = [apply("Str_isdecimal", text)] if own.decimal else []
    if own.inside(*_LETTERS):
        found.append(apply("Str_isalpha", text))
    if own.inside((0, 127)):
        found.append(apply("Str_isascii", text))
    return found


def _constant(word: str) -> str:
    text = "(Seq_empty() : Seq char)"
    for character in word:
        text = apply("Seq_push", text, apply("char_of", str(ord(character))))
    return text
