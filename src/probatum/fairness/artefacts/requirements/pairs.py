"""Fairness told by examples: pairs of inputs, and how their outputs must compare. `kind: pairs`.

- {id: twins, kind: pairs, pattern: "same except {race}, |age-age'| <= 2 => |f(x)-f(x')| <= 0.05"}
- {id: elicited, kind: pairs, file: pairs.csv, key: person, at_most: 0.02}
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum

from probatum.fairness.artefacts.attribute import Attribute
from probatum.project.fields import Fields, fault
from probatum.source import Location


class Must(str, Enum):
    """How the output of one input must compare with that of the other."""

    SAME = "same"  # f(x) = f(x')
    AT_LEAST = "at_least"  # f(x) >= f(x')
    WITHIN = "within"  # |f(x) - f(x')| <= value
    EXPECT = "expect"  # f(x) is a value, or within a range; there is no other input


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one column of two rows: |a - b| <= limit; where there is no limit, a >= b, or a <= b if `falling`."""

    column: str
    limit: float | None
    falling: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """Which pairs of rows are meant: the same features, except for some.

    Attributes
    ----------
    text : str
        As the policy writes it.
    apart : tuple of str
        Columns that may differ, of which at least one does, unless there is none.
    conditions : tuple of Condition
        Columns that are compared as numbers instead.
    must : Must
    value : float
        The limit of `within`.
    """

    text: str
    apart: tuple[str, ...]
    conditions: tuple[Condition, ...]
    must: Must
    value: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PairsRequirement:
    """Pairs of inputs whose outputs must compare in a certain way.

    Attributes
    ----------
    id : str
        Unique within the policy.
    pattern : Pattern or None
        Pairs of rows of the table; None if a file lists them.
    file : str
        CSV with the columns `left`, `right`, `must` and `value`; "" if there is a pattern.
    key : str
        Column of the table whose values `left` and `right` are.
    of : str
        `score` or `decision`: the output that is compared; "" for the score, if there is one.
    features : tuple of str
        Columns that "same" means; empty for all but those that `decision` names.
    at_most : float
        Largest share of pairs that may break it.
    """

    id: str
    pattern: Pattern | None
    file: str
    key: str
    of: str
    features: tuple[str, ...]
    at_most: float
    location: Location


_number = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_apart = re.compile(r"same(?:\s+except\s*\{(?P<names>[^{}]*)\})?")
_near = re.compile(rf"\|\s*(?P<one>[^|']+?)(?P<first>'?)\s*-\s*(?P<other>[^|']+?)(?P<second>'?)\s*\|\s*<=\s*(?P<limit>{_number})")
_order = re.compile(r"(?P<one>[^<>=|']+?)(?P<first>'?)\s*(?P<sign>>=|<=)\s*(?P<other>[^<>=|']+?)(?P<second>'?)")
_within = re.compile(rf"\|\s*(?:f\(x\)\s*-\s*f\(x'\)|f\(x'\)\s*-\s*f\(x\))\s*\|\s*<=\s*(?P<limit>{_number})")
_SIGNS = str.maketrans({"≤": "<=", "≥": ">=", "⇒": "=>", "′": "'", "−": "-"})
_EXAMPLE = "write it as in `same except {race}, |age-age'| <= 2 => |f(x)-f(x')| <= 0.05`"


def read(name: str, own: Fields, protected: Mapping[str, Attribute]) -> PairsRequirement:
    """Read the fields of such a requirement."""
    del protected
    text, file = own.text("pattern", ""), own.text("file", "")
    written = text.translate(_SIGNS)
    if bool(text) == bool(file):
        raise fault(
            own.node.location,
            f"the requirement `{name}` has {'both a `pattern` and a `file`' if text else 'neither a `pattern` nor a `file`'}",
            "name a `file` of pairs, or write a `pattern`",
        )
    key = own.text("key", "")
    if file and not key:
        raise fault(
            own.node.location, f"the requirement `{name}` has no `key`", "name the column that pairs refer to: `key: ...`"
        )
    return PairsRequirement(
        id=name,
        pattern=replace(_pattern(written, own.at("pattern")), text=text) if text else None,
        file=file,
        key=key,
        of=own.text("of", "", choices=["score", "decision"]),
        features=own.texts("features", ()),
        at_most=float(own.number("at_most", 0.0, low=0.0, high=1.0)),
        location=own.node.location,
    )


def _pattern(text: str, where: Location) -> Pattern:
    left, arrow, right = text.partition("=>")
    # `>=` of a conclusion holds no arrow, so the first one stands between the two.
    if not arrow:
        raise fault(where, f"the pattern `{text}` does not say what must follow", _EXAMPLE)
    parts = _split(left)
    first = _apart.fullmatch(parts[0])
    if first is None:
        raise fault(where, f"the pattern begins with `{parts[0]}`", _EXAMPLE)
    apart = tuple(part.strip() for part in (first["names"] or "").split(",") if part.strip())
    conditions = tuple(_condition(part, where) for part in parts[1:])
    must, value, turned = _conclusion(right.strip(), where)
    if turned:  # of x and x', whichever must have at least the other's output is called x
        conditions = tuple(one if one.limit is not None else replace(one, falling=not one.falling) for one in conditions)
    return Pattern(text=text, apart=apart, conditions=conditions, must=must, value=value)


def _split(text: str) -> list[str]:
    """Split at commas outside of braces."""
    parts, depth, current = [], 0, ""
    for letter in text:
        depth += (letter == "{") - (letter == "}")
        if letter == "," and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += letter
    return [*parts, current.strip()]


def _condition(text: str, where: Location) -> Condition:
    near, order = _near.fullmatch(text), _order.fullmatch(text)
    found = near or order
    if found is None or found["first"] == found["second"]:
        raise fault(where, f"`{text}` is no condition on two rows", _EXAMPLE)
    one, other = found["one"].strip(), found["other"].strip()
    if one != other:
        raise fault(where, f"`{text}` compares `{one}` with `{other}`", "compare a column with itself: `age >= age'`")
    if near is None:
        return Condition(one, None, falling=(found["sign"] == "<=") != bool(found["first"]))
    limit = float(near["limit"])
    if not math.isfinite(limit) or limit < 0:
        raise fault(where, f"`{text}` holds for no two rows", "write a limit of at least 0")
    return Condition(one, limit)


def _conclusion(text: str, where: Location) -> tuple[Must, float, bool]:
    """Return what must follow, its limit, and whether it is said of x' and x instead of x and x'."""
    squeezed = text.replace(" ", "")
    if squeezed in ("f(x)=f(x')", "f(x)==f(x')", "f(x')=f(x)", "f(x')==f(x)", "same"):
        return Must.SAME, 0.0, False
    if squeezed in ("f(x)>=f(x')", "f(x')<=f(x)"):
        return Must.AT_LEAST, 0.0, False
    if squeezed in ("f(x')>=f(x)", "f(x)<=f(x')"):
        return Must.AT_LEAST, 0.0, True
    found = _within.fullmatch(text)
    if found is None or not math.isfinite(float(found["limit"])) or float(found["limit"]) < 0:
        raise fault(where, f"`{text}` is nothing that can follow", "write `f(x)=f(x')`, `f(x)>=f(x')` or `|f(x)-f(x')| <= 0.05`")
    return Must.WITHIN, float(found["limit"]), False
