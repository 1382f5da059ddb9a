"""What a budget of labels buys: how surely what was shipped damaged is known, and how often root causes are found, and found by accident.

Shipped damage. Corpus: 10,000 units made here for each audit, of which some are damaged, with two channels whose scores tell damage by
so many standard deviations (0: not at all); what is above the 99.9th percentile of sound units is put aside. Of what was passed,
units are drawn by `model.asking.ask` with a part of the budget at random, the rest over what tells most; intervals are those of `stats.audits`. Rival: a
simple random sample of as many units, with Clopper and Pearson's interval. Both are asked for one two-sided interval at 95 %. Units: share
of audits whose interval misses what is true; ends and widths in units per 10,000 that were passed, middle of all audits; damaged units
that were found, on average.

Root causes. Corpus: booths of `synth/inspection` (three stations and shifts, five vendors, deliveries of two days; a tenth of items is
damaged, two fifths of that by one station, one shift and one vendor, and one vendor delivers badly for two days), drawn and not photographed; and as
many without any cause. Labels: all of them, three tenths drawn at random, or those drawn by `ask` with as large a budget from a score that tells damage by two standard
deviations. Unit: share of booths.

Seeds 20261122 and following. Nothing was fitted to these.

    python bench/inspection/asking.py [--audits 40] [--booths 200] [--items 3000]
"""

from __future__ import annotations

import argparse
import math
import random
import time
from collections import Counter
from dataclasses import replace

import numpy as np

from probatum.inspection.model.asking import APART, LIKELY, NEAR, NEW, RANDOM, Candidate, ask
from probatum.inspection.model.contrasts import Passed
from probatum.inspection.model.root_causes import root_causes
from probatum.stats.audits import missed_rate
from probatum.stats.bounds import clopper_pearson
from probatum.synth.inspection.parameters import Damaging, Parameters
from probatum.synth.inspection.stream import Booth

SEED = 20261122
UNITS = 10_000
THRESHOLD = 3.09  # above it is one sound unit in a thousand
# Share damaged, and how well it is told.
WORLDS = ((0.002, 0.0), (0.002, 1.5), (0.002, 3.0), (0.02, 0.0), (0.02, 3.0))
BUDGETS = (500, 2000)
AT_RANDOM = (0.5, 0.8)
LABELLED = 0.3
LABELS = ("all", "three tenths at random", "three tenths by `ask`")


def passed_units(seed: int, damaged: float, told: float) -> tuple[list[Candidate], dict[str, bool]]:
    rng = np.random.default_rng(seed)
    bad = rng.random(UNITS) < damaged
    score, other = (rng.normal(size=UNITS) + told * bad for _ in range(2))
    # The probability of damage at a score, as a calibrated score has it.
    odds = damaged / (1 - damaged) * np.exp(np.clip(told * score - told**2 / 2, -50, 50))
    units = [
        Candidate(
            unit=str(n),
            score=float(score[n]),
            channels={"one": float(score[n]), "other": float(other[n])},
            probability=float(odds[n] / (1 + odds[n])),
        )
        for n in range(UNITS)
        if score[n] <= THRESHOLD
    ]
    return units, {str(n): bool(bad[n]) for n in range(UNITS)}


def shipped(audits: int) -> None:
    print("| damaged, told by | labels | units drawn | misses | middle lower, upper end | middle width | damaged found |")
    print("|---|---|---|---|---|---|---|")
    for damaged, told in WORLDS:
        for budget in BUDGETS:
            ends: dict[float, list[tuple[float, float, float, int]]] = {way: [] for way in (1.0, *AT_RANDOM)}
            for audit in range(audits):
                units, bad = passed_units(SEED + audit, damaged, told)
                true = sum(bad[one.unit] for one in units) / len(units)
                for way, kept in ends.items():
                    if way == 1:
                        sample = random.Random(SEED + audit).sample(units, budget)
                        found = [1.0 for one in sample if bad[one.unit]]
                        bound = clopper_pearson(len(found), budget)
                    else:
                        rest = (1 - way) / 5
                        parts = {RANDOM: way, NEAR: 2 * rest, LIKELY: rest, APART: rest, NEW: rest}
                        draw = ask(units, threshold=THRESHOLD, budget=budget, seed=str(audit), parts=parts)
                        found = [one.chance for one in draw.questions if bad[one.unit]]
                        bound = missed_rate(found, population=len(units), least=draw.passed.least)
                    kept.append((bound.low or 0.0, bound.high or 0.0, true, len(found)))
            for way, some in ends.items():
                table = np.array(some)
                wrong = np.mean((table[:, 0] > table[:, 2] + 1e-12) | (table[:, 1] < table[:, 2] - 1e-12))
                low, high, width = 1e4 * np.array(
                    [np.median(table[:, 0]), np.median(table[:, 1]), np.median(table[:, 1] - table[:, 0])]
                )
                name = "simple random sample" if way == 1 else f"`ask`, {100 * way:.0f}% at random"
                print(
                    f"| {100 * damaged:g}%, {told:g} sd | {budget} | {name} | {wrong:.3f} | {low:.0f}, {high:.0f} | {width:.0f} "
                    f"| {table[:, 3].mean():.1f} |",
                    flush=True,
                )


