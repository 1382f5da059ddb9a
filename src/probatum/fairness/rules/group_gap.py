"""A quantity differs between groups by more than the policy allows.

## What it finds
Two groups, or a group and all others, whose rates (of favourable decisions, of
errors of one kind) differ by more than the policy's bound, whatever chance did: the
lower bound of the gap, which holds for all groups, strata, quantities and attributes
of the requirement together, is beyond it.

## Why it matters
A gap that chance does not explain goes on with every decision that is made.

## Evidence
`Estimate`: the gap, with bounds that are valid for all groups at once, and the counts
from which they follow. They are exact where rows are independent and count alike. With
weights, clusters or several rows of one person they rest on effective counts.

## Not found
Why groups differ: see `probatum fairness decompose`. Groups that the policy does
not name.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.evidence import Estimate
from probatum.fairness.artefacts.policy import Missing, Policy
from probatum.fairness.artefacts.requirements.group import Compare, GroupRequirement, family
from probatum.fairness.model.gaps import Found, Gap, Verdict, judge, rates_of
from probatum.fairness.rules._about import About
from probatum.fairness.rules._names import by, short, tells
from probatum.fairness.rules._tables import Table, table_of
from probatum.fairness.semantics.metrics import RATES, Rate
from probatum.fairness.semantics.samples import Stratum, strata
from probatum.findings import Outcome
from probatum.tools import Tools

RULE = "fairness/group-gap"
_NAMED = 5  # small groups that an assumption names


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a verdict for each quantity and each attribute of each requirement."""
    wanted = policy.of_kind(GroupRequirement)
    if not wanted:
        return
    with table_of(policy, tools, given={column for requirement in wanted for column in requirement.given}) as table:
        for requirement in wanted:
            for metric in requirement.metrics:
                for over in requirement.over:
                    yield _verdict(policy, table, requirement, RATES[metric], over)
                    tools.deadline.check()


def _verdict(policy: Policy, table: Table, requirement: GroupRequirement, rate: Rate, over: tuple[str, ...]) -> Outcome:
    if rate.needs_label and not policy.decision.label:
        raise UnreadableArtefact(
            f"the {rate.title} needs to be compared with what turned out to be true",
            help="name the column: `label: ...` under `decision`",
            location=requirement.location,
        )
    compared, small = _large_enough(
        strata(policy, table.relation, table.counted.cube, rate, over=over, given=requirement.given), policy.min_cell
    )
    about = About(
        rule=RULE,
        subject=f"{policy.subject}: {requirement.id}",
        location=requirement.location,
        anchor=(requirement.id, rate.name, "*".join(over)),
        assumptions=(*_sampling(policy, compared), *_left_out(small, policy.min_cell), *_chosen(policy)),
    )
    if not compared:
        return about.undecided(
            f"fewer than two groups of {' and '.join(over)} have at least {policy.min_cell} rows for the {rate.title}"
        )
    claims = family(requirement)
    gap = judge(compared, requirement.compare, requirement.bound, alpha=policy.alpha, family=claims)
    evidence = Estimate(
        method="fairness/gap/1",
        quantity=f"largest {requirement.compare.value} of the {rate.title} between groups of {' and '.join(over)}"
        if requirement.compare is Compare.DIFFERENCE
        else f"smallest ratio of the {rate.title} between groups of {' and '.join(over)}",
        value=gap.value,
        low=gap.low,
        high=gap.high,
        confidence=1 - policy.alpha,
        family=claims * sum(len(stratum.groups) for stratum in compared),
        counts={
            "requirement": requirement.id,
            "verdict": gap.verdict.value,
            "metric": rate.name,
            "over": list(over),
            "compare": requirement.compare.value,
            "claims": claims,
            "strata": [_written(stratum) for stratum in compared],
            "least": _bound(gap.least),
            "most": {name: value for name, value in _bound(gap.most).items() if name in ("value", "levels")},  # of all pairs
        },
        sampling="rows of the table",
    )
    shown = _Sentence(policy, requirement, rate, over, compared[gap.stratum], gap)
    match gap.verdict:
        case Verdict.VIOLATED:
            cause = f"decisions differ by {' and '.join(over)} more than `{requirement.id}` allows ({requirement.bound:g})"
            return about.found(shown.violated(), evidence=evidence, cause=cause)
        case Verdict.SATISFIED:
            return about.cleared(shown.satisfied(), evidence=evidence)
        case _:
            return about.undecided(shown.undecided())


def _large_enough(found: Sequence[Stratum], least: int) -> tuple[list[Stratum], list[str]]:
    """Return strata with the groups that are compared, and what is not."""
    compared: list[Stratum] = []
    small: list[str] = []
    for stratum in found:
        place = f" in `{', '.join(stratum.where.values())}`" if stratum.where else ""
        own = {name: sample for name, sample in stratum.groups.items() if sample.rows >= least}
        small += [f"`{name}`{place} ({s.rows})" for name, s in sorted(stratum.groups.items()) if s.rows < least]
        if len(own) >= 2:
            compared.append(replace(stratum, groups=own))
        else:
            small += [f"`{name}`{place} (nothing to compare it with)" for name in sorted(own)]
    return compared, small


