"""Findings that were accepted when probatum came into the house: `baseline.json`.

The file lists identities, not counts, so that fixing one finding and adding
another is seen as both. What is beside an identity is for people who read the
file, and for recognising a finding whose file was renamed. It grows only by
`update_baseline`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from probatum.engine.options import CheckOptions, Progress
from probatum.errors import ConfigurationError, ProbatumError
from probatum.findings import Finding, Report
from probatum.project import base_of
from probatum.project.config import read_configuration
from probatum.project.system import DiskSystem, System, write_atomically
from probatum.records import dataclass
from probatum.source import Location, decode

SCHEMA = "probatum-baseline/1"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Accepted:
    """One entry: the identity, then what helps people and renames."""

    path: str
    rule: str
    fingerprint: str
    subject: str
    anchor: tuple[str, ...]
    message: str

    def to_json(self) -> dict[str, Any]:
        """Return the entry as JSON."""
        return {
            "fingerprint": self.fingerprint,
            "rule": self.rule,
            "path": self.path,
            "subject": self.subject,
            "message": self.message,
            "anchor": list(self.anchor),
        }

    @staticmethod
    def of(finding: Finding) -> Accepted:
        """Return the entry that accepts a finding."""
        return Accepted(
            path=finding.location.path,
            rule=finding.rule,
            fingerprint=finding.fingerprint,
            subject=finding.subject,
            anchor=finding.anchor,
            message=finding.message,
        )


@dataclass(frozen=True, slots=True)
class Matched:
    """Which findings are accepted, by fingerprint, and which entries have no finding any more."""

    accepted: Mapping[str, Accepted]
    stale: tuple[Accepted, ...]


def read_baseline(path: Path) -> tuple[Accepted, ...]:
    """Read a file of accepted findings.

    Raises
    ------
    ConfigurationError
        If it cannot be read, or is not one.
    """
    again = "remove it, and make it anew with `probatum baseline update`"
    try:
        value = json.loads(decode(path.read_bytes(), path.name).content)
    except OSError as error:
        raise ConfigurationError(
            f"the baseline `{path.name}` cannot be read: {(error.strerror or 'unknown trouble').lower()}", help=again
        ) from None
    except json.JSONDecodeError as error:
        where = Location(path.name, error.lineno, error.colno)
        raise ConfigurationError(
            f"the baseline `{path.name}` is not JSON", help=f"resolve the conflict in it; or {again}", location=where
        ) from None
    except (ProbatumError, ValueError, RecursionError):
        raise ConfigurationError(f"the baseline `{path.name}` cannot be read as JSON", help=again) from None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        raise ConfigurationError(f"`{path.name}` is not a baseline of this version (`schema` is not `{SCHEMA}`)", help=again)
    try:
        return tuple(
            sorted(
                Accepted(
                    path=_text(entry["path"]),
                    rule=_text(entry["rule"]),
                    fingerprint=_text(entry["fingerprint"]),
                    subject=_text(entry["subject"]),
                    anchor=tuple(_text(part) for part in entry["anchor"]),
                    message=_text(entry["message"]),
                )
                for entry in value["findings"]
            )
        )
    except (KeyError, TypeError) as error:
        raise ConfigurationError(f"an entry of the baseline `{path.name}` is malformed ({error})", help=again) from None


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"`{value}` should be a text")
    return value


def match(entries: Sequence[Accepted], findings: Iterable[Finding], renamed: Mapping[str, str], paths: frozenset[str]) -> Matched:
    """Recognise the findings that are accepted.

    Rung by rung, each entry and each finding at most once: the same
    fingerprint; then the same rule and anchor in the file that git says the old
    one became; then the same in a file that no entry knows, if the old one is gone.

    Parameters
    ----------
    renamed : mapping
        Old path to new path, as far as known.
    paths : frozenset of str
        The files of entries that still exist.
    """
    free = {f.fingerprint: f for f in findings}
    accepted: dict[str, Accepted] = {}
    left: list[Accepted] = []
    for entry in entries:
        if free.pop(entry.fingerprint, None) is not None:
            accepted[entry.fingerprint] = entry
        else:
            left.append(entry)
    known = {entry.path for entry in entries}
    by_identity: dict[tuple[str, tuple[str, ...]], list[Finding]] = defaultdict(list)
    for finding in sorted(free.values(), key=lambda f: (f.location.path, f.fingerprint)):
        # An empty anchor would make every finding of a rule equal to every other.
        if finding.anchor:
            by_identity[finding.rule, finding.anchor].append(finding)
    for rung in ("git", "gone"):
        still: list[Accepted] = []
        for entry in left:
            candidates = by_identity.get((entry.rule, entry.anchor), [])
            new = renamed.get(entry.path)
            fits = [
                f
                for f in candidates
                if (f.location.path == new if rung == "git" else entry.path not in paths and f.location.path not in known)
            ]
            if fits:
                accepted[fits[0].fingerprint] = entry
                candidates.remove(fits[0])
            else:
                still.append(entry)
        left = still
    return Matched(accepted, tuple(left))


def existing(system: System, entries: Iterable[Accepted]) -> frozenset[str]:
    """Those files of entries that are still there."""
    return frozenset(path for path in {entry.path for entry in entries} if system.kind(path) is not None)


def renames(system: System, entries: Sequence[Accepted], paths: frozenset[str]) -> dict[str, str]:
    """What git says became of the files of entries that are gone: old path to new, since the last commit that had them."""
    gone = sorted({entry.path for entry in entries} - paths)[:20]  # more than this is no rename but a reorganisation
    found: dict[str, str] = {}
    for path in gone:
        last = system.git("log", "-1", "--format=%H", "--diff-filter=DR", "--end-of-options", "HEAD", "--", path)
        since = last.out.decode().strip() + "^" if last.status == 0 and last.out.strip() else "HEAD"
        answer = system.git(
            "diff", "--no-ext-diff", "--relative", "-z", "--name-status", "-M", "--diff-filter=R", "--end-of-options", since
        )
        words = answer.out.decode("utf-8", "replace").split("\0")
        for at in range(0, len(words) - 2, 3):
            found.setdefault(words[at + 1], words[at + 2])
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineChange:
    """What an update did to the file of accepted findings.

    Attributes
    ----------
    path : Path
        The file.
    added : tuple of Finding
        Accepted from now on.
    removed : tuple of str
        One line for each entry that no longer has a finding.
    kept : int
        Entries that stayed.
    report : Report
        The check that the update rests on.
    """

    path: Path
    added: tuple[Finding, ...]
    removed: tuple[str, ...]
    kept: int
    report: Report


def update_baseline(
    root: Path, options: CheckOptions | None = None, progress: Progress | None = None, *, shrink_only: bool = False
) -> BaselineChange:
    """Accept every finding there is now, and forget those that are gone.

    Entries of rules that were not selected, of files outside `root` or unchanged,
    and of files about which something was undecided, stay: nothing is known about them.

    Parameters
    ----------
    shrink_only : bool
        Accept nothing new.
    """
    from probatum.engine.checking import check

    options = options or CheckOptions()
    base = base_of(root)
    path = options.baseline or base / read_configuration(DiskSystem(base)).check["baseline"]
    entries = read_baseline(path) if path.exists() else ()
    report = check(root, replace(options, use_baseline=False, only_new=False), progress)
    system = DiskSystem(base)
    paths = existing(system, entries)
    findings = [f for f in report.findings if not f.rule.startswith("probatum/")]
    hidden = [h.outcome for h in report.hidden]  # suppressed: someone answers for them already, but an old entry may stay
    matched = match(entries, [*findings, *hidden], renames(system, entries, paths), paths)
    unsure = {o.location.path for o in report.undecided}
    whole = root.resolve() == base and not options.changed_since

    def unknown(entry: Accepted) -> bool:
        if entry.rule not in report.rules or entry.path in unsure:
            return True
        return not whole and entry.path not in report.inputs

    stale = [entry for entry in matched.stale if not unknown(entry)]
    kept = [entry for entry in matched.stale if unknown(entry)]
    by_fingerprint = {f.fingerprint: f for f in (*findings, *hidden)}
    kept += [Accepted.of(by_fingerprint[fingerprint]) for fingerprint in matched.accepted]
    added = () if shrink_only else tuple(f for f in findings if f.fingerprint not in matched.accepted)
    after = sorted([*kept, *(Accepted.of(f) for f in added)])
    write_atomically(path, _written(after))
    return BaselineChange(
        path=path,
        added=added,
        removed=tuple(f"{entry.rule} {entry.path}: {entry.message}" for entry in stale),
        kept=len(kept),
        report=report,
    )


def _written(entries: Sequence[Accepted]) -> bytes:
    """Return the file: one entry a line, so that two branches that accept different findings merge."""
    lines = ",\n".join(f"    {json.dumps(entry.to_json(), ensure_ascii=False)}" for entry in entries)
    body = f"\n{lines}\n  " if lines else ""
    return f'{{\n  "schema": "{SCHEMA}",\n  "findings": [{body}]\n}}\n'.encode()
