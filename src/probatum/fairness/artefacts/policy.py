"""What a policy says, as typed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias, TypeVar

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.graph import Graph
from probatum.fairness.artefacts.preparation import Preparation
from probatum.fairness.artefacts.requirements.adverse_impact import AdverseImpactRequirement
from probatum.fairness.artefacts.requirements.allocation import AllocationRequirement
from probatum.fairness.artefacts.requirements.causal import CausalRequirement
from probatum.fairness.artefacts.requirements.decomposition import DecompositionRequirement
from probatum.fairness.artefacts.requirements.group import GroupRequirement
from probatum.fairness.artefacts.requirements.individual import IndividualRequirement
from probatum.fairness.artefacts.requirements.measure import MeasureRequirement
from probatum.fairness.artefacts.requirements.pairs import PairsRequirement
from probatum.fairness.artefacts.requirements.ranges import RangesRequirement
from probatum.fairness.artefacts.requirements.scores import ScoresRequirement
from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
from probatum.fairness.artefacts.requirements.stream import StreamRequirement
from probatum.fairness.artefacts.requirements.treatment import TreatmentRequirement
from probatum.source import Location


class Missing(str, Enum):
    """What becomes of rows without a protected attribute."""

    OWN_GROUP = "own-group"  # they are a group of their own, called `(missing)`
    EXCLUDE = "exclude"  # they are left out, and counted
    BOUNDS = "bounds"  # whatever they are, the verdict must hold


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTable:
    """Where decisions are, and which columns say what.

    Attributes
    ----------
    table : str
        Path of the table, as the policy writes it.
    label : str
        Column of what turned out to be true; "" if there is none.
    decision : str
        Column of the decision; "" if it is made from `score` and `threshold`.
    score : str
        Column of the score; "" if there is none.
    threshold : float or None
        A decision is favourable (positive) if the score is at least this.
    positive : tuple of str, float or bool, or None
        The values of `label` and `decision` that count as positive; None: 1 or true.
    favourable : bool
        Whether a positive decision is what people want (a loan) or fear (an alarm).
    count : str
        Column of how many decisions a row stands for; "" if each row is one.
    weight, unit, cluster : str
        Columns of weights; of who was decided on, where one person may have several rows; of what
        rows have in common (a branch, a judge). "" if there is none.
    where : mapping of str to tuple
        Only rows whose columns have one of these values.
    """

    table: str
    label: str = ""
    decision: str = ""
    score: str = ""
    threshold: float | None = None
    positive: tuple[str | float | bool, ...] | None = None
    favourable: bool = True
    count: str = ""
    weight: str = ""
    unit: str = ""
    cluster: str = ""
    where: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    location: Location


R = TypeVar("R")
# One of the kinds in `requirements`.
Requirement: TypeAlias = (
    AdverseImpactRequirement
    | AllocationRequirement
    | DecompositionRequirement
    | GroupRequirement
    | IndividualRequirement
    | MeasureRequirement
    | PairsRequirement
    | RangesRequirement
    | ScoresRequirement
    | SlicesRequirement
    | StreamRequirement
    | CausalRequirement
    | TreatmentRequirement
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A policy about one table of decisions.

    Attributes
    ----------
    subject : str
        What outcomes are about: the name that the policy gives itself, or its path.
    decision : DecisionTable
    protected : mapping of str to Attribute
        By the names that requirements use.
    missing : Missing
    min_cell : int
        Groups with fewer rows are not compared, and are named.
    alpha : float in (0, 1)
        For each requirement, the probability, over samples, that anything is found that is not so: its
        quantities, attributes, groups, strata and slices are corrected for together, requirements
        are not corrected for each other. So is, for each quantity and each attribute of it, that of
        saying that it is satisfied where it is not.
    requirements : tuple
        In their order.
    digest : str
        Of the file.
    preparation : Preparation or None
        How the table came about.
    graph : Graph or None
        What its author says moves what.
    """

    subject: str
    location: Location
    decision: DecisionTable
    protected: Mapping[str, Attribute]
    missing: Missing
    min_cell: int
    alpha: float
    requirements: tuple[Requirement, ...]
    digest: str
    preparation: Preparation | None = None
    graph: Graph | None = None

    def of_kind(self, kind: type[R]) -> tuple[R, ...]:
        """Requirements of one kind."""
        return tuple(r for r in self.requirements if isinstance(r, kind))
