"""What a policy says of how its table came about: `preparation`, which may be absent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from probatum.project.fields import Fields, fault
from probatum.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """How a table of decisions came about.

    Attributes
    ----------
    features : tuple of str
        Columns from which decisions are made; empty if the policy does not say.
    decided_at : str
        Column of the moment of the decision.
    known_at : mapping of str to str
        For a feature, the column of the moment at which it was known.
    split : str
        Column that says which rows a model was trained on.
    train, test : str
        The values of that column.
    threshold_from : str
        The value of `split` on whose rows the threshold was chosen.
    record : str
        Path of a record, as the policy writes it.
    rows_lost : float
        By how much the share of rows that a recorded step leaves out may differ between groups, or by outcome.
    """

    features: tuple[str, ...] = ()
    decided_at: str = ""
    known_at: Mapping[str, str] = field(default_factory=dict)
    split: str = ""
    train: str = "train"
    test: str = "test"
    threshold_from: str = ""
    record: str = ""
    rows_lost: float = 0.1
    location: Location


def read(root: Fields) -> Preparation | None:
    """Read the section of a policy."""
    node = root.get("preparation")
    if node is None:
        return None
    own = Fields(node, "`preparation`")
    known = own.get("known_at")
    if known is not None and not (isinstance(known.value, dict) and all(isinstance(v.value, str) for v in known.value.values())):
        raise fault(known.location, "`known_at` is not a mapping", "write `feature: column of the moment it was known`")
    found = Preparation(
        features=own.texts("features", ()),
        decided_at=own.text("decided_at", ""),
        known_at={} if known is None else {key: str(value.value) for key, value in known.value.items()},
        split=own.text("split", ""),
        train=own.text("train", "train"),
        test=own.text("test", "test"),
        threshold_from=own.text("threshold_from", ""),
        record=own.text("record", ""),
        rows_lost=float(own.number("rows_lost", 0.1, low=0.0, high=1.0)),
        location=node.location,
    )
    own.close()
    if "rows_lost" in own and not found.record:
        raise fault(own.at("rows_lost"), "`rows_lost` needs a record", "add `record: ...`, see `probatum fairness record`")
    if found.known_at and not found.decided_at:
        raise fault(own.at("known_at"), "`known_at` needs the moment of the decision", "add `decided_at: column`")
    if found.threshold_from and not found.split:
        raise fault(own.at("threshold_from"), "`threshold_from` needs a column `split`", "add `split: column`")
    return found
