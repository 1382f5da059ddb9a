"""A file that others get holds what only few users said.

## What it finds
Phrases, words and rewrites in files that are named under `shared` (policies that are served, exports, glossaries, prompts, training
data), and in the policy of a service in `rewrites/` beside, that fewer users or households of the logs said than `privacy` asks for. What is
compiled from logs must have been said by enough users of these logs as it stands; so it is stale when somebody was forgotten after it
was made. Other files may have a text from elsewhere: in them a phrase counts that somebody said, as it is or as a part of more, and a word.

No secret are: words and phrases of files under `privacy: {public: ...}`, such as a catalogue or a list of words; what enough users said
or were told; words of English grammar, letters and numbers of up to three digits.

## Why it matters
Whoever gets the file learns what somebody said at home: a name, a diagnosis, a place. A name in a frame that everybody uses is as
telling as a sentence that nobody else says.

## Evidence
`Counterexample`: where it stands, and below which number of users it is. The text itself is in no message and no report: words that enough
users said are shown where they tell nothing, and four digits tell texts apart. Users are counted again from the logs.

## Not found
What was said in logs that are not named here. Texts that were changed before they were written; pieces of a longer text
that are shorter than three words, unless they stand by themselves. Files that the policy does not name.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.shared import SharedFile, places_of, public_of, read_shared
from probatum.dialogue.artefacts.shared_entries import Entry
from probatum.dialogue.artefacts.tables import text_number
from probatum.dialogue.model.private_phrases import Counting, Leak
from probatum.dialogue.semantics.conversations import opened
from probatum.errors import UnreadableArtefact
from probatum.evidence import Counterexample, Proof
from probatum.findings import Cleared, Edit, Finding, Outcome, Repair, Severity, Strength, Undecided, Why
from probatum.tools import Tools

RULE = "dialogue/private-phrase-leaks"
MOST = 100  # findings for one file
_ASSUMED = ("the file was made from these logs, and from no others",)
_MISSING = "which turns are whose is not logged"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield an outcome for each entry that leaks, or for each file."""
    files: list[SharedFile] = []
    for named, path in places_of(policy, tools.inputs):
        try:
            files.append(read_shared(named, path, tools.inputs))
        except UnreadableArtefact as problem:
            reason = f"{problem.message}; {problem.help}" if problem.help else problem.message
            yield _undecided(policy, named.location, path, Why.UNREADABLE, reason)
    if not files:
        return
    public = public_of(policy, tools.inputs)
    with opened(policy, tools.inputs) as conversations:
        counting = Counting(conversations, policy, public)
        users = counting.known_users
        for shared in files:
            tools.deadline.check()
            if not users:
                reason = f"whether `{shared.path}` holds what few users said cannot be told: {_MISSING}"
                yield _undecided(policy, shared.named.location, shared.path, Why.MISSING_INPUT, reason)
            else:
                yield from _of_file(policy, shared, counting)


def _of_file(policy: Policy, shared: SharedFile, counting: Counting) -> Iterator[Outcome]:
    looked = counting.looked(shared)
    leaking = [number for number, one in enumerate(looked) if one.leaks]
    # In its own time: the first word of what is shown, where enough users said it.
    shown = counting.shown_words(leak.text.split()[0] for n in leaking[:MOST] for leak in looked[n].leaks)
    for number in leaking[:MOST]:
        yield _finding(policy, shared, number, looked[number].leaks, shown, more=len(leaking) - MOST)
    unsure = sum(one.unsure for one in looked)
    if unsure:
        reason = (
            f"{unsure:,} of {len(shared.entries):,} entries of `{shared.path}` cannot be judged: turns in which they were said have no "
            "user, or the assistant made the step itself"
        )
        yield _undecided(policy, shared.named.location, shared.path, Why.MISSING_INPUT, reason)
    if not leaking and not unsure:
        yield Cleared(
            rule=RULE,
            subject=policy.subject,
            location=shared.named.location,
            message=f"`{shared.path}` holds nothing that fewer than {policy.privacy.users} users said, in {len(shared.entries):,} entries",
            evidence=Proof(
                method="dialogue/private-phrases-absent/1",
                claim=f"no phrase, word or rewrite of {shared.path} is from fewer users of the logs than the policy asks for",
                certificate={"artefact": shared.path, "digest": shared.digest, "entries": len(shared.entries)},
            ),
            strength=Strength.PROVED,
            assumptions=_ASSUMED,
            anchor=(shared.path,),
        )


