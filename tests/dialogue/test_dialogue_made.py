"""What was made of conversations and lies elsewhere, when a user is forgotten: made again, it is what it would be without the user."""

from __future__ import annotations

import csv
import io
import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from probatum.cli import program
from probatum.dialogue.artefacts.store import read_manifest
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.service.judged_turns import without
from probatum.dialogue.service.made import (
    CHECKED,
    SHEET,
    Noted,
    StaleModel,
    file_digest,
    note,
    noted,
    refuse_stale,
    stale_models,
    withdraw,
)
from probatum.store import State

pytest.importorskip("duckdb")
pytest.importorskip("scipy")
USER = "u5"
KEY = bytes(range(32))
MADE = ("model", "labels.jsonl", "nlu.jsonl", "rephrases.jsonl", "stages.jsonl")


def run(*arguments: str) -> str:
    found = CliRunner().invoke(program, ["dialogue", *arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def write_log(path: Path, *, but: str = "") -> None:
    """Write what 40 users said: a request that fails, the same in other words, and a few words in a room with others."""
    with path.open("w") as file:
        for user in range(40):
            for step, (text, name, response) in enumerate([
                ("open the garbage door", "", "Sorry, I couldn't understand that"), ("open the garage door", "garage door", "Done"),
                ("turn on the lamp", "lamp", "Done"),
            ]):  # fmt: skip  # three turns
                if f"u{user}" == but:
                    continue
                own = {"user": f"u{user}", "household": f"h{user}", "device": f"d{user}", "channel": "voice", "locale": "en"}
                own["conversation"] = f"room {user // 4}" if step == 2 else f"{user} {step}"
                meant = {"intent": "Do", "slots": [{"name": "name", "value": name}]} if name else {}
                at = {"asked_at": 1_767_225_600.0 + 4000 * user + (3000 if step == 2 else 8 * step)}
                file.write(
                    json.dumps({"schema": "probatum-turn/1", **own, **at, **meant, "text": text, "response": response}) + "\n"
                )


def turns(folder: Path) -> dict[str, tuple[str, float, str]]:
    """Return whose each turn is, when it was, and what was said."""
    import duckdb

    stored = read_manifest(folder)
    assert stored is not None
    said = duckdb.read_parquet(str(stored.folder / "texts.parquet")).project("text_id, normalised")
    rows = duckdb.read_parquet(str(stored.folder / "turns.parquet")).join(said, "text_id")
    kept = rows.project("turn_id, user_id, epoch(asked_at), normalised").fetchall()
    return {turn: (user, at, text) for turn, user, at, text in kept}


def check_all(folder: Path, path: Path) -> None:
    """Write what somebody says who checked all turns."""
    lines = []
    for turn, (_, at, text) in sorted(turns(folder).items(), key=lambda one: one[1]):
        fine = "garbage" not in text
        name = "lamp" if "lamp" in text else "garage door"
        lines.append({"turn": turn, "outcome": "good" if fine else "bad", "intent": "Do", "slots": {"name": name}, "note": at})
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def make() -> None:
    """Make all that programs make of `conv`."""
    run("label", "fit", "conv", "--kind", "logistic", "--vectors", "letters", "--to", "model")
    loose = ("--precision", "0.6", "--confidence", "0.6")
    run("label", "turns", "conv", "--model", "model", "--audit", "checked.jsonl", *loose, "--to", "labels.jsonl")
    run("label", "export", "labels.jsonl", "conv", "--format", "jsonl", "--to", "nlu.jsonl")
    run("label", "rephrases", "conv", "--detector", "letters", "--to", "rephrases.jsonl")
    run("isolate", "conv", "--to", "stages.jsonl")


def fill_in(sheet: Path, to: Path) -> None:
    """Judge all rows of a sheet."""
    rows = list(csv.DictReader(io.StringIO(sheet.read_text(encoding="utf-8-sig"))))
    with to.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=";")
        writer.writeheader()
        writer.writerows({**row, "a_ok": "no" if "garbage" in row["request"] else "yes"} for row in rows)


@pytest.mark.slow  # imports two logs, and fits models to each
@pytest.mark.timeout(400)
def test_deletion_equals_making_everything_again_without_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, but in (("with", ""), ("never", USER)):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        write_log(Path("log.jsonl"), but=but)
        Path("conv.key").write_text(KEY.hex())
        run("import", "log.jsonl", "--to", "conv")
        check_all(Path("conv"), Path("checked.jsonl"))
        make()
    monkeypatch.chdir(tmp_path / "with")
    own = pseudonym(USER, KEY, "user")
    run("audit", "sample", "240", "conv", "--seed", "1", "--users", "1")
    fill_in(Path("audit/sheet.csv"), Path("ann.csv"))
    run("audit", "import", "conv", "audit/plan.json", "ann.csv")
    with State.open(Path(".probatum").resolve()) as state:
        state.put("a result", {"of": "the conversations"})
    for name in ("model", "labels.jsonl"):
        shutil.copy(name, f"{name}.copy")
    before, judged = turns(Path("conv")), [json.loads(line) for line in Path("conv/labels.jsonl").read_text().splitlines()]
    planned = json.loads(Path("audit/plan.json").read_text())["rows"]
    digests = {name: file_digest(Path(name)) for name in MADE}

    said = run("forget", USER, "--conversations", "conv", "--receipt", "receipt.json")

    receipt = json.loads(Path("receipt.json").read_text())
    listed = {Path(one["path"]).name: one for one in receipt["files"]}
    assert set(listed) == {*MADE, "checked.jsonl", "plan.json", "sheet.csv", "ann.csv"}
    assert all(
        (listed[name]["done"], listed[name]["before"], listed[name]["after"]) == ("removed", digests[name], "") for name in MADE
    )
    assert not any(Path(name).exists() for name in MADE)
    assert "../model: dialogue model, removed; make it again with `probatum dialogue label fit`" in said
    assert own not in json.dumps(receipt)
    assert "numbers" not in receipt["removed"]

    # What people said: of everybody else, about the same turns, by their new numbers.
    after = turns(Path("conv"))
    assert any(before[turn] != after[turn] for turn in after)  # of others in the same room
    checked = [sorted(Path(name).read_text().splitlines()) for name in ("checked.jsonl", tmp_path / "never/checked.jsonl")]
    assert checked[0] == checked[1] != []
    left = [json.loads(line) for line in Path("conv/labels.jsonl").read_text().splitlines()]
    assert Counter((after[one["turn"]], one["said"]) for one in left) == Counter(
        (before[one["turn"]], one["said"]) for one in judged if before[one["turn"]][0] != own
    )
    assert receipt["labels"] == len(judged) - len(left) > 0
    plan = json.loads(Path("audit/plan.json").read_text())["rows"]
    assert [(one["row"], after[one["turn"]]) for one in plan] == [
        (one["row"], before[one["turn"]]) for one in planned if one["user"] != own
    ]
    for sheet, delimiter in (("audit/sheet.csv", ","), ("ann.csv", ";")):
        rows = csv.DictReader(io.StringIO(Path(sheet).read_text(encoding="utf-8-sig")), delimiter=delimiter)
        assert [row["row"] for row in rows] == [one["row"] for one in plan]
    assert receipt["results"] == 1
    with State.open(Path(".probatum").resolve()) as state:
        assert state.look_up(["a result"]) == {}

    for arguments in (
        ["turns", "conv", "--model", "model.copy", "--to", "x"],
        ["ask", "conv", "--model", "model.copy", "--to", "x"],
        ["export", "labels.jsonl.copy", "conv"],  # from such a model
    ):
        refused = CliRunner().invoke(program, ["dialogue", "label", *arguments])
        assert isinstance(refused.exception, StaleModel)

    make()
    for name in MADE:
        assert Path(name).read_bytes() == (tmp_path / "never" / name).read_bytes(), name
    assert len(Path("nlu.jsonl").read_text().splitlines()) >= 2
    assert len(Path("stages.jsonl").read_text().splitlines()) == 40  # the head, and 39 users


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "conv").mkdir()
    return tmp_path / "conv"


