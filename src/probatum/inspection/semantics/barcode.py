"""Barcodes on a unit: EAN-13, EAN-8 and UPC-A, as OpenCV finds them, and only those whose check digit is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probatum.errors import MissingExtra

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def barcodes(picture: NDArray[np.uint8]) -> tuple[str, ...]:
    """Return the digits of the barcodes in a picture, sorted, each once; UPC-A as EAN-13, with a 0 before it.

    Parameters
    ----------
    picture : array of shape (h, w, 3), uint8
        RGB.

    Raises
    ------
    MissingExtra
        If OpenCV is not installed.
    """
    try:
        import cv2
    except ImportError as error:
        raise MissingExtra(
            "barcodes are read by OpenCV, which is not installed", help="pip install 'probatum[inspection]'"
        ) from error
    _, found, _, _ = cv2.barcode.BarcodeDetector().detectAndDecodeWithType(cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return tuple(sorted({written_out(code) for code in found if is_article_number(code)}))


def written_out(code: str) -> str:
    """Return a barcode as it is compared: an article number of 12 digits with a 0 before it, and others as they are."""
    plain = code.strip()
    return plain.zfill(13) if len(plain) == 12 and is_article_number(plain) else plain


def is_article_number(code: str) -> bool:
    """Whether digits are a GTIN of 8, 12 or 13: weights of 3 and 1 from the right, and a sum that ten divides (GS1, 7.9)."""
    if len(code) not in (8, 12, 13) or not (code.isascii() and code.isdigit()):
        return False
    return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(reversed(code))) % 10 == 0
