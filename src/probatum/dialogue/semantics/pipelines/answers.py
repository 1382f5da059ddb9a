"""How a pipeline that runs elsewhere is asked, and what it may answer: JSON, read as data and never trusted.

Asked: `{"text": ..., "context": {...}, "given": {stage: output}}`, with `given` only where outputs are put in.
Answer: `{"stages": [{"name": ..., "output": ..., "ok": true, "mentions": [...], "confidence": 0.9}], "done": true}`; of a stage, only
`name` and `output` are needed; `done` is whether all stages are `ok`, unless it is said. A pipeline that cannot begin in its middle answers
`{"unsupported": "given"}`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from probatum.dialogue.semantics.pipelines import Asked, Output, Run, Unanswered
from probatum.source import canonical_json

LONGEST = 1_000_000  # bytes of an answer


def question(asked: Asked) -> bytes:
    """Return the JSON of a request."""
    said: dict[str, Any] = {"text": asked.text, "context": dict(asked.context)}
    if asked.given:
        said["given"] = dict(asked.given)
    return json.dumps(said, ensure_ascii=False).encode()


def answer(raw: bytes, stages: Sequence[str]) -> Run:
    """Read an answer.

    Raises
    ------
    Unanswered
        If it is no answer, or tells of a stage that is not of the pipeline.
    """
    if len(raw) > LONGEST:
        raise Unanswered(f"the answer is longer than {LONGEST:,} bytes")
    try:
        said = json.loads(raw)
    except (ValueError, RecursionError):
        raise Unanswered("the answer is not JSON") from None
    if isinstance(said, dict) and said.get("unsupported"):
        raise Unanswered("it cannot begin in its middle")
    found = said.get("stages") if isinstance(said, dict) else None
    if not isinstance(found, list):
        raise Unanswered("the answer has no list of `stages`")
    outputs = tuple(_output(one) for one in found)
    names = [one.stage for one in outputs]
    if names != [stage for stage in stages if stage in names]:
        raise Unanswered(f"the stages of the answer are not `{', '.join(stages)}`, or a part of these in their order")
    done = said.get("done", len(names) == len(stages) and all(one.ok for one in outputs))
    if not isinstance(done, bool):
        raise Unanswered("`done` is no truth value")
    return Run(outputs=outputs, done=done)


def _output(one: Any) -> Output:
    if not isinstance(one, dict) or not isinstance(one.get("name"), str) or "output" not in one:
        raise Unanswered("a stage of the answer has no `name`, or no `output`")
    ok, sure, mentions = one.get("ok", True), one.get("confidence"), one.get("mentions")
    if not isinstance(ok, bool):
        raise Unanswered("`ok` is no truth value")
    if mentions is not None and not (isinstance(mentions, list) and all(isinstance(m, str) for m in mentions)):
        raise Unanswered("`mentions` is no list of texts")
    number = isinstance(sure, int | float) and not isinstance(sure, bool) and 0 <= sure <= 1
    try:
        value = one["output"] if isinstance(one["output"], str) else canonical_json(one["output"])
    except ValueError:
        raise Unanswered("an output is no JSON value") from None
    return Output(
        stage=one["name"],
        value=value,
        ok=ok,
        mentions=None if mentions is None else tuple(sorted(m.lower() for m in mentions)),
        confidence=float(sure) if number and sure is not None else None,
    )
