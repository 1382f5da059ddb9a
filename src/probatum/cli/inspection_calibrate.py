"""`probatum inspection calibrate`: thresholds with a certified budget of false alarms."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.delivery import put
from probatum.cli.inspection_lines import say_all
from probatum.cli.progress import Line
from probatum.report.words import count

if TYPE_CHECKING:
    from probatum.inspection.artefacts.calibration import Calibration
    from probatum.inspection.service.calibrating import Calibrated


@click.command("calibrate")
@click.argument("policy", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where thresholds are written; by default what the policy names, or calibration.json beside it.",
)
@click.option("--split", default="calibration", show_default=True, help="Whose pristine units are scored.")
@click.option(
    "--identity-split",
    default="train",
    show_default=True,
    help="Whose units decide from which look on a product is believed.",
)
@click.option("--unlabelled", is_flag=True, help="Take units without a label for pristine: the budget still holds.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(*, policy: Path, to: Path | None, split: str, identity_split: str, unlabelled: bool, as_json: bool) -> None:
    """Choose thresholds for POLICY from scores of pristine units.

    The budget is the policy's: at most so many pristine units are put aside, with a
    stated confidence. Where pristine units are too few to certify it, there is no
    threshold, and it is said how many would do and what those at hand can certify.
    Units that cannot be judged go to a person, so they count as put aside. If the
    policy names a `disposition`, damaged units of the split are scored as well: from
    them it follows how probable damage is. If its budget has a `band`, a lower threshold
    is chosen, too, from which on a person looks, and all budgets hold together; damaged
    units certify how many are shipped, if the band has a budget of that.
    """
    from probatum.inspection.service.calibrating import calibrate
    from probatum.inspection.service.goods import goods_at

    line = Line()
    with goods_at(policy) as goods:
        named = goods.policy.calibration
        target = to or policy.resolve().parent / ("calibration.json" if named is None else named.path)
        line.start(len(goods.manifest.captures))
        try:
            made = calibrate(
                goods,
                split=split,
                identity_split=identity_split,
                unlabelled=unlabelled,
                made=datetime.now(UTC),
                advance=lambda unit: line.advance(1, unit.capture_id),
            )
        finally:
            line.finish()
        put(target, made.calibration.json())
        add = "" if named is not None else f"name it in the policy: `calibration: {target.name}`"
    if as_json:
        click.echo(json.dumps(_said(target, made), indent=2))
    else:
        say_all([*_lines(target, made), *([add] if add else [])])


def _said(target: Path, made: Calibrated) -> dict[str, Any]:
    whole = json.loads(made.calibration.json())
    del whole["scores"], whole["damaged"], whole["unlabelled"]
    whole["sharpness"] = {camera: len(values) for camera, values in made.calibration.sharpness.items()}
    return {
        **whole,
        "file": str(target),
        "units": len(made.calibration.scores),
        "refused": made.refused,
        "unbelieved": made.unbelieved,
        "damaged_units": len(made.calibration.damaged),
        "left_out": {"damaged": 0 if made.calibration.damaged else made.damaged, "unlabelled": made.unlabelled},
    }


def _band(calibration: Calibration) -> list[str]:
    if calibration.band is None:
        return []
    low, passed = calibration.band.low, calibration.band.passed
    told = (
        f"a person looks above {low.value:.4g}: at most {low.budget:.3%} of pristine units are looked at or put aside "
        f"({low.confidence:.0%}, together with the rest; {low.above:,} of {low.trials:,} were, {low.allowed:,} may be)"
    )
    lines = [told]
    if passed is not None:
        lines.append(
            f"at most {passed.budget:.3%} of damaged units are shipped ({passed.confidence:.0%}, together with the rest; "
            f"{passed.errors:,} of {passed.trials:,} were)"
        )
    return lines


def _lines(target: Path, made: Calibrated) -> list[str]:
    from probatum.inspection.semantics.chances import chances_of

    calibration = made.calibration
    lines = [f"{target}: {count(len(calibration.scores), 'pristine unit')} scored"]
    parts = [(f"`{group}`", one) for group, one in sorted(calibration.own.items())]
    if calibration.pooled is not None:
        parts.append(("all others together" if parts else "all", calibration.pooled))
    for name, one in parts:
        lines.append(
            f"{name}: put aside above {one.value:.4g}; at most {one.budget:.3%} of pristine units are "
            f"({one.confidence:.0%}; {one.above:,} of {one.trials:,} were, {one.allowed:,} may be)"
        )
    lines += _band(calibration)
    look = calibration.believed
    if look is not None:
        of = f"{len(look.known):,} units of {len(calibration.references):,} products"
        lines.append(
            f"a product is believed above a look of {look.threshold:.3f}: at most {look.strangers:.0%} of strangers pass for a "
            f"known one, {look.mistaken:.0%} of known ones for another ({look.confidence:.0%}; {of})"
        )
    else:
        lines.append(f"no product is believed by its look: {made.unbelieved}")
    few = {camera: len(values) for camera, values in calibration.sharpness.items() if len(values) < made.blur_from}
    if few:
        told = ", ".join(f"{camera or 'no name'} {many:,}" for camera, many in sorted(few.items()))
        lines.append(f"blur is not judged where fewer than {made.blur_from:,} pictures of a camera say what is usual: {told}")
    if made.refused:
        told = ", ".join(f"{kind} {many:,}" for kind, many in made.refused.items())
        lines.append(f"could not be judged, and count as put aside: {told}")
    if calibration.damaged:
        chances = chances_of(calibration, judged=(), fitted=())
        known = count(len(calibration.damaged), "damaged unit")
        lines.append(chances if isinstance(chances, str) else f"how probable damage is follows from them and {known}")
    left_out = 0 if calibration.damaged else made.damaged
    if left_out or made.unlabelled:
        lines.append(f"left out: {left_out:,} labelled damaged, {made.unlabelled:,} without a label")
    return lines
