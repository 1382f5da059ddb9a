"""Home Assistant Assist: events of voice pipelines, with the error of each stage.

Events are `{"type": "stt-end", "data": {...}, "timestamp": ...}`, of types `run-start`,
`wake_word-start` ... `run-end` and `error` (the developer documentation, "Using Assist
pipelines"). They come alone, in messages of the WebSocket interface (`{"id": 5, "type": "event",
"event": {...}}`), or as the events of one run (`{"events": [...]}`, what the debug assistant
shows). Runs belong to the conversation that `intent-start` or `intent-end` names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from probatum.dialogue.artefacts.importers import Broken, Event
from probatum.dialogue.artefacts.importers.messages import as_text
from probatum.dialogue.artefacts.importers.times import seconds
from probatum.dialogue.artefacts.turn import Signal, Stage, ToolCall, Turn
from probatum.source import digest_of

_stages = {"wake_word": "wake", "stt": "recognition", "intent": "understanding", "tts": "result"}
_types = frozenset(
    {
        "run-start", "run-end", "error", "wake_word-start", "wake_word-end", "stt-start", "stt-vad-start", "stt-vad-end", "stt-end",
        "intent-start", "intent-progress", "intent-end", "tts-start", "tts-end",
    }
)  # fmt: skip  # a list of names
_silent = frozenset({"stt-vad-start", "stt-vad-end"})
# Code of an error in the answer of an agent -> the stage that failed; `intent_output.response.data.code`.
_failing = {
    "no_intent_match": "understanding",
    "no_valid_targets": "resolution",
    "failed_to_handle": "result",
    "unknown": "result",
}
_DEPTH = 4  # of mappings around the events of a run


class Assist:
    """Reads events of Assist pipelines; see the module."""

    name = "assist"

    def recognises(self, record: Any) -> bool:
        """Whether there are events of a pipeline in it."""
        return next(_runs(record, "", 0), None) is not None or _acknowledges(record)

    def events(self, record: Any) -> Iterable[Event]:
        """Return the events of a record; for the time being they belong to a run.

        Raises
        ------
        Broken
            If it has none.
        """
        found = False
        for run, event in _runs(record, "", 0):
            found = True
            kind = event["type"]
            if kind not in _silent:
                data = event.get("data") if isinstance(event.get("data"), dict) else {}
                known = kind in _types
                at = seconds(event.get("timestamp"))
                payload = dict(data or {}) if known else dict(event)
                yield Event(conversation=run, kind=kind if known else "unknown", at=at, payload=payload)
        if not found and not _acknowledges(record):
            raise Broken("it has no events of a pipeline")

    def regrouped(self, events: Sequence[Event]) -> Sequence[str]:
        """Return the conversation of each event."""
        names: list[str] = []
        for run in _split([(0, event) for event in events]):
            own = (_conversation(event.payload) for _, event in run)
            began = run[0][1].at
            name = next(filter(None, own), f"{run[0][1].conversation} {began if began is not None else len(names)}")
            names.extend([name] * len(run))
        return names

    def turns(self, events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
        """Yield a turn for each run in which the assistant heard, or was sent, anything."""
        for run in _split(events):
            turn = _turn(run)
            if turn is not None:
                yield turn


def _runs(value: Any, run: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (run, event) of all that is in a record."""
    if isinstance(value, list) and depth:
        for item in value:
            yield from _runs(item, run, depth)
        return
    if not isinstance(value, dict):
        return
    kind, own = value.get("type"), value.get("run_id") or value.get("pipeline_run_id") or value.get("id")
    name = f"{run}/{own}" if isinstance(own, str | int) and not isinstance(own, bool) else run
    if isinstance(value.get("event"), dict):
        yield from _runs(value["event"], name, depth + 1)
    elif isinstance(kind, str) and (kind in _types or ("data" in value and "timestamp" in value and "-" in kind)):
        yield name or "assist", value
    elif isinstance(value.get("events"), list):
        events = value["events"]
        name = name or digest_of(events)[:16]
        for event in events:
            yield from _runs(event, name, depth + 1)
    elif depth < _DEPTH:
        for key, inner in value.items():
            if isinstance(inner, dict):
                yield from _runs(inner, f"{name}/{key}" if key != "result" else name, depth + 1)


def _acknowledges(record: Any) -> bool:
    """Whether it is the answer to a command of the WebSocket interface, without content."""
    return isinstance(record, dict) and record.get("type") == "result" and "success" in record and not record.get("result")


def _split(events: Sequence[tuple[int, Event]]) -> Iterator[list[tuple[int, Event]]]:
    """Yield the events of each run: a run begins at its start, or with what follows the end of another."""
    run: list[tuple[int, Event]] = []
    for line, event in events:
        if run and (event.kind == "run-start" or run[-1][1].kind == "run-end"):
            yield run
            run = []
        run.append((line, event))
    if run:
        yield run


def _conversation(payload: Mapping[str, Any]) -> str:
    of = payload.get("intent_output")
    named = payload.get("conversation_id") or (of.get("conversation_id") if isinstance(of, dict) else None)
    return named if isinstance(named, str) else ""


