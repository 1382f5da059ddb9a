"""Logs that are turns already: for tests of what is made of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from probatum.dialogue.artefacts.importers import Event
from probatum.dialogue.artefacts.intake import LogFile, intake
from probatum.dialogue.artefacts.turn import Hypothesis, Signal, Stage, Turn
from probatum.dialogue.semantics.conversations import Conversations
from probatum.runner.tables import Tables


class Plain:
    """Reads turns as they are."""

    name = "plain"

    def recognises(self, record: Any) -> bool:
        return isinstance(record, dict)

    def events(self, record: Any) -> list[Event]:
        return [Event(conversation=record["conversation"], kind="turn", at=record.get("asked_at"), payload=record)]

    def turns(self, events: Sequence[tuple[int, Event]]) -> list[Turn]:
        return [_turn(dict(event.payload), line) for line, event in events]


def _turn(payload: dict[str, Any], line: int) -> Turn:
    payload["stages"] = tuple(Stage(**one) for one in payload.get("stages", ()))
    payload["hypotheses"] = tuple(Hypothesis(**one) for one in payload.get("hypotheses", ()))
    payload["signals"] = tuple(Signal(**one) for one in payload.get("signals", ()))
    payload["slots"] = tuple((name, value) for name, value in payload.get("slots", ()))
    return Turn(**payload, line=line)


@contextmanager
def stored(folder: Path, turns: Sequence[dict[str, Any]]) -> Iterator[Conversations]:
    """Store turns, and open them."""
    (folder / "log.jsonl").write_text("".join(json.dumps(turn) + "\n" for turn in turns))
    taken = intake([LogFile("log.jsonl", folder / "log.jsonl")], folder, [Plain()])
    with Tables(folder) as tables:
        yield Conversations(taken, folder, tables)
