"""What the product finds in a simulated log, without the truth, agrees with the truth better than chance does."""

import json
import random

import pytest
from simulated import made, world

from probatum.dialogue.artefacts.importers.turns import as_record
from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.artefacts.requirements.request_fails import RequestFailsRequirement
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.model.requests import failing
from probatum.dialogue.rules import request_fails
from probatum.dialogue.semantics.conversations import opened
from probatum.dialogue.semantics.coverage import coverage
from probatum.dialogue.semantics.judged import joined, judged
from probatum.findings import Finding
from probatum.source import DATA, Source, decode, digest
from probatum.synth.dialogue.parameters import Parameters
from probatum.tools import Tools

pytest.importorskip("duckdb")
pytest.importorskip("rapidfuzz")
pytestmark = pytest.mark.slow  # a world is made in seconds

WORLD = Parameters(users=80, days=6, understanding="classifier", unlearnt=1.0)
POLICY = "logs: [log.jsonl]\nrequire:\n- {id: often, kind: request-fails, at_most: 0.3, min_users: 5}\n"


def number(turn):
    """Return the number that the product gives a turn."""
    return int(digest(f"{pseudonym(turn.conversation, b'', 'conversation')}\0{turn.position}")[:16], 16)


@pytest.fixture(scope="module")
def log():
    policy = read_policy(decode(POLICY.encode(), "dialogue.yaml"))
    raw = "".join(json.dumps(as_record(turn)) + "\n" for turn, _ in made(WORLD)).encode()
    return policy, {DATA + "log.jsonl": Source("log.jsonl", raw)}


def area_under_curve(scores, bad):
    """Return the probability that a bad turn has a higher score than a good one; ties count half."""
    order = sorted(zip(scores, bad, strict=True))
    ranks, at = {}, 0
    while at < len(order):
        end = at
        while end < len(order) and order[end][0] == order[at][0]:
            end += 1
        ranks[order[at][0]] = (at + end + 1) / 2
        at = end
    many = sum(bad)
    total = sum(ranks[score] for score, is_bad in order if is_bad)
    return (total - many * (many + 1) / 2) / (many * (len(order) - many))


def test_everything_is_read_and_nothing_is_missing(log):
    policy, inputs = log
    with opened(policy, inputs) as conversations:
        found = coverage(conversations)

    assert (found.turns, found.unread, found.no_user, found.no_time) == (len(made(WORLD)), 0, 0, 0)
    assert found.users == len({turn.user for turn, _ in made(WORLD)})
    assert not found.duplicates


def test_sessions_are_those_of_the_users(log):
    """Turns of one wish are nearly always in one session of the product, and another day never is."""
    policy, inputs = log
    with opened(policy, inputs) as conversations:
        steps = joined(conversations, gap_s=policy.sessions.gap_s)
        session = {row["turn"]: row["session"] for row in conversations.sql(f"select turn, session from {steps}")}  # noqa: S608 - a name of the product's own
    goals = {}
    for turn, truth in made(WORLD):
        goals.setdefault(truth.goal, []).append(session[number(turn)])
    several = [set(found) for found in goals.values() if len(found) > 1]

    assert sum(len(found) == 1 for found in several) >= 0.95 * len(several)


def test_turns_that_look_bad_are_those_that_failed(log):
    policy, inputs = log
    [requirement] = policy.of_kind(RequestFailsRequirement)
    with opened(policy, inputs) as conversations:
        found = failing(conversations, policy, requirement)
        table = judged(conversations, gap_s=policy.sessions.gap_s, window_s=found.window_s)
        pattern = {row["turn"]: row["pattern"] for row in conversations.sql(f"select turn, pattern from {table}")}  # noqa: S608 - a name of the product's own
    pairs = [
        (found.model.probability(pattern[number(turn)]), truth.outcome == "bad")
        for turn, truth in made(WORLD)
        if truth.outcome in ("good", "bad")
    ]

    # 1/2 is chance, and what comes of it when truths change places.
    strangers = [bad for _, bad in pairs]
    random.Random(0).shuffle(strangers)
    assert abs(area_under_curve([score for score, _ in pairs], strangers) - 0.5) < 0.05
    assert area_under_curve([score for score, _ in pairs], [bad for _, bad in pairs]) > 0.8


def test_requests_that_are_found_to_fail_do_fail(log):
    policy, inputs = log
    findings = [one for one in request_fails.check(policy, Tools(inputs=inputs)) if isinstance(one, Finding)]
    shares = {}
    for turn, truth in made(WORLD):
        shares.setdefault(turn.text, {}).setdefault(turn.user, []).append(truth.outcome == "bad")
    fails = {
        text: sum(sum(bad) / len(bad) for bad in by_user.values()) / len(by_user) > 0.3
        for text, by_user in shares.items()
        if len(by_user) >= 5
    }
    placed = {f"{number(turn):016x}": turn.text for turn, _ in made(WORLD)}
    found = [fails[placed[finding.evidence.counts["turn"]]] for finding in findings]

    # What is not found right is what nobody made the assistant for.
    assert len(found) >= 3
    assert sum(found) / len(found) > 2 * sum(fails.values()) / len(fails)


def test_no_secret_is_told_in_findings(log):
    policy, inputs = log
    told = " ".join(repr(one) for one in request_fails.check(policy, Tools(inputs=inputs)))

    assert not any(word in told for secret in world(WORLD).secrets for word in secret.split())
