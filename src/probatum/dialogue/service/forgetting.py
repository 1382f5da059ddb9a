"""A user who asks to be forgotten: gone from tables, from what is known of users, and from what only they made possible.

What is to be done is written down first (`forgetting_plan`), and that is removed last. Each step can be done again without harm:
whoever was interrupted begins anew at the first, and what comes out is the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from probatum.dialogue.artefacts import FORGETTING
from probatum.dialogue.artefacts.forgetting import Removed, put_in_place
from probatum.dialogue.artefacts.policy import Privacy
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.artefacts.unfinished import alone, unfinished
from probatum.dialogue.model.learning import Learnt
from probatum.dialogue.semantics.conversations import stored
from probatum.dialogue.service.auditing import kept
from probatum.dialogue.service.auditing.sheet import NOTHING
from probatum.dialogue.service.compiling import policy_of
from probatum.dialogue.service.forgetting_plan import PEOPLE, POLICIES, REGISTRY, Plan, begin, begun, journal_of
from probatum.dialogue.service.judged_turns import without
from probatum.dialogue.service.made import Withdrawn, withdraw
from probatum.dialogue.service.registry import Person, Registry
from probatum.dialogue.service.serving.personal import PATIENCE_S, Personal
from probatum.dialogue.service.serving.policy_file import remove_others, serve
from probatum.dialogue.service.spending import spent
from probatum.errors import UsageError
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
        Stored results of checks that were removed: all of the project, for they are only made again. Where this was
        interrupted, those that were removed when it went on.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What forgetting needs of others.

    Attributes
    ----------
    privacy : callable
        Options -> the thresholds that they ask for.
    learn : callable
        Options -> what is learnt from the conversations as they are when it is called, half forgotten or not.
    clear : callable
        Removes stored results of checks, and returns how many.
    tell : callable
        Keeps the receipt, before the last trace that somebody was forgotten goes.
    at : float
        Seconds since 1970.
    """

    privacy: Callable[[Mapping[str, Any]], Privacy]
    learn: Callable[[Mapping[str, Any]], Learnt]
    clear: Callable[[], int]
    tell: Callable[[Receipt], None]
    at: float


def forget(user: str, means: Means, *, key: bytes, conversations: Path, service: Path, options: Mapping[str, Any]) -> Receipt:
    """Forget a user in imported conversations and in a service, or go on with that where it was interrupted.

    Parameters
    ----------
    user : str
        The identifier, as logs have it.
    means : Means
    key : bytes
    conversations, service : Path
        The service's folder need not be there.
    options : mapping of str to JSON
        What the thresholds are told by, and what is learnt from.

    Raises
    ------
    UnreadableArtefact
        If the folder of conversations, or the key, is not the right one, or somebody else is half forgotten; then nothing has changed.
    StateError
        If another process changes the folder now.
    """
    own = pseudonym(user, key, "user") or ""
    with alone(conversations):
        plan = begun(conversations)
        if plan is None:
            plan = begin(
                user,
                own,
                key=key,
                conversations=conversations,
                service=service,
                options=options,
                learn=lambda: means.learn(options),
            )
        problem = unfinished(conversations)
        if plan.user != own and problem is not None:
            raise problem
        if _service(plan, conversations) != service.resolve():
            raise UsageError(
                f"forgetting this user was begun with the service `{_service(plan, conversations)}`",
                help="name it with `--service`, or finish with `--resume`",
            )
        return _carry_out(plan, means, conversations, service, options)


def interrupted(conversations: Path) -> Path:
    """Return the folder of the service in which forgetting a user was interrupted, too.

    Raises
    ------
    UsageError
        If none was.
    """
    return _service(_begun(conversations), conversations)


def resume(means: Means, *, conversations: Path) -> Receipt:
    """Go on where forgetting a user was interrupted, with the options with which it was begun.

    Raises
    ------
    UsageError
        If none was.
    """
    with alone(conversations):
        plan = _begun(conversations)
        return _carry_out(plan, means, conversations, _service(plan, conversations), plan.options)


