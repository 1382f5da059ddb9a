"""OpenInference: the conventions of Phoenix and Arize for spans of OpenTelemetry.

Messages are numbered attributes (`llm.input_messages.0.message.content`); what a span was given
and gave is `input.value` and `output.value`, which may be a user's words or those of a step; sessions are `session.id`; verdicts are
`annotations` (`annotation.name`, `.score`, `.label`, `.annotator_kind`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.importers import Broken, Event, otlp
from probatum.dialogue.artefacts.importers.messages import as_text
from probatum.dialogue.artefacts.importers.otel import follows_openinference
from probatum.dialogue.artefacts.importers.spans import messages_of, nested, parsed, says_user, score_event, span_event, traces
from probatum.dialogue.artefacts.importers.times import seconds
from probatum.dialogue.artefacts.importers.traces import turns_of_traces
from probatum.dialogue.artefacts.turn import Turn

_kinds = {
    "LLM": "llm",
    "TOOL": "tool",
    "RETRIEVER": "retrieval",
    "RERANKER": "retrieval",
    "EMBEDDING": "retrieval",
    "AGENT": "agent",
}
# Kinds of which `input.value` may be what a user said.
_asked = frozenset({"AGENT", "CHAIN", "LLM", ""})
_steps = frozenset({"CHAIN", ""})  # which may be one of how a request is answered, too
_sources = {"HUMAN": "person", "LLM": "judge", "CODE": "judge"}


class OpenInference:
    """Reads spans by the conventions of OpenInference; see the module."""

    name = "openinference"

    def recognises(self, record: Any) -> bool:
        """Whether it has spans with attributes of OpenInference."""
        return follows_openinference(record)

    def events(self, record: Any) -> Iterable[Event]:
        """Return spans and annotations.

        Raises
        ------
        Broken
            If it is no JSON of OpenTelemetry.
        """
        if not otlp.holds(record):
            raise Broken("it has no `resourceSpans`, and is no span")
        for span in otlp.spans(record):
            yield from _of_span(span)
        for one in otlp.logs(record):
            payload = {"name": one["name"], "body": one["body"], "attributes": dict(one["attributes"])}
            yield Event(conversation=one["trace"], kind="unknown", at=seconds(one["time"]), payload=payload)

    def regrouped(self, events: Sequence[Event]) -> Sequence[str]:
        """Return the conversation of each event of a trace."""
        return list(traces(events))

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield a turn for each request of a user."""
        return turns_of_traces(events)


def _of_span(span: Mapping[str, Any]) -> Iterator[Event]:
    of: Mapping[str, Any] = span["attributes"]
    named = str(of.get("openinference.span.kind") or "").upper()
    kind = _kinds.get(named, "")
    session = str(of.get("session.id") or "")
    given: list[dict[str, Any]] = []
    said: list[dict[str, Any]] = []
    tool: dict[str, Any] = {}
    if kind == "tool":
        tool = {
            "name": str(of.get("tool.name") or of.get("tool_call.function.name") or span["name"]),
            "arguments": as_text(of.get("tool_call.function.arguments", of.get("input.value", of.get("tool.parameters")))),
            "result": as_text(of.get("output.value")),
            "call": str(of.get("tool_call.id") or of.get("tool.id") or ""),
        }
    elif named in _asked:
        given = _messages(of, "llm.input_messages", "user") or messages_of(of.get("input.value"), "user")
        said = _messages(of, "llm.output_messages", "assistant") or messages_of(of.get("output.value"), "assistant")
    thrown = next((e["attributes"].get("exception.type") for e in span["events"] if e["name"] == "exception"), None)
    yield span_event(
        seconds(span["start"]),
        trace=span["trace"],
        id=span["id"],
        parent=span["parent"],
        name=span["name"],
        kind=kind,
        end=seconds(span["end"]),
        session=session,
        user=str(of.get("user.id") or ""),
        input=given,
        output=said,
        assumed=bool(given)
        and named in _steps
        and not _messages(of, "llm.input_messages", "user")
        and not says_user(of.get("input.value")),
        tool=tool,
        error=str(thrown or of.get("error.type") or span["failed"]) if span["failed"] or thrown else "",
    )
    for prefix in ("annotations", "span.annotations", "trace.annotations", "session.annotations"):
        found = parsed(of.get(prefix, nested(of, prefix)))
        for one in found if isinstance(found, list) else ():
            if isinstance(one, dict):
                yield _annotation(one, span, session, prefix)


def _annotation(one: Mapping[str, Any], span: Mapping[str, Any], session: str, prefix: str) -> Event:
    inner = one.get("annotation")
    of = inner if isinstance(inner, dict) else {key.removeprefix("annotation."): value for key, value in one.items()}
    score = of.get("score")
    whole = prefix == "session.annotations"
    return score_event(
        seconds(span["end"]),
        trace="" if whole and session else span["trace"],
        span="" if whole else span["id"],
        session=session,
        name=str(of.get("name") or "annotation"),
        value=score if isinstance(score, int | float) else of.get("label"),
        source=_sources.get(str(of.get("annotator_kind") or "").upper(), ""),
    )


def _messages(of: Mapping[str, Any], prefix: str, role: str) -> list[dict[str, Any]]:
    value = of.get(prefix)
    return messages_of(nested(of, prefix) if value is None else _unflat(parsed(value)), role)


def _unflat(value: Any) -> Any:
    """Messages of which each has its own paths, as in exported tables: `message.role`."""
    if not isinstance(value, list):
        return value
    return [
        (nested(one, "message") or one) if isinstance(one, dict) and any(str(k).startswith("message.") for k in one) else one
        for one in value
    ]