def _turn(run: Sequence[tuple[int, Event]]) -> Turn | None:
    said: dict[str, Mapping[str, Any]] = {}
    times: dict[str, float | None] = {}
    progress: list[Mapping[str, Any]] = []
    for _, event in run:
        if event.kind == "intent-progress":
            progress.append(event.payload)
        said.setdefault(event.kind, event.payload)
        times.setdefault(event.kind, event.at)
    woken = bool(_at(said, "wake_word-end", "wake_word_output"))
    heard = _at(said, "stt-end", "stt_output", "text")
    text = heard if isinstance(heard, str) and heard else _at(said, "intent-start", "intent_input")
    text = text if isinstance(text, str) else ""
    error = said.get("error", {})
    code = str(error.get("code") or "unknown") if "error" in said else ""
    # A wake word that another device took, or that nobody said, is no turn.
    if not text and not ("stt-start" in said or (woken and code)):
        return None
    if code == "duplicate_wake_up_detected":
        return None
    output = _at(said, "intent-end", "intent_output")
    output = output if isinstance(output, dict) else {}
    spoken = _at(output, "response", "speech", "plain", "speech") or _at(output, "response", "speech", "ssml", "speech")
    device = _first(said, "device_id") or _first(said, "satellite_id")
    language = _first(said, "language") or _at(said, "stt-start", "metadata", "language")
    asked = next((times[k] for k in ("stt-end", "intent-start", "stt-start", "run-start") if times.get(k) is not None), None)
    local = _at(said, "intent-end", "processed_locally")
    return Turn(
        conversation=run[0][1].conversation,
        device=device,
        asked_at=asked,
        answered_at=next((times[k] for k in ("tts-end", "intent-end") if times.get(k) is not None), None),
        text=text,
        response=spoken if isinstance(spoken, str) else "",
        slots=tuple(_targets(output)),
        stages=tuple(_told(said, code, output, text)),
        tools=tuple(_tools(progress)),
        signals=(Signal(kind="continued"),) if output.get("continue_conversation") is True else (),
        context=(("processed_locally", str(local).lower()),) if isinstance(local, bool) else (),
        locale=language if isinstance(language, str) else "",
        channel="voice" if any(kind.startswith(("stt", "wake_word")) for kind in said) else "chat",
        line=run[0][0],
    )


def _told(said: Mapping[str, Mapping[str, Any]], code: str, output: Mapping[str, Any], text: str) -> Iterator[Stage]:
    """Yield what each stage said of the run."""
    response = output.get("response")
    response = response if isinstance(response, dict) else {}
    answered = response.get("response_type")
    data = response.get("data") if isinstance(response.get("data"), dict) else {}
    refused = str((data or {}).get("code") or "unknown") if answered == "error" else ""
    failing = _failing.get(refused, "result") if refused else ""
    prefix = code.split("-", 1)[0]
    erring = _stages.get("wake_word" if prefix in ("wake", "duplicate_wake_up_detected") else prefix, "result") if code else ""
    if "wake_word-start" in said or "wake_word-end" in said or erring == "wake":
        woken = _at(said, "wake_word-end", "wake_word_output")
        phrase = woken.get("wake_word_phrase") or woken.get("wake_word_id") if isinstance(woken, dict) else None
        yield Stage(
            name="wake", ok=bool(woken) and erring != "wake", code=code if erring == "wake" else "", output=str(phrase or "")
        )
    if "stt-start" in said or "stt-end" in said or erring == "recognition":
        yield Stage(name="recognition", ok=erring != "recognition", code=code if erring == "recognition" else "", output=text)
    if "intent-start" in said or output or erring == "understanding":
        own = code if erring == "understanding" else refused if failing == "understanding" else ""
        yield Stage(name="understanding", ok=not own if own or output else None, code=own)
    if failing == "resolution":
        yield Stage(name="resolution", ok=False, code=refused)
    left = isinstance(data, dict) and bool(data.get("failed"))
    own = code if erring == "result" else refused if failing == "result" else "failed_targets" if left else ""
    if own or (output and not refused):
        yield Stage(name="result", ok=not own, code=own, output=str(answered or ""))


def _targets(output: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key in ("success", "failed"):
        found = _at(output, "response", "data", key)
        for one in found if isinstance(found, list) else ():
            if isinstance(one, dict) and isinstance(one.get("type"), str):
                yield one["type"], str(one.get("id") or one.get("name") or "")


def _tools(progress: Sequence[Mapping[str, Any]]) -> Iterator[ToolCall]:
    calls: dict[str, ToolCall] = {}
    for payload in progress:
        delta = payload.get("chat_log_delta")
        delta = delta if isinstance(delta, dict) else {}
        for call in delta.get("tool_calls") or ():
            if isinstance(call, dict):
                number = str(call.get("id") or len(calls))
                calls[number] = ToolCall(name=str(call.get("tool_name") or ""), arguments=as_text(call.get("tool_args")))
        if delta.get("role") == "tool_result":
            number = str(delta.get("tool_call_id") or "")
            known = calls.get(number, ToolCall(name=str(delta.get("tool_name") or "")))
            result = delta.get("tool_result")
            error = as_text(result.get("error")) if isinstance(result, dict) else ""
            calls[number] = ToolCall(
                name=known.name, arguments=known.arguments, result=as_text(result), ok=False if error else None, error=error
            )
    yield from calls.values()


def _first(said: Mapping[str, Mapping[str, Any]], name: str) -> str:
    return next((of[name] for of in said.values() if isinstance(of.get(name), str) and of[name]), "")


def _at(value: Any, *path: str) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value
