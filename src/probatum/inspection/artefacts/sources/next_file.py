"""The next picture that somebody's program writes into a folder."""

from __future__ import annotations

import time
from pathlib import Path

from probatum.inspection.artefacts.sources import Shot
from probatum.inspection.artefacts.sources.watched_folder import WatchedFolder
from probatum.inspection.artefacts.unusable import Unusable

_LOOKS_S = 0.1


class NextFile:
    """A folder that a camera's own program writes to, for one view.

    Parameters
    ----------
    name : str
        Of the view.
    folder : Path
    wait_s : float
        How long a picture is waited for.

    Notes
    -----
    Pictures that came since the last one was asked for are of items before: of several, the last by name is given. What is there
    when it begins is not given.
    """

    def __init__(self, name: str, folder: Path, *, wait_s: float) -> None:
        self._name, self._folder, self._wait = name, WatchedFolder(folder), wait_s

    def capture(self) -> list[Shot]:
        """Return the next picture that is finished, or that there was none in time."""
        until = time.monotonic() + self._wait
        while True:
            shots = self._folder.capture()
            if shots:
                return [Shot(self._name, shots[-1].file, shots[-1].notes)]
            if time.monotonic() >= until:
                why = f"no picture came into the folder within {self._wait:g} s"
                return [Shot(self._name, Unusable("no-answer", why, "see whether the camera's program writes there"))]
            time.sleep(_LOOKS_S)

    def close(self) -> None:
        """Do nothing: no file stays open."""
