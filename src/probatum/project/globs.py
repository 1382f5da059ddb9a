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
            out.append("(?:[^/]+/)*")
            i += 3
        elif pattern.startswith("**", i):
            # Adjacent repetitions of the same thing would make a hostile pattern slow.
            if not out or out[-1] != ".*":
                out.append(".*")
            i += 2
        elif pattern[i] == "*":
            out.append("[^/]*")
            i += 1
        elif pattern[i] == "?":
            out.append("[^/]")
            i += 1
        elif pattern[i] == "[" and (end := pattern.find("]", i + 2)) != -1:
            members = pattern[i + 1 : end].replace("\\", "\\\\").replace("[", "\\[")
            out.append("(?!/)[" + ("^" + members[1:] if members[0] == "!" else members.replace("^", "\\^")) + "]")
            i = end + 1
        else:
            out.append(re.escape(pattern[i]))
            i += 1
    return "".join(out)
