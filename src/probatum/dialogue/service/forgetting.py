"""A user who asks to be forgotten: gone from tables, from what is known of users, and from what only they made possible."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from probatum.dialogue.artefacts.forgetting import Removed
from probatum.dialogue.artefacts.forgetting import forget as forget_in_tables
from probatum.dialogue.artefacts.policy import Privacy
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.model.learning import Learnt
from probatum.dialogue.semantics.conversations import stored
from probatum.dialogue.service.auditing import kept
from probatum.dialogue.service.auditing.sheet import NOTHING
from probatum.dialogue.service.compiling import policy_of
from probatum.dialogue.service.judged_turns import without
from probatum.dialogue.service.made import Withdrawn, noted, withdraw
from probatum.dialogue.service.registry import Person, Registry
from probatum.dialogue.service.serving.personal import PATIENCE_S, Personal
from probatum.dialogue.service.serving.policy_file import current, remove_others, serve
from probatum.dialogue.service.spending import spent
from probatum.source import digest_of

BEYOND_REACH = (
    "the logs themselves, from which an import would bring the user back",
    "copies of files, and backups; a copy of a dialogue model, or of its labels, is refused beside these conversations",
    "files that were made earlier than probatum noted them, moved, or changed since they were made",
    "what was written to standard output: exports of rewrites, replays, reports of findings",
    "models of others that were trained on exports",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What was done to forget somebody; it does not say who.

    Attributes
    ----------
    removed : Removed
        From the tables.
    known : bool
        Whether the service knew anything of the user.
    taught : int
        Of what the user taught, also for the household, and of what that replaced.
    entries : int
        Of the user's own rewrites, removed from the registry.
    retired : tuple of str
        Rewrites for all users that had enough people only with this one.
    policies : tuple of (str, str)
        Digests of the policy that was served before, and after; "" for none.
    registry : tuple of (str, str)
        Digests of the history before and after.
    labels, verdicts : int
        Judgements of people that were removed: of the user's turns, and of rewrites for the user.
    files : tuple of Withdrawn
        What was made of the conversations and lies elsewhere, and what became of it.
    results : int
        Stored results of checks that were removed: all of the project, for they are only made again.
    """

    removed: Removed
    known: bool
    taught: int
    entries: int
    retired: tuple[str, ...]
    policies: tuple[str, str]
    registry: tuple[str, str]
    labels: int
    verdicts: int
    files: tuple[Withdrawn, ...]
    results: int

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON, with what is beyond reach, and a digest of all of it; without the numbers of turns."""
        told = asdict(self)
        del told["removed"]["numbers"]
        own = {"schema": "probatum-forgotten/2", **told, "beyond_reach": list(BEYOND_REACH)}
        return {**own, "digest": digest_of(own)}


def forget(
    user: str,
    *,
    key: bytes,
    conversations: Path,
    service: Path,
    privacy: Privacy,
    learn: Callable[[], Learnt],
    clear: Callable[[], int],
    at: float,
) -> Receipt:
    """Forget a user in imported conversations and in a service.

    Parameters
    ----------
    user : str
        The identifier, as logs have it.
    key : bytes
    conversations, service : Path
        The service's folder need not be there.
    privacy : Privacy
    learn : callable
        Learns from the conversations as they are when it is called.
    clear : callable
        Removes stored results of checks, and returns how many.
    at : float
        Seconds since 1970.

    Raises
    ------
    UnreadableArtefact
        If the folder of conversations, or the key, is not the right one; then nothing has changed.
    """
    own = pseudonym(user, key, "user") or ""
    registry = Registry(service / "registry.jsonl")
    served = [(name, one) for name, one in registry.rewrites("shadow", "canary", "active").items() if one.scope == "global"]
    before = learn() if served else None
    removed = forget_in_tables(conversations, user, key=key)
    labels, verdicts, rows = kept.forget(own, removed.numbers, conversations=conversations, service=service)
    files: list[Withdrawn] = []
    results = 0
    if removed.before != removed.after:
        said = without(
            noted(conversations),
            removed.numbers,
            user=own,
            rows=rows,
            left=lambda texts: _still(conversations, texts),
            folder=conversations,
        )
        files = [*withdraw(conversations), *said]
        results = clear()
    digest = registry.digest
    known, taught, entries = False, 0, 0
    if service.is_dir():
        # First what is this user's own: should what follows fail, nothing of it is left.
        entries = registry.forget(f"user:{own}")
        with closing(Personal(service / "people.db", PATIENCE_S)) as people:
            was_taught = people.get(own).taught
            taught = len(was_taught.current) + len(was_taught.past)
            known = people.forget(own)
    after = learn() if service.is_dir() and (served or current(service / "policies")) else None
    retired = []
    if before is not None and after is not None:
        for name, one in served:
            enough, left = before.users_of(one.source, one.target), after.users_of(one.source, one.target)
            if left < enough and left < privacy.users:
                why = f"fewer than {privacy.users} users are left who made the step"
                registry.move(name, "retired", at=at, evidence=Person("probatum", why))
                retired.append(name)
    if after is not None:
        with closing(Personal(service / "people.db", PATIENCE_S)) as people:
            people.put_habits(after.habits.items())
    was = current(service / "policies") or ""
    now = was
    if after is not None and was:
        noise = spent(service).told(privacy.noise, privacy.users) if privacy.noise is not None else ""
        now, _ = policy_of(after, registry, service / "policies", noise=noise)
        serve(service / "policies", now)
        remove_others(service / "policies", now)
    return Receipt(
        removed=removed,
        known=known,
        taught=taught,
        entries=entries,
        retired=tuple(retired),
        policies=(was, now),
        registry=(digest, registry.digest),
        labels=labels,
        verdicts=verdicts,
        files=tuple(files),
        results=results,
    )


def _still(conversations: Path, texts: set[str]) -> set[str]:
    """Return which texts anybody still said, heard or was told."""
    with stored(conversations) as opened:
        there = {row["normalised"] for batch in opened.stream("select normalised from {texts}") for row in batch}
    return texts & {*there, "", NOTHING}
