"""What strangers wrote, made harmless; and our own words, in colour. Imports nothing of ours, so that `--help` may use it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

# Characters that move the cursor, change the direction of writing, or are not
# seen at all: with them a quoted name could look like another one, or like ours.
_treacherous = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e0fff]"
)


def plain(text: str) -> str:
    r"""Return the text as one line in which every character is seen and none acts.

    >>> plain("two\x1b[2Jlines\n")
    'two\\x1b[2Jlines\\n'
    """
    return _treacherous.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), text)


def plain_lines(text: str) -> list[str]:
    """Return the lines of a longer text, each made `plain`."""
    return [plain(line.expandtabs(4)) for line in text.split("\n")]


def harmless(value: Any) -> Any:
    """Return JSON with every text in it made `plain`; line breaks and tabs stay."""
    match value:
        case str():
            return "\n".join("\t".join(plain(cell) for cell in line.split("\t")) for line in value.split("\n"))
        case Mapping():
            return {plain(str(k)): harmless(v) for k, v in value.items()}
        case list() | tuple():
            return [harmless(v) for v in value]
        case _:
            return value


def shorten(text: str, limit: int) -> str:
    """Return the text, with its middle left out if it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    head = (limit - 1) * 2 // 3
    return text[:head] + "…" + text[len(text) - (limit - 1 - head) :]


_codes = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34", "cyan": "36"}


class Pen:
    """Puts words in colour, if there is colour."""

    def __init__(self, color: bool) -> None:
        self._color = color

    def __call__(self, words: str, *styles: str) -> str:
        """Return the words in these styles."""
        if not self._color or not words:
            return words
        return f"\x1b[{';'.join(_codes[s] for s in styles)}m{words}\x1b[0m"
