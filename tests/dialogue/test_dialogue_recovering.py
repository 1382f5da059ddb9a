"""What is done with a request that the assistant made nothing of, and how it is watched."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from probatum.cli import main, program
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.options import Known
from probatum.dialogue.model.recovery.offers import FEATURES
from probatum.dialogue.model.recovery.released import Recovery
from probatum.dialogue.semantics.trees import of_lightgbm
from probatum.dialogue.service.registry import RECOVERY, Registry
from probatum.dialogue.service.serving.past import past
from probatum.dialogue.service.serving.personal import Person, Personal
from probatum.dialogue.service.serving.policies import Policies
from probatum.dialogue.service.serving.policy_file import Recovering, serve, write
from probatum.dialogue.service.serving.rewriter import Request, Rewriter

pytest.importorskip("rapidfuzz")
pytest.importorskip("lightgbm")
KEY = bytes(range(32))
TEXTS = [
    ("open the garage door", Known(98.0, 100)),
    ("play some jazz", Known(99.0, 100)),
    ("unlock the garage door", Known(98.0, 100)),
]
# One tree: what works for others, or is this user's, and is much like the request, is right.
LIKE = of_lightgbm(
    {
        "tree_info": [
            {
                "tree_structure": {
                    "split_feature": FEATURES.index("like"),
                    "threshold": 0.8,
                    "left_child": {"leaf_value": -1.0},
                    "right_child": {
                        "split_feature": FEATURES.index("heard"),
                        "threshold": 0.0,
                        "left_child": {"leaf_value": 3.0},
                        "right_child": {"leaf_value": -1.0},
                    },
                }
            }
        ]
    },
    1,
)


@pytest.fixture
def rewriter(tmp_path: Path) -> Iterator[Callable[..., Rewriter]]:
    with closing(Personal(tmp_path / "people.db")) as personal:

        def make(state: str = "active", texts: list[tuple[str, Known]] = TEXTS) -> Rewriter:
            weighed = Recovery(LIKE, 0.9, 0.2, 500, 60, 2, 0.9, 0.0)
            digest = write(tmp_path, texts=texts, links=[], recovery=Recovering(weighed, RECOVERY.identifier, state))
            serve(tmp_path, digest)
            return Rewriter(Policies(tmp_path), KEY, personal, deadline_s=10.0)

        yield make


def asked(one: Rewriter, text: str, **more: Any) -> Any:
    return one.answer(Request(text=text, user="u1", refused=True, **more))


def test_a_refused_request_becomes_what_it_could_have_been(rewriter: Callable[..., Rewriter]) -> None:
    one = rewriter()

    answer = asked(one, "open the garish door")

    assert (answer.action, answer.text, answer.rewrite, answer.reasons) == (
        "rewrite", "open the garage door", RECOVERY.identifier, ("recovered",)
    )  # fmt: skip  # one answer
    assert answer.p == pytest.approx(0.9526, abs=1e-3)
    assert one.answer(Request(text="open the garish door", user="u1")).action != "rewrite"  # before the assistant has tried


def test_another_way_to_hear_it_is_looked_at_too(rewriter: Callable[..., Rewriter]) -> None:
    assert asked(rewriter(), "hope and the carriage door", heard=("open the garish door",)).text == "open the garage door"


def test_what_only_this_user_says_is_offered_to_nobody_else(rewriter: Callable[..., Rewriter]) -> None:
    one = rewriter()
    habits = Habits()
    habits.add("play my morning mix", "play my morning mix", well=1.0, at=0.0)
    assert one.personal is not None
    one.personal.put(pseudonym("u1", KEY, "user") or "", Person(habits))

    mine = one.answer(Request(text="play my mourning mix", user="u1", refused=True, at=1.0))
    other = one.answer(Request(text="play my mourning mix", user="u2", refused=True, at=1.0))

    assert mine.text == "play my morning mix"
    assert other.action != "rewrite"
    assert other.text != mine.text


def test_a_canary_reaches_half_and_says_who_was_held_out(rewriter: Callable[..., Rewriter]) -> None:
    one = rewriter("canary")
    found = [one.answer(Request(text="open the garish door", user=f"u{n}", refused=True)) for n in range(200)]

    assert {(a.action, a.arm, a.propensity) for a in found} == {("rewrite", "treated", 0.5), ("keep", "holdout", 0.5)}
    assert 60 <= sum(a.arm == "treated" for a in found) <= 140


def test_in_shadow_it_is_kept(rewriter: Callable[..., Rewriter]) -> None:
    answer = asked(rewriter("shadow"), "open the garish door")

    assert (answer.action, answer.arm, answer.reasons) == ("keep", "none", (f"shadow {RECOVERY.identifier}",))


def test_what_is_hard_to_undo_and_was_not_said_is_not_tried(rewriter: Callable[..., Rewriter]) -> None:
    one = rewriter(texts=[("unlock the garage door", Known(98.0, 100))])

    assert asked(one, "uncle the garage door").action == "keep"
    assert asked(one, "please unlock garage door").text == "unlock the garage door"


def test_what_is_not_likely_enough_is_asked_about_once(rewriter: Callable[..., Rewriter]) -> None:
    one = rewriter()

    first, second = (asked(one, "open the garage for me now", session="s") for _ in range(2))

    assert (first.action, first.text) == ("ask", "open the garage door")
    assert second.action == "keep"


def test_a_policy_without_it_leaves_refused_requests(tmp_path: Path) -> None:
    serve(tmp_path, write(tmp_path, texts=TEXTS, links=[]))
    one = Rewriter(Policies(tmp_path), KEY, deadline_s=10.0)

    assert asked(one, "open the garish door").reasons == ("refused requests are left",)


def test_each_policy_judges_what_came_after_it_until_the_next(tmp_path: Path) -> None:
    weighed = Recovering(Recovery(LIKE, 0.9, 0.2, 500, 60, 2, 0.9, 0.0), RECOVERY.identifier, "shadow")

    def made(until: str, *, recovery: Recovering | None = weighed, least: int = 1) -> str:
        return write(tmp_path, texts=TEXTS[:least], links=[], recovery=recovery, about={"until": until})

    late, early, damaged = made("1970-01-03"), made("1970-01-02"), made("1970-01-05")
    made("1970-01-04", recovery=None)
    again = made("1970-01-02", least=2)
    for time_s, digest in enumerate([early, again]):
        os.utime(tmp_path / f"{digest}.policy", (time_s, time_s))
    with (tmp_path / f"{damaged}.policy").open("ab") as file:
        file.write(b"x")
    (tmp_path / f"{'0' * 64}.policy").write_bytes(b"")

    assert past(tmp_path) == [(86_400.0, again), (2 * 86_400.0, late)]


def log(path: Path, users: int, days: int) -> None:
    """Write a log in which names are misheard, refused, and said again."""
    rng = random.Random(5)
    things = ["kitchen", "garden", "bedroom", "hallway", "office", "attic", "nursery", "garage", "basement", "study"]
    with path.open("w") as file:
        for user in range(users):
            for day in range(days):
                said = f"turn on the {rng.choice(things)} light"
                place = rng.randrange(len(said))
                wrong = said[:place] + rng.choice("aeioumnst") + said[place + 1 :]
                refused = rng.random() < 0.4 and wrong != said
                for step, text in enumerate([wrong, said] if refused else [said]):
                    ok = text == said
                    stage = {"name": "understanding", "ok": ok, "code": "" if ok else "no_intent_match"}
                    own = {
                        "schema": "probatum-turn/1", "conversation": f"{user} {day} {step}", "user": f"u{user}", "household": f"h{user}",
                        "asked_at": 1_767_225_600.0 + 86400 * day + 40 * user + 9 * step,
                        "text": text, "response": "Done" if ok else "Sorry, I didn't understand that",
                        "stages": [stage], "intent": "on" if ok else "", "slots": [{"name": "thing", "value": said}] if ok else [],
                    }  # fmt: skip  # one line of a log
                    file.write(json.dumps(own) + "\n")


def run(*arguments: str) -> str:
    found = CliRunner().invoke(program, ["dialogue", *arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


@pytest.mark.slow  # imports a log and learns from it three times
def test_a_log_of_refusals_leads_to_a_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb")
    assert main is not None
    monkeypatch.chdir(tmp_path)
    log(Path("log.jsonl"), 120, 40)
    run("import", "log.jsonl", "--to", "conv")

    proposed = run("rewrites", "propose", "conv", "--until", "2026-01-25")
    assert f"{RECOVERY.identifier}  refused requests -> what they could have been" in proposed
    assert f"{RECOVERY.identifier}  shadow   not counted: there is no policy" in run("monitor", "conv")
    compiled = run("rewrites", "compile", "conv", "--until", "2026-01-25")
    assert "later users went on to say" in compiled
    policy = Policies(Path("rewrites/policies")).policy
    assert policy is not None
    assert policy.recovery is not None
    assert policy.recovery.state == "shadow"

    seen = json.loads(run("monitor", "conv", "--json"))["rewrites"][RECOVERY.identifier]
    run("rewrites", "compile", "conv")  # from all of the log: it judges nothing of it, and what the one before it judged counts
    monitored = json.loads(run("monitor", "conv", "--apply", "--json"))
    assert monitored["rewrites"][RECOVERY.identifier] == seen
    assert seen["wins"] > 50
    assert seen["losses"] <= seen["wins"] // 10
    states = Registry(Path("rewrites/registry.jsonl")).rewrites()
    assert states[RECOVERY.identifier].state == "canary"
