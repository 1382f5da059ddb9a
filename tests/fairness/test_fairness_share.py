"""Shares of regions in which decisions differ: against asking everybody, and certificates that were altered."""

import copy
import itertools
import math
from dataclasses import replace
from fractions import Fraction

import pytest
from random_models import everybody, random_question

from probatum.errors import UsageError
from probatum.fairness.artefacts.models.model import Linear, Link
from probatum.fairness.artefacts.requirements.individual import Over
from probatum.fairness.artefacts.twins import Domain, Output, Range, Twins, Values
from probatum.fairness.model.certify.answer import Question
from probatum.fairness.model.certify.share import Share, share
from probatum.fairness.recheck.share import walk
from probatum.fairness.semantics.scoring import linked, raw_score, row_of
from probatum.source import digest_of


def asked(question: Question, most_parts: int = 10**6) -> Share:
    return share(question, Over.UNIFORM, None, enough=lambda _low, _high: False, most_parts=most_parts)


def by_asking_everybody(question: Question) -> Fraction:
    """The share of people, none of whom is missing anything that twins share, who have a twin decided on differently."""
    model, domain = question.model, question.domain
    free = {column for one in question.twins.vary for column in domain.one_hot.get(one, (one,))}
    sides: dict[tuple[float, ...], set[bool]] = {}
    for person in everybody(domain):
        shared = tuple(person[name] for name in model.features if name not in free)
        if not any(math.isnan(value) for value in shared):
            decided = linked(model.link, raw_score(model, row_of(model, person))) >= question.threshold
            sides.setdefault(shared, set()).add(decided)
    return Fraction(sum(len(own) > 1 for own in sides.values()), len(sides))


@pytest.mark.parametrize("seed", range(40))
def test_the_share_is_that_of_asking_everybody(seed: int) -> None:
    question = replace(random_question(seed), output=Output.DECISION)
    if not question.twins.vary:
        question = replace(question, twins=Twins(vary=("d",)))
    elif question.twins.tolerance:
        question = replace(question, twins=Twins(vary=question.twins.vary))
    found = asked(question)
    exact = by_asking_everybody(question)
    ends = [Fraction(int(found.certificate[end][0]), int(found.certificate[end][1])) for end in ("lower", "upper")]
    assert ends == [exact, exact]
    assert walk(question.model, found.certificate, None).status == "confirmed"


def test_bounds_hold_whenever_the_search_ends() -> None:
    question = replace(random_question(3), output=Output.DECISION, twins=Twins(vary=("d",)))
    exact = by_asking_everybody(question)
    widths = []
    for parts in (1, 3, 8, 30, 200):
        found = asked(question, parts)
        assert Fraction(found.lower) <= exact + Fraction(1, 10**9)
        assert Fraction(found.upper) >= exact - Fraction(1, 10**9)
        assert walk(question.model, found.certificate, None).status == "confirmed"
        widths.append(found.upper - found.lower)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] == 0


def linear() -> Question:
    model = Linear(features=("x", "y", "sex"), weights=(1.0, 1.0, 0.5), intercept=-1.0, link=Link.IDENTITY)
    domain = Domain(features={"x": Range(0, 1), "y": Range(0, 1), "sex": Values((0.0, 1.0))})
    return Question(
        model=model, digest="0" * 64, domain=domain, twins=Twins(vary=("sex",)), output=Output.DECISION, threshold=0.0
    )


def test_of_a_weighted_sum_it_is_an_area() -> None:
    # x + y - 1 < 0 <= x + y - 1/2: half the square, less a triangle of legs 1/2.
    found = asked(linear(), 6_000)
    assert found.lower < 0.375 < found.upper
    assert found.upper - found.lower < 0.03
    assert walk(linear().model, found.certificate, None).status == "confirmed"


def test_altered_boxes_are_refused() -> None:
    question = replace(random_question(3), output=Output.DECISION, twins=Twins(vary=("d",)))
    found = asked(question)
    boxes = found.certificate["boxes"]
    assert {"differ", "alike"} <= {one for one in boxes if isinstance(one, str)}
    for at, one in enumerate(boxes):
        changed = copy.deepcopy(found.certificate)
        # Another label, or a cut where a box of so many cells has none.
        changed["boxes"][at] = {"differ": "alike", "alike": "differ"}[one] if isinstance(one, str) else [one[0], 99]
        changed["digest"] = digest_of({key: value for key, value in changed.items() if key != "digest"})
        assert walk(question.model, changed, None).status == "refuted"


@pytest.mark.parametrize("end", ["lower", "upper"])
def test_an_altered_bound_is_refused(end: str) -> None:
    found = asked(linear(), 60)
    for place, by in itertools.product((0, 1), (1, -1)):
        changed = copy.deepcopy(found.certificate)
        changed[end][place] = str(int(changed[end][place]) + by)
        assert walk(linear().model, changed, None).status == "refuted"
        changed["digest"] = digest_of({key: value for key, value in changed.items() if key != "digest"})
        assert walk(linear().model, changed, None).status == "refuted"


def test_twins_who_differ_a_little_have_no_share() -> None:
    question = replace(linear(), twins=Twins(vary=("sex",), tolerance={"x": 0.1}))
    with pytest.raises(UsageError, match="in any way"):
        asked(question)
