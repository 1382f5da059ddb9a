"""What is written: a log that reads as what was made, a truth that is sealed and stands elsewhere, and the same files each time."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from simulated import SMALL, made, world

from probatum.cli import program
from probatum.dialogue.artefacts.importers.turns import Turns
from probatum.errors import UnreadableArtefact, UsageError
from probatum.synth.dialogue.online import Request, Table
from probatum.synth.dialogue.writing import NOTICE, read_truth, write

pytest.importorskip("rapidfuzz")


@pytest.mark.slow
def test_the_log_reads_as_what_was_made(tmp_path):
    about = write(
        made(),
        tmp_path / "made" / "log.jsonl",
        tmp_path / "truth.jsonl",
        parameters=SMALL,
        secrets=world().secrets,
        traps=world().traps,
    )

    reader = Turns()
    lines = [json.loads(line) for line in (tmp_path / "made" / "log.jsonl").read_text().splitlines()]
    assert about["turns"] == len(lines) == len(made())
    for line, (turn, _) in zip(lines, made(), strict=True):
        [event] = reader.events(line)
        assert list(reader.turns([(0, event)])) == [turn]
    head, truths = read_truth(tmp_path / "truth.jsonl", about["truth_sha256"])
    assert truths == [truth for _, truth in made()]
    assert head["secrets"] == world().secrets
    assert {trap["kind"] for trap in head["traps"]} == {"halved", "film", "settled", "burst"}


def test_truth_that_was_changed_is_not_the_one_that_was_sealed(tmp_path):
    log, truth = tmp_path / "made" / "log.jsonl", tmp_path / "truth.jsonl"
    about = write([], log, truth, parameters=SMALL, secrets={"zor vex": "user-00001"})
    beside = json.loads((tmp_path / "made" / "log.jsonl-metadata.json").read_text())

    assert read_truth(truth, about["truth_sha256"])[1] == []
    assert beside["truth_sha256"] == about["truth_sha256"]
    assert beside["notice"] == NOTICE
    assert "zor vex" not in json.dumps(beside)
    assert truth.stat().st_mode & 0o077 == 0
    truth.write_text(truth.read_text().replace("user-00001", "user-00002"))
    with pytest.raises(UnreadableArtefact, match="not the truth that was sealed"):
        read_truth(truth, about["truth_sha256"])


@pytest.mark.parametrize("place", ["truth.jsonl", "deeper/truth.jsonl"])
def test_the_truth_may_not_stand_where_the_log_is_read(tmp_path, place):
    with pytest.raises(UsageError, match="beside the log"):
        write([], tmp_path / "log.jsonl", tmp_path / place, parameters=SMALL, secrets={})


def test_what_cannot_be_written_is_said(tmp_path):
    (tmp_path / "made").write_text("a file")

    with pytest.raises(UnreadableArtefact, match="cannot be written"):
        write([], tmp_path / "made" / "log.jsonl", tmp_path / "truth.jsonl", parameters=SMALL, secrets={})


@pytest.mark.slow
def test_the_command_writes_the_same_files_each_time(tmp_path):
    for name in ("one", "other"):
        folder = tmp_path / name
        how = [
            "dialogue",
            "simulate",
            "--users",
            "12",
            "--days",
            "2",
            "--assistant",
            "classifier",
            "--out",
            str(folder / "log.jsonl"),
        ]
        result = CliRunner().invoke(program, [*how, "--format", "json"])

        assert result.exit_code == 0, result.output
        said = json.loads(result.output)
        assert Path(said["truth"]) == tmp_path / f"{name}.truth.jsonl"
    for place in ("log.jsonl", "log.jsonl-metadata.json"):
        assert (tmp_path / "one" / place).read_bytes() == (tmp_path / "other" / place).read_bytes()
    assert (tmp_path / "one.truth.jsonl").read_bytes() == (tmp_path / "other.truth.jsonl").read_bytes()


def test_a_table_draws_each_user_once_for_each_rewrite():
    table = Table(version="1", everyone={"a": "b", "c": "d"}, held_out=0.5)

    def asked(user, text):
        request = Request(text=text, hypotheses=(), confidence=0.9, user=user, household="", device="", at=0.0, context=())
        return table(request)

    users = [f"u{n}" for n in range(2000)]
    arms = {text: [asked(user, text).arm for user in users] for text in ("a", "c")}
    assert arms == {text: [asked(user, text).arm for user in users] for text in ("a", "c")}
    for text in ("a", "c"):
        assert 900 < arms[text].count("holdout") < 1100
    # Who is held out of one is no more likely to be held out of the other.
    assert 400 < sum(one == other == "holdout" for one, other in zip(arms["a"], arms["c"], strict=True)) < 600
    assert asked("u1", "e").arm == "none"


def test_what_is_for_one_user_goes_before_what_is_for_all():
    table = Table(version="1", everyone={"a": "b"}, own={("u", "a"): "mine"}, held_out=0.0)

    def acted(user):
        return table(
            Request(text="a", hypotheses=(), confidence=0.9, user=user, household="", device="", at=0.0, context=())
        ).text

    assert (acted("u"), acted("v")) == ("mine", "b")
