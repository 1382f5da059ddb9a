"""`check`: from a directory to a report, in one straight line.

discover -> plan -> run -> confirm -> settle
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

from probatum.engine import baseline
from probatum.engine.changed import changed_since
from probatum.engine.confirm import confirm
from probatum.engine.options import CheckOptions, Progress, Settings, Silence, settings_of
from probatum.engine.plan import Job, Plan, make_plan
from probatum.engine.rules import (
    EXPIRED_SUPPRESSION,
    UNREADABLE,
    UNUSED_SUPPRESSION,
    RuleInfo,
    is_ignored,
    list_rules,
    select_rules,
)
from probatum.engine.run import Answer, run, said
from probatum.engine.settle import Triage, settle
from probatum.engine.state import own_secret, remember
from probatum.engine.suppress import read_suppressions, recheck_suppression
from probatum.engine.systems import systems
from probatum.engine.workers import Warm, Workers
from probatum.errors import UsageError
from probatum.evidence import CONFIRMED, Recheck
from probatum.findings import Defect, Finding, Outcome, Report, Undecided, Why
from probatum.project import base_of
from probatum.project.config import Configuration, read_configuration
from probatum.project.discover import Inventory, discover
from probatum.project.environment import environment
from probatum.project.system import DiskSystem, read_followed
from probatum.records import dataclass
from probatum.source import DATA, digest


@dataclass(frozen=True, slots=True)
class Scene:
    """What there is to check, before anything is run.

    `within` is the part of `base` that was asked for, "" for all of it.
    """

    base: Path
    within: str
    system: DiskSystem
    configuration: Configuration
    settings: Settings
    every_rule: tuple[RuleInfo, ...]
    rules: tuple[RuleInfo, ...]
    inventory: Inventory
    plan: Plan


def survey(root: Path, options: CheckOptions) -> Scene:
    """Find what there is to check, and plan it.

    Raises
    ------
    UsageError
        As `check`.
    """
    base = base_of(root)
    real = root.resolve()
    within = "" if real == base else real.relative_to(base).as_posix()
    system = DiskSystem(base)
    configuration = read_configuration(system)
    settings = settings_of(options, configuration, environment(base))
    every_rule = list_rules()
    rules = select_rules(every_rule, settings.select, settings.ignore)
    inventory = discover(
        system,
        [entry.claim for entry in systems()],
        within=within,
        exclude=configuration.check["exclude"],
        max_bytes=int(configuration.check["max-file-mb"] * 1_000_000),
        options=configuration.values,
    )
    plan = make_plan(system, inventory, systems(), rules, configuration=configuration, settings=settings, secret=own_secret())
    return Scene(base, within, system, configuration, settings, every_rule, rules, inventory, plan)


def check(
    root: Path, options: CheckOptions | None = None, progress: Progress | None = None, *, warm: Warm | None = None
) -> Report:
    """Check a directory, or one file.

    Paths in the report are relative to `base_of(root)`. `warm` keeps the workers for the next check.

    Raises
    ------
    UsageError
        If there is nothing at `root`, an option or the configuration is wrong,
        or a selected rule does not exist.
    """
    options = options or CheckOptions()
    scene = survey(root, options)
    triage = _triage(scene, options)
    if options.changed_since is not None:
        scene = _only(scene, changed_since(scene.system, options.changed_since), options.changed_since)
    plan, settings, base = scene.plan, scene.settings, str(scene.base)
    with remember(scene.base) as memory:
        modules = modules_of(plan)
        own = Workers(settings, modules) if warm is None else warm.workers(settings, modules, len(plan.jobs))
        with own as workers:
            answers = run(
                plan, base, memory, workers, progress or Silence(), soft_s=settings.timeout_s, use_cache=settings.use_cache
            )
            rechecks = confirm(plan, answers, base, memory, workers, soft_s=settings.timeout_s)
        outcomes, defects, silent = _gathered(plan, answers, rechecks, settings.timeout_s)
        outcomes += [
            Undecided(
                rule=UNREADABLE, subject=p.location.path, location=p.location, why=p.why, reason=p.reason, anchor=(p.reason,)
            )
            for p in scene.inventory.problems
        ]
        notes = list(scene.inventory.notes)
        if silent:
            files = "1 file" if silent == 1 else f"{silent:,} files"
            notes.append(f"no selected rule applies to {files}")
        report = settle(
            outcomes,
            defects,
            triage,
            nothing=_nothing(scene, options),
            notes=[*notes, *memory.notes],
            rules={rule.id: rule.title for rule in scene.rules},
            inputs={**plan.inputs, **_read_besides(scene, triage)},
        )
        report = _confirmed(report, scene)
        memory.end((*answers, *(job.kept for job in plan.jobs)), report.summary())
        # What went wrong with the memory after the report was made still belongs into it.
        return replace(report, notes=tuple(dict.fromkeys((*report.notes, *memory.notes))))


def _confirmed(report: Report, scene: Scene) -> Report:
    """Check the evidence of our own findings, those about suppressions, like that of any other."""
    about = [f for f in report.findings if f.rule in (EXPIRED_SUPPRESSION, UNUSED_SUPPRESSION)]
    others = [*report.findings, *(h.outcome for h in report.hidden)]
    path = scene.configuration.check["suppressions"]
    verdicts = [_verdict(f, recheck_suppression(f.evidence, scene.system, path, others)) for f in about]
    refuted = tuple(v for v in verdicts if isinstance(v, Defect))
    changed = {f.fingerprint: v for f, v in zip(about, verdicts, strict=True) if v is not f}
    if not changed:
        return report
    left = [changed.get(o.fingerprint, o) if isinstance(o, Finding) else o for o in report.outcomes]
    return replace(report, outcomes=tuple(o for o in left if not isinstance(o, Defect)), defects=(*report.defects, *refuted))


def modules_of(plan: Plan) -> list[str]:
    """Modules that the tasks of a plan will need."""
    needed: dict[str, None] = {}
    for job in plan.jobs:
        needed[f"{job.entry.module}.artefacts"] = None
        needed[f"{job.entry.module}.recheck"] = None
        needed |= dict.fromkeys(f"{job.entry.module}.rules.{name}" for name in job.modules.values())
    return list(needed)


def _only(scene: Scene, changed: frozenset[str], since: str) -> Scene:
    """Leave out what has not changed: neither the file nor anything it is measured against."""
    jobs = tuple(
        job for job in scene.plan.jobs if job.path in changed or any(name.removeprefix(DATA) in changed for name in job.inputs)
    )
    problems = tuple(p for p in scene.inventory.problems if p.location.path in changed)
    left = {job.path for job in jobs} | {name.removeprefix(DATA) for job in jobs for name in job.inputs}
    inputs = {name: value for name, value in scene.plan.inputs.items() if name in left}
    notes = scene.inventory.notes
    if away := len(scene.plan.jobs) - len(jobs):
        notes = (
            *notes,
            f"{'1 file has' if away == 1 else f'{away:,} files have'} not changed since `{since}`, and no outcome here",
        )
    return replace(scene, plan=Plan(jobs, inputs), inventory=replace(scene.inventory, problems=problems, notes=notes))


def _gathered(
    plan: Plan, answers: Mapping[str, Answer], rechecks: Mapping[tuple[str, int], Recheck], soft_s: float
) -> tuple[list[Outcome], list[Defect], int]:
    """Outcomes whose evidence was confirmed, defects of ours, and for how many files no rule had a word."""
    outcomes: list[Outcome] = []
    defects: list[Defect] = []
    silent = 0
    for job in plan.jobs:
        once: dict[Outcome, None] = {}  # several rules may stumble over the same thing
        before = len(outcomes) + len(defects)
        stopped = _stopped(job, answers)
        for rule, key in job.tasks.items():
            if rule in stopped:
                continue
            mine, wrong = said(job, rule, answers[key].value, soft_s)
            for number, outcome in enumerate(mine):
                verdict = _verdict(outcome, rechecks.get((key, number), CONFIRMED))
                if isinstance(verdict, Defect):
                    defects.append(verdict)
                elif isinstance(verdict, Undecided) and verdict.rule != rule:
                    once[verdict] = None
                else:
                    outcomes.append(verdict)
            defects += wrong
        outcomes += once
        silent += len(outcomes) + len(defects) == before
    return outcomes, defects, silent


def _stopped(job: Job, answers: Mapping[str, Answer]) -> set[str]:
    """Return the rules of which another one says that what they share was stopped: by the clock, for want of memory, or by a crash."""
    if not job.entry.shares_work:
        return set()
    same: dict[str, list[str]] = {}
    for rule, key in job.tasks.items():
        value = answers[key].value
        if value.keys() & {"time", "memory", "crash"}:
            same.setdefault(repr(dict(value)), []).append(rule)
    silent: set[str] = set()
    for rules in same.values():
        silent.update(set(rules) - {job.entry.summary if job.entry.summary in rules else rules[0]})
    return silent


def _verdict(outcome: Outcome, answer: Recheck) -> Outcome | Defect:
    if not isinstance(outcome, Finding) or answer.status == "confirmed":
        return outcome
    if answer.status == "refuted":
        return Defect(
            rule=outcome.rule,
            subject=outcome.subject,
            location=outcome.location,
            message=f"the evidence for `{outcome.message}` does not hold: {answer.reason}",
        )
    return Undecided(
        rule=outcome.rule,
        subject=outcome.subject,
        location=outcome.location,
        why=Why.NOT_RECHECKED,
        reason=f"a finding (`{outcome.message}`) is not shown, because its evidence could not be checked again: {answer.reason}",
        assumptions=outcome.assumptions,
        anchor=outcome.anchor,
    )


def _nothing(scene: Scene, options: CheckOptions) -> str:
    if options.changed_since is not None:
        return f"nothing that is checked has changed since `{options.changed_since}`, so nothing was checked"
    if not any(scene.inventory.files.values()):
        where = f"`{scene.within}`" if scene.within else "the directory"
        return f"nothing to check was found in {where}: name a directory with artefacts, or see `exclude` in `[check]`"
    return (
        "there is nothing in the files that the selected rules are about, so nothing was checked: "
        "write what they check, such as functions with contracts, or select other rules"
    )


def _read_besides(scene: Scene, triage: Triage) -> dict[str, str]:
    """Digests of what people wrote about the check: an answer can depend on it as on any other input."""
    names = [scene.configuration.path] if scene.configuration.path else []
    if triage.suppressions:
        names.append(scene.configuration.check["suppressions"])
    return {name: digest(read_followed(scene.system, name)) for name in names}


def _triage(scene: Scene, options: CheckOptions) -> Triage:
    """Read what people have decided; everything that is wrong with it is said before any work is done."""
    system, own = scene.system, scene.configuration.check
    place = options.baseline or scene.base / own["baseline"]
    entries: tuple[baseline.Accepted, ...] = ()
    if options.use_baseline and (options.baseline is not None or options.only_new or place.exists()):
        if not place.exists():
            raise UsageError(f"there is no baseline `{place.name}`", help="make one with `probatum baseline update`")
        entries = baseline.read_baseline(place)
    existing = baseline.existing(system, entries)
    path = own["suppressions"]
    suppressions = read_suppressions(
        system, path, max_days=own["max-suppression-days"], rules=tuple(rule.id for rule in scene.every_rule)
    )
    return Triage(
        accepted=entries,
        baseline_name=place.name,
        renamed=baseline.renames(system, entries, existing) if any(e.path not in existing for e in entries) else {},
        existing=existing,
        suppressions=suppressions,
        suppressions_digest=digest(read_followed(system, path)) if suppressions else "",
        today=options.today or date.today(),  # noqa: DTZ011 - a day in the owner's calendar, wherever that is
        whole=not scene.within and options.changed_since is None and len(scene.rules) == len(scene.every_rule),
        ignored=frozenset(r for r in (UNUSED_SUPPRESSION, EXPIRED_SUPPRESSION) if is_ignored(r, scene.settings.ignore)),
    )
