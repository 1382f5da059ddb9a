"""What `probatum boogie` says of proofs that were found: whether they last, what they cost, and their certificates.

None of it changes a verdict. Lines begin with blanks, as everything does that
Boogie does not say; `report` makes what `probatum recheck` reads.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import UsageError
from probatum.findings import Cleared, Report, Strength, Undecided, Why
from probatum.ivl.certified import HOLDS, claim
from probatum.ivl.outcomes import BodyResult, Outcome, Verdict, Verification
from probatum.report.quoting import plain
from probatum.source import Location

if TYPE_CHECKING:
    from probatum.cli.boogie_options import Settings
    from probatum.cli.boogie_output import Answer
    from probatum.findings import Outcome as Reported
    from probatum.ivl.stability import Stability
    from probatum.solve.prover import StabilityReport

RULE = "code/assertion-violated"


def proved(result: Verification | None) -> Iterator[Outcome]:
    """Yield every proved obligation, in the order of the program."""
    for body in result.bodies if result is not None else ():
        yield from (outcome for outcome in body.outcomes if outcome.verdict is Verdict.PROVED)


# What it costs


def cost(outcome: Outcome, stability: Stability | None) -> float:
    """Return the work of a proof, in the solver's own count: the mean of its variations if there are some."""
    report = stability.reports.get(outcome.key) if stability is not None else None
    return outcome.effort if report is None else report.effort_mean


def too_dear(answer: Answer, settings: Settings) -> list[Outcome]:
    """Return the proofs that cost more than `--max-cost` allows."""
    limit = settings.max_cost
    return [] if limit is None else [o for o in proved(answer.verification) if cost(o, answer.stability) > limit]


def gate(answers: Iterable[Answer], settings: Settings) -> bool:
    """Whether the gate that was asked for with `--max-cost` is closed: a proof is too dear, or fragile."""
    if settings.max_cost is None:
        return False
    return any(too_dear(a, settings) or (a.stability is not None and a.stability.fragile) for a in answers)


# Lines


def lines(answer: Answer, settings: Settings, shown: Mapping[int, str]) -> Iterator[str]:
    """Yield what is said of the proofs of one program.

    Parameters
    ----------
    shown : mapping
        `file(line,column)` of outcomes, by their `id`.
    """
    if answer.stability is not None:
        yield from _stability_lines(answer, answer.stability, shown)
    for outcome in too_dear(answer, settings):
        effort = cost(outcome, answer.stability)
        yield f"    {shown[id(outcome)]}: too dear: {HOLDS[outcome.label.claim]}: {effort:.0f} steps, more than {settings.max_cost}"
    if answer.certified is not None:
        outcomes = list(proved(answer.verification))
        covered = sum(answer.certified.covers(outcome) for outcome in outcomes)
        yield f"    certificates for {covered} of {len(outcomes)} proved obligations"
        for outcome in outcomes:
            if (reason := answer.certified.reasons.get(outcome.key)) is not None:
                yield f"    {shown[id(outcome)]}: no certificate: {HOLDS[outcome.label.claim]}: {plain(reason)}"


def _stability_lines(answer: Answer, found: Stability, shown: Mapping[int, str]) -> Iterator[str]:
    for outcome in proved(answer.verification):
        if outcome.key in found.fragile:
            report = found.reports[outcome.key]
            yield f"    {shown[id(outcome)]}: fragile: {HOLDS[outcome.label.claim]}: {_trouble(report)}"
    own = [outcome for outcome in proved(answer.verification) if outcome.key in found.reports]
    fragile = sum(outcome.key in found.fragile for outcome in own)
    reports = found.reports.values()
    steps = sum(decision.effort for report in reports for decision in report.decisions)
    ways = f"{_counted(found.number, 'seed')} and in {_counted(found.number, 'variant')}"
    line = f"    stability: {_counted(len(own), 'obligation')}, each under {ways}: "
    line += f"{fragile} fragile; {steps} steps, {sum(report.seconds for report in reports):.1f} s"
    if found.missed:
        line += f"; no time for {len(found.missed)} more"
    yield line


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _trouble(report: StabilityReport) -> str:
    lost = Counter(decision.reason or decision.answer for decision in report.decisions if decision.answer != "unsat")
    said = [f"not proved in {number} of {len(report.decisions)} ways ({plain(reason)})" for reason, number in lost.items()]
    return "; ".join([*said, f"{report.effort_mean:.0f} steps on average, give or take {report.effort_cv:.0%}"])


# JSON


def obligation_json(outcome: Outcome, answer: Answer, settings: Settings) -> dict[str, Any]:
    """Return what is to be added to the row of an obligation."""
    row: dict[str, Any] = {}
    if outcome.verdict is not Verdict.PROVED:
        return row
    if answer.stability is not None and (report := answer.stability.reports.get(outcome.key)) is not None:
        row["stability"] = {
            "verdicts": list(report.verdicts),
            "efforts": [decision.effort for decision in report.decisions],
            "effort_mean": round(report.effort_mean, 1),
            "effort_cv": round(report.effort_cv, 4),
            "seconds": round(report.seconds, 3),
            "fragile": report.fragile,
        }
    if settings.max_cost is not None:
        row["too_dear"] = cost(outcome, answer.stability) > settings.max_cost
    if answer.certified is not None:
        row["certificate"] = answer.certified.covers(outcome)
        if not row["certificate"]:
            row["no_certificate"] = answer.certified.reasons.get(outcome.key)
    return row