def _begun(conversations: Path) -> Plan:
    plan = begun(conversations)
    if plan is None:
        raise UsageError(f"no forgetting was interrupted in `{conversations}`", help="name the user who is to be forgotten")
    return plan


def _service(plan: Plan, conversations: Path) -> Path:
    return Path(os.path.normpath(conversations.resolve() / plan.service))


def _carry_out(plan: Plan, means: Means, conversations: Path, service: Path, options: Mapping[str, Any]) -> Receipt:
    """Do all steps. INVARIANT: what a step needs is in the plan, or was not changed by any step."""
    privacy = means.privacy(options)
    registry = Registry(service / REGISTRY)
    if service.is_dir():
        (service / FORGETTING).write_text(os.path.relpath(conversations.resolve(), service.resolve()) + "\n", encoding="utf-8")
        # First what is this user's own: should what follows be interrupted, nothing of it is served.
        registry.forget(f"user:{plan.user}")
        with closing(Personal(service / PEOPLE, PATIENCE_S)) as people:
            people.forget(plan.user)
    put_in_place(conversations, plan.tables)
    kept.forget(plan.user, plan.removed.numbers, conversations=conversations, service=service, digest=plan.judged.digest)
    files, results = [], 0
    if plan.tables:
        files = _files(plan, conversations)
        results = means.clear()
    retired: list[str] = []
    now = plan.policy
    if service.is_dir() and (plan.enough or plan.policy):
        after = means.learn(options)
        retired = _retire(plan, after, registry, privacy.users, means.at)
        with closing(Personal(service / PEOPLE, PATIENCE_S)) as people:
            people.put_habits(after.habits.items())
        if plan.policy:
            noise = spent(service).told(privacy.noise, privacy.users) if privacy.noise is not None else ""
            now, _ = policy_of(after, registry, service / POLICIES, noise=noise)
            serve(service / POLICIES, now)
            remove_others(service / POLICIES, now)
    receipt = Receipt(
        removed=plan.removed,
        known=plan.known,
        taught=plan.taught,
        entries=plan.entries,
        retired=tuple(retired),
        policies=(plan.policy, now),
        registry=(plan.registry, registry.digest),
        labels=plan.judged.labels,
        verdicts=plan.judged.verdicts,
        files=tuple(files),
        results=results,
    )
    means.tell(receipt)
    (service / FORGETTING).unlink(missing_ok=True)
    (conversations / FORGETTING).unlink()
    (conversations / f"{FORGETTING}.lock").unlink(missing_ok=True)
    return receipt


def _files(plan: Plan, conversations: Path) -> list[Withdrawn]:
    """Remove what programs made of the conversations, and take the user out of what people wrote."""
    files, digests = plan.noted(conversations)
    removed = withdraw(conversations, files, digests)
    edited = without(
        files,
        plan.removed.numbers,
        user=plan.user,
        rows=plan.rows,
        left=lambda texts: _still(conversations, texts),
        folder=conversations,
        begun=journal_of(conversations),
    )
    return [*removed, *edited]


def _retire(plan: Plan, after: Learnt, registry: Registry, users: int, at: float) -> list[str]:
    """Retire rewrites that had enough users only with this one; return all of which that holds, also those that are retired by now."""
    known = registry.rewrites()
    retired = []
    for name, enough in plan.enough.items():
        left = after.users_of(known[name].source, known[name].target)
        if left < enough and left < users:
            if known[name].state != "retired":
                registry.move(
                    name, "retired", at=at, evidence=Person("probatum", f"fewer than {users} users are left who made the step")
                )
            retired.append(name)
    return retired


def _still(conversations: Path, texts: set[str]) -> set[str]:
    """Return which texts anybody still said, heard or was told."""
    with stored(conversations, half_forgotten=True) as opened:
        there = {row["normalised"] for batch in opened.stream("select normalised from {texts}") for row in batch}
    return texts & {*there, "", NOTHING}
