"""`probatum fairness decompose`: what a person and a program see."""

import json
from pathlib import Path

import numpy as np
import pytest

from probatum.cli import main

POLICY = """\
decision: {table: t.csv, decision: hired, cluster: %s}
protected: {sex: {column: sex, proxy: true}}
require:
  - {id: merit, kind: decomposition, over: sex, covariates: {school: [degree], work: [years]}, site: office, post_decision: [years]}
"""


def written(folder: Path, rows: int = 600, *, cluster: str = "office") -> Path:
    rng = np.random.default_rng(1)
    lines = ["sex,degree,years,office,hired,pay"]
    for _ in range(rows):
        sex, degree, office = "fm"[int(rng.integers(2))], ["no", "yes"][int(rng.integers(2))], int(rng.integers(15))
        years = f"{rng.normal(5, 2):.3f}" if rng.random() > (0.1 if sex == "f" else 0.0) else ""
        hired = int(rng.random() < 0.3 + 0.2 * (degree == "yes") + 0.1 * (sex == "m"))
        lines.append(f"{sex},{degree},{years},o{office},{hired},{rng.normal(10, 2):.3f}")
    (folder / "t.csv").write_text("\n".join(lines) + "\n")
    policy = folder / "hiring.fairness.yaml"
    policy.write_text((POLICY % cluster).replace(", cluster: }", "}"))
    return policy


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["fairness", "decompose", *arguments])
    seen = capsys.readouterr()
    return status, seen.out, seen.err


@pytest.mark.slow  # every decomposition there is
def test_a_person_sees_parts_doubts_and_that_nothing_is_causal(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    status, out, _ = asked(capsys, str(written(tmp_path)))

    assert status == 0
    for text in ("unexplained", "school", "within sites", "careful (post-decision)", "careful (guessed-group)"):
        assert text in out
    assert "careful (missing-differs)" in out
    assert "says nothing of causes" in out
    assert "clusters are independent" in out


@pytest.mark.slow  # every decomposition there is
def test_a_program_sees_every_number_with_its_interval(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    status, out, _ = asked(capsys, str(written(tmp_path)), "--format", "json")

    [found] = json.loads(out)["decompositions"]
    assert status == 0
    assert json.loads(out)["causal"] is False
    assert found["e_value"]["point"] >= found["e_value"]["limit"] >= 1
    for split in found["splits"]:
        if split["method"].startswith("fairlie"):  # only the error of matching is known
            assert split["terms"][0]["value"] == pytest.approx(split["terms"][1]["value"] + split["terms"][2]["value"])
            continue
        assert sum(split["n"]) > 0
        assert split["assumptions"]
        for term in split["terms"]:
            assert term["low"] <= term["value"] <= term["high"], (split["method"], term)
    assert {split["method"] for split in found["splits"]} >= {
        "gelbach",
        "fairlie, logit",
        "fairlie, probit",
        "oaxaca-blinder, reweighted",
        "reweighting",
        "sites",
        "mundlak",
        "logit, pooled-with-group",
    }


@pytest.mark.slow  # opens a database
def test_few_rows_have_no_answer_and_say_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    status, out, _ = asked(capsys, str(written(tmp_path, 44, cluster="")))

    assert status == 3
    assert "no answer by every method" in out


def test_a_policy_without_decompositions_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    status, _, err = asked(capsys, str(written(tmp_path, 30)), "--requirement", "other")

    assert status == 2
    assert "no decomposition `other`" in err
