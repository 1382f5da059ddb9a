"""`probatum inspection evaluate`: how well units are judged whose labels are known."""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probatum.cli.inspection_judged import judged
from probatum.cli.inspection_lines import say_all
from probatum.errors import UsageError

if TYPE_CHECKING:
    from probatum.inspection.semantics.goods import Goods
    from probatum.inspection.service.evaluating import Evaluation, InUse, Share
    from probatum.stats.bounds import Bound
    from probatum.stats.label_shift import Mixing


@click.command("evaluate")
@click.argument("policy", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--split", default="", help="Whose labelled units; by default of all splits that are judged.")
@click.option(
    "--prevalence",
    metavar="LOW[,HIGH]",
    help="Share of units that are damaged in use, or between which two: how often what is put aside is right there, and how much is.",
)
@click.option("--used", metavar="SPLIT", help="Units in use, whose scores are tested against those of the labelled ones.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(*, policy: Path, split: str, prevalence: str | None, used: str | None, as_json: bool) -> None:
    """Say how much damage is found, and how many pristine units are put aside, by labels.

    Intervals are Clopper and Pearson's at 95 %, each for itself. Units that could
    not be judged count as put aside. Labels that somebody gave because of what
    a unit looked like say nothing of others: draw with `queue draw` for that.
    What follows where damage is as rare as `--prevalence` assumes that damaged
    and pristine units look there as they do here, which `--used` can refute.
    """
    from probatum.inspection.service.evaluating import evaluate, in_use, judged_of, labelled, mixture
    from probatum.inspection.service.goods import goods_at

    with goods_at(policy) as goods:
        units = labelled(goods, split)
        if not units:
            raise UsageError(
                "no unit that is judged has a label", help="label some (`defect`), or name their split with `--split`"
            )
        others = () if used is None else judged_of(goods, used)
        if used is not None and not others:
            raise UsageError(f"the split `{used}` has no unit", help="name a split of the manifest with `--used`")
        between = _between(prevalence, goods)
        decided = judged(goods, units)
        seen = judged(goods, others) if others else ()
    found = evaluate(decided)
    rare = None if between is None else in_use(found, between)
    mixed = mixture(decided, seen)
    if as_json:
        told = asdict(found) | {"auroc": None if math.isnan(found.auroc) else found.auroc}
        told |= {"in_use": None if rare is None else asdict(rare), "mixture": None if mixed is None else asdict(mixed)}
        click.echo(json.dumps({"schema": "probatum-inspection-evaluate/1", **told}, indent=2))
    else:
        say_all([*_lines(found), *_rare_lines(rare, between), *_mixture_lines(mixed, used)])


def _lines(found: Evaluation) -> list[str]:
    lines = [f"{found.damaged:,} damaged and {found.pristine:,} pristine units, {found.refused:,} of them could not be judged"]
    if not math.isnan(found.auroc):
        lines.append(f"AUROC of the score: {found.auroc:.3f}")
    lines += [
        f"damaged units that are put aside: {_said(found.recall)}",
        f"pristine units that are put aside: {_said(found.false_alarms)}",
    ]
    lines += [f"  {share.name}: {_said(share)}" for share in found.by_type]
    lines += [f"at {share.name} of these pristine units: {_said(share)} of damaged ones" for share in found.at_rates]
    return lines


def _between(text: str | None, goods: Goods) -> tuple[float, float] | None:
    """Return the share of damaged units in use: as it is asked for, or as the disposition of the policy has it."""
    if text is None:
        return None if goods.disposition is None else goods.disposition.prevalence
    try:
        ends = [float(part) for part in text.split(",")]
    except ValueError:
        ends = []
    if len(ends) not in (1, 2) or not 0 <= ends[0] <= ends[-1] <= 1:
        raise UsageError(f"`--prevalence {text}` is not a share, or two", help="write `--prevalence 0.001`, or `0.0005,0.002`")
    return ends[0], ends[-1]


def _rare_lines(rare: InUse | None, between: tuple[float, float] | None) -> list[str]:
    if between is None:
        return []
    share = f"{between[0]:.3%}" if between[0] == between[1] else f"{between[0]:.3%} to {between[1]:.3%}"
    if rare is None:
        return [f"where {share} of units are damaged: nothing can be said without damaged and pristine units"]
    return [
        f"where {share} of units are damaged: {_ends(rare.put_aside)} of all are put aside, and of those {_ends(rare.right)} are damaged"
    ]


def _mixture_lines(mixed: Mixing | None, used: str | None) -> list[str]:
    if used is None:
        return []
    if mixed is None:
        return [f"units of `{used}`: nothing can be said without damaged and pristine units"]
    if mixed.prevalence is None:
        return [f"units of `{used}` are no mixture of these: what was found here does not hold there"]
    low, high = mixed.prevalence
    return [f"units of `{used}` may be a mixture of these, with {low:.1%} to {high:.1%} damaged ones"]


def _ends(bound: Bound) -> str:
    low, high = bound.low or 0.0, 1.0 if bound.high is None else bound.high
    return f"{bound.value:.2%} [{low:.2%}, {high:.2%}]"


def _said(share: Share) -> str:
    if share.bound is None:
        return "none there"
    low, high = share.bound.low or 0.0, 1.0 if share.bound.high is None else share.bound.high
    return f"{share.hits:,} of {share.of:,}, {share.bound.value:.1%} [{low:.1%}, {high:.1%}]"
