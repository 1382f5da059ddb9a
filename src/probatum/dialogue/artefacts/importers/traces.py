"""Turns of conversations that were logged as traces: spans of agents, of models and of tools.

A request is what a span was given by a user, where no span above it was given anything by one:
the steps in between are how it was answered. A text of which nothing says that it is a user's
(`assumed`) is no request where a model was asked beside it. Where models were called one after the other
with the same request, as agents do while they use tools, they answer one turn.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from probatum.dialogue.artefacts.importers import Event
from probatum.dialogue.artefacts.importers.spans import signal_of
from probatum.dialogue.artefacts.turn import Signal, Stage, ToolCall, Turn


@dataclass(slots=True)
class _Span:
    """A span, and where it stands."""

    line: int
    at: float | None
    of: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.of.get("id") or "")

    @property
    def kind(self) -> str:
        return str(self.of.get("kind") or "")

    def messages(self, side: str) -> list[Mapping[str, Any]]:
        """Return its messages, `input` or `output`."""
        found = self.of.get(side)
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []

    def asked(self) -> tuple[str, int]:
        """Return the last message of a user, and how many there are."""
        if self.kind in ("tool", "retrieval"):
            return "", 0
        said = [str(one.get("content") or "") for one in self.messages("input") if one.get("role") == "user"]
        return (said[-1], len(said)) if said else ("", 0)

    def continues(self) -> bool:
        """Whether the last message is not a user's: the model goes on."""
        roles = [one.get("role") for one in self.messages("input") if one.get("role") != "system"]
        return bool(roles) and roles[-1] != "user"

    def answer(self) -> str:
        """Return the last text of the assistant."""
        said = [str(one.get("content") or "") for one in self.messages("output") if one.get("role") == "assistant"]
        return next((text for text in reversed(said) if text), "")


@dataclass(slots=True)
class _Request:
    """A turn that is being put together: the spans that were asked, and those below them."""

    asked: str
    count: int
    spans: list[_Span]
    below: list[_Span] = field(default_factory=list)
    signals: list[Signal] = field(default_factory=list)


def turns_of_traces(events: Sequence[tuple[int, Event]]) -> Iterator[Turn]:
    """Yield the turns of one conversation.

    Parameters
    ----------
    events : sequence of (line, Event)
        Of kinds `span` and `score`, as `spans` has them.
    """
    by_trace: dict[str, list[_Span]] = {}
    for line, event in events:
        if event.kind == "span":
            by_trace.setdefault(str(event.payload.get("trace") or ""), []).append(_Span(line, event.at, event.payload))
    requests: list[tuple[str, _Request]] = []
    for trace, spans in by_trace.items():
        for request in _requests(_whole(spans)):
            last = requests[-1][1] if requests else None
            same = last is not None and (request.asked, request.count) == (last.asked, last.count)
            if last is not None and same and request.spans[0].continues():
                last.spans += request.spans
                last.below += request.below
            else:
                requests.append((trace, request))
    _judged(requests, [event.payload for _, event in events if event.kind == "score"])
    user = next((str(e.payload["user"]) for _, e in events if e.payload.get("user")), "")
    for _, request in requests:
        yield _turn(request, events[0][1].conversation, user)


def _whole(spans: Sequence[_Span]) -> list[_Span]:
    """Return the spans, with messages that were logged one by one as parts of theirs."""
    whole = {span.id: span for span in spans if span.id and not span.of.get("part")}
    found = [span for span in spans if not span.of.get("part")]
    for span in spans:
        part = str(span.of.get("part") or "")
        if not part:
            continue
        if part not in whole:
            whole[part] = _Span(span.line, span.at, {**span.of, "id": part, "parent": "", "input": [], "output": []})
            found.append(whole[part])
        of = whole[part].of
        merged = {side: [*whole[part].messages(side), *span.messages(side)] for side in ("input", "output")}
        whole[part].of = {**span.of, **of, **merged, "end": of.get("end") or span.of.get("end")}
    return sorted(found, key=lambda span: span.at or 0.0)


def _requests(spans: Sequence[_Span]) -> list[_Request]:
    """Return the requests of one trace, in their order, with all spans of the trace shared out among them."""
    known = {span.id: span for span in spans if span.id}
    found: list[_Request] = []
    owner: dict[int, _Request] = {}
    outer = [span for span in spans if span.asked()[0] and not any(above.asked()[0] for above in _above(span, known))]
    for span in _without_steps(outer, spans, known):
        asked, count = span.asked()
        if found and found[-1].asked == asked and (found[-1].count == count or span.continues()):
            found[-1].spans.append(span)
        else:
            found.append(_Request(asked, count, [span]))
        owner[id(span)] = found[-1]
    if not found:
        return []
    began = [request.spans[0].at or 0.0 for request in found]  # ascending, as the spans are
    for span in spans:
        if id(span) in owner:
            continue
        above = next((owner[id(one)] for one in _above(span, known) if id(one) in owner), None)
        before = max(0, bisect_right(began, span.at or 0.0) - 1)
        (above or found[before]).below.append(span)
    return found


