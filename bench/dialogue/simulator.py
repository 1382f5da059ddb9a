"""How far the simulated conversations are like real ones, how fast they are made, and what the product finds in them.

Corpora: Topical-Chat with two recognisers' transcripts (dialogues of one half by hash; the recogniser was fitted to the other),
SLURP (test part; fitted to the development part), and outputs of a real NLU on a real recogniser's text of SLURP. They are not part of
the project: name their folder with --data. What needs them is left out, and said to be, where they are absent.
Rival: the other half of the same corpus, which is as near as two samples of real speech are.

    python bench/dialogue/simulator.py [--data FOLDER] [--seeds 5] [--users 120] [--days 8]

Speed is CPU time; the seconds that this machine takes to add ten million numbers stand beside it. With --fit, the
recogniser is fitted again, and its parameters are printed.
"""

from __future__ import annotations

import argparse
import gzip
import json
import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from confusions import BINS, SHAPES, Measured, divergence, slurp, topical
from product import agreement
from rapidfuzz.distance import Levenshtein

from probatum.dialogue.artefacts.turn import Turn
from probatum.dialogue.artefacts.utterance import normalised
from probatum.synth.dialogue.lexicon import frequency
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.recognition import Channel, Lexicon, Recogniser
from probatum.synth.dialogue.simulation import Simulation
from probatum.synth.dialogue.truth import Truth

_KEYS = (*SHAPES, "other")
_RARELY = 5e-4  # how often words are said that the lexicon lacks


def recognisers(channel: Channel, texts: Sequence[str]) -> list[Recogniser]:
    """Recognisers of all accents, which know all words of some texts."""
    known = dict(frequency())
    for text in texts:
        for word in text.split():
            known.setdefault(word, _RARELY)
    lexicon = Lexicon(known, channel)
    return [Recogniser(lexicon, f"accent {n}") for n in range(channel.accents)]


def misheard(channel: Channel, texts: Sequence[str], seed: int, quality: tuple[float, ...]) -> Iterator[tuple[str, str]]:
    """Yield (said, heard), at a quality that is a product of gamma variables of these shapes and mean 1."""
    rng = random.Random(seed)
    every = recognisers(channel, texts)
    for text in texts:
        q = math.prod(rng.gammavariate(shape, 1 / shape) for shape in quality)
        yield text, rng.choice(every).hear(text, q, rng).text


def conversation(data: Path, *, fit: bool) -> None:
    """Compare shapes and distances of errors with those of Topical-Chat."""
    pairs = list(topical(data))
    fitted, kept = ([(said, heard) for half, said, heard in pairs if half == which] for which in (1, 0))
    real = {"real, fitted": Measured(fitted), "real, held out": Measured(kept)}
    channel = replace(Channel(), level=1.0)
    made = Measured(misheard(channel, [said for said, _ in kept], 99, (1.5,)))
    print("\nread conversation (Topical-Chat, 2 recognisers)")
    print(f"{'':16} {'words':>7} {'WER':>6}  " + "  ".join(f"{key:>6}" for key in _KEYS))
    for name, one in (*real.items(), ("simulated", made)):
        shapes = "  ".join(f"{100 * one.rate(key):6.2f}" for key in _KEYS)
        print(f"{name:16} {one.words:7,} {one.word_error_rate:6.3f}  {shapes}   (shapes: per 100 words)")
    held = real["real, held out"]
    for name, other in (("simulated", made), ("other half", real["real, fitted"])):
        shapes = divergence(held.shapes, other.shapes, _KEYS)
        distances = divergence(held.distances, other.distances, range(len(BINS)))
        print(f"KL of held-out from {name}: shapes {shapes:.4f}, distances of sounds {distances:.4f} nats")
    if fit:
        refit(fitted)


