"""Repairs of fairness policies: another threshold for all, where one does and it is the policy that sets it.

The threshold is fitted on one half of the people, and proposed only if on the
other half the upper bound of the gap is within the policy, and if then no
requirement about groups is violated that was not before. What it costs, and
whom, says `probatum fairness repair`; so do repairs that need more than an edit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from probatum.errors import ProbatumError
from probatum.fairness.artefacts import Policy
from probatum.findings import Edit, Finding, Repair
from probatum.source import Text
from probatum.tools import Tools

if TYPE_CHECKING:
    from probatum.fairness.model.repairs.safety import Price


def propose(policy: Policy, finding: Finding, tools: Tools) -> Iterator[Repair]:
    """Yield another threshold for a gap between groups.

    Parameters
    ----------
    tools : Tools
        `inputs` has the policy's own file by its path, besides what rules get;
        nothing is proposed without it.
    """
    from probatum.fairness.artefacts.requirements.group import GroupRequirement
    from probatum.fairness.model.repairs.search import search
    from probatum.fairness.rules import group_gap
    from probatum.fairness.rules._tables import relation_of

    source = tools.inputs.get(policy.location.path)
    if source is None or source.digest != policy.digest or finding.rule != group_gap.RULE or policy.decision.threshold is None:
        return
    required = next((r for r in policy.of_kind(GroupRequirement) if r.id == finding.anchor[0]), None)
    over = next((o for o in required.over if "*".join(o) in finding.anchor), None) if required is not None else None
    if required is None or over is None:
        return
    try:
        with relation_of(policy, tools) as relation:
            found = search(policy, required, over, relation, seed=tools.seed, deadline=tools.deadline)
    except ProbatumError:
        return  # a table that repairs cannot be made for, such as a weighted one
    for one in found.candidates:
        if one.name != "threshold" or not one.passed:
            continue
        value = float(one.setting["threshold"])
        edit = _edit(source.text(), value)
        changed = replace(policy, decision=replace(policy.decision, threshold=value))
        before = {_about(o) for o in group_gap.check(policy, tools) if isinstance(o, Finding)}
        after = {_about(o) for o in group_gap.check(changed, tools) if isinstance(o, Finding)}
        if edit is not None and _about(finding) not in after and after <= before:
            yield Repair(title=f"decide by a threshold of {value:g}{_cost(one.price)}", edits=(edit,))


def _cost(price: Price) -> str:
    before, after = price.accuracy_before, price.accuracy_after
    return f": {after[0]:.1%} right instead of {before[0]:.1%}" if before is not None and after is not None else ""


def _about(finding: Finding) -> tuple[str, ...]:
    return (finding.subject, *finding.anchor)


def _edit(text: Text, value: float) -> Edit | None:
    from probatum.project.document import parse

    decision = parse(text, extra="fairness").value.get("decision")
    node = decision.value.get("threshold") if decision is not None else None
    if node is None or None in (node.location.line, node.location.column, node.location.end_line, node.location.end_column):
        return None
    where = node.location
    start = _offset(text.content, where.line, where.column)
    end = _offset(text.content, where.end_line, where.end_column)
    return Edit(text.path, text.digest, start, end, repr(value)) if text.content[start:end].strip() else None


def _offset(content: str, line: int, column: int) -> int:
    lines = content.splitlines(keepends=True)
    return sum(len(one) for one in lines[: line - 1]) + column - 1
