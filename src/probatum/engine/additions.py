"""What is missing in files so that their claims are proved without a guess: written in memory, read again, checked again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from probatum.engine.checking import check, modules_of, survey
from probatum.engine.options import CheckOptions, Progress, Silence
from probatum.engine.plan import Job
from probatum.engine.repairs import Bench, Refused, applied, counted, unified, write_out
from probatum.engine.workers import Workers
from probatum.errors import UsageError
from probatum.findings import Cleared, Edit, Finding, Outcome, Undecided
from probatum.runner import Done
from probatum.source import Location


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """What is written for one subject, or why nothing is.

    Attributes
    ----------
    subject : str
    location : Location
    texts : tuple of (int, str)
        Lines, and what is written there.
    reason : str
        Why nothing is; "" if something is.
    """

    subject: str
    location: Location
    texts: tuple[tuple[int, str], ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdditionReport:
    """What was added.

    Attributes
    ----------
    added : tuple of Added
    failed : tuple of Added
        With the reason.
    diffs : mapping of path to text
        Unified diff of every file that changes.
    written : bool
        Whether the files were written.
    """

    added: tuple[Added, ...] = ()
    failed: tuple[Added, ...] = ()
    diffs: Mapping[str, str] = field(default_factory=dict)
    written: bool = False

    @property
    def exit_status(self) -> int:
        """Return 0 if nothing is missing that could not be added, else 1."""
        return 1 if self.failed else 0


def complete(
    root: Path,
    options: CheckOptions | None,
    wanted: Sequence[str],
    *,
    write: bool,
    progress: Progress | None = None,
) -> AdditionReport:
    """Find what has to be written into files so that nothing in them rests on guesses; on request, write it.

    Parameters
    ----------
    wanted : sequence of str
        Subjects, as outcomes name them, or the ends of their names behind a dot; empty for all.

    Raises
    ------
    UsageError
        If nothing wanted exists, or a file changed while it was looked at.
    """
    options = options or CheckOptions()
    report = check(root, options, progress)
    subjects = _subjects(report.outcomes, wanted)
    scene = survey(root, replace(options, select=()))
    added: list[Added] = []
    failed: list[Added] = []
    with Workers(scene.settings, modules_of(scene.plan)) as workers:
        bench = Bench(scene, workers, {})
        jobs = [job for job in scene.plan.jobs if job.path in subjects]
        told = progress or Silence()
        told.start(len(jobs))
        try:
            for job in jobs:
                own = _of_file(bench, job, subjects[job.path])
                added += [one for one in own if not one.reason]
                failed += [one for one in own if one.reason]
                told.advance(1, job.path)
        finally:
            told.finish()
    diffs = {path: unified(path, scene.system.read(path), content) for path, content in sorted(bench.overlay.items())}
    if write:
        write_out(scene, bench)
    return AdditionReport(added=tuple(added), failed=tuple(failed), diffs=diffs, written=write and bool(diffs))


def _subjects(outcomes: Sequence[Outcome], wanted: Sequence[str]) -> dict[str, list[str]]:
    """Return by path what outcomes are about that found nothing; what is broken needs another repair."""
    broken = {(o.location.path, o.subject) for o in outcomes if isinstance(o, Finding)}
    found: dict[str, list[str]] = {}
    known: set[str] = set()
    for outcome in outcomes:
        if not isinstance(outcome, Cleared | Undecided):
            continue
        fitting = [word for word in wanted if outcome.subject == word or outcome.subject.endswith(f".{word}")]
        known |= set(fitting)
        own = found.setdefault(outcome.location.path, [])
        if (fitting or not wanted) and (outcome.location.path, outcome.subject) not in broken and outcome.subject not in own:
            own.append(outcome.subject)
    if unknown := [word for word in wanted if word not in known]:
        raise UsageError(
            f"nothing that is proved or undecided is called `{unknown[0]}`",
            help="give the name of a function; `probatum check -v` lists them, and `probatum repair` is for findings",
        )
    return {path: own for path, own in found.items() if own}


def _of_file(bench: Bench, job: Job, subjects: Sequence[str]) -> list[Added]:
    item = bench.item(job, bench.overlay) | {"subjects": list(subjects)}
    [result] = bench.workers.map("propose_additions", [item], 1)
    if not isinstance(result, Done) or "additions" not in result.value:
        reason = (
            "the file changed while it was looked at"
            if isinstance(result, Done)
            else f"it came to nothing ({type(result).__name__})"
        )
        return [Added(subject=job.path, location=Location(job.path), reason=reason)]
    found = [
        Added(
            subject=one["subject"],
            location=Location(job.path, one["line"]),
            texts=tuple((line, text) for line, text in one["texts"]),
            reason=one["reason"],
        )
        for one in result.value["additions"]
    ]
    edits = [Edit(**edit) for edit in result.value["edits"]]
    if not edits:
        return found
    try:
        _tried(bench, job, edits)
    except Refused as refusal:
        return [replace(one, texts=(), reason=one.reason or str(refusal)) for one in found]
    return found


def _tried(bench: Bench, job: Job, edits: Sequence[Edit]) -> None:
    """Keep what is written, if the file is at least as good with it."""
    after = dict(bench.overlay)
    after[job.path] = applied(bench.content(job.path), job.path, edits)
    jobs = [one for one in bench.scene.plan.jobs if one.path == job.path]
    old, new = bench.outcomes(jobs, bench.overlay, confirmed=False), bench.outcomes(jobs, after)
    was = counted(old)
    if any(count > was[key] for key, count in counted(new).items()):
        raise Refused("something new is found with what would be written")
    if sum(isinstance(o, Undecided) for o in new) > sum(isinstance(o, Undecided) for o in old):
        raise Refused("something is undecided with what would be written")
    bench.overlay = after
