"""Replay: what was heard and the right words, run through the same pipeline, stage by stage, and the stage that this isolates.

Deterministic: the same case and pipeline give the same answer, so both runs are evidence. What an output should have been is
read off the run on the right words, or said by a person.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.semantics.pipelines import Asked, Output, Pipeline, Run, Unanswered
from probatum.dialogue.semantics.sounds import apart
from probatum.dialogue.semantics.stages import CORRECT, INCAPABLE, UNKNOWN, first_unrepaired, least_repair

# Of pairs of words that recognisers confused, half are nearer; of random pairs, three in a thousand.
MISHEARD = 0.5
_ALONE = 1  # word more or less, beside words that sound alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request to isolate.

    Attributes
    ----------
    heard : str
        What the assistant heard.
    right : str
        Words that bring about what was wanted; "" if none are known.
    said : str or None
        What was really said: "" if nobody spoke to it; None if that is not known. Then it is taken for the right words, if these
        sound like what was heard or were among the other ways to hear it; for another way to hear it, if that does the same as the right
        words; and otherwise for what was heard, if that may be `assumed`.
    hypotheses : tuple of str
        Other ways to hear it.
    meant : mapping of str to str
        Stage -> its right output, where a person says so, for what was said. Without it, what the right words give.
    context : mapping of str to str
    capable : bool
        Whether the assistant is made for what was wanted.
    failed : bool or None
        Whether the request failed; None if that is to be read off the runs: it did if it was not done, or did something else
        than the right words do.
    broke : bool
        Whether the result itself failed, as the log says: with the right outputs before it, it would have failed too.
    assumed : bool
        Whether what was heard is taken for what was said where other words are all that is known. Where speech is recognised, those
        who find other words may have been misheard all the same.
    """

    heard: str
    right: str = ""
    said: str | None = None
    hypotheses: tuple[str, ...] = ()
    meant: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, str] = field(default_factory=dict)
    capable: bool = True
    failed: bool | None = None
    broke: bool = False
    assumed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What replay tells.

    Attributes
    ----------
    stage : str
        Definition A: a stage, or `correct`, `out of capability` or `unknown`.
    least : str
        Definition B.
    wrong : tuple of str
        Stages whose outputs were not right.
    heard, right : Run or None
        Both runs; None where there was none.
    said : str
        What was taken for what was said.
    why : str
        Where it is unknown, why; a clause.
    """

    stage: str
    least: str
    wrong: tuple[str, ...] = ()
    heard: Run | None = None
    right: Run | None = None
    said: str = ""
    why: str = ""

    @property
    def independent(self) -> bool:
        """Whether two faults are independent: mending the stage alone would not have helped."""
        return UNKNOWN not in (self.stage, self.least) and self.stage != self.least


def misheard(heard: str, right: str, hypotheses: Sequence[str] = ()) -> bool:
    """Return whether right words are what was said and misheard, rather than other words for the same.

    They are where they were among the other ways to hear it, or where the parts in which they differ sound alike.
    """
    one, other = normalised(heard), normalised(right)
    if one == other:
        return False
    if other in {normalised(text) for text in hypotheses}:
        return True
    replaced, alone = _differences(one.split(), other.split())
    size = sum(len(old) + len(new) for old, new in replaced)
    far = sum(apart(old, new) * (len(old) + len(new)) for old, new in replaced)
    return bool(replaced) and far <= MISHEARD * size and alone <= _ALONE


def _differences(one: list[str], other: list[str]) -> tuple[list[tuple[str, str]], int]:
    """Return the parts of two texts that stand for each other, and how many words stand for nothing in the other."""
    from rapidfuzz.distance import Levenshtein

    replaced: list[tuple[str, str]] = []
    old: list[str] = []
    new: list[str] = []
    alone = 0
    for step in [*Levenshtein.opcodes(one, other), None]:
        if step is not None and step.tag != "equal":
            old += one[step.src_start : step.src_end]
            new += other[step.dest_start : step.dest_end]
        elif old and new:
            replaced.append((" ".join(old), " ".join(new)))
            old, new = [], []
        else:
            alone += len(old) + len(new)
            old, new = [], []
    return replaced, alone


def replay(case: Case, pipeline: Pipeline, stages: Sequence[str]) -> Replay:
    """Run a case, and isolate its stage.

    Parameters
    ----------
    case : Case
    pipeline : Pipeline
    stages : sequence of str
        All of them in their order: activation, input, those that the pipeline tells of, result.
    """
    said = case.said
    known = said is not None
    if said is None:
        known = bool(case.right) and misheard(case.heard, case.right, case.hypotheses)
        said = case.right if known else case.heard
    if not said.strip():
        return Replay(stage=stages[0], least=stages[0], wrong=(stages[0],), said=said)
    if not case.capable:
        return Replay(stage=INCAPABLE, least=INCAPABLE, said=said)
    trial = _Trial(case, pipeline, tuple(stages), said, known)
    try:
        return trial.replayed()
    except Unanswered as problem:
        return trial.unknown(f"the pipeline gives no answer: {problem}")


@dataclass(slots=True)
class _Trial:
    """A case while it is replayed; `said` is what was taken for what was said."""

    case: Case
    pipeline: Pipeline
    stages: tuple[str, ...]
    said: str
    known: bool  # whether that was what was said, and not only what was heard
    heard: Run | None = None
    right: Run | None = None
    told: dict[str, str] = field(init=False)  # a pipeline has its own names for stages
    should: dict[str, Output] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.told = dict(zip(self.pipeline.stages, self.stages[2:-1], strict=True))

    @property
    def last(self) -> str:
        """The last stage that the pipeline tells of: what it would do."""
        return self.stages[-2]

    def unknown(self, why: str) -> Replay:
        return self._told(UNKNOWN, UNKNOWN, why=why)

    def replayed(self) -> Replay:
        case, stages = self.case, self.stages
        self.heard = self._run(case.heard)
        self.right = self._run(case.right) if case.right else None
        known = self._by_stage(self.right) if self.right is not None and self.right.done else {}
        for stage in stages[2:-1]:
            if stage in case.meant:
                self.should[stage] = Output(stage=stage, value=case.meant[stage])
            elif stage in known:
                self.should[stage] = known[stage]
            else:
                no_words = "no words are known that do what was wanted"
                return self.unknown(no_words if self.right is None else "the pipeline does not do the right words either")
        if all(stage in case.meant for stage in stages[2:-1]) and self._cannot():
            return self._told(INCAPABLE, INCAPABLE)
        if not self.known and not self._brings(self.heard):
            self.said = next((text for text in case.hypotheses if self._brings(self._run(text))), self.said)
            self.known = self.said != case.heard
        got = self._by_stage(self.heard)
        wrong: dict[str, bool | None] = {stages[0]: False, stages[1]: normalised(case.heard) != normalised(self.said)}
        wrong |= {stage: not self._is_right(got.get(stage), self.should[stage]) for stage in stages[2:-1]}
        works = self.heard.done and not wrong[self.last]
        failed = case.failed if case.failed is not None else not works or case.broke
        if not failed:
            return self._told(CORRECT, CORRECT, tuple(stage for stage in stages if wrong.get(stage)))
        if not self.known and not case.assumed and any(wrong.values()):
            return self.unknown("other words worked, which does not tell whether it was misheard")
        wrong[stages[-1]] = True

        def repaired(stage: str) -> bool | None:
            # Where all outputs so far were right, putting them in gives the run that failed.
            if case.broke or not any(wrong[one] for one in stages[: stages.index(stage) + 1]):
                return False
            if stage == stages[1]:
                return self._brings(self._run(self.said))
            return True if stage == self.last else self._resumed(stage)

        least = least_repair(stages, repaired)
        return self._told(first_unrepaired(stages, wrong), least, tuple(stage for stage in stages if wrong[stage]))

    def _cannot(self) -> bool:
        """Return whether even the right outputs, put in by hand, are not done."""
        try:
            return not self._run(self.said, {own: self.should[name].value for own, name in self.told.items()}).done
        except Unanswered:
            return False

    def _told(self, stage: str, least: str, wrong: tuple[str, ...] = (), why: str = "") -> Replay:
        return Replay(stage=stage, least=least, wrong=wrong, heard=self.heard, right=self.right, said=self.said, why=why)

    def _run(self, text: str, given: Mapping[str, str] | None = None) -> Run:
        return self.pipeline.run(Asked(text=text, context=self.case.context, given=given or {}))

    def _by_stage(self, run: Run) -> dict[str, Output]:
        return {self.told[one.stage]: one for one in run.outputs}

    def _is_right(self, got: Output | None, should: Output) -> bool:
        if got is None or got.value != should.value:
            return False
        if got.mentions is None or should.mentions is None or got.mentions == should.mentions:
            return True
        # A name that was said is rightly taken for a name, whatever it turns out to stand for.
        return self._were_said(got.mentions)

    def _were_said(self, mentions: Sequence[str]) -> bool:
        words = f" {normalised(self.said)} "
        return all(f" {normalised(mention)} " in words for mention in mentions)

    def _brings(self, run: Run) -> bool:
        """Return whether a run does what was wanted."""
        did = self._by_stage(run).get(self.last)
        return run.done and did is not None and did.value == self.should[self.last].value

    def _resumed(self, stage: str) -> bool | None:
        """Return whether the outcome is right with the right outputs up to a stage, and the rest run."""
        given = {own: self.should[name].value for own, name in self.told.items() if self._not_after(name, stage)}
        try:
            return self._brings(self._run(self.said, given))
        except Unanswered:
            # It cannot begin in its middle. The right output names things by words that were said: the ones of the right words
            # bring about what these did; where they were not said, what was said stands for something else, or for nothing.
            mentions = self.should[stage].mentions
            return None if mentions is None else self._were_said(mentions)

    def _not_after(self, one: str, other: str) -> bool:
        return self.stages.index(one) <= self.stages.index(other)
