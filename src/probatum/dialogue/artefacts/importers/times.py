"""Times as logs write them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

# A number this large counts milliseconds, micro- or nanoseconds: as seconds it would lie after the year 5000.
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


def seconds(value: Any) -> float | None:
    """Return a time as seconds since 1970 in UTC, or None if it is none.

    Read are ISO 8601 (without a zone: UTC) and numbers, also as texts, of seconds, milli-, micro- or nanoseconds.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        text = value.strip()
        try:
            parsed = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).timestamp()
        try:
            value = float(text)
        except ValueError:
            return None
    if not isinstance(value, int | float) or not math.isfinite(value):
        return None
    number = float(value)
    return next((number / unit for least, unit in _UNITS if abs(number) >= least), number)
