"""The table of a policy, opened and counted once for all that a rule asks of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts import beside
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.semantics.cube import Cube
from probatum.fairness.semantics.decisions import Counted, count, groups
from probatum.fairness.semantics.relation import Relation, opened
from probatum.source import DATA
from probatum.tools import Tools


class Compares(Protocol):
    """A requirement that compares the groups of attributes, or of intersections of attributes."""

    @property
    def over(self) -> tuple[tuple[str, ...], ...]:
        """The attributes."""
        ...


R = TypeVar("R", bound=Compares)


@dataclass(frozen=True, slots=True)
class Table:
    """The table of a policy, open and counted."""

    relation: Relation
    counted: Counted

    def groups(self, over: tuple[str, ...]) -> Mapping[str, Cube]:
        """Return the counts of each group."""
        return groups(self.counted.cube, over)


@contextmanager
def table_of(policy: Policy, tools: Tools, *, given: Iterable[str] = ()) -> Iterator[Table]:
    """Open and count the table of a policy, also by the columns `given`; raises as `relation_of` does."""
    with relation_of(policy, tools) as relation:
        yield Table(relation, count(policy, relation, given=sorted(given)))


def each_attribute(policy: Policy, wanted: Sequence[R], tools: Tools) -> Iterator[tuple[R, tuple[str, ...], Relation]]:
    """Yield each requirement with each of its attributes, and the table, opened once; raises as `relation_of` does."""
    if not wanted:
        return
    with relation_of(policy, tools) as relation:
        for required in wanted:
            for over in required.over:
                tools.deadline.check()
                yield required, over, relation


@contextmanager
def relation_of(policy: Policy, tools: Tools) -> Iterator[Relation]:
    """Open the table of a policy.

    Raises
    ------
    UnreadableArtefact
        If it does not exist, or is not what the policy says.
    """
    name = policy.decision.table
    place = beside(policy.location.path, name)
    source = tools.inputs.get(DATA + place) if place is not None else None
    if source is None:
        outside = place is None
        raise UnreadableArtefact(
            f"the table `{name}` is {'outside the checked directory' if outside else 'not there'}",
            help="name a table inside the checked directory, by its path relative to the policy",
            location=policy.decision.location,
        )
    with opened(source) as relation:
        yield relation
