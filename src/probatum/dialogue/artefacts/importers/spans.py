"""Spans of traces, whoever wrote them: what `traces` needs of each, as JSON.

A span is a mapping with `trace`, `id`, `parent`, `name`, `kind` (`llm`, `tool`, `retrieval`,
`agent` or ""), `end`, `session`, `user`, `input` and `output` (messages, see `messages_of`), `tool`
(`name`, `arguments`, `result`, `call`), `error`, and `assumed`: that nothing says whether its input is a user's. A score is a mapping with `trace`, `span`,
`session`, `name`, `value`, `boolean` and `source`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.importers import Event
from probatum.dialogue.artefacts.importers.messages import as_text, calls_of, text_of
from probatum.dialogue.artefacts.turn import Signal

SESSION = "session:"  # before the name of a session, where an event tells no trace
_asks = ("input", "question", "query", "text", "prompt", "content", "message", "user_input", "user_message", "request", "value")
_answers = ("output", "answer", "response", "result", "text", "content", "message", "completion", "value")
_good = frozenset(
    {"pass", "passed", "good", "correct", "yes", "true", "positive", "thumbs_up", "thumbs-up", "up", "relevant", "factual"}
)
_bad = frozenset(
    {"fail", "failed", "bad", "incorrect", "no", "false", "negative", "thumbs_down", "thumbs-down", "down", "irrelevant", "hallucinated"}
)  # fmt: skip  # a list of names
_of_users = ("feedback", "thumb", "rating", "user")
_DEPTH = 3  # of mappings around a text


def span_event(at: float | None, **span: Any) -> Event:
    """Return the event of a span; it belongs to its trace until the whole trace is known."""
    kept = {name: value for name, value in span.items() if value not in (None, "", [], {}, False)}
    return Event(conversation=str(span.get("trace") or ""), kind="span", at=at, payload=kept)


def score_event(at: float | None, **score: Any) -> Event:
    """Return the event of a score of a span, a trace or a session."""
    kept = {name: value for name, value in score.items() if value not in (None, "")}
    trace, session = score.get("trace"), score.get("session")
    return Event(
        conversation=str(trace) if trace else f"{SESSION}{session}" if session else "",
        kind="score",
        at=at,
        payload=kept,
    )


def signal_of(score: Mapping[str, Any]) -> Signal:
    """Return what a score says; a number that is on no scale from -1 to 1, or from 0 to 1, is kept and taken for no feedback."""
    name, value, source = str(score.get("name") or ""), score.get("value"), str(score.get("source") or "")
    if not source:
        source = "person" if any(word in name.lower() for word in _of_users) else "judge"
    if isinstance(value, str):
        word = value.strip().lower()
        value = 1.0 if word in _good else -1.0 if word in _bad else _as_number(word)
        if value is None:
            return Signal(kind=f"label.{name}={word}"[:200], value=1.0, source="log")
        verdict = word in _good or word in _bad
    else:
        verdict = False
    number = float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0
    if not verdict:
        if not -1 <= number <= 1:
            return Signal(kind=f"score.{name}" if name else "score", value=number, source="log")
        number = number if number < 0 else 2 * number - 1
    kind = "thumbs" if source == "person" and abs(number) == 1 else f"score.{name}" if name else "score"
    return Signal(kind=kind, value=number, source=source)


def messages_of(value: Any, role: str) -> list[dict[str, Any]]:
    """Return messages, each with `role`, `content` and perhaps `tool_calls`, `tool_call_id` and `name`.

    Parameters
    ----------
    value : Any
        A list of messages, in any of the usual forms, or a mapping that has one, or JSON of these, or a text.
    role : str
        Of messages that do not say: `user` or `assistant`.
    """
    value = parsed(value)
    if isinstance(value, dict):
        for key in ("messages", "message", "choices"):
            if isinstance(value.get(key), list | dict):
                return messages_of(value[key], role)
        if "role" in value or "parts" in value:
            return [_message(value, role)]
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return [_message(one, role) for one in value if isinstance(one, dict)]
    text = plain(value, _asks if role == "user" else _answers)
    return [{"role": role, "content": text}] if text else []


def says_user(value: Any) -> bool:
    """Whether an input itself says that something in it is a user's, whoever else it would be taken for."""
    return any(one["role"] == "user" for one in messages_of(value, "assistant"))


