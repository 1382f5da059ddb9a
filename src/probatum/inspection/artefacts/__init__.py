"""What is read: manifests, pictures, depth, annotations; bytes become typed values, or an outcome that says why not.

What reads them is loaded when it is first named: the engine asks only for `imports`, once in every check.
"""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from probatum.source import DATA, Source, beside

if TYPE_CHECKING:
    from probatum.inspection.artefacts.policy import Policy

__all__ = ["Policy", "beside", "imports", "inputs", "read"]

# What may be the name of a file, after a key. What it is, the reader decides.
_named = re.compile(rb"[^\s,#{}\[\]:\"']+|\"[^\"\n]+\"|'[^'\n]+'")
_MOST_NAMES = 1_000  # that are looked for in a policy
PATHS = ("image", "crop", "mask", "depth")  # columns of a manifest that name files


def __getattr__(name: str) -> Any:
    if name != "Policy":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module("probatum.inspection.artefacts.policy"), name)


def read(source: Source, options: Mapping[str, Any]) -> tuple[Policy, ...]:
    """Read the policy in a file.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with what to write instead.
    MissingExtra
        If PyYAML is not installed.
    """
    from probatum.inspection.artefacts.reader import read_policy

    del options
    return (read_policy(source.text()),)


def inputs(path: str, options: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of further files that a name tells: none, see `imports`."""
    del path, options
    return ()


def imports(
    path: str, options: Mapping[str, Any], read_bytes: Callable[[str], bytes | None], exists: Callable[[str], bool]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files that a policy names, and the pictures that manifests among them name; all are read in place.

    See `probatum.engine.imports`.
    """
    del options
    raw = read_bytes(path) if path.lower().endswith((".yaml", ".yml")) else None
    if raw is None:
        return (), ()
    waiting = [*dict.fromkeys(match[0].strip(b"\"'").decode("utf-8", "replace") for match in _named.finditer(raw))][:_MOST_NAMES]
    waiting = [place for name in waiting if (place := beside(path, name.removeprefix("onnx:"))) is not None and exists(place)]
    needed: dict[str, None] = {}
    for place in waiting:  # grows while it is walked
        if DATA + place in needed:
            continue
        needed[DATA + place] = None
        for name in _pictures(place, read_bytes):
            further = beside(place, name.partition(".zip!")[0] + ".zip" if ".zip!" in name else name)
            if further is None or DATA + further in needed or not exists(further):
                continue
            if further.endswith((".csv", ".parquet")):
                waiting.append(further)
            else:
                needed[DATA + further] = None
        if place.lower().endswith(".onnx") and exists(more := place[: -len("onnx")] + "json"):
            needed[DATA + more] = None
    return (), tuple(needed)


def _pictures(place: str, read_bytes: Callable[[str], bytes | None]) -> Iterator[str]:
    """Yield what a manifest names, and the manifests that a gallery names; nothing of any other file."""
    lower = place.lower()
    if lower.endswith(".csv"):
        yield from _of_csv(read_bytes(place) or b"")
    elif lower.endswith(".parquet"):
        yield from _of_parquet(read_bytes(place) or b"")
    elif lower.endswith(".json"):
        try:
            whole = json.loads(read_bytes(place) or b"")
        except (ValueError, RecursionError):
            return
        versions = whole.get("versions") if isinstance(whole, dict) else None
        named = (one.get("manifest") for one in versions if isinstance(one, dict)) if isinstance(versions, list) else ()
        yield from dict.fromkeys(name for name in named if isinstance(name, str))


def _of_csv(raw: bytes) -> Iterator[str]:
    try:
        reader = csv.reader(io.StringIO(raw.decode("utf-8-sig", "surrogateescape"), newline=""))
        names = next(reader, [])
        places = [names.index(column) for column in PATHS if column in names]
        for row in reader:
            yield from (row[at] for at in places if at < len(row) and row[at])
    except csv.Error:
        return  # the reader says so


def _of_parquet(raw: bytes) -> Iterator[str]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        return  # who reads it says so
    try:
        file = pq.ParquetFile(io.BytesIO(raw))
        columns = [column for column in PATHS if column in file.schema_arrow.names]
        for batch in file.iter_batches(columns=columns):
            for column in batch.columns:
                yield from (name for name in column.to_pylist() if isinstance(name, str) and name)
    except (pa.ArrowException, OSError, ValueError):
        return  # the reader says so
