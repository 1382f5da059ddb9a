"""Records of how decisions were made: JSON objects, each under the digest of its content, so that one digest stands for all.

A record is a file `probatum-record/1`: `root`, the digest of the object about
the whole run, and `objects`, a mapping of digests to objects. Where an object
names a part, it names its digest: who changes a part changes the digest of
everything that was made from it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.source import Location, digest_of

SCHEMA = "probatum-record/1"
KINDS = ("run", "data", "step", "features", "objective", "threshold", "evaluation", "training", "model", "intended_use")
# Under which an object names others.
_NAMES = (
    "data",
    "steps",
    "inputs",
    "outputs",
    "features",
    "objective",
    "threshold",
    "evaluation",
    "training",
    "model",
    "intended_use",
)
_digest = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Record:
    """A record as it was read: its digests are not yet compared with anything.

    Attributes
    ----------
    root : str
        Digest of the object about the run.
    objects : mapping of str to mapping
    path : str
    """

    root: str
    objects: Mapping[str, Mapping[str, Any]]
    path: str = ""

    def of_kind(self, kind: str) -> list[tuple[str, Mapping[str, Any]]]:
        """Return objects of one kind that the run names, in the order in which it names them."""
        return [(key, own) for key, own in self.reached() if own.get("kind") == kind]

    def reached(self) -> list[tuple[str, Mapping[str, Any]]]:
        """Return every object that the root leads to, each once, the root first."""
        found: dict[str, Mapping[str, Any]] = {}
        waiting = [self.root]
        while waiting:
            key = waiting.pop(0)
            own = self.objects.get(key)
            if own is None or key in found:
                continue
            found[key] = own
            waiting += parts_of(own)
        return list(found.items())

    def files(self) -> Iterator[tuple[str, str]]:
        """Yield path, relative to the record, and digest of the bytes of every file that is named."""
        for _, own in self.reached():
            named = [own, *(own.get("checkpoints") or ())]
            for one in named:
                if isinstance(one, Mapping) and isinstance(one.get("file"), str) and isinstance(one.get("sha256"), str):
                    yield one["file"], one["sha256"]

    def problems(self) -> Iterator[str]:
        """Yield what is wrong with the digests of the record itself."""
        if self.root not in self.objects:
            yield f"the object `{self.root[:12]}` about the run is not there"
        for key, own in sorted(self.objects.items()):
            if digest_of(own) != key:
                yield f"the {own.get('kind', 'object')} `{key[:12]}` is not what its digest says"
            for part in parts_of(own):
                if part not in self.objects:
                    yield f"the {own.get('kind', 'object')} `{key[:12]}` names `{part[:12]}`, which is not there"


def parts_of(own: Mapping[str, Any]) -> list[str]:
    """Return the digests of the parts that an object names."""
    found = []
    for key in _NAMES:
        value = own.get(key)
        named = value if isinstance(value, list) else [value]
        found += [one for one in named if isinstance(one, str) and _digest.fullmatch(one)]
    return found


def read_record(raw: bytes, path: str) -> Record:
    """Read a record.

    Raises
    ------
    UnreadableArtefact
        If it is none.
    """
    problem = ""
    try:
        value = json.loads(raw)
        root, own = value["root"], value["objects"]
        if value["schema"] != SCHEMA or not isinstance(root, str) or not isinstance(own, dict):
            problem = f"its schema is not `{SCHEMA}`"
        elif not all(isinstance(one, dict) and one.get("kind") in KINDS for one in own.values()):
            problem = "an object is of no known kind"
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        problem = type(error).__name__
    if problem:
        raise UnreadableArtefact(
            f"`{path}` is not a record ({problem})", help="make it with `probatum fairness record`", location=Location(path)
        )
    return Record(root, own, path)
