"""Does a text exist that satisfies some alternatives of patterns? Exact, and with a readable text.

`solve` takes labelled constraints, each a choice of alternatives, and returns a
word or the labels of a set of constraints that together leave no word.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import TypeVar

from probatum.access.model.atoms import Alternative
from probatum.access.model.patterns import is_opaque
from probatum.solve.automata import Glob, disjoint_by_ends, find_word, fresh_character

Label = TypeVar("Label", bound=Hashable)

_fillings = ("x", "", "x/x", "xx")


def solve(
    constraints: Sequence[tuple[Label, tuple[Alternative, ...]]], universes: Sequence[tuple[Glob, ...]]
) -> tuple[str | None, frozenset[Label]]:
    """Find a word of one of the universes that satisfies all constraints.

    Parameters
    ----------
    constraints : sequence of (label, alternatives)
        A constraint holds if, in one of its alternatives, all patterns of the
        first kind match and none of the second.
    universes : sequence of tuple of Glob
        All words that exist: those that match all patterns of one of the tuples.

    Returns
    -------
    (word, labels)
        The word, or None and the labels of constraints that exclude each other.
    """
    core: set[Label] = set()
    fixed = [c for c in constraints if len(c[1]) == 1]
    choices = sorted((c for c in constraints if len(c[1]) != 1), key=lambda c: len(c[1]))
    required = [(label, g) for label, ((must, _),) in fixed for g in must]
    forbidden = [(label, g) for label, ((_, mustnot),) in fixed for g in mustnot]
    for universe in universes:
        word = _choose(choices, 0, required, forbidden, universe, core)
        if word is not None:
            return word, frozenset()
    return None, frozenset(core)


def satisfies(word: str, alternatives: Sequence[Alternative]) -> bool:
    """Whether a word is as one of the alternatives asks."""
    return any(all(g.matches(word) for g in must) and not any(g.matches(word) for g in mustnot) for must, mustnot in alternatives)


def _choose(  # noqa: PLR0917 - one call, made in one place, deep in a loop
    choices: list[tuple[Label, tuple[Alternative, ...]]],
    depth: int,
    required: list[tuple[Label, Glob]],
    forbidden: list[tuple[Label, Glob]],
    universe: tuple[Glob, ...],
    core: set[Label],
) -> str | None:
    if depth == len(choices):
        word, used = _escape(required, forbidden, universe)
        core.update(used)
        return word
    exact = next((e for _, g in required if (e := g.exact) is not None), None)
    if exact is not None and not _any_opaque(required, forbidden, choices[depth:]):
        # Only one word is left to try, so the choices need not be combined.
        rest = [*((None, ((universe, ()),)),), *choices[depth:]]
        wrong = next((c for c in rest if not satisfies(exact, c[1])), None)
        if wrong is not None:
            core.update(label for label, _ in required)
            if wrong[0] is not None:
                core.add(wrong[0])
            return None
        word, used = _escape(required, forbidden, universe)
        core.update(used)
        return word
    label, alternatives = choices[depth]
    core.add(label)
    for must, mustnot in alternatives:
        clash = next((other for other, g in required for m in must if disjoint_by_ends(g, m)), None)
        if clash is not None:
            core.add(clash)
            continue
        more = [*required, *((label, g) for g in must)]
        word = _choose(choices, depth + 1, more, [*forbidden, *((label, g) for g in mustnot)], universe, core)
        if word is not None:
            return word
    return None


def _any_opaque(
    required: list[tuple[Label, Glob]], forbidden: list[tuple[Label, Glob]], choices: list[tuple[Label, tuple[Alternative, ...]]]
) -> bool:
    if any(_mentions_opaque(g) for _, g in (*required, *forbidden)):
        return True
    return any(_mentions_opaque(g) for _, alternatives in choices for both in alternatives for part in both for g in part)


def _escape(
    required: list[tuple[Label, Glob]], forbidden: list[tuple[Label, Glob]], universe: tuple[Glob, ...]
) -> tuple[str | None, set[Label]]:
    """Find a word that all required patterns match and no forbidden one, or name the constraints to blame."""
    opaque = any(_mentions_opaque(g) for _, g in required) or any(_mentions_opaque(g) for _, g in forbidden)
    if not opaque:
        return _escape_plain(required, forbidden, universe)
    # Unknown texts: an empty intersection may be shown in one of two ways. Either any text may stand
    # for them where they are required, and patterns to avoid that mention some are left out. Or one
    # required pattern is taken as it is, against those whose unknown texts it mentions too (so they
    # have a value, and the same one). Both make the set of words larger, so emptiness stays true.
    plain = [(label, _relaxed(g)) for label, g in required]
    word, used = _escape_plain(plain, [(label, g) for label, g in forbidden if not _mentions_opaque(g)], universe)
    if word is None:
        return None, used
    for label, g in required:
        letters = _opaque_letters(g)
        if not letters:
            continue
        against = [(other, n) for other, n in forbidden if _opaque_letters(n) <= letters]
        found, used = _escape_plain([(label, g)], against, ())
        if found is None:
            return None, used
        word = found
    return word, set()


@lru_cache(maxsize=200_000)
def _opaque_letters(glob: Glob) -> frozenset[str]:
    return frozenset(c for c in glob.letters if is_opaque(c))


@lru_cache(maxsize=100_000)
def _relaxed(glob: Glob) -> Glob:
    """Let any text stand for unknown ones; between the colons of an ARN it holds no colon."""
    if not _mentions_opaque(glob):
        return glob
    tokens = [("*", True, stops) if is_opaque(c) else (c, wild, stops) for c, wild, stops in glob.tokens]
    return Glob(tokens, fold=glob.fold, text=glob.text)


def _mentions_opaque(glob: Glob) -> bool:
    return bool(_opaque_letters(glob))


def _escape_plain(
    required: list[tuple[Label, Glob]], forbidden: list[tuple[Label, Glob]], universe: tuple[Glob, ...]
) -> tuple[str | None, set[Label]]:
    positives = list(dict.fromkeys([*(g for _, g in required), *universe])) or [_everything]
    labels = {label for label, _ in required}
    exact = next((e for g in positives if (e := g.exact) is not None), None)
    if exact is not None:
        if not all(g.matches(exact) for g in positives):
            return None, labels
        for label, g in forbidden:
            if g.matches(exact):
                return None, labels | {label}
        return exact, set()
    against = [(label, g) for label, g in forbidden if not any(disjoint_by_ends(p, g) for p in positives)]
    globs = tuple(dict.fromkeys(g for _, g in against))
    candidates = _candidates(tuple(positives), globs)
    for word in candidates:
        if not any(g.matches(word) for g in globs):
            return word, set()
    if candidates:
        # One pattern that matches all samples probably covers everything; make sure.
        for label, g in against:
            if all(g.matches(sample) for sample in candidates) and _empty(tuple(positives), (g,)) is None:
                return None, labels | {label}
    found = _empty(tuple(positives), globs)
    if found is not None:
        return found, set()
    return None, labels | _fewest(tuple(positives), against)


def _fewest(positives: tuple[Glob, ...], against: list[tuple[Label, Glob]]) -> set[Label]:
    """Leave out labels that are not needed for emptiness."""
    names = list(dict.fromkeys(label for label, _ in against))
    if len(names) > 12:
        return set(names)
    for name in list(names):
        rest = [n for n in names if n != name]
        if _empty(positives, tuple(dict.fromkeys(g for label, g in against if label in rest))) is None:
            names = rest
    return set(names)


@lru_cache(maxsize=200_000)
def _empty(positives: tuple[Glob, ...], against: tuple[Glob, ...]) -> str | None:
    return find_word(positives, against)


@lru_cache(maxsize=200_000)
def _candidates(positives: tuple[Glob, ...], against: tuple[Glob, ...]) -> tuple[str, ...]:
    """Readable words that match all the positives, made by filling the wildcards of the most specific one."""
    longest = max(positives, key=lambda g: sum(not wild for _, wild, _ in g.tokens))
    fresh = fresh_character((*positives, *against))
    out = []
    for filling in _fillings:
        text = filling.replace("x", fresh)
        word = "".join(
            (text if c == "*" else fresh)
            if wild and not stops
            else (fresh * text.count(fresh) if c == "*" else fresh)
            if wild
            else c
            for c, wild, stops in longest.tokens
        )
        if word not in out and all(g.matches(word) for g in positives):
            out.append(word)
    return tuple(out)


_everything = Glob([("*", True, False)], fold=False, text="*")
