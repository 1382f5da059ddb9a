"""One conversation of two turns, as each format of traces writes it down. Written for these tests, from the public documentation."""

from __future__ import annotations

import json
from typing import Any

TRACE1, TRACE2 = "5b8efff798038103d269b633813fc60c", "5b8efff798038103d269b633813fc60d"
START = 1_760_000_000
QUESTION, ANSWER = "what is the weather in Oslo", "It is 4 degrees in Oslo."
FOLLOW_UP, SECOND = "and tomorrow?", "I cannot say."


def attribute(key: str, value: Any) -> dict[str, Any]:
    """An attribute as OTLP writes it."""
    kind = "boolValue" if isinstance(value, bool) else "intValue" if isinstance(value, int) else "doubleValue"
    return {
        "key": key,
        "value": {"stringValue": value} if isinstance(value, str) else {kind: str(value) if kind == "intValue" else value},
    }


def otlp(*spans: dict[str, Any]) -> dict[str, Any]:
    """A request of OTLP with these spans."""
    resource = {"attributes": [attribute("service.name", "assistant")]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "test"}, "spans": list(spans)}]}]}


def span(trace: str, own: str, parent: str, at: float, attributes: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A span of OTLP that lasts a second."""
    return {
        "traceId": trace,
        "spanId": own,
        "parentSpanId": parent,
        "name": attributes.get("gen_ai.operation.name", "span"),
        "kind": 3,
        "startTimeUnixNano": str(int((START + at) * 1e9)),
        "endTimeUnixNano": str(int((START + at + 1) * 1e9)),
        "attributes": [attribute(key, value) for key, value in attributes.items()],
        "status": {},
        **rest,
    }


def text(role: str, content: str) -> dict[str, Any]:
    """A message of the new conventions."""
    return {"role": role, "parts": [{"type": "text", "content": content}]}


CALL = {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "get_weather", "arguments": {"city": "Oslo"}}]}
RESULT = {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "4 C"}]}
HISTORY = [text("system", "be brief"), text("user", QUESTION)]
AGENT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.conversation.id": "conv-1", "enduser.id": "alice"}


def chat(given: list[Any], said: list[Any]) -> dict[str, Any]:
    """Attributes of a call of a model."""
    return {
        "gen_ai.operation.name": "chat",
        "gen_ai.request.model": "m",
        "gen_ai.input.messages": json.dumps(given),
        "gen_ai.output.messages": json.dumps(said),
    }


GEN_AI = [
    otlp(
        span(TRACE1, "a1", "", 0, AGENT),
        span(TRACE1, "a2", "a1", 0.1, chat(HISTORY, [CALL])),
        span(
            TRACE1,
            "a3",
            "a1",
            1.2,
            {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "get_weather",
                "gen_ai.tool.call.id": "c1",
                "gen_ai.tool.call.arguments": '{"city": "Oslo"}',
                "gen_ai.tool.call.result": "4 C",
            },
        ),
        span(TRACE1, "a4", "a1", 2.3, chat([*HISTORY, CALL, RESULT], [text("assistant", ANSWER)])),
    ),
    otlp(
        span(TRACE2, "b1", "", 20, AGENT),
        span(
            TRACE2,
            "b2",
            "b1",
            20.1,
            chat([*HISTORY, text("assistant", ANSWER), text("user", FOLLOW_UP)], [text("assistant", SECOND)]),
            events=[
                {
                    "name": "gen_ai.evaluation.result",
                    "timeUnixNano": str(int((START + 30) * 1e9)),
                    "attributes": [
                        attribute("gen_ai.evaluation.name", "relevance"),
                        attribute("gen_ai.evaluation.score.value", 0.25),
                        attribute("gen_ai.evaluation.score.label", "irrelevant"),
                    ],
                }
            ],
        ),
    ),
]

OLD_GEN_AI = [
    otlp(
        span(
            TRACE1,
            "a1",
            "",
            0,
            {
                "gen_ai.system": "openai",
                "session.id": "conv-1",
                "user.id": "alice",
                "gen_ai.operation.name": "chat",
                "gen_ai.prompt.0.role": "system",
                "gen_ai.prompt.0.content": "be brief",
                "gen_ai.prompt.1.role": "user",
                "gen_ai.prompt.1.content": QUESTION,
                "gen_ai.completion.0.role": "assistant",
                "gen_ai.completion.0.content": ANSWER,
                "gen_ai.completion.0.finish_reason": "stop",
            },
        )
    ),
    otlp(
        span(
            TRACE2,
            "b1",
            "",
            20,
            {
                "gen_ai.system": "openai",
                "session.id": "conv-1",
                "gen_ai.operation.name": "chat",
                "gen_ai.prompt": json.dumps([{"role": "user", "content": FOLLOW_UP}]),
                "error.type": "timeout",
            },
            status={"code": 2, "message": "deadline exceeded"},
        )
    ),
]


def _log(name: str, body: dict[str, Any], at: float) -> dict[str, Any]:
    entries = [{"key": key, "value": {"stringValue": value}} for key, value in body.items() if isinstance(value, str)]
    entries += [
        {"key": key, "value": {"kvlistValue": {"values": [attribute(k, v) for k, v in value.items()]}}}
        for key, value in body.items()
        if isinstance(value, dict)
    ]
    return {
        "timeUnixNano": str(int((START + at) * 1e9)),
        "traceId": TRACE1,
        "spanId": "a1",
        "eventName": name,
        "attributes": [attribute("gen_ai.conversation.id", "conv-1")],
        "body": {"kvlistValue": {"values": entries}},
    }


EVENTS = [
    {
        "resourceLogs": [
            {
                "scopeLogs": [
                    {
                        "logRecords": [
                            _log("gen_ai.user.message", {"content": QUESTION}, 0),
                            _log(
                                "gen_ai.choice", {"finish_reason": "stop", "message": {"role": "assistant", "content": ANSWER}}, 1
                            ),
                            _log("app.theme.changed", {"content": "dark"}, 2),
                        ]
                    }
                ]
            }
        ]
    }
]

OPENINFERENCE = [
    otlp(
        span(
            TRACE1,
            "a1",
            "",
            0,
            {
                "openinference.span.kind": "AGENT",
                "session.id": "conv-1",
                "user.id": "alice",
                "input.value": QUESTION,
                "output.value": ANSWER,
            },
        ),
        span(
            TRACE1,
            "a2",
            "a1",
            0.1,
            {
                "openinference.span.kind": "LLM",
                "llm.input_messages.0.message.role": "user",
                "llm.input_messages.0.message.content": QUESTION,
                "llm.output_messages.0.message.role": "assistant",
                "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
                "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "get_weather",
                "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"city": "Oslo"}',
            },
        ),
        span(
            TRACE1,
            "a3",
            "a1",
            1.2,
            {
                "openinference.span.kind": "TOOL",
                "tool.name": "get_weather",
                "input.value": '{"city": "Oslo"}',
                "output.value": "4 C",
            },
        ),
        span(TRACE1, "a4", "a1", 1.4, {"openinference.span.kind": "RETRIEVER", "input.value": "Oslo"}),
    ),
    otlp(
        span(
            TRACE2,
            "b1",
            "",
            20,
            {
                "openinference.span.kind": "CHAIN",
                "session.id": "conv-1",
                "input.value": json.dumps({"question": FOLLOW_UP}),
                "output.value": json.dumps({"answer": SECOND}),
                "annotations.0.annotation.name": "correctness",
                "annotations.0.annotation.annotator_kind": "HUMAN",
                "annotations.0.annotation.label": "incorrect",
            },
        )
    ),
]

PHOENIX_ROWS = [
    {
        "name": "agent",
        "span_kind": "AGENT",
        "parent_id": None,
        "start_time": "2025-10-09T08:53:20+00:00",
        "end_time": "2025-10-09T08:53:21+00:00",
        "status_code": "OK",
        "context.trace_id": TRACE1,
        "context.span_id": "a1",
        "attributes.input.value": QUESTION,
        "attributes.output.value": ANSWER,
        "attributes.session.id": "conv-1",
    }
]


def _observation(own: str, trace: str, kind: str, at: float, **rest: Any) -> dict[str, Any]:
    stamp = f"2025-10-09T08:53:{20 + at:06.3f}Z"
    return {
        "id": own,
        "traceId": trace,
        "type": kind,
        "name": rest.pop("name", "step"),
        "startTime": stamp,
        "endTime": stamp,
        "level": "DEFAULT",
        "statusMessage": None,
        "parentObservationId": None,
        "version": None,
        **rest,
    }


LANGFUSE = [
    {
        "id": TRACE1,
        "timestamp": "2025-10-09T08:53:20.000Z",
        "name": "chat",
        "userId": "alice",
        "sessionId": "conv-1",
        "input": {"messages": [{"role": "user", "content": QUESTION}]},
        "output": ANSWER,
        "latency": 3.3,
        "tags": [],
        "observations": [
            _observation("o1", TRACE1, "GENERATION", 0.1, input=[{"role": "user", "content": QUESTION}], output={"role": "assistant", "content": ANSWER}),
            _observation("o2", TRACE1, "TOOL", 1.2, name="get_weather", input={"city": "Oslo"}, output="4 C"),
        ],
        "scores": [
            {"id": "s1", "traceId": TRACE1, "name": "user-feedback", "value": 1, "dataType": "BOOLEAN", "stringValue": "True", "source": "API",
             "timestamp": "2025-10-09T08:54:00.000Z"}
        ],
    },
    _observation("p1", TRACE2, "GENERATION", 20, sessionId="conv-1", userId="alice", input=[{"role": "user", "content": FOLLOW_UP}],
                 output=None, level="ERROR", statusMessage="rate limit"),
    {"id": "s2", "traceId": TRACE2, "observationId": None, "name": "helpfulness", "value": 0.25, "dataType": "NUMERIC", "source": "EVAL",
     "timestamp": "2025-10-09T08:54:30.000Z"},
]  # fmt: skip  # records as they are exported
