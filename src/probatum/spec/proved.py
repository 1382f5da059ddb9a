"""What a report says is proved, so that it need not be checked again while the program runs.

A function counts as proved if the report cleared `code/function` for it by a
proof, and if every Python file that the report has read is as it was: what a
function promises may rest on what another file says.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

_RULE = "code/function"
_SCHEMA = "probatum-report/1"


@dataclass
class Proofs:
    """What one report proved.

    Attributes
    ----------
    functions : mapping of str to set of str
        Path in the report to the names of proved functions, with that of their module.
    digests : mapping of str to str
        Path to the SHA-256 of the Python files that were read.
    root : Path or None
        The directory that was checked; None until a module shows it.
    """

    functions: dict[str, set[str]]
    digests: dict[str, str]
    root: Path | None
    trust_callers: bool
    _unchanged: dict[Path, bool] = field(default_factory=dict)

    def covers(self, filename: str, qualified: str) -> bool:
        """Whether this function of this file is proved as it is now."""
        path = Path(filename)
        for name, functions in self.functions.items():
            root = self._root(path, name)
            if root is not None and any(f"{module}.{qualified}" in functions for module in _modules(name)):
                return self._all_unchanged(root)
        return False

    def _root(self, path: Path, name: str) -> Path | None:
        parts = Path(name).parts
        if path.parts[-len(parts) :] != parts:
            return None
        found = Path(*path.parts[: -len(parts)])
        return found if self.root is None or found.resolve() == self.root.resolve() else None

    def _all_unchanged(self, root: Path) -> bool:
        if root not in self._unchanged:
            self._unchanged[root] = all(_digest(root / name) == digest for name, digest in self.digests.items())
        return self._unchanged[root]


_known: list[Proofs] = []


def use_report(report: Path, *, root: Path | None, trust_callers: bool) -> None:
    """Take note of what a report proves.

    Raises
    ------
    ValueError
        If it is not a report.
    """
    try:
        said = json.loads(report.read_bytes())
        schema = said["schema"]
        functions: dict[str, set[str]] = {}
        for outcome in said["outcomes"]:
            if outcome["rule"] == _RULE and outcome["kind"] == "cleared" and outcome["strength"] == "proved":
                functions.setdefault(outcome["location"]["path"], set()).add(outcome["subject"])
        digests = {str(name): str(d) for name, d in said["inputs"].items() if name.endswith((".py", ".pyi"))}
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _refused(report, f"`{error}`") from error
    if schema != _SCHEMA:
        raise _refused(report, f"its schema is `{schema}`")
    if missing := set(functions) - set(digests):
        raise _refused(report, f"it does not say what `{min(missing)}` was when it was read")
    _known.append(Proofs(functions, digests, root, trust_callers))


def _modules(name: str) -> list[str]:
    """Return what the module of a file may be called: `src/a/b.py` is `src.a.b`, `a.b`, `b`, or has no name."""
    parts = list(Path(name).with_suffix("").parts)
    if parts[-1] == "__init__":
        parts.pop()
    return [".".join(parts[start:]) for start in range(len(parts) + 1)]


def _refused(report: Path, why: str) -> ValueError:
    advice = "write one with `probatum check --format json`"
    return ValueError(f"`{report}` is not a report that says what is proved: {why}; {advice}")


def level_of(filename: str, qualified: str) -> int:
    """Return how much of a function's contract is left to be checked: 2 all, 1 preconditions, 0 nothing."""
    for proofs in _known:
        if proofs.covers(filename, qualified):
            return 0 if proofs.trust_callers else 1
    return 2


def _digest(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
