"""Which files an artefact needs because of what it says, and because of what they say.

A system whose artefacts name others has a function `imports` among its
`artefacts`, beside `inputs`:

    imports(path, options, read, exists) -> (followed, needed)

`read` gives the bytes of a file, or None if it cannot be read; `exists` says
whether there is a file. Both names are paths of files that exist, inside the
checked directory. What is `followed` is asked for its own imports in turn; what
is only `needed` is not. This runs in the engine's own process, so it must be
quick on any content, and may name too much: a name too many costs a check, a
name too few is a file that the rules do not see.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Read: TypeAlias = Callable[[str], bytes | None]
Exists: TypeAlias = Callable[[str], bool]
Names: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
Asked: TypeAlias = Callable[[str, Mapping[str, Any], Read, Exists], Names]


@dataclass(slots=True)
class Imports:
    """The imports of the artefacts of one system; each file is asked once.

    Attributes
    ----------
    module : str
        The package of the system.
    options : mapping
        Of the system.
    """

    module: str
    options: Mapping[str, Any]
    read: Read
    exists: Exists
    _known: dict[str, Names] = field(default_factory=dict)
    _exists: dict[str, bool] = field(default_factory=dict)

    def names(self, path: str) -> tuple[str, ...]:
        """Return every file that an artefact needs, directly or through others, in the order in which they are met."""
        ask = own(self.module, "imports")
        if ask is None:
            return ()
        followed: dict[str, None] = {path: None}
        found: dict[str, None] = {}
        waiting = [path]
        while waiting:
            name = waiting.pop()
            if name not in self._known:
                self._known[name] = ask(name, self.options, self.read, self._there)
            more, needed = self._known[name]
            found |= dict.fromkeys((*more, *needed))
            fresh = [one for one in more if one not in followed]
            followed |= dict.fromkeys(fresh)
            waiting += reversed(fresh)
        return tuple(name for name in found if name != path)

    def _there(self, path: str) -> bool:
        if path not in self._exists:
            self._exists[path] = self.exists(path)
        return self._exists[path]


def own(module: str, function: str) -> Any:
    """Return a function of a system's `artefacts`, or None if it has none of that name."""
    if importlib.util.find_spec(f"{module}.artefacts") is None:
        return None
    return getattr(importlib.import_module(f"{module}.artefacts"), function, None)
