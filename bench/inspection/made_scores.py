"""Scores whose distribution is known: how probable damage is, given one, is computed and not estimated."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtr

Parts = tuple[tuple[float, float, float], ...]  # share, mean, standard deviation of normal distributions that are mixed


@dataclass(frozen=True, slots=True)
class World:
    """How sound and damaged units score; rounded to whole steps, if there is a step."""

    sound: Parts
    damaged: Parts
    step: float = 0.0

    def draw(self, rng: np.random.Generator, n: int, *, damaged: bool) -> NDArray[np.float64]:
        shares, means, spreads = np.array(self.damaged if damaged else self.sound).T
        which = rng.choice(len(shares), size=n, p=shares)
        values = means[which] + spreads[which] * rng.normal(size=n)
        return np.round(values / self.step) * self.step if self.step else values

    def drawn(self, rng: np.random.Generator, n: int, prevalence: float) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return scores, and which of them are of damaged units, whose number is left to chance."""
        bad = rng.random(n) < prevalence
        scores = np.empty(n)
        for label in (False, True):
            scores[bad == label] = self.draw(rng, int((bad == label).sum()), damaged=label)
        return scores, bad

    def chance(self, scores: NDArray[np.float64], prevalence: float) -> NDArray[np.float64]:
        """Return how probable damage is, given a score."""
        ratio = np.log(self._mass(scores, self.damaged)) - np.log(self._mass(scores, self.sound))
        return np.asarray(expit(ratio + logit(prevalence)))

    def above(self, threshold: float, *, damaged: bool) -> float:
        """Return how probable a score above a threshold is."""
        at = math.floor(threshold / self.step + 1e-9) * self.step + self.step / 2 if self.step else threshold
        return float(sum(share * ndtr((mean - at) / spread) for share, mean, spread in (self.damaged if damaged else self.sound)))

    def _mass(self, scores: NDArray[np.float64], parts: Parts) -> NDArray[np.float64]:
        found = np.full(scores.shape, 1e-300)
        for share, mean, spread in parts:
            z = (scores - mean) / spread
            if self.step:
                half = self.step / 2 / spread
                found += share * (ndtr(half - np.abs(z)) - ndtr(-half - np.abs(z)))
            else:
                found += share * np.exp(-z * z / 2) / spread
        return found


WORLDS = {
    "normal": World(((1, 0, 1),), ((1, 2.5, 1),)),
    "some damage is hidden": World(((1, 0, 1),), ((0.4, 0.3, 1), (0.6, 4, 1.5))),
    "one sound unit in 100 as damaged ones": World(((0.99, 0, 1), (0.01, 3.5, 1)), ((1, 3.5, 1),)),
    "in steps of a quarter": World(((1, 0, 1),), ((1, 2.5, 1),), 0.25),
    "very high scores are of sound units": World(((1, 0, 1),), ((1, 2.2, 0.7),)),
}
