"""Numbers, dates, addresses and bytes: values that stand for all that operators can tell apart.

Between two neighbouring breakpoints nothing changes, so one value at each
breakpoint, one beside each and one in each gap represent all values, together
with one that is not of the family at all.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import itertools
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Context, Decimal, Inexact, localcontext

from probatum.access.artefacts import Condition, Operator
from probatum.access.model.atoms import ConditionAtom
from probatum.access.semantics.conditions import condition_holds, moment, number
from probatum.access.semantics.request import Caller, Request
from probatum.access.semantics.settings import Settings
from probatum.source import Location

_not_one = "x"
_exact = Context(prec=2000, traps=[Inexact])  # the reader takes no longer numbers
_year_1000, _year_10000 = Decimal(-30610224000), Decimal(253402300800)


def samples(atoms: Sequence[ConditionAtom]) -> list[str]:
    """Values that represent all values, for atoms that may be of several families."""
    out: list[str] = []
    for family in dict.fromkeys(a.family for a in atoms):
        values = list(dict.fromkeys(v for a in atoms if a.family == family for v in a.values))
        match family:
            case "number":
                out += _numbers(values)
            case "date":
                out += _dates(values)
            case "address":
                out += _addresses(values)
            case "bytes":
                out += _bytes(values)
            case "text":
                out += values
    return list(dict.fromkeys([*out, _not_one]))


def base_holds(atom: ConditionAtom, value: str) -> bool:
    """Whether the base operator holds of one value, by the concrete semantics."""
    condition = Condition(Operator(atom.operator.name), "k", "k", atom.values, _nowhere)
    return condition_holds(condition, Request(_nobody, "a:b", "*", context={"k": (value,)}), _settings, variables=atom.variables)


_nowhere = Location("")
_nobody = Caller("anonymous")
_settings = Settings()


def _between(points: Iterable[Decimal]) -> list[Decimal]:
    ordered = sorted(set(points))
    with localcontext(_exact):
        gaps = [(a + b) / 2 for a, b in itertools.pairwise(ordered)]
        ends = [ordered[0] - 1, ordered[-1] + 1] if ordered else []
    return [*ordered, *gaps, *ends]


def _numbers(values: Iterable[str]) -> list[str]:
    points = []
    for value in values:
        read = number(value)
        if read is not None:
            points.append(read)
    return [_plain(n) for n in _between(points)] or ["0"]


def _plain(point: Decimal) -> str:
    text = f"{point:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _dates(values: Iterable[str]) -> list[str]:
    points = [m for v in values if (m := moment(v)) is not None]
    out = []
    for point in _between(points) or [Decimal(0)]:
        # As a date where people would write one, else as seconds, which say the same.
        if point == int(point) and _year_1000 <= point < _year_10000:
            out.append((datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(point))).strftime("%Y-%m-%dT%H:%M:%SZ"))
        else:
            out.append(_plain(point))
    return out


def _addresses(values: Iterable[str]) -> list[str]:
    out: list[str] = []
    for value in values:
        try:
            network = ipaddress.ip_network(value.strip(), strict=False)
        except ValueError:
            continue
        first, last = int(network.network_address), int(network.broadcast_address)
        make = ipaddress.IPv4Address if network.version == 4 else ipaddress.IPv6Address
        top = 2**network.max_prefixlen - 1
        out += [str(make(n)) for n in (first, last, first - 1, last + 1) if 0 <= n <= top]
    return [*out, "203.0.113.1", "2001:db8::1"]


def _bytes(values: Iterable[str]) -> list[str]:
    known = set()
    for value in values:
        try:
            known.add(base64.b64decode(value, validate=True))
        except (binascii.Error, ValueError):
            continue
    other = next(bytes([n]) for n in range(256) if bytes([n]) not in known) if len(known) < 256 else b"other" * 64
    return [base64.b64encode(k).decode() for k in sorted(known)] + [base64.b64encode(other).decode()]
