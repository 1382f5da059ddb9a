"""Reading a policy: what must be there, what may be, and what was probably meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from probatum.fairness.artefacts import preparation
from probatum.fairness.artefacts.attribute import Attribute
from probatum.fairness.artefacts.graph import Graph
from probatum.fairness.artefacts.graph import read as read_graph
from probatum.fairness.artefacts.policy import DecisionTable, Missing, Policy, Requirement
from probatum.fairness.artefacts.requirements import (
    adverse_impact,
    allocation,
    causal,
    decomposition,
    group,
    individual,
    measure,
    pairs,
    ranges,
    scores,
    slices,
    stream,
    treatment,
)
from probatum.project.document import Node, parse
from probatum.project.fields import Fields, fault
from probatum.source import Text


def read_policy(text: Text) -> Policy:
    """Read a policy.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with what to write instead.
    """
    root = Fields(parse(text, extra="fairness"), "the policy")
    decision = _decision(root)
    protected = _protected(root)
    missing = Missing(root.text("missing", Missing.OWN_GROUP.value, choices=[m.value for m in Missing]))
    alpha = root.number("alpha", 0.05, low=1e-9, high=0.5)
    min_cell = root.whole("min_cell", 20, low=1)
    name = root.text("name", "")
    node = root.get("graph")
    graph = None if node is None else read_graph(node)
    requirements = _requirements(root, protected, graph)
    root.text("schema", "", choices=["probatum-fairness/1"])
    root.text("description", "")
    prepared = preparation.read(root)
    root.close()
    return Policy(
        subject=name or text.path,
        location=root.node.location,
        decision=decision,
        protected=protected,
        missing=missing,
        min_cell=min_cell,
        alpha=float(alpha),
        requirements=requirements,
        digest=text.digest,
        preparation=prepared,
        graph=graph,
    )


def _decision(root: Fields) -> DecisionTable:
    node = root.get("decision")
    if node is None and _no_decisions(root):
        return DecisionTable(table="", location=root.node.location)
    if node is None:
        raise fault(
            root.node.location, "the policy has no `decision`", "say which table holds the decisions: `decision: {table: ...}`"
        )
    own = Fields(node, "`decision`")
    threshold = own.number("threshold", None)
    positive = own.get("positive")
    table = DecisionTable(
        table=own.text("table"),
        label=own.text("label", ""),
        decision=own.text("decision", ""),
        score=own.text("score", ""),
        threshold=None if threshold is None else float(threshold),
        positive=None if positive is None else _scalars(positive, "positive"),
        favourable=own.boolean("favourable", True),
        count=own.text("count", ""),
        weight=own.text("weight", ""),
        unit=own.text("unit", ""),
        cluster=own.text("cluster", ""),
        where=_where(own),
        location=node.location,
    )
    own.close()
    if table.decision and table.threshold is not None:
        raise fault(
            own.at("threshold"), "there is a column `decision` and a `threshold`", "keep the one by which decisions are made"
        )
    if table.threshold is not None and not table.score:
        raise fault(own.at("threshold"), "a `threshold` needs a `score`", "name the column of the score: `score: ...`")
    return table


def _no_decisions(root: Fields) -> bool:
    """Whether all that is required is about other things than a table of decisions."""
    required = root.get("require")
    items = required.value if required is not None and isinstance(required.value, tuple) else ()
    kinds = [item.value["kind"].value for item in items if isinstance(item.value, dict) and "kind" in item.value]
    return bool(items) and len(kinds) == len(items) and all(kind == "allocation" for kind in kinds)


def _scalar(node: Node, name: str) -> str | float | bool:
    if not isinstance(node.value, str | int | float | bool):
        raise fault(node.location, f"`{name}` is not one value", "write a text, a number, `true` or `false`")
    return node.value


def _scalars(node: Node, name: str) -> tuple[str | float | bool, ...]:
    """Return one value, or each of several: label and decision may have different words for the same."""
    items = node.value if isinstance(node.value, tuple) and node.value else (node,)
    return tuple(_scalar(item, name) for item in items)


def _where(own: Fields) -> Mapping[str, tuple[Any, ...]]:
    node = own.get("where")
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        raise fault(node.location, "`where` is not a mapping", "write `column: value`, or `column: [value, value]`")
    chosen: dict[str, tuple[Any, ...]] = {}
    for column, value in node.value.items():
        items = value.value if isinstance(value.value, tuple) else (value,)
        chosen[column] = tuple(_scalar(item, column) for item in items)
    return chosen


def _protected(root: Fields) -> Mapping[str, Attribute]:
    node = root.get("protected")
    if node is None and _no_decisions(root):
        return {}
    if node is not None and node.value and not isinstance(node.value, dict):
        raise fault(node.location, "`protected` is no mapping", "write `protected: {name: column}`, one line for each attribute")
    if node is None or not isinstance(node.value, dict) or not node.value:
        where = root.node.location if node is None else node.location
        raise fault(where, "the policy names no protected attribute", "add `protected:` with lines `name: column`")
    found: dict[str, Attribute] = {}
    for name, value in node.value.items():
        if "*" in name:
            raise fault(node.keys[name], f"`{name}` names an attribute", "intersections are written where groups are compared")
        if isinstance(value.value, str):
            found[name] = Attribute(name=name, column=value.value, location=value.location)
            continue
        own = Fields(value, f"the attribute `{name}`")
        found[name] = Attribute(
            name=name,
            column=own.text("column", name),
            bands=_bands(own),
            proxy=own.boolean("proxy", False),
            location=value.location,
        )
        own.close()
    return found


def _bands(own: Fields) -> tuple[float, ...]:
    node = own.get("bands")
    if node is None:
        return ()
    values = [item.value for item in node.value] if isinstance(node.value, tuple) else []
    numbers = all(isinstance(v, int | float) and not isinstance(v, bool) for v in values)
    if len(values) < 2 or not numbers or any(b <= a for a, b in pairwise(values)):
        raise fault(node.location, "`bands` are not ascending numbers", "write their ends, as in `[18, 25, 45, 120]`")
    return tuple(float(v) for v in values)


def _requirements(root: Fields, protected: Mapping[str, Attribute], graph: Graph | None) -> tuple[Requirement, ...]:
    node = root.get("require")
    if node is None or not isinstance(node.value, tuple) or not node.value:
        where = root.node.location if node is None else node.location
        raise fault(where, "the policy requires nothing", "add `require:` with a list of requirements")
    kinds = _kinds | {"causal": causal.reader(graph), "treatment": treatment.reader(graph)}
    found: list[Requirement] = []
    for item in node.value:
        own = Fields(item, "a requirement")
        name = own.text("id")
        own.what = f"the requirement `{name}`"
        if any(other.id == name for other in found):
            raise fault(own.at("id"), f"the identifier `{name}` occurs twice", "give each requirement its own")
        kind = own.text("kind", "group", choices=list(kinds))
        found.append(kinds[kind](name, own, protected))
        own.text("description", "")
        own.close()
    return tuple(found)


_kinds: dict[str, Callable[[str, Fields, Mapping[str, Attribute]], Requirement]] = {
    "group": group.read,
    "allocation": allocation.read,
    "adverse-impact": adverse_impact.read,
    "measure": measure.read,
    "scores": scores.read,
    "stream": stream.read,
    "pairs": pairs.read,
    "decomposition": decomposition.read,
    "slices": slices.read,
    "individual": individual.read,
    "ranges": ranges.read,
}
