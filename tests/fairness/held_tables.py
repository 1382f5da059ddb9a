"""Tables in memory and policies about them, for tests."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import Any

from probatum.fairness.artefacts import read
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.semantics.decisions import count, groups
from probatum.fairness.semantics.memory import Held
from probatum.fairness.semantics.metrics import Confusion
from probatum.fairness.semantics.relation import opened
from probatum.source import Source


def policy_of(text: str) -> Policy:
    [policy] = read(Source("test.fairness.yaml", textwrap.dedent(text).encode()), {})
    return policy


def policy_about(decision: str, protected: str = "{g: g}") -> Policy:
    return policy_of(
        f"""\
        decision: {{table: t.csv, {decision}}}
        protected: {protected}
        require: [{{id: any, metric: selection_rate, over: {protected.strip("{}").split(":", 1)[0]}, at_most: 1}}]
        """
    )


def held(frame: Any) -> Held:
    return Held("t.csv", b"", frame)


def confusions(policy: Policy, frame: Any, *over: str) -> Mapping[str, Confusion]:
    with opened(held(frame)) as relation:
        return {name: Confusion.of(part) for name, part in groups(count(policy, relation).cube, over).items()}
