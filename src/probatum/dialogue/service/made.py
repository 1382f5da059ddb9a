"""What was made of imported conversations and lies elsewhere: models, labels, training data, tables, and sheets for people.

Whoever writes such a file notes it in a ledger in the folder of the conversations, so that it is found when a user is
forgotten. What a program made cannot be edited into what it would be without the user: the file is removed, and the
model that it is or is from may not be used any more, wherever there are copies, until it is fitted again. What people
said of turns stays, but for the user's turns (`judged`).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from probatum.errors import ProbatumError
from probatum.store.journal import Journal

LEDGER = "made.jsonl"  # in the folder of conversations

# Kind of a file that a program makes -> the command that makes it again.
DERIVED = {
    "dialogue model": "probatum dialogue label fit",
    "labels": "probatum dialogue label turns",
    "training data": "probatum dialogue label export",
    "rephrases": "probatum dialogue label rephrases",
    "stages": "probatum dialogue isolate --to",
}
# Kinds of files in which people write.
CHECKED, PLAN, SHEET = "checked turns", "audit plan", "audit sheet"


class StaleModel(ProbatumError):
    """A model was fitted to somebody who has been forgotten since."""


@dataclass(frozen=True, slots=True)
class Noted:
    """A file of the ledger.

    Attributes
    ----------
    kind : str
    path : Path
    digest : str
        SHA-256 of its bytes when it was noted.
    model : str
        Digest of the model that it is, or is from; "" for none.
    """

    kind: str
    path: Path
    digest: str
    model: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What became of a file when a user was forgotten.

    Attributes
    ----------
    kind, path : str
    done : str
        `removed`, `edited`, `unchanged`, `not there`, or `left` with the reason.
    before, after : str
        SHA-256 of its bytes; "" where it is not there.
    model : str
        Digest of a model that may not be used any more; "" for none.
    again : str
        The command that makes it again; "" where nothing has to be made.
    """

    kind: str
    path: str
    done: str
    before: str
    after: str = ""
    model: str = ""
    again: str = ""


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file; "" if it is not there or cannot be read."""
    mark = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(1 << 20):
                mark.update(chunk)
    except OSError:
        return ""
    return mark.hexdigest()


def note(conversations: Path, kind: str, path: Path, *, model: str = "") -> None:
    """Note a file that was made of imported conversations, or in which people write about their turns."""
    journal = Journal(conversations / LEDGER)
    there = os.path.relpath(path.resolve(), conversations.resolve())  # both may be moved together
    own = {"kind": kind, "path": there, "sha256": file_digest(path), "model": model, "stale": False}
    last = next((entry for entry in reversed(journal.entries) if entry["path"] == there), None)
    if last != own:
        journal.append(own)


def noted(conversations: Path) -> list[Noted]:
    """Return the files that are noted and not withdrawn, each once, as it was noted last."""
    if not (conversations / LEDGER).is_file():
        return []
    found: dict[str, Noted] = {}
    for entry in Journal(conversations / LEDGER).entries:
        found.pop(entry["path"], None)
        if not entry["stale"]:
            place = Path(os.path.normpath(conversations / entry["path"]))
            found[entry["path"]] = Noted(entry["kind"], place, entry["sha256"], entry["model"])
    return list(found.values())


def stale_models(conversations: Path) -> frozenset[str]:
    """Return the digests of models that may not be used: fitted before somebody was forgotten, and not again since."""
    if not (conversations / LEDGER).is_file():
        return frozenset()
    last: dict[str, bool] = {}
    for entry in Journal(conversations / LEDGER).entries:
        if entry["kind"] == "dialogue model":
            last[entry["model"]] = entry["stale"]
    return frozenset(digest for digest, stale in last.items() if stale)


def refuse_stale(conversations: Path, model: str) -> None:
    """Refuse what a model says if it may not be used.

    Raises
    ------
    StaleModel
    """
    if model in stale_models(conversations):
        raise StaleModel(
            f"the model {model} was fitted to somebody who has been forgotten since",
            help="fit one again with `probatum dialogue label fit`, and make what came from it anew",
        )


def withdraw(
    conversations: Path, files: Iterable[Noted] | None = None, digests: Mapping[Path, str] = MappingProxyType({})
) -> list[Withdrawn]:
    """Remove the files that programs made, and note that their models may not be used any more.

    Parameters
    ----------
    conversations : Path
    files : iterable of Noted, optional
        As they were noted when it was begun, where it may have been interrupted since; by default those noted now.
    digests : mapping of Path to str
        SHA-256 of their bytes then.

    Returns
    -------
    list of Withdrawn
        A file whose bytes are not those that were noted is left: it is somebody's own by now.
    """
    done = []
    still = {one.path for one in noted(conversations)}
    for one in noted(conversations) if files is None else files:
        if one.kind not in DERIVED:
            continue
        before = file_digest(one.path)
        what = "removed" if not before and digests.get(one.path) == one.digest else "not there"
        if before == one.digest:
            one.path.unlink()
            what = "removed"
        elif before:
            what = "left: it was changed since it was made"
        entry: dict[str, Any] = {"kind": one.kind, "path": os.path.relpath(one.path, conversations)}
        if one.path in still:
            Journal(conversations / LEDGER).append({**entry, "sha256": one.digest, "model": one.model, "stale": True})
        after = before if what.startswith("left") else ""
        done.append(Withdrawn(one.kind, entry["path"], what, before or one.digest, after, one.model, DERIVED[one.kind]))
    return done
