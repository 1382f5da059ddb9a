"""`probatum inspection monitor`: products that no longer look like their references, and what to do about it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.inspection_lines import say_all
from probatum.cli.progress import Line
from probatum.errors import UsageError
from probatum.report.words import count

if TYPE_CHECKING:
    from probatum.inspection.semantics.goods import Goods
    from probatum.inspection.service.watching import Watched


@click.command("monitor")
@click.argument("policy", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--propose", is_flag=True, help="Propose versions of redesigned products in the gallery, for a person to confirm.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the coins that break ties.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(*, policy: Path, propose: bool, seed: int, as_json: bool) -> None:
    """Watch the units of POLICY in the order in which they came.

    Of the products that are named, at most a tenth has not changed, on average,
    however often you look. A redesign is told from a wave of damage by whether its units
    are like each other, are flat where the old ones were, and come from everywhere;
    where that is not clear, it is said. Nothing in the gallery changes by itself.
    """
    from probatum.inspection.service.goods import goods_at
    from probatum.inspection.service.inspecting import Decided, decide
    from probatum.inspection.service.watching import watch

    line = Line()
    proposed: list[str] = []
    with goods_at(policy) as goods:
        if goods.calibration is None:
            raise UsageError(
                "the policy names no calibration, so nothing is known of what is usual",
                help="run `probatum inspection calibrate`, and write `calibration: calibration.json`",
            )
        line.start(len(goods.units))
        decided: list[Decided] = []
        for one in decide(goods, goods.units):
            decided.append(one)
            line.advance(1, one.unit.capture_id)
        line.finish()
        found = watch(goods, decided, seed=seed)
        if propose:
            proposed = _propose(goods, policy, found)
    if as_json:
        click.echo(json.dumps(_said(found, proposed), indent=2, default=str))
    else:
        say_all([*_lines(found), *proposed])


def _propose(goods: Goods, policy: Path, found: Watched) -> list[str]:
    from probatum.inspection.artefacts.media import Media
    from probatum.inspection.model.redesign import Redesign
    from probatum.inspection.service.galleries import OpenGallery
    from probatum.inspection.service.gallery_proposals import propose_redesign

    opened = OpenGallery(goods.policy, policy.resolve().parent)
    gallery = opened.read()
    before = gallery
    lines = []
    manifest = policy.resolve().parent / goods.policy.captures.path
    captures = {unit.capture_id: unit for unit in goods.manifest.captures}
    with Media(manifest.parent) as media:
        for _, _, what in found.changed:
            if isinstance(what, Redesign):
                made = propose_redesign(
                    gallery,
                    what,
                    captures,
                    media,
                    by="probatum inspection monitor",
                    at=datetime.now(UTC).replace(microsecond=0),
                    manifest=opened.beside(manifest),
                )
                gallery = made.gallery
                lines += [f"proposed: version {number} of `{product}`; confirm or reject it" for product, number in made.made]
                lines += [f"not proposed: `{product}`, {why}" for product, why in made.left.items()]
    if gallery is not before:
        opened.write(gallery)
    return lines


def _said(found: Watched, proposed: list[str]) -> dict[str, Any]:
    return {
        "schema": "probatum-inspection-monitor/1",
        "products": found.products,
        "units": found.units,
        "changed": [
            {"product": product, "units": units, "what": type(what).__name__.lower(), **asdict(what)}
            for product, units, what in found.changed
        ],
        "proposed": proposed,
        "channels_kept": not found.silent,
    }


def _lines(found: Watched) -> list[str]:
    from probatum.inspection.model.redesign import DamageWave, Redesign

    lines = [f"{count(found.products, 'product')} watched, by {count(found.units, 'unit')}"]
    for product, units, what in found.changed:
        name = {Redesign: "looks redesigned", DamageWave: "is damaged more often"}.get(
            type(what), "has changed, and why is not clear"
        )
        lines.append(f"`{product}` {name}, of {count(units, 'unit')}: {what.why}")
        if isinstance(what, Redesign):
            lines.append(f"  to be shown as references: {', '.join(what.references)}")
    if found.silent:
        lines.append("the calibration keeps no scores of heights and damage, so that these say nothing here: calibrate again")
    if not found.changed:
        lines.append(f"none is seen to have changed: one would have to win {found.needed:,.0f} times its bets")
    return lines
