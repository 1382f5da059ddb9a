"""Which policies weighed refused requests, and when each was the latest: what would have been done is told by the one that there was."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from probatum.dialogue.model.learning import seconds
from probatum.dialogue.model.options import FEATURES
from probatum.dialogue.model.recovery.released import from_json
from probatum.dialogue.service.serving.policy_file import SCHEMA, SUFFIX


def past(folder: Path) -> list[tuple[float, str]]:
    """Return when the logs end that each was made from, in seconds since 1970, and its digest: earliest first.

    Of policies that were made from the same logs it is the one that was written last. Those that are damaged, or that cannot be used
    any more, are left out.
    """
    found: dict[float, tuple[int, str]] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        digest = path.name.removesuffix(SUFFIX)
        try:
            until = _until(_header(path, digest))
            written = path.stat().st_mtime_ns
        except (sqlite3.Error, OSError, ValueError, LookupError, TypeError):
            continue
        if until is not None:
            found[until] = max(found.get(until, (0, "")), (written, digest))
    return [(until, digest) for until, (_, digest) in sorted(found.items())]


def _header(path: Path, digest: str) -> dict[str, Any]:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != digest:
            raise ValueError("its bytes are not those that its name is the digest of")
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as database:
        [(header,)] = database.execute("select json from header")
    return dict(json.loads(header))


def _until(header: dict[str, Any]) -> float | None:
    """Return when the logs of a policy end; None if it leaves refused requests."""
    if header["schema"] != SCHEMA or tuple(header["features"]) != FEATURES:
        raise ValueError("it is of another version")
    if header.get("recovery") is None:
        return None
    from_json(header["recovery"]["weighed"])
    return seconds(str(header["about"]["until"]))
