"""Reading models: files of LightGBM, XGBoost and ONNX, and a JSON of our own for the rest. Nothing here runs a model's code."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts.models.model import Leaf, Linear, Link, Missing, Model, Network, Node, Rounding, Split, TreeSum
from probatum.source import Data, Location, Source

__all__ = [
    "Leaf",
    "Linear",
    "Link",
    "Missing",
    "Model",
    "Network",
    "Node",
    "Rounding",
    "Split",
    "TreeSum",
    "content_of",
    "read_model",
]

_LARGEST = 500_000_000  # bytes of a file
_DEEPEST = 400  # splits above a leaf; what walks trees does so by recursion


def content_of(source: Source) -> Source:
    """Return a file with its bytes: one that is read in place is read now."""
    if not isinstance(source, Data):
        return source
    place = Path(source.place)
    if place.stat().st_size > _LARGEST:
        raise refused(source.path, f"has more than {_LARGEST:,} bytes", "name a smaller model")
    return Source(source.path, place.read_bytes())


def read_model(source: Source) -> Model:
    """Read a model, by what the file holds rather than by its name.

    Raises
    ------
    UnreadableArtefact
        If it is no model that is understood exactly: another kind, another version, a pickle.
    """
    raw = source.raw.removeprefix(b"\xef\xbb\xbf")
    if raw[:4] == b"CBM1":
        raise refused(
            source.path, "is a model of CatBoost, which is not read", "save it as ONNX, or train one of LightGBM or XGBoost"
        )
    if raw[:1] == b"\x80" or raw[:2] == b"PK" or raw[:2] in (b"\x1f\x8b", b"x\x9c"):
        raise refused(
            source.path,
            "is a pickle, or an archive of objects, and reading one runs what it says",
            "write its numbers with `probatum fairness convert`, which reads it in a sandbox",
        )
    try:
        return _read(source, raw)
    except RecursionError:
        raise refused(source.path, "is nested too deeply", f"trees may be {_DEEPEST} tests deep") from None
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError, struct.error) as problem:
        raise refused(
            source.path, f"is damaged, or of a version that is not known ({problem!r})", "write it again with its library"
        ) from None


def _read(source: Source, raw: bytes) -> Model:
    if raw[:1] == b"\x08":  # the version of its format, which comes first
        from probatum.fairness.artefacts.models.onnx import read_onnx

        return read_onnx(source.path, raw)
    if raw.startswith((b"tree\n", b"tree\r\n")):
        from probatum.fairness.artefacts.models.lightgbm_text import read_lightgbm

        return read_lightgbm(source.path, source.text().content)
    if raw.lstrip()[:1] == b"{" and raw[:3] not in (b"{L\x00", b"{l\x00", b"{i\x07", b"{U\x07"):
        try:
            value = json.loads(raw)
        except ValueError:
            value = None
        if value is not None:
            return _from_json(source.path, value)
    if raw[:1] == b"{":
        from probatum.fairness.artefacts.models.ubj import UbjError, decode

        try:
            return _from_json(source.path, decode(raw))
        except UbjError:
            pass
    raise refused(
        source.path,
        "is no model that is known",
        "name a text model of LightGBM, a JSON or UBJSON model of XGBoost, a model of ONNX, or what `probatum fairness convert` wrote",
    )


def _from_json(path: str, value: Any) -> Model:
    if isinstance(value, dict) and "learner" in value:
        from probatum.fairness.artefacts.models.xgboost_json import read_xgboost

        return read_xgboost(path, value)
    if isinstance(value, dict) and str(value.get("schema", "")).startswith("probatum-model/"):
        from probatum.fairness.artefacts.models.own import read_own

        return read_own(path, value)
    if isinstance(value, dict):
        for key, what, advice in _others:
            if key in value:
                raise refused(path, f"is {what}, which is not read", advice)
    raise refused(
        path,
        "is JSON, and neither a model of XGBoost nor one that `probatum fairness convert` wrote",
        "a model has `learner` (XGBoost) or `schema: probatum-model/1` (ours)",
    )


_others = (
    ("oblivious_trees", "a model of CatBoost", "save it as ONNX (`format='onnx'`), or train one of LightGBM or XGBoost"),
    ("tree_info", "what LightGBM dumps as JSON", "save it as text with `save_model`"),
)


def refused(path: str, what: str, advice: str) -> UnreadableArtefact:
    """Return the error about a file that is no model that is understood."""
    return UnreadableArtefact(f"`{path}` {what}", help=advice, location=Location(path))


def tree(path: str, nodes: list[tuple[dict[str, Any], int, int] | float]) -> Node:
    """Build a tree from a list whose members are leaves, or a test and the places of its two sides.

    Raises
    ------
    UnreadableArtefact
        If the list is no tree: a place is reached twice, or it is too deep.
    """
    seen: set[int] = set()

    def build(at: int, depth: int) -> Node:
        if at in seen or not 0 <= at < len(nodes):
            raise refused(path, "holds a tree that is none: a node is reached twice, or is not there", "write the model again")
        if depth > _DEEPEST:
            raise refused(path, f"holds a tree deeper than {_DEEPEST} tests", "train shallower trees")
        seen.add(at)
        node = nodes[at]
        if not isinstance(node, tuple):
            return Leaf(float(node))
        test, left, right = node
        return Split(**test, left=build(left, depth + 1), right=build(right, depth + 1))

    return build(0, 0)
