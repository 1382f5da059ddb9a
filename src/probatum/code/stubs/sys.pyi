"""The constants that are the same wherever CPython has 64 bits."""

from typing import Final

maxsize: Final[int] = 9223372036854775807
maxunicode: Final[int] = 1114111
