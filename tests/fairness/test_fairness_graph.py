"""Causal graphs: what is wrong in a drawing, what a drawing says, and what it forbids to claim."""

import itertools
import random

import pytest

from probatum.errors import UnreadableArtefact
from probatum.fairness.artefacts import read
from probatum.fairness.artefacts.graph import Graph, Role, Variable
from probatum.fairness.artefacts.requirements.causal import CausalRequirement
from probatum.fairness.semantics.paths import adjustment, open_path
from probatum.source import Location, Source

POLICY = """\
decision: {table: cohort.csv, label: death}
protected: {race: race}
graph:
  nodes:
    race: group
    age: baseline
    ses: socioeconomic
    risk: clinical
    hospital: site
    death: outcome
  edges:
    - race -> ses, risk, hospital
    - age -> risk -> death
    - ses -> risk -> hospital -> death
    - ses -> hospital
    - ses, age -> death
require:
  - {id: hospital, kind: causal, of: black, against: white, through: hospital, at_most: 0.01}
"""


def policy(text: str):
    [found] = read(Source("fairness.yaml", text.encode()), {})
    return found


def required(text: str) -> CausalRequirement:
    [found] = policy(text).of_kind(CausalRequirement)
    return found


def judged(text: str):
    asked = required(text)
    return adjustment(
        asked.graph,
        group=asked.group,
        outcome=asked.outcome,
        mediators=asked.through,
        allowed=asked.allow,
        chosen=asked.adjust,
        accepted=asked.accept,
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("- ses -> hospital\n", "- ses -> hospitl\n", 15, "did you mean `hospital`?"),
        ("- ses -> hospital\n", "- hospital -> ses\n", 15, "circle"),
        ("- ses -> hospital\n", "- ses -> ses\n", 15, "cause of itself"),
        ("- ses -> hospital\n", "- ses hospital\n", 15, "arrow"),
        ("- ses -> hospital\n", "- ses -> race\n", 15, "cause of the group"),
        ("- ses -> hospital\n", "- ses -> age\n", 15, "baseline"),
        ("- ses -> hospital\n", "- death -> age\n", 15, "baseline"),
        ("site", "sight", 9, "did you mean `site`?"),
        ("death: outcome", "death: clinical", 5, "no node has the role `outcome`"),
        ("through: hospital", "through: hospitals", 18, "did you mean `hospital`?"),
        ("through: hospital", "through: death", 18, "outcome"),
        ("through: hospital", "through: age", 18, "held fixed"),
        ("against: white", "against: black", 18, "compared with itself"),
        ("of: black, ", "", 18, "add `of: ...`"),
        ("ses: socioeconomic", "ses: latent", 0, ""),
    ],
)
def test_a_mistake_in_a_drawing_is_said_with_its_line(old: str, new: str, line: int, said: str):
    if not line:
        assert required(POLICY.replace(old, new, 1)).graph.variables["ses"].column == ""
        return
    with pytest.raises(UnreadableArtefact) as caught:
        policy(POLICY.replace(old, new, 1))

    assert caught.value.location.line == line
    assert said in f"{caught.value.message} {caught.value.help}"


def test_a_causal_claim_without_a_graph_is_refused():
    start, end = POLICY.index("graph:"), POLICY.index("require:")

    with pytest.raises(UnreadableArtefact, match="no causal graph"):
        policy(POLICY[:start] + POLICY[end:])


def test_what_mediator_and_outcome_have_in_common_is_read_off_the_graph():
    found = judged(POLICY)

    assert (found.sets, found.problem) == ((("ses", "risk"),), "")
    assert any("`risk` is partly `ses`" in note for note in found.notes)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("ses: socioeconomic", "ses: latent", "`ses` is not measured"),
        ("through: hospital", "through: hospital, adjust: [risk]", "nothing on it is adjusted for"),
        ("through: hospital", "through: ses, adjust: [risk]", "comes after `ses`"),
        ("through: hospital", "through: hospital, allow: [age, risk]", "write `accept: [risk]`"),
        ("through: hospital", "through: ses, allow: [age, hospital], accept: [hospital]", "comes after `ses`"),
        ("through: hospital", "through: [hospital, ses]", "in causal order"),
        ("through: hospital", "through: [ses, hospital], adjust: [age]", "also depend on each other"),
        ("hospital -> death", "hospital", "no arrows lead"),
    ],
)
def test_a_claim_that_the_drawing_does_not_support_is_refused_with_the_reason(old: str, new: str, said: str):
    assert said in judged(POLICY.replace(old, new, 1)).problem


def test_allowing_for_what_carries_the_disparity_is_possible_if_it_is_said():
    found = judged(POLICY.replace("through: hospital", "through: hospital, allow: [age, risk], accept: [risk]"))

    assert found.problem == ""
    assert "what goes through `ses` to `risk` is allowed for" in found.notes


def test_a_table_of_survivors_only_opens_a_path():
    text = POLICY.replace("    death: outcome\n", "    death: outcome\n    frail: latent\n    transferred: selection\n")
    text = text.replace(
        "    - ses -> hospital\n", "    - ses -> hospital\n    - hospital, frail -> transferred\n    - frail -> death\n"
    )

    assert "collider" in judged(text).problem
    assert judged(text.replace("transferred: selection", "transferred: mediator")).problem == ""


def test_mediators_one_after_the_other_are_adjusted_for_what_stands_between():
    found = judged(POLICY.replace("through: hospital", "through: [ses, hospital]"))

    assert (found.sets, found.problem) == (((), ("risk",)), "")


def made(edges: list[tuple[str, str]], names: list[str]) -> Graph:
    here = Location("g")
    return Graph(
        variables={name: Variable(name=name, role=Role.MEDIATOR, column=name, location=here) for name in names},
        edges=frozenset(edges),
        location=here,
    )


def connected_by_enumeration(graph: Graph, start: str, end: str, given: set[str]) -> bool:
    """Every simple path, with the definition of d-separation on each."""

    def walks(path: list[str]):
        if path[-1] == end:
            yield path
            return
        for following in sorted(graph.parents(path[-1]) | graph.children(path[-1])):
            if following not in path:
                yield from walks([*path, following])

    def is_open(path: list[str]) -> bool:
        for before, at, after in zip(path, path[1:], path[2:], strict=False):
            if (before, at) in graph.edges and (after, at) in graph.edges:
                if not given & ({at} | graph.descendants([at])):
                    return False
            elif at in given:
                return False
        return True

    return any(is_open(path) for path in walks([start]))


def test_dependence_is_decided_as_by_going_through_all_paths():
    chance = random.Random(5)
    names = list("abcdef")
    seen = set()
    for _ in range(40):
        edges = [pair for pair in itertools.combinations(names, 2) if chance.random() < 0.35]
        graph = made(edges, names)
        for start, end in itertools.combinations(names, 2):
            given = {name for name in names if name not in (start, end) and chance.random() < 0.3}
            path = open_path(graph, start, end, given)

            assert bool(path) == connected_by_enumeration(graph, start, end, given), (edges, start, end, given)
            seen.add(bool(path))
    assert seen == {True, False}
