"""The share of a region where decisions differ between twins: boxes are walked again in exact fractions, and their sizes added."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from probatum.evidence import CONFIRMED, Evidence, Proof, Recheck
from probatum.fairness.artefacts import Policy, beside
from probatum.fairness.artefacts.models import content_of, read_model
from probatum.fairness.artefacts.models.model import Leaf, Linear, Model, Node, Split, TreeSum
from probatum.fairness.artefacts.requirements.individual import IndividualRequirement, Over
from probatum.fairness.artefacts.twins import Domain, Output, Twins
from probatum.fairness.recheck.twins import domain_asked
from probatum.fairness.semantics.region import Cell, weights
from probatum.fairness.semantics.relation import Relation, opened
from probatum.fairness.semantics.rounding import rounding_of
from probatum.fairness.semantics.scoring import goes_left, linked, raw_score
from probatum.source import DATA, Source, digest_of

_NEARLY_ZERO = 1e-34  # beyond what any library takes for zero
_LOGISTIC = 1e-13
_WIDEST = 1000  # whole numbers of one cell of a test of categories

Box = tuple[tuple[int, int], ...]


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute that decisions differ in at least, or at most, a share of the domain."""
    if not isinstance(evidence, Proof):
        return Recheck("refuted", "a share is proved")
    claim = evidence.certificate
    required = next((r for r in policy.of_kind(IndividualRequirement) if r.id == claim["requirement"]), None)
    if required is None or required.share is None:
        return Recheck("refuted", f"the policy asks for no share in `{claim['requirement']}`")
    source = inputs.get(DATA + (beside(policy.location.path, required.model) or ""))
    if source is None:
        return Recheck("cannot", f"the model `{required.model}` is not there")
    content = content_of(source)
    model, told = read_model(content), claim["share"]
    threshold = required.threshold if required.threshold is not None else policy.decision.threshold
    if (
        told["model"] != content.digest
        or Domain.from_json(told["domain"]) != domain_asked(policy, required, model, inputs)
        or Twins.from_json(told["twins"]) != required.twins
        or told["threshold"] != (0.5 if threshold is None else threshold)
        or told["over"] != required.over.value
    ):
        return Recheck("refuted", "the share is of another model, of other people, or of other decisions")
    if required.over is Over.UNIFORM:
        found = walk(model, told, None)
    else:
        table = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
        if table is None:
            return Recheck("cannot", f"the table `{policy.decision.table}` is not there")
        with opened(table) as relation:
            found = walk(model, told, relation)
    if found is not CONFIRMED:
        return found
    lower, upper = (Fraction(int(told[end][0]), int(told[end][1])) for end in ("lower", "upper"))
    bound = Fraction(required.share)
    follows = {"violated": lower > bound, "satisfied": upper <= bound}
    return CONFIRMED if follows.get(claim["verdict"], False) else Recheck("refuted", "the verdict does not follow from the share")


