"""A causal graph, as its author draws it: variables with their roles, and which one moves which.

Every claim about what a disparity goes through rests on one, so it is written
down and not guessed. What is checked here is what any such drawing must keep;
what follows from it is in `semantics.paths`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import pairwise

from probatum.project.document import Node, suggestion
from probatum.project.fields import Fields, fault
from probatum.source import Location

_MOST = 200  # variables
_ROLES_OF_GROUP_PARENTS = ("baseline", "latent")


class Role(str, Enum):
    """What a variable is to the question."""

    GROUP = "group"  # whose disparity is asked about
    BASELINE = "baseline"  # a difference that may remain: groups are compared within its values
    CLINICAL = "clinical"  # state of the person: risk factors, need, qualification
    SOCIOECONOMIC = "socioeconomic"
    SITE = "site"  # hospital, branch, school
    MEDIATOR = "mediator"  # any other variable between group and outcome
    TREATMENT = "treatment"
    OUTCOME = "outcome"
    SELECTION = "selection"  # the table holds only rows with one value of it: survivors, applicants
    LATENT = "latent"  # not measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A variable of a graph.

    Attributes
    ----------
    name : str
    role : Role
    column : str
        Of the table; the name, unless the policy says another. "" if it is not measured.
    bands : tuple of float
        Ends of bands of a number that is used by its bands, ascending.
    positive : str or None
        The value of an outcome or treatment that counts as happened; None: it is a number, or a truth value.
    """

    name: str
    role: Role
    column: str
    bands: tuple[float, ...] = ()
    positive: str | None = None
    location: Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    """A directed acyclic graph.

    Attributes
    ----------
    variables : mapping of str to Variable
    edges : frozenset of (str, str)
        Cause and effect.
    """

    variables: Mapping[str, Variable]
    edges: frozenset[tuple[str, str]]
    location: Location

    def of_role(self, *roles: Role) -> tuple[str, ...]:
        """Names of variables that have one of these roles, in their order in the policy."""
        return tuple(name for name, variable in self.variables.items() if variable.role in roles)

    def parents(self, name: str) -> frozenset[str]:
        """Direct causes."""
        return frozenset(cause for cause, effect in self.edges if effect == name)

    def children(self, name: str) -> frozenset[str]:
        """Direct effects."""
        return frozenset(effect for cause, effect in self.edges if cause == name)

    def descendants(self, names: Iterable[str]) -> frozenset[str]:
        """All effects of some variables, these not included unless one of them is an effect of another."""
        return self._closure(names, forwards=True)

    def ancestors(self, names: Iterable[str]) -> frozenset[str]:
        """All causes."""
        return self._closure(names, forwards=False)

    def _closure(self, names: Iterable[str], *, forwards: bool) -> frozenset[str]:
        reached: set[str] = set()
        waiting = list(names)
        while waiting:
            at = waiting.pop()
            for found in self.children(at) if forwards else self.parents(at):
                if found not in reached:
                    reached.add(found)
                    waiting.append(found)
        return frozenset(reached)


def read(node: Node) -> Graph:
    """Read the field `graph` of a policy.

    Raises
    ------
    UnreadableArtefact
        If it is no such graph, with the line: an unknown name, a cycle, a role that the edges contradict.
    """
    own = Fields(node, "`graph`")
    variables = _variables(own)
    edges = _edges(own, variables)
    own.close()
    graph = Graph(variables=variables, edges=frozenset(edges), location=node.location)
    _consistent(graph, edges)
    _acyclic(graph, edges)
    return graph


def _variables(own: Fields) -> dict[str, Variable]:
    node = own.get("nodes")
    if node is None or not isinstance(node.value, dict) or not node.value:
        where = own.node.location if node is None else node.location
        raise fault(where, "the graph has no `nodes`", "add lines `name: role` under `nodes:`")
    if len(node.value) > _MOST:
        raise fault(node.location, f"the graph has {len(node.value)} nodes, and {_MOST} are the most", "draw what matters")
    roles = [role.value for role in Role]
    found: dict[str, Variable] = {}
    bands: tuple[float, ...]
    for name, value in node.value.items():
        if re.search(r"->|,|\s", name):
            raise fault(node.keys[name], f"`{name}` is no name of a node", "write a word without spaces, commas and arrows")
        if isinstance(value.value, str):
            if value.value not in roles:
                raise fault(value.location, f"`{value.value}` is no role", suggestion(value.value, roles))
            role, column, bands, positive = Role(value.value), name, (), None
        else:
            one = Fields(value, f"the node `{name}`")
            role = Role(one.text("role", choices=roles))
            column = one.text("column", name)
            bands = _bands(one)
            positive = _positive(one)
            one.text("description", "")
            one.close()
        if role is Role.LATENT:
            column = ""
        found[name] = Variable(name=name, role=role, column=column, bands=bands, positive=positive, location=node.keys[name])
    for needed in (Role.GROUP, Role.OUTCOME):
        if not any(variable.role is needed for variable in found.values()):
            raise fault(node.location, f"no node has the role `{needed.value}`", f"give one: `name: {needed.value}`")
    return found


