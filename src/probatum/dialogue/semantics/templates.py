"""Texts with gaps: what stays the same when people say the same about other things.

A template is a normalised text in which a word `*` stands for one or more words:
`fire up *`. Two texts that share words are an instance of two templates with the
same gaps: who says `fire up the kitchen fan` and then `turn on the kitchen fan`
does what others do who begin with `fire up the lamp`. So requests that hardly
anybody said can be rewritten by what many did, and nothing of what only one
person said is in a template that many support.

Ponnusamy et al. call this template augmentation (*Self-Aware Feedback-Based
Self-Learning in Large-Scale Conversational AI*, 2022).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from probatum.dialogue.artefacts.utterance import GAP

LONGEST = 12  # words of a text: longer ones are instances of nothing
MOST_GAP = 6  # words


def is_template(text: str) -> bool:
    """Whether a text has a gap."""
    return GAP in text.split()


def pairs(source: str, target: str) -> set[tuple[str, str]]:
    """Return the pairs of templates with one or two gaps of which two texts are an instance.

    Gaps are words that both texts have in the same order. Of two gaps, what differs lies between them.
    """
    one, other = source.split(), target.split()
    if one == other or not one or not other or max(len(one), len(other)) > LONGEST:
        return set()
    found = {
        (_joined(one, i, length), _joined(other, k, length))
        for i in range(len(one))
        for k in range(len(other))
        for length in range(1, min(MOST_GAP, _common(one, i, other, k)) + 1)
    }
    before = _common(one, 0, other, 0)
    behind = _common(one[::-1], 0, other[::-1], 0)
    behind = min(behind, min(len(one), len(other)) - before)
    if before and behind:
        for first in range(max(1, before - 2), before + 1):
            for last in range(max(1, behind - 2), behind + 1):
                middle, changed = one[first : len(one) - last], other[first : len(other) - last]
                if middle and changed and max(first, last) <= MOST_GAP:
                    found.add((" ".join([GAP, *middle, GAP]), " ".join([GAP, *changed, GAP])))
    return {(a, b) for a, b in found if a != b and is_template(a) and a.split() != [GAP] and b.split() != [GAP]}


def instances(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return all templates of which a text could be an instance, with what is in their gaps: those with most words first.

    The text may be a template itself, whose gaps are then within gaps.
    """
    words = text.split()
    if not 1 < len(words) <= LONGEST:
        return ()
    found: list[tuple[str, tuple[str, ...]]] = []
    for first in range(len(words)):
        for last in range(first + 1, min(len(words), first + MOST_GAP) + 1):
            if last - first < len(words) and GAP not in (*words[:first], *words[last:]):
                found.append((" ".join([*words[:first], GAP, *words[last:]]), (" ".join(words[first:last]),)))
            if (
                first > 0
                and last < len(words)
                and first <= MOST_GAP
                and len(words) - last <= MOST_GAP
                and GAP not in words[first:last]
            ):
                found.append((" ".join([GAP, *words[first:last], GAP]), (" ".join(words[:first]), " ".join(words[last:]))))
    # The most words, then one gap before two, then any order that is always the same.
    found.sort(key=lambda one: (one[0].count(GAP) - len(one[0].split()), len(one[1]), one[0]))
    return tuple(found)


class Templates:
    """Some templates, and which of them a text is an instance of."""

    def __init__(self, templates: Iterable[str]) -> None:
        """Take them; texts without a gap are left out."""
        self._known = frozenset(filter(is_template, templates))
        shapes = {_shape(one) for one in self._known}
        # By how many words and gaps they have, as `instances` orders them: how many words are before and behind the gaps, or between.
        self._shapes = [list(group) for _, group in groupby(sorted(shapes), key=lambda shape: shape[:2])]

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def owner(self, text: str) -> tuple[str, tuple[str, ...]] | None:
        """Return the template with most words of which a text is an instance, and what is in its gaps; None for none.

        It is the first of `instances` that there is.
        """
        return next((min(found) for found in self._found(text)), None)

    def every(self, text: str) -> list[str]:
        """Return all of them of which a text is an instance."""
        return list(dict.fromkeys(template for found in self._found(text) for template, _ in sorted(found)))

    def _found(self, text: str) -> Iterator[list[tuple[str, tuple[str, ...]]]]:
        words = text.split()
        if 1 < len(words) <= LONGEST:
            for group in self._shapes:
                found = [one for shape in group for one in _cut(words, shape) if one[0] in self._known]
                if found:
                    yield found


def _shape(template: str) -> tuple[int, int, int, int]:
    """Return less the words, the gaps, and the words before and behind one gap or between two (-1 for the other)."""
    words = template.split()
    gaps = words.count(GAP)
    if gaps == 1:
        before = words.index(GAP)
        return 1 - len(words), 1, before, len(words) - before - 1
    return 2 - len(words), 2, len(words) - 2, -1


def _cut(words: list[str], shape: tuple[int, int, int, int]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield what a text could be an instance of, of one shape."""
    _, gaps, one, other = shape
    if gaps == 1:
        if 1 <= len(words) - one - other <= MOST_GAP:
            last = len(words) - other
            if GAP in (*words[:one], *words[last:]):
                return
            yield " ".join([*words[:one], GAP, *words[last:]]), (" ".join(words[one:last]),)
        return
    for first in range(max(1, len(words) - one - MOST_GAP), min(MOST_GAP, len(words) - one - 1) + 1):
        last = first + one
        if GAP in words[first:last]:
            continue
        yield " ".join([GAP, *words[first:last], GAP]), (" ".join(words[:first]), " ".join(words[last:]))


def filled(template: str, gaps: tuple[str, ...]) -> str:
    """Return a template with its gaps filled, from left to right."""
    rest = iter(gaps)
    return " ".join(next(rest) if word == GAP else word for word in template.split())


def _common(one: list[str], i: int, other: list[str], k: int) -> int:
    length = 0
    while i + length < len(one) and k + length < len(other) and one[i + length] == other[k + length]:
        length += 1
    return length


def _joined(words: list[str], at: int, length: int) -> str:
    return " ".join([*words[:at], GAP, *words[at + length :]])


def words_of(template: str) -> Iterator[str]:
    """Yield the words of a template that are not gaps."""
    return (word for word in template.split() if word != GAP)
