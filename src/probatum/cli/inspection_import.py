"""`probatum inspection import`: pictures of any format to one manifest."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.inspection_lines import say_all
from probatum.cli.progress import Line
from probatum.errors import UsageError
from probatum.report.words import count

if TYPE_CHECKING:
    from probatum.inspection.artefacts.capture import Capture
    from probatum.inspection.artefacts.marks import Dataset
    from probatum.inspection.service.examining import Examined

_TOLD = 5  # examples of a kind


def _shares(context: click.Context, parameter: click.Parameter, value: str) -> dict[str, float]:
    try:
        parts = [part.partition("=") for part in value.split(",") if part]
        return {name.strip(): float(share) for name, _, share in parts}
    except ValueError:
        raise click.BadParameter(f"`{value}` is not `train=.5,calibration=.25,test=.25`", ctx=context, param=parameter) from None


@click.command("import")
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--to",
    "manifest",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The manifest, `.csv` or `.parquet`, beside the pictures or above them. By default SOURCE/manifest.csv, or SOURCE if it is one.",
)
@click.option(
    "--format",
    "named",
    default="auto",
    show_default=True,
    type=click.Choice(["auto", "manifest", "kaputt", "anomalib", "fiftyone", "coco", "pictures"]),
    help="How the set is read.",
)
@click.option(
    "--folders-are-products", "by_folder", is_flag=True, help="In a plain folder of pictures, each folder is a product."
)
@click.option("--product", default="", help="The product, where the set has no word for it.")
@click.option(
    "--split", callback=_shares, default="", metavar="SHARES", help="Divide units: `train=.5,calibration=.25,test=.25`."
)
@click.option(
    "--split-by",
    type=click.Choice(["time", "product", "unit"]),
    default="time",
    show_default=True,
    help="Earliest first; or by a hash of the product, or of each unit.",
)
@click.option(
    "--policy",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a policy about the manifest there, for `probatum check` and the other verbs.",
)
@click.option("--examine", is_flag=True, help="Open every picture, and look for leaks and for columns that tell damage.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of the permutations of `--examine`.")
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(
    *,
    source: Path,
    manifest: Path | None,
    named: str,
    product: str,
    by_folder: bool,
    split: dict[str, float],
    split_by: str,
    policy: Path | None,
    examine: bool,
    seed: int,
    as_json: bool,
) -> None:
    """Read SOURCE, a set of pictures, into a manifest, and say what it is good for.

    Pictures stay where they are. Rows that say something impossible are told with
    their reasons and left out. With `--examine`, pictures that cannot be used are
    told as well, and what would let a trained score cheat: copies in two splits,
    and columns such as the station or the size of the picture that tell damage.
    """
    from probatum.inspection.artefacts.manifest import write_manifest
    from probatum.inspection.artefacts.media import Media
    from probatum.inspection.service import datasets
    from probatum.inspection.service.examining import examine as examined

    form, dataset = datasets.read_dataset(source, named=named, product=product, by_folder=by_folder)
    if form == "manifest":
        source = datasets.manifest_in(source)
    pictures = source if source.is_dir() else source.parent
    to = manifest or (source if form == "manifest" else pictures / "manifest.csv")
    if to.suffix.lower() not in (".csv", ".parquet"):
        raise UsageError(f"`{to}` is no name of a manifest", help="end it with `.csv` or `.parquet`")
    if to.exists() and to.resolve() != source.resolve():
        raise UsageError(
            f"there is a file `{to}` already, which may say more than `{source}` does",
            help="name another with `--to`, or remove it",
        )
    if not dataset.views:
        first = dataset.quarantine[0].reason if dataset.quarantine else "it names none"
        raise UsageError(f"nothing of `{source}` can be used: {first}", help="name another folder, or its `--format`")
    if split and dataset.quarantine and to.resolve() == source.resolve():
        row = dataset.quarantine[0]
        raise UsageError(
            f"`{to}` would lose {count(len(dataset.quarantine), 'row')} that cannot be read, row {row.row} first: {row.reason}",
            help="repair them, or write to another file with `--to`",
        )
    dataset = datasets.moved(dataset, pictures, to)
    if split:
        dataset = datasets.with_splits(dataset, _splits(datasets.units(dataset), split, split_by))
    units = datasets.units(dataset)
    found: Examined | None = None
    if examine:
        line = Line()
        line.start(len(units))
        with Media(to.resolve().parent) as media:
            in_time = [*split] if split and split_by == "time" else []
            found = examined(units, media, seed=seed, in_time=in_time, advance=lambda: line.advance(1, "pictures"))
        line.finish()
    if to.resolve() != source.resolve() or split:
        write_manifest(to, dataset.views)
    if policy is not None:
        _write_policy(policy, to)
    if as_json:
        click.echo(json.dumps(_said(form, to, dataset, units, found), indent=2, ensure_ascii=False))
    else:
        say_all([*_lines(form, to, dataset, units), *(_examined(found) if found is not None else [])])


_POLICY = """\
schema: probatum-inspection-policy/1
captures: {manifest}

# At most this share of pristine units is put aside, at this confidence. 0.001 needs 2,995 pristine units to calibrate on.
budget:
  false_alarms: 0.001
  confidence: 0.95

