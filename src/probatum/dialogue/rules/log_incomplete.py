"""The logs lack something that an answer about them would need.

## What it finds
Records that cannot be read, kept apart with their lines and reasons; events that no
importer has a word for; turns without a user, a time, an answer, or the
confidence of any of their stages; answers that are older than what they answer; events in the wrong order;
fewer users than a phrase needs before anyone else may see it.

## Why it matters
What a log does not say, nobody can count. A rate over turns that have a user is no
rate over all, and a report that does not name the rest reads as if it were.

## Evidence
`Counterexample`: how many there are, of how many, which a second reading of the logs
counts again.

## Not found
Values that are there and wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.semantics.conversations import opened
from probatum.dialogue.semantics.coverage import Coverage, coverage
from probatum.evidence import Counterexample, Proof
from probatum.findings import Cleared, Finding, Outcome, Severity, Strength, Undecided, Why
from probatum.source import Location
from probatum.tools import Tools

RULE = "dialogue/log-incomplete"

# What turns may lack: field of `Coverage` -> what is said of the turns, and what it means.
_lacks = {
    "no_user": (
        "no user",
        "who asked is not logged: nothing can be learnt for a user or counted by user from these turns",
    ),
    "no_time": (
        "no time",
        "when it was asked is not logged: silences, and what they tell of repeats and abandonment, cannot be used for these turns",
    ),
    "no_response": (
        "no answer",
        "what was answered is not logged, so excuses and refusals in answers are not seen",
    ),
    "no_confidence": (
        "stages, and no confidence of any",
        "how sure the stages were is not logged: the failing stage can only be told by replay or by what users did next",
    ),
    "answered_early": (
        "an answer from before the request",
        "the clocks of what logged them disagree, so times to interrupt and to answer are not to be trusted",
    ),
}


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a note for each thing that the logs lack."""
    with opened(policy, tools.inputs) as conversations:
        found = coverage(conversations)
    tools.deadline.check()
    where = policy.logs[0].location
    if not found.turns and not found.unread:
        yield Undecided(
            rule=RULE,
            subject=policy.subject,
            location=where,
            why=Why.NOTHING_CHECKED,
            reason="the logs have no turn: nobody asks anything in them",
            anchor=("turns",),
        )
        return
    lacking = list(_lacking(policy, found))
    yield from (_finding(policy, where, lack) for lack in lacking)
    if not lacking:
        yield Cleared(
            rule=RULE,
            subject=policy.subject,
            location=where,
            message=f"each of {found.turns:,} turns has a user, a time and an answer",
            evidence=Proof(
                method="dialogue/log-complete/1",
                claim="no record is unread or unknown, and no turn lacks a user, a time, an answer, or the confidence of its stages",
                certificate={"turns": found.turns},
            ),
            strength=Strength.PROVED,
            anchor=("complete",),
        )


@dataclass(frozen=True, slots=True)
class _Lack:
    name: str
    many: int
    of: int | None
    message: str
    cause: str
    expected: str = "none"


def _lacking(policy: Policy, found: Coverage) -> Iterator[_Lack]:
    if found.unread and found.first_unread is not None:
        log, line, reason = found.first_unread
        of = found.records + found.unread
        cause = f"the first is `{log}`, line {line}: {reason}"
        yield _Lack("unread", found.unread, of, f"{found.unread:,} of {of:,} records cannot be read", cause)
    if found.unknown:
        many = sum(found.unknown.values())
        kinds = ", ".join(f"`{kind}`" for kind in list(found.unknown)[:3])
        cause = f"no importer has a word for them, so they are kept as they are, and nothing is counted from them ({kinds})"
        yield _Lack("unknown", many, None, f"events are of unknown kind: {many:,}", cause)
    for name, (what, cause) in _lacks.items():
        many = getattr(found, name)
        if many:
            yield _Lack(name, many, found.turns, f"{many:,} of {found.turns:,} turns have {what}", cause)
    if found.backwards:
        cause = "events were logged in another order than they happened; they are read by their times"
        message = f"events stand after later ones of their conversation: {found.backwards:,}"
        yield _Lack("backwards", found.backwards, None, message, cause)
    needed = policy.privacy.users
    if 0 < found.users < needed:
        cause = (
            f"no rewrite can reach {needed:,} users in logs like these (conversations: {found.conversations:,}): "
            "what is learnt of users is for each of them alone"
        )
        message = f"users in the logs: {found.users:,}, and a phrase that others may see needs {needed:,}"
        yield _Lack("users", found.users, needed, message, cause, f"at least {needed:,}")


def _finding(policy: Policy, where: Location, lack: _Lack) -> Finding:
    return Finding(
        rule=RULE,
        subject=policy.subject,
        location=where,
        message=lack.message,
        evidence=Counterexample(
            method="dialogue/log-incomplete/1",
            given={"what": lack.name, "count": lack.many} | ({} if lack.of is None else {"of": lack.of}),
            observed=f"{lack.many:,}" if lack.of is None else f"{lack.many:,} of {lack.of:,}",
            expected=lack.expected,
            summary=lack.message,
        ),
        cause=lack.cause,
        severity=Severity.NOTE,
        anchor=(lack.name,),
    )
