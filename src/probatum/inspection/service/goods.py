"""The goods of a policy as commands open them: files of a folder, read when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from probatum.errors import UnreadableArtefact
from probatum.infer.vision.kept import own_folder
from probatum.inspection.artefacts.policy import Policy
from probatum.inspection.artefacts.reader import read_policy
from probatum.inspection.semantics.goods import Goods
from probatum.inspection.semantics.opened import opened, sharing
from probatum.source import DATA, Data, Location, Source, Text, digest


@dataclass(frozen=True, slots=True)
class _Lazy(Data):
    """A file whose digest is taken when it is asked for."""

    @property
    def digest(self) -> str:
        """Digest of the bytes."""
        return digest(Path(self.place).read_bytes())


@dataclass(slots=True)
class OnDisk(Mapping[str, Source]):
    """The files below a folder, by `data:` and their path."""

    folder: Path
    _known: dict[str, Source] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Source:
        """Return a file that is below the folder, whatever links lead to it."""
        if name not in self._known:
            path = name.removeprefix(DATA)
            place = (self.folder / path).resolve()
            if not name.startswith(DATA) or not place.is_relative_to(self.folder.resolve()) or not place.is_file():
                raise KeyError(name)
            self._known[name] = _Lazy(path, b"", place=str(place))
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over those that were asked for."""
        return iter(self._known)

    def __len__(self) -> int:
        """Return how many were asked for."""
        return len(self._known)


def policy_at(path: Path) -> Policy:
    """Read a policy.

    Raises
    ------
    UnreadableArtefact
        If it is none.
    """
    return read_policy(
        text_at(path, advice="name a policy, such as `probatum inspection import --policy inspection.yaml` writes")
    )


def text_at(path: Path, *, advice: str) -> Text:
    """Read a file that somebody named.

    Raises
    ------
    UnreadableArtefact
        With an advice, if it cannot be read.
    """
    try:
        raw = path.read_bytes()
    except OSError as problem:
        raise UnreadableArtefact(
            f"`{path}` cannot be read ({(problem.strerror or str(problem)).lower()})",
            help=advice,
            location=Location(path.as_posix()),
        ) from None
    return Source(path.name, raw).text()


def _writable(folder: Path | None) -> Path | None:
    """Return a folder of this user, made if it is not there; None if nothing can be kept in it."""
    try:
        if folder is None:
            return None
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder if os.access(folder, os.W_OK) else None
    except OSError:
        return None


@contextmanager
def goods_at(path: Path) -> Iterator[Goods]:
    """Open the goods of the policy in a file for as long as the context lasts."""
    policy = policy_at(path)
    with sharing(), opened(policy, OnDisk(path.resolve().parent), cache=_writable(own_folder())) as goods:
        yield goods
