"""`probatum dialogue isolate`: at which stage the requests of a log failed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.delivery import put
from probatum.cli.dialogue_files import keep_unchanged, target
from probatum.cli.dialogue_pipelines import Named, logs, pipeline, policy_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from probatum.dialogue.artefacts.policy import Policy
    from probatum.dialogue.artefacts.stage_table import StageTable
    from probatum.dialogue.model.failures import Failure, Failures
    from probatum.dialogue.model.isolation import Share
    from probatum.dialogue.semantics.conversations import Conversations

_CONFIDENCE = 0.95


@click.command("isolate")
@click.argument("source", type=click.Path(path_type=Path))
@target("--to", "path", help="Write the table of stages there, as JSON lines.")
@click.option("--guess", is_flag=True, help="Ask a model, fitted to simulated logs alone, where replay does not tell.")
@click.option("--json", "as_json", is_flag=True, help="Write the summary as JSON.")
@pipeline
def command(*, named: Named, source: Path, path: Path | None, guess: bool, as_json: bool) -> None:
    """Say at which stage each failed request of SOURCE failed: imported conversations, or a policy.

    Requests after which their users found the right words are run again, with these
    words, through the assistant that the policy or the command line names. No
    address is asked that was not named, and a time-out is no label.
    """
    from probatum.dialogue.artefacts.policy import SessionRule
    from probatum.dialogue.artefacts.turn import STAGES
    from probatum.dialogue.model.failures import failures
    from probatum.dialogue.model.failures import names as names_of
    from probatum.dialogue.model.isolation import isolate, shares
    from probatum.dialogue.semantics.pipelines.opening import calling, stages_of
    from probatum.dialogue.service.made import note

    if path is not None:
        for imported in _imported(source, None if source.is_dir() else policy_at(source)):
            keep_unchanged(imported)
    with logs(source) as (conversations, policy, folder):
        failed = failures(conversations, SessionRule() if policy is None else policy.sessions)
        names = names_of(conversations)
        guesses = _guesses(conversations, policy, failed) if guess else None
    assistant = named.assistant()
    if assistant is not None:
        folder = Path()  # as on any command line
    elif policy is not None:
        assistant = policy.assistant
    if assistant is None:
        table = isolate(failed, None, STAGES, guess=guesses)
    else:
        with calling(assistant, folder, timeout_s=named.timeout, names=names, unsandboxed=named.allow_unsandboxed) as called:
            used = names if assistant.kind == "hassil" and "lists" not in assistant.options else {}
            table = isolate(failed, called, stages_of(assistant), kind=assistant.kind, names=used, guess=guesses)
    if path is not None:
        put(path, "".join(f"{line}\n" for line in table.lines()))
        for imported in _imported(source, policy):
            note(imported, "stages", path)
    found = shares(table, failed, confidence=_CONFIDENCE)
    click.echo(json.dumps(_said(table, failed, found), indent=2) if as_json else "\n".join(_lines(table, failed, found)))
    if path is not None:
        click.echo(f"{path}: {len(table.rows):,} requests that failed, as private as the log", err=True)


def _imported(source: Path, policy: Policy | None) -> list[Path]:
    """Return the folders of imported conversations that a table is from."""
    from probatum.dialogue.artefacts import MANIFEST

    named = [source] if policy is None else [source.parent / log.path for log in policy.logs]
    return [folder for folder in named if (folder / MANIFEST).is_file()]


def _guesses(
    conversations: Conversations, policy: Policy | None, failed: Failures
) -> Callable[[Sequence[Failure]], list[tuple[str, float]]]:
    from probatum.dialogue.artefacts.policy import SessionRule
    from probatum.dialogue.model.requests import window
    from probatum.dialogue.semantics.stage_head import shipped
    from probatum.dialogue.semantics.stages_seen import stages_seen

    rule = SessionRule() if policy is None else policy.sessions
    named = {one.turn for one in failed.failures}
    seen = dict(
        stages_seen(conversations, gap_s=rule.gap_s, window_s=window(conversations, rule), detector=rule.detector, turns=named)
    )
    head = shipped()
    return lambda failures: head.decide([seen[one.turn] for one in failures])


def _said(table: StageTable, failed: Failures, found: list[Share]) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "schema": "probatum-dialogue-isolation/1",
        "pipeline": table.pipeline,
        "digest": table.digest,
        "turns": failed.turns,
        "users": failed.users,
        "users_known": failed.users_known,
        "failed": len(table.rows),
        "confidence": _CONFIDENCE,
        "independent_faults": _independent(table),
        "by": _by(table),
        "unknown": _reasons(table),
        "stages": [asdict(one) for one in found],
    }


def _lines(table: StageTable, failed: Failures, found: list[Share]) -> list[str]:
    units = "users" if failed.users_known else "conversations"
    lines = [f"{len(table.rows):,} of {failed.turns:,} requests of {failed.users:,} {units} failed, as far as the log shows"]
    if not table.rows:
        return lines
    wide = max(len(one.stage) for one in found)
    lines += ["", f"{'stage':<{wide}}  requests  {units:>13}  of the failures of each ({_CONFIDENCE:.0%})  least repair"]
    for one in found:
        if not one.turns and not one.least:
            continue
        share = "-" if one.mean is None else f"{one.mean:6.1%}  ({one.low:.1%} to {one.high:.1%})"
        lines.append(f"{one.stage:<{wide}}  {one.turns:>8,}  {one.users:>13,}  {share:<33}  {one.least:>12,}")
    lines.append("")
    independent = _independent(table)
    if independent:
        lines.append(
            f"{independent:,} requests have two independent faults: mending the first stage alone would not have helped them"
        )
    guessed = _by(table).get("model", 0)
    if guessed:
        lines.append(f"{guessed:,} are guesses of a model that never saw a real log: look at some before you count on them")
    lines += [f"unknown: {many:,}, as {why}" for why, many in _reasons(table).items()]
    return lines


def _independent(table: StageTable) -> int:
    from probatum.dialogue.semantics.stages import UNKNOWN

    return sum(row.stage != row.least and UNKNOWN not in (row.stage, row.least) for row in table.rows)


def _by(table: StageTable) -> dict[str, int]:
    from collections import Counter

    from probatum.dialogue.semantics.stages import UNKNOWN

    return dict(sorted(Counter(row.by for row in table.rows if row.stage != UNKNOWN).items()))


def _reasons(table: StageTable) -> dict[str, int]:
    from collections import Counter

    from probatum.dialogue.semantics.stages import UNKNOWN

    return dict(Counter(row.why or "the runs do not tell" for row in table.rows if row.stage == UNKNOWN).most_common())
