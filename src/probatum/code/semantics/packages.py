"""Which installed packages code under check imports, and which of their files it may therefore read.

A sandboxed process sees the standard library. What a program imports besides is
looked up here, by the record that an installer leaves of every file of a
distribution, together with all that the distribution requires. Only these
folders and files become readable, each by its name, and none that is a link: a
record inside a checked project could otherwise name anything.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

from probatum.python.program import Program

_LARGEST = 50_000_000  # bytes of a record that are read
_DEPTH = 4  # folders inside each other that hold packages and are none
_requirement = re.compile(r"Requires-Dist:\s*([A-Za-z0-9][\w.-]*)([^;\r\n]*)(?:;([^\r\n]*))?")


@dataclass(frozen=True, slots=True)
class Installed:
    """What a program needs of installed packages.

    Attributes
    ----------
    modules : mapping of str to str
        Dotted names of modules to their files; a folder for a package without a file of its own.
    readable : tuple of Path
        Files and folders that belong to them.
    records : tuple of Path
        Folders with what is known of each distribution.
    """

    modules: Mapping[str, str] = field(default_factory=dict)
    readable: tuple[Path, ...] = ()
    records: tuple[Path, ...] = ()


def wanted(program: Program, inert: Sequence[str]) -> tuple[str, ...]:
    """Return the first parts of the names of modules that a program imports, and that are neither its own nor standard."""
    own = {name.partition(".")[0] for name in program.modules}
    known = own | {name.partition(".")[0] for name in inert} | sys.stdlib_module_names
    found: set[str] = set()
    for module in program.modules.values():
        if module.path.endswith(".pyi"):
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.partition(".")[0])
    return tuple(sorted(found - known))


@lru_cache(maxsize=16)
def installed(names: tuple[str, ...], folders: tuple[str, ...]) -> Installed:
    """Look modules up in folders of installed packages, the first one first; what is not found is left out.

    Parameters
    ----------
    names : tuple of str
        First parts of names of modules.
    folders : tuple of str
        As `site-packages`.
    """
    modules: dict[str, str] = {}
    readable: dict[Path, None] = {}
    records: dict[Path, None] = {}
    if not names:
        return Installed()
    known = [_Folder(Path(folder).resolve()) for folder in folders]
    owners = {name: _owner(name, known) for name in names}
    pending = [owner for owner in owners.values() if owner is not None]
    while pending:
        folder, record = pending.pop()
        if record in records:
            continue
        records[record] = None
        for dotted, place in folder.provides(record):
            readable[place] = None
            if dotted:
                modules.setdefault(dotted, _file_of(place))
        for other in folder.requires(record):
            found = next(((f, r) for f in known if (r := f.record(other)) is not None), None)
            if found is not None:
                pending.append(found)
    for name in (name for name, owner in owners.items() if owner is None):  # without a record: as older installers leave them
        bare = next((p for folder in known if (p := folder.module(name)) is not None), None)
        if bare is not None:
            modules[name] = _file_of(bare)
            readable[bare] = None
    return Installed(modules, (*readable, *records), tuple(records))


def _owner(name: str, folders: Sequence[_Folder]) -> tuple[_Folder, Path] | None:
    return next(((folder, record) for folder in folders if (record := folder.owner(name)) is not None), None)


def _file_of(place: Path) -> str:
    """Return the file that is run when a module is imported; the folder itself if there is none."""
    if place.is_dir():
        for ending in (*EXTENSION_SUFFIXES, ".py"):
            if (own := place / f"__init__{ending}").is_file():
                return str(own)
    return str(place)


class _Folder:
    """One folder of installed packages."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.records: dict[str, Path] = {}  # by the normalized name of the distribution
        try:
            names = sorted(entry.name for entry in place.iterdir())
        except OSError:
            names = []
        for name in names:
            record = place / name
            if name.endswith(".dist-info") and not record.is_symlink():
                self.records[_normalized(name.removesuffix(".dist-info").rpartition("-")[0])] = record

    def record(self, distribution: str) -> Path | None:
        return self.records.get(_normalized(distribution))

    def owner(self, module: str) -> Path | None:
        """Return the record of the distribution that a module belongs to."""
        if self.module(module) is None:
            return None
        first = self.record(module)
        candidates = ([first] if first is not None else []) + [r for r in self.records.values() if r is not first]
        start = re.compile(rf"^{re.escape(module)}[/.]", re.MULTILINE)
        return next((r for r in candidates if start.search(_text(r / "RECORD"))), None)

    def module(self, name: str) -> Path | None:
        """Return the file or folder of a module."""
        endings = ("", *EXTENSION_SUFFIXES, ".py")
        places = (self.place / f"{name}{ending}" for ending in endings)
        return next((p for p in places if p.exists() and not p.is_symlink()), None)

    def provides(self, record: Path) -> Iterator[tuple[str, Path]]:
        """Yield the modules of a distribution with their names, and under "" what else lies beside them."""
        files = [line.partition(",")[0].strip('"') for line in _text(record / "RECORD").splitlines()]
        inside = [tuple(f.split("/")) for f in files if f and not f.startswith(("/", "../", "__pycache__/"))]
        yield from self._provided(inside, ())

    def _provided(self, files: Sequence[tuple[str, ...]], above: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
        depth = len(above)
        for first in dict.fromkeys(f[depth] for f in files):
            place = self.place.joinpath(*above, first)
            if place.is_symlink() or not place.exists() or first in ("..", "__pycache__") or first.endswith(".dist-info"):
                continue
            dotted = ".".join((*above, first.partition(".")[0]))
            if not place.is_dir():
                yield (dotted if first.endswith((*EXTENSION_SUFFIXES, ".py")) else "", place)
                continue
            own = [f for f in files if f[depth] == first]
            whole = any(len(f) == depth + 2 and f[-1].startswith("__init__.") for f in own)
            if whole or not first.isidentifier() or depth + 1 >= _DEPTH:
                yield (dotted if first.isidentifier() else "", place)
            else:  # it is shared with other distributions
                yield from self._provided([f for f in own if len(f) > depth + 1], (*above, first))

    def requires(self, record: Path) -> Iterator[str]:
        """Yield the names of distributions that it requires, without those of extras."""
        for match in _requirement.finditer(_text(record / "METADATA").partition("\n\n")[0]):
            if "extra" not in (match[3] or ""):
                yield match[1]


def _text(place: Path) -> str:
    try:
        if place.is_symlink() or place.stat().st_size > _LARGEST:
            return ""
        return place.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def folders_of(options: Mapping[str, object]) -> tuple[str, ...]:
    """Return the folders of installed packages that the options of the system name."""
    own = options.get("packages")
    folders = own.get("folders", ()) if isinstance(own, dict) else ()
    return tuple(folders) if isinstance(folders, Iterable) else ()
