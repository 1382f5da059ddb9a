"""Which paths a pattern means, on every system alike.

`*` and `?` stay within a name, `**` crosses directories, `[...]` is a set. A
pattern without a slash means that name at any depth; one with a slash starts at
the root. A pattern that fits a directory fits all that is in it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache


def matches(path: str, patterns: Iterable[str]) -> bool:
    """Whether a relative path, or a directory it is in, fits one of the patterns."""
    return any(_compiled(pattern).match(path) is not None for pattern in patterns)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str]:
    anchored = "/" in pattern.rstrip("/")
    body = _translate(pattern.strip("/").removeprefix("./"))
    return re.compile(("" if anchored else "(?:.*/)?") + body + "(?:/.*)?\\Z", re.DOTALL)


def _translate(pattern: str) -> str:
    out: list[str] = []
    i = 0
    while i < len(pattern):
        if pattern.startswith("**/", i):
            part, i = "(?:[^/]+/)*", i + 3
        elif pattern.startswith("**", i):
            part, i = ".*", i + 2
        elif pattern[i] == "*":
            part, i = "[^/]*", i + 1
        elif pattern[i] == "?":
            part, i = "[^/]", i + 1
        elif pattern[i] == "[" and (end := pattern.find("]", i + 2)) != -1:
            part, i = _set(pattern[i + 1 : end]), end + 1
        else:
            part, i = re.escape(pattern[i]), i + 1
        # The same repetition twice means what it means once, and would make a hostile pattern slow.
        if not (part.endswith("*") and out and out[-1] == part):
            out.append(part)
    return "".join(out)


def _set(members: str) -> str:
    """Translate what is between brackets: characters, ranges, and `!` in front for all others; never a slash."""
    negated = members.startswith("!")
    rest = members[1:] if negated else members
    parts: list[str] = []
    i = 0
    while i < len(rest):
        if rest[i + 1 : i + 2] == "-" and i + 2 < len(rest):
            if rest[i] <= rest[i + 2]:  # a range that runs backwards has no members
                parts.append(f"{re.escape(rest[i])}-{re.escape(rest[i + 2])}")
            i += 3
        else:
            parts.append(re.escape(rest[i]))
            i += 1
    if not parts:
        return "[^/]" if negated else "(?!)"
    return f"(?!/)[{'^' if negated else ''}{''.join(parts)}]"