def booth(seed: int, items: int, *, causes: bool) -> tuple[list[Passed], dict[str, set[tuple[str, str]]]]:
    """Units of a booth, and which levels of which columns really damage."""
    of = Parameters(seed=seed, items=items)
    if not causes:
        of = replace(of, damaging=Damaging(by_cause=0.0, bursts=0))
    made = Booth(of)
    units, bursts = [], set()
    for item in made.items():
        levels = {"station": item.station, "shift": item.shift, "vendor": item.vendor, "lot": item.lot}
        units.append(Passed(unit=item.capture_id, levels=levels, damaged=bool(item.damages)))
        if any(one.vendor == item.vendor and one.begins <= item.day < one.ends for one in made.causes.bursts):
            bursts.add(("lot", item.lot))
    vendors = {("vendor", one.vendor) for one in made.causes.bursts}
    true = {
        "station": {("station", made.causes.station)},
        "shift": {("shift", made.causes.shift)},
        "vendor": {("vendor", made.causes.vendor)},
        "bad delivery": bursts,
        "vendor of the bad delivery": vendors,
    }
    return units, true if causes else {}


def looked_at(units: list[Passed], seed: int, labels: str) -> list[Passed]:
    if labels == LABELS[0]:
        return units
    rng = random.Random(seed)
    if labels == LABELS[1]:
        chosen = [rng.random() < LABELLED for _ in units]
        return [
            replace(one, chance=LABELLED, looked=here, damaged=one.damaged if here else None)
            for one, here in zip(units, chosen, strict=True)
        ]
    candidates = []
    for one in units:
        score = rng.gauss(2.0 * bool(one.damaged), 1)
        chance = 1 / (1 + 9 * math.exp(2 - 2 * score))
        candidates.append(Candidate(unit=one.unit, score=score, alarms=score > THRESHOLD, probability=chance))
    draw = ask(candidates, threshold=THRESHOLD, budget=LABELLED * len(units), seed=str(seed))
    asked = {one.unit: one for one in draw.questions}
    return [
        replace(
            one,
            chance=asked[one.unit].chance if one.unit in asked else draw.passed.least,
            looked=one.unit in asked,
            damaged=one.damaged if one.unit in asked else None,
            coin=asked[one.unit].coin if one.unit in asked else None,
        )
        for one in units
    ]


def causes(booths: int, items: int) -> None:
    print(
        "| booths | labels | comparisons | station, shift, vendor found | a lot of the bad delivery | anything by accident | of these pairs |"
    )
    print("|---|---|---|---|---|---|---|")
    for there in (True, False):
        told: dict[str, Counter[str]] = {labels: Counter() for labels in LABELS}
        for seed in range(SEED, SEED + booths):
            units, true = booth(seed, items, causes=there)
            known = {level for levels in true.values() for level in levels}
            for labels, counts in told.items():
                answer = root_causes(looked_at(units, seed, labels))
                said = [one for one in answer.found if not one.explained_by]
                single = {one.levels[0] for one in said if len(one.levels) == 1}
                false = [one for one in said if len(one.levels) > 1 or one.levels[0] not in known]
                counts.update(name for name, levels in true.items() if levels & single)
                counts.update(
                    {
                        "comparisons": answer.comparisons,
                        "by accident": bool(false),
                        "pairs": any(len(one.levels) > 1 for one in false),
                    }
                )
        for labels, counts in told.items():
            shares = [f"{counts[name] / booths:.2f}" for name in ("station", "shift", "vendor", "bad delivery")]
            found = f"{', '.join(shares[:3])} | {shares[3]}" if there else "- | -"
            print(
                f"| {'with causes' if there else 'without'} | {labels} | {counts['comparisons'] / booths:.0f} | {found} "
                f"| {counts['by accident'] / booths:.3f} | {counts['pairs'] / booths:.3f} |",
                flush=True,
            )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--audits", type=int, default=40)
    parser.add_argument("--booths", type=int, default=200)
    parser.add_argument("--items", type=int, default=3000)
    options = parser.parse_args()
    begun = time.process_time()
    if options.audits:
        shipped(options.audits)
        print(f"{time.process_time() - begun:.0f} CPU seconds\n", flush=True)
    if options.booths:
        causes(options.booths, options.items)
        print(f"{time.process_time() - begun:.0f} CPU seconds")


if __name__ == "__main__":
    main()
