"""Counting: the cube says what looking at each row says, whatever columns are called and however values are written."""

import numpy as np
import pandas as pd
import pytest
from held_tables import held, policy_about

from probatum.errors import UnreadableArtefact
from probatum.fairness.semantics.decisions import count
from probatum.fairness.semantics.metrics import Confusion
from probatum.fairness.semantics.relation import opened


def table(seed: int, size: int = 400) -> pd.DataFrame:
    """Columns are called what a query might use itself."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "d0": rng.choice(["a", " a", "b", "b ", "", None], size),
            "k0": rng.choice(["1", "0", " 1", "true", "False", "", None], size),
            "w": rng.choice([1.0, 0.0, np.nan], size),
            "m": rng.random(size).round(2),
            "D_1": rng.integers(1, 5, size) / 4,
            "rows": rng.integers(15, 70, size),
        }
    )


def text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def truth(value: object) -> int | None:
    return {"1": 1, "1.0": 1, "true": 1, "0": 0, "0.0": 0, "false": 0}.get(text(value).lower())


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("decided", ["decision: w", "score: m, threshold: 0.5", "decision: w, positive: '1.0'"])
def test_counts_are_those_of_looking_at_each_row(seed: int, weighted: bool, decided: str):
    frame = table(seed)
    label = "" if "positive" in decided else "label: k0, "
    policy = policy_about(
        f"{label}{decided}{', weight: D_1' if weighted else ''}",
        protected="{group: d0, age: {column: rows, bands: [18, 40, 65]}}",
    )
    with opened(held(frame)) as relation:
        cube = count(policy, relation).cube

    found: dict[tuple[object, ...], list[float]] = {}
    for row in frame.to_dict("records"):
        group = text(row["d0"]) or "(missing)"
        n = row["rows"]
        age = "under 18" if n < 18 else "18-40" if n < 40 else "40-65" if n <= 65 else "over 65"
        decision = int(row["m"] >= 0.5) if "score" in decided else None if np.isnan(row["w"]) else int(row["w"])
        key = (group, age, *([truth(row["k0"])] if label else []), decision)
        mass = row["D_1"] if weighted else 1
        own = found.setdefault(key, [0, 0.0, 0.0])
        own[0], own[1], own[2] = own[0] + 1, own[1] + mass, own[2] + mass * mass
    assert {key: [c.rows, c.weight, c.squares] for key, c in cube.counts.items()} == found
    assert cube.dimensions == ("group", "age", *(["label"] if label else []), "decision")


@pytest.mark.parametrize("missing", [None, np.nan, "nan", "NaN", "<NA>", "null", " "])
@pytest.mark.parametrize("positive", ["", ", positive: 1", ", positive: 1.0"])
def test_what_is_missing_is_no_group_and_no_negative_label(missing: object, positive: str):
    frame = pd.DataFrame({"g": ["a", "b", missing], "y": [1.0, 0.0, np.nan], "d": [1.0, 0.0, 1.0]})

    with opened(held(frame)) as relation:
        cube = count(policy_about(f"label: y, decision: d{positive}"), relation).cube

    assert {key: c.rows for key, c in cube.counts.items()} == {("a", 1, 1): 1, ("b", 0, 0): 1, ("(missing)", None, 1): 1}


def test_true_is_meant_however_a_text_file_spells_it():
    frame = {"g": ["a", "b", "a"], "y": ["True", "FALSE", "true"], "d": ["False", "False", "TRUE"]}
    with opened(held(frame)) as relation:
        cube = count(policy_about("label: y, decision: d, positive: true"), relation).cube

    assert Confusion.of(cube).positive == 2
    assert Confusion.of(cube).selected == 1


def test_label_and_decision_may_have_different_words_for_yes():
    frame = pd.DataFrame({"g": ["a", "b", "b"], "y": [1, 0, 1], "d": ["granted", "refused", "refused"]})

    with opened(held(frame)) as relation:
        cube = count(policy_about("label: y, decision: d, positive: [1, granted]"), relation).cube
        with pytest.raises(UnreadableArtefact, match="`1` or `yes`"):
            count(policy_about("label: y, decision: d, positive: [1, 'yes']"), relation)

    assert {key: c.rows for key, c in cube.counts.items()} == {("a", 1, 1): 1, ("b", 0, 0): 1, ("b", 1, 0): 1}
