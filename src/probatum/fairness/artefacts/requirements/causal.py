"""Parts of a disparity that go through something: `kind: causal`. Needs a causal graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.graph import Graph, Role
from probatum.project.document import suggestion
from probatum.project.fields import Fields, fault
from probatum.source import Location


class Part(str, Enum):
    """Which part of a disparity is bounded."""

    INITIAL = "initial"  # all of it, among people with the same baseline
    REDUCTION = "reduction"  # what would go if the mediators were distributed alike
    REMAINING = "remaining"  # what would stay


class Estimator(str, Enum):
    """How it is estimated."""

    DOUBLY_ROBUST = "doubly-robust"
    WEIGHTING = "weighting"


@dataclass(frozen=True, slots=True, kw_only=True)
class CausalRequirement:
    """A part of the difference of a mean outcome between two groups may only be so large.

    Attributes
    ----------
    id : str
    group : str
        A protected attribute, which is a node of the graph.
    of, against : str
        The group whose disparity is asked for, and the one it is compared with.
    outcome : str
        A node.
    through : tuple of str
        Mediators in causal order.
    allow : tuple of str or None
        Within whose values groups are compared; None: all nodes with the role `baseline`.
    adjust : tuple of str or None
        Confounders; None: what the graph says.
    accept : tuple of str
        Allowed variables that the group moves through others, knowingly.
    part : Part
    bound : float
        The largest size of the part, whatever its sign.
    estimator : Estimator
    graph : Graph
    """

    id: str
    group: str
    of: str
    against: str
    outcome: str
    through: tuple[str, ...]
    allow: tuple[str, ...]
    adjust: tuple[str, ...] | None
    accept: tuple[str, ...]
    part: Part
    bound: float
    estimator: Estimator
    graph: Graph
    location: Location


def reader(graph: Graph | None) -> Callable[[str, Fields, Mapping[str, Attribute]], CausalRequirement]:
    """Return how requirements of this kind are read where the policy has this graph."""

    def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> CausalRequirement:
        return _read(name, own, protected, graph)

    return read


def _read(name: str, own: Fields, protected: Mapping[str, Attribute], graph: Graph | None) -> CausalRequirement:
    known = drawn(name, own, graph)
    through = own.texts("through")
    several = len(through) > 1
    standard = Estimator.WEIGHTING if several else Estimator.DOUBLY_ROBUST
    estimator = Estimator(own.text("estimator", standard.value, choices=[e.value for e in Estimator]))
    if several and estimator is Estimator.DOUBLY_ROBUST:
        raise fault(own.at("estimator"), "several mediators are decomposed by weighting", "write `estimator: weighting`")
    return between(
        name,
        own,
        protected,
        known,
        through=through,
        allow=own.texts("allow", ()) if "allow" in own else known.of_role(Role.BASELINE),
        part=Part(own.text("part", Part.REDUCTION.value, choices=[part.value for part in Part])),
        bound=float(own.number("at_most", low=0.0)),
        estimator=estimator,
    )


def drawn(name: str, own: Fields, graph: Graph | None) -> Graph:
    """Return the graph on which a causal claim rests.

    Raises
    ------
    UnreadableArtefact
        If the policy has none.
    """
    if graph is None:
        raise fault(
            own.node.location,
            f"`{name}` is a causal claim, and the policy has no causal graph",
            "draw one: `graph: {nodes: {race: group, ...}, edges: [race -> ses, ...]}`",
        )
    return graph


def between(
    name: str,
    own: Fields,
    protected: Mapping[str, Attribute],
    graph: Graph,
    *,
    through: tuple[str, ...],
    allow: tuple[str, ...],
    part: Part,
    bound: float,
    estimator: Estimator,
) -> CausalRequirement:
    """Read which groups, outcome and confounders a claim is about, and check its nodes.

    Raises
    ------
    UnreadableArtefact
        If a node is none, is not measured, or has two parts to play.
    """
    outcomes = graph.of_role(Role.OUTCOME)
    sides = graph.of_role(Role.GROUP)
    group = _node(own, "group", graph, sides[0] if len(sides) == 1 else None)
    if group not in sides:
        raise fault(own.at("group"), f"the node `{group}` does not have the role `group`", suggestion(group, sides))
    if group not in protected:
        raise fault(own.at("group"), f"`{group}` is not a protected attribute of this policy", suggestion(group, list(protected)))
    adjust = own.texts("adjust") if "adjust" in own else None
    accept = own.texts("accept", ())
    outcome = _node(own, "outcome", graph, outcomes[0] if len(outcomes) == 1 else None)
    held = "given" if "given" in own else "allow"
    for field, names in (("through", through), (held, allow), ("adjust", adjust or ()), ("accept", accept)):
        for one in names:
            if one not in graph.variables:
                raise fault(own.at(field), f"`{one}` is not a node of the graph", suggestion(one, list(graph.variables)))
            if graph.variables[one].role is Role.LATENT:
                raise fault(own.at(field), f"`{one}` is not measured", "name a node that has a column")
            if one in (group, outcome):
                raise fault(own.at(field), f"`{one}` is the {graph.variables[one].role.value}", f"take it out of `{field}`")
        if len(set(names)) != len(names):
            raise fault(own.at(field), f"`{field}` names a node twice", "name each once")
    if both := sorted(set(through) & {*allow, *(adjust or ())}):
        raise fault(own.at("through"), f"`{both[0]}` is asked about, and held fixed", "keep it in one of the two")
    of, against = own.text("of"), own.text("against")
    if of == against:
        raise fault(own.at("against"), f"`{of}` is compared with itself", "name two groups")
    return CausalRequirement(
        id=name,
        group=group,
        of=of,
        against=against,
        outcome=outcome,
        through=through,
        allow=allow,
        adjust=adjust,
        accept=accept,
        part=part,
        bound=bound,
        estimator=estimator,
        graph=graph,
        location=own.node.location,
    )


def _node(own: Fields, field: str, graph: Graph, standard: str | None) -> str:
    found = own.text(field) if standard is None else own.text(field, standard)
    if found not in graph.variables:
        raise fault(own.at(field), f"`{found}` is not a node of the graph", suggestion(found, list(graph.variables)))
    return found
