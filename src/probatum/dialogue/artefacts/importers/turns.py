"""Turns as probatum itself writes them: JSON lines, of which each is a turn, in the words of `artefacts.turn`.

What a turn does not say is left out. `"schema": "probatum-turn/1"` tells such a line from any other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.importers import Broken, Event
from probatum.dialogue.artefacts.turn import Hypothesis, Signal, Stage, ToolCall, Turn

SCHEMA = "probatum-turn/1"
_texts = (
    "user", "device", "household", "text", "rewritten", "rewrite", "policy", "arm", "domain", "intent", "response", "locale", "channel",
)  # fmt: skip  # in the order of the turn's fields
_numbers = ("asked_at", "answered_at", "propensity", "interrupted_ms")
_pairs = ("slots", "context")


class Turns:
    """Reads turns; see the module."""

    name = "turns"

    def recognises(self, record: Any) -> bool:
        """Whether it says that it is a turn."""
        return isinstance(record, dict) and record.get("schema") == SCHEMA

    def events(self, record: Any) -> Iterable[Event]:
        """Return the turn.

        Raises
        ------
        Broken
            If it is none, of another version, or of no conversation.
        """
        if not isinstance(record, dict) or "schema" not in record:
            raise Broken("it does not say that it is a turn")
        if record["schema"] != SCHEMA:
            raise Broken(f"its schema is `{record['schema']}`, and `{SCHEMA}` is read")
        if not isinstance(record.get("conversation"), str) or not record["conversation"]:
            raise Broken("it has no conversation")
        # Whatever is wrong is wrong here, and not when the conversation is put together: one bad line costs itself.
        self._turn(0, record["conversation"], record)
        yield Event(conversation=record["conversation"], kind="turn", at=_number(record, "asked_at"), payload=record)

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield the turns, in the order of their positions, and of their times where those are the same."""
        found = [self._turn(line, event.conversation, event.payload) for line, event in events]
        yield from sorted(found, key=lambda turn: turn.position)

    def _turn(self, line: int, conversation: str, of: Mapping[str, Any]) -> Turn:
        position = of.get("position", 0)
        if not isinstance(position, int) or isinstance(position, bool) or position < 0:
            raise Broken("its `position` is no number from 0")
        plain: dict[str, Any] = {name: _text(of, name) for name in _texts}
        plain |= {name: _number(of, name) for name in _numbers}
        plain |= {name: tuple((_text(one, "name"), _text(one, "value")) for one in _list(of, name)) for name in _pairs}
        return Turn(
            conversation=conversation,
            position=position,
            hypotheses=tuple(Hypothesis(_text(one, "text"), _number(one, "score")) for one in _list(of, "hypotheses")),
            stages=tuple(
                Stage(
                    name=_text(one, "name"),
                    ok=_flag(one, "ok"),
                    confidence=_number(one, "confidence"),
                    code=_text(one, "code"),
                    output=_text(one, "output"),
                )
                for one in _list(of, "stages")
            ),
            tools=tuple(
                ToolCall(
                    name=_text(one, "name"),
                    arguments=_text(one, "arguments"),
                    result=_text(one, "result"),
                    ok=_flag(one, "ok"),
                    error=_text(one, "error"),
                )
                for one in _list(of, "tools")
            ),
            signals=tuple(
                Signal(kind=_text(one, "kind"), value=_value(one), source=_text(one, "source") or "log")
                for one in _list(of, "signals")
            ),
            line=line,
            **plain,
        )


def as_record(turn: Turn) -> dict[str, Any]:
    """Return a turn as JSON, without what it does not say, and without where it was read."""
    record: dict[str, Any] = {"schema": SCHEMA, "conversation": turn.conversation, "position": turn.position}
    for name in (*_texts, *_numbers):
        value = getattr(turn, name)
        if value is not None and value != "":
            record[name] = value
    if turn.hypotheses:
        record["hypotheses"] = [
            {"text": one.text} | ({} if one.score is None else {"score": one.score}) for one in turn.hypotheses
        ]
    for name in _pairs:
        if pairs := getattr(turn, name):
            record[name] = [{"name": key, "value": value} for key, value in pairs]
    if turn.stages:
        record["stages"] = [
            _said({"name": s.name, "ok": s.ok, "confidence": s.confidence, "code": s.code, "output": s.output})
            for s in turn.stages
        ]
    if turn.tools:
        record["tools"] = [
            _said({"name": t.name, "arguments": t.arguments, "result": t.result, "ok": t.ok, "error": t.error})
            for t in turn.tools
        ]
    if turn.signals:
        record["signals"] = [{"kind": s.kind, "value": s.value, "source": s.source} for s in turn.signals]
    return record


def _said(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None and value != ""}


def _text(of: Any, name: str) -> str:
    value = of.get(name) if isinstance(of, dict) else None
    if value is not None and not isinstance(value, str):
        raise Broken(f"its `{name}` is no text")
    return value or ""


def _number(of: Any, name: str) -> float | None:
    value = of.get(name) if isinstance(of, dict) else None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise Broken(f"its `{name}` is no number")
    return float(value)


def _value(of: Any) -> float:
    value = _number(of, "value")
    return 1.0 if value is None else value


def _flag(of: Any, name: str) -> bool | None:
    value = of.get(name) if isinstance(of, dict) else None
    if value is not None and not isinstance(value, bool):
        raise Broken(f"its `{name}` is neither true nor false")
    return value


def _list(of: Mapping[str, Any], name: str) -> list[Any]:
    value = of.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Broken(f"its `{name}` is no list of objects")
    return value
