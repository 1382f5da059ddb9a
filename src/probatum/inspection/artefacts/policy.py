"""What a policy about inspected goods says, as typed values."""

from __future__ import annotations

from dataclasses import dataclass, field

from probatum.source import Location

# Splits that something was fitted to or calibrated on: their units are judged by nothing that has seen them.
FITTED = ("train", "validation", "fusion", "calibration")


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A file that a policy names.

    Attributes
    ----------
    path : str
        As the policy writes it, relative to the policy.
    location : Location
    made_by : str
        Verb of `probatum inspection` that makes it; "" where the user does.
    """

    path: str
    location: Location
    made_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A band of scores in which a person looks: below what is put aside, above what is shipped.

    Attributes
    ----------
    looked : float in (0, 1)
        Largest probability that a pristine unit is put aside or a person looks at it.
    passed : float in (0, 1) or None
        Largest probability that a damaged unit is shipped; None where nothing is asked of that.
    """

    looked: float
    passed: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many pristine units may be put aside.

    Attributes
    ----------
    false_alarms : float in (0, 1)
        Largest probability that a pristine unit is put aside.
    confidence : float in (1/2, 1)
        That the threshold keeps it.
    removed : float in [0, 1)
        Largest rate at which pristine units were taken out of the calibration set because someone took them for damaged.
    by : tuple of str
        Columns of the manifest that make groups with budgets of their own, where there are units enough.
    band : Band or None
        More risks with budgets, which are kept together with `false_alarms`.
    """

    false_alarms: float = 0.001
    confidence: float = 0.95
    removed: float = 0.0
    by: tuple[str, ...] = ()
    band: Band | None = None

    @property
    def risks(self) -> int:
        """How many risks are kept together: the confidence is shared by them."""
        return 1 if self.band is None else 2 + (self.band.passed is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy about the goods in some captures.

    Attributes
    ----------
    subject : str
        What outcomes are about: the name that the policy gives itself, or its path.
    captures : Named
        The manifest of units that are judged.
    splits : tuple of str
        Whose units are judged; empty for all that nothing is fitted to.
    references : Named or None
        The manifest of references, where they do not stand in that of the units.
    gallery : Named or None
        Which reference is valid when; without one, all are, always.
    backbone : str
        Name of a frozen network, as `open_backbone` takes it; a file is relative to the policy.
    reader : str
        Name of what reads words on goods whose product is to be told, as `open_reader` takes it; "" for nothing.
    model : Named or None
        A trained score; without one, references alone are compared with.
    calibration : Named or None
        Scores of pristine units, and the thresholds that follow.
    decisions : Named or None
        What was decided before, so that it is not worked out again.
    disposition : Named or None
        What is to be done with units that may be damaged; nothing is said of it without.
    budget : Budget
    digest : str
        Of the file.
    """

    subject: str
    location: Location
    captures: Named
    splits: tuple[str, ...] = ()
    references: Named | None = None
    gallery: Named | None = None
    backbone: str = "embedded:lite0"
    reader: str = ""
    model: Named | None = None
    calibration: Named | None = None
    decisions: Named | None = None
    disposition: Named | None = None
    budget: Budget = field(default_factory=Budget)
    digest: str

    def judges(self, split: str) -> bool:
        """Whether units of a split are judged."""
        return split in self.splits if self.splits else split not in FITTED
