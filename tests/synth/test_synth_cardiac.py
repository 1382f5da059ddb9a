"""The simulated cohort: it has the published margins, its truth is true, and it says what it is."""

import csv
import json

import numpy as np
import pytest
from click.testing import CliRunner

from probatum.cli import program
from probatum.errors import UsageError
from probatum.synth.cardiac import COLUMNS, MEDIATORS, NOTICE, Population, margins
from probatum.synth.tables import write

PUBLISHED = {"white": 0.018, "black": 0.025, "clinical": 1.33, "quality": 1.22, "ses": 1.23, "both": 1.16}


def test_the_population_has_the_published_margins():
    assert margins(Population()) == pytest.approx(PUBLISHED, rel=0.006)


def test_parts_add_up_and_all_mediators_together_leave_least():
    population = Population()
    for through in ((), *((name,) for name in MEDIATORS), MEDIATORS):
        found = population.truth(through)

        assert found.initial == pytest.approx(found.reduction + found.remaining)
        assert found.remaining >= population.truth(MEDIATORS).remaining - 1e-12
    assert population.truth(()).reduction == pytest.approx(0, abs=1e-12)
    with pytest.raises(ValueError, match="no mediator"):
        population.truth(["age"])


def test_the_truth_is_what_drawing_patients_would_show():
    """Statuses of white patients of the same age and sex, then what follows for Black ones: drawn, and counted."""
    population, chance = Population(), np.random.default_rng(0)
    size = 400_000
    cells = chance.choice(8, size=size, p=population.baseline[1].ravel())
    age, sex = np.unravel_index(cells, (4, 2))
    ses = (chance.random(size)[:, None] > population.status[0].cumsum()).sum(axis=1)
    risk = (chance.random(size)[:, None] > population.risk[1][age, sex, ses].cumsum(axis=1)).sum(axis=1)
    quality = (chance.random(size)[:, None] > population.quality[0][ses, risk].cumsum(axis=1)).sum(axis=1)
    dead = population.death[1][age, sex, ses, risk, quality]

    # Hospitals are drawn given status alone, so what they have to do with risk is lost.
    alone = (population.joint(0)).sum(axis=3)
    alone /= alone.sum(axis=-1, keepdims=True)
    drawn = (chance.random(size)[:, None] > alone[age, sex, ses].cumsum(axis=1)).sum(axis=1)
    without = population.death[1][age, sex, ses, risk, drawn]

    error = 4 * dead.std() / np.sqrt(size)
    assert population.would_die(["ses", "hospital_quality"]) == pytest.approx(without.mean(), abs=error)


def test_the_same_seed_makes_the_same_patients():
    one, other, third = Population().draw(500, 1), Population().draw(500, 1), Population().draw(500, 2)

    assert all((one[name] == other[name]).all() for name in COLUMNS)
    assert any((one[name] != third[name]).any() for name in COLUMNS)
    assert list(one) == list(COLUMNS)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_made_table_says_so_everywhere(tmp_path, ending: str):
    place = tmp_path / f"cohort.{ending}"

    done = CliRunner().invoke(program, ["fairness", "simulate", "cardiac", "--rows", "200", "--out", str(place)])

    assert done.exit_code == 0, done.output
    assert "SIMULATED" in done.output
    beside = json.loads((tmp_path / f"cohort.{ending}-metadata.json").read_text())
    assert beside["dc:description"] == NOTICE
    assert all(
        "simulated" in column["dc:description"] or column["name"] == "simulated" for column in beside["tableSchema"]["columns"]
    )
    if ending == "csv":
        rows = list(csv.DictReader(place.read_text().splitlines()))
        assert len(rows) == 200
        assert {row["simulated"] for row in rows} == {"true"}
        return
    import pyarrow.parquet as pq

    table = pq.read_table(place)
    assert table.num_rows == 200
    assert table.column("simulated").to_pylist() == [True] * 200
    written = pq.read_metadata(place).metadata
    assert written[b"notice"].decode() == NOTICE
    assert all("simulated" in written[f"column {name}".encode()].decode() for name in COLUMNS if name != "simulated")


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(UsageError, match="neither Parquet nor CSV"):
        write({}, tmp_path / "cohort.xlsx", notice="", described={}, made_by={})


@pytest.mark.slow  # a cohort large enough that rare deaths say something
@pytest.mark.timeout(300)
@pytest.mark.parametrize("mediator", MEDIATORS)
def test_estimators_recover_the_truth_within_their_intervals(mediator: str):
    from probatum.fairness.model.causal.reduction import doubly_robust
    from probatum.fairness.semantics.causal_sample import CausalSample

    population = Population()
    drawn = population.draw(60_000, 5)

    def indicators(name: str) -> np.ndarray:
        values, codes = np.unique(drawn[name], return_inverse=True)
        return np.eye(len(values))[codes][:, 1:]

    before = {"ses": (), "risk": ("ses",), "hospital_quality": ("ses", "risk")}[mediator]
    levels, codes = np.unique(drawn[mediator], return_inverse=True)
    sample = CausalSample(
        group=(drawn["race"] == "black").astype(np.int64),
        outcome=drawn["death_30d"].astype(float),
        mediator=codes,
        levels=tuple(levels.tolist()),
        confounders=np.column_stack([np.empty((60_000, 0)), *(indicators(name) for name in before)]),
        baseline=np.column_stack([indicators("age"), indicators("sex")]),
    )

    found, truth = doubly_robust(sample), population.truth([mediator])

    for part in ("initial", "reduction", "remaining"):
        low, high = getattr(found, part).interval(0.999)
        assert low <= getattr(truth, part) <= high
