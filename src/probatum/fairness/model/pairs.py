"""Looking for pairs that a requirement means, and what the share that breaks it may be in general."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from probatum.fairness.artefacts.requirements.pairs import Pattern
from probatum.fairness.semantics.pairs import Listed, Row, Rows, directed, kept, listed_kept, meant
from probatum.tools import Deadline

_MOST_ROWS = 2_000  # of one block of rows with the same features, that are compared with each other
_MOST_PAIRS = 5_000_000  # that are looked at


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Pairs that were found.

    Attributes
    ----------
    pairs, broken : int
        How many were met, and how many of them break the requirement.
    apart, apart_broken : int
        Those among them that share no row with another: chosen before outputs are looked at.
    chosen : tuple of (int, int)
        The pairs that share no row, by the numbers of their rows from 0.
    worst : tuple of int, or None
        The broken pair with the largest difference of outputs.
    complete : bool
        Whether all pairs were looked at.
    """

    pairs: int
    broken: int
    apart: int
    apart_broken: int
    chosen: tuple[tuple[int, int], ...]
    worst: tuple[int, int] | None
    complete: bool


def search(pattern: Pattern, rows: Rows, *, rng: random.Random, deadline: Deadline) -> Seen:
    """Look at all pairs of rows that a pattern means; at a random part of them where they are too many."""
    blocks: dict[tuple[str | None, ...], list[int]] = {}
    for number, row in enumerate(rows.rows):
        if row.output is not None:
            blocks.setdefault(row.same, []).append(number)
    order = [key for key, block in blocks.items() if len(block) > 1]
    rng.shuffle(order)
    pairs = broken = looked = apart_broken = 0
    chosen: list[tuple[int, int]] = []
    worst: tuple[float, int, int] | None = None
    complete = True
    for key in order:
        block = blocks[key]
        rng.shuffle(block)
        if len(block) > _MOST_ROWS:
            block, complete = block[:_MOST_ROWS], False
        if looked > _MOST_PAIRS:
            complete = False
            break
        used: set[int] = set()
        for at, a in enumerate(block):
            deadline.check()
            for b in block[at + 1 :]:
                looked += 1
                for i, j in _ordered(pattern, rows, a, b):
                    one, other = rows.rows[i], rows.rows[j]
                    if one.output is None or other.output is None:
                        continue
                    bad = not kept(pattern.must, pattern.value, one.output, other.output)
                    pairs += 1
                    broken += bad
                    # INVARIANT: which pairs are chosen depends on features and chance, never on outputs.
                    if i not in used and j not in used:
                        used |= {i, j}
                        chosen.append((i, j))
                        apart_broken += bad
                    far = abs(one.output - other.output)
                    if bad and (worst is None or (far, -i, -j) > worst):
                        worst = (far, -i, -j)
    return Seen(
        pairs=pairs,
        broken=broken,
        apart=len(chosen),
        apart_broken=apart_broken,
        chosen=tuple(chosen),
        worst=None if worst is None else (-worst[1], -worst[2]),
        complete=complete,
    )


def _ordered(pattern: Pattern, rows: Rows, a: int, b: int) -> list[tuple[int, int]]:
    """Return the orders in which two rows are a pair; one of them, if the order does not matter."""
    if not directed(pattern):
        return [(a, b)] if meant(pattern, rows, rows.rows[a], rows.rows[b]) else []
    return [(i, j) for i, j in ((a, b), (b, a)) if meant(pattern, rows, rows.rows[i], rows.rows[j])]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Listed pairs: how many could be judged, how many break the requirement, which ones, and whose rows are not there."""

    judged: int
    broken: tuple[Listed, ...]
    absent: int


def judge_listed(pairs: Sequence[Listed], known: Mapping[str, Row]) -> Judged:
    """Judge the pairs of a file; those whose rows are not there, or have no output, are counted apart."""
    judged = absent = 0
    broken = []
    for pair in pairs:
        one = known.get(pair.left)
        other = known.get(pair.right) if pair.right is not None else None
        if one is None or one.output is None or (pair.right is not None and (other is None or other.output is None)):
            absent += 1
            continue
        judged += 1
        if not listed_kept(pair, one.output, None if other is None else other.output):
            broken.append(pair)
    return Judged(judged=judged, broken=tuple(broken), absent=absent)
