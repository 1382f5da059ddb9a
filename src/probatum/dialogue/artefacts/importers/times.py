"""Times as logs write them."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

# A number this large counts milliseconds, micro- or nanoseconds: as seconds it would lie after the year 5000.
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
_number = re.compile(r"[+-]?[0-9.]+(?:[eE][+-]?[0-9]+)?")
_mail = re.compile(r"(?:[A-Z][a-z]{2}, )?[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4} ")
_named = re.compile(r"((?:Z|[+-][0-9:]{2,6}))\[[^]]*\]$")  # as Java writes zones
_utc = re.compile(r"(?: ?[+-]00:?00)? ?(?:UTC|GMT)$")  # as databases and Go write it
_apart = re.compile(r" ([+-][0-9:]{2,6})$")


def seconds(value: Any) -> float | None:
    """Return a time as seconds since 1970 in UTC, or None if it is none.

    Read are ISO 8601 (without a zone: UTC; also followed by `UTC`, or by the name of a zone in brackets), dates as in mail
    (RFC 5322), and numbers, also as texts, of seconds, milli-, micro- or nanoseconds. Of texts of eight or fourteen digits, those that
    can be a date are one.
    """
    if type(value) is float and 0 <= value < _UNITS[-1][0]:  # as most logs have it
        return value
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        written = _written(text)
        if written is not None:
            return (written if written.tzinfo else written.replace(tzinfo=UTC)).timestamp()
        try:
            value = float(text)
        except ValueError:
            return None
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    number = float(value)
    return next((number / unit for least, unit in _UNITS if abs(number) >= least), number)


def _written(text: str) -> datetime | None:
    """Return a moment that is written out; None for numbers, some of which ISO 8601 would read as dates."""
    try:
        if _number.fullmatch(text):
            if len(text) == 14:
                return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            return datetime.fromisoformat(text) if len(text) == 8 else None
        if _mail.match(text):
            return parsedate_to_datetime(text)
        plain = _utc.sub("+00:00", _named.sub(r"\1", text))
        return datetime.fromisoformat(_apart.sub(r"\1", plain))
    except ValueError:
        return None
