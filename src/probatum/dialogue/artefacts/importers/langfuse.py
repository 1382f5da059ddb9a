"""Langfuse: observations, traces and scores, from its interface (versions 1 and 2), its exports, and single downloads.

Names of fields are read in both spellings, `traceId` and `trace_id`. A trace belongs to its
session, or is a conversation of its own. A text that a span was given may be a user's or that of a
step: it is a step's where a model in the trace was asked by itself. Scores by people and by the interface about
feedback are the user's; others are verdicts of a judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.importers import Event, some
from probatum.dialogue.artefacts.importers.fields import either
from probatum.dialogue.artefacts.importers.messages import as_text
from probatum.dialogue.artefacts.importers.spans import messages_of, says_user, score_event, span_event, traces
from probatum.dialogue.artefacts.importers.times import seconds
from probatum.dialogue.artefacts.importers.traces import turns_of_traces
from probatum.dialogue.artefacts.turn import Turn

_kinds = {"GENERATION": "llm", "TOOL": "tool", "RETRIEVER": "retrieval", "EMBEDDING": "retrieval", "AGENT": "agent"}
_types = frozenset({*_kinds, "SPAN", "EVENT", "CHAIN", "EVALUATOR", "GUARDRAIL"})
_steps = frozenset({"EVENT", "EVALUATOR", "GUARDRAIL"})
_ROOT = "trace:"  # before the name of the span that stands for a trace
_sources = {"EVAL": "judge", "ANNOTATION": "person"}


class Langfuse:
    """Reads observations, traces and scores; see the module."""

    name = "langfuse"

    def recognises(self, record: Any) -> bool:
        """Whether it is an observation, a trace or a score, or has some."""
        return next(_parts(record), None) is not None

    def events(self, record: Any) -> Iterable[Event]:
        """Return spans and scores.

        Raises
        ------
        Broken
            If it has none.
        """
        read = {"observation": _observation, "trace": _trace, "score": _score}
        return some((read[kind](part) for kind, part in _parts(record)), "it is neither an observation nor a trace nor a score")

    def regrouped(self, events: Sequence[Event]) -> Sequence[str]:
        """Return the conversation of each event of a trace."""
        return list(traces(events))

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield a turn for each request of a user."""
        return turns_of_traces(events)


def _parts(record: Any, depth: int = 3) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (`observation`, `trace` or `score`, it) of all in a record."""
    if isinstance(record, list) and depth < 3:
        for one in record:
            yield from _parts(one, depth - 1)
    if not isinstance(record, dict) or not depth:
        return
    kind = _what(record)
    if kind:
        yield kind, record
    for name in ("trace", "traces", "observations", "scores", "data", "body"):
        inner = record.get(name)
        if isinstance(inner, list | dict):
            yield from _parts(_owned(inner, either(record, "id")) if kind == "trace" else inner, depth - 1)


def _owned(inner: Any, trace: Any) -> Any:
    """Return what stands in a trace with the name of the trace: it belongs to it, also where it does not say so."""
    if isinstance(inner, list):
        return [_owned(one, trace) for one in inner]
    return {**inner, "traceId": trace} if isinstance(inner, dict) and not either(inner, "traceId") else inner


def _what(record: Mapping[str, Any]) -> str:
    named = str(record.get("type") or "").upper()
    if (
        named in _types
        and isinstance(either(record, "startTime"), str | int | float)
        and (either(record, "traceId") or "id" in record)
    ):
        return "observation"
    held = either(record, "traceId") or either(record, "sessionId")
    if (
        held
        and "value" in record
        and ("name" in record)
        and ("dataType" in record or "data_type" in record or "source" in record)
    ):
        return "score"
    about = ("input" in record or "output" in record or isinstance(record.get("observations"), list)) and "id" in record
    if about and not named and "timestamp" in record and ({"sessionId", "session_id", "userId", "user_id"} & record.keys()):
        return "trace"
    return ""


def _observation(of: Mapping[str, Any]) -> Event:
    named = str(of.get("type") or "").upper()
    kind = _kinds.get(named, "")
    trace = str(either(of, "traceId") or of.get("id") or "")
    level = str(of.get("level") or "").upper()
    status = either(of, "statusMessage")
    read = named not in _steps and kind not in ("tool", "retrieval")
    given = messages_of(of.get("input"), "user") if read else []
    tool = {}
    if kind == "tool":
        tool = {"name": str(of.get("name") or ""), "arguments": as_text(of.get("input")), "result": as_text(of.get("output"))}
    return span_event(
        seconds(either(of, "startTime")),
        trace=trace,
        id=str(of.get("id") or ""),
        parent=str(either(of, "parentObservationId") or f"{_ROOT}{trace}"),
        name=str(of.get("name") or ""),
        kind=kind,
        end=seconds(either(of, "endTime")),
        session=_text(either(of, "sessionId")),
        user=_text(either(of, "userId")),
        input=given,
        output=messages_of(of.get("output"), "assistant") if read else [],
        assumed=bool(given) and not kind and not says_user(of.get("input")),
        tool=tool,
        error=(_text(status)[:200] or "error") if level == "ERROR" else "",
    )


def _trace(of: Mapping[str, Any]) -> Event:
    name = str(of.get("id") or "")
    began = seconds(of.get("timestamp"))
    latency = of.get("latency")
    lasted = float(latency) if isinstance(latency, int | float) and not isinstance(latency, bool) else None
    return span_event(
        began,
        trace=name,
        id=f"{_ROOT}{name}",
        name=str(of.get("name") or ""),
        kind="agent",
        end=began + lasted if began is not None and lasted is not None else None,
        session=_text(either(of, "sessionId")),
        user=_text(either(of, "userId")),
        input=messages_of(of.get("input"), "user"),
        output=messages_of(of.get("output"), "assistant"),
    )


def _score(of: Mapping[str, Any]) -> Event:
    named = of.get("stringValue", of.get("string_value"))
    value = of.get("value")
    kind = str(of.get("dataType", of.get("data_type")) or "")
    if kind in ("CATEGORICAL", "TEXT") and isinstance(named, str):
        value = named
    return score_event(
        seconds(of.get("timestamp") or either(of, "createdAt")),
        trace=_text(either(of, "traceId")),
        span=_text(either(of, "observationId")),
        session=_text(either(of, "sessionId")),
        name=str(of.get("name") or ""),
        value=value,
        source=_sources.get(str(of.get("source") or ""), ""),
    )


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
