"""Recording runs: what is kept, that it stands under its digest, and that nothing is counted wrongly."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from probatum.cli import main
from probatum.errors import UnreadableArtefact
from probatum.fairness import record, step
from probatum.fairness.artefacts.record import parts_of, read_record
from probatum.fairness.model.proxies import strength

ROWS = [
    {"sex": "f", "age": 20, "income": 1.0, "y": 1, "d": 1},
    {"sex": "f", "age": 40, "income": None, "y": 0, "d": 1},
    {"sex": "m", "age": 50, "income": 3.0, "y": 1, "d": 0},
    {"sex": "m", "age": 60, "income": 4.0, "y": 0, "d": 0},
    {"sex": None, "age": 70, "income": 5.0, "y": 1, "d": 1},
]


@step
def adults(table, *, minimum):
    return [row for row in table if row["age"] >= minimum]


def test_a_step_is_a_plain_call_where_nothing_is_recorded():
    assert len(adults(ROWS, minimum=30)) == 4


def test_rows_and_outcomes_are_followed_by_group_through_a_step():
    with record("loans", protected={"sex": "sex"}, label="y") as run:
        adults(ROWS, minimum=45)

    [own] = [one for one in run.objects.values() if one["kind"] == "step"]
    assert own["flow"]["sex"] == {
        "(missing)": {"rows": [1, 1], "positive": [1, 1]},
        "f": {"rows": [2, 0], "positive": [1, 0]},
        "m": {"rows": [2, 2], "positive": [1, 1]},
    }
    assert (own["name"], own["parameters"]) == ("adults", {"minimum": 45})
    assert run.objects[own["inputs"][0]]["groups"]["sex"]["f"]["missing"] == {"income": 1}


def test_every_object_stands_under_its_digest_and_is_reached_from_the_root(tmp_path: Path):
    with record("loans", to=tmp_path / "r.record.json", protected={"sex": "sex"}, label="y") as run:
        kept = adults(ROWS, minimum=30)
        run.objective("log loss", weights={"f": 2.0})
        run.threshold(0.5, chosen_on=kept, by="the board")
        run.evaluation(ROWS, decision="d")

    raw = (tmp_path / "r.record.json").read_bytes()
    back = read_record(raw, "r.record.json")
    assert list(back.problems()) == []
    assert {key for key, _ in back.reached()} == set(back.objects)
    [(_, evaluation)] = back.of_kind("evaluation")
    assert evaluation["counts"]["sex"]["f"] == {"tp": 1, "fp": 1, "tn": 0, "fn": 0}


def test_a_change_anywhere_breaks_the_record(tmp_path: Path):
    """Every leaf of every object in turn."""
    with record("loans", to=tmp_path / "r.record.json", protected={"sex": "sex"}, label="y"):
        adults(ROWS, minimum=30)
    value = json.loads((tmp_path / "r.record.json").read_text())

    changed = 0
    for key, own in value["objects"].items():
        for name in own:
            other = json.loads(json.dumps(value))
            other["objects"][key][name] = "else" if name != "kind" else "model"
            assert list(read_record(json.dumps(other).encode(), "r").problems()), (own["kind"], name)
            changed += 1

    assert changed > 30


def test_the_training_of_a_network_is_told_by_callbacks():
    with record("net") as run, run.training("net", objective="cross entropy", seeds={"weights": 1, "order": 2}, data=ROWS) as net:
        net.epoch(order=[2, 0, 1, 4, 3], loss=0.7)
        first = net.checkpoint(b"weights after one epoch")
        net.epoch(order=[0, 1, 2, 3, 4], loss=0.5)

    own = run.objects[net.key]
    assert [one["items"] for one in own["epochs"]] == [5, 5]
    assert own["epochs"][0]["order"] != own["epochs"][1]["order"]
    assert own["checkpoints"] == [{"sha256": first, "epoch": 1}]
    assert net.key in parts_of(run.objects[run.root])


def test_a_run_that_fails_is_recorded_as_far_as_it_came(tmp_path: Path):
    def told() -> None:
        with record("loans", to=tmp_path / "r.record.json", protected={"sex": "sex"}):
            adults(ROWS, minimum=30)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        told()

    [(_, run)] = read_record((tmp_path / "r.record.json").read_bytes(), "r").of_kind("run")
    assert (run["failed"], len(run["steps"])) == ("ZeroDivisionError", 1)


def test_the_order_of_rows_does_not_change_their_digest_and_their_content_does():
    with record("a") as run:
        keys = [run.data(ROWS), run.data(ROWS[::-1]), run.data([*ROWS[:4], ROWS[4] | {"age": 71}])]

    digests = [run.objects[key]["rows_sha256"] for key in keys]
    assert digests[0] == digests[1] != digests[2]


@pytest.mark.slow  # imports scikit-learn
def test_a_pipeline_of_scikit_learn_is_read_by_looking_at_it():
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    table = {"age": [row["age"] for row in ROWS], "y": [row["y"] for row in ROWS]}
    fitted = make_pipeline(StandardScaler(), LogisticRegression(C=0.3)).fit([[a] for a in table["age"]], table["y"])

    with record("pipe") as run:
        keys = run.pipeline(fitted, before=table)

    steps = [run.objects[key] for key in keys]
    assert [one["name"] for one in steps] == ["standardscaler", "logisticregression"]
    assert steps[1]["parameters"]["C"] == 0.3
    assert steps[0]["version"]


def test_recording_loads_nothing_heavy():
    program = "import sys; from probatum.fairness import record, step; print(sorted({'numpy', 'duckdb', 'yaml', 'scipy'} & set(sys.modules)))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"schema": "probatum-record/1", "root": 1, "objects": {}}', b"\xff"])
def test_what_is_no_record_is_refused(raw: bytes):
    with pytest.raises(UnreadableArtefact):
        read_record(raw, "x.record.json")


def test_a_command_is_recorded_with_its_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in.csv").write_text("sex,age\nf,20\nf,40\nm,50\n")
    (tmp_path / "keep.py").write_text(
        "lines = open('in.csv').read().splitlines()\nopen('out.csv', 'w').write('\\n'.join([lines[0], lines[3]]))\n"
    )
    words = ["fairness", "record", "--to", "r.record.json", "--input", "in.csv", "--output", "out.csv", "--protected", "sex"]

    assert main([*words, "--", sys.executable, "keep.py"]) == 0

    back = read_record((tmp_path / "r.record.json").read_bytes(), "r.record.json")
    [(_, own)] = back.of_kind("step")
    assert own["flow"]["sex"] == {"f": {"rows": [2, 0]}, "m": {"rows": [1, 1]}}
    assert sorted(name for name, _ in back.files()) == ["in.csv", "out.csv"]


def test_bounds_of_proxies_hold():
    """Groups that a number tells with an area of two thirds: bounds at 90 % hold in far more than 90 of 100 samples."""
    chance = random.Random(5)
    held = 0
    for _ in range(100):
        counts = [(chance.random() ** 0.5, 1, 0) for _ in range(60)] + [(chance.random(), 0, 1) for _ in range(60)]
        own = strength(counts, alpha=0.1, oriented=True)  # P(sqrt(U) > V) = E[sqrt(U)] = 2/3
        held += own.low <= 2 / 3 <= own.high

    assert held >= 90
