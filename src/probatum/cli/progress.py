"""How far a check is, on standard error: only at a terminal, and only if it takes longer than a second."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import TextIO

from probatum.report.quoting import plain, shorten

_patience_s = 1.0
_redraw_s = 0.1


class Line:
    """One line that is rewritten in place, and gone when the work is done."""

    def __init__(self, out: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._out = out if out is not None else sys.stderr
        self._clock = clock
        self._shown = self._out.isatty()
        self._total = self._done = 0
        self._began = self._drawn = clock()
        self._dirty = False

    def start(self, total: int) -> None:
        """Work of `total` tasks begins."""
        self._total, self._done = total, 0
        self._began = self._clock()

    def advance(self, done: int, label: str) -> None:
        """`done` more tasks are finished."""
        self._done += done
        now = self._clock()
        if not self._shown or now - self._began < _patience_s or (self._dirty and now - self._drawn < _redraw_s):
            return
        self._drawn = now
        width = max(20, shutil.get_terminal_size().columns - 1)
        share = min(1.0, self._done / self._total) if self._total else 1.0
        bar = "█" * round(20 * share) + "░" * (20 - round(20 * share))
        line = f"{bar} {self._done:,} of {self._total:,}  {self._left(now)}  "
        self._write(f"\r\x1b[2K{shorten(line + plain(label), width)}")
        self._dirty = True

    def finish(self) -> None:
        """Take the line away."""
        if self._dirty:
            self._write("\r\x1b[2K")
            self._dirty = False

    def _left(self, now: float) -> str:
        if not self._done or self._done >= self._total:
            return ""
        seconds = (now - self._began) / self._done * (self._total - self._done)
        return f"{seconds / 60:.0f} min left" if seconds >= 90 else f"{seconds:.0f} s left"

    def _write(self, text: str) -> None:
        try:
            self._out.write(text)
            self._out.flush()
        except (OSError, UnicodeEncodeError):
            self._shown = False  # progress that cannot be shown is not worth an error
