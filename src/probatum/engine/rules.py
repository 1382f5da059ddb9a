"""Which rules there are, from the files they are in: nothing is imported."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from probatum.engine.systems import SystemEntry, systems
from probatum.errors import UsageError
from probatum.project.config import suggestion


@dataclass(frozen=True, slots=True)
class RuleInfo:
    """A rule, as its file describes it.

    Attributes
    ----------
    id : str
        ``access/public-access``.
    system : str
        ``access``.
    title : str
        First line of the docstring, without its full stop.
    docstring : str
        The whole of it, dedented: Markdown.
    path : Path
        The file.
    """

    id: str
    system: str
    title: str
    docstring: str
    path: Path

    @property
    def module(self) -> str:
        """Name of the module inside the system's `rules` package."""
        return self.path.stem


def list_rules() -> tuple[RuleInfo, ...]:
    """Every rule of every system, ordered by identifier."""
    found = [_read(entry, path) for entry in systems() for path in (entry.folder() / "rules").glob("[!_]*.py")]
    return tuple(sorted(found, key=lambda rule: rule.id))


# Rules that belong to no system: what they say is about the check itself.
UNREADABLE = "probatum/unreadable"
UNSUPPORTED = "probatum/unsupported"
NOTHING_CHECKED = "probatum/nothing-checked"
UNUSED_SUPPRESSION = "probatum/unused-suppression"
EXPIRED_SUPPRESSION = "probatum/expired-suppression"

_built_in_words = {
    EXPIRED_SUPPRESSION: """A suppression has expired, and its finding is back.

## What it finds
An entry of the file of suppressions whose `until` has passed while its finding is still there.

## Why it matters
Someone decided to accept the finding for a time, and the time is over.

## Evidence
`Exemplars`: the entry. It is read again, and its day compared with the day of the check.

## Not found
Expired entries without a finding: see `probatum/unused-suppression`.""",
    NOTHING_CHECKED: """Nothing was checked.

## What it finds
A check that ran no rule on any file. It is undecided, and its exit status 3.

## Why it matters
A check that looks at nothing must not be mistaken for one that finds nothing.

## Evidence
None: it is not a finding.

## Not found
Files left out while others were checked: the notes of the report count them.""",
    UNREADABLE: """A file cannot be read, so nothing is known about it.

## What it finds
A file that may be an artefact, and is empty, too large, not text, not well-formed, or not permitted to be read.

## Why it matters
What is not read may hold any defect.

## Evidence
None: it is undecided, with the reason and what to do.

## Not found
Files that `exclude` in `[check]` leaves out.""",
    UNSUPPORTED: """A file uses something that has no meaning here yet.

## What it finds
A construct that the reader knows it does not understand, at its place.

## Why it matters
Guessing what it means could hide a defect, or invent one.

## Evidence
None: it is undecided, with the construct and its place.

## Not found
Constructs that a rule understands in part: that rule says so itself.""",
    UNUSED_SUPPRESSION: """A suppression has no finding to suppress.

## What it finds
An entry of the file of suppressions that hides nothing in a check of the whole project in which everything was decided.

## Why it matters
It would hide the same finding if it came back, and nobody would know.

## Evidence
`Exemplars`: the entry. It is read again, and compared with every finding of the report.

## Not found
Unused entries while something is undecided, or when only a part is checked.""",
}
built_in = {name: words.split("\n", 1)[0].rstrip(".") for name, words in _built_in_words.items()}
_may_be_ignored = (UNUSED_SUPPRESSION, EXPIRED_SUPPRESSION)


def built_in_rules() -> tuple[RuleInfo, ...]:
    """Rules that are about the check itself: never selected, always there; ordered by identifier."""
    return tuple(RuleInfo(name, "probatum", built_in[name], _built_in_words[name], Path(__file__)) for name in sorted(built_in))


def select_rules(rules: tuple[RuleInfo, ...], select: tuple[str, ...], ignore: tuple[str, ...]) -> tuple[RuleInfo, ...]:
    """Return the rules that fit `select` (all if empty) and do not fit `ignore`; a system's name means all of its rules.

    Raises
    ------
    UsageError
        If a pattern fits no rule, one is ignored that must not be, or none is left.
    """
    known = (*(rule.id for rule in rules), *built_in)
    names = {entry.name for entry in systems()}
    select, ignore = (tuple(f"{p}/*" if p in names else p for p in patterns) for patterns in (select, ignore))
    for pattern in (*select, *ignore):
        if not any(fnmatchcase(name, pattern) for name in known):
            guess = suggestion(pattern, known)
            raise UsageError(
                f"there is no rule `{pattern}`",
                help=f"did you mean `{guess}`?" if guess else "`probatum rules` lists them",
            )
    for pattern in ignore:
        if pattern in built_in and pattern not in _may_be_ignored:
            raise UsageError(
                f"`{pattern}` cannot be ignored: it says what was not checked",
                help="exclude the file instead: `exclude` in `[check]`",
            )
    chosen = tuple(
        rule
        for rule in rules
        if (not select or any(fnmatchcase(rule.id, p) for p in select)) and not any(fnmatchcase(rule.id, p) for p in ignore)
    )
    if rules and not chosen:
        raise UsageError("no rule is left to run", help="select fewer rules away: `probatum rules` lists them")
    return chosen


def is_ignored(rule: str, ignore: tuple[str, ...]) -> bool:
    """Whether a built-in rule is ignored."""
    return rule in _may_be_ignored and any(fnmatchcase(rule, pattern) for pattern in ignore)


def _read(entry: SystemEntry, path: Path) -> RuleInfo:
    words = ast.get_docstring(ast.parse(_head(path.read_text(encoding="utf-8")))) or ""
    title = words.split("\n", 1)[0].rstrip(".")
    return RuleInfo(f"{entry.name}/{path.stem.replace('_', '-')}", entry.name, title, words, path)


def _head(text: str) -> str:
    """Return a text of Python up to the end of the string that it begins with: parsing all of many rules takes longer than a small check."""
    end = text.find('"""', 3)
    return text[: end + 3] if text.startswith('"""') and end >= 0 and "\\" not in text[:end] else text