def refit(pairs: Sequence[tuple[str, str]]) -> None:
    """Fit the channel to one half, by moments: simulate, compare, correct."""
    target = Measured(pairs)
    texts = [said for said, _ in pairs[::2]]
    channel = Channel(rates=tuple(target.rate(shape) for shape in SHAPES), short=1.0, long=1.0, level=1.0)
    for turn in range(14):
        made = Measured(misheard(channel, texts, turn, (1.5,)))

        def share(of: Measured, bins: range) -> float:
            return sum(of.distances[b] for b in bins) / max(1, sum(of.distances.values()))

        def lean(kind: int, made: Measured = made) -> float:
            return (target.by_length(kind) / target.by_length(1)) / max(1e-9, made.by_length(kind) / made.by_length(1))

        channel = replace(
            channel,
            rates=tuple(
                rate * min(2.0, max(0.5, (target.rate(shape) + 1e-3) / (made.rate(shape) + 1e-3))) ** 0.6
                for shape, rate in zip(SHAPES, channel.rates, strict=True)
            ),
            short=channel.short * lean(0),
            long=channel.long * lean(2),
            sharpness=channel.sharpness * (share(made, range(3)) / share(target, range(3))) ** 0.5,
            tail=min(0.9, max(0.02, channel.tail + 0.7 * (share(target, range(5, 10)) - share(made, range(5, 10))))),
            run=min(0.9, max(0.0, channel.run + 6 * (target.rate("other") - made.rate("other")))),
        )
    print(f"fitted again: {channel}")


def commands(data: Path) -> None:
    """Compare how many words of a command are wrong with SLURP."""
    print("\nspoken commands (SLURP)")
    print(f"{'':16} {'heard':>7} {'WER':>6} {'any':>6}   share with 0, 1, 2, 3, 4, 5, 6 or more words wrong")
    rows = {part: list(slurp(data, part)) for part in ("devel", "test")}
    with gzip.open(data / "slurp" / "test.jsonl.gz", "rt", encoding="utf-8") as file:
        texts = [normalised(row["sentence"]) for row in map(json.loads, file) for _ in row["recordings"]]
    channel = Channel()
    made = [
        (len(said.split()), Levenshtein.distance(said.split(), heard.split()))
        for said, heard in misheard(channel, texts, 99, (channel.between, channel.spread))
    ]
    for name, found in (("real, fitted", rows["devel"]), ("real, held out", rows["test"]), ("simulated", made)):
        wrong = Counter(min(6, errors) for _, errors in found)
        shares = " ".join(f"{wrong[n] / len(found):.3f}" for n in range(7))
        rate = sum(errors for _, errors in found) / sum(words for words, _ in found)
        print(f"{name:16} {len(found):7,} {rate:6.3f} {1 - wrong[0] / len(found):6.3f}   {shares}")


def stages(data: Path) -> None:
    """Print how failures of a real cascade divide among stages (definition B), as the data's own description counts them."""
    counts = {"recognition": 3024, "understanding": 1476, "resolution": 1870}
    total = sum(counts.values())
    shown = ", ".join(f"{name} {many / total:.2f}" for name, many in counts.items())
    print(f"\nSLURP (a recogniser and HerMiT): {total / 12393:.3f} of 12,393 recordings fail; of these {shown}   [{data.name}]")