def _message(one: Mapping[str, Any], role: str) -> dict[str, Any]:
    inner = one.get("message")
    if isinstance(inner, dict):
        one = inner
    kwargs = one.get("kwargs")  # how LangChain writes its messages down
    if isinstance(kwargs, dict) and "content" in kwargs:
        named = one.get("id")
        one = {"role": named[-1] if isinstance(named, list) and named else "", **kwargs}
    found: dict[str, Any] = {"role": _role(one.get("role") or one.get("type"), role)}
    texts: list[str] = []
    calls: list[dict[str, Any]] = []
    parts = one.get("parts")
    contents = one.get("contents")
    for held in (*(parts if isinstance(parts, list) else ()), *(contents if isinstance(contents, list) else ())):
        inner = held.get("message_content") if isinstance(held, dict) else None
        part = inner if isinstance(inner, dict) else held
        kind = part.get("type") if isinstance(part, dict) else "text"
        if kind == "tool_call":
            calls.append(_call(part))
        elif kind == "tool_call_response":
            found |= {"role": "tool", "tool_call_id": str(part.get("id") or "")}
            texts.append(as_text(part.get("response", part.get("result"))))
        elif kind in ("text", None, "refusal"):
            texts.append(text_of(part))
    if not texts:
        texts.append(text_of(parsed(one.get("content")) if _is_json_list(one.get("content")) else one.get("content")))
        texts.append("" if texts[0] else text_of(one.get("refusal")))
    listed = calls_of({**one, "tool_calls": parsed(one.get("tool_calls"))})
    calls.extend(_call(call) for call in listed if isinstance(call, dict))
    for part in one["content"] if isinstance(one.get("content"), list) else ():
        if isinstance(part, dict) and part.get("type") == "tool_use":
            calls.append(_call(part))
        elif isinstance(part, dict) and part.get("type") == "tool_result":
            found |= {"role": "tool", "tool_call_id": str(part.get("tool_use_id") or "")}
    found["content"] = "\n".join(text for text in texts if text)
    if calls:
        found["tool_calls"] = calls
    for name in ("tool_call_id", "name"):
        if isinstance(one.get(name), str) and one[name]:
            found[name] = one[name]
    return found


def _call(call: Mapping[str, Any]) -> dict[str, Any]:
    inner = call.get("tool_call")
    call = inner if isinstance(inner, dict) else call
    nested = call.get("function")
    function = nested if isinstance(nested, dict) else call
    arguments = function.get("arguments", function.get("args", function.get("input")))
    return {"id": str(call.get("id") or ""), "name": str(function.get("name") or ""), "arguments": as_text(arguments)}


def _role(named: Any, default: str) -> str:
    word = str(named or "").lower()
    for known, words in (
        ("user", ("user", "human", "humanmessage")),
        ("assistant", ("assistant", "ai", "aimessage", "model", "aimessagechunk", "bot")),
        ("tool", ("tool", "function", "toolmessage")),
        ("system", ("system", "developer", "systemmessage")),
    ):
        if word in words:
            return known
    return default


def plain(value: Any, keys: Sequence[str], depth: int = _DEPTH) -> str:
    """Return the text of an input or output: itself, or what a mapping has under one of the usual keys; "" if it is not to be told."""
    value = parsed(value)
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and depth:
        for key in keys:
            if value.get(key):
                text = plain(value[key], keys, depth - 1)
                if text:
                    return text
        if len(value) == 1:
            return plain(next(iter(value.values())), keys, depth - 1)
    if isinstance(value, list) and len(value) == 1 and depth:
        return plain(value[0], keys, depth - 1)
    return ""


def parsed(value: Any) -> Any:
    """Return what a text says as JSON, if it is a list or a mapping; anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return value
        return found if isinstance(found, list | dict) else value
    return value


def nested(attributes: Mapping[str, Any], prefix: str) -> Any:
    """Return what is written as `prefix.0.message.role` and the like: lists where all keys are numbers, mappings elsewhere."""
    tree: dict[str, Any] = {}
    start = f"{prefix}."
    for key, value in attributes.items():
        if not key.startswith(start):
            continue
        at, *path = tree, *key[len(start) :].split(".")
        for step in path[:-1]:
            inner = at.get(step)
            if not isinstance(inner, dict):
                inner = at[step] = {}
            at = inner
        at.setdefault(path[-1], value)
    return _listed(tree) if tree else None


def _listed(tree: Any) -> Any:
    if not isinstance(tree, dict):
        return tree
    if tree and all(key.isascii() and key.isdigit() for key in tree):
        return [_listed(tree[key]) for key in sorted(tree, key=lambda key: (len(key), key))]
    return {key: _listed(value) for key, value in tree.items()}


def _is_json_list(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip().startswith("[{")


def _as_number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def traces(events: Sequence[Event]) -> Iterator[str]:
    """Yield the conversation of each event of one trace: its session, else that of a span above it, else that of the trace."""
    spans = {str(e.payload.get("id")): e.payload for e in events if e.kind == "span"}
    first = next((str(e.payload["session"]) for e in events if e.payload.get("session")), "")
    for event in events:
        of: Mapping[str, Any] | None = event.payload
        if event.kind != "span" and not event.payload.get("session"):
            of = spans.get(str(event.payload.get("span")))
        seen = 0
        while of is not None and not of.get("session") and seen <= len(spans):
            of = spans.get(str(of.get("parent")))
            seen += 1
        name = str(of["session"]) if of is not None and of.get("session") else first
        yield name or event.conversation
