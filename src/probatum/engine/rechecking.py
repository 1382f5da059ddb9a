"""Check the evidence of a stored report again, without any search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

from probatum.engine.checking import Scene, modules_of, survey
from probatum.engine.confirm import Claim, check_evidence
from probatum.engine.options import CheckOptions, Progress, Silence
from probatum.engine.plan import Job
from probatum.engine.suppress import recheck_suppression
from probatum.engine.workers import Workers
from probatum.errors import EvidenceError
from probatum.evidence import Recheck
from probatum.findings import SCHEMA, Cleared, Finding, outcome_from_json
from probatum.project.system import read_followed
from probatum.source import DATA, digest

Rechecked: TypeAlias = tuple[Finding | Cleared, Recheck]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckReport:
    """What became of every piece of evidence, each in the order of the report."""

    confirmed: tuple[Rechecked, ...] = ()
    refuted: tuple[Rechecked, ...] = ()
    cannot: tuple[Rechecked, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def exit_status(self) -> int:
        """Return 4 if anything was refuted, else 3 if anything could not be told or there was nothing, else 0."""
        if self.refuted:
            return 4
        return 3 if self.cannot or not self.confirmed else 0


def recheck(
    report: Mapping[str, Any], root: Path, options: CheckOptions | None = None, progress: Progress | None = None
) -> RecheckReport:
    """Check the evidence of every finding and cleared outcome of a report again, hidden findings included.

    Parameters
    ----------
    report : mapping
        What ``--format json`` wrote, parsed.
    root : Path
        The checked directory as it is now.

    Raises
    ------
    EvidenceError
        If it is not a report.
    UsageError
        As `check`.
    """
    outcomes = _outcomes(report)
    values = _all_outcomes(report)
    scene = survey(root, replace(options or CheckOptions(), select=(), ignore=()))
    jobs = {(job.path, job.entry.name): job for job in scene.plan.jobs}
    answers: dict[int, Recheck] = {}
    waiting: dict[str, tuple[Job, list[Claim]]] = {}
    for number, outcome in enumerate(outcomes):
        at_once = _without_asking(outcome, report, scene, jobs, outcomes)
        if at_once is not None:
            answers[number] = at_once
        else:
            job = jobs[outcome.location.path, outcome.rule.split("/", 1)[0]]
            waiting.setdefault(f"{job.entry.name} {job.path}", (job, []))[1].append(Claim("", number, values[number]))
    told = progress or Silence()
    if waiting:
        told.start(sum(len(claims) for _, claims in waiting.values()))
        try:
            with Workers(scene.settings, modules_of(scene.plan)) as workers:
                for job, claims, said in check_evidence(
                    list(waiting.values()), str(scene.base), workers, soft_s=scene.settings.timeout_s
                ):
                    answers |= {claim.number: answer for claim, answer in zip(claims, said, strict=True)}
                    told.advance(len(claims), job.path)
        finally:
            told.finish()
    changed = _changed_configuration(report, scene)
    if changed:
        answers = {n: Recheck("cannot", f"{a.reason}; but {changed}") if a.status == "refuted" else a for n, a in answers.items()}
    pairs = [(outcome, answers[number]) for number, outcome in enumerate(outcomes)]
    return RecheckReport(
        confirmed=tuple(p for p in pairs if p[1].status == "confirmed"),
        refuted=tuple(p for p in pairs if p[1].status == "refuted"),
        cannot=tuple(p for p in pairs if p[1].status == "cannot"),
        notes=(*scene.inventory.notes, *((changed,) if changed else ())),
    )


def _all_outcomes(report: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Findings and cleared outcomes as JSON, the hidden ones last."""
    return [o for o in (*report["outcomes"], *report["hidden"]) if o["kind"] in ("finding", "cleared")]


def _outcomes(report: Mapping[str, Any]) -> list[Finding | Cleared]:
    advice = "make one with `probatum check --format json`"
    schema = report.get("schema") if hasattr(report, "get") else None  # it comes from a file: it may be a list
    if schema != SCHEMA:
        raise EvidenceError(f"this is not a report of this version (`schema` is not `{SCHEMA}`)", help=advice)
    try:
        rebuilt = [outcome_from_json(value) for value in _all_outcomes(report)]
        if not all(isinstance(value, str) for value in dict(report["inputs"]).values()):
            raise EvidenceError("the digests of the report are malformed", help=advice)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvidenceError(f"the report is malformed ({type(error).__name__}: {error})", help=advice) from None
    return [outcome for outcome in rebuilt if isinstance(outcome, Finding | Cleared)]


def _without_asking(
    outcome: Finding | Cleared,
    report: Mapping[str, Any],
    scene: Scene,
    jobs: Mapping[tuple[str, str], Job],
    outcomes: list[Finding | Cleared],
) -> Recheck | None:
    """Answer what needs no checker: evidence about suppressions, or none, or about what has changed."""
    path, system = outcome.location.path, outcome.rule.split("/", 1)[0]
    if outcome.evidence is None:
        return Recheck("cannot", "it was tested, and left no evidence that could be checked again")
    if system == "probatum":
        findings = [o for o in outcomes if isinstance(o, Finding)]
        return recheck_suppression(outcome.evidence, scene.system, scene.configuration.check["suppressions"], findings)
    job = jobs.get((path, system))
    if job is None:
        gone = "is not checked any more" if scene.system.kind(path) is not None else "is not there any more"
        return Recheck("cannot", f"`{path}` {gone}")
    recorded = report["inputs"]
    if recorded.get(path) != job.digest:
        return Recheck("cannot", f"`{path}` has changed since the report was made")
    for name, now in job.inputs.items():
        file = name.removeprefix(DATA)  # a report names files, however they are read
        if recorded.get(file) != now:
            return Recheck("cannot", f"`{file}` has changed since the report was made")
    return None


def _changed_configuration(report: Mapping[str, Any], scene: Scene) -> str:
    name = scene.configuration.path
    if name and report["inputs"].get(name) != digest(read_followed(scene.system, name)):
        return f"`{name}` has changed since the report was made"
    return ""
