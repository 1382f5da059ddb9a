"""`probatum fairness decompose`: what a person and a program see."""

import json
from pathlib import Path

import numpy as np
import pytest
from reference_data import table as reference_table
from scipy.stats import binom

from probatum.cli import main
from probatum.cli.fairness_decompose import _sites
from probatum.fairness.model.decomposition import everything
from probatum.fairness.model.decomposition import sample as samples
from probatum.fairness.model.decomposition.sites import profiles

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


def test_too_many_rows_that_all_differ_are_refused_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(everything, "MOST_ROWS", 100)

    status, _, err = asked(capsys, str(written(tmp_path)))

    assert status == 2
    assert "rows that all differ" in err
    assert "round covariates" in err


@pytest.mark.slow  # every decomposition there is, twice
def test_rows_that_are_alike_are_counted_together_to_the_same_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    rng = np.random.default_rng(2)
    lines = [f"{'fm'[int(rng.integers(2))]},{int(rng.integers(3))},{int(rng.random() < 0.4)}" for _ in range(500)]
    (tmp_path / "t.csv").write_text("\n".join(["sex,degree,hired", *lines]) + "\n")
    policy = tmp_path / "p.fairness.yaml"
    policy.write_text(
        "decision: {table: t.csv, decision: hired}\nprotected: {sex: sex}\n"
        "require:\n  - {id: merit, kind: decomposition, over: sex, covariates: [degree], at_most: 0.05}\n"
    )

    def found() -> dict[tuple[str, str], tuple[float, float | None]]:
        _, out, _ = asked(capsys, str(policy), "--format", "json")
        [one] = json.loads(out)["decompositions"]
        exact = [split for split in one["splits"] if not split["method"].startswith("fairlie")]  # which matches rows by chance
        return {(split["method"], term["name"]): (term["value"], term["se"]) for split in exact for term in split["terms"]}

    apart = found()
    monkeypatch.setattr(samples, "_ONE_BY_ONE", 0)
    together = found()

    assert together.keys() == apart.keys()
    for key, (value, se) in apart.items():
        assert together[key][0] == pytest.approx(value, abs=1e-8), key
        assert together[key][1] == (None if se is None else pytest.approx(se, rel=1e-5, abs=1e-9)), key


@pytest.mark.slow  # every decomposition there is
def test_the_vignette_of_oaxaca_is_what_the_command_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """R package oaxaca: real wages of Hispanic workers in Chicago by whether they were born abroad."""
    rows = reference_table("oaxaca_chicago/chicago.csv")
    names = ["age", "female", "LTHS", "some.college", "college", "advanced.degree"]
    lines = [",".join([*(n.replace(".", "_") for n in names), "abroad", "wage"])]
    for row in rows:
        values = [row[name] for name in names]
        if all(v not in ("", "NA") for v in (*values, row["foreign.born"], row["ln.real.wage"])):
            lines.append(",".join([*values, row["foreign.born"], repr(float(np.exp(float(row["ln.real.wage"]))))]))
    (tmp_path / "t.csv").write_text("\n".join(lines) + "\n")
    policy = tmp_path / "p.fairness.yaml"
    covariates = ", ".join(n.replace(".", "_") for n in names)
    policy.write_text(
        "decision: {table: t.csv}\nprotected: {abroad: abroad}\nrequire:\n  - {id: wages, kind: decomposition, over: abroad, "
        f'between: ["0", "1"], outcome: wage, covariates: [{covariates}], at_most: 100}}\n'
    )

    status, out, err = asked(capsys, str(policy), "--format", "json")

    assert status == 0, err
    [found] = json.loads(out)["decompositions"]
    [threefold] = [split for split in found["splits"] if {"endowments", "interaction"} <= {t["name"] for t in split["terms"]}]
    values = {term["name"]: term["value"] for term in threefold["terms"]}
    assert values["endowments"] == pytest.approx(1.6165339, abs=1e-6)
    assert values["coefficients"] == pytest.approx(2.8333261, abs=1e-6)
    assert values["interaction"] == pytest.approx(-1.4342857, abs=1e-6)


def test_sites_outside_the_limits_are_named_with_what_was_seen_and_the_limits():
    n, events = [1000] * 40, [100] * 40
    events[3], events[7], events[9] = 160, 50, 122  # the last one beyond its own limits only
    found = profiles([f"s{at}" for at in range(40)], n, events)
    lines = list(_sites(found, 0.95, details=False))

    assert "40, of which 2 differ" in lines[0]
    assert "95% limits for all at once" in lines[0]
    assert lines[1].startswith("    `s3` above the limits: 160 of 1,000 (0.16)")
    assert lines[2].startswith("    `s7` below the limits: 50 of 1,000 (0.05)")
    assert "none of them is shown to differ" in lines[3]
    assert "`s9` above (122 of 1,000" in lines[3]
    for site in found.sites:
        low, high = binom.ppf([0.025 / 40, 1 - 0.025 / 40], 1000, site.expected) / 1000
        assert site.funnel_all == pytest.approx((low, high))
        assert bool(site.outside_all) == (not low <= site.events / site.cases <= high)


def test_no_site_is_named_where_chance_explains_them_all():
    lines = list(_sites(profiles(["a", "b", "c"], [200] * 3, [40, 42, 38]), 0.95, details=False))
    assert len(lines) == 1
    assert "0 differ" in lines[0]
