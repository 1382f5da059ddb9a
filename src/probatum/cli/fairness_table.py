"""`probatum fairness table`: a table from health records, by a mapping."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import click

from probatum.errors import UsageError


@click.command("table")
@click.argument("bundles", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--mapping",
    required=True,
    metavar="FILE",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Rows and columns, as YAML.",
)
@click.option("--output", required=True, metavar="CSV", type=click.Path(path_type=Path), help="The table to write.")
@click.option("--record", metavar="FILE", type=click.Path(path_type=Path), help="Record the run here.")
@click.option("--protected", metavar="COLUMN", multiple=True, help="Columns by whose groups rows are counted in the record.")
def command(*, bundles: tuple[Path, ...], mapping: Path, output: Path, record: Path | None, protected: tuple[str, ...]) -> int:
    """Write a table with one row for each resource of FHIR BUNDLES that a mapping names."""
    from probatum.fairness.artefacts.mapping import read_mapping
    from probatum.fairness.semantics.health_records import mapped
    from probatum.fairness.service.record import Run
    from probatum.source import Source

    said = read_mapping(Source(mapping.name, mapping.read_bytes()).text())
    made = mapped((Source(path.name, path.read_bytes()) for path in bundles), said)
    found = made.rows
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.name for column in said.columns], lineterminator="\n")
    writer.writeheader()
    writer.writerows(found)
    try:
        output.write_text(text.getvalue(), encoding="utf-8")
    except OSError as wrong:
        raise UsageError(
            f"`{output}` cannot be written: {wrong.strerror}", help="name a file in a folder that exists and is yours"
        ) from wrong
    if record is not None:
        with Run(f"table of {said.rows}", to=record, protected={name: name for name in protected}) as run:
            before = [run.data(path) for path in (*bundles, mapping)]
            after = [run.data(output)]
            run.add_step("mapping", before, after, {"rows": said.rows}, code=said.digest, where=mapping.name)
    click.echo(f"{output}: {len(found):,} rows of {said.rows}", err=True)
    for note in made.notes:
        click.echo(f"  {note}", err=True)
    return 0 if found else 3
