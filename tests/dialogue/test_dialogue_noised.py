"""What is learnt for all users from counts with noise: asked for in a policy, stated, and kept up."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from click.testing import CliRunner
from plain_turns import stored

from probatum.cli import main, program
from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.model.learning import judged_goals
from probatum.dialogue.model.noised import noised
from probatum.dialogue.semantics.edges import count
from probatum.dialogue.semantics.goals import walks
from probatum.dialogue.service.serving.policy_file import current
from probatum.dialogue.service.serving.policy_file import read as read_served
from probatum.dialogue.service.spending import spent
from probatum.errors import ProbatumError
from probatum.source import decode
from probatum.stats.private_counts import Noise

pytest.importorskip("duckdb")
pytest.importorskip("scipy")
SOURCE, TARGET = "open the garbage door", "open the garage door"


def turns(users: int, *, secret: bool = True) -> list[dict[str, Any]]:
    """Return what users said who went from one text to another, and one who said what nobody else does."""
    found = []
    for user in range(users):
        said = [(SOURCE, "Sorry, I couldn't understand that"), (TARGET, "Done")]
        if secret and user == 0:
            said += [("call grandma rosalinde", "Sorry, I couldn't understand that"), ("call grandma rosalind", "Done")]
        for step, (text, response) in enumerate(said):
            own = {"user": f"u{user}", "household": f"h{user}", "device": f"d{user}", "conversation": f"{user} {step}"}
            at = 1_767_225_600.0 + 86_400 * (user % 40) + 9 * (step % 2) + 5000 * (step // 2) + 60 * user
            found.append({**own, "asked_at": at, "answered_at": at + 1, "text": text, "response": response})
    return found


def policy(noise: str) -> Any:
    return read_policy(decode(f"logs: [log.jsonl]\nprivacy: {{users: 20, noise: {noise}}}\n".encode(), "dialogue.yaml"))


def test_a_policy_asks_for_noise_and_nothing_does_without() -> None:
    assert policy("{epsilon: 1, delta: 0.000001, pairs: 4}").privacy.noise == Noise(1.0, 1e-6, 4)
    assert policy("{epsilon: 2, delta: 0.001}").privacy.noise.most == 8
    plain = read_policy(decode(b"logs: [log.jsonl]\n", "dialogue.yaml"))
    assert plain.privacy.noise is None


@pytest.mark.parametrize(
    "wrong",
    [
        "{epsilon: 0, delta: 0.001}",
        "{epsilon: 1, delta: 0.5}",
        "{epsilon: 1}",
        "{epsilon: 1, delta: 0.001, pairs: 0}",
        "{epsilon: 1, delta: 0.001, users: 3}",
    ],
)
def test_noise_that_promises_nothing_is_refused_where_it_stands(wrong: str) -> None:
    with pytest.raises(ProbatumError) as caught:
        policy(wrong)
    assert "dialogue.yaml:2" in str(caught.value) or getattr(caught.value, "location", None) is not None


@pytest.mark.slow  # stores a log
def test_pairs_of_many_are_told_with_noise_and_those_of_one_are_not(tmp_path: Path) -> None:
    noise = Noise(2.0, 1e-6, 2)  # a pair of one user is told once in a million runs
    with stored(tmp_path, turns(60)) as conversations:
        table, until = judged_goals(conversations)
        counted = count(conversations, f"({walks(table)})", until=until)
        found = [noised(conversations, counted, noise, least=20, generator=Random(seed)) for seed in range(30)]
    assert len(counted.steps.source) == 2
    told = [one.steps.users.tolist() for one in found]
    assert all(len(users) == 1 for users in told)  # the pair of many
    assert len({users[0] for users in told}) > 5
    assert abs(sum(users[0] for users in told) / 30 - 60) < 2
    assert all(len(one.states.state) == 2 for one in found)  # and texts of that pair alone
    assert found[0].weeks == counted.weeks


def run(*arguments: str) -> str:
    found = CliRunner().invoke(program, ["dialogue", *arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


@pytest.mark.slow  # imports a log, and learns from it several times
def test_the_report_and_the_policy_state_what_is_promised(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [json.dumps({"schema": "probatum-turn/1", "channel": "voice", **one}) + "\n" for one in turns(80)]
    Path("log.jsonl").write_text("".join(lines))
    Path("dialogue.yaml").write_text("logs: [log.jsonl]\nprivacy: {noise: {epsilon: 2, delta: 0.000001, pairs: 2}}\n")
    run("import", "log.jsonl", "--to", "conv")

    promised = "epsilon 2, delta 1e-06, 2 pairs of each user, none below 20"
    said = run("rewrites", "propose", "conv", "--policy", "dialogue.yaml")
    assert f"users of pairs are counted with noise: {promised}; 1 releases so far: epsilon 2, delta 1e-06" in said
    assert f"{SOURCE} -> {TARGET}" in said
    assert "rosalind" not in said
    run("rewrites", "compile", "conv", "--policy", "dialogue.yaml")
    digest = current(Path("rewrites/policies"))
    assert digest
    stated = read_served(Path("rewrites/policies"), digest).about["noise"]
    assert stated.endswith("2 releases so far: epsilon 4, delta 2e-06")
    told = json.loads(run("rewrites", "propose", "conv", "--policy", "dialogue.yaml", "--json"))
    assert promised in told["noise"]
    assert spent(Path("rewrites")).epsilon == 6.0

    # Without noise, what it hid would be told.
    for command in (
        ["rewrites", "compile", "conv"],
        ["rewrites", "propose", "conv"],
        ["forget", "u3", "--conversations", "conv"],
    ):
        capsys.readouterr()
        assert main(["dialogue", *command]) == 2
        assert "was counted with noise, and would now be counted without" in capsys.readouterr().err
    run("forget", "u3", "--conversations", "conv", "--policy", "dialogue.yaml")
    assert spent(Path("rewrites")).releases == 5
    plain = json.loads(run("rewrites", "propose", "conv", "--service", "other", "--json"))
    assert plain["noise"] is None
    assert not Path("other/privacy.jsonl").exists()
