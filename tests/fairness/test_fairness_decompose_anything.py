"""Tables that nobody would make: decompositions answer or refuse in words, whatever a column holds."""

import warnings

import numpy as np
import pytest

from probatum.errors import ProbatumError
from probatum.fairness.artefacts import read
from probatum.fairness.artefacts.requirements.decomposition import DecompositionRequirement
from probatum.fairness.model.decomposition.everything import everything
from probatum.fairness.recheck import recheck
from probatum.fairness.rules.disparity_unexplained import check
from probatum.fairness.semantics.relation import opened
from probatum.findings import Undecided
from probatum.source import Source
from probatum.tools import Tools

POLICY = """\
decision: {table: t.csv%s}
protected: {g: g}
min_cell: %d
missing: %s
require:
  - {id: u, kind: decomposition, outcome: y, over: g, covariates: {one: [x, j], two: [k]}, at_most: 0.1, site: s%s}
"""


def column(rng: np.random.Generator, n: int, kind: str) -> list[str]:
    match kind:
        case "constant":
            return ["1"] * n
        case "truth":
            return [str(int(v)) for v in rng.random(n) < rng.choice([0.02, 0.5])]
        case "number":
            return [f"{v:.4g}" for v in rng.normal(0, 10.0 ** rng.integers(-3, 9), n)]
        case "name":
            return [f"é '{v}" for v in rng.integers(0, 4, n)]
        case "holes":
            return ["" if rng.random() < 0.3 else f"{v:.3f}" for v in rng.normal(0, 1, n)]
        case "wild":
            return [str(rng.choice(["nan", "inf", "-inf", "1e308", "0", "-1", "NA"])) for _ in range(n)]
        case _:
            return [str(at) for at in range(n)]


KINDS = ("constant", "truth", "number", "name", "holes", "wild", "identifier")


@pytest.mark.slow  # each is decomposed in every way
@pytest.mark.parametrize("seed", range(40))
def test_anything_is_answered_or_refused_in_words(seed: int):
    rng = np.random.default_rng(seed)
    n = int(rng.choice([0, 1, 3, 40, 300]))
    y = column(rng, n, str(rng.choice(["truth", "number", "constant", "holes", "wild"])))
    columns = {
        "g": [f"g{v}" if v else "" for v in rng.integers(0, 4, n)],
        "y": y,
        "x": y if seed % 7 == 0 else column(rng, n, str(rng.choice(KINDS))),
        "j": column(rng, n, str(rng.choice(KINDS))),
        "k": column(rng, n, str(rng.choice(KINDS))),
        "s": [f"s{v}" for v in rng.integers(0, int(rng.choice([1, 12, 60])), n)],
        "c": column(rng, n, "name"),
    }
    text = "\n".join([",".join(columns), *(",".join(row) for row in zip(*columns.values(), strict=True))]) + "\n"
    options = (
        str(rng.choice(["", ", cluster: c"])),
        int(rng.choice([1, 20])),
        str(rng.choice(["own-group", "exclude"])),
        str(rng.choice(["", ", method: kitagawa", ", reference: first", ", between: [g1, g2]"])),
    )
    [policy] = read(Source("fairness.yaml", (POLICY % options).encode()), {})
    inputs = {"data:t.csv": Source("t.csv", text.encode())}

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            outcomes = list(check(policy, Tools(inputs=inputs)))
        except ProbatumError:  # it says what is wrong with the table
            return
        for outcome in outcomes:
            assert outcome.message.isprintable()
            if not isinstance(outcome, Undecided):
                assert recheck(policy, outcome.evidence, inputs).status == "confirmed", outcome
        [required] = policy.of_kind(DecompositionRequirement)
        with opened(inputs["data:t.csv"]) as relation:
            for one in everything(policy, required, relation):
                for term in (term for split in one.splits for term in split.terms):
                    assert np.isfinite(term.value), (term, one.splits)
                    assert term.se is None or np.isfinite(term.se), term
