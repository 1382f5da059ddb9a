"""Table T6: probabilities of damage where it is far rarer than where they were calibrated, and what follows from them.

Corpus: made scores (`made_scores.py`), of which the true probability of damage is computed. Calibrated where two units in three are damaged; used on a million
scores where one in 1,000 or in 100 is. Seed 20261123.

Rivals on the same scores: Platt's logistic curve as it is; the same, and isotonic regression, with log-odds shifted to where they are used
(scikit-learn's). Ours: Venn-Abers intervals of weighted labels, `stats/venn_abers.py`, and of their ends one probability; ends that are shifted after it are the same.

Losses are expectations over true probabilities, averaged over scores: by how much they exceed those of the true probabilities, in percent of how much the
score tells at most (the loss of whoever knows only the prevalence, less that of who knows the true probabilities). Below 0 nothing is told;
above 100 % whoever knows only the prevalence is better off. Calibration is judged in bins of log-odds, never by an error averaged over units, of
which nearly all are near 0.

    OMP_NUM_THREADS=1 python bench/inspection/prior_shift.py [probabilities|ends|precision|shift|one] [--seed 20261123]
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from made_scores import WORLDS, World
from numpy.typing import NDArray
from scipy.special import logit
from scipy.stats import ks_2samp, norm
from scipy.stats import t as student
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from probatum.inspection.semantics.chances import Chances
from probatum.stats.bounds import clopper_pearson
from probatum.stats.label_shift import label_shift
from probatum.stats.neyman_pearson import threshold_within
from probatum.stats.prior_shift import Range, alarm_rate, class_weights, precision, shifted
from probatum.stats.venn_abers import prepared

Values = NDArray[np.float64]
TRAINED = 2 / 3
RARE = (0.001, 0.01)
USED, CALIBRATIONS = 1_000_000, 10
METHODS = (
    "Platt, not shifted",
    "Platt, shifted",
    "isotonic, shifted",
    "Venn-Abers of weighted labels",
)
OURS = METHODS[-1]
# Not round, for what is said jumps between round numbers where few are known.
BINS = np.array([0.0, 1.7e-5, 1.7e-4, 1.2e-3, 5.7e-3, 0.057, 0.37, 1.0])
FEWEST = 100  # damaged units of a million, with which a bin says something


def said(scores: Values, bad: NDArray[np.bool_], used: Values, prevalence: float) -> dict[str, Values]:
    """Return what each method says of scores in use."""
    told = float(bad.mean())  # what the product knows of where it was trained
    platt = LogisticRegression(C=np.inf).fit(scores[:, None], bad)
    raw = 1 / (1 + np.exp(-(platt.coef_[0, 0] * used + platt.intercept_[0])))
    isotonic = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(scores, bad)
    ours = prepared(scores, bad, weights=class_weights(trained=told, deployed=prevalence))
    return dict(
        zip(
            METHODS,
            (
                raw,
                shifted(raw, trained=told, deployed=prevalence),
                shifted(isotonic.predict(used), trained=told, deployed=prevalence),
                ours.probabilities(used),
            ),
            strict=True,
        )
    )


def losses_of(true: Values, p: Values) -> Values:
    """Return the logarithmic and the quadratic loss that is to be expected of each, as means."""
    with np.errstate(divide="ignore"):
        logarithmic = -(true * np.log(p) + (1 - true) * np.log1p(-p)).mean()
    return np.array([logarithmic, ((p - true) ** 2).mean() + (true * (1 - true)).mean()])


def probabilities(rng: np.random.Generator) -> None:
    print(
        "| scores | prevalence | calibrated with |",
        " | ".join(METHODS),
        "| ours less Platt, shifted | isotonic says never or always, wrongly |",
    )
    print("|" + "---|" * (5 + len(METHODS)))
    worst: dict[tuple[str, int, float], dict[str, Values]] = {}
    for name, world in WORLDS.items():
        for prevalence, sizes in zip(RARE, ((300, 3000, 30_000), (30_000,)), strict=True):
            used = np.sort(world.drawn(rng, USED, prevalence)[0])
            true = world.chance(used, prevalence)
            best = losses_of(true, true)
            told = losses_of(true, np.full_like(true, prevalence)) - best
            for n in sizes:
                losses = np.zeros((CALIBRATIONS, 2, len(METHODS)))
                sums = {method: np.zeros((3, len(BINS) - 1)) for method in METHODS}
                never = 0.0
                for at in range(CALIBRATIONS):
                    for k, (method, p) in enumerate(said(*world.drawn(rng, n, TRAINED), used, prevalence).items()):
                        losses[at, :, k] = 100 * (losses_of(true, p) - best) / told
                        where = np.clip(np.searchsorted(BINS, p, side="right") - 1, 0, len(BINS) - 2)
                        sums[method] += [
                            np.bincount(where, weights=w, minlength=len(BINS) - 1) for w in (p, true, np.ones_like(p))
                        ]
                        if method.startswith("isotonic"):
                            never += float((true * (p == 0) + (1 - true) * (p == 1)).sum()) / CALIBRATIONS
                worst[name, n, prevalence] = sums
                mean = losses.mean(axis=0)
                cells = [f"{mean[0, k]:.3g}, {mean[1, k]:.3g}" for k in range(len(METHODS))]
                less = losses[:, 0, -1] - losses[:, 0, 1]
                half = student.ppf(0.975, CALIBRATIONS - 1) * less.std(ddof=1) / np.sqrt(CALIBRATIONS)
                apart = f"{less.mean():+.2f} [{less.mean() - half:+.2f}, {less.mean() + half:+.2f}]"
                print(f"| {name} | {prevalence:g} | {n:,} |", " | ".join(cells), f"| {apart} | {never:.0f} |", flush=True)
    print(
        "\nfarthest from the truth of any bin of log-odds, as odds of damage over odds that are said, all calibrations together\n"
    )
    print("| scores | prevalence | calibrated with |", " | ".join(METHODS), "|\n|" + "---|" * (3 + len(METHODS)))
    for (name, n, prevalence), sums in worst.items():
        print(f"| {name} | {prevalence:g} | {n:,} |", " | ".join(_farthest(sums[method]) for method in METHODS), "|")


def _farthest(sums: Values) -> str:
    p, true, many = sums
    clear = (true >= FEWEST * CALIBRATIONS) & (many > true)
    odds = np.log(true[clear] / (many - true)[clear]) - np.log(
        np.maximum(p[clear], 1e-300) / np.maximum((many - p)[clear], 1e-300)
    )
    if not len(odds):
        return "none"
    at = int(np.abs(odds).argmax())
    low, high = BINS[np.flatnonzero(clear)[at]], BINS[np.flatnonzero(clear)[at] + 1]
    factor = float(np.exp(odds[at]))
    return f"{factor:.3g} at {low:g} to {high:g}" if factor > 1e-9 else f"0 at {low:g} to {high:g}"


def ends(rng: np.random.Generator) -> None:
    """Whether the end with the right label is calibrated, and how far apart both are: on small sets, where that is hardest."""
    print(
        "\n| scores | calibrated with | said by the end with the right label, more than is true, in the clearest bin: 95 % for all bins together | of all damaged | truth between both, all units | of damaged ones | above the 99.9th percentile of sound ones: lower, truth, upper |"
    )
    print("|---|---|---|---|---|---|---|")
    prevalence = RARE[0]
    for name, world in WORLDS.items():
        high_scores = world.draw(rng, 100_000, damaged=False)
        threshold = float(np.quantile(high_scores, 0.999))
        for n, runs in ((30, 3000), (300, 1000), (3000, 200)):
            sums = np.zeros((runs, 2, len(BINS) - 1))
            inside = np.zeros((runs, 2))
            tops = np.zeros((runs, 3))
            for run in range(runs):
                # Sound and damaged units alike are used, each counting as often as it is met.
                used = np.concatenate([world.draw(rng, 1000, damaged=label) for label in (False, True)])
                weight = np.repeat([(1 - prevalence) / 1000, prevalence / 1000], 1000)
                bad = np.repeat([False, True], 1000)
                labels = np.arange(n) % 3 > 0
                scores = np.where(labels, world.draw(rng, n, damaged=True), world.draw(rng, n, damaged=False))
                weights = class_weights(trained=float(labels.mean()), deployed=prevalence)
                low, high = prepared(scores, labels, weights=weights).intervals(used)
                right = np.where(bad, high, low)
                where = np.clip(np.searchsorted(BINS, right, side="right") - 1, 0, len(BINS) - 2)
                sums[run] = [np.bincount(where, weights=w, minlength=len(BINS) - 1) for w in (weight * right, weight * bad)]
                true = world.chance(used, prevalence)
                between = (low <= true) & (true <= high)
                inside[run] = (weight * between).sum(), between[bad].mean()
                top = bad & (used > threshold)
                tops[run] = [np.median(one[top]) if top.any() else np.nan for one in (low, true, high)]
            shares = inside.mean(axis=0)
            top_ends = np.nanmedian(tops, axis=0)
            print(
                f"| {name} | {n:,} | {_calibrated(sums)} | {_altogether(sums)} | {shares[0]:.3f} | {shares[1]:.3f} | {top_ends[0]:.3g}, {top_ends[1]:.3g}, {top_ends[2]:.3g} |",
                flush=True,
            )


def _calibrated(sums: Values) -> str:
    """Return how far what is said is off what is true in the bin where that is clearest over runs; intervals hold for all bins together."""
    means, many = sums.mean(axis=0), len(sums)
    found = []
    for at in np.flatnonzero(means[1] > 0):
        apart = (sums[:, 0, at] - sums[:, 1, at]) / means[1, at]
        error = apart.std(ddof=1) / np.sqrt(many)
        if error > 1e-6:  # else all are said to be damaged, and are
            found.append((abs(apart.mean()) / error, apart.mean(), error, at))
    _, middle, error, at = max(found)
    half = student.ppf(1 - 0.025 / len(found), many - 1) * error
    return (
        f"{100 * middle:+.1f}% [{100 * (middle - half):+.1f}, {100 * (middle + half):+.1f}] at {BINS[at]:g} to {BINS[at + 1]:g}"
    )


def _altogether(sums: Values) -> str:
    apart = (sums[:, 0] - sums[:, 1]).sum(axis=1) / sums[:, 1].sum(axis=1).mean()
    half = student.ppf(0.975, len(sums) - 1) * apart.std(ddof=1) / np.sqrt(len(sums))
    return f"{100 * apart.mean():+.1f}% [{100 * (apart.mean() - half):+.1f}, {100 * (apart.mean() + half):+.1f}]"


def intervals(rng: np.random.Generator) -> None:
    """How often intervals of precision and of the rate of alarms miss it, and how wide they are."""
    runs = 500
    print(
        "\n| scores | prevalence | budget | true precision | ours misses: too high, too low | middle lower, upper end | by large samples misses | middle ends | counted where the threshold was chosen | alarms in 1,000, misses | middle ends |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    for name, world in WORLDS.items():
        for prevalence in RARE:
            budget, n, labelled, audited = 0.01, 10_000, 300, 20_000
            missed = np.zeros(6)
            found = np.zeros((runs, 7))
            for run in range(runs):
                sound = world.draw(rng, n, damaged=False)
                threshold = threshold_within(sound, budget=budget).value
                t, f = (world.above(threshold, damaged=label) for label in (True, False))
                truth = np.array(
                    [prevalence * t / (prevalence * t + (1 - prevalence) * f), prevalence * t + (1 - prevalence) * f]
                )
                caught = (int(rng.binomial(labelled, t)), labelled)
                alarms = (int(rng.binomial(n, f)), n)
                met = (int(rng.binomial(audited, prevalence)), audited)
                own, rate = precision(caught, alarms, met), alarm_rate(caught, alarms, met)
                used = precision(caught, (int((sound > threshold).sum()), n), met)
                large = _large(caught, alarms, met)
                missed += (
                    own.low > truth[0],
                    own.high < truth[0],
                    not large[0] <= truth[0] <= large[1],
                    not used.low <= truth[0] <= used.high,
                    rate.low > truth[1],
                    rate.high < truth[1],
                )
                found[run] = own.low, own.high, 1000 * rate.low, 1000 * rate.high, *large, truth[0]
            share, middle = missed / runs, np.median(found, axis=0)
            print(
                f"| {name} | {prevalence:g} | {budget:g} | {middle[6]:.3f} | {share[0]:.3f}, {share[1]:.3f} | {middle[0]:.3f}, {middle[1]:.3f} |"
                f" {share[2]:.3f} | {middle[4]:.3f}, {middle[5]:.3f} | {share[3]:.3f} | {share[4] + share[5]:.3f} | {middle[2]:.1f}, {middle[3]:.1f} |",
                flush=True,
            )


def _large(caught: tuple[int, int], alarms: tuple[int, int], met: tuple[int, int]) -> tuple[float, float]:
    """The rival: the odds of being right are a product of odds and rates, whose logarithm is taken for normal."""
    (t, many_t), (f, many_f), (pi, many_pi) = caught, alarms, met
    if not (t and f and 0 < pi < many_pi):
        return 0.0, 1.0
    middle = logit(pi / many_pi) + np.log(t / many_t) - np.log(f / many_f)
    half = norm.ppf(0.975) * np.sqrt(1 / t - 1 / many_t + 1 / f - 1 / many_f + 1 / pi + 1 / (many_pi - pi))
    return float(1 / (1 + np.exp(half - middle))), float(1 / (1 + np.exp(-half - middle)))


def moved(world: World, *, sound: float = 0.0, damaged: float = 0.0) -> World:
    return World(
        tuple((share, mean + sound, spread) for share, mean, spread in world.sound),
        tuple((share, mean + damaged, spread) for share, mean, spread in world.damaged),
    )


def shift(rng: np.random.Generator) -> None:
    """How often label shift is refuted: where it holds, and where scores moved."""
    world = WORLDS["normal"]
    print(
        "\n| in use | damaged in use | calibrated with (sound, damaged), used | refuted | with a known prevalence, half to twice the true one | prevalence not within what is said, if not refuted | sound ones against used, Kolmogorov-Smirnov |"
    )
    print("|---|---|---|---|---|---|---|")
    cases = [("nothing moved", world, pi) for pi in (0.001, 0.01, 0.5)]
    cases += [(f"sound ones {step:g} lower", moved(world, sound=-step), 0.01) for step in (0.1, 0.4)]
    cases += [(f"sound ones {step:g} higher", moved(world, sound=step), 0.01) for step in (0.1, 0.4)]
    cases += [("damaged ones 1 lower", moved(world, damaged=-1.0), pi) for pi in (0.01, 0.5)]
    for name, used, pi in cases:
        runs = 300 if used is world else 100
        for sizes in ((1000, 200, 1000), (10_000, 2000, 10_000)):
            refuted = audited = outside = other = 0
            for _ in range(runs):
                sound, damaged = world.draw(rng, sizes[0], damaged=False), world.draw(rng, sizes[1], damaged=True)
                now = used.drawn(rng, sizes[2], pi)[0]
                found = label_shift(sound, damaged, now)
                refuted += found.refuted
                audited += label_shift(sound, damaged, now, prevalence=Range(pi / 2, min(1.0, 2 * pi))).refuted
                outside += found.prevalence is not None and not found.prevalence[0] <= pi <= found.prevalence[1]
                other += ks_2samp(sound, now, method="asymp").pvalue <= 0.05
            bound = clopper_pearson(refuted, runs)
            print(
                f"| {name} | {pi:g} | {sizes[0]:,}, {sizes[1]:,}; {sizes[2]:,} | {refuted / runs:.3f} [{bound.low:.3f}, {bound.high:.3f}] | {audited / runs:.3f} | {outside / runs:.3f} | {other / runs:.3f} |",
                flush=True,
            )


def one_by_one(rng: np.random.Generator) -> None:
    """Whether what the product says of one unit is what is prepared for many, and what it takes."""
    world, most = WORLDS["normal"], 0.0
    for n in (300, 3000, 30_000):
        scores, bad = world.drawn(rng, n, TRAINED)
        begun = time.process_time()
        chances = Chances(scores[~bad].tolist(), scores[bad].tolist())
        ready = time.process_time() - begun
        asked = world.drawn(rng, 300, 0.5)[0]
        begun = time.process_time()
        own = np.array([chances.interval(float(score), prevalence=(0.0005, 0.002)) for score in asked])
        each = (time.process_time() - begun) / len(asked)
        for at, prevalence in enumerate((0.0005, 0.002)):
            weights = class_weights(trained=float(bad.mean()), deployed=prevalence)
            most = max(most, float(np.abs(prepared(scores, bad, weights=weights).intervals(asked)[at] - own[:, at]).max()))
        print(
            f"\n`semantics/chances.py`, {n:,} known units: {1e3 * ready:.0f} CPU-ms to sort them, {1e3 * each:.2f} for one unit",
            end="",
        )
    print(f"\nlargest difference from `stats/venn_abers.py`: {most:.2g}")


PARTS = {"probabilities": probabilities, "ends": ends, "precision": intervals, "shift": shift, "one": one_by_one}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", nargs="?", choices=PARTS, help="all unless told")
    parser.add_argument("--seed", type=int, default=20261123)
    options = parser.parse_args()
    for at, (name, part) in enumerate(PARTS.items()):
        if options.part in (None, name):
            begun = time.process_time()
            part(np.random.default_rng([options.seed, at]))
            print(f"\n{name}: {time.process_time() - begun:.0f} CPU-s\n", flush=True)


if __name__ == "__main__":
    main()
