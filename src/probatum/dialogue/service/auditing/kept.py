"""Judgements that are kept, one by one, by whomever: as labels of turns, and as wins and losses of rewrites."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from probatum.dialogue.service.auditing.audit import Audit
from probatum.dialogue.service.auditing.plan import Plan
from probatum.dialogue.service.auditing.sheet import Judgement
from probatum.dialogue.service.registry import CONFIDENCE, HARMLESS, Registry
from probatum.stats.win_loss import win_loss
from probatum.store.journal import Journal

LABELS = "labels.jsonl"  # in the folder of conversations
VERDICTS = "audits.jsonl"  # in the folder of the service


def keep(audit: Audit, plan: Plan, judgements: Sequence[Judgement], *, conversations: Path, service: Path, at: float) -> int:
    """Keep labels beside the conversations, and verdicts beside the registry; return how many judgements are new.

    Labels have the source `human`, and name turns; what each person said stays beside what most said.
    """
    labels = Journal(conversations / LABELS)
    known = {(one["plan"], one["row"], one["annotator"]) for one in labels.entries}
    turns = {one.row: one.turn for one in plan.rows}
    fresh = [one for one in judgements if (plan.identifier, one.row, one.annotator) not in known]
    for one in fresh:
        turn = turns[one.row]
        own = {"task": "outcome", "source": "human", "turn": turn, "said": one.got, "label": audit.labels.get(turn), "at": at}
        labels.append({**own, "plan": plan.identifier, "row": one.row, "annotator": one.annotator})
    if audit.verdicts:
        journal = Journal(service / VERDICTS)
        told = {(one["rewrite"], one["user"]) for one in journal.entries}
        for (rewrite, user), verdict in audit.verdicts.items():
            if (rewrite, user) not in told:
                journal.append({"rewrite": rewrite, "user": user, "verdict": verdict, "plan": plan.identifier, "at": at})
    return len(fresh)


def there(plan: Plan, conversations: Path) -> Plan:
    """Return a plan without rows whose turn is not that user's, or is not there at all: a copy from before somebody was forgotten."""
    from probatum.dialogue.semantics.conversations import stored

    wanted = {one.turn: one.user for one in plan.rows}
    query = "select turn_id, user_id from {turns} where list_contains($wanted::varchar[], turn_id)"
    with stored(conversations) as opened:
        whose = {row["turn_id"]: row["user_id"] for row in opened.sql(query, wanted=list(wanted))}
    return replace(plan, rows=tuple(one for one in plan.rows if whose.get(one.turn) == one.user))


def tallies(service: Path) -> dict[str, tuple[int, int]]:
    """Return wins and losses of each rewrite in all audits together, each user once."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one in Journal(service / VERDICTS).entries:
        counts[one["rewrite"]][one["verdict"]] += 1
    return {name: (many["win"], many["loss"]) for name, many in sorted(counts.items())}


def steps(registry: Registry, found: Mapping[str, tuple[int, int]], *, at: float, take: bool) -> list[tuple[str, str]]:
    """Return the steps that audits alone support, as (rewrite, state), and take them if asked to; canaries together, by e-BH."""
    done = []
    known = registry.rewrites("shadow")
    # All that are tried now, also those that nobody judged; what becomes a canary here has to be tried first.
    tried = {name: found.get(name, (0, 0)) for name in registry.rewrites("canary")}
    for name, (wins, losses) in found.items():
        bound = win_loss(wins, losses, confidence=CONFIDENCE) if name in known and wins + losses else None
        if bound is not None and (bound.low or 0.0) >= HARMLESS:
            done.append((name, "canary"))
            if take:
                registry.move(name, "canary", at=at, evidence=bound.estimate("share of wins, by people"))
    shipped = registry.ship(tried, at=at) if take else registry.shippable(tried)
    return [*done, *((name, "active") for name in shipped)]


@dataclass(frozen=True, slots=True)
class Judged:
    """What there is of a user to be removed.

    Attributes
    ----------
    labels, verdicts : int
    rows : tuple of str
        Rows of sheets that those labels are from.
    digest : str
        Of all labels, before any is removed.
    """

    labels: int
    verdicts: int
    rows: tuple[str, ...]
    digest: str


def of_user(user: str, turns: Mapping[str, str], *, conversations: Path, service: Path) -> Judged:
    """Return what `forget` would remove, of the same user and turns."""
    labels = Journal(conversations / LABELS)
    gone = [one["row"] for one in labels.entries if turns.get(one["turn"], one["turn"]) == ""]
    verdicts = [one for one in Journal(service / VERDICTS).entries if one["user"] == user]
    return Judged(len(gone), len(verdicts), tuple(sorted({*gone})), labels.digest)


def forget(user: str, turns: Mapping[str, str], *, conversations: Path, service: Path, digest: str) -> None:
    """Remove labels of turns that are there no more, and the verdicts of a user.

    Parameters
    ----------
    user : str
        The pseudonym.
    turns : mapping of str to str
        Turns whose number changed -> the new one, "" for those that are gone.
    digest : str
        Of all labels, before: others are without the user already, and numbers would be changed twice.
    """
    if (conversations / LABELS).is_file():
        journal = Journal(conversations / LABELS)
        if journal.digest == digest:
            journal.rewrite(lambda one: _numbered(one, turns))
    if (service / VERDICTS).is_file():
        Journal(service / VERDICTS).rewrite(lambda one: None if one["user"] == user else one)


def _numbered(entry: Mapping[str, Any], turns: Mapping[str, str]) -> Mapping[str, Any] | None:
    now = turns.get(entry["turn"], entry["turn"])
    return {**entry, "turn": now} if now else None
