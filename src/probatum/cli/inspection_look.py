"""`probatum inspection look`: judge pictures that stand in no manifest, one by one or as they come into a folder."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probatum.cli.inspection_lines import say_all
from probatum.errors import UsageError

if TYPE_CHECKING:
    from probatum.inspection.semantics.goods import Goods
    from probatum.inspection.service.inspecting import Decided

_PICTURES = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}
_WAIT_S = 0.5
_NO_PICTURE = (
    f"name pictures ({', '.join(sorted(ending[1:] for ending in _PICTURES))}), or folders of them; `--watch` waits for some"
)


@click.command("look")
@click.argument("policy", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("places", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--product", default="", help="Of all pictures; by default it is told by how they look, where that is sure enough.")
@click.option(
    "--view", default="", help="Which camera or side they are from; by default they are compared with references of all."
)
@click.option("--together", is_flag=True, help="All pictures are views of one unit.")
@click.option("--watch", is_flag=True, help="Go on, with each picture that comes into a folder, until you interrupt.")
@click.option("--json", "as_json", is_flag=True, help="Write a line of JSON for each unit.")
def command(
    *, policy: Path, places: tuple[Path, ...], product: str, view: str, together: bool, watch: bool, as_json: bool
) -> None:
    """Judge PLACES, pictures or folders of pictures, by POLICY, each as a unit.

    They have no depth here, so a person looks at what is compared with references
    that have it: thresholds were chosen with depth. Name it in a manifest instead.
    Nothing is written.
    """
    from probatum.inspection.service.goods import goods_at

    if together and watch:
        raise UsageError("`--together` and `--watch` exclude each other", help="watch single pictures, or name views of one unit")
    with goods_at(policy) as goods:
        files = _files(places)
        if not files and not watch:
            raise UsageError(f"there is no picture in {', '.join(f'`{place}`' for place in places)}", help=_NO_PICTURE)
        if together:
            _say(goods, files, product, view, as_json=as_json)
        else:
            for file in files:
                _say(goods, [file], product, view, as_json=as_json)
        if watch:
            for file in _coming(places):
                _say(goods, [file], product, view, as_json=as_json)


def _files(places: tuple[Path, ...]) -> list[Path]:
    found: list[Path] = []
    for place in places:
        inside = sorted(path for path in place.rglob("*") if path.suffix.lower() in _PICTURES) if place.is_dir() else [place]
        found += inside
    return found


def _coming(places: tuple[Path, ...]) -> Iterator[Path]:
    """Yield pictures that come into folders, as soon as nobody writes to them any more."""
    from probatum.inspection.artefacts.sources.watched_folder import WatchedFolder
    from probatum.inspection.artefacts.unusable import Unusable

    watched = [(place, WatchedFolder(place)) for place in places if place.is_dir()]
    if not watched:
        raise UsageError("there is no folder to watch", help="name one")
    try:
        while True:
            for place, folder in watched:
                yield from (place / shot.name for shot in folder.capture() if not isinstance(shot.file, Unusable))
            time.sleep(_WAIT_S)
    except KeyboardInterrupt:
        return


def _say(goods: Goods, files: list[Path], product: str, view: str, *, as_json: bool) -> None:
    from probatum.inspection.artefacts.capture import Capture, View
    from probatum.inspection.artefacts.media import Media
    from probatum.inspection.service.inspecting import decide

    for folder in dict.fromkeys(file.resolve().parent for file in files):
        own = [file for file in files if file.resolve().parent == folder]
        views = tuple(View(capture_id=own[0].name, image=file.name, item_identifier=product, view=view) for file in own)
        with Media(folder) as media:
            [one] = decide(goods, [Capture(capture_id=own[0].name, views=views)], media)
        if as_json:
            click.echo(json.dumps({**one.told(), **one.verdict.to_json()}))
            continue
        say_all(lines_of(one, str(own[0])))


def lines_of(one: Decided, name: str) -> list[str]:
    """Return what is decided about a unit, in a line or two."""
    advice = [refusal.advice for refusal in one.verdict.refusals[:1] if refusal.advice]
    why = "; ".join([*one.reason, *advice]) if one.decision == "person" else ", ".join(one.reason)
    what = f"looks like {one.looks_like}" if one.looks_like else one.kind
    told = f", {what}, by {why or 'all channels together'}" if one.decision == "sideline" else f", {why}" if why else ""
    line = f"{name}: {one.decision}{told}  ({one.verdict.product or 'no product'})"
    return [line] if one.disposed is None else [line, f"  {one.disposed}"]
