"""OpenTelemetry GenAI: spans and events of models, agents and tools.

Semantic conventions for generative AI, also of before version 1.37: messages are
`gen_ai.input.messages` and `gen_ai.output.messages` (attributes of spans or of the event
`gen_ai.client.inference.operation.details`, perhaps as JSON in a text), or `gen_ai.prompt` and
`gen_ai.completion`, also numbered (`gen_ai.prompt.0.content`), or events such as
`gen_ai.user.message` and `gen_ai.choice`. Verdicts are events `gen_ai.evaluation.result`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.importers import Broken, Event, otlp
from probatum.dialogue.artefacts.importers.messages import as_text
from probatum.dialogue.artefacts.importers.spans import messages_of, nested, score_event, span_event, traces
from probatum.dialogue.artefacts.importers.times import seconds
from probatum.dialogue.artefacts.importers.traces import turns_of_traces
from probatum.dialogue.artefacts.turn import Turn

_sessions = (
    "gen_ai.conversation.id",
    "session.id",
    "conversation.id",
    "traceloop.association.properties.session_id",
    "thread.id",
)
_users = ("user.id", "enduser.id", "gen_ai.user.id", "traceloop.association.properties.user_id", "enduser.pseudo.id", "user")
_kinds = {
    "chat": "llm", "text_completion": "llm", "generate_content": "llm", "completion": "llm", "execute_tool": "tool",
    "invoke_agent": "agent", "create_agent": "agent", "invoke_workflow": "agent", "embeddings": "retrieval", "retrieval": "retrieval",
    "workflow": "agent", "agent": "agent", "task": "", "tool": "tool",
}  # fmt: skip  # a list of names
_sides = {
    "gen_ai.system.message": "input", "gen_ai.user.message": "input", "gen_ai.assistant.message": "input",
    "gen_ai.tool.message": "input", "gen_ai.choice": "output",
}  # fmt: skip  # a list of names
_VERDICT = "gen_ai.evaluation.result"


class OpenTelemetry:
    """Reads spans and events by the conventions for generative AI; see the module."""

    name = "opentelemetry"

    def recognises(self, record: Any) -> bool:
        """Whether it is OpenTelemetry's JSON, and not by other conventions."""
        return otlp.holds(record) and not follows_openinference(record)

    def events(self, record: Any) -> Iterable[Event]:
        """Return spans and verdicts.

        Raises
        ------
        Broken
            If it is no JSON of OpenTelemetry.
        """
        if not otlp.holds(record):
            raise Broken("it has neither `resourceSpans` nor `resourceLogs`, and is no span")
        for span in otlp.spans(record):
            yield from _of_span(span)
        for one in otlp.logs(record):
            yield from _of_log(one)

    def regrouped(self, events: Sequence[Event]) -> Sequence[str]:
        """Return the conversation of each event of a trace."""
        return list(traces(events))

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield a turn for each request of a user."""
        return turns_of_traces(events)


def follows_openinference(record: Any) -> bool:
    """Whether spans of a record are named as OpenInference does."""
    return any(
        key.startswith(("openinference.", "llm.input_messages", "llm.output_messages", "input.value"))
        for span in otlp.spans(record)
        for key in span["attributes"]
    )


def _of_span(span: Mapping[str, Any]) -> Iterator[Event]:
    attributes: Mapping[str, Any] = span["attributes"]
    given = _messages(attributes, "input", "gen_ai.prompt", "user")
    said = _messages(attributes, "output", "gen_ai.completion", "assistant")
    for event in span["events"]:
        name, own = event["name"], event["attributes"]
        if name == _VERDICT:
            yield _verdict(own, event["time"], span["trace"], span["id"], _first(attributes, _sessions))
        elif name in _sides:
            (given if _sides[name] == "input" else said).extend(_told(name, own, own))
        else:
            given = given or _messages(own, "input", "gen_ai.prompt", "user")
            said = said or _messages(own, "output", "gen_ai.completion", "assistant")
    given = given or messages_of(attributes.get("traceloop.entity.input"), "user")
    said = said or messages_of(attributes.get("traceloop.entity.output"), "assistant")
    kind = _kinds.get(_first(attributes, ("gen_ai.operation.name", "traceloop.span.kind", "llm.request.type")), "")
    tool = {}
    if kind == "tool":
        tool = {
            "name": _first(attributes, ("gen_ai.tool.name", "traceloop.entity.name")) or span["name"],
            "arguments": as_text(_any(attributes, ("gen_ai.tool.call.arguments", "traceloop.entity.input"))),
            "result": as_text(_any(attributes, ("gen_ai.tool.call.result", "traceloop.entity.output"))),
            "call": _first(attributes, ("gen_ai.tool.call.id",)),
        }
        given, said = [], []
    yield span_event(
        seconds(span["start"]),
        trace=span["trace"],
        id=span["id"],
        parent=span["parent"],
        name=span["name"],
        kind=kind,
        end=seconds(span["end"]),
        session=_first(attributes, _sessions),
        user=_first(attributes, _users),
        input=given,
        output=said,
        tool=tool,
        error=str(attributes.get("error.type") or span["failed"]),
    )


def _of_log(one: Mapping[str, Any]) -> Iterator[Event]:
    attributes: Mapping[str, Any] = one["attributes"]
    name, at = one["name"], seconds(one["time"])
    session = _first(attributes, _sessions)
    if name == _VERDICT:
        yield _verdict(attributes, one["time"], one["trace"], one["span"], session)
        return
    given: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    if name in _sides:
        (given if _sides[name] == "input" else said).extend(_told(name, one["body"], attributes))
    else:
        body = one["body"] if isinstance(one["body"], dict) else {}
        for held in (attributes, body):
            given = given or _messages(held, "input", "gen_ai.prompt", "user")
            said = said or _messages(held, "output", "gen_ai.completion", "assistant")
    if not given and not said:
        payload = {"name": name, "body": one["body"], "attributes": dict(attributes)}
        yield Event(conversation=session or one["trace"], kind="unknown", at=at, payload=payload)
        return
    # Messages of a span are logged one by one: they are part of it.
    yield span_event(
        at,
        trace=one["trace"] or session,
        id="",
        parent=one["span"],
        part=one["span"],
        kind="llm",
        end=at if said else None,
        session=session,
        user=_first(attributes, _users),
        input=given,
        output=said,
        error=str(attributes.get("error.type") or ""),
    )


def _verdict(attributes: Mapping[str, Any], time: Any, trace: str, span: str, session: str) -> Event:
    value = attributes.get("gen_ai.evaluation.score.value")
    label = attributes.get("gen_ai.evaluation.score.label", attributes.get("gen_ai.evaluation.label"))
    return score_event(
        seconds(time),
        trace=trace,
        span=span,
        session=session,
        name=str(attributes.get("gen_ai.evaluation.name") or "evaluation"),
        value=value if isinstance(value, int | float) else label,
    )


def _messages(attributes: Mapping[str, Any], side: str, old: str, role: str) -> list[dict[str, Any]]:
    value = attributes.get(f"gen_ai.{side}.messages")
    if value is None:
        value = nested(attributes, f"gen_ai.{side}.messages")
    if value is None:
        value = nested(attributes, old)
    if value is None:
        value = attributes.get(old)
    return messages_of(value, role) if value is not None else []


def _told(name: str, body: Any, attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the message of an event such as `gen_ai.user.message`."""
    role = "assistant" if name == "gen_ai.choice" else name.split(".")[1]
    held = body if isinstance(body, dict) else {"content": body}
    held = {"content": attributes.get("content"), **held} if "content" not in held and "message" not in held else held
    found = messages_of([held], role)
    for one in found:
        if name != "gen_ai.choice":
            one["role"] = role
        elif one["role"] != "tool":
            one["role"] = "assistant"
    if name == "gen_ai.tool.message" and found and isinstance(held.get("id"), str):
        found[0]["tool_call_id"] = held["id"]
    return found


def _first(attributes: Mapping[str, Any], names: Sequence[str]) -> str:
    return next(
        (str(attributes[name]) for name in names if isinstance(attributes.get(name), str | int) and attributes[name] != ""), ""
    )


def _any(attributes: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((attributes[name] for name in names if name in attributes), None)
