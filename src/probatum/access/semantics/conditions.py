"""Conditions: what an operator says about one key of a request."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import operator as compare
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal

from probatum.access.artefacts import Condition
from probatum.access.semantics.patterns import fold, glob, split_pattern, substitute
from probatum.access.semantics.request import Request
from probatum.access.semantics.settings import Settings

Context = Mapping[str, tuple[str, ...]]

_decimal = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_date = re.compile(
    r"([0-9]{4})-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]+)?)?(Z|[+-][0-9]{2}:?[0-9]{2})?)?)?"
)
_orders: Mapping[str, Callable[[Decimal, Decimal], bool]] = {
    "Equals": compare.eq,
    "LessThan": compare.lt,
    "LessThanEquals": compare.le,
    "GreaterThan": compare.gt,
    "GreaterThanEquals": compare.ge,
}


def condition_holds(condition: Condition, request: Request, settings: Settings, *, variables: bool = True) -> bool:
    """Whether a condition is true of a request, by exactly the context that is given.

    An absent key makes a plain operator false, a negated one true,
    ``IfExists`` true, ``ForAnyValue`` false and ``ForAllValues`` true. Values
    of the policy are alternatives: a positive operator needs one that matches,
    a negated one none, so without values they are false and true.

    Parameters
    ----------
    variables : bool
        Whether the policy's version has variables.
    """
    values = request.context.get(condition.key, ())
    name, negated = positive(condition.operator.name)

    def one(value: str) -> bool:
        hit = any(_matches(name, wanted, value, request.context, variables=variables) for wanted in condition.values)
        return hit is not negated

    if name == "Null":
        return any(wanted.lower() == ("false" if values else "true") for wanted in condition.values)
    match condition.operator.quantifier:
        case "ForAnyValue":
            return any(one(v) for v in values)
        case "ForAllValues":
            return all(one(v) for v in values)
    if not values:
        return negated or condition.operator.if_exists
    if len(values) > 1 and settings.multivalue == "never":
        return False
    return any(one(v) for v in values)


def positive(name: str) -> tuple[str, bool]:
    """Return the operator that a negated one negates, and whether it did: ``("StringEquals", True)``."""
    return name.replace("Not", "", 1), "Not" in name


def _matches(name: str, wanted: str, value: str, context: Context, *, variables: bool) -> bool:
    # Whether one value of the request matches one of the policy, under a positive operator.
    match name:
        case "StringEquals" | "StringEqualsIgnoreCase":
            tokens = substitute(wanted, context, variables=variables, wildcards=False)
            text = None if tokens is None else "".join(tokens)
            return text == value or (name != "StringEquals" and text is not None and fold(text) == fold(value))
        case "StringLike":
            tokens = substitute(wanted, context, variables=variables)
            return tokens is not None and glob(tokens, value)
        case "ArnEquals" | "ArnLike":
            parts, names = split_pattern(wanted, context, variables=variables), value.split(":", 5)
            if parts is None or len(parts) < 6 or len(names) < 6:
                return False
            return all(glob(part, text) for part, text in zip(parts, names, strict=True))
        case "Bool":
            return fold(value) == fold(wanted) and fold(value) in ("true", "false")
        case "BinaryEquals":
            left, right = _bytes(value), _bytes(wanted)
            return left is not None and left == right
        case "IpAddress":
            return _in_range(value, wanted)
    family = "Numeric" if name.startswith("Numeric") else "Date"
    read = number if family == "Numeric" else moment
    here, there = read(value), read(wanted)
    return here is not None and there is not None and _orders[name.removeprefix(family)](here, there)


def number(text: str) -> Decimal | None:
    """Read a decimal number without exponent; None if it is none."""
    return Decimal(text) if _decimal.fullmatch(text) else None


def moment(text: str) -> Decimal | None:
    """Read an ISO 8601 date, or seconds since 1970, as seconds since 1970; None if it is neither. Without zone: UTC."""
    if _decimal.fullmatch(text):
        return Decimal(text)
    match = _date.fullmatch(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    try:
        at = datetime(int(year), int(month), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0), tzinfo=UTC)
    except ValueError:
        return None
    offset = 0
    if zone not in (None, "Z"):
        digits = zone[1:].replace(":", "")
        offset = (int(digits[:2]) * 3600 + int(digits[2:]) * 60) * (-1 if zone[0] == "-" else 1)
    return Decimal(int(at.timestamp()) - offset) + Decimal(fraction or 0)


def _in_range(value: str, wanted: str) -> bool:
    # The two address families are disjoint; a range may be written with host bits set.
    address, slash, length = wanted.partition("/")
    if slash and not (length.isascii() and length.isdigit()):
        return False  # a netmask, which the library would accept
    try:
        return ipaddress.ip_address(value) in ipaddress.ip_network(wanted if slash else address, strict=False)
    except ValueError:
        return False


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
