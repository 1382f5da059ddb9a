"""`probatum fairness record`: run a command and record what went in and what came out; or export a record."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click

from probatum.errors import UsageError

_EXPORTS = ("prov", "openlineage", "model-card", "model-card-json", "croissant")


@click.command("record", context_settings={"ignore_unknown_options": False})
@click.argument("arguments", metavar="[-- COMMAND...]", nargs=-1, type=click.UNPROCESSED)
@click.option("--input", "inputs", metavar="FILE", multiple=True, type=click.Path(path_type=Path), help="A file that goes in.")
@click.option(
    "--output", "outputs", metavar="FILE", multiple=True, type=click.Path(path_type=Path), help="A file that comes out."
)
@click.option("--to", metavar="RECORD", type=click.Path(path_type=Path), help="Where the record is written.")
@click.option("--name", metavar="NAME", default="", help="What the run is called; default: the command.")
@click.option("--protected", metavar="NAME=COLUMN", multiple=True, help="A protected attribute: rows are counted by its groups.")
@click.option("--label", metavar="COLUMN", default="", help="The column of the outcome: outcomes are counted as well.")
@click.option(
    "--positive",
    metavar="VALUE",
    multiple=True,
    help="Its value that counts as positive; default: 1 or true, where it holds such.",
)
@click.option("--features", metavar="COLUMNS", default="", help="Columns from which decisions are made, separated by commas.")
@click.option("--export", type=click.Choice(_EXPORTS), help="Print a record in another form, instead of making one.")
@click.option("--from", "existing", metavar="RECORD", type=click.Path(path_type=Path, exists=True), help="The record to export.")
def command(
    *,
    arguments: tuple[str, ...],
    inputs: tuple[Path, ...],
    outputs: tuple[Path, ...],
    to: Path | None,
    name: str,
    protected: tuple[str, ...],
    label: str,
    positive: tuple[str, ...],
    features: str,
    export: str | None,
    existing: Path | None,
) -> int:
    """Run COMMAND, and record its inputs and outputs: digests, columns, gaps and rows by group.

    The exit status is that of the command. Programs record more of themselves,
    step by step, with `probatum.fairness.record`.
    """
    if export is not None:
        return _exported(export, existing)
    if not arguments or to is None:
        raise UsageError(
            "there is nothing to record",
            help="write `probatum fairness record --to RECORD --input FILE --output FILE -- COMMAND`",
        )
    for path in inputs:
        if not path.is_file():
            raise UsageError(f"there is no file `{path}`", help="name files that the command reads")
    from probatum.fairness.service.command import recorded

    done = recorded(
        arguments,
        inputs=inputs,
        outputs=outputs,
        to=to,
        name=name or " ".join(arguments)[:80],
        protected=_named(protected),
        label=label,
        positive=positive,
        features=tuple(one.strip() for one in features.split(",") if one.strip()),
        run=lambda: subprocess.run(list(arguments), check=False).returncode,  # noqa: S603 - the command that the user wrote
    )
    click.echo(f"{to} written: {done.root[:12]}", err=True)
    for line in done.notes:
        click.echo(line, err=True)
    sys.stdout.flush()
    return done.status


def _named(protected: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in protected:
        attribute, _, column = one.partition("=")
        found[attribute.strip()] = (column or attribute).strip()
    return found


def _exported(form: str, existing: Path | None) -> int:
    from probatum.fairness.artefacts.record import read_record
    from probatum.fairness.service.exports import exported

    if existing is None:
        raise UsageError("there is no record to export", help="name it: `--from RECORD`")
    record = read_record(existing.read_bytes(), existing.name)
    problems = list(record.problems())
    if problems:
        raise UsageError(f"the record does not hold: {problems[0]}", help="record the run again")
    click.echo(exported(record, form), nl=False)
    return 0