def _without_steps(outer: Sequence[_Span], spans: Sequence[_Span], known: Mapping[str, _Span]) -> list[_Span]:
    """Return the spans that were asked by a user: a text that may be that of a step is one where a model was asked by itself.

    What a model was asked below such a span makes the span a request, as a prompt is put together from what the user said.
    """
    if all(span.of.get("assumed") for span in outer):
        return list(outer)
    holding = {above.id for span in spans if span.asked()[0] and not span.of.get("assumed") for above in _above(span, known)}
    return [span for span in outer if not span.of.get("assumed") or span.id in holding]


def _above(span: _Span, known: Mapping[str, _Span]) -> Iterator[_Span]:
    seen = {span.id}
    while (parent := str(span.of.get("parent") or "")) in known and parent not in seen:
        seen.add(parent)
        span = known[parent]
        yield span


def _judged(requests: Sequence[tuple[str, _Request]], scores: Sequence[Mapping[str, Any]]) -> None:
    if not requests:
        return
    last: dict[str, _Request] = {}  # of each trace
    holding: dict[tuple[str, str], _Request] = {}  # the span
    for name, request in requests:
        last[name] = request
        holding.update(((name, one.id), request) for one in (*request.spans, *request.below) if one.id)
    for score in scores:
        trace, span = str(score.get("trace") or ""), str(score.get("span") or "")
        own = trace in last
        request = holding.get((trace, span)) or last.get(trace) or requests[-1][1]
        signal = signal_of(score)
        # What is said of a whole session is said of no turn of it.
        request.signals.append(signal if own else Signal(kind=f"session.{signal.kind}", value=signal.value, source="log"))


def _turn(request: _Request, conversation: str, user: str) -> Turn:
    first, spans = request.spans[0], sorted((*request.spans, *request.below), key=lambda span: span.at or 0.0)
    answers = [text for span in request.spans if (text := span.answer())]
    answers = answers or [text for span in spans if span.kind == "llm" and (text := span.answer())]
    last = request.spans[-1]
    error = str(last.of.get("error") or "")
    if not error and not answers:
        error = next((str(span.of["error"]) for span in reversed(spans) if span.of.get("error") and span.kind != "tool"), "")
    stages: list[Stage] = []
    retrievals = [span for span in spans if span.kind == "retrieval"]
    if retrievals:
        lost = str(retrievals[-1].of.get("error") or "")
        stages.append(Stage(name="resolution", ok=not lost, code=lost))
    if error or answers:
        stages.append(Stage(name="result", ok=not error, code=error))
    ended = last.of.get("end")
    own = next((str(span.of["user"]) for span in spans if span.of.get("user")), "")
    return Turn(
        conversation=conversation,
        user=own or user,
        asked_at=first.at,
        answered_at=float(ended) if isinstance(ended, int | float) and answers else None,
        text=request.asked,
        response=answers[-1] if answers else "",
        stages=tuple(stages),
        tools=(*_tools(spans), *(_steps_that_failed(request.below) if answers and not error else ())),
        signals=tuple(request.signals),
        channel="chat",
        line=first.line,
    )


def _steps_that_failed(below: Sequence[_Span]) -> Iterator[ToolCall]:
    """Yield a failed call for each step of unknown kind that went wrong below a request that was answered nevertheless.

    A step around others that went wrong says the same as those, and is left out.
    """
    wrong = [span for span in below if span.of.get("error")]
    around = {str(span.of.get("parent") or "") for span in wrong}
    for span in wrong:
        if not span.kind and span.id not in around:
            yield ToolCall(name=str(span.of.get("name") or ""), ok=False, error=str(span.of["error"]))


def _tools(spans: Sequence[_Span]) -> Iterator[ToolCall]:
    """Yield the calls that were made; those of which there is no span, as the model asked for them."""
    made = [span for span in spans if span.kind == "tool"]
    numbers: set[str] = set()
    names: dict[str, int] = {}
    for span in made:
        tool = span.of.get("tool")
        tool = tool if isinstance(tool, dict) else {}
        name = str(tool.get("name") or span.of.get("name") or "")
        numbers.add(str(tool.get("call") or ""))
        names[name] = names.get(name, 0) + 1
        error = str(span.of.get("error") or "")
        yield ToolCall(
            name=name,
            arguments=str(tool.get("arguments") or ""),
            result=str(tool.get("result") or ""),
            ok=not error,
            error=error,
        )
    results = {
        str(one.get("tool_call_id")): str(one.get("content") or "")
        for span in spans
        for one in span.messages("input")
        if one.get("role") == "tool"
    }
    for span in spans:
        for one in span.messages("output"):
            for call in one.get("tool_calls") or ():
                number, name = str(call.get("id") or ""), str(call.get("name") or "")
                if number and number in numbers:
                    continue
                if not number and names.get(name):
                    names[name] -= 1
                    continue
                numbers.add(number or name)
                if names.get(name):  # the span of the call does not tell its number
                    names[name] -= 1
                    continue
                yield ToolCall(name=name, arguments=str(call.get("arguments") or ""), result=results.get(number, ""))
