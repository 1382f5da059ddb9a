"""How references look, kept on disk from one run to the next: to look at one takes 40 CPU-milliseconds, to read it a few.

Kept are arrays, under a name that is the digest of all that they depend on: the files of the references in their order, the network, the
libraries, and the code that looks. What is damaged, or stands under another name, is as if it were not there. Nothing is ever unpickled.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import StateError
from probatum.infer.vision.kept import kept
from probatum.inspection.artefacts.unusable import Unusable
from probatum.inspection.semantics.looked import Cutout, Looked
from probatum.source import canonical_json

if TYPE_CHECKING:
    from numpy.typing import NDArray

MOST = 4 * 2**30  # bytes of a folder: about 5,000 references
_LAYERS = ("stride8", "stride16", "stride32", "embedding")


class _NotKept(Exception):
    """What was made cannot be kept."""


class KeptLooks:
    """Looks of references in a folder.

    Parameters
    ----------
    folder : Path
        Made when something is kept in it. What nobody asked for the longest is removed from it.
    backbone : str
        Digest of the network that looks.
    most : int
        Bytes that are kept.
    """

    def __init__(self, folder: Path, backbone: str, *, most: int = MOST) -> None:
        self._folder, self._backbone, self._most = folder, backbone, most

    def look(self, files: Sequence[object], make: Callable[[], Sequence[Looked | Unusable]]) -> tuple[Looked | Unusable, ...]:
        """Return how references look: as is kept, or as `make` makes it now.

        Parameters
        ----------
        files : sequence of JSON values
            What names the content of the files of each reference, in the order in which they are looked at.
        make : callable
            Looks at them. Only if all of them can be used, their looks are kept.
        """
        made: list[Sequence[Looked | Unusable]] = []

        def packed() -> bytes:
            made.append(make())
            usable = [one for one in made[0] if isinstance(one, Looked)]
            if not usable or len(usable) < len(made[0]):
                raise _NotKept
            return _packed(usable)

        key = canonical_json(["looks/1", _means(), self._backbone, list(files)])
        try:
            raw = kept(self._folder, key, packed)
        except (_NotKept, StateError):  # a folder that cannot be written makes this slower, and nothing else
            return tuple(made[0])
        if made:
            self._tidy()
            return tuple(made[0])
        with contextlib.suppress(OSError):
            (self._folder / hashlib.sha256(key.encode()).hexdigest()).touch()
        try:
            return _unpacked(raw, self._backbone)
        except (ValueError, LookupError, EOFError, zipfile.BadZipFile):  # whole, and yet none of ours
            return tuple(make())

    def _tidy(self) -> None:
        """Remove what was not asked for the longest, until the rest is small enough."""
        with contextlib.suppress(OSError):
            files = sorted(((path.stat().st_mtime, path.stat().st_size, path) for path in self._folder.iterdir()), reverse=True)
            total = 0
            for _, size, path in files:
                total += size
                if total > self._most:
                    path.unlink(missing_ok=True)


@lru_cache(maxsize=1)
def _means() -> list[str]:
    """Return what decides how things look, beside the network: libraries, and code."""
    import cv2
    import numpy as np
    import onnxruntime

    code = hashlib.sha256()
    inspection, vision = Path(__file__).parents[1], Path(__file__).parents[2] / "infer" / "vision"
    for folder in (inspection / "artefacts", inspection / "semantics", vision):
        for path in sorted(folder.glob("*.py")):
            code.update(path.read_bytes())
    return [cv2.__version__, np.__version__, onnxruntime.__version__, code.hexdigest()]


def _packed(seen: Sequence[Looked]) -> bytes:
    import numpy as np

    cuts = [one.cutout for one in seen]
    arrays: dict[str, NDArray[Any]] = {name: np.stack([getattr(one, name) for one in seen]) for name in _LAYERS}
    arrays |= {
        "rgb": np.stack([cut.rgb for cut in cuts]),
        "item": np.packbits(np.stack([cut.item for cut in cuts]), axis=2),
        "matrix": np.stack([cut.matrix for cut in cuts]),
        "has": np.array([[value is not None for value in (cut.height, cut.spill, cut.beside, cut.agreement)] for cut in cuts]),
        "height": _those([cut.height for cut in cuts], np.float32),
        "spill": np.packbits(_those([cut.spill for cut in cuts], np.bool_), axis=2),
        "numbers": np.array([[cut.beside or 0.0, cut.agreement or 0.0] for cut in cuts]),
    }
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type] # its own types take them for a setting
    return file.getvalue()


def _those(values: Sequence[Any], kind: Any) -> NDArray[Any]:
    import numpy as np

    there = [value for value in values if value is not None]
    return np.stack(there) if there else np.zeros((0, 8, 8), kind)


def _unpacked(raw: bytes, backbone: str) -> tuple[Looked, ...]:
    import numpy as np

    with np.load(io.BytesIO(raw), allow_pickle=False) as held:
        own = {name: held[name] for name in held.files}
    side = own["rgb"].shape[2]
    items, spills = (np.unpackbits(own[name], axis=2).astype(bool)[..., :side] for name in ("item", "spill"))
    heights, spilt = iter(own["height"]), iter(spills)
    found = []
    for at, (height, spill, beside, agreement) in enumerate(own["has"]):
        cut = Cutout(
            rgb=own["rgb"][at],
            item=items[at],
            height=next(heights) if height else None,
            spill=next(spilt) if spill else None,
            matrix=own["matrix"][at],
            beside=float(own["numbers"][at, 0]) if beside else None,
            agreement=float(own["numbers"][at, 1]) if agreement else None,
        )
        layers = {name: own[name][at] for name in _LAYERS}
        found.append(Looked(cutout=cut, **layers, backbone=backbone))
    return tuple(found)
