"""How much a model tells twins apart: search, enumeration and the checker of its covers agree, and altered covers do not pass."""

import copy
import json
import math

import pytest
from random_models import largest_by_enumeration, random_layers, random_question

from json_numbers import numbers
from probatum.errors import UsageError
from probatum.fairness.artefacts.models.model import Linear, Link, Network
from probatum.fairness.artefacts.twins import Domain, Output, Range, Twins, Values
from probatum.fairness.model.certify.answer import Question, answer
from probatum.fairness.recheck.twins import replay, walk
from probatum.source import digest_of


def confirmed(question: Question, found) -> bool:
    """Whether the checker accepts both ends of an answer."""
    if question.output is Output.DECISION:
        return found.upper >= 0 or walk(question.model, found.certificate, 0.0).status == "confirmed"
    if walk(question.model, found.certificate, found.upper).status != "confirmed":
        return False
    below = math.nextafter(found.lower, -math.inf)
    said = replay(question.model, question.domain, question.twins, question.output, question.threshold, below, found.pair)
    return said.status == "confirmed"


@pytest.mark.parametrize("seed", [*range(20), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(20, 220))])
def test_search_agrees_with_asking_everybody(seed: int):
    question = random_question(seed)

    found = answer(question)

    best = largest_by_enumeration(question)
    if question.output is Output.DECISION and best <= 0:
        assert found.upper <= 1e-8  # how far from a threshold nobody crosses is not asked
    else:
        assert found.lower == pytest.approx(best, abs=1e-9)
        assert best <= found.upper <= best + 1e-8
    assert confirmed(question, found)


def test_what_a_linear_score_raises_cannot_be_lower_for_more_of_it():
    rising = Linear(features=("age", "sex"), weights=(0.1, -0.5), intercept=-4.0, link=Link.LOGISTIC)
    for output in (Output.RAW, Output.SCORE, Output.DECISION):
        question = Question(model=rising, digest="", domain=PEOPLE, twins=Twins(more={"age": 1}), output=output)
        found = answer(question)
        assert found.upper <= 0
        assert walk(rising, found.certificate, 0.0).status == "confirmed"


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(40))
def test_linear_scores_and_networks_agree_with_asking_everybody(seed: int):
    question = random_layers(seed)

    found = answer(question)

    best = largest_by_enumeration(question)
    if question.output is Output.DECISION and best <= 0:
        assert found.upper <= 1e-8
        assert confirmed(question, found)
        return
    near = (2e-3 if isinstance(question.model, Network) and question.model.single else 1e-4) * (1 + abs(best))
    assert found.lower == pytest.approx(best, abs=near)
    assert best - 1e-9 <= found.upper <= best + near
    assert confirmed(question, found)


def changed(value, path, by: float):
    found = copy.deepcopy(value)
    at = found
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] += by
    return found


@pytest.fixture(scope="module")
def proved() -> tuple[Question, dict, float]:
    question = next(
        q for q in map(random_question, range(100)) if q.output is Output.RAW and len(answer(q).certificate["cover"]) > 15
    )
    found = answer(question)
    return question, json.loads(json.dumps(found.certificate)), found.upper


def test_a_cover_in_which_one_number_was_changed_is_rejected(proved):
    question, cover, upper = proved

    accepted = [
        path
        for path in numbers(cover)
        for by in (1, -1, 1e-9)
        if changed(cover, path, by) != cover and walk(question.model, changed(cover, path, by), upper + 5).status == "confirmed"
    ]

    assert accepted == []


@pytest.mark.slow
def test_a_cover_that_was_changed_and_signed_again_proves_only_what_is_true(proved):
    question, cover, _ = proved
    best = largest_by_enumeration(question)

    for path in numbers(cover["cover"], ("cover",)):
        for by in (0.5, -0.5):
            altered = changed(cover, path, by)
            altered["digest"] = digest_of({key: value for key, value in altered.items() if key != "digest"})
            if walk(question.model, altered, math.inf).status == "confirmed":
                assert altered["bound"] >= best
    lowered = changed(cover, ("bound",), -0.01)
    lowered["digest"] = digest_of({key: value for key, value in lowered.items() if key != "digest"})
    assert walk(question.model, lowered, math.inf).status == "refuted"


@pytest.mark.parametrize("cut", [1, 2, -1])
def test_a_cover_that_leaves_something_out_is_rejected(proved, cut: int):
    question, cover, upper = proved
    short = {**cover, "cover": cover["cover"][:cut]}
    short["digest"] = digest_of({key: value for key, value in short.items() if key != "digest"})

    assert walk(question.model, short, upper).status == "refuted"


def test_a_box_with_people_in_it_cannot_be_called_empty(proved):
    question, cover, upper = proved
    nobody = {**cover, "cover": [None]}
    nobody["digest"] = digest_of({key: value for key, value in nobody.items() if key != "digest"})

    assert walk(question.model, nobody, upper).status == "refuted"


def test_a_pair_that_is_no_pair_of_twins_does_not_replay(proved):
    question, _, _ = proved
    found = answer(question)
    first, second = found.pair
    stranger = {**second, "a": second["a"] + 1 if second["a"] < 5 else 0.0}

    said = replay(question.model, question.domain, question.twins, question.output, 0.5, -math.inf, (first, stranger))

    assert said.status == "refuted"


LINEAR = Linear(features=("age", "sex"), weights=(0.1, 0.5), intercept=-4.0, link=Link.LOGISTIC)
PEOPLE = Domain(features={"age": Range(18, 90), "sex": Values((0.0, 1.0))})


def test_the_gap_of_a_linear_score_is_its_weight():
    found = answer(Question(model=LINEAR, digest="", domain=PEOPLE, twins=Twins(vary=("sex",)), output=Output.RAW))

    assert found.lower == pytest.approx(0.5)
    assert found.upper == pytest.approx(0.5, abs=1e-6)


def test_the_gap_of_a_probability_is_largest_in_the_middle():
    found = answer(Question(model=LINEAR, digest="", domain=PEOPLE, twins=Twins(vary=("sex",)), output=Output.SCORE))

    assert found.upper == pytest.approx(math.tanh(0.5 / 4), abs=1e-5)


@pytest.mark.parametrize(
    ("domain", "twins", "said"),
    [
        (Domain(features={"age": Range(18, 90)}), Twins(vary=("age",)), "`sex`"),
        (PEOPLE, Twins(vary=("race",)), "`race`"),
        (PEOPLE, Twins(vary=("sex",), tolerance={"sex": 1}), "two ways"),
        (Domain(features={"age": Range(18, 90, missing=True), "sex": Values((0.0,))}), Twins(vary=("sex",)), "missing"),
        (Domain(features={**PEOPLE.features, "agee": Range(0, 1)}), Twins(vary=("sex",)), "`agee`"),
    ],
)
def test_a_question_that_does_not_fit_the_model_is_refused(domain: Domain, twins: Twins, said: str):
    with pytest.raises(UsageError) as caught:
        answer(Question(model=LINEAR, digest="", domain=domain, twins=twins, output=Output.RAW))

    assert said in caught.value.message


def test_a_search_that_is_stopped_early_keeps_valid_bounds():
    question = next(q for q in map(random_question, range(100)) if answer(q).parts > 5)
    best = largest_by_enumeration(question)

    for parts in range(5):
        found = answer(question, most_parts=parts)
        assert found.lower <= best + 1e-9
        assert best <= found.upper
        assert found.pair is None or confirmed(question, found)
