"""The files that verbs of `probatum fairness` are given: policies, and the tables that these name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from probatum.errors import UsageError
from probatum.source import Data, Source

if TYPE_CHECKING:
    from probatum.fairness.artefacts import Policy


def policy_at(path: Path) -> Policy:
    """Read a policy.

    Raises
    ------
    UnreadableArtefact
        If it is none.
    """
    from probatum.fairness.artefacts import read

    [policy] = read(Source(path.name, path.read_bytes()), {})
    return policy


def table_of(policy: Policy, beside: Path) -> Data:
    """Return the table that a policy names, by its path relative to the policy."""
    return data_at(beside.parent / policy.decision.table, shown=policy.decision.table)


def data_at(place: Path, *, shown: str = "") -> Data:
    """Return a file to be read in place.

    Raises
    ------
    UsageError
        If there is no such file.
    """
    name = shown or place.name
    if not place.is_file():
        raise UsageError(f"there is no file `{name}`", help="name a file that exists")
    return Data(name, b"", place=str(place.resolve()))
