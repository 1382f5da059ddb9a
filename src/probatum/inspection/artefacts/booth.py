"""Which cameras a booth has: one file, from which pictures of an item are taken from all sides at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from probatum.inspection.artefacts.depth import UNITS
from probatum.project.document import Node, parse, suggestion
from probatum.project.fields import Fields, fault
from probatum.source import Text

SCHEMA = "probatum-inspection-booth/1"
Kind: TypeAlias = Literal["video", "http", "genicam", "folder"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")  # a view names files


@dataclass(frozen=True, slots=True)
class Place:
    """Where a camera is found.

    Attributes
    ----------
    kind : {"video", "http", "genicam", "folder"}
    where : str or int
        Number or path of a device, an address, a serial number, or a folder into which the camera's own program writes.
    """

    kind: Kind
    where: str | int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoothView:
    """One side from which items are seen.

    Attributes
    ----------
    name : str
    camera : str
    picture : Place
    depth : Place or None
    """

    name: str
    camera: str
    picture: Place
    depth: Place | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoothFile:
    """All cameras.

    Attributes
    ----------
    station : str
    depth_unit : str
        Of all depth; "" to infer it.
    producers : tuple of str
        Files of the vendors of GenICam cameras, relative to the file.
    views : tuple of BoothView
        At least one.
    """

    station: str
    depth_unit: str
    producers: tuple[str, ...]
    views: tuple[BoothView, ...]


def read_booth(text: Text) -> BoothFile:
    """Read a file about cameras.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with its place.
    """
    root = Fields(parse(text, extra="inspection"), "the booth")
    found = BoothFile(
        station=root.text("station", ""),
        depth_unit=root.text("depth_unit", "", choices=[*UNITS]),
        producers=root.texts("producers", ()),
        views=tuple(_views(root)),
    )
    root.text("schema", "", choices=[SCHEMA])
    root.text("description", "")
    root.close()
    serial = next((p for view in found.views for p in (view.picture, view.depth) if p is not None and p.kind == "genicam"), None)
    if serial is not None and not found.producers:
        raise fault(
            root.node.location,
            f"the booth has a GenICam camera `{serial.where}` and no `producers`",
            "name the `.cti` files of the cameras' vendors, which find them",
        )
    return found


def _views(root: Fields) -> Iterator[BoothView]:
    node = root.get("views")
    if node is None or not isinstance(node.value, dict) or not node.value:
        where = root.node.location if node is None else node.location
        raise fault(where, "the booth has no views", "add `views:` with a line such as `top: {picture: {video: /dev/video0}}`")
    for name, inner in node.value.items():
        if not set(name) <= _LETTERS:
            raise fault(
                node.keys[name], f"`{name}` cannot name a view: files are named by it", "write letters, digits, `-` and `_`"
            )
        own = Fields(inner, f"the view `{name}`")
        picture = _place(own.get("picture"), f"the picture of `{name}`")
        if picture is None:
            raise fault(inner.location, f"the view `{name}` has no picture", "add `picture: {video: /dev/video0}`")
        depth = _place(own.get("depth"), f"the depth of `{name}`")
        if depth is not None and depth.kind == "video":
            raise fault(
                own.at("depth"),
                f"the depth of `{name}` is a video device, which gives eight bits",
                "take depth from `genicam`, `http` or `folder`",
            )
        camera = own.text("camera", name)
        own.close()
        yield BoothView(name=name, camera=camera, picture=picture, depth=depth)


def _place(node: Node | None, what: str) -> Place | None:
    if node is None:
        return None
    own = Fields(node, what)
    named: list[Kind] = [kind for kind in KINDS if kind in own]
    if len(named) != 1:
        own.get("video")
        unknown = next((key for key in node.keys if key not in KINDS), "")
        advice = suggestion(unknown, KINDS) if unknown else f"write one of {', '.join(KINDS)}"
        raise fault(node.location, f"{what} names {len(named) or 'no'} cameras", advice)
    kind = named[0]
    where: str | int = own.whole(kind) if kind == "video" and isinstance(node.value[kind].value, int) else own.text(kind)
    own.close()
    return Place(kind, where)
