"""Turns of conversations that consist of messages with roles: user, assistant, tool, system.

A turn is a message of the user and everything until the next one. What the
assistant says before the user does belongs to no turn.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from probatum.dialogue.artefacts.importers import Event
from probatum.dialogue.artefacts.turn import Signal, ToolCall, Turn


@dataclass(slots=True)
class _Open:
    """A turn that is being put together."""

    line: int
    at: float | None
    user: str
    text: list[str]
    answered: float | None = None
    response: list[str] = field(default_factory=list)
    calls: dict[str, ToolCall] = field(default_factory=dict)
    signals: list[Signal] = field(default_factory=list)


def turns_of(events: Sequence[tuple[int, Event]], *, channel: str) -> Iterator[Turn]:
    """Yield the turns of one conversation.

    Parameters
    ----------
    events : sequence of (line, Event)
        Of kind `message`: `role`, `content`, and for calls of tools `tool_calls`, `tool_call_id`, `name`.
        Of kind `feedback`: `value` from -1 to 1, about the turn before it.
    """
    turn: _Open | None = None
    position = 0
    for line, event in events:
        said = event.payload
        if event.kind == "feedback":
            if turn is not None:
                turn.signals.append(Signal(kind="thumbs", value=float(said["value"]), source="person"))
            continue
        role = said.get("role")
        if role == "user":
            if turn is not None and not turn.response and not turn.calls and turn.at == event.at and turn.line == line:
                turn.text.append(text_of(said.get("content")))  # one request in several messages
                continue
            if turn is not None:
                yield _closed(turn, event.conversation, position, channel)
                position += 1
            turn = _Open(line, event.at, str(said.get("user") or ""), [text_of(said.get("content"))])
        elif turn is not None:
            _follows(turn, role, said, event.at)
    if turn is not None:
        yield _closed(turn, events[-1][1].conversation, position, channel)


def _follows(turn: _Open, role: Any, said: Mapping[str, Any], at: float | None) -> None:
    if role in ("assistant", "model", "ai"):
        text = text_of(said.get("content")) or text_of(said.get("refusal"))
        if text:
            turn.response.append(text)
            turn.answered = turn.answered if turn.answered is not None else at
        for call in calls_of(said):
            if isinstance(call, dict):
                nested = call.get("function")
                function = nested if isinstance(nested, dict) else call
                number = str(call.get("id") or len(turn.calls))
                turn.calls[number] = ToolCall(name=str(function.get("name") or ""), arguments=as_text(function.get("arguments")))
    elif role in ("tool", "function"):
        number = str(said.get("tool_call_id") or next(reversed(turn.calls), ""))
        known = turn.calls.get(number, ToolCall(name=str(said.get("name") or "")))
        result = text_of(said.get("content"))
        error = as_text(said.get("error"))
        turn.calls[number] = ToolCall(
            name=known.name, arguments=known.arguments, result=result, ok=False if error else None, error=error
        )


def _closed(turn: _Open, conversation: str, position: int, channel: str) -> Turn:
    return Turn(
        conversation=conversation,
        position=position,
        user=turn.user,
        asked_at=turn.at,
        answered_at=turn.answered,
        text="\n".join(part for part in turn.text if part),
        response="\n".join(turn.response),
        tools=tuple(turn.calls.values()),
        signals=tuple(turn.signals),
        channel=channel,
        line=turn.line,
    )


def calls_of(message: Mapping[str, Any]) -> list[Any]:
    """Return the calls of tools of a message, also the one of a `function_call`, as OpenAI's interfaces once had it."""
    calls, single = message.get("tool_calls"), message.get("function_call")
    return [*(calls if isinstance(calls, list) else ()), *([single] if isinstance(single, dict) else ())]


def text_of(content: Any) -> str:
    """Return the text of a message: a text, or a list of parts of which some are texts, or say why there is none."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "\n".join(text for text in (text_of(part) for part in content) if text)
    if isinstance(content, dict):
        return text_of(next((content[name] for name in ("text", "content", "refusal") if name in content), None))
    return ""


def as_text(value: Any) -> str:
    """Return a value as text: JSON, unless it is one."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