def walk(model: Model, certificate: Mapping[str, Any], relation: Relation | None) -> Recheck:
    """Walk the boxes: each must be as it is said to be, and their sizes must add up to the bounds."""
    body = {key: value for key, value in certificate.items() if key != "digest"}
    if certificate["digest"] != digest_of(body) or certificate["schema"] != "probatum-share/1":
        return Recheck("refuted", "the boxes were altered")
    domain, twins = Domain.from_json(certificate["domain"]), Twins.from_json(certificate["twins"])
    axes = {one["name"]: _cells(one["cells"]) for one in certificate["axes"]}
    free = {one["name"]: _cells(one["cells"]) for one in certificate["free"]}
    if not isinstance(model, TreeSum | Linear) or twins.tolerance or twins.more:
        return Recheck("refuted", "no share is known of such models or twins")
    if set(free) != set(twins.vary) or set(axes) | set(free) != {*domain.features, *domain.one_hot} or set(axes) & set(free):
        return Recheck("refuted", "the boxes are not of the model's features")
    for name, cells in free.items():
        if isinstance(model, TreeSum):
            weights(name, cells, domain, Over.UNIFORM, None)  # all of the range, each value once
        elif not _corners(name, cells, domain):
            return Recheck("refuted", f"twins may differ in `{name}` in more ways than are tried")
    sums = []
    for name, cells in axes.items():
        own = weights(name, cells, domain, Over(certificate["over"]), relation)
        sums.append([Fraction(0), *itertools.accumulate(own)])
    region = _Region(model, domain, certificate["threshold"], axes, free)
    differ = unknown = Fraction(0)
    todo: list[tuple[Box, Any]] = [(tuple((0, len(cells)) for cells in axes.values()), region.whole())]
    for step in certificate["boxes"]:
        box, state = todo.pop()
        if isinstance(step, str):
            size = math.prod((s[b] - s[a] for s, (a, b) in zip(sums, box, strict=True)), start=Fraction(1))
            if step == "open":
                unknown += size
            elif region.label(box, state) != step:
                return Recheck("refuted", f"it does not follow from the model that decisions {step} in the box {list(box)}")
            elif step == "differ":
                differ += size
            continue
        axis, cut = step
        first, end = box[axis]
        if not first < cut < end:
            return Recheck("refuted", "a box is divided outside of itself")
        for ends in ((cut, end), (first, cut)):
            part = (*box[:axis], ends, *box[axis + 1 :])
            todo.append((part, region.narrowed(state, part)))
    found = {"lower": differ, "upper": differ + unknown}
    if todo or any(certificate[name] != [str(end.numerator), str(end.denominator)] for name, end in found.items()):
        return Recheck("refuted", f"the share is between {float(differ):.6g} and {float(differ + unknown):.6g}")
    return CONFIRMED


def _cells(stored: Sequence[Sequence[float | None]]) -> tuple[Cell, ...]:
    return tuple((math.nan if low is None else low, math.nan if high is None else high) for low, high in stored)


def _corners(name: str, cells: Sequence[Cell], domain: Domain) -> bool:
    """Whether a weighted sum is largest and smallest at what is tried."""
    own = domain.features.get(name)
    if own is None:
        return list(cells) == [(float(n), float(n)) for n in range(len(domain.one_hot[name]))]
    values = getattr(own, "values", None) or (own.low, own.high)  # type: ignore[union-attr]  # a range has ends, a list values
    return not own.missing and {min(values), max(values)} <= {low for low, high in cells if low == high}