def test_a_model_is_stale_until_it_is_fitted_again(folder: Path) -> None:
    model = folder.parent / "model"
    model.write_bytes(b"weights")
    note(folder, "dialogue model", model, model="d1")
    note(folder, "dialogue model", model, model="d1")
    assert len(noted(folder)) == 1

    [done] = withdraw(folder)
    assert (done.done, done.model, done.path) == ("removed", "d1", "../model")
    assert stale_models(folder) == {"d1"}
    assert withdraw(folder) == []
    with pytest.raises(StaleModel, match="the model d1 was fitted to somebody"):
        refuse_stale(folder, "d1")
    refuse_stale(folder, "d2")

    model.write_bytes(b"weights")
    note(folder, "dialogue model", model, model="d1")
    assert stale_models(folder) == frozenset()


def test_what_somebody_changed_is_left_and_what_is_gone_is_told(folder: Path) -> None:
    for name, content in (("mine.jsonl", b"as made"), ("gone.jsonl", b"as made")):
        (folder.parent / name).write_bytes(content)
        note(folder, "labels", folder.parent / name, model="d")
    (folder.parent / "mine.jsonl").write_bytes(b"as I like it")
    (folder.parent / "gone.jsonl").unlink()

    mine, gone = withdraw(folder)

    assert mine.done == "left: it was changed since it was made"
    assert (mine.after, (folder.parent / "mine.jsonl").read_bytes()) == (
        file_digest(folder.parent / "mine.jsonl"),
        b"as I like it",
    )
    assert (gone.done, gone.after) == ("not there", "")