def _bands(own: Fields) -> tuple[float, ...]:
    node = own.get("bands")
    if node is None:
        return ()
    items = node.value if isinstance(node.value, tuple) else ()
    ends = [item.value for item in items if isinstance(item.value, int | float) and not isinstance(item.value, bool)]
    if len(ends) < 2 or len(ends) != len(items) or sorted(set(ends)) != ends:
        raise fault(node.location, "`bands` are not ascending numbers", "write their ends, as in `[0, 1, 2.5, 100]`")
    return tuple(float(end) for end in ends)


def _positive(own: Fields) -> str | None:
    node = own.get("positive")
    if node is None:
        return None
    if isinstance(node.value, bool):
        return str(node.value).lower()
    if not isinstance(node.value, str | int | float):
        raise fault(node.location, "`positive` is not one value", "write a text, a number, `true` or `false`")
    return str(node.value)


def _edges(own: Fields, variables: Mapping[str, Variable]) -> dict[tuple[str, str], Location]:
    node = own.get("edges")
    items = () if node is None else node.value if isinstance(node.value, tuple) else (node,)
    if not items:
        where = own.node.location if node is None else node.location
        raise fault(where, "the graph has no `edges`", "add a list of lines such as `ses -> risk -> death`")
    found: dict[tuple[str, str], Location] = {}
    for item in items:
        if not isinstance(item.value, str) or "->" not in item.value:
            raise fault(item.location, "an edge is not written with an arrow", "write `cause -> effect`, or `a, b -> c -> d`")
        steps = [[name.strip() for name in part.split(",")] for part in item.value.split("->")]
        for name in (name for step in steps for name in step):
            if name not in variables:
                raise fault(item.location, f"`{name}` is not a node of this graph", suggestion(name, list(variables)))
        for causes, effects in pairwise(steps):
            for edge in ((cause, effect) for cause in causes for effect in effects):
                if edge[0] == edge[1]:
                    raise fault(item.location, f"`{edge[0]}` is drawn as a cause of itself", "remove the arrow")
                found.setdefault(edge, item.location)
    return found


def _acyclic(graph: Graph, edges: Mapping[tuple[str, str], Location]) -> None:
    """Report the arrow that closes a circle: the first one, in the order in which they are written."""
    drawn: set[tuple[str, str]] = set()
    for (cause, effect), where in edges.items():
        if cause in Graph(variables=graph.variables, edges=frozenset(drawn), location=where).descendants([effect]):
            raise fault(
                where,
                f"`{cause}` causes `{effect}`, which causes `{cause}`: the arrows form a circle",
                "draw what comes first, or tell two moments of it apart by two nodes",
            )
        drawn.add((cause, effect))


def _consistent(graph: Graph, edges: Mapping[tuple[str, str], Location]) -> None:
    """Roles and arrows must not contradict each other."""
    outcomes = graph.of_role(Role.OUTCOME)
    for (cause, effect), where in edges.items():
        source, target = graph.variables[cause].role, graph.variables[effect].role
        if target is Role.GROUP and source.value not in _ROLES_OF_GROUP_PARENTS:
            raise fault(
                where,
                f"`{cause}` ({source.value}) is drawn as a cause of the group `{effect}`",
                "turn the arrow around, or name what both have in common as a `latent` node",
            )
        if target is Role.BASELINE and (
            source not in (Role.BASELINE, Role.LATENT, Role.GROUP) or cause in graph.descendants(outcomes)
        ):
            raise fault(
                where,
                f"`{effect}` is called `baseline`, and `{cause}` ({source.value}) causes it",
                "give it the role of what it is, or remove the arrow",
            )
        if source is Role.OUTCOME and target not in (Role.SELECTION, Role.OUTCOME, Role.LATENT):
            raise fault(
                where,
                f"the outcome `{cause}` is drawn as a cause of `{effect}` ({target.value})",
                "what comes after the outcome cannot explain it: remove the arrow, or call it `selection`",
            )
