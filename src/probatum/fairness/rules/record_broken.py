"""The record of a run no longer says how this table, or this model, was made.

## What it finds
A file that a record names and whose bytes are others than those recorded; an
object of the record that is not what its digest says; a part that is not there.

## Why it matters
A record is what an audit rests on. If data, code or weights were changed after
it was made, it tells the story of other decisions.

## Evidence
`Counterexample`: the file or the object, with the digest that it has and the one
that it should have.

## Not found
Changes made before the record was. Files that are not there are said, and not
compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from probatum.errors import UnreadableArtefact
from probatum.evidence import Counterexample
from probatum.fairness.artefacts import beside
from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.record import read_record
from probatum.findings import Cleared, Finding, Outcome, Strength, Undecided, Why
from probatum.source import DATA, Data, Source, digest
from probatum.tools import Tools

RULE = "fairness/record-broken"


def check(policy: Policy, tools: Tools) -> Iterator[Outcome]:
    """Yield a finding for each file and each object that is not what the record says."""
    prepared = policy.preparation
    if prepared is None or not prepared.record:
        return
    place = beside(policy.location.path, prepared.record)
    source = tools.inputs.get(DATA + place) if place is not None else None
    if source is None or place is None:
        raise UnreadableArtefact(
            f"the record `{prepared.record}` is not there",
            help="name a record inside the checked directory, by its path relative to the policy",
            location=prepared.location,
        )
    record = read_record(content(source), place)
    tools.deadline.check()
    found: list[Outcome] = []
    wrong = [(f"{what}", {"what": what}) for what in record.problems()]
    absent: list[str] = []
    files = 0
    for name, recorded in dict.fromkeys(record.files()):
        tools.deadline.check()
        own = beside(place, name)
        held = tools.inputs.get(DATA + own) if own is not None else None
        if held is None:
            absent.append(name)
            continue
        files += 1
        actual = digest_of_file(held)
        if actual != recorded:
            wrong.append((f"`{short(name)}` is not the file that was recorded", {"file": name, "actual": actual}))
    for what, given in wrong:
        found.append(
            Finding(
                rule=RULE,
                subject=policy.subject,
                location=prepared.location,
                message=what,
                evidence=Counterexample(
                    method="fairness/record/1",
                    given={"record": prepared.record, "root": record.root, **given},
                    observed=given.get("actual", "the digest of another content"),
                    expected="the content that was recorded",
                    summary=what,
                ),
                cause="it was changed after the run was recorded, or the record was",
                anchor=("record", prepared.record, given.get("file", what)),
            )
        )
    if absent and not found:
        found.append(
            Undecided(
                rule=RULE,
                subject=policy.subject,
                location=prepared.location,
                why=Why.MISSING_INPUT,
                reason=f"{len(absent)} of {len(absent) + files} recorded files are not there, the first is `{short(absent[0])}`",
                anchor=("record", prepared.record),
            )
        )
    yield from found
    if not found:
        yield Cleared(
            rule=RULE,
            subject=policy.subject,
            location=prepared.location,
            message=f"all {len(record.objects)} objects and {files} files are those of the record `{record.root[:12]}`",
            strength=Strength.TESTED,
            anchor=("record", prepared.record),
        )


def content(source: Source) -> bytes:
    """Return the bytes of a small input."""
    return Path(source.place).read_bytes() if isinstance(source, Data) else source.raw


def digest_of_file(source: Source) -> str:
    """Return the digest of an input's bytes, which the engine may have compared already."""
    if not isinstance(source, Data):
        return source.digest
    return source.known or digest(Path(source.place).read_bytes())


def short(name: str) -> str:
    """Return a path that fits a line."""
    kept = "".join(c if c.isprintable() and c != "`" else "?" for c in name)
    return kept if len(kept) <= 60 else f"…{kept[-59:]}"