def _finding(
    policy: Policy, shared: SharedFile, number: int, leaks: tuple[Leak, ...], shown: frozenset[str], *, more: int
) -> Finding:
    entry, first = shared.entries[number], leaks[0]
    needed = policy.privacy.users
    fewer = _below(first.users, policy)
    masked = _masked(first.text, shown)
    what = {"phrase": f"a phrase (`{masked}`)", "word": "a word", "pair": f"a rewrite (of `{masked}`)"}[first.what]
    others = f", and {len(leaks) - 1} more" if len(leaks) > 1 else ""
    by = f"{fewer['users']} users" if "users" in fewer else f"{fewer['households']} households"
    said = "made" if first.what == "pair" else "said"
    nobody = first.users == 0 and shared.learnt
    message = f"`{shared.path}`, {entry.place}: {what} that " + (
        f"nobody in these logs {said}" if nobody else f"fewer than {by} {said}, where {needed} are needed"
    )
    cause = (
        "it is from logs that are not named here, or whoever said it was forgotten after the file was made"
        if nobody
        else "too few people said it when it was put there, or some of them were forgotten since"
        if shared.learnt
        else "it was put there as it was said, and nobody counted by how many"
    )
    if more > 0:
        cause += f"; {more:,} more entries leak than are shown"
    identifier = _identifier(first.text)
    return Finding(
        rule=RULE,
        subject=policy.subject,
        location=shared.named.location,
        message=message + others,
        evidence=Counterexample(
            method="dialogue/private-phrase-leaks/1",
            given={
                "artefact": shared.path,
                "digest": shared.digest,
                "entry": number,
                "leaks": [
                    {"what": leak.what, "text": _identifier(leak.text), "fewer_than": _below(leak.users, policy)}
                    for leak in leaks
                ],
            },
            observed=f"fewer than {by}",
            expected=f"at least {needed} users",
            summary=f"`{shared.path}`, {entry.place}, text {identifier}: fewer than {by}",
        ),
        cause=cause,
        severity=Severity.WARNING if {leak.what for leak in leaks} == {"word"} and not shared.learnt else Severity.ERROR,
        assumptions=_ASSUMED,
        repair=_repair(shared, number, entry),
        anchor=(shared.path, first.what, identifier),
    )


def _repair(shared: SharedFile, number: int, entry: Entry) -> Repair:
    if shared.text is None or entry.start < 0:
        return Repair(title="compile it again from the logs as they are: `probatum dialogue rewrites compile`")
    certificate = {"artefact": shared.path, "digest": shared.digest, "entry": number, "edit": [entry.start, entry.end, entry.new]}
    return Repair(
        title=f"take it out of {entry.place} of `{shared.path}`",
        edits=(Edit(shared.path, shared.digest, entry.start, entry.end, entry.new),),
        verified=Proof(
            method="dialogue/private-phrase-removed/1",
            claim="without the entry all others are as they were",
            certificate=certificate,
        ),
    )


def _below(users: int, policy: Policy) -> dict[str, int]:
    """Return what the count is below: a number that tells nobody's presence."""
    needed = policy.privacy.users
    if users >= needed:
        return {"households": policy.privacy.households}
    return {"users": next((step for step in (5, 10) if users < step < needed), needed)}


def _masked(text: str, shown: frozenset[str]) -> str:
    words = text.split()
    return " ".join([words[0] if len(words) > 1 and words[0] in shown else "…", *("…" for _ in words[1:])])


def _identifier(text: str) -> str:
    """Return four digits that tell texts apart, and are too few to try texts against."""
    return f"{text_number(text, b''):016x}"[:4]


def _undecided(policy: Policy, location: Any, path: str, why: Why, reason: str) -> Undecided:
    return Undecided(rule=RULE, subject=policy.subject, location=location, why=why, reason=reason, anchor=(path,))
