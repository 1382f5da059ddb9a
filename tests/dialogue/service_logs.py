"""Small logs of LangSmith, Lex V2 and Dialogflow CX. Written for these tests, from the public documentation."""

from __future__ import annotations

import copy
import json
from typing import Any

QUESTION, ANSWER = "what is the weather in Oslo", "It is 4 degrees in Oslo."
FOLLOW_UP, SECOND = "and tomorrow?", "I cannot say."


def run(own: str, kind: str, inputs: Any, outputs: Any, at: int, **rest: Any) -> dict[str, Any]:
    """A run of LangSmith that lasts a second."""
    return {
        "id": own,
        "name": own,
        "run_type": kind,
        "inputs": inputs,
        "outputs": outputs,
        "start_time": f"2026-05-01T08:00:{at:02}.000000",
        "end_time": f"2026-05-01T08:00:{at + 1:02}.000000",
        "session_id": "7d5c6a55-0000-4000-8000-000000000000",
        "status": "error" if rest.get("error") else "success",
        "error": None,
        **rest,
    }


def thread(**more: Any) -> dict[str, Any]:
    """Metadata that name the thread and the user."""
    return {"metadata": {"thread_id": "thread-1", "user_id": "alice", **more}}


_HUMAN = {
    "lc": 1,
    "type": "constructor",
    "id": ["langchain", "schema", "messages", "HumanMessage"],
    "kwargs": {"content": QUESTION},
}
LANGSMITH = [
    run(
        "t1",
        "chain",
        {"messages": [{"type": "human", "content": QUESTION}]},
        {"messages": [{"type": "human", "content": QUESTION}, {"type": "ai", "content": ANSWER}]},
        0,
        trace_id="t1",
        extra=thread(),
        feedback_stats={"user_score": {"n": 1, "avg": 1.0, "values": {}}, "comment": {"n": 0, "avg": None}},
    ),
    run(
        "m1",
        "llm",
        {"messages": [[_HUMAN]]},
        {"generations": [[{"text": ANSWER, "message": {"kwargs": {"content": ANSWER, "type": "ai"}, "id": ["AIMessage"]}}]]},
        1,
        trace_id="t1",
        parent_run_id="t1",
    ),
    run("get_weather", "tool", {"input": '{"city": "Oslo"}'}, {"output": "4 C"}, 2, trace_id="t1", parent_run_ids=["t1"]),
    run(
        "t2",
        "chain",
        {"question": FOLLOW_UP},
        {"answer": SECOND},
        30,
        trace_id="t2",
        extra=thread(),
        feedback_stats={"user_score": {"n": 1, "avg": 0.0, "values": {}}},
    ),
]


def nested() -> list[dict[str, Any]]:
    """The same runs as trees."""
    first, model, tool, second = copy.deepcopy(LANGSMITH)
    for inner in (model, tool):
        for name in ("trace_id", "parent_run_id", "parent_run_ids"):
            inner.pop(name, None)
    return [{**first, "child_runs": [model, tool]}, second]


def lex(transcript: str, at: int, **rest: Any) -> dict[str, Any]:
    """An entry of a conversation log of Lex."""
    return {
        "messageVersion": "2.0",
        "bot": {"name": "Larkfield", "aliasName": "live", "localeId": "en_US", "version": "1"},
        "requestId": f"r{at}",
        "sessionId": "s1",
        "inputMode": "Speech",
        "inputTranscript": transcript,
        "timestamp": f"2026-05-01T08:00:{at:02}Z",
        "operationName": "RecognizeUtterance",
        **rest,
    }


LEX = [
    lex(
        "open the garage",
        0,
        messages=[{"content": "Which one?", "contentType": "PlainText"}, {"content": "Left or right?"}],
        transcriptions=[
            {"transcription": "open the garage", "transcriptionConfidence": 0.8, "resolvedSlots": {}},
            {"transcription": "open the garbage", "transcriptionConfidence": 0.3},
        ],
        interpretations=[
            {
                "nluConfidence": 0.92,
                "intent": {
                    "name": "OpenDoor",
                    "state": "InProgress",
                    "slots": {"door": {"value": {"originalValue": "garage", "interpretedValue": "garage door"}}, "side": None},
                },
                "sentimentResponse": {"sentiment": "NEUTRAL"},
            },
            {"intent": {"name": "FallbackIntent", "slots": {}}},
        ],
        missedUtterance=False,
        sessionState={"sessionAttributes": {"userId": "alice"}},
    ),
    lex(
        "xyzzy",
        20,
        messages=[{"content": "Sorry?"}],
        interpretations=[{"intent": {"name": "FallbackIntent", "state": "Failed"}}],
        missedUtterance=True,
        requestAttributes={"x-amz-lex:user-id": "alice"},
    ),
]


def watched() -> list[dict[str, Any]]:
    """The same entries as events of CloudWatch, and as rows of a query."""
    first, second = LEX
    bare = {name: value for name, value in second.items() if name != "timestamp"}
    return [
        {"timestamp": 1777622400000, "message": json.dumps(first), "logStreamName": "x"},
        {"@timestamp": "2026-05-01 08:00:20.000", "@message": json.dumps(bare), "@ptr": "p"},
    ]


CX = [
    {
        "project_id": "p",
        "agent_id": "a",
        "conversation_name": "projects/p/agents/a/sessions/s1",
        "turn_position": 2,
        "request_time": "2026-05-01 08:00:20 UTC",
        "language_code": "en",
        "request": json.dumps({"queryInput": {"text": {"text": "xyzzy"}}}),
        "response": json.dumps(
            {
                "queryResult": {
                    "text": "xyzzy",
                    "match": {"matchType": "NO_MATCH", "confidence": 0.2},
                    "responseMessages": [{"text": {"text": ["Sorry?"]}}],
                }
            }
        ),
        "conversation_signals": json.dumps({"turnSignals": {"noMatch": True, "agentEscalated": True}}),
        "bot_answer_feedback": json.dumps({"rating": "THUMBS_DOWN"}),
    },
    {
        "conversation_name": "projects/p/agents/a/sessions/s1",
        "turn_position": 1,
        "request_time": "2026-05-01 08:00:00 UTC",
        "language_code": "en",
        "request": {"query_input": {"audio": {"config": {}}}, "query_params": {"payload": {"user_id": "alice"}}},
        "response": {
            "query_result": {
                "transcript": "open the garage",
                "match": {
                    "intent": {"display_name": "open.door"},
                    "match_type": "INTENT",
                    "confidence": 0.9,
                    "parameters": {"door": "garage"},
                },
                "webhook_statuses": [{"code": 4, "message": "late"}],
                "response_messages": [{"text": {"text": ["Which one?"]}}, {"payload": {}}],
            }
        },
        "conversation_signals": None,
    },
]
