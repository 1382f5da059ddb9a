"""How long answers took, counted in bands of fixed bounds."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

BOUNDS_S = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1)


@dataclass(slots=True)
class Latency:
    """A histogram.

    Attributes
    ----------
    bands : list of int
        Answers up to each of `BOUNDS_S`, and later ones last.
    total_s : float
    """

    bands: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))
    total_s: float = 0.0

    def add(self, seconds: float) -> None:
        """Take one answer."""
        self.bands[bisect_left(BOUNDS_S, seconds)] += 1
        self.total_s += seconds

    def lines(self, name: str) -> list[str]:
        """Return it in the text format of Prometheus."""
        found, so_far = [f"# TYPE {name} histogram"], 0
        for bound, many in zip((*BOUNDS_S, "+Inf"), self.bands, strict=True):
            so_far += many
            found.append(f'{name}_bucket{{le="{bound}"}} {so_far}')
        return [*found, f"{name}_sum {self.total_s:.6f}", f"{name}_count {so_far}"]
