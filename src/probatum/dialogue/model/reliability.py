"""How far the probabilities of labels are from how often those were right that somebody checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from probatum.dialogue.model.calibration import expected_error
from probatum.dialogue.model.release import Checked, evened

ENOUGH = 30  # users, from which on the error has an interval


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliability:
    """What was checked against what the model gave for it.

    Attributes
    ----------
    labels, users : int
        That were checked, of equal probability.
    bins : tuple of (mean probability, right, labels)
        Of bins of a tenth that have any.
    error, low, high : float or None
        Expected calibration error, and its ends at 95 % by resampling users; None of fewer than 30 users.
    """

    labels: int
    users: int
    bins: tuple[tuple[float, int, int], ...] = ()
    error: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def told(self) -> str:
        """What is known of it, in a line."""
        if not self.labels:
            return "calibration not known: no label was checked"
        known = f"calibration not known: labels of {self.users} users were checked, and {ENOUGH} are needed"
        if self.low is not None and self.high is not None:
            known = (
                f"expected calibration error {self.low:.1%} to {self.high:.1%} (95%; {self.labels} labels of {self.users} users)"
            )
        return known

    @property
    def line(self) -> str:
        """How many were right, by probability; "" where none was checked."""
        return ", ".join(f"{p:.2f}: {right}/{many}" for p, right, many in self.bins)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        names = ("labels", "users", "error", "low", "high")
        bins = [{"p": round(p, 4), "right": right, "labels": many} for p, right, many in self.bins]
        return {name: getattr(self, name) for name in names} | {"bins": bins}


def reliability(checked: Sequence[Checked]) -> Reliability:
    """Compare the probabilities of labels with what those say who checked them.

    Parameters
    ----------
    checked : sequence of Checked
        Those that were drawn with other probabilities are thinned to equal ones, as for `release`.

    Raises
    ------
    ValueError
        If some labels say with which probability they were drawn and others do not.
    """
    even = evened(checked)
    if not even:
        return Reliability(labels=0, users=0)
    numbers: dict[str, int] = {}
    rows = [(numbers.setdefault(one.user, len(numbers)), one.p, one.right, 1) for one in even]
    error, low, high, bins = expected_error(rows)
    found = tuple((p, round(share * many), many) for p, share, many in bins)
    if len(numbers) < ENOUGH:
        return Reliability(labels=len(even), users=len(numbers), bins=found)
    return Reliability(labels=len(even), users=len(numbers), bins=found, error=error, low=low, high=high)
