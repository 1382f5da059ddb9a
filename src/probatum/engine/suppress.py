"""Findings that someone answers for: `suppressions.toml`.

Each entry says what it hides, why, who answers for it and until when:

    [[suppression]]
    rule = "access/public-access"
    subject = "website-*"
    category = "accepted-risk"
    reason = "the website is public on purpose"
    owner = "web@example.org"
    created = 2026-01-31
    until = 2026-04-30

An entry that is not understood is an error, one that has expired or has nothing
to hide is a finding of its own: nothing stays hidden because nobody looked.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from probatum.engine.options import CheckOptions, Progress
from probatum.engine.rules import EXPIRED_SUPPRESSION, UNUSED_SUPPRESSION, built_in, list_rules
from probatum.errors import ConfigurationError, EvidenceError, ProbatumError, UsageError
from probatum.evidence import CONFIRMED, Evidence, Exemplars, Recheck
from probatum.findings import Finding, Severity
from probatum.project import base_of
from probatum.project.config import read_configuration, suggestion
from probatum.project.system import DiskSystem, System, read_followed
from probatum.records import dataclass
from probatum.source import Location, decode, digest

METHOD = "probatum/suppression/1"
CATEGORIES = ("false-positive", "accepted-risk", "fix-scheduled", "test-data")
DEFAULT_DAYS = 90

_known = ("fingerprint", "rule", "subject", "category", "reason", "owner", "created", "until")
_no_reasons = {"none given", "not given", "no reason", "no reason given", "todo", "to be done", "see above", "false positive"}
_header = re.compile(r"\s*\[\[\s*suppression\s*\]\]\s*(?:#.*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suppression:
    """One entry of the file.

    Either `fingerprint`, or `rule` and `subject` (a glob), says what is meant.
    """

    category: str  # false-positive, accepted-risk, fix-scheduled, test-data
    reason: str
    owner: str
    created: date
    until: date | None = None  # last day on which it holds; None only for a false positive
    fingerprint: str = ""
    rule: str = ""
    subject: str = ""
    path: str = "suppressions.toml"
    line: int = 1

    @property
    def meant(self) -> str:
        """What it hides, in a few words."""
        return f"fingerprint {self.fingerprint}" if self.fingerprint else f"{self.rule} on {self.subject}"

    def hides(self, finding: Finding) -> bool:
        """Whether it is about a finding, expired or not."""
        if self.fingerprint:
            return finding.fingerprint == self.fingerprint
        return finding.rule == self.rule and fnmatchcase(finding.subject, self.subject)

    def holds(self, today: date) -> bool:
        """Whether it has not expired."""
        return self.until is None or today <= self.until

    def to_toml(self) -> str:
        """Return the entry as it is written."""
        lines = ["[[suppression]]"]
        for name in _known:
            value = getattr(self, name)
            if isinstance(value, date):
                lines.append(f"{name} = {value.isoformat()}")
            elif value:
                lines.append(f"{name} = {_quoted(value)}")
        return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    out = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in out) + '"'


def read_suppressions(system: System, path: str, *, max_days: int, rules: Iterable[str]) -> tuple[Suppression, ...]:
    """Read the file of suppressions; without one there are none.

    Raises
    ------
    ConfigurationError
        With the place and what to do, if an entry is not understood.
    """
    if system.kind(path) is None:
        return ()
    return _parse(path, _text(system, path), max_days=max_days, rules=tuple(rules))


def _text(system: System, path: str) -> str:
    try:
        return decode(read_followed(system, path), path).content
    except OSError as error:
        raise ConfigurationError(
            f"`{path}` cannot be read: {(error.strerror or 'unknown trouble').lower()}", help="make it a readable file"
        ) from None
    except ProbatumError as error:
        raise ConfigurationError(error.message, help=error.help, location=error.location) from None


def _parse(path: str, text: str, *, max_days: int, rules: tuple[str, ...]) -> tuple[Suppression, ...]:
    try:
        value = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        place = re.search(r"\s*\(at line (\d+), column (\d+)\)$", str(error))
        raise ConfigurationError(
            f"`{path}` is not valid TOML: {str(error)[: place.start()] if place else error}",
            help="correct the file at this place",
            location=Location(path, int(place[1]), int(place[2])) if place else Location(path),
        ) from None
    for name in value:
        if name != "suppression":
            raise ConfigurationError(
                f"unknown table in `{path}`: `{name}`", help="entries are `[[suppression]]`", location=Location(path)
            )
    entries = value.get("suppression", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigurationError(
            f"`{path}` must be a list of entries", help="begin each with `[[suppression]]`", location=Location(path)
        )
    lines = [number for number, line in enumerate(text.split("\n"), 1) if _header.match(line)]
    places = lines if len(lines) == len(entries) else [1] * len(entries)
    return tuple(_entry(path, line, entry, max_days, rules) for line, entry in zip(places, entries, strict=True))


def _entry(path: str, line: int, value: Mapping[str, Any], max_days: int, rules: tuple[str, ...]) -> Suppression:
    def wrong(message: str, advice: str) -> ConfigurationError:
        return ConfigurationError(f"a suppression is malformed: {message}", help=advice, location=Location(path, line, 1))

    for name in value:
        if name not in _known:
            guess = suggestion(name, _known)
            raise wrong(
                f"unknown key `{name}`",
                f"did you mean `{guess}`?" if guess else f"there are {', '.join(f'`{k}`' for k in _known)}",
            )
    for name in ("category", "reason", "owner"):
        if not isinstance(value.get(name), str) or not value[name].strip():
            raise wrong(f"`{name}` is missing", f'write `{name} = "..."`')
    for name in ("fingerprint", "rule", "subject"):
        if not isinstance(value.get(name, ""), str):
            raise wrong(f"`{name}` must be a text in quotes", "put it in quotes")
    if value["category"] not in CATEGORIES:
        raise wrong(f"`{value['category']}` is not a category", f"it is one of {', '.join(f'`{c}`' for c in CATEGORIES)}")
    reason = " ".join(value["reason"].split())
    if len(reason) < 10 or reason.lower().rstrip(".!") in _no_reasons:
        raise wrong(f"`{reason}` is not a reason", "say in at least 10 characters why the finding may be hidden")
    fingerprint, rule, subject = (value.get(name, "") for name in ("fingerprint", "rule", "subject"))
    if bool(fingerprint) == bool(rule or subject) or bool(rule) != bool(subject):
        raise wrong("what it hides is not clear", "give either `fingerprint`, or `rule` and `subject`")
    if fingerprint and not re.fullmatch(r"[0-9a-f]{32}", fingerprint):
        raise wrong(f"`{fingerprint}` is not a fingerprint", "copy all 32 characters from `probatum check --format json`")
    if rule and rule not in rules:
        if rule in built_in:
            raise wrong(f"`{rule}` cannot be suppressed", "remove its cause")
        guess = suggestion(rule, rules)
        raise wrong(f"there is no rule `{rule}`", f"did you mean `{guess}`?" if guess else "`probatum rules` lists them")
    created, until = (_date(value[name], name, wrong) if name in value else None for name in ("created", "until"))
    if created is None:
        raise wrong("`created` is missing", "write the day on which it was decided: `created = 2026-01-31`")
    if until is None and value["category"] != "false-positive":
        raise wrong(
            "`until` is missing", "only a false positive may be hidden for ever: write the last day, `until = 2026-04-30`"
        )
    if until is not None and until < created:
        raise wrong(f"`until` is before `created` ({until} and {created})", "correct one of the dates")
    if until is not None and (until - created).days > max_days:
        last = created + timedelta(days=max_days)
        raise wrong(
            f"it holds for {(until - created).days} days, and {max_days} are allowed",
            f"write `until = {last}` or earlier, or raise `max-suppression-days` in `[check]`",
        )
    return Suppression(
        category=value["category"],
        reason=reason,
        owner=value["owner"].strip(),
        created=created,
        until=until,
        fingerprint=fingerprint,
        rule=rule,
        subject=subject,
        path=path,
        line=line,
    )


def _date(value: Any, name: str, wrong: Any) -> date:
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    error: ConfigurationError = wrong(f"`{name}` is not a day: `{value}`", f"write it as `{name} = 2026-01-31`")
    raise error


# --- findings about the file itself --------------------------------------------


def expired(entry: Suppression, file_digest: str, today: date) -> Finding:
    """Return the finding that an entry has expired and its finding is back."""
    until = entry.until.isoformat() if entry.until is not None else ""
    return _about(
        entry,
        EXPIRED_SUPPRESSION,
        f"the suppression of {entry.meant} expired on {until}",
        cause=f"it was to hold until {until}: {entry.reason}",
        facts={"file": file_digest, "until": until, "today": today.isoformat()},
    )


def unused(entry: Suppression, file_digest: str) -> Finding:
    """Return the finding that an entry has nothing to hide."""
    return _about(
        entry,
        UNUSED_SUPPRESSION,
        f"the suppression of {entry.meant} hides nothing",
        cause="the finding it was written for is gone",
        facts={"file": file_digest, "hides": 0},
    )


def _about(entry: Suppression, rule: str, message: str, *, cause: str, facts: Mapping[str, Any]) -> Finding:
    where = Location(entry.path, entry.line, 1)
    return Finding(
        rule=rule,
        subject=f"{entry.path}: {entry.meant}",
        message=message,
        location=where,
        evidence=Exemplars(method=METHOD, claim=message, items=((where, entry.reason),), facts={"entry": entry.meant, **facts}),
        cause=cause,
        anchor=(entry.fingerprint, entry.rule, entry.subject),
        severity=Severity.WARNING,
    )


def recheck_suppression(evidence: Evidence, system: System, path: str, findings: Sequence[Finding]) -> Recheck:
    """Check a claim about an entry again: from the file, and from the findings of the same report, shown or not."""
    if not isinstance(evidence, Exemplars) or evidence.method != METHOD or not evidence.items:
        return Recheck("cannot", f"evidence by `{evidence.method}` is not about a suppression")
    place, facts = evidence.items[0][0], evidence.facts
    if place.path != path:  # a stored report may name any file; only this one is opened
        return Recheck("cannot", f"suppressions are in `{path}`, not in `{place.path}`")
    try:
        raw = read_followed(system, place.path)
        text = decode(raw, place.path).content
    except (OSError, ProbatumError):
        return Recheck("cannot", f"`{place.path}` cannot be read any more")
    if digest(raw) != facts.get("file"):
        return Recheck("cannot", f"`{place.path}` has changed")
    try:
        # What the entries may say was checked when the claim was made; here only what this one says counts.
        known = {finding.rule for finding in findings} | {
            str(v.get("rule")) for v in tomllib.loads(text)["suppression"] if "rule" in v
        }
        entries = _parse(place.path, text, max_days=10**6, rules=tuple(known))
    except (ConfigurationError, KeyError, TypeError, AttributeError, tomllib.TOMLDecodeError):
        return Recheck("refuted", f"`{place.path}` is malformed")
    entry = next((e for e in entries if e.line == place.line and e.meant == facts.get("entry")), None)
    if entry is None:
        return Recheck("refuted", "there is no such entry at that place")
    if "today" in facts:
        try:
            late = not entry.holds(date.fromisoformat(str(facts["today"])))
        except ValueError as error:
            raise EvidenceError(f"`{facts['today']}` is not a day") from error
        return CONFIRMED if late else Recheck("refuted", "the entry has not expired")
    if any(entry.hides(finding) for finding in findings):
        return Recheck("refuted", "there is a finding that the entry hides")
    return CONFIRMED


# --- writing -------------------------------------------------------------------


def add_suppression(
    root: Path,
    *,
    category: str,
    reason: str,
    owner: str,
    fingerprint: str = "",
    rule: str = "",
    subject: str = "",
    until: date | None = None,
    today: date | None = None,
) -> Suppression:
    """Write one more entry.

    Parameters
    ----------
    fingerprint : str
        Of a finding; its beginning is enough where only one finding has it.
    until : date, optional
        The last day; without it, 90 days from `today` unless it is a false positive.

    Raises
    ------
    UsageError
        If the entry would not be understood, or no finding has the fingerprint.
    """
    base = base_of(root)
    system = DiskSystem(base)
    configuration = read_configuration(system)
    path, max_days = configuration.check["suppressions"], configuration.check["max-suppression-days"]
    today = today or date.today()  # noqa: DTZ011 - a day in the owner's calendar, wherever that is
    if fingerprint and len(fingerprint) < 32:
        fingerprint = _whole(root, fingerprint)
    entry = Suppression(
        category=category,
        reason=reason,
        owner=owner,
        created=today,
        until=until or (None if category == "false-positive" else today + timedelta(days=min(DEFAULT_DAYS, max_days))),
        fingerprint=fingerprint,
        rule=rule,
        subject=subject,
        path=path,
    )
    before = _text(system, path) if system.kind(path) is not None else ""
    rules = tuple(known.id for known in list_rules())
    _parse(path, before, max_days=max_days, rules=rules)  # a malformed file is not made longer
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    after = before + gap + entry.to_toml()
    # Read back what will be written: this is what refuses a reason that is none.
    written = _parse(path, after, max_days=max_days, rules=rules)[-1]
    system.write(path, after.encode())
    return written


def _whole(root: Path, beginning: str) -> str:
    from probatum.engine.checking import check

    found = sorted(
        {f.fingerprint for f in check(root, CheckOptions(use_baseline=False)).findings if f.fingerprint.startswith(beginning)}
    )
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(
            f"no finding has a fingerprint that begins with `{beginning}`", help="`probatum check --format json` shows them"
        )
    raise UsageError(f"{len(found)} findings have fingerprints that begin with `{beginning}`", help="give more of its characters")


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneReport:
    """Entries that were taken out because no finding needs them, and how many stayed."""

    path: Path
    removed: tuple[Suppression, ...]
    kept: int


def prune_suppressions(root: Path, options: CheckOptions | None = None, progress: Progress | None = None) -> PruneReport:
    """Take out the entries that a check of the whole project reports as unused.

    Raises
    ------
    UsageError
        If the file cannot be divided into its entries, or `options` leave out a part of the project.
    """
    from probatum.engine.checking import check

    options = options or CheckOptions()
    if options.select or options.ignore or options.changed_since:
        raise UsageError(
            "a part of a check cannot tell which suppressions are unused", help="prune without selecting rules or files"
        )
    base = base_of(root)
    system = DiskSystem(base)
    configuration = read_configuration(system)
    path = configuration.check["suppressions"]
    report = check(base, options, progress)
    lines = {f.location.line for f in report.findings if f.rule == UNUSED_SUPPRESSION}
    text = _text(system, path) if system.kind(path) is not None else ""
    rules = tuple(known.id for known in list_rules())
    entries = _parse(path, text, max_days=configuration.check["max-suppression-days"], rules=rules)
    removed = tuple(entry for entry in entries if entry.line in lines)
    if removed:
        after = "".join(_without(text, {entry.line for entry in removed}))
        left = _parse(path, after, max_days=configuration.check["max-suppression-days"], rules=rules)
        if [e.to_toml() for e in left] != [e.to_toml() for e in entries if e not in removed]:
            raise UsageError(f"`{path}` is written in a way that cannot be taken apart", help="remove the unused entries by hand")
        system.write(path, after.encode())
    return PruneReport(path=base / path, removed=removed, kept=len(entries) - len(removed))


def _without(text: str, lines: set[int]) -> Iterator[str]:
    """Lines of the file without the entries that begin at the given lines; comments above an entry belong to it."""
    held: list[str] = []  # blank lines and comments, until it is known to whom they belong
    inside = False  # an entry that goes
    for number, line in enumerate(re.findall(r"[^\n]*\n|[^\n]+", text), 1):
        if _header.match(line):
            inside = number in lines
            if not inside:
                yield from held
                yield line
            held = []
        elif not line.strip() or line.lstrip().startswith("#"):
            held.append(line)
        else:
            if not inside:
                yield from held
                yield line
            held = []
    yield from held  # what comes after the last entry belongs to none
