"""What releases with noise have cost the users so far: each adds its epsilon and its delta, for everybody who was in the log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from probatum.stats.private_counts import Noise
from probatum.store.journal import Journal

SPENT = "privacy.jsonl"  # in the folder of the service


@dataclass(frozen=True, slots=True)
class Spent:
    """The sums over all releases (basic composition: an upper bound, however they depend on each other)."""

    releases: int
    epsilon: float
    delta: float

    def told(self, noise: Noise, users: int) -> str:
        """Return what is promised, in one line."""
        return (
            f"users of pairs are counted with noise: epsilon {noise.epsilon:g}, delta {noise.delta:g}, {noise.most} pairs of each user, none "
            f"below {max(noise.threshold, users)}; {self.releases} releases so far: epsilon {self.epsilon:g}, delta {self.delta:g}"
        )


def spend(service: Path, noise: Noise, what: str, until: str) -> Spent:
    """Write down a release before it is used, and return what all have cost."""
    journal = Journal(service / SPENT)
    journal.append({"epsilon": noise.epsilon, "delta": noise.delta, "pairs": noise.most, "what": what, "until": until})
    return spent(service)


def spent(service: Path) -> Spent:
    """Return what all releases of a service have cost."""
    entries = Journal(service / SPENT).entries if (service / SPENT).is_file() else []
    return Spent(len(entries), sum(one["epsilon"] for one in entries), sum(one["delta"] for one in entries))
