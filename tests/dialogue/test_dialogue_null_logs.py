"""Logs in which nothing is as bad as is not allowed: how often the rules, from the log to the outcome, find something all the same."""

from __future__ import annotations

import csv
import io
import random

import pytest

from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.rules import request_fails, rewrite_harms
from probatum.dialogue.semantics.conversations import sharing
from probatum.findings import Finding
from probatum.source import DATA, Source, decode
from probatum.tools import Tools

pytest.importorskip("duckdb")
COLUMNS = ("conversation", "user", "asked_at", "text", "response", "rewritten", "arm", "propensity", "channel")
ALPHA = 0.1
POLICY = read_policy(
    decode(
        f"logs:\n- path: log.csv\n  mapping: {{{', '.join(f'{name}: {name}' for name in COLUMNS)}}}\nalpha: {ALPHA}\n"
        "require:\n- {id: often, kind: request-fails, at_most: 0.3}\n- {id: safe, kind: rewrite-harms, at_most: 0}\n".encode(),
        "dialogue.yaml",
    )
)
REQUESTS = ("open the barn door", "play some jazz", "what is the weather")


def log(rng: random.Random, users: int = 60) -> dict[str, Source]:
    """Return a log in which each request fails for as many users as are allowed, and its rewrite changes nothing.

    Most failures show: a refusal, the same again, other words. So do some successes. In the second week, when
    nearly all get the rewrite, everything fails thrice as often as in the first, and as often on average as is allowed.
    """
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for user in range(users):
        week = rng.randrange(2)
        for place, text in enumerate(REQUESTS):
            failed = rng.random() < (0.15, 0.45)[week]
            drawn: tuple[object, ...] = ("", "", "")
            if place == 0:
                share = (0.5, 0.9)[week]
                treated = rng.random() < share
                drawn = ("open the back door", "treated", share) if treated else ("", "holdout", 1 - share)
            refused = rng.random() < (0.8 if failed else 0.02)
            again = rng.random() < (0.5 if failed else 0.03)
            at = 1.75e9 + 7 * 86400 * week + 86400 * rng.random()
            said = [(text, *drawn), *([(text if rng.random() < 0.5 else f"{text} now", "", "", "")] if again else [])]
            for number, (words, *rest) in enumerate(said):
                answer = "Sorry, I couldn't understand that" if refused and not number else "Done"
                rows.writerow([f"{user}-{place}-{number}", f"u{user}", at + 9 * number, words, answer, *rest, "voice"])
    return {DATA + "log.csv": Source("log.csv", out.getvalue().encode())}


def blamed(seed: int) -> tuple[bool, bool]:
    """Whether a request, and whether a rewrite, is found to be at fault in one log."""
    tools = Tools(inputs=log(random.Random(seed)))
    with sharing():
        found = [list(rule.check(POLICY, tools)) for rule in (request_fails, rewrite_harms)]
    assert all(outcomes for outcomes in found)
    one, other = (any(isinstance(outcome, Finding) for outcome in outcomes) for outcomes in found)
    return one, other


@pytest.mark.long
def test_false_findings_are_at_most_as_frequent_as_promised() -> None:
    """In 500 logs, at most a tenth may have one."""
    found = [blamed(seed) for seed in range(500)]
    assert sum(request for request, _ in found) <= ALPHA * len(found)
    assert sum(rewrite for _, rewrite in found) <= ALPHA * len(found)
