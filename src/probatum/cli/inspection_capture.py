"""`probatum inspection capture`: pictures of items from the cameras of a booth, into a manifest."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probatum.cli.inspection_lines import say_all
from probatum.errors import UsageError

if TYPE_CHECKING:
    from probatum.inspection.semantics.goods import Goods
    from probatum.inspection.service.capturing import Taken


@click.command("capture")
@click.argument("booth", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of `manifest.csv`, which is begun or goes on, and of the pictures.",
)
@click.option("--product", default="", help="Which product the items are.")
@click.option("--references", is_flag=True, help="The items show how the product should be.")
@click.option("--units", type=click.IntRange(1), help="How many pieces an item must have.")
@click.option("--split", default="", help="To which split the units belong: `calibration`, for instance.")
@click.option("--count", "most", type=click.IntRange(1), help="End after so many items; by default when you interrupt.")
@click.option("--every", type=click.FloatRange(0.1), help="Seconds from one item to the next; by default you press Enter.")
@click.option("--wait", default=5.0, show_default=True, type=click.FloatRange(0.1, 600.0), help="Seconds for each picture.")
@click.option(
    "--policy", type=click.Path(path_type=Path, dir_okay=False), help="Judge each item by this policy as soon as it is taken."
)
@click.option("--json", "as_json", is_flag=True, help="Write a line of JSON for each item.")
def command(
    *,
    booth: Path,
    folder: Path,
    product: str,
    references: bool,
    units: int | None,
    split: str,
    most: int | None,
    every: float | None,
    wait: float,
    policy: Path | None,
    as_json: bool,
) -> None:
    """Take items with the cameras that BOOTH names, and say at once how they lie badly.

    BOOTH is a file in YAML with a view for each side: `views: {top: {picture: {video:
    /dev/video0}, depth: {http: "http://camera/depth.png"}}}`. A camera is a `video`
    device, an `http` address, a `genicam` serial number, or a `folder` that its own program
    writes to. What lies badly can be taken again; with `--every` everything is kept.
    A picture that a camera did not give is missing in the manifest: a person looks.
    """
    from probatum.inspection.artefacts.booth import read_booth
    from probatum.inspection.artefacts.sources.camera_array import CameraArray
    from probatum.inspection.service.capturing import Item, take
    from probatum.inspection.service.goods import goods_at, text_at

    cameras = read_booth(text_at(booth, advice="write a file with `views: {top: {picture: {video: /dev/video0}}}`"))
    item = Item(product, "reference" if references else "query", units, split)
    kept = 0
    with ExitStack() as stack:
        goods = stack.enter_context(goods_at(policy)) if policy is not None else None
        source = stack.enter_context(closing(CameraArray(cameras, booth.resolve().parent, wait_s=wait)))
        with suppress(KeyboardInterrupt, click.Abort):
            for barcode in _turns(every):
                taken = take(source, cameras, replace(item, barcode=barcode), at=datetime.now(UTC))
                if not _wanted(taken, asks=every is None):
                    continue
                _kept(taken, folder)
                kept += 1
                _say(taken, goods, folder, as_json=as_json)
                if kept == most:
                    break
    if not as_json:
        click.echo(f"{kept} items in {folder / 'manifest.csv'}")


def _turns(every: float | None) -> Iterator[str]:
    """Yield for each item to be taken, until somebody ends it; what was scanned, if anything was."""
    while every is None:
        said = _answer("Scan its barcode or press Enter to take the next item, q to end")
        if said.lower() == "q":
            return
        yield said
    while True:
        began = time.monotonic()
        yield ""
        time.sleep(max(0.0, every - (time.monotonic() - began)))


def _wanted(taken: Taken, *, asks: bool) -> bool:
    """Say what is wrong with an item, and return whether it is kept."""
    for view, why in (*taken.faults, *taken.advice):
        click.echo(f"{view}: {why}", err=True)
    return taken.good or not asks or _answer("Enter to leave it and take it again, k to keep it").lower() == "k"


def _kept(taken: Taken, folder: Path) -> None:
    from probatum.inspection.service.capturing import keep

    try:
        keep(taken, folder)
    except OSError as problem:
        raise UsageError(
            f"`{folder}` cannot be written ({(problem.strerror or str(problem)).lower()})", help="name another with `--to`"
        ) from None


def _answer(question: str) -> str:
    said: str = click.prompt(question, default="", show_default=False, prompt_suffix=": ", err=True)
    return said.strip()


def _say(taken: Taken, goods: Goods | None, folder: Path, *, as_json: bool) -> None:
    from probatum.cli.inspection_look import lines_of
    from probatum.inspection.artefacts.media import Media
    from probatum.inspection.service.inspecting import decide

    name = taken.unit.capture_id
    wrong = [{"view": view, "why": why} for view, why in (*taken.faults, *taken.advice)]
    if goods is None:
        click.echo(json.dumps({"capture_id": name, "wrong": wrong}) if as_json else f"{name}: kept")
        return
    with Media(folder) as media:
        [one] = decide(goods, [taken.unit], media)
    if as_json:
        click.echo(json.dumps({**one.told(), "wrong": wrong, **one.verdict.to_json()}))
    else:
        say_all(lines_of(one, name))
