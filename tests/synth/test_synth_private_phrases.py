"""Whatever few of the simulated users said is found in a file that all get, and nothing that enough of them said."""

import json
from collections import defaultdict

import pytest
from simulated import made, world

from probatum.dialogue.artefacts.importers.turns import as_record
from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.recheck import recheck
from probatum.dialogue.rules import private_phrase_leaks
from probatum.dialogue.semantics.conversations import sharing
from probatum.findings import Cleared, Finding
from probatum.source import DATA, Source, decode
from probatum.tools import Tools

pytest.importorskip("duckdb")
pytestmark = pytest.mark.slow  # a world is made in seconds

USERS = 4
POLICY = f"logs: [log.jsonl]\nshared: [prompt.txt]\nprivacy: {{users: {USERS}, households: 1, shareable: false}}\n"


@pytest.fixture(scope="module")
def said():
    """Return the log, and who said each request or had it among what was heard."""
    users = defaultdict(set)
    for turn, _ in made():
        for text in (turn.text, *(h.text for h in turn.hypotheses)):
            users[normalised(text)].add(turn.user)
    users.pop("", None)
    return Source("log.jsonl", "".join(json.dumps(as_record(turn)) + "\n" for turn, _ in made()).encode()), users


def found(log, lines):
    policy = read_policy(decode(POLICY.encode(), "dialogue.yaml"))
    inputs = {
        DATA + "log.jsonl": log,
        DATA + "prompt.txt": Source("prompt.txt", "".join(f"- {line}\n" for line in lines).encode()),
    }
    with sharing():
        outcomes = list(private_phrase_leaks.check(policy, Tools(inputs=inputs)))
        for outcome in outcomes:
            assert recheck(policy, outcome.evidence, inputs).status == "confirmed", outcome.message
    return outcomes


def test_each_secret_that_was_said_is_found_and_is_in_no_report(said):
    log, users = said
    words = {word for secret in world().secrets for word in secret.split()}
    planted = sorted(text for text in users if words & set(text.split()))[: private_phrase_leaks.MOST]
    assert planted

    outcomes = found(log, planted)

    assert [o.evidence.given["entry"] for o in outcomes if isinstance(o, Finding)] == list(range(len(planted)))
    assert not any(word in repr(outcome) for outcome in outcomes for word in words)


def test_what_few_said_is_found_each_time(said):
    log, users = said
    # As a whole or as a part of more: the count of a phrase is of all who said it in any way.
    within = {text: {u for other, who in users.items() if f" {text} " in f" {other} " for u in who} for text in users}
    few = sorted(text for text, who in within.items() if len(who) < USERS and len(text.split()) > 2)[:: len(users) // 60]
    lines = few[: private_phrase_leaks.MOST]
    told = {normalised(turn.response) for turn, _ in made()}

    outcomes = found(log, lines)

    missed = [
        line for n, line in enumerate(lines) if n not in {o.evidence.given["entry"] for o in outcomes if isinstance(o, Finding)}
    ]
    assert [line for line in missed if line not in told] == []
    assert len(lines) > 30


def test_what_enough_said_is_no_leak(said):
    log, users = said
    enough = sorted(text for text, who in users.items() if len(who) >= USERS)
    assert len(enough) > 10

    [outcome] = found(log, enough)

    assert isinstance(outcome, Cleared)
