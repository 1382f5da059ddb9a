"""Replay: both definitions on pipelines whose stages can be set, against an oracle that reruns everything."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum.dialogue.artefacts.turn import STAGES
from probatum.dialogue.semantics.pipelines import Asked, Output, Run, Unanswered
from probatum.dialogue.semantics.replayed import Case, misheard, replay
from probatum.dialogue.semantics.stages import UNKNOWN, first_unrepaired, least_repair

pytest.importorskip("rapidfuzz")

LETTERS = "abc"


class Tables:
    """Three texts become one of three intents, and these one of three things, by tables: real stages that err at will."""

    stages = ("understanding", "resolution")
    digest = ""

    def __init__(self, intents: Mapping[str, str], things: Mapping[str, str], *, resumes: bool = True) -> None:
        self.intents, self.things, self.resumes = intents, things, resumes

    def run(self, asked: Asked) -> Run:
        if asked.given and not self.resumes:
            raise Unanswered("it cannot begin in its middle")
        intent = asked.given.get("understanding", self.intents[asked.text])
        thing = asked.given.get("resolution", self.things[intent])
        return Run(outputs=(Output(stage="understanding", value=intent), Output(stage="resolution", value=thing)), done=True)

    def close(self) -> None:
        pass


tables = st.fixed_dictionaries({letter: st.sampled_from(LETTERS) for letter in LETTERS})
letters = st.sampled_from(LETTERS)


@pytest.mark.slow  # a hundred pipelines
@given(tables, tables, letters, letters, letters, letters, st.booleans())
def test_both_definitions_are_those_of_an_oracle(  # noqa: PLR0917 - what chance may choose
    intents: dict[str, str], things: dict[str, str], heard: str, said: str, meant: str, wanted: str, broke: bool
) -> None:
    """The oracle runs the pipeline with every prefix of right outputs, and tries every start of a run of wrong ones."""
    case = Case(heard=heard, said=said, meant={"understanding": meant, "resolution": wanted}, broke=broke)
    found = replay(case, Tables(intents, things), STAGES)

    got = [heard, intents[heard], things[intents[heard]]]
    should = [said, meant, wanted]
    if got[2] == wanted and not broke:
        assert found.stage == found.least == "correct"
        return
    wrong = [False, *(one != other for one, other in zip(got, should, strict=True)), True]
    starts = [at for at in range(5) if all(wrong[at:])]
    assert found.stage == STAGES[starts[0]]
    outcomes = [things[intents[heard]], things[intents[said]], things[meant], wanted]
    good = [not broke and outcome == wanted for outcome in outcomes] + [True]
    assert found.least == STAGES[good.index(True)]
    assert found.independent == (found.stage != found.least)


@pytest.mark.slow  # as above
@given(st.lists(st.booleans(), min_size=3, max_size=8))
def test_the_first_definition_begins_an_unbroken_run(wrong: list[bool]) -> None:
    stages = [f"s{n}" for n in range(len(wrong) + 1)]
    found = stages.index(first_unrepaired(stages, dict(zip(stages, wrong, strict=False))))

    assert all(wrong[found:])
    assert found == 0 or not wrong[found - 1]


def test_what_is_not_known_is_not_guessed() -> None:
    stages = ("wake", "recognition", "result")

    assert first_unrepaired(stages, {"wake": False}) == UNKNOWN
    assert least_repair(stages, lambda stage: None if stage == "recognition" else False) == UNKNOWN


def test_a_pipeline_that_cannot_be_asked_gives_no_label() -> None:
    class Late(Tables):
        def run(self, asked: Asked) -> Run:
            raise Unanswered("it did not answer within 5 s")

    found = replay(Case(heard="a", right="b"), Late({}, {}), STAGES)

    assert (found.stage, found.least) == (UNKNOWN, UNKNOWN)
    assert "within 5 s" in found.why


def test_a_stage_whose_repair_cannot_be_tried_is_left_open() -> None:
    """Without names and without a way into its middle, nobody can tell what a right understanding would have led to."""
    pipeline = Tables({"a": "a", "b": "b", "c": "c"}, {"a": "a", "b": "b", "c": "c"}, resumes=False)
    found = replay(Case(heard="a", said="a", right="b"), pipeline, STAGES)

    assert (found.stage, found.least) == ("understanding", UNKNOWN)


def test_nobody_spoke_and_nobody_can_do_it_are_no_faults_of_stages_in_between() -> None:
    pipeline = Tables({}, {})

    assert replay(Case(heard="and now the weather", said=""), pipeline, STAGES).stage == "wake"
    assert replay(Case(heard="call my sister", capable=False), pipeline, STAGES).stage == "out of capability"


def test_what_cannot_be_done_with_all_outputs_right_is_out_of_capability() -> None:
    class Unable(Tables):
        def run(self, asked: Asked) -> Run:
            found = super().run(asked)
            return Run(outputs=found.outputs, done=False)

    case = Case(heard="a", said="a", meant={"understanding": "a", "resolution": "b"})

    assert replay(case, Unable({"a": "a"}, {"a": "a"}), STAGES).stage == "out of capability"


def test_stages_may_have_other_names_and_there_may_be_more() -> None:
    """An agent: activation, capture, three stages of its own, result."""

    class Agent:
        stages = ("route", "tool", "arguments")
        digest = ""

        def run(self, asked: Asked) -> Run:
            outputs = [asked.text.upper()]
            for before, after in pairwise(self.stages):
                outputs.append(f"{after} of {asked.given.get(before, outputs[-1])}")
            own = [asked.given.get(stage, value) for stage, value in zip(self.stages, outputs, strict=True)]
            return Run(outputs=tuple(Output(stage=s, value=v) for s, v in zip(self.stages, own, strict=True)), done=True)

        def close(self) -> None:
            pass

    stages = ("activation", "capture", "routing", "tool choice", "arguments", "answer")
    found = replay(Case(heard="refund", right="invoice", said="invoice"), Agent(), stages)

    assert found.stage == found.least == "capture"
    assert found.wrong == stages[1:]


@pytest.mark.parametrize(
    ("heard", "right", "whether"),
    [
        ("open the garbage door", "open the garage door", True),
        ("play maj and dragons", "play imagine dragons", True),
        ("illuminate the bedroom", "turn on the bedroom", False),
        ("open garage door", "open the garage door", False),
        ("turn on the monster", "turn on the bedroom lamp", False),
        ("same words", "Same words!", False),
    ],
)
def test_other_words_are_not_taken_for_misheard_ones(heard: str, right: str, whether: bool) -> None:
    assert misheard(heard, right) == whether


def test_what_was_another_way_to_hear_it_was_misheard() -> None:
    assert misheard("turn on the monster", "play a song", hypotheses=("Play a song.",))
