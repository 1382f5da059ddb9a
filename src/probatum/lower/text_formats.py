"""Whether a format can be applied to values of a type, for all values alike: else writing a text raises."""

from __future__ import annotations

import re

from probatum.python import types as t

_SAMPLES = {t.STR: "", t.BOOL: True, t.FLOAT: 0.5, t.NONE: None, t.INT: 0}
_DIGITS = 4  # of a width or precision: a text of more characters is not made here
_CODE = re.compile(r"%(?:%|([-+ 0#]*\d*(?:\.\d+)?)([a-zA-Z]))")
_WHOLE = frozenset("diuoxX")
_FRACTIONS = frozenset("eEfFgG")


def fits(spec: str, type_: t.Type) -> bool:
    """Whether `format(x, spec)` returns for all values of a type."""
    if spec == "":
        return True
    if isinstance(type_, t.Union):
        return all(fits(spec, option) for option in type_.options)
    own = t.INT if isinstance(type_, t.Ranged) else type_
    if own not in _SAMPLES:
        return False
    if own == t.INT and spec[-1] in "ceEfFgG%":
        return False  # no code point, or too large for a float
    if any(len(number) > _DIGITS for number in re.findall("[0-9]+", spec)):
        return False
    try:
        format(_SAMPLES[own], spec)
        if own == t.FLOAT:
            format(0, spec)  # an int may be given for a float, and has no precision without a code
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def percent(template: str, types: list[t.Type]) -> bool:
    """Whether `template % (x, y, ...)` returns for all values of these types."""
    codes = [m[2] for m in _CODE.finditer(template) if m[2]]
    if len(codes) != len(types) or "%" in _CODE.sub("", template):
        return False
    return all(_converts(code, type_) for code, type_ in zip(codes, types, strict=True))


def _converts(code: str, type_: t.Type) -> bool:
    if code in "sra":
        return True
    whole = isinstance(type_, t.Ranged) or type_ in (t.INT, t.BOOL)
    return (code in _WHOLE and whole) or (code in _FRACTIONS and type_ == t.FLOAT)


__all__ = ["fits", "percent"]
