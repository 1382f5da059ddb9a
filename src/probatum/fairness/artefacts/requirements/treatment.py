"""Parts of a disparity that go with who is treated: `kind: treatment`. Needs a causal graph.

- {id: surgery, kind: treatment, of: black, against: white, through: operated, part: prevalence, at_most: 0.01}
- {id: by-need, kind: treatment, of: black, against: white, through: operated, given: [severity], part: prevalence, at_most: 0.01}
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.graph import Graph, Role
from probatum.fairness.artefacts.requirements import causal
from probatum.fairness.artefacts.requirements.causal import CausalRequirement, Estimator
from probatum.project.fields import Fields, fault
from probatum.source import Location


class Part(str, Enum):
    """Which part of a disparity is bounded."""

    TOTAL = "total"  # all of it, nothing accounted for
    BASELINE = "baseline"  # what would be if nobody were treated
    PREVALENCE = "prevalence"  # one group is treated more often
    EFFECT = "effect"  # treatment does more for one group
    SELECTION = "selection"  # in one group it goes more to those whom it does most for
    DISTRIBUTION = "distribution"  # one group more often has what makes treatment justified; needs `given`
    REDUCTION = "reduction"  # what would go if, given that, both were treated alike; needs `given`


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentRequirement:
    """A part of the difference of a mean outcome between two groups, by who is treated, may only be so large.

    Attributes
    ----------
    id : str
    part : Part
    given : tuple of str
        What makes a difference in treatment justified (the decomposition is conditional on it); empty: nothing does.
    bound : float
        The largest size of the part, whatever its sign.
    asked : CausalRequirement
        Groups, outcome, and the treatment as the only mediator: which rows, and what the graph says must be known.
    """

    id: str
    part: Part
    given: tuple[str, ...]
    bound: float
    asked: CausalRequirement
    location: Location

    @property
    def treatment(self) -> str:
        """The node of the treatment."""
        return self.asked.through[0]


def reader(graph: Graph | None) -> Callable[[str, Fields, Mapping[str, Attribute]], TreatmentRequirement]:
    """Return how requirements of this kind are read where the policy has this graph."""

    def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> TreatmentRequirement:
        drawn = causal.drawn(name, own, graph)
        treated = drawn.of_role(Role.TREATMENT)
        through = own.text("through", *(treated if len(treated) == 1 else ()))
        given = own.texts("given", ())
        part = Part(own.text("part", Part.PREVALENCE.value, choices=[one.value for one in Part]))
        if part in (Part.DISTRIBUTION, Part.REDUCTION) and not given:
            raise fault(own.at("part"), f"`{part.value}` is about what justifies treatment", "name it: `given: [severity]`")
        bound = float(own.number("at_most", low=0.0))
        asked = causal.between(
            name,
            own,
            protected,
            drawn,
            through=(through,),
            allow=given,
            part=causal.Part.REDUCTION,
            bound=bound,
            estimator=Estimator.DOUBLY_ROBUST,
        )
        return TreatmentRequirement(id=name, part=part, given=given, bound=bound, asked=asked, location=own.node.location)

    return read
