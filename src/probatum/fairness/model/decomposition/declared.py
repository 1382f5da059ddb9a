"""Ways in which a decomposition misleads that a policy, its graph and its table tell, before anything is estimated."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from probatum.fairness.artefacts.graph import Role
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.decomposition import DecompositionRequirement
from probatum.fairness.model.decomposition.traps import Trap, missing_differs
from probatum.fairness.semantics.decisions import column_of
from probatum.fairness.semantics.design import Counted, Design
from probatum.fairness.semantics.leaks import known_too_late
from probatum.fairness.semantics.relation import Relation


def declared(policy: Policy, required: DecompositionRequirement, relation: Relation) -> Iterator[Trap]:
    """Yield what holds for all groups of a requirement."""
    for column in required.columns:
        if column in required.post_decision:
            message = f"`{column}` comes after the decision: at equal values of it, groups are compared by its effects"
            yield Trap(name="post-decision", message=message, facts={"column": column})
    yield from _late(policy, required, relation)
    yield from _drawn(policy, required)
    for attribute in required.over:
        if policy.protected[attribute].proxy:
            message = f"`{attribute}` is guessed from something else, so that gaps are those between guesses"
            yield Trap(name="guessed-group", message=message, facts={"attribute": attribute})
    yield from _forks(policy, required)
    yield from _reused(policy, relation)


def _late(policy: Policy, required: DecompositionRequirement, relation: Relation) -> Iterator[Trap]:
    """A covariate has a time stamp after that of the decision."""
    prepared = policy.preparation
    for column in required.columns if prepared is not None else ():
        if prepared is None or column not in prepared.known_at:
            continue
        late, rows = known_too_late(policy, relation, column)
        if late:
            message = f"in {late:,} of {rows:,} rows `{column}` was known only after the decision, which may have moved it"
            yield Trap(name="post-decision", message=message, facts={"column": column, "late": late, "rows": rows})


def _drawn(policy: Policy, required: DecompositionRequirement) -> Iterator[Trap]:
    """The graph says that a covariate is an effect of outcome or group, or that rows were selected by a common effect."""
    graph = policy.graph
    if graph is None:
        return
    columns = {variable.column: name for name, variable in graph.variables.items() if variable.column}
    groups = [
        name for name in graph.of_role(Role.GROUP) if name in required.over or graph.variables[name].column in required.over
    ]
    outcome = columns.get(required.outcome or policy.decision.decision or policy.decision.label, "")
    after = graph.descendants([outcome]) if outcome else frozenset()
    moved = graph.descendants(groups)
    for column in required.columns:
        name = columns.get(column, "")
        if name in after:
            message = (
                f"`{column}` is an effect of the outcome in the graph: at equal values of it, groups are compared by its effects"
            )
            yield Trap(name="post-decision", message=message, facts={"column": column})
        elif name in moved:
            by = groups[0]
            message = (
                f"`{by}` moves `{column}` in the graph: what goes through it counts as explained, and is part of the disparity"
            )
            yield Trap(name="mediator", message=message, facts={"column": column, "group": by})
    selected = {*graph.of_role(Role.SELECTION), *(columns[c] for c in policy.decision.where if c in columns)} - set(groups)
    for name in sorted(selected):
        causes = graph.ancestors([name]) & moved | {group for group in groups if name in graph.descendants([group])}
        others = graph.ancestors([name]) - causes - set(groups)
        if causes and (others or name in after):
            message = (
                f"rows were selected by `{name}`, a common effect of {', '.join(f'`{one}`' for one in sorted(causes | others)[:4])}: "
                "among those who are left, its causes hang together (a collider)"
            )
            yield Trap(name="collider", message=message, facts={"selected": name, "causes": sorted(causes | others)})


def _forks(policy: Policy, required: DecompositionRequirement) -> Iterator[Trap]:
    """The policy decomposes the same gap in several ways, of which one can be chosen after the fact."""
    same = [
        other
        for other in policy.of_kind(DecompositionRequirement)
        if (other.over, other.outcome) == (required.over, required.outcome)
        and (not other.between or not required.between or set(other.between) == set(required.between))
    ]
    if len(same) > 1:
        ids = ", ".join(f"`{one.id}`" for one in same[:5])
        yield Trap(
            name="forking-paths",
            message=f"the policy decomposes this gap in {len(same)} ways ({ids}): report all of them, or the one that was registered "
            f"before the data were seen (this policy is {policy.digest[:12]})",
            facts={"requirements": [one.id for one in same], "policy": policy.digest},
        )


def _reused(policy: Policy, relation: Relation) -> Iterator[Trap]:
    """Decisions on rows that the model was trained on, or that its threshold was chosen on, are not those on new people."""
    prepared, table = policy.preparation, policy.decision
    if prepared is None or not prepared.split:
        return
    column = f"cast({column_of(prepared.split, relation, prepared.location)} as varchar)"
    kept = table.where.get(prepared.split)
    used = [prepared.train, *([prepared.threshold_from] if prepared.threshold_from else [])]
    counted = {row["v"]: int(row["n"]) for row in relation.sql(f"select {column} as v, count(*) as n from {{table}} group by v")}  # noqa: S608 - quoted
    for part in dict.fromkeys(used):
        rows = counted.get(part, 0) if kept is None or part in {str(one) for one in kept} else 0
        if rows:
            what = "the model was trained on" if part == prepared.train else "the threshold was chosen on"
            yield Trap(
                name="test-data-reused",
                message=f"{rows:,} rows are of `{part}`, which {what}: decisions about them are not those about people who were not seen",
                facts={"split": part, "rows": rows},
            )


def absent(
    design: Design, relation: Relation, counted: Mapping[str, Counted], pair: tuple[str, str], *, confidence: float
) -> Iterator[Trap]:
    """Yield whether rows are lost unequally: to anything missing, and to outcomes that were not awaited (censoring)."""
    rows = (counted[pair[0]].rows, counted[pair[1]].rows)
    complete = (counted[pair[0]].complete, counted[pair[1]].complete)
    yield from missing_differs(complete, rows, pair, confidence=confidence)
    many = f"cast({design.many} as bigint)" if design.many else "1"
    seen = {
        str(row["g"]): int(row["n"] or 0)
        for row in relation.sql(
            f"select {design.group} as g, sum(case when isfinite({design.outcome}) then {many} else 0 end) as n "  # noqa: S608 - quoted
            f"from {{table}} where {design.where} group by g"
        )
    }
    for trap in missing_differs((seen.get(pair[0], 0), seen.get(pair[1], 0)), rows, pair, confidence=confidence):
        yield Trap(
            name="censoring",
            message=trap.message.replace("something is missing", "the outcome is not known", 1),
            facts=trap.facts,
        )
