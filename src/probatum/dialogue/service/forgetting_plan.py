"""What is to be done to forget a user, on disk before anything is changed, so that whoever is interrupted can go on.

It stands in the folder of the conversations, with the pseudonym and without the name, and is removed last. What a step would not find
again once it was done (how many rewrites the user had, which turns get other numbers, what files were like) is in it from the start.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from probatum.dialogue.artefacts import FORGETTING
from probatum.dialogue.artefacts.forgetting import Removed, without
from probatum.dialogue.model.learning import Learnt
from probatum.dialogue.service.auditing import kept
from probatum.dialogue.service.judged_turns import rows_of
from probatum.dialogue.service.made import Noted, file_digest, noted
from probatum.dialogue.service.registry import Registry
from probatum.dialogue.service.serving.personal import PATIENCE_S, Personal
from probatum.dialogue.service.serving.policy_file import current
from probatum.store.journal import Journal

REGISTRY, PEOPLE, POLICIES = "registry.jsonl", "people.db", "policies"  # in the folder of the service


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to forget somebody.

    Attributes
    ----------
    user : str
        The pseudonym.
    service : str
        The folder of the service, relative to that of the conversations.
    options : dict of str to JSON
        With which it was begun; see `service.forgetting.forget`.
    removed : Removed
    tables : str
        Those without the user; see `artefacts.forgetting.without`.
    judged : Judged
        What people said of the user's turns.
    rows : tuple of str
        Rows of sheets that are about the user.
    files : tuple of Noted
        What was made of the conversations, by paths relative to their folder.
    digests : dict of str to str
        Path -> SHA-256 of such a file.
    known : bool
        Whether the service knew anything of the user.
    taught, entries : int
        Of what the user taught, and of the user's rewrites.
    enough : dict of str to int
        Rewrite for all users that is on trial or in use -> of how many users it is, with this one.
    policy, registry : str
        Digests of what is served, "" for nothing, and of the history.
    """

    user: str
    service: str
    options: dict[str, Any]
    removed: Removed
    tables: str
    judged: kept.Judged
    rows: tuple[str, ...]
    files: tuple[Noted, ...]
    digests: dict[str, str]
    known: bool
    taught: int
    entries: int
    enough: dict[str, int]
    policy: str
    registry: str

    def noted(self, conversations: Path) -> tuple[list[Noted], dict[Path, str]]:
        """Return the files, with their paths as they are from here, and what they were like."""
        places = {one.path.as_posix(): Path(os.path.normpath(conversations / one.path)) for one in self.files}
        files = [Noted(one.kind, places[one.path.as_posix()], one.digest, one.model) for one in self.files]
        return files, {places[path]: digest for path, digest in self.digests.items()}


def journal_of(conversations: Path) -> Journal:
    """Return the journal of which the first entry is the plan, and others are edits that were begun."""
    return Journal(conversations / FORGETTING)


def begun(conversations: Path) -> Plan | None:
    """Return the plan that was not carried out to the end; None if there is none."""
    entries = journal_of(conversations).entries if (conversations / FORGETTING).is_file() else []
    if not entries:
        return None
    told = dict(entries[0])
    judged = kept.Judged(**{**told["judged"], "rows": tuple(told["judged"]["rows"])})
    files = tuple(Noted(one["kind"], Path(one["path"]), one["digest"], one["model"]) for one in told["files"])
    return Plan(**{**told, "removed": Removed(**told["removed"]), "judged": judged, "files": files, "rows": tuple(told["rows"])})


def begin(
    user: str,
    own: str,
    *,
    key: bytes,
    conversations: Path,
    service: Path,
    options: Mapping[str, Any],
    learn: Callable[[], Learnt],
) -> Plan:
    """Write down what is to be done; nothing is changed by that, and nothing is written if it cannot be done.

    Parameters
    ----------
    user, own : str
        The name, and its pseudonym.
    key, conversations, service, options, learn
        See `service.forgetting.forget`.
    """
    registry = Registry(service / REGISTRY)
    served = {name: one for name, one in registry.rewrites("shadow", "canary", "active").items() if one.scope == "global"}
    before = learn() if served else None
    enough = {name: before.users_of(one.source, one.target) for name, one in served.items()} if before is not None else {}
    known, taught = _known(service, own)
    removed, tables = without(conversations, user, key=key)
    judged = kept.of_user(own, removed.numbers, conversations=conversations, service=service)
    files = noted(conversations) if tables else []
    places = {one.path: os.path.relpath(one.path, conversations) for one in files}
    plan = Plan(
        user=own,
        service=os.path.relpath(service.resolve(), conversations.resolve()),
        options=dict(options),
        removed=removed,
        tables=tables,
        judged=judged,
        rows=tuple(sorted({*judged.rows, *rows_of(files, removed.numbers, own)})),
        files=tuple(Noted(one.kind, Path(places[one.path]), one.digest, one.model) for one in files),
        digests={places[one.path]: file_digest(one.path) for one in files},
        known=known,
        taught=taught,
        entries=sum(len(registry.history(name)) for name, one in registry.rewrites().items() if one.scope == f"user:{own}"),
        enough=enough,
        policy=current(service / POLICIES) or "",
        registry=registry.digest,
    )
    told = asdict(plan)
    told["files"] = [{**one, "path": one["path"].as_posix()} for one in told["files"]]
    journal_of(conversations).append(told)
    return plan


def _known(service: Path, own: str) -> tuple[bool, int]:
    """Return whether a service knows a user, and how much that user taught."""
    if not (service / PEOPLE).is_file():
        return False, 0
    with closing(Personal(service / PEOPLE, PATIENCE_S)) as people:
        taught = people.get(own).taught
        return people.knows(own), len(taught.current) + len(taught.past)