def _left_out(small: Sequence[str], least: int) -> tuple[str, ...]:
    if not small:
        return ()
    more = f" and {len(small) - _NAMED:,} more" if len(small) > _NAMED else ""
    return (f"groups with fewer than {least} rows are not compared: {', '.join(small[:_NAMED])}{more}",)


def _sampling(policy: Policy, compared: Sequence[Stratum]) -> tuple[str, ...]:
    """Return what the bounds rest on."""
    table = policy.decision
    cluster = table.cluster or table.unit
    if not cluster and not table.weight:
        return ("rows are independent",)
    what = f"rows with different `{cluster}` are independent" if cluster else "rows are independent"
    if not compared:
        return (what,)
    fewest = min(sample.degrees for stratum in compared for sample in stratum.groups.values()) + 1
    return (what, f"variances are estimated, from at least {fewest:,} {'clusters' if cluster else 'rows'} of each group")


def _chosen(policy: Policy) -> tuple[str, ...]:
    if policy.missing is Missing.BOUNDS:
        return ("rows without an attribute may belong to any group",)
    return ()


def _written(stratum: Stratum) -> dict[str, Any]:
    exact = all(not sample.degrees for sample in stratum.groups.values())
    groups = {name: [s.hits, s.trials] if exact else [s.hits, s.trials, s.mass, s.degrees] for name, s in stratum.groups.items()}
    return {"where": dict(stratum.where), "groups": groups, "unknown": list(stratum.unknown), "shared": stratum.shared}


def _bound(found: Found) -> dict[str, Any]:
    own = found.levels
    critical = {"pairs": own.pairs, "others": own.others, "alone": own.alone}
    return {
        "value": found.value,
        "stratum": found.stratum,
        "pair": list(found.pair),
        "levels": {name: None if value == math.inf else value for name, value in critical.items()},
    }


class _Sentence:
    """What is said of a gap."""

    def __init__(  # noqa: PLR0917 - what a sentence is about
        self,
        policy: Policy,
        requirement: GroupRequirement,
        rate: Rate,
        over: tuple[str, ...],
        stratum: Stratum,
        gap: Gap,
    ) -> None:
        self.rate, self.over, self.stratum, self.gap = rate, " and ".join(over), stratum, gap
        self.difference = requirement.compare is Compare.DIFFERENCE
        self.sure = f"{1 - policy.alpha:.0%}"
        self.where = f"in {short(', '.join(stratum.where.values()))}, " if stratum.where else ""
        # A number, a range or one letter means nothing without the attribute that has it.
        told = all(name is None or tells(name) for name in gap.pair)
        self.by = "" if told else f"{by(over)} "
        self.named = {name: "the others" if name is None else short(name) for name in gap.pair}
        self.more, self.less = (self.named[name] for name in gap.pair)

    def violated(self) -> str:
        """Return who differs, and by how much at least."""
        what = f"{self.where}the {self.rate.title}"
        if self.difference:
            more, less = self._pair(self.gap.pair)
            return f"{what} {more} is above that {less} by at least {self.gap.low:.1%} ({self.sure}; {self._seen()})"
        less, more = self._pair(self.gap.pair[::-1])
        return f"{what} {less} is at most {self.gap.high:.0%} of that {more} ({self.sure}; {self._seen()})"

    def _pair(self, pair: tuple[str | None, str | None]) -> tuple[str, str]:
        """Return whom two rates are of: `of A` and `of B`, or `where race is 5` and `where it is 7`."""
        if not self.by:
            one, other = (f"of {self.named[name]}" for name in pair)
            return one, other
        again = "they are " if self.by.endswith("are ") else "it is "
        said: list[str] = []
        for name in pair:
            known = any("where" in part for part in said)
            said.append("of the others" if name is None else f"where {again if known else self.by}{self.named[name]}")
        return said[0], said[1]

    def satisfied(self) -> str:
        """Return how far apart any two groups are at most."""
        much = f"at most {self.gap.high:.1%}" if self.difference else f"at least {self.gap.low:.0%}"
        compared = "difference" if self.difference else "ratio"
        strata = " in each stratum" if self.stratum.where else ""
        return f"the {compared} of the {self.rate.title} between groups of {self.over} is {much}{strata} ({self.sure})"

    def undecided(self) -> str:
        """Return what is not known, and how many rows would tell."""
        need = f"; about {self.gap.needed:,} rows of each would decide" if self.gap.needed else ""
        by = f" ({self.by.rsplit(' ', 2)[0]})" if self.by else ""
        what = f"{self.where}the {self.rate.title} of {self.more} and {self.less}{by}"
        return f"{what} may or may not differ by more than allowed ({self._seen()}){need}"

    def _seen(self) -> str:
        rates = rates_of(self.stratum)
        parts = []
        for name, other in (self.gap.pair, self.gap.pair[::-1]):
            own = [name] if name is not None else [n for n in self.stratum.groups if n != other]
            rows = sum(self.stratum.groups[n].rows for n in own)
            mass = sum(self.stratum.groups[n].mass for n in own)
            parts.append(f"{sum(rates[n] * self.stratum.groups[n].mass for n in own) / mass:.1%} of {rows:,}")
        return " and ".join(parts)
