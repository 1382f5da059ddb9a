"""From outcomes to a report: identity, order, what is hidden and why, and what was not checked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from datetime import date

from probatum import __version__
from probatum.engine.baseline import Accepted, match
from probatum.engine.rules import EXPIRED_SUPPRESSION, NOTHING_CHECKED, UNUSED_SUPPRESSION
from probatum.engine.suppress import Suppression, expired, unused
from probatum.findings import Defect, Finding, Hidden, Outcome, Report, Undecided, Why, with_fingerprint
from probatum.records import dataclass
from probatum.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Triage:
    """What people have decided about findings, and what is needed to apply it.

    Attributes
    ----------
    accepted : tuple of Accepted
        Entries of the baseline; `baseline_name` is the file for messages.
    renamed, existing
        What became of the files of entries, and which are still there: see `baseline.match`.
    suppressions, suppressions_digest
        Entries of the file of suppressions, and the digest of its bytes.
    today : date
        The day against which they expire.
    whole : bool
        Whether every rule ran on every file, so that an entry without a finding is unused.
    ignored : frozenset of str
        Built-in rules that say nothing.
    """

    accepted: tuple[Accepted, ...] = ()
    baseline_name: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    existing: frozenset[str] = frozenset()
    suppressions: tuple[Suppression, ...] = ()
    suppressions_digest: str = ""
    today: date
    whole: bool
    ignored: frozenset[str] = frozenset()


def settle(
    outcomes: Iterable[Outcome],
    defects: Iterable[Defect],
    triage: Triage,
    *,
    nothing: str,
    notes: Sequence[str],
    rules: Mapping[str, str],
    inputs: Mapping[str, str],
) -> Report:
    """Make the report.

    Parameters
    ----------
    nothing : str
        What to say if there is no outcome at all, and no defect of ours.
    """
    named = identified(outcomes)
    wrong = tuple(defects)
    if not named and not wrong:  # what failed through a fault of ours was not nothing
        named = identified(
            [Undecided(rule=NOTHING_CHECKED, subject=".", location=Location("."), why=Why.NOTHING_CHECKED, reason=nothing)]
        )
    shown, hidden = _suppressed(named, triage)
    shown, accepted, stale = _accepted(shown, [h.outcome for h in hidden], triage)
    own_notes = list(notes)
    if stale:
        what = "entry" if stale == 1 else "entries"
        own_notes.append(
            f"{stale:,} {what} of `{triage.baseline_name}` without a finding: `probatum baseline update` removes what is fixed"
        )
    return Report(
        outcomes=tuple(sorted(shown, key=_order)),
        hidden=tuple(sorted((*hidden, *accepted), key=lambda h: _order(h.outcome))),
        defects=tuple(sorted(wrong, key=lambda d: (d.location.sort_key(), d.rule, d.message))),
        notes=tuple(dict.fromkeys(own_notes)),
        rules=dict(sorted(rules.items())),
        tool_version=__version__,
        inputs=dict(sorted(inputs.items())),
    )


def _order(outcome: Outcome) -> tuple[object, ...]:
    place = outcome.location
    return (
        place.path,
        place.line or 0,
        place.column or 0,
        outcome.rule,
        outcome.subject,
        outcome.kind,
        outcome.anchor,
        outcome.message,
        outcome.fingerprint,
    )


def identified(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Give outcomes their identity: an ordinal, in the order of the report, tells equals apart."""
    seen: dict[tuple[object, ...], int] = defaultdict(int)
    named: list[Outcome] = []
    for outcome in sorted(outcomes, key=_order):
        equal = (outcome.kind, outcome.rule, outcome.subject, outcome.anchor)
        named.append(with_fingerprint(outcome, seen[equal]))
        seen[equal] += 1
    return named


def _suppressed(named: Sequence[Outcome], triage: Triage) -> tuple[list[Outcome], list[Hidden]]:
    """Hide what is suppressed; add what is wrong with the suppressions themselves."""
    shown: list[Outcome] = []
    hidden: list[Hidden] = []
    used: set[Suppression] = set()
    back: set[Suppression] = set()
    by_fingerprint = {entry.fingerprint: entry for entry in triage.suppressions if entry.fingerprint}
    by_rule: dict[str, list[Suppression]] = defaultdict(list)
    for entry in triage.suppressions:
        by_rule[entry.rule].append(entry)
    for outcome in named:
        if not isinstance(outcome, Finding):
            shown.append(outcome)
            continue
        fitting = [e for e in by_rule.get(outcome.rule, ()) if e.hides(outcome)]
        if outcome.fingerprint in by_fingerprint:
            fitting.insert(0, by_fingerprint[outcome.fingerprint])
        holding = next((e for e in fitting if e.holds(triage.today)), None)
        if holding is not None:
            used.add(holding)
            until = holding.until.isoformat() if holding.until is not None else ""
            hidden.append(Hidden(outcome=outcome, by="suppression", reason=holding.reason, owner=holding.owner, until=until))
            continue
        for entry in fitting:
            back.add(entry)
            note = f"the suppression expired on {entry.until} ({entry.reason})"
            outcome = replace(outcome, related=(*outcome.related, (Location(entry.path, entry.line, 1), note)))  # noqa: PLW2901 - the same finding, marked
        shown.append(outcome)
    about: list[Outcome] = []
    unsure = any(isinstance(outcome, Undecided) for outcome in named)
    for entry in triage.suppressions:
        if entry in back and EXPIRED_SUPPRESSION not in triage.ignored:
            about.append(expired(entry, triage.suppressions_digest, triage.today))
        # While something is undecided, the finding that it was written for may still be there.
        elif triage.whole and not unsure and entry not in used | back and UNUSED_SUPPRESSION not in triage.ignored:
            about.append(unused(entry, triage.suppressions_digest))
    return shown + identified(about), hidden


def _accepted(shown: Sequence[Outcome], suppressed: Sequence[Finding], triage: Triage) -> tuple[list[Outcome], list[Hidden], int]:
    """Hide what the baseline accepts; count its entries that are certainly without a finding."""
    if not triage.accepted:
        return list(shown), [], 0
    # What is wrong with the suppressions is never accepted: it is put right in their file.
    findings = [o for o in shown if isinstance(o, Finding) and o.rule not in (EXPIRED_SUPPRESSION, UNUSED_SUPPRESSION)]
    matched = match(triage.accepted, [*findings, *suppressed], triage.renamed, triage.existing)
    left = [o for o in shown if not (isinstance(o, Finding) and o.fingerprint in matched.accepted)]
    hidden = [Hidden(outcome=f, by="baseline") for f in findings if f.fingerprint in matched.accepted]
    unsure = any(isinstance(outcome, Undecided) for outcome in shown)
    return left, hidden, len(matched.stale) if triage.whole and not unsure else 0
