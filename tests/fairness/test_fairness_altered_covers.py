"""A cover in which one number was changed is refused; signed again, it proves nothing that is not so: of every kind of model."""

import json
import random

import pytest
from random_models import largest_by_enumeration, random_layers, random_question

from json_numbers import numbers
from probatum.errors import ProbatumError
from probatum.fairness.artefacts.twins import Domain, Output, Twins
from probatum.fairness.model.certify.answer import Question, answer
from probatum.fairness.recheck.twins import walk
from probatum.source import digest_of

ENDS = ("refused", "true all the same", "no change", "nothing is claimed")  # what is false and not refused is none of them
KINDS = {"trees": random_question, "layers": random_layers}


def altered(cover: dict, chance: random.Random) -> dict:
    """Change one number: of the claim by whole steps, of the proof by steps small and large."""
    path = chance.choice(list(numbers({key: value for key, value in cover.items() if key != "digest"})))
    found = json.loads(json.dumps(cover))
    inner = found
    for step in path[:-1]:
        inner = inner[step]
    sign = chance.choice((-1, 1))
    by = 1 if path[0] in ("domain", "twins") else chance.choice((1e-9, 1e-3, 0.25, 1, 40))
    inner[path[-1]] += sign * by
    return found


def holds(question: Question, cover: dict) -> bool:
    """Whether what an altered cover claims is so, by asking everybody of whom it speaks."""
    spoken = Question(
        model=question.model,
        digest=question.digest,
        domain=Domain.from_json(cover["domain"]),
        twins=Twins.from_json(cover["twins"]),
        output=Output(cover["output"]),
        threshold=cover["threshold"] if cover["output"] == "decision" else question.threshold,
    )
    best = largest_by_enumeration(spoken)
    if spoken.output is Output.DECISION:
        return best <= 0  # nobody is decided on differently
    return best <= cover["bound"] + 1e-5 * (1 + abs(best))  # of networks and sums of 32 bits, rounding comes on top


def trial(kind: str, seed: int) -> str:
    """Change one number of one cover, and say what became of it."""
    chance = random.Random(seed)
    question = KINDS[kind](seed)
    found = answer(question, most_parts=15)
    cover = json.loads(json.dumps(found.certificate))
    limit = 0.0 if question.output is Output.DECISION else float("inf")
    if question.output is Output.DECISION and found.upper >= 0:
        return "nothing is claimed"
    assert walk(question.model, cover, limit).status == "confirmed"
    changed = altered(cover, chance)
    if changed == cover:
        return "no change"
    assert walk(question.model, changed, limit).status == "refuted", "it is signed"
    changed["digest"] = digest_of({key: value for key, value in changed.items() if key != "digest"})
    try:
        said = walk(question.model, changed, limit)
    except ProbatumError:
        return "refused"
    if said.status != "confirmed":
        return "refused"
    return "true all the same" if holds(question, changed) else f"false, and confirmed: {changed}"


@pytest.mark.parametrize("seed", range(4))
def test_one_changed_number_of_a_cover_of_trees_is_refused_or_leaves_what_is_true(seed: int):
    assert trial("trees", seed) in ENDS


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_of_two_hundred_changes_none_proves_what_is_not_so(kind: str, seed: int):
    assert trial(kind, seed) in ENDS


@pytest.mark.slow
def test_changes_are_refused_where_they_matter():
    assert [trial("trees", seed) for seed in range(1000, 1020)].count("refused") > 4
