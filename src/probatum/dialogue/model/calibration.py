"""How far probabilities of failure are from what users said outright, in turns whose words the model did not see.

The model is fitted anew without the words of each fifth of the users, and asked about their turns.
Where few said anything, that is all that can be told.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from probatum.dialogue.model.outcome import ENOUGH, fit
from probatum.dialogue.semantics.judged import digits
from probatum.dialogue.semantics.signals import EXPLICIT, SIGNALS

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

FOLDS = 5
BINS = 10
_DRAWS = 500
_WORDS: tuple[int, ...] = tuple(3 ** list(SIGNALS).index(name) for name in EXPLICIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """What users said against what was expected.

    Attributes
    ----------
    good, bad : int
        Turns of which users said so.
    users : int
        Who did (conversations, where users are not told apart).
    error : float or None
        Expected calibration error over ten bins of equal width [1]_; None where fewer than 30 turns of either kind were told of.
    low, high : float or None
        Of it, at 95 %, by resampling users.
    bins : tuple of (float, float, int)
        Mean probability, share that was bad, and turns; of bins that have any.

    References
    ----------
    .. [1] Naeini, Cooper, Hauskrecht. "Obtaining well calibrated probabilities using Bayesian binning." AAAI 2015.
    """

    good: int
    bad: int
    users: int
    error: float | None = None
    low: float | None = None
    high: float | None = None
    bins: tuple[tuple[float, float, int], ...] = ()

    @property
    def told(self) -> str:
        """What is known of it, in words."""
        if not self.good + self.bad:
            return "calibration not known: no explicit feedback"
        if self.error is None or self.low is None or self.high is None:
            return f"calibration not known: users told of {self.good:,} good and {self.bad:,} bad turns, and {ENOUGH} of each are needed"
        return (
            f"against the words of {self.users:,} users that it had not seen, the expected calibration error is {self.low:.1%} to "
            f"{self.high:.1%} (95%)"
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        names = ("good", "bad", "users", "error", "low", "high")
        return {**{name: getattr(self, name) for name in names}, "bins": [list(one) for one in self.bins], "told": self.told}


def calibration(conversations: Conversations, table: str) -> Calibration:
    """Compare a model of outcomes, fitted to a log, with the words of users that it did not see.

    Parameters
    ----------
    conversations : Conversations
    table : str
        Of signals; see `judged.judged`.
    """
    query = (
        f"select unit, unit % {FOLDS} as fold, pattern, count(*) as turns from {table} "  # noqa: S608 - names of our own
        "where not cannot group by all order by all"
    )
    counts: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    words: list[tuple[int, int, int, bool, int]] = []  # unit, fold, pattern without words, bad, turns
    for batch in conversations.stream(query, size=50_000):
        for row in batch:
            counts[row["fold"]][row["pattern"]] += row["turns"]
            bad = _said(row["pattern"])
            if bad is not None:
                words.append((row["unit"], row["fold"], _without_words(row["pattern"]), bad, row["turns"]))
    good, blamed = (sum(turns for *_, bad, turns in words if bad == kind) for kind in (False, True))
    found = Calibration(good=good, bad=blamed, users=len({unit for unit, *_ in words}))
    if min(good, blamed) < ENOUGH:
        return found
    chances: dict[tuple[int, int], float] = {}
    for fold in {fold for _, fold, *_ in words}:
        seen: dict[int, int] = defaultdict(int)
        for other, patterns in counts.items():
            for pattern, turns in patterns.items():
                seen[_without_words(pattern) if other == fold else pattern] += turns
        model = fit(list(seen), list(seen.values()))
        chances |= {(fold, pattern): model.probability(pattern) for _, own, pattern, _, _ in words if own == fold}
    numbers: dict[int, int] = {}
    rows = [
        (numbers.setdefault(unit, len(numbers)), chances[fold, pattern], bad, turns) for unit, fold, pattern, bad, turns in words
    ]
    error, low, high, bins = expected_error(rows)
    return replace(found, error=error, low=low, high=high, bins=bins)


def expected_error(
    rows: Sequence[tuple[int, float, bool, int]], *, confidence: float = 0.95, seed: int = 0
) -> tuple[float, float, float, tuple[tuple[float, float, int], ...]]:
    """Return the expected calibration error, its ends, and the bins.

    Parameters
    ----------
    rows : sequence of (user, probability, whether it came about, turns)
        Users are numbers from 0.

    Notes
    -----
    The error is too large on average, the more so the fewer turns there are, and resampled ones once more. So the upper end is the
    quantile of the resampled errors, and the lower end counts of each bin only what is beyond a band that holds for all bins
    together: its width, in standard deviations, is the quantile of the largest of all resampled deviations. A standard deviation is
    the resampled one, or that of independent turns which fail with their probabilities if this is larger: where few turns of a bin failed, or
    none, the former says that next to nothing varies.
    """
    import numpy as np

    user, chance, bad, turns = (np.array(column) for column in zip(*rows, strict=True))
    users = int(user.max()) + 1
    place = np.minimum((chance * BINS).astype(int), BINS - 1)
    expected = np.bincount(place, turns * chance * (1 - chance), minlength=BINS)  # variance of the bad turns, if it is right
    sums = np.zeros((3, users, BINS))  # turns, sum of probabilities, bad turns
    for at, value in enumerate((turns, turns * chance, turns * bad)):
        np.add.at(sums[at], (user, place), value)
    generator, flat = np.random.default_rng(seed), sums.transpose(1, 0, 2).reshape(users, 3 * BINS)
    # How often each user is drawn, times what is known of them: one draw at a time, for there may be many users.
    resampled = np.stack(
        [(np.bincount(generator.integers(users, size=users), minlength=users) @ flat).reshape(3, BINS) for _ in range(_DRAWS)]
    )  # (draws, sums, bins)
    whole = sums.sum(axis=1)
    error = float(np.abs(whole[1] - whole[2]).sum() / whole[0].sum())
    errors = np.abs(resampled[:, 1] - resampled[:, 2]).sum(axis=1) / resampled[:, 0].sum(axis=1)
    high = float(np.quantile(errors, (1 + confidence) / 2))
    signed = (resampled[:, 1] - resampled[:, 2]) / resampled[:, 0].sum(axis=1)[:, None]
    own = (whole[1] - whole[2]) / whole[0].sum()
    spread = signed.std(axis=0)
    away = np.divide(np.abs(signed - own), spread, out=np.zeros_like(signed), where=spread > 0)
    widest = float(np.quantile(away.max(axis=1), (1 + confidence) / 2))
    band = widest * np.maximum(spread, np.sqrt(expected) / whole[0].sum())
    low = float(np.maximum(np.abs(own) - band, 0.0).sum())
    bins = tuple((float(p / n), float(b / n), int(n)) for n, p, b in whole.T if n)
    return error, low, max(error, high), bins


def _said(pattern: int) -> bool | None:
    codes = dict(zip(SIGNALS, digits(pattern), strict=True))
    praised, blamed = (codes[name] == 1 for name in EXPLICIT)
    return None if praised == blamed else blamed


def _without_words(pattern: int) -> int:
    return pattern - sum([place for place in _WORDS if pattern // place % 3 == 1])
