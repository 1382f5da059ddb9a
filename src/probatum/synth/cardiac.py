"""A simulated cohort of cardiac-surgery patients in which every part of the racial disparity is known.

SIMULATED: no row is a person. The generator is built to show, in the population,
what two studies published as margins:

- 30-day mortality of 2.5 % of Black and 1.8 % of white patients, among 11,697 and
  136,362 of them (Society of Thoracic Surgeons registry, 2015);
- an odds ratio of death of 1.33 given age, sex and risk factors among 173,925
  Medicare patients with bypass surgery, 1.22 given hospital quality too, 1.23
  given socioeconomic status too, and 1.16 given both (Rangrass, Ghaferi and
  Dimick, JAMA Surgery 2014).

Everything else is assumed: the variables' levels, how they hang together, and that
nothing else does. All of them are discrete, so the truth is a sum over cells.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Array: TypeAlias = NDArray[np.float64]

NOTICE = "SIMULATED data: no row is a person, built from published margins by probatum"

AGES = ("65-69", "70-74", "75-79", "80+")
SEXES = ("female", "male")
STATUSES = ("low", "middle", "high")
RISKS = ("low", "medium", "high")
QUALITIES = ("1", "2", "3", "4", "5")  # quintiles of hospitals, 5 the best
HOSPITALS = 60  # of each quintile

MEDIATORS = ("ses", "risk", "hospital_quality")  # in causal order
COLUMNS: Mapping[str, str] = {
    "patient": "number of the simulated patient",
    "race": "simulated: black or white",
    "age": "simulated: band of years",
    "sex": "simulated: female or male",
    "ses": "simulated: socioeconomic status of the neighbourhood, in thirds",
    "risk": "simulated: clinical risk at admission, in three classes",
    "hospital": "simulated: identifier of a hospital",
    "hospital_quality": "simulated: quintile of the hospital's quality, 5 the best",
    "death_30d": "simulated: 1 if dead within 30 days of surgery",
    "simulated": "true in every row: no row is a person",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mechanism:
    """Coefficients of the generator, on the scale of log-odds.

    Those from `base` on are such that the population has the published margins (see `margins`);
    they were found once, by least squares.
    """

    black: float = 11_697 / (11_697 + 136_362)
    younger: float = -0.25  # per age band, of Black patients against white ones
    female: float = 0.35
    risk_by_ses: float = -0.35
    quality_by_ses: float = 0.30
    quality_by_risk: float = 0.10
    death_by_age: float = 0.35
    death_by_female: float = 0.30
    death_by_risk: float = 0.85
    base: float = -4.8428
    direct: float = 0.153
    ses: float = -1.2976
    risk: float = 0.0943
    quality: float = -0.5196
    death_by_ses: float = -0.1111
    death_by_quality: float = -0.0641


@dataclass(frozen=True, slots=True)
class Truth:
    """A disparity in the population the generator draws from, black less white, in probabilities of death."""

    initial: float
    reduction: float
    remaining: float


class Population:
    """What the generator says of everyone, as arrays over (age, sex, ses, risk, quality)."""

    def __init__(self, mechanism: Mechanism | None = None) -> None:
        """Compute all conditional distributions."""
        self.mechanism = mechanism or Mechanism()
        m = self.mechanism
        self.baseline: dict[int, Array] = {}  # (age, sex)
        self.status: dict[int, Array] = {}  # (ses)
        self.risk: dict[int, Array] = {}  # (age, sex, ses, risk)
        self.quality: dict[int, Array] = {}  # (ses, risk, quality)
        self.death: dict[int, Array] = {}  # (age, sex, ses, risk, quality)
        age, sex = np.arange(4.0), np.array([1.0, 0.0])  # the first sex is female
        ses, risk, quality = np.arange(3.0) - 1, np.arange(3.0) - 1, np.arange(5.0) - 2
        for r in (0, 1):
            ages = _softmax(np.log([0.30, 0.28, 0.24, 0.18]) + m.younger * r * age)
            women = _expit(-0.85 + m.female * r)
            self.baseline[r] = ages[:, None] * np.array([women, 1 - women])
            self.status[r] = _softmax(np.log([1.0, 1.0, 1.0]) + m.ses * r * ses)
            of_risk = np.log([0.45, 0.35, 0.20]) + risk * (
                0.2 * age[:, None, None, None] + 0.1 * sex[:, None, None] + m.risk_by_ses * ses[:, None] + m.risk * r
            )
            self.risk[r] = _softmax(of_risk)
            of_quality = quality * (m.quality_by_ses * ses[:, None, None] + m.quality_by_risk * risk[:, None] + m.quality * r)
            self.quality[r] = _softmax(of_quality)
            self.death[r] = _expit(
                m.base
                + m.direct * r
                + m.death_by_age * age[:, None, None, None, None]
                + m.death_by_female * sex[:, None, None, None]
                + m.death_by_ses * ses[:, None, None]
                + m.death_by_risk * risk[:, None]
                + m.death_by_quality * quality
            )

    def joint(self, race: int) -> Array:
        """Distribution of (age, sex, ses, risk, quality) in a group."""
        return (
            self.baseline[race][:, :, None, None, None]
            * self.status[race][:, None, None]
            * self.risk[race][..., None]
            * self.quality[race]
        )

    def mortality(self, race: int) -> float:
        """Share of a group that dies."""
        return float((self.joint(race) * self.death[race]).sum())

    def would_die(self, alike: Collection[str]) -> float:
        """Share of Black patients that would die if some mediators were distributed as in white ones of their age and sex.

        Mediators that are made alike are drawn one after the other, each given those before it;
        the others follow as they do in Black patients.
        """
        black, white = self.joint(1), self.joint(0)
        own = (self.status[1][:, None, None], self.risk[1][..., None], self.quality[1])
        mass = self.baseline[1][:, :, None, None, None] * np.ones_like(black)
        drawn: list[int] = []  # axes of mediators that are made alike so far
        for axis, (name, as_is) in enumerate(zip(MEDIATORS, own, strict=True), start=2):
            if name not in alike:
                mass = mass * as_is
                continue
            others = tuple(a for a in (2, 3, 4) if a != axis and a not in drawn)
            here = white.sum(axis=others, keepdims=True)
            before = here.sum(axis=axis, keepdims=True)
            mass = mass * (here / before)
            drawn.append(axis)
        return float((mass * self.death[1]).sum())

    def truth(self, through: Collection[str]) -> Truth:
        """Decompose the disparity given age and sex.

        Raises
        ------
        ValueError
            If something is not a mediator.
        """
        if unknown := sorted(set(through) - set(MEDIATORS)):
            raise ValueError(f"`{unknown[0]}` is no mediator; there are {', '.join(MEDIATORS)}")
        mean, would = self.mortality(1), self.would_die(through)
        white = self.joint(0)
        inside = (white * self.death[0]).sum(axis=(2, 3, 4)) / white.sum(axis=(2, 3, 4))
        compared = float((self.baseline[1] * inside).sum())
        return Truth(mean - compared, mean - would, would - compared)

    def draw(self, size: int, seed: int) -> dict[str, NDArray[np.generic]]:
        """Draw patients: columns by name, see `COLUMNS`."""
        chance = np.random.default_rng(seed)
        race = (chance.random(size) < self.mechanism.black).astype(np.int64)
        cells = np.empty(size, dtype=np.int64)
        shape = self.joint(0).shape
        dead = np.empty(size, dtype=np.int64)
        for r in (0, 1):
            rows = np.flatnonzero(race == r)
            cells[rows] = chance.choice(int(np.prod(shape)), size=len(rows), p=self.joint(r).ravel())
            dead[rows] = chance.random(len(rows)) < self.death[r].ravel()[cells[rows]]
        age, sex, ses, risk, quality = np.unravel_index(cells, shape)
        hospital = quality * HOSPITALS + chance.integers(0, HOSPITALS, size=size)
        # Names of hospitals say nothing about their quality.
        names = np.array([f"H{number:03d}" for number in chance.permutation(HOSPITALS * len(QUALITIES)) + 1])
        return {
            "patient": np.arange(1, size + 1),
            "race": np.array(["white", "black"])[race],
            "age": np.array(AGES)[age],
            "sex": np.array(SEXES)[sex],
            "ses": np.array(STATUSES)[ses],
            "risk": np.array(RISKS)[risk],
            "hospital": names[hospital],
            "hospital_quality": np.array(QUALITIES)[quality],
            "death_30d": dead,
            "simulated": np.ones(size, dtype=bool),
        }


def margins(population: Population) -> Mapping[str, float]:
    """Return what the studies published, as the population has it: mortality by race, and four odds ratios of race."""
    found = {"white": population.mortality(0), "black": population.mortality(1)}
    share = population.mechanism.black
    mass = np.concatenate([(1 - share) * population.joint(0).ravel(), share * population.joint(1).ravel()])
    dead = np.concatenate([population.death[0].ravel(), population.death[1].ravel()])
    shape = population.joint(0).shape
    age, sex, ses, risk, quality = (np.tile(axis.ravel(), 2) for axis in np.indices(shape))
    race = np.repeat([0.0, 1.0], int(np.prod(shape)))
    known = [np.ones_like(race), race, *_indicators(age), *_indicators(sex), *_indicators(risk)]
    for name, more in (
        ("clinical", []),
        ("quality", _indicators(quality)),
        ("ses", _indicators(ses)),
        ("both", [*_indicators(quality), *_indicators(ses)]),
    ):
        found[name] = float(np.exp(_log_odds(np.column_stack([*known, *more]), dead, mass)[1]))
    return found


def _indicators(codes: NDArray[np.int64]) -> list[Array]:
    return [(codes == value).astype(np.float64) for value in range(1, int(codes.max()) + 1)]


def _log_odds(design: Array, share: Array, mass: Array) -> Array:
    """Logistic regression on a population: cells with their mass and share of events."""
    beta = np.zeros(design.shape[1])
    beta[0] = np.log((mass @ share) / (mass @ (1 - share)))
    for _ in range(25):
        fitted = _expit(design @ beta)
        curve = design.T @ (design * (mass * fitted * (1 - fitted))[:, None])
        beta = beta + np.linalg.solve(curve, design.T @ (mass * (share - fitted)))
    return beta


def _softmax(scores: Array) -> Array:
    mass = np.exp(scores - scores.max(axis=-1, keepdims=True))
    found: Array = mass / mass.sum(axis=-1, keepdims=True)
    return found


def _expit(score: Array | float) -> Array:
    found: Array = 1 / (1 + np.exp(-np.asarray(score)))
    return found
