"""Glob patterns as automata: does any word match these and none of those?

A pattern is a sequence of tokens: a literal character, `?` for exactly one and
`*` for any run. Some patterns are segmented at `:` (ARNs): there the wildcards
of all segments but the last do not cross a colon. Matching is simulated on a
nondeterministic automaton whose states are the bits of an integer, so a step is
a handful of machine operations however many states are alive.

`find_word` decides whether the intersection of some patterns minus the union of
others is empty, and returns a shortest word if it is not. It is exact, over the
infinite alphabet of all characters: besides the characters that a pattern
spells out, one *fresh* character stands for all others. The product of the
automata is explored on the fly and never built.

Two facts keep the search small. A fresh character leads every pattern to a
subset of the states that any other character leads it to, so where a required
pattern accepts a fresh character, no character that only the forbidden patterns
spell out needs to be tried. And a forbidden pattern that has reached a trailing
`*` accepts every continuation, so the branch can be cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

STATE_LIMIT = 200_000

# Tried in this order as the fresh character, so that words are readable.
_READABLE = "xzqjkvwybmgfhpduclnrtsioaeXZQJKVWYBMGFHPDUCLNRTSIOAE0123456789-_"
_OTHER = 0xE000  # private-use characters, for when the patterns spell out all readable ones

# Characters from here on stand for unknown texts (the values of variables): only the same
# character and stars without restriction match them, because their length and colons are unknown.
OPAQUE = "\U000f0000"

_lower = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}

STAR = "*"
ANY = "?"


class TooLarge(Exception):
    """The product has more states than `STATE_LIMIT`; the question is left undecided."""


class Glob:
    """A pattern, compiled.

    Parameters
    ----------
    tokens : sequence of (str, bool, bool)
        For each token: the character, whether it is a wildcard (`*` or `?`), and
        whether a wildcard refuses `:`.
    fold : bool
        Whether the letters A to Z match without regard to case.
    text : str
        The pattern as written, for messages.

    Attributes
    ----------
    letters : frozenset of str
        The characters that it spells out.
    prefix, suffix : str
        The characters before the first and after the last wildcard or unknown
        text; all of them if there is none.
    """

    __slots__ = (
        "_any",
        "_any_colon",
        "_final",
        "_literal",
        "_star",
        "_star_colon",
        "_trailing",
        "fold",
        "letters",
        "prefix",
        "suffix",
        "text",
        "tokens",
    )

    def __init__(self, tokens: Sequence[tuple[str, bool, bool]], *, fold: bool, text: str) -> None:
        kept: list[tuple[str, bool, bool]] = []
        for token in tokens:
            # Runs of stars with the same reach are one star: the closure below is then a single shift.
            if token[0] == STAR and token[1] and kept and kept[-1][0] == STAR and kept[-1][1]:
                if kept[-1][2] and not token[2]:
                    kept[-1] = token
                continue
            kept.append(token)
        self.tokens = tuple(kept)
        self.fold = fold
        self.text = text
        self._literal: dict[str, int] = {}
        self._any = self._any_colon = self._star = self._star_colon = 0
        for position, (character, wild, stops_at_colon) in enumerate(kept):
            bit = 1 << position
            if not wild:
                for variant in _variants(character) if fold else (character,):
                    self._literal[variant] = self._literal.get(variant, 0) | bit
            elif character == STAR:
                self._star |= bit
                if not stops_at_colon:
                    self._star_colon |= bit
            else:
                self._any |= bit
                if not stops_at_colon:
                    self._any_colon |= bit
        self._final = 1 << len(kept)
        # From here on everything is accepted: a last token that is an unrestricted star.
        last = kept[-1] if kept else ("", False, False)
        self._trailing = (1 << (len(kept) - 1)) if last[:2] == (STAR, True) and not last[2] else 0
        self.letters = frozenset(self._literal)
        self.prefix = self._prefix()
        self.suffix = self._suffix()

    def start(self) -> int:
        """Set of states before the first character."""
        return 1 | ((1 & self._star) << 1)

    def step(self, states: int, character: str) -> int:
        """Set of states after one more character."""
        if character == ":":
            move = states & (self._literal.get(":", 0) | self._any_colon)
            stay = states & self._star_colon
        elif character >= OPAQUE:
            move = states & self._literal.get(character, 0)
            stay = states & self._star_colon
        else:
            move = states & (self._literal.get(character, 0) | self._any)
            stay = states & self._star
        after = (move << 1) | stay
        return after | ((after & self._star) << 1)

    def accepts(self, states: int) -> bool:
        """Whether a word that ends in these states matches."""
        return bool(states & self._final)

    def accepts_all(self, states: int) -> bool:
        """Whether every continuation from these states matches."""
        return bool(states & self._trailing)

    def matches(self, word: str) -> bool:
        """Whether the whole word matches."""
        states = self.start()
        for character in word:
            states = self.step(states, character)
            if not states:
                return False
        return self.accepts(states)

    def wants(self, states: int) -> Iterable[str]:
        """Literal characters that would advance these states."""
        return [c for c, mask in self._literal.items() if mask & states]

    @property
    def exact(self) -> str | None:
        """The one word that matches, if there are no wildcards and case counts."""
        if self.fold or any(wild for _, wild, _ in self.tokens):
            return None
        return "".join(c for c, _, _ in self.tokens)

    def _prefix(self) -> str:
        out = []
        for character, wild, _ in self.tokens:
            if wild or character >= OPAQUE:
                break
            out.append(character)
        return "".join(out)

    def _suffix(self) -> str:
        out = []
        for character, wild, _ in reversed(self.tokens):
            if wild or character >= OPAQUE:
                break
            out.append(character)
        return "".join(reversed(out))

    def __repr__(self) -> str:
        return f"Glob({self.text!r})"


def _variants(character: str) -> tuple[str, ...]:
    return (character.lower(), character.upper()) if character.isascii() and character.isalpha() else (character,)


@lru_cache(maxsize=200_000)
def flat(pattern: str, *, fold: bool = False) -> Glob:
    """Compile a pattern whose wildcards match anything, colons too."""
    return Glob([(c, c in "*?", False) for c in pattern], fold=fold, text=pattern)


@lru_cache(maxsize=200_000)
def segmented(segments: tuple[str, ...], *, fold: bool = False) -> Glob:
    """Compile a pattern given by its segments; only the last one may match colons."""
    tokens: list[tuple[str, bool, bool]] = []
    for number, segment in enumerate(segments):
        inner = number < len(segments) - 1
        if number:
            tokens.append((":", False, False))
        tokens.extend((c, c in "*?", inner) for c in segment)
    return Glob(tokens, fold=fold, text=":".join(segments))


@lru_cache(maxsize=200_000)
def literal(text: str, *, fold: bool = False) -> Glob:
    """Compile a text that matches itself; `*` and `?` in it mean themselves."""
    return Glob([(c, False, False) for c in text], fold=fold, text=text)


@lru_cache(maxsize=400_000)
def disjoint_by_ends(one: Glob, other: Glob) -> bool:
    """Whether two patterns cannot share a word because their fixed beginnings or ends differ. Never wrong, often silent."""
    if one.fold or other.fold:
        a, b, c, d = (text.translate(_lower) for text in (one.prefix, other.prefix, one.suffix, other.suffix))
    else:
        a, b, c, d = one.prefix, other.prefix, one.suffix, other.suffix
    short = min(len(a), len(b))
    if a[:short] != b[:short]:
        return True
    short = min(len(c), len(d))
    return short > 0 and c[len(c) - short :] != d[len(d) - short :]


def fresh_character(patterns: Iterable[Glob]) -> str:
    """A readable character that no pattern spells out, or a private-use one."""
    used: set[str] = set()
    for pattern in patterns:
        used |= pattern.letters
    readable = next((c for c in _READABLE if c not in used), None)
    return readable or next(c for n in range(_OTHER, ord(OPAQUE)) if (c := chr(n)) not in used)


def find_word(required: Sequence[Glob], forbidden: Sequence[Glob], *, limit: int = STATE_LIMIT) -> str | None:
    """Find a shortest word that matches all `required` and no `forbidden` pattern.

    Returns
    -------
    str or None
        None if there is no such word: the intersection of `required` is covered
        by the union of `forbidden`.

    Raises
    ------
    TooLarge
        If more than `limit` product states would be visited.
    """
    if not required:
        raise ValueError("at least one pattern must be required; use flat('*') for all words")
    against = [n for n in forbidden if not any(disjoint_by_ends(p, n) for p in required)]
    fresh = fresh_character([*required, *against])
    always = [fresh, ":"] if any(stops for g in against for _, _, stops in g.tokens) else [fresh]
    count = len(required)
    start = tuple(g.start() for g in (*required, *against))
    machines = (*required, *against)
    if _cut(start, count, against):
        return None
    seen = {start}
    frontier: list[tuple[tuple[int, ...], str]] = [(start, "")]
    while frontier:
        following: list[tuple[tuple[int, ...], str]] = []
        for states, word in frontier:
            if _accepted(states, count, required, against):
                return word
            letters = dict.fromkeys(always)
            for machine, own in zip(required, states, strict=False):
                letters.update(dict.fromkeys(machine.wants(own)))
            for character in letters:
                after = tuple(m.step(s, character) if s else 0 for m, s in zip(machines, states, strict=True))
                if 0 in after[:count] or after in seen or _cut(after, count, against):
                    continue
                seen.add(after)
                if len(seen) > limit:
                    raise TooLarge(f"more than {limit} states")
                following.append((after, word + character))
        frontier = following
    return None


def _accepted(states: tuple[int, ...], count: int, required: Sequence[Glob], against: Sequence[Glob]) -> bool:
    return all(g.accepts(s) for g, s in zip(required, states, strict=False)) and not any(
        g.accepts(s) for g, s in zip(against, states[count:], strict=True)
    )


def _cut(states: tuple[int, ...], count: int, against: Sequence[Glob]) -> bool:
    return any(g.accepts_all(s) for g, s in zip(against, states[count:], strict=True))
