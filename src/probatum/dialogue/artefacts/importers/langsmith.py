"""LangSmith: runs as its interface and its bulk export give them, alone or as trees, with aggregates of feedback.

Field names are those of its data format of runs (documentation, "run data format"). `session_id` of a run is the project, and says
nothing of who talks to whom: the conversation is the thread, which is named in the metadata, as `session_id`, `thread_id` or
`conversation_id`. Runs without one are conversations of their own traces.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.importers import Event, some
from probatum.dialogue.artefacts.importers.messages import as_text
from probatum.dialogue.artefacts.importers.spans import messages_of, parsed, says_user, score_event, span_event, traces
from probatum.dialogue.artefacts.importers.times import seconds
from probatum.dialogue.artefacts.importers.traces import turns_of_traces
from probatum.dialogue.artefacts.turn import Turn

_types = {
    "llm": "llm",
    "tool": "tool",
    "retriever": "retrieval",
    "embedding": "retrieval",
    "chain": "",
    "prompt": "",
    "parser": "",
}
_unread = frozenset({"prompt", "parser"})  # what they are given was said to the run above them
_threads = ("session_id", "thread_id", "conversation_id")
_users = ("user_id", "user", "end_user_id", "ls_user_id")
_DEEPEST = 50  # runs inside of runs


class LangSmith:
    """Reads runs; see the module."""

    name = "langsmith"

    def recognises(self, record: Any) -> bool:
        """Whether it is a run, or has some."""
        return next(_runs(record), None) is not None

    def events(self, record: Any) -> Iterable[Event]:
        """Return a span for each run, and a score for each value of its feedback.

        Raises
        ------
        Broken
            If it is no run.
        """
        return some(
            (event for run, trace in _runs(record) for event in (_span(run, trace), *_scores(run, trace))),
            "it is no run, and has none",
        )

    def regrouped(self, events: Sequence[Event]) -> Sequence[str]:
        """Return the conversation of each event of a trace."""
        return list(traces(events))

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield a turn for each request of a user."""
        return turns_of_traces(events)


def _runs(record: Any, trace: str = "", parent: str = "", depth: int = 0) -> Iterator[tuple[Mapping[str, Any], str]]:
    """Yield (run, its trace), those inside of others too."""
    if not isinstance(record, dict) or depth > _DEEPEST:
        return
    if depth == 0 and "run_type" not in record:
        listed = record.get("runs")
        for one in listed if isinstance(listed, list) else ():
            yield from _runs(one, depth=1)
        return
    if str(record.get("run_type")) not in _types or not record.get("id") or "start_time" not in record:
        return
    own = str(record.get("trace_id") or trace or record["id"])
    yield ({"parent_run_id": parent, **record} if parent and not record.get("parent_run_id") else record), own
    inner = record.get("child_runs")
    for one in inner if isinstance(inner, list) else ():
        yield from _runs(one, own, str(record["id"]), depth + 1)


def _span(of: Mapping[str, Any], trace: str) -> Event:
    kind = _types[str(of.get("run_type"))]
    above = of.get("parent_run_ids")
    parent = of.get("parent_run_id") or (above[-1] if isinstance(above, list) and above else "")
    given, said = parsed(of.get("inputs")), parsed(of.get("outputs"))
    read = kind not in ("tool", "retrieval") and str(of.get("run_type")) not in _unread
    asked = messages_of(_flat(given), "user") if read else []
    tool = {}
    if kind == "tool":
        tool = {"name": str(of.get("name") or ""), "arguments": as_text(_inner(given)), "result": as_text(_inner(said))}
    error = of.get("error")
    failed = bool(error) or str(of.get("status") or "") == "error"
    return span_event(
        seconds(of.get("start_time")),
        trace=trace,
        id=str(of["id"]),
        parent=str(parent or ""),
        name=str(of.get("name") or ""),
        kind=kind,
        end=seconds(of.get("end_time")),
        session=_named(of, _threads),
        user=_named(of, _users),
        input=asked,
        output=messages_of(_generated(said), "assistant") if read else [],
        assumed=bool(asked) and not kind and not says_user(_flat(given)),
        tool=tool,
        error=(as_text(error)[:200] or "error") if failed else "",
    )


def _scores(of: Mapping[str, Any], trace: str) -> Iterator[Event]:
    """Yield one score for each key of the feedback, whose mean is the value: `{"n": 1, "avg": 1.0, "values": {...}}`."""
    stats = parsed(of.get("feedback_stats"))
    for name, found in stats.items() if isinstance(stats, dict) else ():
        if not isinstance(found, dict):
            continue
        value = found.get("avg")
        values = found.get("values")
        if value is None and isinstance(values, dict) and len(values) == 1:
            value = next(iter(values))
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if number or isinstance(value, str):
            yield score_event(
                seconds(of.get("end_time")) or seconds(of.get("start_time")),
                trace=trace,
                span=str(of["id"]),
                name=str(name),
                value=value,
            )


def _named(of: Mapping[str, Any], names: Sequence[str]) -> str:
    """Return what the metadata of a run say under the first of some names."""
    extra = parsed(of.get("extra"))
    inner = extra.get("metadata") if isinstance(extra, dict) else None
    for metadata in (parsed(inner), parsed(of.get("metadata"))):
        if isinstance(metadata, dict):
            for name in names:
                value = metadata.get(name)
                if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
                    return str(value)
    return str(of["thread_id"]) if names is _threads and isinstance(of.get("thread_id"), str) else ""


def _flat(given: Any) -> Any:
    """Return inputs with the messages of a single prompt: those of chat models are a list of lists."""
    if isinstance(given, dict):
        listed = given.get("messages")
        if isinstance(listed, list) and len(listed) == 1 and isinstance(listed[0], list):
            return {**given, "messages": listed[0]}
    return given


def _generated(said: Any) -> Any:
    """Return outputs as messages where they are generations of a model."""
    if isinstance(said, dict) and isinstance(said.get("generations"), list):
        first: Any = said["generations"]
        while isinstance(first, list) and first:
            first = first[0]
        if isinstance(first, dict):
            return {"messages": [first["message"]]} if isinstance(first.get("message"), dict) else first.get("text")
    return said


def _inner(value: Any) -> Any:
    """Return what a mapping with one of the usual names of its only part holds."""
    if isinstance(value, dict) and len(value) == 1 and next(iter(value)) in ("input", "output"):
        return next(iter(value.values()))
    return value
