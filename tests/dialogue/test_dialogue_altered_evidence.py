"""Evidence about conversations in which one number was changed: what does not follow from the log is never confirmed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from json_numbers import numbers
from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.recheck import recheck
from probatum.dialogue.rules import log_incomplete, request_fails, rewrite_harms, stage_fails
from probatum.dialogue.semantics.conversations import sharing
from probatum.evidence import Evidence, from_json
from probatum.source import DATA, Source, decode
from probatum.tools import Tools

pytest.importorskip("duckdb")
COLUMNS = ("conversation", "user", "asked_at", "text", "response", "rewritten", "arm", "propensity", "error")
POLICY = read_policy(
    decode(
        f"logs:\n- path: log.jsonl\n  mapping: {{{', '.join(f'{name}: {name}' for name in COLUMNS)}}}\n"
        "require:\n- {id: often, kind: request-fails, at_most: 0.2}\n- {id: safe, kind: rewrite-harms, at_most: 0.05}\n"
        "- {id: works, kind: stage-fails, at_most: 0.4}\n".encode(),
        "dialogue.yaml",
    )
)
STEPS = (-40.0, -1.0, -0.1, -1e-3, 1e-3, 0.1, 1.0, 40.0)
CHECKS = {
    "log-incomplete": log_incomplete.check,
    "request-fails": request_fails.check,
    "rewrite-harms": rewrite_harms.check,
    "stage-fails": stage_fails.check,
}


def log(users: int = 120) -> dict[str, Source]:
    """Half of all are treated, and fail; some say it again; a tool breaks; two lines have no user, and one is broken."""
    rows: list[dict[str, Any]] = []
    for number in range(users):
        treated = number % 2 == 0
        own = {"user": f"u{number}", "propensity": 0.5, "arm": "treated" if treated else "holdout"}
        own |= {"rewritten": "open the back door"} if treated else {}
        bad = number % 20 < 16 if treated else number % 20 == 1
        at = 1e9 + 1000 * number
        answer = "I could not find that" if bad else "Opened it"
        rows.append({**own, "conversation": f"c{number}", "asked_at": at, "text": "open the barn door", "response": answer})
        if bad:
            again = {"text": "open the big barn door", "response": "Opened it", "error": "timeout" if number % 4 else ""}
            rows.append({"conversation": f"c{number}", "user": f"u{number}", "asked_at": at + 7.0 + number / 100, **again})
    rows += [{"conversation": f"x{n}", "text": "hello", "response": "hi", "asked_at": 9e8 + n} for n in range(2)]
    return {DATA + "log.jsonl": Source("log.jsonl", ("".join(json.dumps(row) + "\n" for row in rows) + "{broken\n").encode())}


def evidence_of(rule: str, inputs: Mapping[str, Source]) -> list[dict[str, Any]]:
    every = [outcome.evidence for outcome in CHECKS[rule](POLICY, Tools(inputs=inputs)) if getattr(outcome, "evidence", None)]
    assert every
    return [json.loads(json.dumps(one.to_json())) for one in every if one is not None]


def altered(evidence: Mapping[str, Any], path: tuple[str | int, ...], step: float) -> Evidence:
    changed = json.loads(json.dumps(evidence))
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    value = inner[path[-1]]
    inner[path[-1]] = value + (round(step) or (1 if step > 0 else -1)) if isinstance(value, int) else value + step
    return from_json(changed)


def weaker(path: tuple[str | int, ...], step: float) -> bool:
    """Whether what is claimed then says less: bounds that are further away, within [-1, 1]."""
    return (path == ("low",) and step < 0) or (path == ("high",) and step > 0)


# What evidence says and does not claim: within the window, other gaps than those of the log make no difference.
NOT_CLAIMED = {("counts", "window_s")}


@pytest.mark.slow
@pytest.mark.parametrize("rule", CHECKS)
def test_no_altered_number_is_confirmed(rule: str) -> None:
    inputs = log()
    confirmed: list[tuple[tuple[str | int, ...], float]] = []
    with sharing():
        for evidence in evidence_of(rule, inputs):
            assert recheck(POLICY, from_json(evidence), inputs).status == "confirmed"
            confirmed += [
                (path, step)
                for path in numbers(evidence)
                for step in STEPS
                if recheck(POLICY, altered(evidence, path, step), inputs).status == "confirmed" and not weaker(path, step)
            ]
    assert {path for path, _ in confirmed} <= NOT_CLAIMED, confirmed


@pytest.mark.slow
@pytest.mark.parametrize("rule", CHECKS)
def test_evidence_of_another_log_is_not_confirmed(rule: str) -> None:
    """A user more, and one less: each of the outcomes was about others."""
    policy: Policy = POLICY
    for evidence in evidence_of(rule, log()):
        if evidence.get("given", {}).get("what") == "unread":  # there are as many in each log
            continue
        for users in (80, 119, 121):
            assert recheck(policy, from_json(evidence), log(users)).status == "refuted", (evidence, users)


@pytest.mark.parametrize("rule", CHECKS)
def test_without_the_log_nothing_is_confirmed(rule: str) -> None:
    for evidence in evidence_of(rule, log()):
        found = recheck(POLICY, from_json(evidence), {})
        assert (found.status, "`log.jsonl` is not there" in found.reason) == ("cannot", True)
