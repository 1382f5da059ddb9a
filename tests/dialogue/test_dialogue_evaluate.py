"""What a policy would have reached: from chance that was logged, or not at all."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from probatum.cli import main, program
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.off_policy import Expected, clip_of, judge
from probatum.dialogue.model.options import Known, Link
from probatum.dialogue.model.recovery.released import Recovery
from probatum.dialogue.semantics.decided import Decided
from probatum.dialogue.semantics.trees import of_lightgbm
from probatum.dialogue.service.registry import RECOVERY
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policy_file import Recovering, serve, write
from probatum.stats.off_policy import CannotBeEvaluated, Contrast

pytest.importorskip("duckdb")
pytest.importorskip("scipy")
ONE_LEAF = {"tree_info": [{"tree_structure": {"leaf_value": 0.0}}]}
WORKS = {"a": (0.2, 0.9), "b": (0.5, 0.4), "c": (0.8, 0.8)}  # as it is said, and rewritten


def logged(seed: int, users: int, held_out: float) -> list[Decided]:
    """Draw users who ask some of three things some times, each drawn once for each."""
    rng, found = random.Random(seed), []
    for user in range(users):
        luck = rng.uniform(-0.1, 0.1)
        for text, works in WORKS.items():
            treated = rng.random() >= held_out
            for _ in range(rng.choice((0, 1, 1, 4))):
                own = Decided(
                    user=f"u{user}",
                    text=text,
                    did=f"{text}!" if treated else text,
                    arm="treated" if treated else "holdout",
                    propensity=1 - held_out if treated else held_out,
                    worked=float(rng.random() < works[treated] + luck),
                )
                found.append(own)
    return found


def first_only(one: Decided) -> str:
    return "a!" if one.text == "a" else one.text


def values(policy: tuple[bool, bool, bool]) -> float:
    """Return what a policy is worth, by drawing many users."""
    rng, total, many = random.Random(0), 0.0, 0
    for _ in range(20_000):
        own = [works[acts] for works, acts in zip(WORKS.values(), policy, strict=True) for _ in range(rng.choice((0, 1, 1, 4)))]
        if own:
            total, many = total + sum(own) / len(own), many + 1
    return total / many


@pytest.mark.slow  # a simulation
def test_intervals_cover_what_the_policy_is_worth() -> None:
    worth, nothing = values((True, False, False)), values((False, False, False))
    missed = dict.fromkeys(("likely", "always", "inverse", "robust", "better"), 0)
    for seed in range(120):
        found = judge(logged(seed, 300, 0.3), first_only)
        policy, better = found.policy, found.better
        assert isinstance(better, Contrast)
        for name, low, high, truth in (
            ("likely", *policy.likely, worth),
            ("always", *policy.always, worth),
            ("inverse", policy.inverse.low or 0.0, policy.inverse.high or 1.0, worth),
            ("robust", policy.doubly_robust.low or 0.0, policy.doubly_robust.high or 1.0, worth),
            ("better", *better.likely, worth - nothing),
        ):
            missed[name] += not low <= truth <= high
        assert better.always[0] <= better.likely[0] <= better.value <= better.likely[1] <= better.always[1]
    assert missed["likely"] <= 13  # 120 at one in twenty are 6; more than 13 have a probability of 0.3 %
    assert missed["better"] <= 13
    assert missed["always"] + missed["inverse"] + missed["robust"] == 0


def test_a_log_without_chances_is_refused() -> None:
    log = logged(1, 150, 0.5)
    for changed, why in (
        ([replace(one, arm="", propensity=None, did=one.text) for one in log], "no turn has an `arm`"),
        ([replace(log[0], propensity=None), *log[1:]], "1 requests were rewritten or drawn, and do not say"),
        ([replace(log[0], propensity=0.0), *log[1:]], "1 propensities are no probabilities"),
        ([replace(one, propensity=0.95 if one.arm == "treated" else 0.05) for one in log], "draws fell on a rewrite"),
        (log[:100], "users say as much as"),
        ([replace(one, arm="none", did=one.text) for one in log], "it would rewrite none"),
        ([], "no request of a known user"),
    ):
        with pytest.raises(CannotBeEvaluated, match=why):
            judge(changed, lambda one: one.text)


def test_what_was_never_tried_widens_the_interval() -> None:
    log = logged(2, 250, 0.5)
    known = judge(log, first_only)
    unknown = judge(log, lambda one: "something else" if one.text == "c" else first_only(one))

    assert (known.untried, known.policy.lost) == (0, 0.0)
    assert unknown.untried == sum(one.text == "c" for one in log)
    assert unknown.policy.lost > 0.2
    assert unknown.policy.likely[1] - unknown.policy.likely[0] > 0.4
    assert isinstance(unknown.better, Contrast)
    assert isinstance(known.better, Contrast)
    assert unknown.better.always[0] < known.better.always[0] - unknown.policy.lost


def test_a_user_has_no_part_in_what_is_expected_of_them() -> None:
    log = logged(3, 60, 0.5)
    expected = Expected(log)
    user = log[0].user
    for one in log[:20]:
        other = Expected([replace(o, worked=1 - o.worked) if o.user == user else o for o in log])
        assert other(user, one.text, one.did) == expected(user, one.text, one.did)


def test_weights_are_cut_where_the_rarest_arm_says() -> None:
    assert [clip_of(logged(1, 9, held_out)) for held_out in (0.5, 0.2, 0.1, 0.05, 0.01)] == [2, 5, 10, 20, 20]


def write_log(path: Path, users: int) -> None:
    """Write turns of users, half of whom get a rewrite of what is misheard."""
    rng = random.Random(4)
    with path.open("w") as file:
        for user in range(users):
            treated = rng.random() < 0.5
            turn: dict[str, Any] = {
                "schema": "probatum-turn/1",
                "user": f"u{user}",
                "device": f"d{user}",
                "text": "open the garbage door",
                "arm": "treated" if treated else "holdout",
                "propensity": 0.5,
                "response": "Opened" if treated else "Sorry, I didn't understand that",
            }
            if treated:
                turn["rewritten"] = "open the garage door"
            again = {"text": "open the garage door", "response": "Opened", "arm": "none", "propensity": 1.0}
            for nth, at in enumerate((0.0, 90_000.0)):
                for step, own in enumerate([turn] if treated else [turn, {**turn, **again}]):
                    asked_at = 1_767_225_600 + 60 * user + at + 9 * step
                    times = {"conversation": f"{user} {nth} {step}", "asked_at": asked_at, "answered_at": asked_at + 1}
                    file.write(json.dumps({**own, **times}) + "\n")


def evaluate(*arguments: str) -> Any:
    found = CliRunner().invoke(program, ["dialogue", "evaluate", *arguments, "--json"], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return json.loads(found.output)


@pytest.mark.slow  # reads a log four times
def test_a_table_and_a_compiled_policy_are_evaluated_alike(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_log(tmp_path / "log.jsonl", 300)
    table, log = tmp_path / "pairs.tsv", str(tmp_path / "log.jsonl")
    table.write_text("source\ttarget\nOpen the garbage door!\topen the garage door\n")
    plain = evaluate(str(table), log)
    assert (plain["requests"], plain["touched_users"], plain["clip"]) == (600, 300, 2)
    assert plain["policy"]["likely"][0] > 0.8
    assert plain["without"]["likely"][1] < 0.4
    assert plain["better"]["at_all_times"][0] > 0

    works = {"open the garage door": Known(98, 100), "open the garbage door": Known(2, 100)}
    links = [("open the garbage door", Link("open the garage door", 0.9, "r1", "canary"))]
    service = tmp_path / "rewrites"
    digest = write(service / "policies", texts=works.items(), links=links, about={"until": "2025-12-31"})
    serve(service / "policies", digest)
    assert evaluate(str(service), log)["policy"] == plain["policy"]  # a canary, as if everyone got it
    assert evaluate(str(service / "policies" / f"{digest}.policy"), log, "--since", "2026-01-02")["requests"] < 600

    # What one user means by it goes before, and the log never did that.
    people = Personal(service / "people.db")
    habits = Habits()
    for _ in range(900):
        habits.add("open the garbage door", "open the trash", well=1.0, at=1_767_225_600.0)
    people.put_habits([(str(pseudonym("u7", b"", "user")), habits)])
    people.close()
    assert evaluate(str(service), log)["untried"] == 2
    assert evaluate(str(service), log, "--without-habits")["untried"] == 0

    assert main(["dialogue", "evaluate", str(table), log]) == 0
    assert "policy less nobody, among these: +" in capsys.readouterr().out


@pytest.mark.slow  # reads a log three times
def test_that_refused_requests_are_not_valued_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_log(tmp_path / "log.jsonl", 250)
    log = str(tmp_path / "log.jsonl")
    works = {"open the garage door": Known(98, 100), "open the garbage door": Known(2, 100)}
    links = [("open the garbage door", Link("open the garage door", 0.9, "r1", "canary"))]
    weighed = Recovering(Recovery(of_lightgbm(ONE_LEAF, 1), 0.9, 0.2, 500, 60, 2, 0.9, 0.0), RECOVERY.identifier, "canary")
    found = {}
    for name, recovery in (("leaves", None), ("asks again", weighed)):
        service = tmp_path / name
        serve(service / "policies", write(service / "policies", texts=works.items(), links=links, recovery=recovery))
        found[name] = evaluate(str(service), log)

    assert found["leaves"].pop("not_valued") == []
    [told] = found["asks again"].pop("not_valued")
    assert told.startswith("what is done with refused requests: no log says")
    assert found["asks again"] == found["leaves"]

    assert main(["dialogue", "evaluate", str(tmp_path / "asks again"), log, "--since", "2027-01-01"]) == 2
    assert "what is done with refused requests" in capsys.readouterr().err


def test_what_is_no_policy_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.tsv").write_text("from\tto\na\tb\n")
    (tmp_path / "junk.tsv").write_bytes(b"\xff\xfe\x00source")
    (tmp_path / "empty").mkdir()
    for name, wrong in (
        ("a.tsv", "is no policy (it has no `source`)"),
        ("junk.tsv", "is no policy"),
        ("empty", "has no policy that is served"),
    ):
        assert main(["dialogue", "evaluate", str(tmp_path / name), str(tmp_path / "log.jsonl")]) == 2
        assert wrong in capsys.readouterr().err
