"""`probatum inspection synth`: write a made set of pictures whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path

import click


@click.command("synth")
@click.option("--items", type=click.IntRange(1, 10_000_000), default=300, show_default=True, help="Units that are photographed.")
@click.option("--products", type=click.IntRange(1, 100_000), default=12, show_default=True, help="Kinds of goods.")
@click.option("--first-product", type=click.IntRange(0), default=0, show_default=True, help="Other numbers are other products.")
@click.option("--references", type=click.IntRange(0, 100), default=4, show_default=True, help="Of each product.")
@click.option("--damaged", type=click.FloatRange(0, 1), default=0.1, show_default=True, help="Share of units with damage.")
@click.option("--days", type=click.IntRange(1, 3650), default=14, show_default=True, help="How long.")
@click.option("--size", type=click.IntRange(64, 2048), default=256, show_default=True, help="Pixels of a side of a picture.")
@click.option(
    "--dirty", type=click.FloatRange(0, 1), default=0.0, show_default=True, help="Share of references that are damaged."
)
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all chance.")
@click.option("--masks", is_flag=True, help="Write masks of items, too.")
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("booth"),
    show_default=True,
    help="Gets the manifest, pictures, depth and annotations.",
)
@click.option(
    "--truth",
    type=click.Path(path_type=Path, file_okay=False),
    help="Gets the truth, outside of that folder. By default beside it, FOLDER.truth.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(
    *,
    items: int,
    products: int,
    first_product: int,
    references: int,
    damaged: float,
    days: int,
    size: int,
    dirty: float,
    seed: int,
    masks: bool,
    folder: Path,
    truth: Path | None,
    as_json: bool,
) -> None:
    """Write MADE UP pictures of goods, RGB and depth, and the truth about them to a folder of its own.

    A booth with two cameras sees boxes, mailers, bags, bottles and blisters, pristine
    and damaged, with prints and dirt that are no damage, redesigns, wrong products
    and pictures that cannot be used.
    """
    from dataclasses import replace

    from probatum.synth.inspection.parameters import Parameters
    from probatum.synth.inspection.stream import Booth
    from probatum.synth.inspection.writing import write

    usual = Parameters()
    parameters = Parameters(
        seed=seed,
        products=products,
        first_product=first_product,
        items=items,
        days=days,
        references=(references, references),
        optics=replace(usual.optics, size=size),
        damaging=replace(usual.damaging, prevalence=damaged),
        misleading=replace(usual.misleading, dirty=dirty),
    )
    kept = truth or folder.resolve().with_name(f"{folder.resolve().name}.truth")
    about = write(Booth(parameters), folder, kept, masks=masks)
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "truth": str(kept), **about}, indent=2))
        return
    click.echo(f"{folder}/manifest.csv: {about['captures']:,} captures, {about['pictures']:,} pictures. {about['notice']}.")
    click.echo(f"parameters: {about['parameters_digest']}, in metadata.json")
    click.echo(f"truth: {kept}, sealed as sha256:{about['truth_sha256']['truth.csv'][:16]}")
