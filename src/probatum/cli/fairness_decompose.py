"""`probatum fairness decompose`: which part of a gap goes with which characteristics."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked
from probatum.errors import UsageError

if TYPE_CHECKING:
    from probatum.fairness.model.decomposition.everything import Everything
    from probatum.fairness.model.decomposition.sites import Profile, Profiles
    from probatum.fairness.model.decomposition.terms import Term

_ROUNDING = 1e-9  # far below what a table can tell of a rate or a mean
_SITES, _NAMED = 20, 5  # sites at most that are listed, and named in a line
_WARNING = "This describes who differs in what. It says nothing of causes: neither is what is left proof of discrimination, nor what is explained proof of its absence."


@click.command("decompose")
@click.argument("policy", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--requirement", metavar="ID", default=None, help="Only this requirement of `kind: decomposition`; default: all.")
@click.option("--details", is_flag=True, help="Show each characteristic and each site by itself.")
@asked.format_option("text", "json")
def command(*, policy: Path, requirement: str | None, details: bool, format: str) -> int:
    """Split gaps between groups by characteristics, in every way that applies.

    POLICY is a fairness policy with a requirement of `kind: decomposition`, which names the
    outcome, the groups and the covariates. Whether what is left is allowed is asked by `probatum check`.
    """
    from probatum.cli.fairness_files import policy_at, table_of
    from probatum.fairness.artefacts.requirements.decomposition import DecompositionRequirement
    from probatum.fairness.model.decomposition.everything import everything
    from probatum.fairness.semantics.relation import opened

    read = policy_at(policy)
    wanted = [one for one in read.of_kind(DecompositionRequirement) if requirement in (None, one.id)]
    if not wanted:
        what = "no requirement of `kind: decomposition`" if requirement is None else f"no decomposition `{requirement}`"
        raise UsageError(f"`{policy.name}` has {what}", help="add one under `require:`, with `over`, `outcome` and `covariates`")
    found = []
    with opened(table_of(read, policy)) as relation:
        for one in wanted:
            several = list(everything(read, one, relation))
            if not several:
                raise UsageError(
                    f"`{one.id}`: fewer than two groups have {read.min_cell} rows with nothing missing",
                    help="lower `min_cell`, or name covariates with fewer gaps",
                )
            found += several
    if format == "json":
        click.echo(json.dumps({"causal": False, "note": _WARNING, "decompositions": [_json(one) for one in found]}, indent=2))
    else:
        for each in found:
            click.echo("\n".join(_lines(each, details)))
        click.echo(_WARNING)
    return 0 if all(one.splits for one in found) else 3


def _json(one: Everything) -> dict[str, Any]:
    return {
        "requirement": one.requirement,
        "outcome": one.outcome,
        "groups": list(one.pair),
        "splits": [split.to_json() for split in one.splits],
        "refused": [{"method": name, "reason": why} for name, why in one.refused],
        "sensitivity": None if one.sensitivity is None else asdict(one.sensitivity),
        "e_value": None if one.e_value is None else asdict(one.e_value),
        "sites": None if one.profiles is None else asdict(one.profiles),
        "traps": [trap.to_json() for trap in one.traps],
    }


def _lines(one: Everything, details: bool) -> Iterator[str]:
    yield f"{one.requirement}: `{one.outcome}`, `{one.pair[0]}` less `{one.pair[1]}`"
    shown: set[str] = set()
    for split in one.splits:
        if "unexplained, first" in (term.name for term in split.terms) and shown and not details:
            part = split["unexplained"]
            yield f"  {split.method}: {_number(part.value).strip()} unexplained {_interval(part.low, part.high)}"
            continue
        shown.add(split.method)
        unit = f"{split.confidence:.0%}; n={split.n[0]:,} and {split.n[1]:,}"
        yield f"  {split.method} ({unit})"
        for term in split.terms:
            if term.name.startswith(("without counterpart", "unexplained, ")) and _nothing(term):
                continue
            yield f"    {term.name:34} {_number(term.value)} {_interval(term.low, term.high)}"
        for term in split.details:
            if (details or term.name.count(": ") < 2) and not _nothing(term):
                yield f"      {term.name:32} {_number(term.value)} {_interval(term.low, term.high)}"
        for note in split.notes:
            if note not in shown:
                yield f"    note: {note}"
            shown.add(note)
    assumptions = dict.fromkeys(text for split in one.splits for text in split.assumptions)
    if assumptions:
        yield f"  assuming: {'; '.join(assumptions)}"
    for name, why in one.refused:
        yield f"  no answer by {name}: {why}"
    if one.sensitivity is not None:
        own = one.sensitivity
        yield (
            f"  something not measured would account for what is left if it explained {own.robustness:.1%} of the rest of the "
            f"variance of both outcome and group ({own.robustness_significant:.1%} to bring it within chance)"
        )
        for mark in own.benchmarks:
            left = "more than all of it" if mark.adjusted is None else f"{_number(mark.adjusted).strip()} would be left"
            yield f"    if it were as strong as `{mark.block}`: {left}"
    if one.e_value is not None:
        yield (
            f"  as a ratio of risks, what is left needs something not measured that goes with group and outcome by a risk ratio of "
            f"{one.e_value.point:.2f} each ({one.e_value.limit:.2f} to bring it within chance; E-values, with the rate of `{one.pair[0]}` as observed)"
        )
    if one.profiles is not None:
        yield from _sites(one.profiles, one.splits[0].confidence if one.splits else 0.95, details)
    for trap in one.traps:
        yield f"  careful ({trap.name}): {trap.message}"
    yield ""


def _sites(own: Profiles, confidence: float, details: bool) -> Iterator[str]:
    """Yield which sites differ from what their cases let expect, and by how much more than chance."""
    out = sorted((site for site in own.sites if site.outside_all), key=_beyond, reverse=True)
    alone = sorted((site for site in own.sites if site.outside and not site.outside_all), key=_beyond, reverse=True)
    yield (
        f"  sites: {len(own.sites)}, of which {len(out)} differ from what their cases let expect "
        f"({confidence:.0%} limits for all at once); {own.reliability:.0%} of the variance between sites is not chance"
    )
    for site in own.sites if details else out[:_SITES]:
        where = f" {site.outside_all} the limits" if site.outside_all else ""
        yield (
            f"    `{site.site}`{where}: {site.events:,} of {site.cases:,} ({site.events / site.cases:.4g}), {site.expected:.4g} expected, "
            f"limits for all at once [{site.funnel_all[0]:.4g}, {site.funnel_all[1]:.4g}]; adjusted {site.adjusted:.4g} "
            f"[{site.low:.4g}, {site.high:.4g}] by itself, {site.shrunk:.4g} with what is chance taken out"
        )
    if len(out) > _SITES and not details:
        yield f"    and {len(out) - _SITES:,} more (`--details`)"
    if alone and not details:
        names = ", ".join(
            f"`{site.site}` {site.outside} ({site.events:,} of {site.cases:,}, {site.expected:.4g} expected)"
            for site in alone[:_NAMED]
        )
        more = f" and {len(alone) - _NAMED:,} more" if len(alone) > _NAMED else ""
        yield (
            f"    {len(alone)} more only beyond limits of their own, where chance puts up to {own.by_chance:.3g} if all are alike, "
            f"so none of them is shown to differ: {names}{more}"
        )


def _beyond(site: Profile) -> float:
    """Return how many standard errors a site is from what was expected."""
    return abs(site.events - site.cases * site.expected) / math.sqrt(site.cases * site.expected * (1 - site.expected))


def _nothing(term: Term) -> bool:
    """Whether a term is nought but for rounding."""
    return abs(term.value) < _ROUNDING and (term.se is None or abs(term.se) < _ROUNDING)


def _number(value: float) -> str:
    return f"{value:11.5g}"


def _interval(low: float | None, high: float | None) -> str:
    return "" if low is None or high is None else f"[{low:.4g}, {high:.4g}]"
