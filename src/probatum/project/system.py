"""The operating system as an argument: files and git, on disk or in memory.

Paths are relative to the root of the system, with forward slashes. Nothing here
follows a symbolic link by itself, opens anything but regular files, or leaves
the root: what is checked may have been written by someone who wants just that.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import os
import stat
from collections.abc import Mapping, Sequence
from dataclasses import field
from pathlib import Path, PurePosixPath
from typing import Protocol

from probatum.errors import StateError, UsageError
from probatum.records import dataclass
from probatum.source import digest


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """What a directory holds: `kind` is ``file``, ``directory``, ``link`` or ``other`` (a pipe, a socket, a device)."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class GitAnswer:
    """What git said."""

    status: int
    out: bytes
    err: str


class TooLarge(Exception):
    """A file is larger than the reader wants."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class System(Protocol):
    """Files and git below one directory."""

    def list(self, path: str) -> tuple[Entry, ...]:
        """Entries of a directory ("" for the root), ordered by name; OSError if it cannot be read."""

    def read(self, path: str, *, limit: int | None = None) -> bytes:
        """Bytes of a regular file; OSError if it cannot be read, `TooLarge` if it has more than `limit` bytes."""

    def digest(self, path: str) -> str:
        """Digest of the bytes of a regular file, which need not fit into memory; OSError if it cannot be read."""

    def write(self, path: str, content: bytes) -> None:
        """Replace a file as a whole: other processes see the old content or the new; `StateError` if that fails."""

    def kind(self, path: str) -> str | None:
        """Kind of what is at `path` (see `Entry`), or None if there is nothing."""

    def target(self, path: str) -> str | None:
        """Where a symbolic link leads in the end, or None if outside the root, in a circle, or to nothing."""

    def git(self, *arguments: str, stdin: bytes = b"") -> GitAnswer:
        """Run git at the root; status 127 if there is no git."""


def inside(path: str) -> str:
    """Return a relative path in normal form.

    Raises
    ------
    UsageError
        If it is absolute or leads out of the directory.
    """
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\x00" in path:
        raise UsageError(
            f"`{path}` is outside the checked directory",
            help="name a file inside it, by a relative path without `..`",
        )
    return str(pure)


def read_followed(system: System, path: str) -> bytes:
    """Bytes of a file that people write, which may be a link to another one inside the root.

    Raises
    ------
    OSError
        If it cannot be read, or leads out of the root.
    """
    if system.kind(path) != "link":
        return system.read(path)
    place = system.target(path)
    if place is None:
        raise OSError(errno.ELOOP, "it is a link out of the directory, in a circle or to nothing", path)
    return system.read(place)


# The checked repository may be hostile: no hooks, no monitors, no pagers, no helpers of its choosing.
_git_harmless = (
    "--no-pager",
    "-c",
    "core.fsmonitor=false",
    "-c",
    f"core.hooksPath={os.devnull}",
    "-c",
    "core.quotePath=false",
    "-c",
    "protocol.allow=never",
)


@dataclass(frozen=True, slots=True)
class DiskSystem:
    """The files below a directory of this machine."""

    root: Path

    def list(self, path: str) -> tuple[Entry, ...]:
        """See `System.list`."""
        with os.scandir(self.root / path) as entries:
            return tuple(sorted(Entry(e.name, _kind_of(e)) for e in entries))

    def read(self, path: str, *, limit: int | None = None) -> bytes:
        """See `System.read`."""
        with self._open(path) as file:
            size = os.fstat(file.fileno()).st_size
            if limit is not None and size > limit:
                raise TooLarge(size)
            return file.readall()

    def digest(self, path: str) -> str:
        """See `System.digest`."""
        with self._open(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def _open(self, path: str) -> io.FileIO:
        # A pipe must not make us wait, a link must not lead us elsewhere.
        handle = os.open(os.path.join(self.root, path), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)  # noqa: PTH118 - thousands of calls
        file = io.FileIO(handle, "rb")
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            file.close()
            raise OSError(errno.EINVAL, "not a regular file", path)
        return file

    def write(self, path: str, content: bytes) -> None:
        """See `System.write`."""
        write_atomically(self.root / inside(path), content)

    def kind(self, path: str) -> str | None:
        """See `System.kind`."""
        try:
            mode = os.lstat(self.root / path).st_mode
        except OSError:
            return None
        return _kind_of_mode(mode)

    def target(self, path: str) -> str | None:
        """See `System.target`."""
        try:
            return (self.root / path).resolve(strict=True).relative_to(self.root.resolve()).as_posix()
        except (OSError, ValueError, RuntimeError):  # nothing there; outside; a circle, as older Pythons say it
            return None

    def git(self, *arguments: str, stdin: bytes = b"") -> GitAnswer:
        """See `System.git`."""
        import subprocess  # here, because most checks ask git nothing

        own = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        own |= {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}
        try:
            done = subprocess.run(  # noqa: S603 - git of the PATH; revisions go after --end-of-options
                ("git", *_git_harmless, *arguments),  # noqa: S607 - the git that the user has
                cwd=self.root,
                env=own,
                input=stdin,
                capture_output=True,
                check=False,
            )
        except OSError as error:
            return GitAnswer(127, b"", f"git cannot be run: {error.strerror}")
        return GitAnswer(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip())


def _kind_of(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    return "file" if entry.is_file(follow_symlinks=False) else "other"


def _kind_of_mode(mode: int) -> str:
    if stat.S_ISLNK(mode):
        return "link"
    if stat.S_ISDIR(mode):
        return "directory"
    return "file" if stat.S_ISREG(mode) else "other"


def write_atomically(path: Path, content: bytes) -> None:
    """Replace a file as a whole, and make sure that it is on the disk.

    The permissions of an existing file are kept.

    Raises
    ------
    StateError
        If that fails: no space, no permission. The old content is still there.
    """
    try:
        _replace(path, content)
    except OSError as error:
        raise StateError(
            f"`{path.name}` cannot be written: {(error.strerror or str(error)).lower()}",
            help="make room, or make the directory writable; what was there before is untouched",
        ) from None


def _replace(path: Path, content: bytes) -> None:
    mode = path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask()
    import tempfile  # here, because most processes write nothing

    handle, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(content)
            file.flush()
            os.fchmod(handle, mode)
            os.fsync(handle)
        os.replace(name, path)  # noqa: PTH105 - `name` is a plain string
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)  # noqa: PTH108 - `name` is a plain string
        raise


def _umask() -> int:
    # There is no way to read it without setting it; 0o022 is what it is nearly everywhere
    # and a different one only matters for files that we create, never for those that exist.
    return 0o022


@dataclass(frozen=True, slots=True)
class Link:
    """A symbolic link of a `MemorySystem`; `to` is None if it leads out, in a circle or to nothing."""

    to: str | None


@dataclass(frozen=True, slots=True)
class MemorySystem:
    """Files in memory, for tests and for repairs that are tried before they are written.

    A value is the content of a file, a `Link`, or the error that reading it raises.
    """

    files: dict[str, bytes | OSError | Link] = field(default_factory=dict)
    answers: Mapping[Sequence[str], GitAnswer] = field(default_factory=dict)  # what git says to which arguments

    def list(self, path: str) -> tuple[Entry, ...]:
        """See `System.list`."""
        prefix = f"{path}/" if path else ""
        if isinstance(self.files.get(path), OSError):
            raise self.files[path]  # type: ignore[misc]  # it is an error: the line above
        names = {name[len(prefix) :].split("/", 1)[0] for name in self.files if name.startswith(prefix)}
        if not names and path:
            raise FileNotFoundError(errno.ENOENT, "no such directory", path)
        return tuple(sorted(Entry(name, self.kind(prefix + name) or "other") for name in names))

    def read(self, path: str, *, limit: int | None = None) -> bytes:
        """See `System.read`."""
        match self.files.get(path):
            case bytes(content):
                if limit is not None and len(content) > limit:
                    raise TooLarge(len(content))
                return content
            case OSError() as error:
                raise error
            case _:
                raise FileNotFoundError(errno.ENOENT, "no such file", path)

    def digest(self, path: str) -> str:
        """See `System.digest`."""
        return digest(self.read(path))

    def write(self, path: str, content: bytes) -> None:
        """See `System.write`."""
        self.files[inside(path)] = content

    def kind(self, path: str) -> str | None:
        """See `System.kind`."""
        if any(name.startswith(f"{path}/") for name in self.files) or path == "":
            return "directory"
        match self.files.get(path):
            case None:
                return None
            case Link():
                return "link"
            case _:
                return "file"

    def target(self, path: str) -> str | None:
        """See `System.target`."""
        match self.files.get(path):
            case Link(to):
                return to
            case None:
                return None
            case _:
                return path

    def git(self, *arguments: str, stdin: bytes = b"") -> GitAnswer:  # noqa: ARG002 - the protocol's argument
        """See `System.git`."""
        return self.answers.get(arguments, GitAnswer(128, b"", "not a git repository"))
