"""Which words are the value of which slot: the head of slots on SGD, against a list of known values.

Corpus: the development dialogues of Schema-Guided Dialogue, split as in `goals.py`: name the folder with --data. A slot counts where its
value stands in the user's words, as most do; the others (`True`, ...) are in no words, and are counted. A span is right if its slot, its
first and its last word are. The rival knows the values of the dialogues that are fitted to, takes the longest that stands in a turn,
and gives it the slot that it mostly has there; values that mostly are no slot are left out.

    OMP_NUM_THREADS=1 python bench/dialogue/slots.py --data FOLDER [--seeds 3] [--development]

--development reports on a third of the dialogues that are fitted to, and fits to the others. Intervals are bootstrapped over dialogues.
"""

from __future__ import annotations

import argparse
import gzip
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from goals import to_fit

from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.fit.slot_head import Tagged, fit
from probatum.dialogue.semantics.slot_head import spans

_DRAWS = 1000
_SURE = 0.5


def read(data: Path) -> tuple[dict[str, list[Tagged]], int, int]:
    """Return the turns of users of each dialogue, how many values stand in their words, and how many do not."""
    found: dict[str, list[Tagged]] = {}
    there = absent = 0
    with gzip.open(data / "sgd" / "dev_compact.jsonl.gz", "rt", encoding="utf-8") as file:
        for line in file:
            one = json.loads(line)
            before = ""
            for turn in one["turns"]:
                text = normalised(turn["u"])
                if turn["s"] == "U":
                    values = {
                        (slot, normalised(value))
                        for _, _, acts in turn["f"]
                        for _, slot, each in acts
                        for value in each
                        if slot not in ("intent", "")
                    }
                    tags = tagged(text.split(), values)
                    many = sum(tag.startswith("B-") for tag in tags)
                    there, absent = there + many, absent + max(0, len(values) - many)
                    found.setdefault(one["id"], []).append(Tagged(text, tags, before))
                before = text
    return found, there, absent


def tagged(words: Sequence[str], values: set[tuple[str, str]]) -> list[str]:
    """Return tags of the first place of each value in some words, the longest first."""
    tags = ["O"] * len(words)
    for slot, value in sorted(values, key=lambda one: (-len(one[1].split()), one)):
        known = value.split()
        for at in range(len(words) - len(known) + 1 if known else 0):
            if list(words[at : at + len(known)]) == known and set(tags[at : at + len(known)]) == {"O"}:
                tags[at : at + len(known)] = [f"B-{slot}", *[f"I-{slot}"] * (len(known) - 1)]
                break
    return tags


def listed(fitted: Sequence[Tagged]) -> Callable[[Tagged], set[tuple[str, int, int]]]:
    """Return what finds known values."""
    slots: dict[tuple[str, ...], Counter[str]] = {}
    for one in fitted:
        words = one.text.split()
        for slot, begin, end in spans(one.tags):
            slots.setdefault(tuple(words[begin:end]), Counter())[slot] += 1
    longest = max(map(len, slots))
    said: Counter[tuple[str, ...]] = Counter()
    for one in fitted:
        words = one.text.split()
        said.update(
            part
            for n in range(1, longest + 1)
            for at in range(len(words) - n + 1)
            if (part := tuple(words[at : at + n])) in slots
        )
    known = {part: own.most_common(1)[0][0] for part, own in slots.items() if sum(own.values()) >= _SURE * said[part]}

    def find(one: Tagged) -> set[tuple[str, int, int]]:
        words, at = one.text.split(), 0
        found = set()
        while at < len(words):
            size = next((n for n in range(min(longest, len(words) - at), 0, -1) if tuple(words[at : at + n]) in known), 0)
            if size:
                found.add((known[tuple(words[at : at + size])], at, at + size))
            at += max(1, size)
        return found

    return find


def measured(dialogues: Sequence[Sequence[Tagged]], find: Callable[[Tagged], set[tuple[str, int, int]]]) -> str:
    """Return precision, recall and F1, and the same of spans alone, with intervals."""
    rows = []
    for turns in dialogues:
        counts = np.zeros(5)
        for one in turns:
            true, found = spans(one.tags), find(one)
            counts += (len(true & found), len(found), len(true), len({s[1:] for s in true} & {s[1:] for s in found}), 0)
        rows.append(counts)
    table = np.array(rows)
    random = np.random.default_rng(0)
    draws = [np.arange(len(table)), *(random.integers(0, len(table), len(table)) for _ in range(_DRAWS))]

    def values(draw: np.ndarray) -> list[float]:
        right, found, true, placed, _ = table[draw].sum(axis=0)
        return [2 * right / (found + true), right / max(1, found), right / true, 2 * placed / (found + true)]

    every = np.array([values(draw) for draw in draws])
    low, high = np.quantile(every[1:], (0.025, 0.975), axis=0)
    names = ("F1", "precision", "recall", "F1 of places alone")
    return ", ".join(f"{name} {every[0][n]:.3f} [{low[n]:.3f}, {high[n]:.3f}]" for n, name in enumerate(names))


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--seeds", type=int, default=3)
    options.add_argument("--development", action="store_true")
    chosen = options.parse_args()
    every, there, absent = read(chosen.data)
    names = sorted(every)
    fitted = [name for name in names if to_fit(name)]
    reported = [name for name in names if not to_fit(name)]
    if chosen.development:
        fitted, reported = [n for at, n in enumerate(fitted) if at % 3], fitted[::3]
    lessons = [one for name in fitted for one in every[name]]
    shown = [every[name] for name in reported]
    print(f"{len(fitted)} dialogues fitted to, {len(reported)} reported; {there:,} values stand in words of users, {absent:,} do not; "
          f"{len({tag[2:] for one in lessons for tag in one.tags} - {''})} slots")  # fmt: skip  # one sentence
    print(f"{'known values':20} {measured(shown, listed(lessons))}", flush=True)
    for seed in range(chosen.seeds):
        began = time.process_time()
        head = fit(lessons, seed=seed)
        took = time.process_time() - began
        print(
            f"{f'head, seed {seed}':20} {measured(shown, lambda one, head=head: spans(head.tag(one.text, one.before)))} ({took:.0f} CPU-s)",
            flush=True,
        )


if __name__ == "__main__":
    main()