def program_json(answer: Answer) -> dict[str, Any]:
    """Return what is to be added to the row of a program."""
    row: dict[str, Any] = {}
    outcomes = list(proved(answer.verification))
    if (found := answer.stability) is not None:
        row["stability"] = {
            "variations": 2 * found.number,
            "obligations": sum(outcome.key in found.reports for outcome in outcomes),
            "fragile": sum(outcome.key in found.fragile for outcome in outcomes),
            "missed": len(found.missed),
            "effort": sum(decision.effort for report in found.reports.values() for decision in report.decisions),
            "seconds": round(sum(report.seconds for report in found.reports.values()), 3),
        }
    if answer.certified is not None:
        found_for = sum(answer.certified.covers(outcome) for outcome in outcomes)
        row["certificates"] = {"proved": len(outcomes), "certified": found_for}
    return row


# A report that can be checked again


def root_of(files: Sequence[str]) -> Path:
    """Return the directory to name to `probatum recheck`: this one if it contains all files.

    Raises
    ------
    UsageError
        If the files have no directory in common.
    """
    from probatum.project import base_of

    folders = [Path(file).resolve().parent for file in files]
    base = base_of(Path())
    if all(folder.is_relative_to(base) for folder in folders):
        return Path()
    try:
        return Path(os.path.commonpath(folders))
    except ValueError:
        raise UsageError("the files have no directory in common, so one report cannot name them all") from None


def report(answers: Sequence[Answer], settings: Settings, root: Path) -> Report:
    """Return the report of a run with `--certify`: one outcome for every obligation.

    Parameters
    ----------
    answers : sequence of Answer
    settings : Settings
        Options that change what is asked become assumptions.
    root : Path
        From `root_of`.
    """
    from probatum import __version__
    from probatum.code.rules import assertion_violated
    from probatum.engine.settle import identified
    from probatum.project import base_of

    base = base_of(root)
    outcomes: list[Reported] = []
    inputs: dict[str, str] = {}
    for answer in answers:
        paths = {name: Path(file).resolve().relative_to(base).as_posix() for name, file in answer.files.items()}
        inputs |= {paths[name]: answer.digests[name] for name in answer.digests}
        outcomes += _reported(answer, settings, paths)
    title = (assertion_violated.__doc__ or "").partition("\n")[0]
    ordered = sorted(
        identified(outcomes), key=lambda o: (o.location.path, o.location.line or 0, o.location.column or 0, o.anchor)
    )
    return Report(outcomes=tuple(ordered), rules={RULE: title}, tool_version=__version__, inputs=dict(sorted(inputs.items())))


def _reported(answer: Answer, settings: Settings, paths: Mapping[str, str]) -> Iterator[Reported]:
    last = list(paths.values())[-1]
    result = answer.verification
    trouble = answer.problem or "; ".join(plain(error.message) for error in answer.static_errors[:1])
    if trouble or result is None or not answer.complete:
        reason = trouble or "only what comes before proofs was asked for"
        yield Undecided(rule=RULE, subject=last, location=Location(last), why=Why.UNREADABLE, reason=reason, anchor=(last,))
        return
    assumptions = _assumptions(answer, settings)
    seen: Counter[str] = Counter()
    for body in result.bodies:
        seen[body.name] += 1
        name = body.name if seen[body.name] == 1 else f"{body.name}#{seen[body.name]}"
        for number, outcome in enumerate(body.outcomes):
            place = outcome.label.position
            known = place.file in paths and place.line > 0
            where = Location(paths[place.file], place.line, max(place.column, 1)) if known else Location(last)
            anchor = (name, outcome.label.claim.name.lower(), str(number))
            if outcome.verdict is Verdict.PROVED and answer.certified is not None:
                yield Cleared(
                    rule=RULE,
                    subject=name,
                    message=f"{HOLDS[outcome.label.claim]} for all inputs of `{name}`",
                    location=where,
                    strength=Strength.PROVED,
                    # Two obligations may be the same text, and then have the same certificate.
                    evidence=replace(answer.certified.proofs[outcome.key], claim=claim(outcome)),
                    assumptions=assumptions,
                    anchor=anchor,
                )
            else:
                yield Undecided(
                    rule=RULE, subject=name, location=where, why=_why(outcome), reason=_reason(outcome, body), anchor=anchor
                )


def _why(outcome: Outcome) -> Why:
    if outcome.timed_out or outcome.exhausted:
        return Why.TIME_LIMIT
    return Why.UNSUPPORTED if outcome.verdict is Verdict.UNSUPPORTED else Why.SOLVER_GAVE_UP


def _reason(outcome: Outcome, body: BodyResult) -> str:
    if outcome.verdict is Verdict.UNSUPPORTED:
        return f"`{body.name}` is not handled: {outcome.reason}"
    words = outcome.label.message or outcome.label.claim.value
    if outcome.verdict is Verdict.REFUTED:
        return f"{words}: there is a counterexample, which was not run; `probatum check` looks for a run"
    return f"{words}: {outcome.reason or 'the solver found no proof'}"


def _assumptions(answer: Answer, settings: Settings) -> tuple[str, ...]:
    rests = ["the obligations say what the program says", "callees without a body here keep their contracts"]
    rests.append("the program's axioms do not contradict each other")
    fields = {name: value for name, value in settings.fields.items() if name not in _harmless}
    rests += [f"it was verified with `{name}` = {value}" for name, value in sorted(fields.items())]
    if answer.verification is not None and answer.verification.assignment is not None:
        rests.append("what invariant inference kept is assumed where it is proved elsewhere")
    return tuple(rests)


_harmless = frozenset(
    {"verify", "timeout_s", "rlimit", "error_limit", "seed", "solver_options", "split_on_every_assert", "prune"}
)