def edited(folder: Path, kind: str, content: str, **more: Any) -> tuple[str, str]:
    path = folder.parent / "file"
    path.write_text(content, newline="")
    own: dict[str, Any] = {"user": "me", "rows": (), "left": lambda texts: texts, **more}
    [done] = without([Noted(kind, path, "")], {"t1": "", "t2": "t1"}, folder=folder, **own)
    with path.open(newline="") as file:
        return done.done, file.read()


def test_checked_turns_of_a_user_go_and_others_are_renumbered(folder: Path) -> None:
    lines = ['{"turn": "t1", "outcome": "bad"}\n', '{"turn":  "t3"}\n', '{"turn": "t2", "outcome": "good"}\n']
    assert edited(folder, CHECKED, "".join(lines)) == ("edited", '{"turn":  "t3"}\n{"turn": "t1", "outcome": "good"}\n')
    assert edited(folder, CHECKED, lines[1]) == ("unchanged", lines[1])
    assert edited(folder, CHECKED, "outcome,turn\r\nbad,t1\r\ngood,t2\r\n") == ("edited", "outcome,turn\r\ngood,t1\r\n")
    what, kept = edited(folder, CHECKED, lines[0] + "{broken\n")
    assert what.startswith("left: it cannot be read")
    assert kept == lines[0] + "{broken\n"


def test_a_row_that_shows_what_is_nobodys_any_more_goes(folder: Path) -> None:
    sheet = "row,request,answer_a,answer_b,a_ok\nr1,lamp,Done,,yes\nr2,lamp,for grandma,,no\nr3,lamp,'-5 degrees,,no\n"
    kept = sheet.replace("r2,lamp,for grandma,,no\n", "")
    assert edited(folder, SHEET, sheet, left=lambda texts: texts - {"for grandma"}) == ("edited", kept)
    seen: set[str] = set()
    assert edited(folder, SHEET, sheet, left=lambda texts: seen.update(texts) or texts, rows=["r1"])[0] == "edited"  # type: ignore[func-returns-value]  # it is the texts
    assert "-5 degrees" in seen
