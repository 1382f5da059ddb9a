"""Which rules there are, from the files they are in: nothing is imported."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path

from probatum.engine.systems import SystemEntry, systems


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


def _read(entry: SystemEntry, path: Path) -> RuleInfo:
    words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    title = words.split("\n", 1)[0].rstrip(".")
    return RuleInfo(f"{entry.name}/{path.stem.replace('_', '-')}", entry.name, title, words, path)
