"""Nothing is shown before its evidence has been checked again, by code that did not find it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probatum.engine.payload import packed
from probatum.engine.plan import Job, Plan
from probatum.engine.run import Answer
from probatum.engine.state import Memory
from probatum.engine.workers import Workers
from probatum.evidence import CONFIRMED, Recheck
from probatum.runner import Done, Failed, OutOfMemory, Result, TimedOut


@dataclass(frozen=True, slots=True)
class Claim:
    """One outcome whose evidence is to be checked: which task said it, as which of its outcomes."""

    key: str
    number: int
    outcome: Mapping[str, Any]  # as JSON: what is stored is what is checked


def confirm(
    plan: Plan, answers: Mapping[str, Answer], base: str, memory: Memory, workers: Workers, *, soft_s: float
) -> dict[tuple[str, int], Recheck]:
    """Check the evidence of every finding that was not confirmed in an earlier check.

    Returns
    -------
    dict
        (key of the task, number of the outcome) to what the checker says;
        absent ones are confirmed already, or are no findings.
    """
    waiting: list[tuple[Job, list[Claim]]] = []
    for job in plan.jobs:
        claims = [
            Claim(key, number, outcome)
            for key in job.tasks.values()
            if key in answers and not answers[key].confirmed
            for number, outcome in enumerate(answers[key].value.get("outcomes", ()))
            if outcome["kind"] == "finding"
        ]
        if claims:
            waiting.append((job, claims))
    said: dict[tuple[str, int], Recheck] = {}
    for job, claims, checks in check_evidence(waiting, base, workers, soft_s=soft_s):
        said |= {(claim.key, claim.number): answer for claim, answer in zip(claims, checks, strict=True)}
        mine = set(job.tasks.values()) & {claim.key for claim in claims}
        complete = sorted(key for key in mine if _all_confirmed(answers[key], key, said))
        if complete:
            memory.confirm(complete)
    return said


def _all_confirmed(answer: Answer, key: str, said: Mapping[tuple[str, int], Recheck]) -> bool:
    findings = (n for n, outcome in enumerate(answer.value["outcomes"]) if outcome["kind"] == "finding")
    return all(said.get((key, n)) == CONFIRMED for n in findings)


def check_evidence(
    waiting: Sequence[tuple[Job, list[Claim]]], base: str, workers: Workers, *, soft_s: float
) -> Iterator[tuple[Job, list[Claim], list[Recheck]]]:
    """Ask the checkers about every claim, one child for the claims about one artefact.

    A claim whose check takes a whole child with it does so alone, the second time.
    """
    while waiting:
        again: list[tuple[Job, list[Claim]]] = []
        for limits in sorted({job.limits for job, _ in waiting}, reverse=True):
            own = [(job, claims) for job, claims in waiting if job.limits == limits]
            items = (
                job.item(base, soft_s * job.limits) | {"claims": [packed(claim.outcome) for claim in claims]}
                for job, claims in own
            )
            for result in workers.map("confirm_artefact", items, len(waiting), limits):
                job, claims = own[result.index]
                if not isinstance(result, Done) and len(claims) > 1:
                    again += [(job, [claim]) for claim in claims]
                elif isinstance(result, Done) and len(result.value.get("answers", claims)) < len(claims):
                    # INVARIANT: at least one was answered, so this ends.
                    done = len(result.value["answers"])
                    yield job, claims[:done], _answers(result, done)
                    again.append((job, claims[done:]))
                else:
                    yield job, claims, _answers(result, len(claims))
        waiting = again


def _answers(result: Result, count: int) -> list[Recheck]:
    match result:
        case Done(value={"changed": True}):
            return [Recheck("cannot", "the file, or something it is measured against, has changed")] * count
        case Done(value=value):
            return [Recheck(answer["status"], answer["reason"]) for answer in value["answers"]]
        case TimedOut(limit_s=limit):
            return [Recheck("cannot", f"checking it took longer than {limit:g} s")] * count
        case OutOfMemory():
            return [Recheck("cannot", "checking it needs more memory than the limit")] * count
        case Failed(error=error, message=message):
            return [Recheck("refuted", f"the checker stumbled over it ({error}: {message})")] * count
        case other:
            return [
                Recheck(
                    "cannot",
                    f"the checker crashed ({other.detail.strip().splitlines()[0] if other.detail.strip() else 'no word'})",
                )
            ] * count
