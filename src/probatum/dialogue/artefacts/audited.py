"""Files of turns that somebody checked: JSON lines, or CSV with a header.

Each names a `turn`, and any of `outcome` (good, bad, out of capability), `intent` with `slots`, `begins` (whether a new goal begins
with it), `failing` (a stage), and `chance`: the probability with which it was drawn to be checked.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from probatum.dialogue.artefacts.turn import STAGES
from probatum.errors import UnreadableArtefact
from probatum.source import Location

OUTCOMES = ("good", "bad", "out of capability")
_truth = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


@dataclass(frozen=True, slots=True)
class Audited:
    """What somebody who checked a turn says of it; None for what they did not say.

    Attributes
    ----------
    turn : str
        As `turn_id`.
    outcome : str or None
        One of `OUTCOMES`.
    intent : str or None
        "" for one that is none of the assistant's.
    slots : mapping of str to str
        With the intent.
    begins : bool or None
    failing : str or None
        One of `STAGES`.
    chance : float or None
        From above 0 to 1; None where all turns were equally likely to be drawn.
    """

    turn: str
    outcome: str | None = None
    intent: str | None = None
    slots: Mapping[str, str] = field(default_factory=dict)
    begins: bool | None = None
    failing: str | None = None
    chance: float | None = None


def read_audit(raw: bytes, path: str) -> dict[str, Audited]:
    """Read what somebody checked, by turn; of a turn that is there twice the last counts.

    Raises
    ------
    UnreadableArtefact
        At the first line that is none.
    """
    found: dict[str, Audited] = {}
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _unreadable(path, 1, "is not text in UTF-8") from None
    for number, record in _records(text, path):
        one = _audited(record, path, number)
        found[one.turn] = one
    return found


def _records(text: str, path: str) -> Iterator[tuple[int, dict[str, Any]]]:
    if text.lstrip()[:1] in ("{", ""):
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except (ValueError, RecursionError):
                raise _unreadable(path, number, "is no JSON") from None
            if not isinstance(record, dict):
                raise _unreadable(path, number, "is no object")
            # What a line says of the whole file is no turn.
            if "turn" in record or "schema" not in record:
                yield number, record
        return
    try:
        reader = csv.DictReader(io.StringIO(text), strict=True)
        for row in reader:
            yield reader.line_num, {name: value for name, value in row.items() if name is not None and value not in (None, "")}
    except csv.Error as problem:
        raise _unreadable(path, 1, f"is neither JSON nor CSV ({problem})") from None


def _audited(record: Mapping[str, Any], path: str, number: int) -> Audited:
    turn = record.get("turn")
    if not isinstance(turn, str) or not turn:
        raise _unreadable(path, number, "names no `turn`")
    for name, known in (("outcome", OUTCOMES), ("failing", STAGES)):
        if record.get(name) is not None and record[name] not in known:
            raise _unreadable(path, number, f"has the {name} `{record[name]}`, which is none of {', '.join(known)}")
    begins = record.get("begins")
    if isinstance(begins, str):
        begins = _truth.get(begins.strip().lower(), begins)
    if begins is not None and not isinstance(begins, bool):
        raise _unreadable(path, number, "says of `begins` neither true nor false")
    intent = record.get("intent")
    if intent is not None and not isinstance(intent, str):
        raise _unreadable(path, number, "has an `intent` that is no text")
    return Audited(
        turn, record.get("outcome"), intent, _slots(record.get("slots"), path, number), begins, record.get("failing"),
        _chance(record.get("chance"), path, number),
    )  # fmt: skip  # in the order of its fields


def _slots(said: Any, path: str, number: int) -> dict[str, str]:
    if isinstance(said, str):
        try:
            said = json.loads(said)
        except (ValueError, RecursionError):
            raise _unreadable(path, number, "has `slots` that are no JSON") from None
    if said is None:
        return {}
    if isinstance(said, list):
        said = {one.get("name"): one.get("value") for one in said if isinstance(one, dict)}
    if not isinstance(said, dict) or not all(
        isinstance(name, str) and isinstance(value, str | int | float) for name, value in said.items()
    ):
        raise _unreadable(path, number, "has `slots` that are not names with values")
    return {name: str(value) for name, value in said.items()}


def _chance(said: Any, path: str, number: int) -> float | None:
    if said is None:
        return None
    try:
        chance = math.nan if isinstance(said, bool) else float(said)
    except (TypeError, ValueError, OverflowError):
        chance = math.nan
    if not 0 < chance <= 1:
        raise _unreadable(path, number, f"has the chance `{said}`, and a probability is above 0 and at most 1")
    return chance


def _unreadable(path: str, number: int, what: str) -> UnreadableArtefact:
    return UnreadableArtefact(
        f"line {number} of `{path}` {what}",
        help='write lines such as {"turn": "00f3...", "outcome": "bad", "intent": "HassTurnOn", "slots": {"name": "lamp"}}',
        location=Location(path, number),
    )
