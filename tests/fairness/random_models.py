"""Random sums of trees, domains and twins, small enough that everybody in a domain can be asked."""

import itertools
import math
from collections.abc import Iterator

import numpy as np

from probatum.fairness.artefacts.models.model import Leaf, Linear, Link, Missing, Network, Node, Rounding, Split, TreeSum
from probatum.fairness.artefacts.twins import Domain, Output, Range, Twins, Values
from probatum.fairness.model.certify.answer import Question
from probatum.fairness.semantics.scoring import linked, raw_score, row_of

FEATURES = ("a", "b", "c", "d")


def random_tree(rng: np.random.Generator, depth: int) -> Node:
    if depth == 0 or rng.random() < 0.15:
        return Leaf(float(rng.normal()))
    feature = int(rng.integers(4))
    left, right = random_tree(rng, depth - 1), random_tree(rng, depth - 1)
    if feature == 3:
        chosen = frozenset(int(v) for v in rng.choice(4, 2, replace=False))
        return Split(feature=3, categories=chosen, missing=Missing.SIDE, left=left, right=right)
    return Split(
        feature=feature,
        threshold=float(rng.integers(0, 5)) + float(rng.choice([0, 0.5])),
        strict=bool(rng.random() < 0.3),
        missing=[Missing.SIDE, Missing.ZERO_IS_MISSING, Missing.AS_ZERO][rng.integers(3)],
        missing_left=bool(rng.random() < 0.5),
        left=left,
        right=right,
    )


def random_question(seed: int) -> Question:
    rng = np.random.default_rng(seed)
    model = TreeSum(
        features=FEATURES,
        trees=tuple(random_tree(rng, 4) for _ in range(int(rng.integers(1, 9)))),
        base=float(rng.normal()),
        divisor=int(rng.choice([1, 3])),
        rounding=list(Rounding)[rng.integers(3)],
        link=list(Link)[rng.integers(2)],
    )
    return question_about(model, rng, missing=True)


def question_about(model, rng: np.random.Generator, *, missing: bool) -> Question:
    features: dict[str, Range | Values] = {
        "a": Range(0, 5, True, missing and bool(rng.random() < 0.3)),
        "b": Range(0, 4, True),
        "c": Values((0.0, 1.0, 2.5)),
        "d": Values((0.0, 1.0, 2.0, 3.0), missing and bool(rng.random() < 0.3)),
    }
    one_hot: dict[str, tuple[str, ...]] = {}
    if rng.random() < 0.3:
        del features["b"], features["c"]
        one_hot = {"g": ("b", "c")}
    other = "g" if one_hot else "c"
    kinds = [Twins(vary=("d",)), Twins(vary=("d", other))]
    if not one_hot:
        kinds += [Twins(vary=("d",), tolerance={"b": 1.0}), Twins(more={"b": int(rng.choice([-1, 1]))})]
    return Question(
        model=model,
        digest="0" * 64,
        domain=Domain(features=features, one_hot=one_hot),
        twins=kinds[rng.integers(len(kinds))],
        output=list(Output)[rng.integers(3)],
        threshold=0.5 if model.link is Link.LOGISTIC else 0.0,
    )


def random_layers(seed: int) -> Question:
    """About a linear score, or a network of three layers."""
    rng = np.random.default_rng(seed)

    def layer(outputs: int, inputs: int):
        weights = tuple(tuple(float(v) for v in line) for line in rng.normal(size=(outputs, inputs)))
        return weights, tuple(float(v) for v in rng.normal(size=outputs))

    link = list(Link)[rng.integers(2)]
    if seed % 2:
        [weights], [bias] = layer(1, 4)
        return question_about(
            Linear(features=("a", "b", "c", "d"), weights=weights, intercept=bias, link=link), rng, missing=False
        )
    network = Network(
        features=("a", "b", "c", "d"),
        layers=(layer(4, 4), layer(3, 4), layer(1, 3)),
        plain=frozenset({1}) if seed % 3 == 0 else frozenset(),
        single=seed % 4 == 0,
        link=link,
    )
    return question_about(network, rng, missing=False)


def everybody(domain: Domain) -> Iterator[dict[str, float]]:
    """Everyone in a domain of whole numbers and values."""
    axes: list[list[dict[str, float]]] = []
    for name, own in domain.features.items():
        values = list(own.values) if isinstance(own, Values) else [float(v) for v in range(int(own.low), int(own.high) + 1)]
        axes.append([{name: value} for value in (*values, *((math.nan,) if own.missing else ()))])
    axes.extend([{column: float(column == one) for column in group} for one in group] for group in domain.one_hot.values())
    for chosen in itertools.product(*axes):
        yield {name: value for part in chosen for name, value in part.items()}


def largest_by_enumeration(question: Question) -> float:
    """The largest difference between any two twins, each of whom is asked about."""
    model, twins, domain = question.model, question.twins, question.domain
    people = list(everybody(domain))
    raw = [raw_score(model, row_of(model, person)) for person in people]
    differing = {column for one in twins.differing() for column in domain.one_hot.get(one, (one,))}
    alike: dict[tuple[str, ...], list[int]] = {}
    for n, person in enumerate(people):
        alike.setdefault(tuple(str(person[name]) for name in model.features if name not in differing), []).append(n)
    best, threshold = -math.inf, question.raw_threshold()
    for group in alike.values():
        for one, two in itertools.product(group, group):
            if not twins.are(people[one], people[two], domain):
                continue
            if question.output is Output.DECISION:
                best = max(best, min(raw[one] - threshold, threshold - raw[two]))
            elif question.output is Output.SCORE:
                best = max(best, linked(model.link, raw[one]) - linked(model.link, raw[two]))
            else:
                best = max(best, raw[one] - raw[two])
    return best
