"""`probatum fairness slices`: who fares worst, found in one half of the people and confirmed in the other."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked

if TYPE_CHECKING:
    from probatum.fairness.artefacts.policy import Policy
    from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
    from probatum.fairness.model.slices.search import Answer


@click.command("slices")
@click.argument("policy", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--require", "wanted", metavar="ID", default="", help="One requirement of the policy; default: all about slices.")
@click.option("--matched", metavar="ATTRIBUTE=A:B", default="", help="Compare two groups, alike in what `--on` names.")
@click.option("--on", metavar="COLUMN", multiple=True, help="What the groups are matched on; numbers are matched in bins.")
@asked.format_option("text", "json")
def command(*, policy: Path, wanted: str, matched: str, on: tuple[str, ...], format: str) -> int:
    """Show the slices that were found, and what the other half says of each.

    POLICY is a fairness policy with a requirement of `kind: slices`; it need not
    be violated for slices to be shown.
    """
    from probatum.cli.fairness_files import policy_at, table_of
    from probatum.errors import UsageError
    from probatum.fairness.artefacts.requirements.slices import SlicesRequirement
    from probatum.fairness.model.gaps import Verdict
    from probatum.fairness.model.slices.search import search
    from probatum.fairness.semantics.relation import opened
    from probatum.fairness.semantics.unknown import refuse, sliced_by

    read = policy_at(policy)
    chosen = [r for r in read.of_kind(SlicesRequirement) if wanted in ("", r.id)]
    if not chosen:
        raise UsageError(
            f"`{policy.name}` has no requirement about slices" + (f" called `{wanted}`" if wanted else ""),
            help="add `- {id: worst-slice, kind: slices, metric: error, at_most_excess: 0.1}` under `require`",
        )
    told: list[dict[str, Any]] = []
    with opened(table_of(read, policy)) as relation:
        for required in chosen:
            if matched:
                told.append(_compared(read, required, relation, matched, on))
            else:
                refuse(read, relation, sliced_by(read, required))
                told.append(_told(read, required, search(read, required, relation)))
    if format == "json":
        click.echo(json.dumps(told, indent=2))
    else:
        for one in told:
            _write_matched(one) if matched else _write(one)
    verdicts = {one["verdict"] for one in told}
    if matched or verdicts == {Verdict.SATISFIED.value}:
        return 0
    return 1 if Verdict.VIOLATED.value in verdicts else 3


def _told(policy: Policy, required: SlicesRequirement, answer: Answer) -> dict[str, Any]:
    from probatum.fairness.model.slices.pooling import shrunk
    from probatum.fairness.semantics.items import title_of

    def finite(value: float) -> float | None:
        return value if math.isfinite(value) else None

    def slice_of(one: Any) -> dict[str, Any]:
        seen = one.confirmed
        return {
            "slice": one.text,
            "definition": dict(one.definition),
            "rows": seen.rows,
            "clusters": seen.clusters,
            "loss": finite(seen.a / seen.b) if seen.b else None,
            "excess": finite(seen.excess),
            "low": finite(one.low),
            "p": one.p,
            "adjusted_p": one.adjusted,
            "found_excess": finite(one.found.excess),
            "confirmed": one in answer.shown,
        }

    rows = [slice_of(one) for one in answer.slices]
    if answer.slices and all(one.confirmed.exact for one in answer.slices):
        pooled = shrunk([(one.confirmed.a, one.confirmed.b) for one in answer.slices])
        for row, value in zip(rows, pooled, strict=True):
            row["pooled"] = value  # for display only: claims are made of what is not pooled
    top = answer.highest
    return {
        "requirement": required.id,
        "loss": title_of(required),
        "verdict": answer.verdict.value,
        "at_most_excess": required.bound,
        "confidence": 1 - policy.alpha,
        "everyone": finite(answer.mean),
        "rows": answer.rows,
        "least_rows": answer.least,
        "independent": "clusters" if answer.clustered else "rows",
        "slices": rows,
        "highest": None
        if top is None
        else {"conditions": [dict(c) for c in top.conditions], "high": finite(top.high), "rows": top.rows, "slices": top.many},
        "needed": answer.needed,
        "skipped": dict(answer.skipped),
    }


def _write(told: dict[str, Any]) -> None:
    everyone = "-" if told["everyone"] is None else f"{told['everyone']:.4g}"
    click.echo(
        f"{told['requirement']}: {told['verdict']} (excess of the {told['loss']} at most {told['at_most_excess']:g}, "
        f"{told['confidence']:.0%}; everyone {everyone}; {told['rows']:,} items, {told['independent']} independent)"
    )
    for row in told["slices"]:
        low = "-" if row["low"] is None else f"{row['low']:.4g}"
        excess = "-" if row["excess"] is None else f"{row['excess']:.4g}"
        mark = "*" if row["confirmed"] else " "
        click.echo(f" {mark} excess {excess:>9}, at least {low:>9}, p {row['adjusted_p']:.2g}, n {row['rows']:,}: {row['slice']}")
    if told["highest"] is not None and told["highest"]["high"] is not None:
        click.echo(
            f"   of {told['highest']['slices']:,} slices none that was bounded exceeds everyone by more than {told['highest']['high']:.4g}"
        )
    if told["needed"]:
        click.echo(f"   about {told['needed']:,} rows of the first slice in each half would decide")
    for name, why in told["skipped"].items():
        click.echo(f"   `{name}` makes no slices: {why}")


def _compared(policy: Policy, required: SlicesRequirement, relation: Any, matched: str, on: tuple[str, ...]) -> dict[str, Any]:
    from probatum.errors import UsageError
    from probatum.fairness.model.slices.matched import compare
    from probatum.fairness.semantics.unknown import refuse

    refuse(policy, relation, policy.protected)
    attribute, _, pair = matched.partition("=")
    one, _, other = pair.partition(":")
    if not (attribute and one and other):
        raise UsageError(f"`{matched}` names no two groups", help="write `--matched race=A:B`")
    if not on:
        raise UsageError("nothing is named that the groups are to be alike in", help="write `--on COLUMN`, once for each")
    return compare(policy, required, relation, attribute=attribute, groups=(one, other), on=on).to_json() | {
        "requirement": required.id,
        "verdict": "compared",
    }


def _write_matched(told: dict[str, Any]) -> None:
    one, other = told["groups"]
    click.echo(f"{told['requirement']}: {told['loss']} of `{one}` and `{other}`, alike in {', '.join(told['on'])}")
    low, high = (("-" if told[end] is None else f"{told[end]:.4g}") for end in ("low", "high"))
    value = "-" if told["difference"] is None else f"{told['difference']:.4g}"
    click.echo(f"   difference {value}, between {low} and {high} ({told['confidence']:.0%}); unmatched {told['unmatched']}")
    click.echo(
        f"   {told['rows'][0]:,} and {told['rows'][1]:,} items in {told['strata']:,} strata; {told['dropped']:,} items have no like"
    )
