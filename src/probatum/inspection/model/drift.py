"""Which products no longer look like their references: bets for each, and a controlled share of false ones among those named.

A product is watched by the scores of its units against its references, as they come. Where nothing changes, each is as likely at any
rank among those before it, and bets that they rise win nothing. Thousands of products are watched at once; of those that are ever
named, at most a share `alpha` is named wrongly on average.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from probatum.stats.e_values import e_bh
from probatum.stats.exchangeability import Ranks
from probatum.stats.rising import RiseMartingale


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A unit that came past, and its scores.

    Attributes
    ----------
    capture_id, product : str
    score : float
        Of the unit against the references that were valid for it; higher is worse. NaN, for what could not be judged, is above all.
    at : datetime or None
        UTC.
    station, camera, shift, vendor, lot : str
        "" where nobody said.
    relief : float or None
        Score of its depth alone, if there is one.
    damage : float or None
        Score of the head that knows damage, if there is one.
    """

    capture_id: str
    product: str
    score: float
    at: datetime | None = None
    station: str = ""
    camera: str = ""
    shift: str = ""
    vendor: str = ""
    lot: str = ""
    relief: float | None = None
    damage: float | None = None

    @property
    def day(self) -> str:
        """The day in UTC, or ""."""
        return "" if self.at is None else self.at.date().isoformat()


@dataclass(slots=True)
class Watch:
    """One product, since its references are what they are.

    Parameters
    ----------
    product : str
    usual : sequence of Scored
        Units that were seen before and had nothing: of the calibration set, scored against the same references. On their order nothing
        is bet.
    seed : int
        Of the coin that breaks ties.

    Attributes
    ----------
    units : list of Scored
        Those that came since, in their order.
    bets : RiseMartingale
    """

    product: str
    usual: Sequence[Scored]
    seed: int = 0
    units: list[Scored] = field(default_factory=list, init=False)
    bets: RiseMartingale = field(init=False)
    _ranks: Ranks = field(init=False)

    def __post_init__(self) -> None:
        """Sort what is usual."""
        own = int.from_bytes(hashlib.blake2b(repr((self.seed, self.product)).encode(), digest_size=6).digest(), "big")
        self._ranks = Ranks(seed=own, before=[unit.score for unit in self.usual])
        self.bets = RiseMartingale(before=len(self.usual))

    def add(self, unit: Scored) -> None:
        """Take the next unit."""
        self.bets.add(self._ranks.add(unit.score))
        self.units.append(unit)

    @property
    def changed(self) -> list[Scored]:
        """Units since the change, if there was one."""
        return self.units[self.bets.since :]


@dataclass(slots=True)
class Watches:
    """All products.

    Parameters
    ----------
    usual : mapping of str to sequence of Scored
        For each product, what `Watch` begins with.
    alpha : float in (0, 1)
        Largest share of products named wrongly among those ever named, on average over what might have happened.
    seed : int

    Notes
    -----
    A product that is named keeps the e-value that it had then, and its bets go on for nobody. e-BH over all products, with those values, names
    at each look what it would name, so at the end the m products ever named had e-values of at least ``n / (alpha m)`` at times that
    depended on nothing later: that alone controls the false discovery rate, however often one looks [1]_. Each product that is watched anew,
    after it got another version, counts as one more of n; the bound is then alpha times the number of streams begun, by n at the time.

    Assumes that scores of a product are exchangeable while nothing changes; and given all that was seen of other products.

    References
    ----------
    .. [1] Wang, Ramdas. "False discovery rate control with e-values." JRSS B 84 (2022), proposition 2: any set that is consistent with itself.
    """

    usual: Mapping[str, Sequence[Scored]]
    alpha: float = 0.1
    seed: int = 0
    watching: dict[str, Watch] = field(init=False)
    named: dict[tuple[str, int], float] = field(default_factory=dict, init=False)  # logarithm of the e-value, by product and time
    _times: dict[str, int] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        """Begin to watch all."""
        if not 0 < self.alpha < 1:
            raise ValueError(f"{self.alpha:g} is not a rate of false discoveries")
        self.watching = {product: Watch(product, usual, self.seed) for product, usual in sorted(self.usual.items())}

    def add(self, unit: Scored) -> bool:
        """Take the next unit; False if its product is not watched."""
        watch = self.watching.get(unit.product)
        if watch is not None:
            watch.add(unit)
        return watch is not None

    def look(self) -> tuple[Watch, ...]:
        """Name products that were not named before."""
        keys = [(product, self._times.get(product, 0)) for product in self.watching]
        earlier = [key for key in self.named if key not in set(keys)]
        logs = [self.named.get(key, self.watching[key[0]].bets.log_e_value) for key in keys]
        chosen = e_bh([*logs, *(self.named[key] for key in earlier)], alpha=self.alpha)
        new = [keys[at] for at in chosen if at < len(keys) and keys[at] not in self.named]
        self.named |= {key: self.watching[key[0]].bets.log_e_value for key in new}
        return tuple(self.watching[product] for product, _ in new)

    def needed(self) -> float:
        """Return what the logarithm of an e-value must be for one more product to be named, if no other is."""
        streams = len(self.watching) + sum(self._times.values())
        return math.log(streams / (self.alpha * (len(self.named) + 1)))

    def renew(self, product: str, usual: Sequence[Scored]) -> None:
        """Watch a product anew, as after another version of it was confirmed or it turned out that nothing had changed."""
        if product in self.watching:
            self._times[product] = self._times.get(product, 0) + 1
        self.watching[product] = Watch(product, usual, self.seed + self._times.get(product, 0))
