"""`probatum inspection backbone`: a network of another library, as a file that policies use."""

from __future__ import annotations

import json
from pathlib import Path

import click

from probatum.cli.inspection_lines import say_all
from probatum.errors import UsageError


@click.command("backbone")
@click.argument("name")
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="Where the network is written: a name that ends in .onnx.",
)
@click.option(
    "--weights",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A file of weights. By default those that were published, which the library fetches.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(*, name: str, to: Path, weights: Path | None, as_json: bool) -> None:
    """Export the network NAME, which is timm:NAME or open_clip:NAME/WEIGHTS.

    PyTorch and the library are needed for this, and never again: the file is run by
    ONNX Runtime. Beside it stands a description, with the preparation of pictures
    and the digest of the network. Thresholds are tied to both.
    """
    if to.suffix != ".onnx":
        raise UsageError(f"`{to.name}` does not end in `.onnx`", help="name it so: its description stands beside it, as `.json`")
    from probatum.infer.vision.exported import exported, write_exported
    from probatum.inspection.semantics.looked import SIDE

    made = exported(name, side=SIDE, weights=weights)
    beside = write_exported(made, to)
    if as_json:
        said = {"schema": "probatum-inspection-backbone/1", "file": str(to), "apart": made.apart, **made.description()}
        click.echo(json.dumps(said, indent=2))
        return
    layers = ", ".join(f"{tap} {many:,}" for tap, many in made.taps.items())
    lines = [
        f"{to}: {name}, {len(made.raw) / 1e6:.1f} MB; channels: {layers}, embedding {made.width:,}",
        f"{beside}: how pictures are prepared, and the digest of the network",
        f"ONNX Runtime says the same as PyTorch, to {made.apart:.0e} of the largest value",
    ]
    if made.scaled:
        lines.append(f"it has no layer of {', '.join(made.scaled)}: scaled from the nearest one, which is no finer")
    say_all(lines)
    click.echo(
        f"name it in the policy: `backbone: onnx:{to.name}`; then train and calibrate: thresholds of another network do not hold"
    )
