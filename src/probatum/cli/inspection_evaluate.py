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
    from probatum.inspection.service.evaluating import Evaluation, Share


@click.command("evaluate")
@click.argument("policy", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--split", default="", help="Whose labelled units; by default of all splits that are judged.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(*, policy: Path, split: str, as_json: bool) -> None:
    """Say how much damage is found, and how many pristine units are put aside, by labels.

    Intervals are Clopper and Pearson's at 95 %, each for itself. Units that could
    not be judged count as put aside. Labels that somebody gave because of what
    a unit looked like say nothing of others: draw with `queue draw` for that.
    """
    from probatum.inspection.service.evaluating import evaluate, labelled
    from probatum.inspection.service.goods import goods_at

    with goods_at(policy) as goods:
        units = labelled(goods, split)
        if not units:
            raise UsageError(
                "no unit that is judged has a label", help="label some (`defect`), or name their split with `--split`"
            )
        decided = judged(goods, units)
    found = evaluate(decided)
    if as_json:
        told = asdict(found) | {"auroc": None if math.isnan(found.auroc) else found.auroc}
        click.echo(json.dumps({"schema": "probatum-inspection-evaluate/1", **told}, indent=2))
    else:
        say_all(_lines(found))


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


def _said(share: Share) -> str:
    if share.bound is None:
        return "none there"
    low, high = share.bound.low or 0.0, 1.0 if share.bound.high is None else share.bound.high
    return f"{share.hits:,} of {share.of:,}, {share.bound.value:.1%} [{low:.1%}, {high:.1%}]"
