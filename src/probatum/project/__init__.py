"""An organisation's artefacts in one directory: which files there are, and what the configuration says.

Nothing here knows what an artefact means. `discover` says which files each
system claims, `config` reads what the owner wants, and both see the world
through a `System`, so that tests and repairs can run on files in memory.
"""

from __future__ import annotations

from pathlib import Path

from probatum.errors import UsageError


def base_of(root: Path) -> Path:
    """Return the directory to which the paths of a report are relative.

    It is the nearest directory with a configuration, from `root` upwards, not
    beyond the git work tree or, where there is none, beyond the working
    directory; without a configuration it is `root`, or the directory of that file,
    and of what is inside of a Python package the directory in which Python finds that.

    Raises
    ------
    UsageError
        If there is nothing at `root`.
    """
    # Not above: children that only read files do not read the configuration.
    from probatum.project.config import has_configuration
    from probatum.project.system import DiskSystem

    try:
        real = root.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise UsageError(
            f"there is nothing at `{root}` that can be checked ({getattr(error, 'strerror', None) or 'a circle of links'})".lower()
            if not isinstance(error, FileNotFoundError)
            else f"there is no file or directory `{root}`",
            help="name a directory, or a file, that exists",
        ) from None
    start = real if real.is_dir() else real.parent
    for folder in _up(start):
        if has_configuration(DiskSystem(folder)):
            return folder
    return _above_packages(start)


def _above_packages(start: Path) -> Path:
    """Return the directory above the outermost package that a directory is in, not beyond the git work tree.

    A package that is in no other one stays where it is: what it imports of itself is found from within.
    """
    folder = start
    while (folder / "__init__.py").is_file():
        if (folder / ".git").exists() or folder.parent == folder:
            return start
        folder = folder.parent
    return start if folder in (start, start.parent) else folder


def _up(start: Path) -> list[Path]:
    chain = [start, *start.parents]
    top = next((i for i, folder in enumerate(chain) if (folder / ".git").exists()), None)
    if top is None:
        here = Path.cwd()
        top = chain.index(here) if here in chain else 0
    return chain[: top + 1]
