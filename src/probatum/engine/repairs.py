"""Repairs that were tried before they are shown: applied in memory, read again, checked again."""

from __future__ import annotations

import base64
import codecs
import difflib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from probatum.engine.checking import Scene, check, modules_of, survey
from probatum.engine.options import CheckOptions, Progress, Silence
from probatum.engine.plan import Job
from probatum.engine.run import said
from probatum.engine.settle import identified
from probatum.engine.workers import Workers
from probatum.errors import EvidenceError, UsageError
from probatum.evidence import Evidence
from probatum.findings import Cleared, Edit, Finding, Outcome, Repair, Strength, Undecided, outcome_to_json
from probatum.runner import Done
from probatum.source import DATA, decode, digest

Identity = tuple[str, str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RepairReport:
    """What was repaired.

    Attributes
    ----------
    repaired : tuple of Finding
        Each with the repair after which its rule no longer finds it and no rule
        finds anything new. `repair.verified` is the system's own evidence that
        the repair does no harm, checked again; without any, the evidence that
        the rule clears the file, or None if it still finds something else there.
    failed : tuple of (Finding, str)
        Findings without such a repair, and why.
    diffs : mapping of path to text
        Unified diff of every file that changes.
    written : bool
        Whether the files were written.
    """

    repaired: tuple[Finding, ...] = ()
    failed: tuple[tuple[Finding, str], ...] = ()
    diffs: Mapping[str, str] = field(default_factory=dict)
    written: bool = False

    @property
    def exit_status(self) -> int:
        """Return 0 if every wanted finding has a repair, else 1."""
        return 1 if self.failed else 0


def repair(
    root: Path,
    options: CheckOptions | None,
    wanted: Sequence[str],
    *,
    write: bool,
    progress: Progress | None = None,
) -> RepairReport:
    """Find repairs that clear findings and add none; on request, write them.

    Parameters
    ----------
    wanted : sequence of str
        Beginnings of fingerprints, or numbers from 1 of the findings in the
        order in which `check` lists them; empty for all.

    Raises
    ------
    UsageError
        If a wanted finding does not exist, a beginning fits several, or a file
        changed while its repair was tried.
    """
    options = options or CheckOptions()
    report = check(root, options, progress)
    chosen = _chosen(report.findings, wanted)
    # The other rules must not suffer from a repair, whichever were selected.
    scene = survey(root, replace(options, select=()))
    with Workers(scene.settings, modules_of(scene.plan)) as workers:
        bench = Bench(scene, workers, _equals([*report.findings, *(h.outcome for h in report.hidden)]))
        told = progress or Silence()
        told.start(len(chosen))
        try:
            for finding in chosen:
                bench.repair(finding)
                told.advance(1, finding.location.path)
        finally:
            told.finish()
    diffs = {path: unified(path, scene.system.read(path), content) for path, content in sorted(bench.overlay.items())}
    if write:
        write_out(scene, bench)
    return RepairReport(repaired=tuple(bench.repaired), failed=tuple(bench.failed), diffs=diffs, written=write and bool(diffs))


def _chosen(findings: Sequence[Finding], wanted: Sequence[str]) -> list[Finding]:
    if not wanted:
        return list(findings)
    chosen: dict[str, Finding] = {}
    for word in wanted:
        if word.isascii() and word.isdigit() and len(word) < 8:
            if not 1 <= int(word) <= len(findings):
                there = f"there are {len(findings)}" if findings else "there are none"
                raise UsageError(f"there is no finding number {word}: {there}", help="`probatum check` lists them")
            fitting = [findings[int(word) - 1]]
        else:
            fitting = [f for f in findings if f.fingerprint.startswith(word)]
        if len(fitting) != 1:
            count = len(fitting) or "no"
            raise UsageError(
                f"{count} findings have a fingerprint that begins with `{word}`",
                help="give more of its characters" if fitting else "`probatum check --format json` shows them",
            )
        chosen[fitting[0].fingerprint] = fitting[0]
    return list(chosen.values())


class Refused(Exception):
    """A candidate does not do; the argument says why."""


@dataclass(slots=True)
class Bench:
    """Files as they are so far, with the repairs that were kept."""

    scene: Scene
    workers: Workers
    equals: Mapping[Identity, list[str]]  # fingerprints of equal findings, in the order of the report
    overlay: dict[str, bytes] = field(default_factory=dict)
    repaired: list[Finding] = field(default_factory=list)
    failed: list[tuple[Finding, str]] = field(default_factory=list)

    def repair(self, finding: Finding) -> None:
        """Try the candidates for one finding, in order; keep the first that does."""
        try:
            self.repaired.append(self._first_that_does(finding))
        except Refused as refusal:
            self.failed.append((finding, str(refusal)))

    def _first_that_does(self, finding: Finding) -> Finding:
        job = self._job(finding)
        before = self.outcomes([job], self.overlay)
        now = self._now(finding, before)
        if now is None:
            title = "a repair of another finding clears this one too"
            return replace(finding, repair=Repair(title=title, verified=_cleared(before, finding)))
        refusals: list[str] = []
        for candidate in self._candidates(job, now):
            try:
                after, clears = self._tried(now, candidate)
                verified = self._confirmed(job, now, candidate) or clears
            except Refused as refusal:
                refusals.append(f"{candidate.title}: {refusal}")
            else:
                self.overlay = after
                return replace(finding, repair=replace(candidate, verified=verified))
        raise Refused("; ".join(refusals) or "none is known")

    def _now(self, finding: Finding, outcomes: Iterable[Outcome]) -> Finding | None:
        """The finding after the repairs so far, or None if they have cleared it: equal ones before it are counted."""
        equal = self.equals[_identity(finding)]
        mended = {f.fingerprint for f in self.repaired}
        left = [fingerprint for fingerprint in equal if fingerprint not in mended]
        there = [o for o in outcomes if isinstance(o, Finding) and _identity(o) == _identity(finding)]
        return there[left.index(finding.fingerprint)] if len(there) == len(left) else None

    def _job(self, finding: Finding) -> Job:
        system = finding.rule.split("/", 1)[0]
        for job in self.scene.plan.jobs:
            if (job.path, job.entry.name) == (finding.location.path, system):
                return job
        if system == "probatum":
            raise Refused("remove the entry: `probatum suppress prune` removes unused ones")
        raise Refused("its file is not there any more")

    def _candidates(self, job: Job, finding: Finding) -> list[Repair]:
        item = self.item(job, self.overlay) | {"finding": outcome_to_json(finding)}
        [result] = self.workers.map("propose_repairs", [item], 1)
        match result:
            case Done(value={"repairs": repairs}):
                try:
                    return [Repair.from_json(value) for value in repairs]
                except (KeyError, TypeError, EvidenceError) as error:
                    raise Refused(f"what was proposed is malformed ({error})") from None
            case Done():
                raise Refused("the file changed while it was looked at")
            case other:
                raise Refused(f"looking for one came to nothing ({type(other).__name__})")

    def _tried(self, finding: Finding, candidate: Repair) -> tuple[dict[str, bytes], Evidence | None]:
        """Return the files with a repair in them, and the evidence that the rule then clears."""
        if not candidate.edits:
            raise Refused("it is advice, and changes no file")
        paths = {edit.path for edit in candidate.edits}
        # A file may be checked by itself, or as an input of another that names it.
        jobs = [job for job in self.scene.plan.jobs if job.path in paths or not paths.isdisjoint(_files(job))]
        if not paths <= {path for job in jobs for path in (job.path, *_files(job))}:
            raise Refused("it changes a file that is not checked")
        after = dict(self.overlay)
        for path in sorted(paths):
            after[path] = applied(self.content(path), path, [e for e in candidate.edits if e.path == path])
        old, new = self.outcomes(jobs, self.overlay), self.outcomes(jobs, after)
        was, is_now = counted(old), counted(new)
        identity = _identity(finding)
        if is_now[identity] >= was[identity]:
            raise Refused("the finding is still there after it")
        worse = [key for key, count in is_now.items() if count > was[key]]
        if worse:
            raise Refused(f"`{worse[0][0]}` finds something new after it")
        if sum(isinstance(o, Undecided) for o in new) > sum(isinstance(o, Undecided) for o in old):
            raise Refused("something is undecided after it")
        cleared = _cleared(new, finding)
        if cleared is None and not any(isinstance(o, Finding) and o.rule == finding.rule for o in new):
            raise Refused("the rule says nothing about the file after it")
        return after, cleared

    def _confirmed(self, job: Job, finding: Finding, candidate: Repair) -> Evidence | None:
        """Return the evidence that came with a candidate, if it holds for the file as it is before it."""
        if candidate.verified is None:
            return None
        claim = Cleared(
            rule=finding.rule,
            subject=finding.subject,
            message=candidate.title,
            location=finding.location,
            strength=Strength.PROVED,
            evidence=candidate.verified,
        )
        item = self.item(job, self.overlay) | {"claims": [outcome_to_json(claim)]}
        [result] = self.workers.map("confirm_artefact", [item], 1)
        answers = result.value.get("answers", []) if isinstance(result, Done) else []
        if [answer["status"] for answer in answers] != ["confirmed"]:
            raise Refused("the evidence that came with it does not hold")
        return candidate.verified

    def content(self, path: str) -> bytes:
        """Return a file as it is so far."""
        return self.overlay[path] if path in self.overlay else self.scene.system.read(path)

    def item(self, job: Job, overlay: Mapping[str, bytes]) -> dict[str, Any]:
        """Return what a child gets to know about a file as it is with changes."""
        contents = {path: base64.b64encode(content).decode("ascii") for path, content in overlay.items()}
        return job.item(str(self.scene.base), self.scene.settings.timeout_s) | {"overlay": contents}

    def outcomes(self, jobs: Sequence[Job], overlay: Mapping[str, bytes], *, confirmed: bool = True) -> list[Outcome]:
        """Run every rule on some files, with their evidence checked if wanted; any defect of ours refuses the repair."""
        items = [self.item(job, overlay) | {"rules": {rule: job.modules[rule]}} for job in jobs for rule in job.tasks]
        owners = [(job, rule) for job in jobs for rule in job.tasks]
        outcomes: list[Outcome] = []
        for result in self.workers.map("check_artefact", items, len(items)):
            job, rule = owners[result.index]
            if not isinstance(result, Done) or rule not in result.value.get("rules", {}):
                raise Refused(f"`{rule}` gave no answer")
            mine, defects = said(job, rule, result.value["rules"][rule], self.scene.settings.timeout_s)
            if defects:
                raise Refused(f"`{rule}` failed: {defects[0].message}")
            if confirmed:
                self._confirm(job, mine, overlay)
            outcomes += mine
        return identified(outcomes)

    def _confirm(self, job: Job, outcomes: Iterable[Outcome], overlay: Mapping[str, bytes]) -> None:
        claims = [outcome_to_json(o) for o in outcomes if isinstance(o, Cleared) and o.evidence is not None]
        if not claims:
            return
        [result] = self.workers.map("confirm_artefact", [self.item(job, overlay) | {"claims": claims}], 1)
        answers = result.value.get("answers", []) if isinstance(result, Done) else []
        if len(answers) != len(claims):
            raise Refused("the evidence that the rule clears could not be checked in time")
        if any(answer["status"] == "refuted" for answer in answers):
            raise Refused("the evidence that the rule clears does not hold")


def _identity(finding: Finding) -> Identity:
    return finding.rule, finding.subject, finding.anchor


def _equals(findings: Iterable[Finding]) -> dict[Identity, list[str]]:
    ordered = identified(findings)  # as they were: the same order gives the same ordinals
    groups: dict[Identity, list[str]] = {}
    for outcome in ordered:
        if isinstance(outcome, Finding):
            groups.setdefault(_identity(outcome), []).append(outcome.fingerprint)
    return groups


def counted(outcomes: Iterable[Outcome]) -> Counter[Identity]:
    """Return how often each finding is there."""
    # Counts, because mending one of several equal findings changes the ordinals of the others.
    return Counter(_identity(o) for o in outcomes if isinstance(o, Finding))


def _cleared(outcomes: Iterable[Outcome], finding: Finding) -> Evidence | None:
    mine = [o for o in outcomes if o.rule == finding.rule and o.location.path == finding.location.path]
    if any(not isinstance(o, Cleared) for o in mine):
        return None
    return next((o.evidence for o in mine if isinstance(o, Cleared) and o.evidence is not None), None)


def applied(raw: bytes, path: str, edits: Sequence[Edit]) -> bytes:
    """Apply edits to the content of a file, in its own encoding and with its own byte order mark."""
    text = decode(raw, path)
    if any(edit.base != text.digest for edit in edits):
        raise Refused("it was made for another content of the file")
    content, end = text.content, len(text.content)
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        if not 0 <= edit.start <= edit.end <= end:
            raise Refused("its edits overlap, or are outside the file")
        content = content[: edit.start] + edit.new + content[edit.end :]
        end = edit.start
    for mark, codec in _encodings:
        if raw.startswith(mark):
            return mark + content.encode(codec)
    return content.encode("utf-8")


_encodings = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def unified(path: str, old: bytes, new: bytes) -> str:
    """Return a unified diff of one file."""

    def lines(raw: bytes) -> list[str]:
        return decode(raw, path).content.splitlines(keepends=True)

    def whole(out: Iterator[str]) -> Iterator[str]:
        for line in out:
            yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"

    return "".join(whole(difflib.unified_diff(lines(old), lines(new), f"a/{path}", f"b/{path}")))


def _files(job: Job) -> dict[str, str | None]:
    """Return the further files of a job, and their digests."""
    return {name.removeprefix(DATA): known for name, known in job.inputs.items() if name not in job.inline}


def write_out(scene: Scene, bench: Bench) -> None:
    """Write the files, unless one of them changed meanwhile."""
    planned: dict[str, str | None] = {name: known for job in scene.plan.jobs for name, known in _files(job).items()}
    planned |= {job.path: job.digest for job in scene.plan.jobs}
    for path in bench.overlay:
        if digest(scene.system.read(path)) != planned[path]:
            raise UsageError(f"`{path}` changed while its repair was tried", help="repair again")
    for path, content in sorted(bench.overlay.items()):
        scene.system.write(path, content)