@dataclass(slots=True)
class _Region:
    model: TreeSum | Linear
    domain: Domain
    threshold: float
    axes: Mapping[str, Sequence[Cell]]
    free: Mapping[str, Sequence[Cell]]
    slack: Fraction = field(init=False)
    at: dict[int, tuple[int, int, int]] = field(init=False)  # column -> axis (then free ones), place in a group, size of it
    both: list[tuple[str, Sequence[Cell]]] = field(init=False)
    sides: dict[int, list[bool]] = field(init=False)
    options: list[tuple[int, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self.slack = Fraction(rounding_of(self.model, self.domain, Output.RAW))
        self.both = [*self.axes.items(), *self.free.items()]
        self.at, self.sides = {}, {}
        column = {name: n for n, name in enumerate(self.model.features)}
        for n, (name, _) in enumerate(self.both):
            group = self.domain.one_hot.get(name, (name,))
            for place, one in enumerate(group):
                self.at[column[one]] = n, place, len(group)
        self.options = list(itertools.product(*(range(len(cells)) for cells in self.free.values())))

    def whole(self) -> list[Node]:
        return list(self.model.trees) if isinstance(self.model, TreeSum) else []

    def narrowed(self, trees: list[Node], box: Box) -> list[Node]:
        return [self._short(tree, box) for tree in trees]

    def _short(self, node: Node, box: Box) -> Node:
        """Leave out the tests that say one thing in a box."""
        while isinstance(node, Split):
            axis = self.at[node.feature][0]
            if axis >= len(box):
                break
            left = {self._left(node, cell) for cell in range(*box[axis])}
            if len(left) > 1:
                break
            node = node.left if left == {True} else node.right
        return node

    def _left(self, split: Split, cell: int) -> bool:
        own = self.sides.get(id(split))
        if own is None:
            axis, place, size = self.at[split.feature]
            cells = self.both[axis][1]
            ends = [(float(n == place),) if size > 1 else _probes(split, *one) for n, one in enumerate(cells)]
            said = [{goes_left(split, end, self.model.rounding) for end in one} for one in ends]  # type: ignore[union-attr]  # only trees have tests
            if any(len(one) > 1 for one in said):
                raise ValueError("a test tells values of one cell apart")
            own = self.sides[id(split)] = [one == {True} for one in said]
        return own[cell]

    def label(self, box: Box, trees: list[Node]) -> str:
        above = below = 0
        for option in self.options:
            low, high = self._bounds(box, trees, option)
            if isinstance(self.model, TreeSum) and low is high:
                positive = linked(self.model.link, raw_score(self.model, self._row(box, option))) >= self.threshold
                above, below = above + positive, below + (not positive)
                continue
            link, room = self.model.link, Fraction(_LOGISTIC)
            above += Fraction(linked(link, float(low - self.slack))) - room >= self.threshold
            below += Fraction(linked(link, float(high + self.slack))) + room < self.threshold
        if above and below:
            return "differ"
        return "alike" if len(self.options) in (above, below) else "open"

    def _bounds(self, box: Box, trees: list[Node], option: tuple[int, ...]) -> tuple[Fraction, Fraction]:
        whole = (*box, *((cell, cell + 1) for cell in option))
        if isinstance(self.model, Linear):
            low = high = Fraction(self.model.intercept)
            for (name, cells), (a, b) in zip(self.both, whole, strict=True):
                added = [self._added(name, cells, cell, end) for cell in range(a, b) for end in (0, 1)]
                low, high = low + min(added), high + max(added)
            return low, high
        base, divisor = Fraction(self.model.base), self.model.divisor
        low = high = base
        settled = True
        inside = [tuple(range(*ends)) for ends in whole]
        for tree in trees:
            reached = set(self._reached(tree, inside))
            settled = settled and len(reached) == 1
            low, high = low + Fraction(min(reached)), high + Fraction(max(reached))
        low = low / divisor
        return (low, low) if settled else (low, high / divisor)

    def _reached(self, node: Node, cells: list[tuple[int, ...]]) -> Iterator[float]:
        """Values that a tree gives to someone in these cells of each axis."""
        if isinstance(node, Leaf):
            yield node.value
            return
        axis = self.at[node.feature][0]
        for child, side in ((node.left, True), (node.right, False)):
            kept = tuple(cell for cell in cells[axis] if self._left(node, cell) is side)
            if kept:
                yield from self._reached(child, [*cells[:axis], kept, *cells[axis + 1 :]])

    def _added(self, name: str, cells: Sequence[Cell], cell: int, end: int) -> Fraction:
        assert isinstance(self.model, Linear)  # noqa: S101 - only these are added up
        group = self.domain.one_hot.get(name)
        column = {one: n for n, one in enumerate(self.model.features)}
        if group is not None:
            return Fraction(self.model.weights[column[group[cell]]])
        return Fraction(self.model.weights[column[name]]) * Fraction(cells[cell][end])

    def _row(self, box: Box, option: tuple[int, ...]) -> tuple[float, ...]:
        chosen = [*(first for first, _ in box), *option]
        row = []
        for n in range(len(self.model.features)):
            axis, place, size = self.at[n]
            row.append(float(chosen[axis] == place) if size > 1 else self.both[axis][1][chosen[axis]][1])
        return tuple(row)


def _probes(split: Split, low: float, high: float) -> tuple[float, ...]:
    """Values of a cell that a test would tell apart if it told any apart: it is one of order, but about zero and of categories."""
    if math.isnan(low) or low == high:
        return (low,)
    about_zero = [one for one in (-_NEARLY_ZERO, 0.0, _NEARLY_ZERO) if low < one < high]
    if split.categories is None:
        return (low, high, *about_zero)
    if high - low > _WIDEST:
        raise ValueError("a cell of categories is too wide")
    return (low, high, *about_zero, *map(float, range(math.ceil(low), math.floor(high) + 1)))
