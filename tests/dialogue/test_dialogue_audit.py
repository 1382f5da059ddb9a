"""What people judge: drawn with known chances, blind, taken in row by row, and forgotten with the user."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from test_dialogue_evaluate import write_log

from probatum.cli import main
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.service.auditing.audit import audited
from probatum.dialogue.service.auditing.plan import Asked, Plan
from probatum.dialogue.service.auditing.sheet import read_sheet
from probatum.dialogue.service.registry import Passed, Registry

pytest.importorskip("duckdb")
pytest.importorskip("scipy")
SOURCE, TARGET = "open the garbage door", "open the garage door"


def plan(rows: int = 20, **more: Any) -> Plan:
    made = [
        Asked(
            row=f"r{n}",
            turn=f"t{n}",
            user=f"u{n}",
            inclusion=0.5,
            rewrite="w",
            got="ab"[n % 2],
            other="ba"[n % 2],
            **more,
        )
        for n in range(rows)
    ]
    return Plan(identifier="p", seed=1, frame=40, hidden=0, rows=tuple(made))


def sheet(*rows: str) -> str:
    return "row,a_ok,b_ok,better,annotator\n" + "".join(f"{row}\n" for row in rows)


def test_what_people_say_counts_for_whom_it_is_about() -> None:
    """The order of the two answers was drawn: the same words in the other column mean the opposite."""
    found, wrong = read_sheet(sheet("r0,no,yes,,ann", "r1,no,yes,b,", "r2,yes,yes,b,ann", "r3,no,no,,ann"), plan(), named="bob")
    assert wrong == []
    assert [(one.got, one.other, one.verdict, one.annotator) for one in found] == [
        ("no", "yes", "win", "ann"),
        ("yes", "no", "loss", "bob"),
        ("yes", "yes", "win", "ann"),
        ("no", "no", "tie", "ann"),
    ]
    [treated], _ = read_sheet(sheet("r0,no,yes,,ann"), plan(rewritten=True), named="bob")
    assert (treated.got, treated.verdict) == ("no", "loss")


def test_what_cannot_be_taken_in_is_told_and_the_rest_is_taken_in() -> None:
    one = Asked(row="s", turn="ts", user="u", inclusion=1.0)
    both = Plan(identifier="p", seed=1, frame=9, hidden=0, rows=(*plan(4).rows, one))
    rows = (
        "r0,maybe,yes,,",
        "zz,yes,yes,,",
        "r1,yes,,,",
        "r2,yes,no,b,",
        "s,yes,no,,",
        "r3,YES, no ,A,",
        "r3,no,no,,",
        ",,,,",
        "s,no,,,",
    )
    found, wrong = read_sheet(sheet(*rows).replace(",", ";"), both, named="ann")
    assert [one.row for one in found] == ["r3", "s"]
    for line, why in zip(
        wrong,
        (
            "line 2: `a_ok` is `maybe`",
            "line 3: there is no row `zz`",
            "line 4: `b_ok` is empty",
            "line 5: `b` cannot be better",
            "line 6: `b_ok` is filled in",
            "line 8: it is judged twice",
        ),
        strict=True,
    ):
        assert line.startswith(why)
    assert read_sheet("a,b\n1,2\n", both, named="ann") == ([], ["line 1: there is no column `row`"])
    assert read_sheet("", both, named="ann")[1]


def test_judgements_of_several_are_put_together() -> None:
    rows = [
        f"r{n},{'no' if (n % 2 == 0) == (who != 'eve' or n > 3) else 'yes'},yes,,"
        for who in ("ann", "bob", "eve")
        for n in range(20)
    ]
    every = [
        one
        for at, who in enumerate(("ann", "bob", "eve"))
        for one in read_sheet(sheet(*rows[20 * at : 20 * at + 20]), plan(), named=who)[0]
    ]
    found = audited(plan(), every)
    assert found.disputed == 0
    assert found.labels == {f"t{n}": "bad" if n % 2 == 0 else "good" for n in range(20)}
    assert Counter(found.verdicts.values()) == {"win": 10, "tie": 10}
    assert found.agreement.units == 20
    assert found.agreement.alpha is not None
    assert 0.3 < found.agreement.alpha < 1
    assert found.defects is not None
    assert (found.defects.value, found.defects.sampled, found.defects.total) == (0.5, 20, 40.0)
    assert audited(plan(), every[:20] + [one for one in every[40:44] if one.row == "r0"]).disputed == 1


def run(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    assert main(["dialogue", *arguments]) == code
    return tuple(capsys.readouterr())  # type: ignore[return-value]  # two texts


@pytest.mark.slow  # imports a log, draws from it, and forgets a user
def test_a_sheet_goes_out_blind_and_comes_back_into_the_registry(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_log(Path("log.jsonl"), 120)
    Path("conv.key").write_text(bytes(range(32)).hex() + "\n")  # numbers of turns, and so what is drawn, are the same each time
    run(capsys, "import", "log.jsonl", "--to", "conv")
    registry = Registry(Path("rewrites/registry.jsonl"))
    name = registry.propose(SOURCE, TARGET, at=10.0)
    registry.move(name, "shadow", at=10.0, evidence=Passed(30))

    said, _ = run(capsys, "audit", "sample", "80", "conv", "--seed", "5")
    drawn_so = re.search(r"(\d+) rows, (\d+) of them with two answers", said)
    assert drawn_so is not None
    assert int(drawn_so[1]) == pytest.approx(80, abs=20)
    assert int(drawn_so[2]) == pytest.approx(40, abs=15)
    assert "is there already" in run(capsys, "audit", "sample", "80", "conv", code=2)[1]
    rows = list(csv.DictReader(io.StringIO(Path("audit/sheet.csv").read_text(encoding="utf-8-sig"))))
    stored = json.loads(Path("audit/plan.json").read_text())
    chances = {one["row"]: one["inclusion"] for one in stored["rows"]}
    assert sum(1 / chance for chance in chances.values()) == pytest.approx(stored["frame"], rel=0.3)
    assert {one["got"] for one in stored["rows"] if one["other"]} == {"a", "b"}

    for row in rows:  # somebody who knows what was asked for
        for column in ("a", "b"):
            if row[f"answer_{column}"]:
                row[f"{column}_ok"] = "yes" if row[f"answer_{column}"] == "opened" else "no"
    for who in ("ann", "bob"):
        with Path(f"{who}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)
    said, _ = run(capsys, "audit", "import", "conv", "audit/plan.json", "ann.csv", "bob.csv", "--json")
    found = json.loads(said)
    truth = 0.5 * 2 / 3.0  # of three requests of two users, the one of who was held out failed
    assert found["defects"]["low"] < truth < found["defects"]["high"]
    assert (found["agreement"]["alpha"], found["new_judgements"]) == (1.0, 2 * len(rows))
    assert found["rewrites"][name]["losses"] == 0
    assert found["steps"] == [{"rewrite": name, "to": "canary"}]
    again = json.loads(run(capsys, "audit", "import", "conv", "audit/plan.json", "ann.csv", "--apply", "--json")[0])
    assert again["new_judgements"] == 0
    assert again["rewrites"] == found["rewrites"]
    registry.refresh()
    assert [one.state for one in registry.rewrites().values()] == ["canary"]

    labels = [json.loads(line) for line in Path("conv/labels.jsonl").read_text().splitlines()]
    assert {one["source"] for one in labels} == {"human"}
    key = bytes.fromhex(Path("conv.key").read_text().strip())
    drawn = {one["user"] for one in stored["rows"] if one["other"]}
    user, own = next(
        (f"u{n}", pseudonym(f"u{n}", key, "user") or "") for n in range(120) if pseudonym(f"u{n}", key, "user") in drawn
    )
    assert own in Path("rewrites/audits.jsonl").read_text()
    shutil.copy("audit/plan.json", "old.json")
    shutil.copy("bob.csv", "eve.csv")
    run(capsys, "forget", user, "--conversations", "conv")
    assert own not in Path("rewrites/audits.jsonl").read_text()
    assert len(Path("conv/labels.jsonl").read_text().splitlines()) < len(labels)

    # With a copy of the plan from before, nothing comes in about the user, nor about whoever has that turn by now.
    kept = len(Path("conv/labels.jsonl").read_text().splitlines())
    late = json.loads(run(capsys, "audit", "import", "conv", "old.json", "bob.csv", "--json")[0])
    assert late["new_judgements"] == 0
    assert len(Path("conv/labels.jsonl").read_text().splitlines()) == kept
    late = json.loads(run(capsys, "audit", "import", "conv", "old.json", "eve.csv", "--json")[0])
    gone = len(stored["rows"]) - len(json.loads(Path("audit/plan.json").read_text())["rows"])
    assert late["new_judgements"] == len(stored["rows"]) - gone < len(stored["rows"])
    assert len(late["not_taken_in"]) == gone
