"""Which files of a project a Python file imports, from its text alone.

Files are found as the interpreter would find them if the project were on its
path, without running anything: relative imports from the package of the file,
absolute ones from the nearest directory above it that is no package, then those
above that, then `src`. The standard library comes before all of them.

Statements are found by their shape. An import in a string is found too, and
does no harm.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

from probatum.records import dataclass

Exists: TypeAlias = Callable[[str], bool]

_rest = r"[^\n;#\\]*(?:\\\r?\n[^\n;#\\]*)*"  # of a statement, over lines that end in a backslash
_statement = re.compile(
    rf"(?:^|[;:])[ \t]*(?:from(?:[ \t]+|(?=\.))(?P<module>[.\w \t]+?)[ \t]*\bimport\b[ \t]*(?P<names>\([^)]*\)|{_rest})"
    rf"|import[ \t]+(?P<modules>{_rest}))",
    re.MULTILINE,
)
_comment = re.compile(r"#[^\n]*")


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file imports.

    Attributes
    ----------
    found : mapping
        Dotted names of modules to their files.
    missing : mapping
        Dotted names that must be modules of the project, and are not there, to
        the lines of the imports. What may come from elsewhere is not among them.
    """

    found: Mapping[str, str]
    missing: Mapping[str, int]


def imported(path: str, raw: bytes, exists: Exists) -> Imported:
    """Return what a file imports."""
    text = raw.decode("utf-8", "replace")
    found: dict[str, str] = {}
    missing: dict[str, int] = {}
    for line, dotted, names in _imports(text):
        level = len(dotted) - len(dotted.lstrip("."))
        if not level and dotted.partition(".")[0] in sys.stdlib_module_names:
            continue
        base = _anchor(path, level, exists) if level else ""
        if base is None:
            missing.setdefault(dotted, line)
            continue
        name = ".".join(part for part in (base, dotted[level:]) if part)
        folder = _above(path, level) if level else None
        own = _find(path, dotted[level:], folder, exists)
        if own is not None:
            found[name] = own
        inner = {n: _find(path, f"{dotted[level:]}.{n}".lstrip("."), folder, exists) for n in names}
        found |= {f"{name}.{n}".lstrip("."): place for n, place in inner.items() if place is not None}
        if own is None and not any(inner.values()) and (level or _ours(path, dotted, exists)):
            missing.setdefault(dotted, line)
    return Imported(found, missing)


def module_name(path: str, exists: Exists) -> str:
    """Return the dotted name under which a file is imported: with the packages that it is in."""
    parts = path.removesuffix(".py").split("/")
    if parts[-1] == "__init__":
        parts.pop()
        if not parts:
            return ""
    inside = len(parts) - 1
    while inside > 0 and exists("/".join([*parts[:inside], "__init__.py"])):
        inside -= 1
    return ".".join(parts[inside:])


def packages(path: str, exists: Exists) -> tuple[str, ...]:
    """Return the `__init__.py` of every package that a file is in, the innermost first."""
    found = []
    folder = path.rpartition("/")[0]
    while exists(own := f"{folder}/__init__.py".lstrip("/")):
        found.append(own)
        if not folder:
            break
        folder = folder.rpartition("/")[0]
    return tuple(name for name in found if name != path)


def _imports(text: str) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    """Yield line, dotted name with its leading dots, and the names that are imported from it."""
    for match in _statement.finditer(text):
        keyword = re.search(r"import|from", match[0])
        line = text.count("\n", 0, match.start() + (keyword.start() if keyword else 0)) + 1
        if match["module"] is not None:
            names = tuple(n for n in _names(match["names"]) if n != "*")
            yield line, re.sub(r"\s", "", match["module"]), names
            continue
        for dotted in _names(match["modules"]):
            parts = dotted.split(".")
            # `import a.b.c` makes `a` and `a.b` known too.
            for end in range(1, len(parts) + 1):
                yield line, ".".join(parts[:end]), ()


def _names(text: str) -> Iterator[str]:
    for part in _comment.sub("", text).strip("() \t\r\n").replace("\\", " ").split(","):
        words = part.split()
        if words and re.fullmatch(r"[\w.]+|\*", words[0]):
            yield words[0]


def _above(path: str, level: int) -> str:
    folder = path.rpartition("/")[0]
    for _ in range(level - 1):
        folder = folder.rpartition("/")[0]
    return folder


def _anchor(path: str, level: int, exists: Exists) -> str | None:
    """Return the dotted name that the dots of a relative import stand for; None if they lead out of the packages."""
    own = module_name(path, exists).split(".")
    if path.rpartition("/")[2] != "__init__.py":
        own.pop()
    if level - 1 > len(own):
        return None
    return ".".join(own[: len(own) - (level - 1)])


def _find(path: str, dotted: str, folder: str | None, exists: Exists) -> str | None:
    """Return the file of a module: below `folder`, or where absolute imports look."""
    tail = dotted.replace(".", "/")
    for root in _roots(path, exists) if folder is None else (folder,):
        whole = f"{root}/{tail}".strip("/")
        for place in (f"{whole}/__init__.py".lstrip("/"), f"{whole}.py" if tail else ""):
            if place and place != path and exists(place):
                return place
    if folder is None and exists("__init__.py") and "." in dotted:  # the checked directory is itself a package
        return _find(path, dotted.partition(".")[2], "", exists)
    return None


def _roots(path: str, exists: Exists) -> tuple[str, ...]:
    folders = []
    folder = path.rpartition("/")[0]
    while folder:
        if not exists(f"{folder}/__init__.py"):
            folders.append(folder)
        folder = folder.rpartition("/")[0]
    return (*folders, "", "src")


def _ours(path: str, dotted: str, exists: Exists) -> bool:
    """Whether the first part of an absolute name is a package of the project, so that the rest must be one too."""
    top, dot, _ = dotted.partition(".")
    return bool(dot) and _find(path, top, None, exists) is not None
