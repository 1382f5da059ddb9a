"""Which stage each failed request of a log failed at: by replay where the right words are known, by a model otherwise."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probatum.dialogue.artefacts.stage_table import Isolated, StageTable
from probatum.dialogue.model.failures import Failure, Failures
from probatum.dialogue.semantics.pipelines import Pipeline, Run
from probatum.dialogue.semantics.replayed import Case, Replay, replay
from probatum.dialogue.semantics.stages import CORRECT, INCAPABLE, UNKNOWN
from probatum.stats.bounds import relative_entropy

# A context of these decides what words mean; what else is known of a device does not.
_PLACES = ("area", "room", "preferred_area_id")
_STALE = "the pipeline does not do what the log says that it did"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One stage among the failed requests.

    Attributes
    ----------
    stage : str
    turns, least : int
        Failed requests that failed there, by definition A and by definition B.
    users : int
        Users with one, by definition A.
    mean, low, high : float or None
        Mean over users with a failed request of the share of these that failed there, and its bounds, for all stages together; None
        where fewer than two users are known.
    """

    stage: str
    turns: int
    least: int
    users: int
    mean: float | None
    low: float | None
    high: float | None


def isolate(
    failed: Failures,
    pipeline: Pipeline | None,
    stages: Sequence[str],
    *,
    kind: str = "",
    names: Mapping[str, Sequence[str]] | None = None,
    guess: Callable[[Sequence[Failure]], Sequence[tuple[str, float]]] | None = None,
    progress: Callable[[], None] = lambda: None,
) -> StageTable:
    """Isolate the stage of each request that failed.

    Parameters
    ----------
    failed : Failures
    pipeline : Pipeline or None
        None if none can be called.
    stages : sequence of str
    kind, names
        What the table is to say of the pipeline.
    guess : callable, optional
        What a model says of requests that cannot be replayed: a stage, or `unknown`, and its probability.
    progress : callable
        Called before each request; it may raise to end it.
    """
    runs: dict[tuple[Any, ...], Replay] = {}
    found: list[Isolated] = []
    open_: list[int] = []
    for failure in failed.failures:
        progress()
        one = _isolated(failure, pipeline, stages, runs)
        if one.stage == UNKNOWN:
            open_.append(len(found))
        found.append(one)
    _refuse_stale(failed.failures, found)
    if guess is not None and open_:
        # What replay refused for another reason than missing words is not guessed: the words are known, and do not tell.
        rest = [at for at, one in enumerate(found) if one.stage == UNKNOWN and one.right is None]
        guesses = guess([failed.failures[at] for at in rest])
        for at, (stage, p) in zip(rest, guesses, strict=True):
            if stage != UNKNOWN:
                one = found[at]
                found[at] = Isolated(
                    turn=one.turn, right_turn=one.right_turn, stage=stage, least=UNKNOWN, by="model", p=p, why=one.why
                )
    return StageTable(
        stages=tuple(stages),
        told=pipeline.stages if pipeline is not None else (),
        pipeline=kind,
        digest=pipeline.digest if pipeline is not None else "",
        turns=failed.turns,
        rows=tuple(found),
        names=names or {},
    )


def _isolated(
    failure: Failure, pipeline: Pipeline | None, stages: Sequence[str], runs: dict[tuple[Any, ...], Replay]
) -> Isolated:
    if failure.unable:
        return Isolated(turn=failure.turn, stage=INCAPABLE, least=INCAPABLE, by="log")
    if not failure.heard:
        return Isolated(turn=failure.turn, stage=UNKNOWN, least=UNKNOWN, by="replay", why="nothing was heard")
    if pipeline is None or not failure.right:
        why = "no request for the same went well" if not failure.right else "no pipeline can be called"
        return Isolated(turn=failure.turn, right_turn=failure.right_turn, stage=UNKNOWN, least=UNKNOWN, by="replay", why=why)
    context = {name: value for name, value in failure.context.items() if name in _PLACES}
    key = (failure.heard, failure.right, failure.hypotheses, failure.spoken, tuple(sorted(context.items())))
    done = runs.get(key)
    if done is None:
        case = Case(
            heard=failure.heard,
            right=failure.right,
            hypotheses=failure.hypotheses,
            context=context,
            failed=True,
            assumed=not failure.spoken,
        )
        done = runs[key] = replay(case, pipeline, stages)
    return Isolated(
        turn=failure.turn,
        right_turn=failure.right_turn,
        stage=done.stage,
        least=done.least,
        by="replay",
        said="" if done.stage == UNKNOWN else _said(failure, done),
        wrong=done.wrong,
        heard=written(done.heard),
        right=written(done.right),
        why=done.why,
    )


def _said(failure: Failure, done: Replay) -> str:
    return "heard" if done.said == failure.heard else "right" if done.said == failure.right else "other"


def written(run: Run | None) -> tuple[tuple[Any, ...], ...] | None:
    """Return a run as a table of stages has it."""
    if run is None:
        return None
    return tuple((one.stage, one.value, one.ok, one.mentions) for one in run.outputs)


def _refuse_stale(failures: Sequence[Failure], found: list[Isolated]) -> None:
    """Take back what was isolated with a pipeline that understands a request otherwise than it did when the log was written."""
    known = {one.heard[0][1] for one in found if one.heard} | {one.right[0][1] for one in found if one.right}
    for at, (failure, one) in enumerate(zip(failures, found, strict=True)):
        if one.by == "replay" and one.stage != UNKNOWN and one.heard and failure.intent in known - {one.heard[0][1], ""}:
            found[at] = Isolated(
                turn=one.turn,
                right_turn=one.right_turn,
                stage=UNKNOWN,
                least=UNKNOWN,
                by="replay",
                heard=one.heard,
                right=one.right,
                why=_STALE,
            )


def shares(table: StageTable, failed: Failures, *, confidence: float = 0.95) -> list[Share]:
    """Return what is known of each stage, in their order, and of what is no stage.

    Raises
    ------
    ValueError
        If the table is about other requests.
    """
    if [row.turn for row in table.rows] != [one.turn for one in failed.failures]:
        raise ValueError("the table is about other requests")
    names = [*table.stages, CORRECT, INCAPABLE, UNKNOWN]
    units: dict[str, Counter[str]] = defaultdict(Counter)
    for row, failure in zip(table.rows, failed.failures, strict=True):
        units[failure.unit][row.stage] += 1
    every = Counter(row.stage for row in table.rows)
    least = Counter(row.least for row in table.rows)
    found = []
    for name in names:
        mean = low = high = None
        if len(units) >= 2:
            mean = min(1.0, sum(own[name] / own.total() for own in units.values()) / len(units))
            bound = relative_entropy(mean, len(units), confidence=confidence, family=len(names))
            low, high = bound.low or 0.0, 1.0 if bound.high is None else bound.high
        users = sum(own[name] > 0 for own in units.values())
        found.append(Share(stage=name, turns=every[name], least=least[name], users=users, mean=mean, low=low, high=high))
    return found
