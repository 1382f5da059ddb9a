"""`probatum inspection train`: a score from labelled units."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.inspection_lines import say_all
from probatum.cli.progress import Line

if TYPE_CHECKING:
    from probatum.inspection.artefacts.marks import Mark
    from probatum.inspection.service.training import Training


@click.command("train")
@click.argument("policy", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the model is written; by default what the policy names, or model.bin beside it.",
)
@click.option("--split", default="train", show_default=True, help="Whose labelled units teach.")
@click.option(
    "--annotations",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="COCO: outlines of damage, which teach where it is. By default annotations.json beside the manifest, if it is there.",
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all chance.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(*, policy: Path, to: Path | None, split: str, annotations: Path | None, seed: int, as_json: bool) -> None:
    """Train the score of POLICY on units that are labelled damaged or pristine.

    Part of them teaches a head that knows damage, the others how to weigh it
    against appearance, depth, what lies beside a unit, and missing pieces. With few
    damaged units there is no head, and channels are averaged. No unit that teaches
    may calibrate.
    """
    from probatum.inspection.artefacts.model_file import write_model
    from probatum.inspection.service.goods import goods_at
    from probatum.inspection.service.training import train_score

    line = Line()
    with goods_at(policy) as goods:
        named = goods.policy.model
        target = to or policy.resolve().parent / ("model.bin" if named is None else named.path)
        beside = policy.resolve().parent / Path(goods.policy.captures.path).with_name("annotations.json")
        marks = _marks(annotations or (beside if beside.is_file() else None))
        line.start(sum(unit.views[0].split == split for unit in goods.manifest.captures))
        try:
            made = train_score(goods, split=split, marks=marks, seed=seed, advance=lambda unit: line.advance(1, unit.capture_id))
        finally:
            line.finish()
    digest = write_model(made.model, target)
    if as_json:
        click.echo(json.dumps(_said(target, digest, made), indent=2))
        return
    say_all(_lines(target, made))
    if named is None:
        click.echo(f"name it in the policy: `model: {target.name}`; then run `probatum inspection calibrate`")
    else:
        click.echo("scores have changed: run `probatum inspection calibrate`")


def _marks(path: Path | None) -> dict[str, list[Mark]]:
    from probatum.inspection.artefacts.formats.coco import read_coco

    return {} if path is None else read_coco(path).marks_of()


def _said(target: Path, digest: str, made: Training) -> dict[str, Any]:
    return {
        "schema": "probatum-inspection-train/1",
        "file": str(target),
        "digest": digest,
        "channels": list(made.channels),
        "weighed": made.weighed,
        "taught": made.taught,
        "refused": made.refused,
        "head": None
        if made.head is None
        else {"types": list(made.head.types), "untold": list(made.head.untold), "severity": made.head.severity is not None},
        "headless": made.headless,
    }


def _lines(target: Path, made: Training) -> list[str]:
    told = ", ".join(f"{name} {many:,}" for name, many in made.taught.items())
    how = "weighed by damaged units" if made.weighed else "averaged as e-values, for want of damaged units"
    lines = [f"{target}: {', '.join(made.channels)}, {how}", f"units that taught: {told}"]
    if made.head is None:
        lines.append(f"no head that knows damage: {made.headless}")
    else:
        untold = f"; not {', '.join(made.head.untold)}, for want of labels" if made.head.untold else ""
        lines.append(f"the head tells {', '.join(made.head.types) or 'no type'}{untold}")
        if made.head.severity is None:
            lines.append("it does not tell how bad damage is, for want of severities")
    if made.refused:
        lines.append("could not be judged: " + ", ".join(f"{kind} {many:,}" for kind, many in made.refused.items()))
    return lines
