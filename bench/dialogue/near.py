"""What refused requests would be offered if only the 20,000 texts that most say were looked at, and what an index costs.

    python bench/dialogue/near.py

What is learnt of refused requests, and what is served, look for texts like them by one search (`model/recovery/near.py`): one by one up to
20,000 texts, above that by an index of faiss. Until 2026-11 learning looked at the 20,000 texts that most say. The texts are real: SLURP's
language model text, and requests of SLURP, CLINC, BANKING77 and SGD. How many say each, and which are asked for, is drawn: the n-th in an
order that is drawn is said in proportion to 1/n, and asked for as often, with two letters changed. In each line, the share of requests of
which offers differ, and for each search how often what was meant is among them.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from online_corpus import changed
from rephrase_corpus import DATA

from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.model.recovery import near
from probatum.dialogue.model.recovery.near import FEW, Near, likest
from probatum.dialogue.semantics.letter_vectors import LetterVectors

ASKED, SEEDS = 1_000, range(1)
SIZES = (20_000, 40_000)


class Once(LetterVectors):
    """Vectors that are made once for each text, for all numbers of texts and all searches."""

    _made: ClassVar[dict[str, NDArray[np.float32]]] = {}

    def sentences(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """Return a row for each text."""
        new = [one for one in dict.fromkeys(sentences) if one not in self._made]
        self._made.update(zip(new, super().sentences(new), strict=True))
        return np.stack([self._made[one] for one in sentences])


def texts(data: Path) -> list[str]:
    """Return the different texts of a folder of data, normalised."""
    return sorted({one for one in map(normalised, _texts(data)) if len(one) >= 4})


def _texts(data: Path) -> Iterator[str]:
    def opened(name: str) -> str:
        return gzip.decompress((data / name).read_bytes()).decode()

    yield from opened("slurp/lm.txt.gz").splitlines()
    for name in ("devel", "test"):
        yield from (json.loads(line)["sentence"] for line in opened(f"slurp/{name}.jsonl.gz").splitlines())
    clinc = json.loads(opened("clinc/train_val.json.gz"))
    yield from (text for rows in clinc.values() for text, _ in rows)
    yield from (row["text"] for row in csv.DictReader(io.StringIO(opened("banking77/train.csv.gz"))))
    for line in opened("sgd/dev_compact.jsonl.gz").splitlines():
        yield from (turn["u"] for turn in json.loads(line)["turns"])


def compare(every: list[str], many: int, seed: int) -> tuple[float, ...]:
    """Return the shares of requests whose offers differ, from the search that is used and from an exact one, and what each finds."""
    rng = random.Random(seed)
    made = rng.sample(every, many)  # the first is said most
    meant = rng.choices(made, [1 / (1 + at) for at in range(many)], k=ASKED)
    asked = [changed(text, rng) if sum(letter != " " for letter in text) > 2 else text for text in meant]
    most, exact, used = _exact(made[:FEW], asked), _exact(made, asked), Near(made)(asked)

    def differ(one: Sequence[tuple[str, ...]], other: Sequence[tuple[str, ...]]) -> float:
        return float(np.mean([{*a} != {*b} for a, b in zip(one, other, strict=True)]))

    right = [float(np.mean([own in texts for own, texts in zip(meant, way, strict=True)])) for way in (most, exact, used)]
    return differ(most, used), differ(most, exact), differ(exact, used), *right


def _exact(made: Sequence[str], asked: Sequence[str]) -> list[tuple[str, ...]]:
    ordered = sorted(made)
    places = likest(Once().sentences(ordered), Once().sentences(asked))
    return [tuple(ordered[at] for at in own if ordered[at] != text) for text, own in zip(asked, places, strict=True)]


def main() -> None:
    """Print a line for each number of texts."""
    near.LetterVectors = Once  # type: ignore[misc]  # the same vectors
    if not DATA.is_dir():
        raise SystemExit(f"the texts are not in {DATA}; name their directory in PROBATUM_DIALOGUE_DATA")
    every = texts(DATA)
    print(f"{len(every):,} different texts; {FEW:,} are compared one by one; {ASKED:,} requests, {len(SEEDS)} seeds")
    print("texts   most said: offers differ  from exact   index: from exact   meant is offered: most said  exact  index   CPU-s")
    for many in (one for one in (*SIZES, len(every)) if one <= len(every)):
        begun = time.process_time()
        rows = np.array([compare(every, many, seed) for seed in SEEDS])
        shares = [f"{100 * mean:5.1f} %" for mean in rows.mean(axis=0)]
        print(f"{many:,}  {'  '.join(shares)}  {time.process_time() - begun:.0f}", flush=True)


if __name__ == "__main__":
    main()
