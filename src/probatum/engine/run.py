"""Run a plan: what is remembered is looked up, the rest is done in children and remembered as it arrives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probatum.engine.options import Progress
from probatum.engine.payload import lazy
from probatum.engine.plan import Job, Plan
from probatum.engine.rules import UNREADABLE, UNSUPPORTED
from probatum.engine.state import Memory
from probatum.engine.workers import Workers
from probatum.errors import EvidenceError
from probatum.findings import Defect, Outcome, Undecided, Why, outcome_from_json
from probatum.runner import Crashed, Done, Failed, OutOfMemory, Result, TimedOut
from probatum.source import Location

# These say something about this run or this machine, not about the artefact: the next run asks again.
_passing = {Why.TIME_LIMIT.value, Why.MEMORY_LIMIT.value, Why.CRASHED.value, Why.MISSING_EXTRA.value}


@dataclass(slots=True)
class Answer:
    """What came back for one task.

    Attributes
    ----------
    value : dict
        See `work.check_artefact`; besides, ``{"memory": bytes}``, ``{"crash": detail}``
        and ``{"changed": true}``.
    confirmed : bool
        Whether the evidence of its findings was confirmed in an earlier check.
    """

    value: Mapping[str, Any]
    confirmed: bool = False


def run(
    plan: Plan, base: str, memory: Memory, workers: Workers, progress: Progress, *, soft_s: float, use_cache: bool
) -> dict[str, Answer]:
    """Give every task of the plan an answer, under its key."""
    keys = [key for job in plan.jobs for key in job.tasks.values()]
    known = memory.look_up(keys) if use_cache else {}
    answers = {key: Answer(remembered.value, remembered.confirmed) for key, remembered in known.items()}
    waiting = [
        (job, missing) for job in plan.jobs if (missing := [rule for rule, key in job.tasks.items() if key not in answers])
    ]
    if not waiting:
        return answers
    left_before = memory.look_up([job.kept for job, _ in waiting]) if use_cache else {}
    kept: dict[str, Any] = {key: remembered.value["kept"] for key, remembered in left_before.items()}
    progress.start(sum(len(rules) for _, rules in waiting))
    try:
        while waiting:
            again: list[tuple[Job, list[str]]] = []
            for job, results, left in _done(waiting, base, workers, memory, kept=kept, soft_s=soft_s):
                memory.put_many([(job.tasks[rule], value) for rule, value in _lasting(results, together=job.entry.shares_work)])
                answers |= {job.tasks[rule]: Answer(_lazy(value)) for rule, value in results.items()}
                again += [(job, [rule]) for rule in left]
                progress.advance(len(results), job.path)
            # INVARIANT: a job with one rule leaves none, so this ends after the second round.
            waiting = again
    finally:
        progress.finish()
    return answers


def _done(
    waiting: Sequence[tuple[Job, list[str]]],
    base: str,
    workers: Workers,
    memory: Memory,
    *,
    kept: dict[str, Any],
    soft_s: float,
) -> Iterator[tuple[Job, dict[str, Any], list[str]]]:
    """For each job as it is done: its results by rule, and the rules that must be tried alone."""
    for limits in sorted({job.limits for job, _ in waiting}, reverse=True):
        own = [(job, rules) for job, rules in waiting if job.limits == limits]
        # One by one as they are needed: with what it is measured against, an item can be large.
        items = (
            job.item(base, soft_s * job.limits)
            | {"rules": {rule: job.modules[rule] for rule in rules}, "kept": kept.get(job.kept, {})}
            for job, rules in own
        )
        for result in workers.map("check_artefact", items, len(waiting), limits):
            job, rules = own[result.index]
            if isinstance(result, Done) and "kept" in result.value:
                kept[job.kept] = result.value["kept"]
                memory.put_many([(job.kept, {"kept": kept[job.kept]})])
            results = _results(result, rules, together=job.entry.shares_work)
            if results is None:
                yield job, {}, rules
            else:
                yield job, results, [rule for rule in rules if rule not in results]


def _results(result: Result, rules: list[str], *, together: bool) -> dict[str, Any] | None:
    """Results by rule; None if several rules share a failure of which one of them is the cause."""
    match result:
        case Done(value={"changed": True}):
            return {rule: {"changed": True} for rule in rules}
        case Done(value=value):
            return dict(value["rules"])
        case _ if len(rules) > 1 and not together:
            return None
        case TimedOut(limit_s=limit):
            failure: dict[str, Any] = {"time": limit}
        case OutOfMemory(limit_bytes=limit_bytes):
            failure = {"memory": limit_bytes}
        case Crashed(detail=detail):
            failure = {"crash": detail}
        case Failed(error=error, message=message, traceback=trace):
            failure = {"defect": {"message": f"{error}: {message}", "detail": trace}}
    return {rule: failure for rule in rules}  # noqa: C420 - nobody changes it


def _lazy(value: Mapping[str, Any]) -> Mapping[str, Any]:
    return {**value, "outcomes": [lazy(outcome) for outcome in value["outcomes"]]} if "outcomes" in value else value


def _lasting(results: Mapping[str, Any], *, together: bool) -> list[tuple[str, Any]]:
    """Return the results that would be the same next time.

    Of rules that share their work one says what the clock left undone: what the others have no word about was left out too.
    """
    if together and any(_late(value) for value in results.values()):
        return []
    return [(rule, value) for rule, value in results.items() if _lasts(value)]


def _late(value: Mapping[str, Any]) -> bool:
    return "time" in value or any(outcome["why"] == Why.TIME_LIMIT.value for outcome in value.get("outcomes", ()))


def _lasts(value: Mapping[str, Any]) -> bool:
    """Whether a result would be the same next time."""
    match value:
        case {"outcomes": outcomes}:
            return not any(outcome["why"] in _passing for outcome in outcomes)
        case {"problem": {"kind": kind}}:
            return bool(kind != "missing-extra")
        case _:
            return False


def said(job: Job, rule: str, value: Mapping[str, Any], soft_s: float) -> tuple[list[Outcome], list[Defect]]:
    """Turn the result of a task into outcomes and defects of ours."""
    where = Location(job.path)

    def undecided(why: Why, reason: str, *, by: str = rule, at: Location = where) -> tuple[list[Outcome], list[Defect]]:
        return [
            Undecided(rule=by, subject=job.path, location=at, why=why, reason=reason, anchor=() if by == rule else (reason,))
        ], []

    match value:
        case {"outcomes": outcomes}:
            try:
                return [outcome_from_json(lazy(outcome)) for outcome in outcomes], []
            except EvidenceError as error:
                return [], [Defect(rule=rule, subject=job.path, location=where, message=error.message)]
        case {"problem": problem}:
            place = Location.from_json(problem["location"]) if problem["location"] is not None else where
            reason = problem["message"] + (f": {problem['help']}" if problem["help"] else "")
            match problem["kind"]:
                case "missing-extra":
                    return undecided(Why.MISSING_EXTRA, reason, at=place)
                case "unsupported":
                    return undecided(Why.UNSUPPORTED, reason, by=UNSUPPORTED, at=place)
                case _:
                    return undecided(Why.UNREADABLE, reason, by=UNREADABLE, at=place)
        case {"changed": True}:
            return undecided(Why.UNREADABLE, f"`{job.path}` changed while it was being checked: check again", by=UNREADABLE)
        case {"time": _}:
            return undecided(
                Why.TIME_LIMIT, f"no answer within {soft_s * job.limits:g} s: raise `timeout` in `[check]` to wait longer"
            )
        case {"memory": limit}:
            size = f" of {limit / 2**20:,.0f} MiB" if limit else ""
            return undecided(Why.MEMORY_LIMIT, f"it needs more memory than the limit{size}: raise `memory-mb` in `[check]`")
        case {"crash": detail}:
            first = str(detail).strip().split("\n", 1)[0]
            return undecided(Why.CRASHED, f"the process that worked on it crashed ({first}): report it, with the file")
        case {"defect": defect}:
            return [], [Defect(rule=rule, subject=job.path, location=where, message=defect["message"], detail=defect["detail"])]
        case _:
            return [], [Defect(rule=rule, subject=job.path, location=where, message="a result has no known shape")]
