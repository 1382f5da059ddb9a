"""Where the packages are that a project imports: its `.venv` if that fits the interpreter, else beside probatum.

Only names of folders are looked at here. What of them is read, and by whom, is
for those to say who run code.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

from probatum.source import digest_of


@dataclass(frozen=True, slots=True)
class Environment:
    """Folders of installed packages.

    Attributes
    ----------
    folders : tuple of str
        The first one counts if several have a package.
    digest : str
        Of what is installed: names and versions.
    """

    folders: tuple[str, ...]
    digest: str


def environment(base: Path) -> Environment:
    """Return the folders of installed packages for a project, whose root is `base`."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    own = [base / ".venv" / "lib" / version / "site-packages"]
    if _is_for(base / ".venv", f"{sys.version_info.major}.{sys.version_info.minor}"):
        own.append(base / ".venv" / "Lib" / "site-packages")
    folders = [folder for folder in own if folder.is_dir()][:1]
    if not folders or _said(base / ".venv").get("include-system-site-packages") == "true":
        folders += _ours()
    installed = sorted(name for folder in folders for name in _installed(folder))
    return Environment(tuple(map(str, folders)), digest_of(installed))


def _is_for(folder: Path, version: str) -> bool:
    """Whether a virtual environment is for a version of the interpreter, as its own description says."""
    said = _said(folder)
    return any(said.get(key, "").startswith(f"{version}.") for key in ("version", "version_info"))


def _said(folder: Path) -> dict[str, str]:
    """Return the description of a virtual environment, in lower case."""
    try:
        lines = (folder / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace").lower().splitlines()
    except OSError:
        return {}
    return {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in lines)}


def _ours() -> list[Path]:
    """Return the folders from which this interpreter imports what is installed."""
    found = [Path(entry) for entry in sys.path if entry]
    return [folder for folder in found if _installed(folder)]


def _installed(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir() if entry.name.endswith(".dist-info")]
    except OSError:
        return []