# What is made of it: probatum inspection train, gallery begin, calibrate, inspect.
# model: model.bin
# gallery: gallery.json
# calibration: calibration.json
# decisions: decisions.jsonl
"""


def _write_policy(policy: Path, manifest: Path) -> None:
    from probatum.cli.delivery import put

    if policy.exists():
        raise UsageError(f"there is a file `{policy}` already", help="name another with `--policy`, or change that one")
    try:
        name = manifest.resolve().relative_to(policy.resolve().parent).as_posix()
    except ValueError:
        raise UsageError(
            f"`{manifest}` is not below the folder of `{policy}`", help="write the policy beside the manifest or above it"
        ) from None
    put(policy, _POLICY.format(manifest=json.dumps(name, ensure_ascii=False)))


def _splits(units: tuple[Capture, ...], shares: dict[str, float], by: str) -> dict[str, str]:
    from probatum.inspection.artefacts.capture import QUERY
    from probatum.inspection.model.splits import boundaries, by_hash, by_time

    divided = [unit for unit in units if unit.views[0].role == QUERY]
    if by == "time":
        return by_time(divided, boundaries(divided, shares), first=next(iter(shares)))
    return by_hash(divided, shares, of="product" if by == "product" else "unit")


def _facts(dataset: Dataset, units: tuple[Capture, ...]) -> dict[str, Any]:
    from probatum.inspection.artefacts.capture import REFERENCE

    queries = [unit for unit in units if unit.views[0].role != REFERENCE]
    types: Counter[str] = Counter(
        name for unit in queries for name in {kind for view in unit.views for kind in view.defect_types}
    )
    return {
        "views": len(dataset.views),
        "units": len(queries),
        "references": len(units) - len(queries),
        "products": len({unit.item_identifier for unit in units} - {""}),
        "damaged": sum(unit.defect is True for unit in queries),
        "pristine": sum(unit.defect is False for unit in queries),
        "unlabelled": sum(unit.defect is None for unit in queries),
        "types": dict(types.most_common()),
        "splits": dict(Counter(unit.views[0].split for unit in queries).most_common()),
        "without_product": sum(not unit.item_identifier for unit in queries),
        "with_depth": sum(bool(view.depth) for view in dataset.views),
        "contradictory": sum(bool(unit.contradictions) for unit in units),
        "marks": len(dataset.marks),
    }


def _said(form: str, to: Path, dataset: Dataset, units: tuple[Capture, ...], found: Examined | None) -> dict[str, Any]:
    return {
        "schema": "probatum-inspection-import/1",
        "format": form,
        "manifest": str(to),
        **_facts(dataset, units),
        "quarantine": [{"row": one.row, "reason": one.reason} for one in dataset.quarantine],
        "notes": list(dataset.notes),
        "examined": None if found is None else asdict(found),
    }


def _lines(form: str, to: Path, dataset: Dataset, units: tuple[Capture, ...]) -> list[str]:
    said = _facts(dataset, units)
    seen = f"{count(said['views'], 'view')} of {count(said['units'], 'unit')} and {count(said['references'], 'reference')}"
    lines = [
        f"{to}: {form}, {seen}, {count(said['products'], 'product')}",
        f"{said['damaged']:,} units are labelled damaged, {said['pristine']:,} pristine, {said['unlabelled']:,} not at all",
    ]
    if said["types"]:
        lines.append("damage by type: " + ", ".join(f"{name} {many:,}" for name, many in said["types"].items()))
    if set(said["splits"]) != {""}:
        lines.append("units by split: " + ", ".join(f"{name or 'none'} {many:,}" for name, many in said["splits"].items()))
    if said["without_product"]:
        lines.append(f"{count(said['without_product'], 'unit')} without a product: nothing can be compared with references there")
    if not said["with_depth"]:
        lines.append("no view has depth: what stands up or is dented is seen by its light alone")
    elif said["with_depth"] < said["views"]:
        lines.append(f"{count(said['views'] - said['with_depth'], 'view')} without depth")
    if said["contradictory"]:
        lines.append(
            f"{count(said['contradictory'], 'unit')} whose views contradict each other: what they differ in counts as unknown"
        )
    lines += list(dataset.notes)
    for row in dataset.quarantine[:_TOLD]:
        lines.append(f"row {row.row} is left out: {row.reason}")
    if len(dataset.quarantine) > _TOLD:
        lines.append(f"and {len(dataset.quarantine) - _TOLD:,} more rows; `--json` lists all")
    return lines


def _examined(found: Examined) -> list[str]:
    lines = [f"{count(found.pictures, 'picture')} looked at, {len(found.unusable):,} files cannot be used"]
    lines += [f"  {unit}: `{name}` is {why}" for unit, name, why in found.unusable[:_TOLD]]
    if found.flaws:
        lines.append("flaws of views: " + ", ".join(f"{kind} {many:,}" for kind, many in sorted(found.flaws.items())))
    lines += [f"leak: {leak.why}" for leak in found.leaks[:_TOLD]]
    if len(found.leaks) > _TOLD:
        lines.append(f"and {len(found.leaks) - _TOLD:,} more leaks")
    audit = found.shortcuts
    if audit.undecided:
        lines.append(f"shortcuts: nothing can be said, {audit.undecided}")
    elif not audit.found:
        lines.append(f"shortcuts: none of {len(audit.others)} columns was seen to tell damage, of {audit.units:,} units")
    lines += [f"shortcut: {one}" + ("; it may be why units are damaged" if one.may_be_cause else "") for one in audit.found]
    return lines
