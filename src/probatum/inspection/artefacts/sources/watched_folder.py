"""A folder into which cameras write: each new picture once, as soon as nobody is writing to it any more."""

from __future__ import annotations

from pathlib import Path

from probatum.inspection.artefacts.picture import file_bytes
from probatum.inspection.artefacts.sources import Shot
from probatum.inspection.artefacts.unusable import LIMITS, Limits, Unusable

_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp", ".gif", ".npy")
_MOST = 1_000_000  # files that are remembered


class WatchedFolder:
    """A folder.

    Parameters
    ----------
    folder : Path
    old : bool, default False
        Also give what is there already.
    looks : int, default 2
        How often in succession a file must have the same size and time to be taken as finished. Time between looks is the caller's.
    limits : Limits

    Notes
    -----
    A file is finished when nobody changed it between looks; one that is written more slowly than that is given too early, and is
    then `truncated`. So it is given again once it has changed. Links are not followed; whoever wants none of this writes to another name and
    renames, which no look can see half done.
    """

    def __init__(self, folder: Path, *, old: bool = False, looks: int = 2, limits: Limits = LIMITS) -> None:
        self._folder, self._looks, self._limits = folder, looks, limits
        self._seen: dict[str, tuple[tuple[int, int], int]] = {}
        self._given: dict[str, tuple[int, int]] = {}
        if not old:
            self._given = self._files()

    def capture(self) -> list[Shot]:
        """Return files that are finished, and were not given as they are now; in the order of their names."""
        if not self._folder.is_dir():
            return [Shot(self._folder.name, Unusable("missing", f"there is no folder `{self._folder.name}`"))]
        now = self._files()
        self._seen = {name: (state, self._still(name, state)) for name, state in now.items()}
        self._given = {name: state for name, state in self._given.items() if name in now}
        ready = sorted(
            name for name, (state, still) in self._seen.items() if still >= self._looks and self._given.get(name) != state
        )
        if len(now) > _MOST:
            return [
                Shot(self._folder.name, Unusable("too-large", f"the folder has more than {_MOST:,} files", "move old ones away"))
            ]
        self._given |= {name: now[name] for name in ready}
        return [Shot(name, file_bytes(self._folder / name, limits=self._limits)) for name in ready]

    def close(self) -> None:
        """Do nothing: no file stays open."""

    def _still(self, name: str, state: tuple[int, int]) -> int:
        before, times = self._seen.get(name, (None, 0))
        return times + 1 if before == state else 1

    def _files(self) -> dict[str, tuple[int, int]]:
        """Return the size and the time of each picture; empty files are not finished."""
        found: dict[str, tuple[int, int]] = {}
        try:
            for path in self._folder.iterdir():
                if (
                    path.suffix.lower() in _PICTURES
                    and not path.is_symlink()
                    and path.is_file()
                    and (state := path.stat()).st_size
                ):
                    found[path.name] = (state.st_size, state.st_mtime_ns)
        except OSError:  # it vanished while it was looked at: the next look will say
            pass
        return found
