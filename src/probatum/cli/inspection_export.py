"""`probatum inspection export`: a manifest in the format of another tool."""

from __future__ import annotations

from pathlib import Path

import click

from probatum.cli.inspection_lines import say_all
from probatum.report.words import count


@click.command("export")
@click.argument("manifest", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option(
    "--format",
    "form",
    required=True,
    type=click.Choice(["manifest", "kaputt", "anomalib", "fiftyone", "coco"]),
    help="What is written.",
)
@click.option(
    "--to", required=True, type=click.Path(path_type=Path), help="A file for `manifest` and `coco`, a folder for the others."
)
@click.option(
    "--annotations",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="COCO, of the same pictures: its marks are written too.",
)
def command(*, manifest: Path, form: str, to: Path, annotations: Path | None) -> None:
    """Write MANIFEST in the format of another tool.

    What a format has no place for is kept where it can be read back from, and is
    told. Pictures are copied only into folders as anomalib has them.
    """
    from probatum.inspection.artefacts.formats.coco import read_coco
    from probatum.inspection.artefacts.marks import Dataset
    from probatum.inspection.service.datasets import read_dataset, write_dataset

    _, dataset = read_dataset(manifest, named="manifest")
    if annotations is not None:
        dataset = Dataset(views=dataset.views, marks=read_coco(annotations).marks)
    notes = write_dataset(dataset, form, to, manifest.parent)
    say_all([f"{to}: {form}, {count(len(dataset.views), 'view')}, {count(len(dataset.marks), 'mark')}", *notes])
