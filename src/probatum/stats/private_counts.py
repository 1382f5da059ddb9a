"""How many users did each of many things, told with differential privacy: with noise, and only where many did.

Which things there are is private itself, where things are what people said. So what only one user did must stay out nearly
always, which noise alone cannot do: a count is told if it is above a threshold after noise was added (a stability-based
histogram [1]_ [2]_). Noise is discrete, and drawn without a floating-point number, whose last digits would tell the count [4]_.

References
----------
.. [1] Korolova, Kenthapadi, Mishra, Ntoulas. "Releasing search queries and clicks privately." WWW 2009.
.. [2] Wilson, Zhang, Lam, Desfontaines, Simmons-Marengo, Gipson. "Differentially private SQL with bounded user contribution."
   PoPETs 2020, section 4, arXiv:1909.01917.
.. [3] Ghosh, Roughgarden, Sundararajan. "Universally utility-maximizing privacy mechanisms." STOC 2009 (two-sided geometric noise).
.. [4] Canonne, Kamath, Steinke. "The discrete Gaussian for differential privacy." NeurIPS 2020, arXiv:2004.00010, algorithms 1 and 2.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random, SystemRandom
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Noise:
    """What is promised to each user about one release.

    Attributes
    ----------
    epsilon : float > 0
        Whether a user is there changes the logarithm of the odds of any result by at most this,
    delta : float in (0, 1)
        but for results that together have at most this probability.
    most : int >= 1
        Of how many things one user is counted at most.
    """

    epsilon: float
    delta: float
    most: int

    def __post_init__(self) -> None:
        """Refuse what promises nothing."""
        if not (0 < self.epsilon < math.inf and 0 < self.delta < 1 and self.most >= 1):
            raise ValueError(
                f"epsilon {self.epsilon:g}, delta {self.delta:g} and {self.most} things of each user promise nothing"
            )

    @property
    def each(self) -> Fraction:
        """Epsilon of one count: its noise is z with a probability in proportion to ``exp(-each |z|)``."""
        return Fraction(str(self.epsilon)) / self.most

    @property
    def threshold(self) -> int:
        """Least count, with noise, that is told: what one user alone did is told with a probability of at most delta, all together.

        Notes
        -----
        The least t with ``most P(1 + z >= t) <= delta``.
        """
        beyond = max(0, math.floor(math.log(self.most / self.delta / (1 + math.exp(-self.each))) / self.each) - 1)
        while self.most * self.above(beyond) > self.delta:
            beyond += 1
        return beyond + 1

    def above(self, z: int) -> float:
        """Return the probability of noise of at least z, for z >= 0."""
        return math.exp(-self.each * z) / (1 + math.exp(-self.each))

    def weight(self, z: int) -> float:
        """Return the probability of noise of exactly z."""
        return math.tanh(float(self.each) / 2) * math.exp(-self.each * abs(z))


def bounded(things: Iterable[tuple[Hashable, Iterable[T]]], most: int, generator: Random) -> Counter[T]:
    """Return how many users did each thing, each user being counted for `most` of theirs at random.

    Parameters
    ----------
    things : iterable of (user, different things of theirs)
        Each user once.
    most : int
    generator : Random
    """
    counts: Counter[T] = Counter()
    for _, own in things:
        known = list(own)
        counts.update(known if len(known) <= most else generator.sample(known, most))
    return counts


def release(counts: Mapping[T, int], noise: Noise, *, least: int = 1, generator: Random | None = None) -> dict[T, int]:
    """Return the counts that may be told, with noise.

    Parameters
    ----------
    counts : mapping of thing to int >= 1
        As `bounded` made them. What nobody did is not in it.
    noise : Noise
    least : int
        Counts below this are not told either, whatever the threshold.
    generator : Random or None
        None: of the operating system, as it must be if anybody sees the result.

    Notes
    -----
    Users who do or do not take part change at most `most` counts by one, each of which is told with noise that changes by at most
    ``exp(each)``, or is one of theirs alone: so the result is (epsilon, delta)-differentially private for each user, in a world
    that may know all others. It says nothing about what is made of the same data by other ways, and two releases cost twice as much.
    """
    drawn = SystemRandom() if generator is None else generator
    needed = max(noise.threshold, least)
    told = {thing: count + drawn_noise(noise, drawn) for thing, count in counts.items()}
    return {thing: count for thing, count in told.items() if count >= needed}


def drawn_noise(noise: Noise, generator: Random) -> int:
    """Draw noise: a whole number z with a probability in proportion to ``exp(-each |z|)``, exactly."""
    wide, steep = noise.each.denominator, noise.each.numerator
    while True:
        part = generator.randrange(wide)
        if not _survives(Fraction(part, wide), generator):
            continue
        whole = 0
        while _survives(Fraction(1), generator):
            whole += 1
        size = (part + wide * whole) // steep
        negative = generator.randrange(2) == 1
        if size or not negative:
            return -size if negative else size


def _survives(rate: Fraction, generator: Random) -> bool:
    """Return true with a probability of ``exp(-rate)``, for a rate from 0 to 1: the alternating series, term by term."""
    term = 1
    while generator.randrange(rate.denominator * term) < rate.numerator:
        term += 1
    return term % 2 == 1
