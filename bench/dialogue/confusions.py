"""How real recognisers and the simulated one differ from what was said: alignments, shapes of errors, how far off the sounds are.

Both are measured by the same alignment; `simulator.py` uses it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path

from probatum.dialogue.artefacts.utterance import normalised
from probatum.synth.dialogue.phones import distance, phones

SHAPES = ("1:1", "1:2", "2:1", "2:2", "1:0", "0:1")
BINS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 9.0)  # of distances


def topical(folder: Path) -> Iterator[tuple[int, str, str]]:
    """Yield (half, written, heard) of Topical-Chat; the half is by the hash of the dialogue, of whole dialogues."""
    with gzip.open(folder / "topical_asr" / "test_freq_audio.json.gz", "rt", encoding="utf-8") as file:
        dialogues = json.load(file)
    for name, dialogue in sorted(dialogues.items()):
        half = hashlib.sha256(name.encode()).digest()[0] % 2
        for turn in dialogue["content"]:
            written = normalised(turn["message"])
            for key in ("message_asr_A", "message_asr_B"):
                heard = normalised(turn.get(key) or "")
                # What was cut off, or is another turn's, says nothing of confusions.
                if written and heard and 0.5 < len(heard.split()) / len(written.split()) < 2:
                    yield half, written, heard


def slurp(folder: Path, part: str) -> Iterator[tuple[int, int]]:
    """Yield (words, words that were wrong) of each recording of SLURP."""
    with gzip.open(folder / "slurp" / f"{part}.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            for recording in row["recordings"]:
                yield len(row["tokens"]), round(recording["wer"] * len(row["tokens"]))


def blocks(written: list[str], heard: list[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the stretches that differ, of the cheapest alignment, in which words that sound alike are matched."""
    rows, columns = len(written), len(heard)
    cost = [[0.9 * j for j in range(columns + 1)]]
    for i in range(1, rows + 1):
        row = [0.9 * i]
        for j in range(1, columns + 1):
            one, other = written[i - 1], heard[j - 1]
            apart = 0.0 if one == other else 0.4 + min(1.0, distance(phones(one), phones(other)))
            row.append(min(cost[i - 1][j - 1] + apart, cost[i - 1][j] + 0.9, row[j - 1] + 0.9))
        cost.append(row)
    steps: list[tuple[int, int]] = []
    i, j = rows, columns
    while i or j:
        one, other = (written[i - 1] if i else ""), (heard[j - 1] if j else "")
        apart = 0.0 if one == other else 0.4 + (min(1.0, distance(phones(one), phones(other))) if i and j else 0)
        if i and j and abs(cost[i][j] - cost[i - 1][j - 1] - apart) < 1e-9:
            i, j = i - 1, j - 1
        elif i and abs(cost[i][j] - cost[i - 1][j] - 0.9) < 1e-9:
            i -= 1
        else:
            j -= 1
        steps.append((i, j))
    steps = [*reversed(steps), (rows, columns)]
    start = steps[0]
    for (i, j), (k, m) in pairwise(steps):
        if (k - i, m - j) == (1, 1) and written[i] == heard[j]:
            if start != (i, j):
                yield tuple(written[start[0] : i]), tuple(heard[start[1] : j])
            start = (k, m)
    if start != (rows, columns):
        yield tuple(written[start[0] :]), tuple(heard[start[1] :])


class Measured:
    """Counts over pairs of what was said and what was heard."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self.words = self.errors = self.pairs = 0
        self.shapes: Counter[str] = Counter()
        self.distances: Counter[int] = Counter()
        self.lengths: Counter[tuple[int, bool]] = Counter()  # (size of the sounds, wrong)
        for said, heard in pairs:
            one, other = said.split(), heard.split()
            self.pairs += 1
            self.words += len(one)
            wrong: Counter[str] = Counter()
            for left, right in blocks(one, other):
                self.errors += max(len(left), len(right))
                shape = f"{len(left)}:{len(right)}"
                self.shapes[shape if shape in SHAPES else "other"] += 1
                wrong.update(left)
                if left and right and len(left) <= 2 and len(right) <= 2:
                    far = distance("".join(map(phones, left)), "".join(map(phones, right)))
                    self.distances[next(n for n, bound in enumerate(BINS) if far <= bound)] += 1
            for word in one:
                size = len(phones(word))
                kind = 0 if size <= 2 else 2 if size >= 6 else 1
                self.lengths[kind, wrong[word] > 0] += 1

    @property
    def word_error_rate(self) -> float:
        return self.errors / self.words

    def rate(self, shape: str) -> float:
        """Stretches of a shape for each word that was said."""
        return self.shapes[shape] / self.words

    def by_length(self, kind: int) -> float:
        """Share of words of a length (0 short, 1 middling, 2 long) that were not heard right."""
        return self.lengths[kind, True] / max(1, self.lengths[kind, True] + self.lengths[kind, False])


def divergence(one: Counter, other: Counter, keys: Iterable) -> float:
    """Kullback-Leibler divergence of counts, in nats, with half a count added to each."""
    names = list(keys)
    totals = [sum(c[k] + 0.5 for k in names) for c in (one, other)]
    return sum((p := (one[k] + 0.5) / totals[0]) * math.log(p / ((other[k] + 0.5) / totals[1])) for k in names)