def worlds(seeds: int, users: int, days: int) -> None:
    """Print what happens in simulated worlds, how fast, and what the product finds."""
    for understanding in ("grammar", "classifier"):
        found: dict[str, list[float]] = {}
        digest = ""
        for seed in range(seeds):
            parameters = Parameters(seed=seed, users=users, days=days, understanding=understanding)
            digest = parameters.digest if seed == 0 else digest
            began = time.process_time()
            simulation = Simulation(parameters)
            made = list(simulation.run())
            cold = time.process_time() - began
            began = time.process_time()
            many = sum(1 for _ in simulation.run())
            warm = time.process_time() - began
            requests = [(turn, truth) for turn, truth in made if truth.outcome in ("good", "bad", "out of capability")]
            bad = [(turn, truth) for turn, truth in requests if truth.outcome == "bad"]
            wished = [(turn, truth) for turn, truth in requests if truth.wish]
            cut = [truth for turn, truth in requests if turn.interrupted_ms is not None]
            again = [(turn, truth) for turn, truth in wished if truth.attempt]
            one = {
                "turns": many,
                "requests that fail": len(bad) / len(requests),
                "out of capability": sum(truth.outcome == "out of capability" for _, truth in requests) / len(requests),
                "requests misheard": sum(turn.text != truth.said for turn, truth in wished) / len(wished),
                "misheard, and good": sum(turn.text != truth.said and truth.outcome == "good" for turn, truth in wished)
                / max(1, sum(turn.text != truth.said for turn, truth in wished)),
                "failures that words would repair": sum(bool(truth.best) for _, truth in bad) / len(bad),
                "tries that are later tries": len(again) / len(wished),
                "later tries in the same words": sum(truth.reaction == "repeat" for _, truth in bad)
                / max(1, sum(truth.reaction in ("repeat", "rephrase", "correct") for _, truth in bad)),
                "interruptions of good answers": sum(truth.outcome == "good" for truth in cut) / max(1, len(cut)),
                "failures given up at once": sum(truth.reaction == "give up" and not truth.attempt for _, truth in bad)
                / len(bad),
                "turns a CPU-second, texts known": many / warm,
                "turns a CPU-second, all new": many / cold,
                **{f"failing stage {name}": 0.0 for name in ("wake", "recognition", "understanding", "resolution", "result")},
                **ceilings(made),
                **agreement(made),
            }
            for name, count in Counter(truth.least_repair for _, truth in bad).items():
                one[f"failing stage {name}"] = count / len(bad)
            one["A and B differ"] = sum(truth.least_repair != truth.first_unrepaired for _, truth in bad) / len(bad)
            for name, value in one.items():
                found.setdefault(name, []).append(value)
        print(f"\n{understanding}: {users} users, {days} days, {seeds} seeds, parameters {digest} (seed 0)")
        for name, values in found.items():
            mean = sum(values) / len(values)
            spread = (sum((v - mean) ** 2 for v in values) / max(1, len(values) - 1)) ** 0.5
            half = _T95.get(len(values), 1.96) * spread / len(values) ** 0.5
            print(f"  {name:40} {mean:12,.3f} +- {half:,.3f}   ({min(values):,.3f} to {max(values):,.3f})")


def ceilings(made: Sequence[tuple[Turn, Truth]]) -> dict[str, float]:
    """Return which part of failures a table of exact texts could leave out, net of harm, by how many users must have said them.

    That is what somebody who knows the truth of this log could write down after it: no learner can do better with such a table.
    """
    best: dict[str, Counter[str]] = {}
    own: dict[tuple[str, str], Counter[str]] = {}
    good: Counter[str] = Counter()
    own_good: Counter[tuple[str, str]] = Counter()
    said: dict[str, set[str]] = {}
    bad = 0
    for turn, truth in made:
        if "burst" in truth.marks:
            continue
        said.setdefault(turn.text, set()).add(turn.user)
        bad += truth.outcome == "bad"
        if truth.outcome == "good":
            good[turn.text] += 1
            own_good[turn.user, turn.text] += 1
        elif truth.best:
            best.setdefault(turn.text, Counter())[truth.best] += 1
            own.setdefault((turn.user, turn.text), Counter())[truth.best] += 1
    found = {}
    for users in (2, 5, 20):
        net = sum(max(0, many.most_common(1)[0][1] - good[text]) for text, many in best.items() if len(said[text]) >= users)
        found[f"ceiling of a table, {users} users or more"] = net / bad
    twice = [max(0, many.most_common(1)[0][1] - own_good[key]) for key, many in own.items() if many.total() >= 2]
    found["ceiling of tables of single users"] = sum(twice) / bad
    return found


_T95 = {
    2: 12.71,
    3: 4.30,
    4: 3.18,
    5: 2.78,
    6: 2.57,
    7: 2.45,
    8: 2.36,
    9: 2.31,
    10: 2.26,
}  # Student's t, two sides, by sample size


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data", type=Path)
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--users", type=int, default=120)
    options.add_argument("--days", type=int, default=8)
    options.add_argument("--fit", action="store_true")
    asked = options.parse_args()
    began = time.process_time()
    total = 0
    for number in range(10**7):
        total += number
    print(f"ten million additions: {time.process_time() - began:.2f} CPU-s")
    if asked.data is None or not asked.data.is_dir():
        print("NOT MEASURED: likeness to real speech, because no --data is there")
    else:
        conversation(asked.data, fit=asked.fit)
        commands(asked.data)
        stages(asked.data)
    worlds(asked.seeds, asked.users, asked.days)


if __name__ == "__main__":
    main()
