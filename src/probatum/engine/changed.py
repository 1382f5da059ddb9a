"""Which files have changed since a revision, as git sees it, untracked ones included."""

from __future__ import annotations

from probatum.engine.plan import resolve
from probatum.errors import UsageError
from probatum.project.system import System


def changed_since(system: System, revision: str) -> frozenset[str]:
    """Return the paths, relative to the root of the system, of files that differ from a revision.

    Raises
    ------
    UsageError
        Outside a git repository, or if there is no such revision.
    """
    commit = resolve(system, revision, "`--changed-since` names")
    # --relative: the checked directory may be a part of the repository.
    differing = system.git(
        "diff", "--no-ext-diff", "--no-textconv", "--relative", "--no-renames", "--name-only", "-z", commit, "--"
    )
    untracked = system.git("ls-files", "--others", "--exclude-standard", "-z", "--", ".")
    for answer in (differing, untracked):
        if answer.status != 0:
            raise UsageError(
                f"git cannot say what has changed since `{revision}`: {answer.err}", help="see that `git diff` works here"
            )
    names = (differing.out + untracked.out).split(b"\0")
    return frozenset(name.decode("utf-8", "surrogateescape") for name in names if name)
