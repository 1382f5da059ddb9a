"""A program as a pipeline: one request a line, one answer a line, in a sandbox.

The sandbox runs Python programs and nothing else, without files but its own folder, without network and with limits on time
and memory. A pipeline that is something else can be put behind an address.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from probatum.dialogue.semantics.pipelines import Asked, Run, Unanswered
from probatum.dialogue.semantics.pipelines.answers import answer, question
from probatum.errors import UnreadableArtefact
from probatum.runner import CannotStart
from probatum.runner.sandbox import Sandboxed, Stopped, spawn
from probatum.source import Location, digest_of
from probatum.source import digest as digest_bytes

_CPU_S = 600.0
_WALL_S = 1800.0
_MEMORY = 2**31
_STARTS = 3  # of a program that ends by itself, before it is left alone


class Command:
    """Runs a Python program.

    Parameters
    ----------
    argv : sequence of str
        The program and its arguments; a `python` in front of them may be left out.
    path : sequence of Path
        Folders that it may import from, besides its own.
    stages : sequence of str
    timeout_s : float
        For each answer; the first one may take longer.
    unsandboxed : bool
        Run with limits alone where the system cannot confine it.
    """

    def __init__(
        self,
        argv: Sequence[str],
        stages: Sequence[str],
        *,
        path: Sequence[Path] = (),
        timeout_s: float,
        unsandboxed: bool = False,
    ) -> None:
        rest = list(argv)
        if rest and Path(rest[0]).name.rstrip("0123456789.") in ("python", "python3"):
            rest = rest[1:]
        program = Path(rest[0]) if rest else Path()
        if not rest or program.suffix != ".py" or not program.is_file():
            raise UnreadableArtefact(
                f"`{' '.join(argv)}` is no Python program, and nothing else can be run in the sandbox",
                help="name a file that ends in `.py`, or put the pipeline behind an address and name its `url`",
                location=Location(rest[0] if rest else "command"),
            )
        self.stages = tuple(stages)
        self.digest = digest_of([digest_bytes(program.read_bytes()), rest[1:]])[:16]
        self._argv, self._path = [str(program.resolve()), *rest[1:]], [program.resolve().parent, *path]
        self._timeout_s, self._unsandboxed = timeout_s, unsandboxed
        self._child: Sandboxed | None = None
        self._starts = 0

    def run(self, asked: Asked) -> Run:
        """Ask; see `Pipeline.run`."""
        try:
            raw = self._started().ask(question(asked), timeout_s=self._timeout_s if self._starts else 4 * self._timeout_s)
        except Stopped as stopped:
            self.close()
            if stopped.timed_out:
                raise Unanswered(f"it did not answer within {self._timeout_s:g} s") from None
            last = stopped.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise Unanswered(f"the program ended ({last[0][:200] if last else f'status {stopped.status}'})") from None
        except CannotStart as problem:
            raise Unanswered(f"the program cannot be started ({problem.message})") from None
        return answer(raw, self.stages)

    def close(self) -> None:
        """End it."""
        if self._child is not None:
            with contextlib.suppress(OSError):
                self._child.kill()
            self._child = None

    def _started(self) -> Sandboxed:
        if self._child is None:
            if self._starts >= _STARTS:
                raise Unanswered("the program ended again and again")
            self._child = spawn(
                self._argv,
                path=self._path,
                cpu_s=_CPU_S,
                memory_bytes=_MEMORY,
                wall_s=_WALL_S,
                unsandboxed=self._unsandboxed,
            )
            self._starts += 1
        return self._child
