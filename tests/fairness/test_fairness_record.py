"""Recording runs: what is kept, that it stands under its digest, and that nothing is counted wrongly."""

import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from probatum.cli import main
from probatum.errors import UnreadableArtefact, UsageError
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


@pytest.mark.slow  # imports scikit-learn
def test_a_search_is_a_step_with_what_it_chose_and_the_steps_of_the_best():
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import GridSearchCV
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    values, label = [[n % 7] for n in range(40)], [n % 2 for n in range(40)]
    search = GridSearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {"logisticregression__C": [0.3]}, cv=2)

    with record("search") as run:
        keys = run.pipeline(search.fit(values, label))

    steps = [run.objects[key] for key in keys]
    assert [one["name"] for one in steps] == [
        "GridSearchCV",
        "GridSearchCV.standardscaler",
        "GridSearchCV.logisticregression",
    ]
    assert steps[0]["chosen"]["best_params_"] == {"logisticregression__C": 0.3}
    assert steps[2]["parameters"]["C"] == 0.3


def test_tables_that_come_out_as_a_list_are_outputs_like_those_of_a_tuple():
    @step
    def halves(table):
        return [table[:2], table[2:]]

    with record("loans", protected={"sex": "sex"}) as run:
        halves(ROWS)

    [own] = [one for one in run.objects.values() if one["kind"] == "step"]
    assert [run.objects[key]["rows"] for key in own["outputs"]] == [2, 3]


WORDS = [{"sex": one["sex"], "y": "good" if one["y"] else "bad", "d": "grant" if one["d"] else "refuse"} for one in ROWS]


def test_words_count_as_positive_only_if_they_are_said_to_be():
    with record("loans", protected={"sex": "sex"}, label="y", positive=["good", "grant"]) as run:
        said = run.objects[run.data(WORDS)]
        met = run.objects[run.evaluation(WORDS, decision="d")]
    with record("loans", protected={"sex": "sex"}, label="y") as run:
        unsaid = run.objects[run.data(WORDS)]
        with pytest.raises(UsageError, match="`bad`, `good`"):
            run.evaluation(WORDS, decision="d")

    assert said["positive"] == 3
    assert met["counts"][""][""] == {"tp": 2, "fp": 1, "tn": 1, "fn": 1}
    assert "positive" not in unsaid
    assert "positive" not in unsaid["groups"]["sex"]["f"]
    assert unsaid["outcomes"].startswith("not counted: the column `y` holds `bad`, `good`")


def test_a_positive_value_that_nothing_has_is_refused():
    with record("loans", label="y", positive="Gut") as run, pytest.raises(UsageError, match="no value of the column `y`"):
        run.evaluation(WORDS, decision="d")


def test_a_number_is_positive_however_it_is_written():
    rows = [{"class": 2.0}, {"class": 1.0}, {"class": None}]

    with record("loans", label="class", positive=2) as run:
        own = run.objects[run.data(rows)]

    assert (own["positive"], own["rows"]) == (1, 3)


def test_weights_that_are_no_file_are_refused():
    with record("net") as run, run.training("net", objective="l") as net, pytest.raises(UsageError, match="no file of weights"):
        net.checkpoint({"layer": [0.1]})


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
