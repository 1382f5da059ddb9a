"""Where results go: standard output, and files that are complete or not there."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from probatum.cli import close_stdout, complain
from probatum.errors import UsageError
from probatum.evidence import Counterexample
from probatum.findings import Report


def wants_color(*, refused: bool) -> bool:
    """Whether standard output is a terminal whose reader has not refused colour."""
    return not refused and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb" and sys.stdout.isatty()


def say(text: str) -> None:
    """Write to standard output; a reader that has gone is no error.

    Raises
    ------
    UsageError
        If it cannot be written for another reason, such as a full disk.
    """
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        close_stdout()
    except OSError as error:
        close_stdout()  # or the rest of the buffer fails again at exit
        raise UsageError(
            f"cannot write to standard output: {(error.strerror or str(error)).lower()}",
            help="free some space, or write elsewhere",
        ) from None


def write(files: Sequence[tuple[Path, str]]) -> tuple[str, ...]:
    """Write files, each completely or not at all, and return the names of those that are written.

    One that cannot be written is complained about and does not keep the others from being written.
    """
    written = []
    for path, text in files:
        try:
            write_file(path, text.encode("utf-8", "backslashreplace"))
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            complain(f"error: cannot write `{path}`: {reason}", "name a file in a directory that exists and may be written")
        else:
            written.append(str(path))
    return tuple(written)


def tests_of(report: Report) -> Iterator[tuple[str, str]]:
    """Yield name and text of a test for every counterexample that brings one."""
    import re

    seen: set[str] = set()
    for finding in report.findings:
        claim = finding.evidence.given.get("claim") if isinstance(finding.evidence, Counterexample) else None
        text = claim.get("test") if isinstance(claim, Mapping) else None
        # The outcome about a whole function has the evidence of its first obligation.
        if isinstance(text, str) and text and text not in seen:
            seen.add(text)
            subject = re.sub(r"\W+", "_", finding.subject.rpartition(".")[2], flags=re.ASCII).strip("_").lower() or "call"
            yield f"test_{subject[:60]}_{finding.evidence.digest[:8]}.py", text


def write_file(path: Path, content: bytes) -> None:
    """Replace a file by a new one in one step, so that no reader ever sees half of it.

    Devices and pipes are written to; a link stays a link.
    """
    import tempfile  # a few milliseconds that printing does not need

    target = path.resolve()
    if target.exists() and not target.is_file():
        with target.open("wb") as special:
            special.write(content)
        return
    # What existed keeps its permissions; what is new gets the customary ones.
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def put(path: Path, content: str | bytes) -> None:
    """Write a file that a command line names, completely or not at all.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    try:
        write_file(path, content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise _unwritten(path, error) from None


def refuse_unwritable(path: Path) -> None:
    """Refuse a file that `put` could not write now, before the work whose result it is to take; an old one stays as it is.

    Raises
    ------
    UsageError
        As `put` does.
    """
    try:
        _try_out(path.resolve())
    except OSError as error:
        raise _unwritten(path, error) from None


def _try_out(target: Path) -> None:
    import tempfile

    if target.exists() and not target.is_file():
        # A pipe is not opened: who reads it would see its end when it is closed again.
        why = errno.EISDIR if target.is_dir() else 0 if os.access(target, os.W_OK) else errno.EACCES
        if why:
            raise OSError(why, os.strerror(why))
        return
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    os.close(handle)
    Path(name).unlink()


def _unwritten(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"cannot write `{path}`: {(error.strerror or str(error)).lower()}",
        help="name a file in a directory that exists and may be written",
    )
