"""Numbers, dates, addresses and bytes: finitely many texts stand for all, two for each kind of value that there is."""

from __future__ import annotations

import base64
import binascii
import ipaddress
import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact, localcontext

from probatum.access.artefacts import Condition
from probatum.access.model.strings.patterns import ANYTHING
from probatum.access.semantics import Caller, Request, Settings, condition_holds
from probatum.access.semantics.conditions import moment, number, positive
from probatum.source import Location

NOWHERE = Location("")
_nobody = Caller("anonymous")
_settings = Settings()
_digits = '(re.+ (re.range "0" "9"))'
_hexadecimal = '(re.* (re.union (re.range "0" "9") (re.range "a" "f") (re.range "A" "F") (re.range "." ":")))'
# Texts that some reader might take for a number, a date, an address or bytes; others are none of these.
SHAPES = (
    '(re.++ (re.opt (re.union (str.to_re "+") (str.to_re "-"))) (re.+ (re.union (re.range "0" "9") (str.to_re "."))))',
    f'(re.++ {_digits} (str.to_re "-") (re.+ (re.union (re.range "0" "9") (re.range "+" ":") (str.to_re "T") (str.to_re "Z"))))',
    f'(re.++ {_hexadecimal} (re.opt (re.++ (str.to_re "%") {ANYTHING})))',
    '(re.+ (re.union (re.range "0" "9") (re.range "a" "z") (re.range "A" "Z") (re.range "+" "/") (str.to_re "=")))',
)


def family(condition: Condition) -> str:
    """How an operator reads a value: as number, date, address or bytes; empty where it reads text, or none."""
    name = positive(condition.operator.name)[0]
    return next((f for f in ("Numeric", "Date", "IpAddress", "Binary") if name.startswith(f)), "")


def true_of(condition: Condition, value: str) -> bool:
    """Whether a condition holds of a request whose key has this one value."""
    return condition_holds(condition, Request(_nobody, "a:b", "*", context={"k": (value,)}), _settings)


def samples(conditions: Sequence[Condition]) -> list[str]:
    """Return texts that stand for all that these conditions can tell apart."""
    by_family: dict[str, list[str]] = {}
    for c in conditions:
        by_family.setdefault(family(c), []).extend(c.values)
    out = []
    if {"Numeric", "Date"} & set(by_family):
        points = [p for v in by_family.get("Numeric", ()) if (p := number(v)) is not None]
        points += [p for v in by_family.get("Date", ()) if (p := moment(v)) is not None]
        near = _near(points)
        if "Date" in by_family:
            out += [text for p in near for text in _dates(p)]
        out += [text for p in near for text in (f"{p:f}", f"-0{-p:f}" if p < 0 else f"0{p:f}")]
    out += [text for v in by_family.get("IpAddress", ()) for text in _addresses(v)]
    if "IpAddress" in by_family:
        out += ["203.0.113.1", "203.0.113.2", "2001:db8::1", "2001:db8::2"]
    if "Binary" in by_family:
        known = {b for v in by_family["Binary"] if (b := _bytes(v)) is not None}
        others = (n.to_bytes(4, "big") for n in itertools.count())
        known.update(itertools.islice((o for o in others if o not in known), 2))
        out += [text for b in sorted(known) for text in _spellings(b)]
    return list(dict.fromkeys([*out, "x", "y"]))


def _near(points: Iterable[Decimal]) -> list[Decimal]:
    ordered = sorted(set(points)) or [Decimal(0)]
    with localcontext(Context(prec=2000, traps=[Inexact])):  # the reader takes no longer numbers
        gaps = [(a + b) / 2 for a, b in itertools.pairwise(ordered)]
        return sorted([*ordered, *gaps, ordered[0] - 1, ordered[-1] + 1])


def _dates(point: Decimal) -> list[str]:
    if abs(point) > 10**12:
        return []  # outside the years that have four digits
    whole = int(point // 1)
    try:
        text = (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=whole)).strftime("%Y-%m-%dT%H:%M:%S")
    except OverflowError:
        return []
    if len(text) != 19:
        return []  # before the year 1000, which is written with fewer digits
    fraction = f"{point - whole:f}".removeprefix("0") if point != whole else ""
    return [f"{text}{fraction}Z", f"{text}{fraction}+00:00"]


def _addresses(text: str) -> list[str]:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return []
    ends = [int(network.network_address), int(network.broadcast_address)]
    near = {e + d for e in ends for d in range(-2, 3) if 0 <= e + d < 2**network.max_prefixlen}
    addresses = [type(network.network_address)(n) for n in sorted(near)]
    return [text for address in addresses for text in (str(address), address.exploded)]


def _bytes(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _spellings(value: bytes) -> list[str]:
    text = base64.b64encode(value).decode()
    letters = text.rstrip("=")
    padding = text[len(letters) :]
    others = [f"{letters[:-1]}{c}{padding}" for c in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"]
    return [text, *(o for o in others if padding and o != text and _bytes(o) == value)][:2]
