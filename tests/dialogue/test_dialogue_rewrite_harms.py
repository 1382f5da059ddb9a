"""What rewriting does to those who were drawn: found where it harms, seldom where it does not, and counted again."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import replace

import pytest

from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.recheck import recheck
from probatum.dialogue.rules import rewrite_harms
from probatum.dialogue.semantics.conversations import sharing
from probatum.evidence import Estimate
from probatum.findings import Cleared, Finding, Undecided
from probatum.source import DATA, Source, decode
from probatum.stats.bounds import clopper_pearson
from probatum.tools import Tools

pytest.importorskip("duckdb")
COLUMNS = ("conversation", "user", "asked_at", "text", "response", "rewritten", "arm", "propensity", "household", "rewrite")
MAPPING = ", ".join(f"{name}: {name}" for name in COLUMNS)
TEXT = f"logs:\n  - path: turns.csv\n    mapping: {{{MAPPING}}}\nrequire:\n- {{id: safe, kind: rewrite-harms, at_most: 0.1}}\n"
POLICY = read_policy(decode(TEXT.encode(), "dialogue.yaml"))


def turns(failed: tuple[int, int], users: int = 60, *, again: bool = False, named: str = "") -> dict[str, Source]:
    """Return a log in which so many of those with a rewrite failed, and of those without; each half of all users."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for user in range(users):
        treated, number = user % 2 == 0, user // 2
        bad = number < failed[0 if treated else 1]
        for turn in range(2 if again else 1):
            # Whoever comes back does well: only the first time counts.
            response = "I could not find that" if bad and turn == 0 else "Opened the door"
            arm = ["open the back door", "treated"] if treated else ["", "holdout"]
            at = f"2026-05-0{1 + turn}T08:{user // 60:02}:{user % 60:02}Z"
            said = f"open the {['barn', 'shed', 'attic'][user % 3]} door" if named else "open the barn door"
            rewrite = named.format(user)
            rows.writerow([f"c{user}-{turn}", f"u{user}", at, said, response, *arm, "0.5", f"h{user}", rewrite])
    return {DATA + "turns.csv": Source("turns.csv", out.getvalue().encode())}


@pytest.mark.parametrize(
    ("failed", "users", "kind"), [((28, 2), 60, Finding), ((0, 0), 160, Cleared), ((8, 2), 60, Undecided), ((2, 28), 60, Cleared)]
)
def test_what_is_said_depends_on_how_many_fail(failed: tuple[int, int], users: int, kind: type) -> None:
    inputs = turns(failed, users)
    [outcome] = rewrite_harms.check(POLICY, Tools(inputs=inputs))

    assert isinstance(outcome, kind)
    if isinstance(outcome, Finding | Cleared):
        assert outcome.evidence is not None
        assert recheck(POLICY, outcome.evidence, inputs).status == "confirmed"


@pytest.mark.parametrize(
    ("named", "said"), [("r1", "rewriting what `r1` rewrites makes"), ("own-{}", "rewriting what single users say makes")]
)
def test_texts_of_one_rewrite_and_what_is_done_for_single_users_are_one_each(named: str, said: str) -> None:
    inputs = turns((28, 2), named=named)
    [finding] = rewrite_harms.check(POLICY, Tools(inputs=inputs))

    assert isinstance(finding, Finding)
    assert said in finding.message
    assert "28 of 30 users with it, 2 of 30 without" in finding.message
    assert recheck(POLICY, finding.evidence, inputs).status == "confirmed"
    assert isinstance(finding.evidence, Estimate)
    assert finding.evidence.family == 1


def test_only_the_first_time_counts() -> None:
    [finding] = rewrite_harms.check(POLICY, Tools(inputs=turns((28, 2), again=True)))

    assert isinstance(finding, Finding)
    assert "28 of 30 users with it, 2 of 30 without" in finding.message


def test_words_of_few_users_are_not_shown() -> None:
    strict = read_policy(decode((TEXT + "privacy: {users: 61}\n").encode(), "dialogue.yaml"))
    [finding] = rewrite_harms.check(strict, Tools(inputs=turns((28, 2))))

    assert isinstance(finding, Finding)
    assert "a request of few users" in finding.message
    assert "barn" not in repr(finding)


def test_every_number_of_the_evidence_is_checked() -> None:
    inputs = turns((28, 2))
    [finding] = rewrite_harms.check(POLICY, Tools(inputs=inputs))
    assert isinstance(finding, Finding)
    evidence = finding.evidence
    assert isinstance(evidence, Estimate)
    assert evidence.low is not None
    assert evidence.high is not None
    counts = evidence.counts
    changed = [
        replace(evidence, value=evidence.value + 0.01),
        replace(evidence, low=evidence.low + 0.01),
        replace(evidence, high=evidence.high - 0.01),
        replace(evidence, confidence=0.99),
        replace(evidence, family=2),
        replace(evidence, counts={**counts, "requirement": "other"}),
        replace(evidence, counts={**counts, "rewrite": "rewrite:another"}),
        replace(evidence, counts={**counts, "detector": "other"}),
        replace(evidence, counts={**counts, "treated": [[27, 30]]}),
        replace(evidence, counts={**counts, "held_out": [[2, 29]]}),
        replace(evidence, counts={}),
    ]
    with sharing():
        assert [recheck(POLICY, one, inputs).status for one in changed] == ["refuted"] * len(changed)
        assert recheck(POLICY, evidence, inputs).status == "confirmed"


def test_a_rewrite_that_changes_nothing_is_seldom_blamed() -> None:
    """Over 2,000 logs of forty users in each arm, without any effect: at most one in twenty would be a finding."""
    rng = random.Random(1)
    ends: dict[int, tuple[float, float]] = {}
    for failed in range(41):
        bound = clopper_pearson(failed, 40, confidence=0.95, family=2)
        ends[failed] = (bound.low or 0.0, 1.0 if bound.high is None else bound.high)
    blamed = 0
    for _ in range(2000):
        rate = rng.random()
        one, other = (sum(rng.random() < rate for _ in range(40)) for _ in range(2))
        blamed += ends[one][0] - ends[other][1] > 0
    assert blamed <= 100


def drawn(people: list[tuple[str, float, float, float]], rng: random.Random) -> dict[str, Source]:
    """Return a log of users of whom each was treated with a probability, and failed with another one without and with the rewrite."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for number, (day, share, without, with_it) in enumerate(people):
        treated = rng.random() < share
        bad = rng.random() < (with_it if treated else without)
        response = "I could not find that" if bad else "Opened the door"
        arm = ["open the back door", "treated", share] if treated else ["", "holdout", 1 - share]
        at = f"{day}T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
        rows.writerow([f"c{number}", f"u{number}", at, "open the barn door", response, *arm, f"h{number}", ""])
    return {DATA + "turns.csv": Source("turns.csv", out.getvalue().encode())}


def test_an_outage_after_the_trial_is_not_the_rewrites_fault() -> None:
    """Half got it while all was well, nearly all when everything failed: those who got it failed more often, and it did nothing."""
    people = [("2026-05-01", 0.5, 0.02, 0.02)] * 300 + [("2026-05-09", 0.95, 0.9, 0.9)] * 300
    [outcome] = rewrite_harms.check(POLICY, Tools(inputs=drawn(people, random.Random(4))))

    assert not isinstance(outcome, Finding)


def test_harm_is_found_in_trial_and_use_together() -> None:
    people = [("2026-05-01", 0.5, 0.02, 0.7)] * 300 + [("2026-05-09", 0.95, 0.05, 0.75)] * 900
    inputs = drawn(people, random.Random(4))
    [finding] = rewrite_harms.check(POLICY, Tools(inputs=inputs))

    assert isinstance(finding, Finding)
    assert isinstance(finding.evidence, Estimate)
    assert len(finding.evidence.counts["treated"]) == 2
    assert recheck(POLICY, finding.evidence, inputs).status == "confirmed"


def test_of_three_arms_two_are_compared() -> None:
    inputs = turns((28, 2))
    raw = inputs[DATA + "turns.csv"].raw.replace(b",0.5,", b",0.25,")
    [finding] = rewrite_harms.check(POLICY, Tools(inputs={DATA + "turns.csv": Source("turns.csv", raw)}))

    assert isinstance(finding, Finding)
